import type { TreeHashing } from '../core/evidence/tree-hashing.ts';
import { type Checkpoint, unprovenCheckpoint } from './checkpoint.ts';
import { consistencyProof, isConsistent, rootHash, type SubtreeHash } from './merkle-tree.ts';
import { CHECKPOINT_FILE, subtreesOf, type TileFiles, tileAsOf } from './tiles.ts';
import type { Submission, Witness, WitnessAnswer } from './witness.ts';

/** A log's files, from wherever they are; null: there is none of that path. */
export type FetchFile = (path: string) => Promise<Uint8Array | null>;

class Missing extends Error {
  constructor(path: string) {
    super(`${path}: it is missing`);
  }
}

/** Nobody has asked for it yet. */
class Unfetched extends Error {
  readonly path: string;
  constructor(path: string) {
    super(path);
    this.path = path;
  }
}

/**
 * Computes with the hashes of a log's tree, whose tiles are fetched as they are asked for.
 * @param size of the checkpoint whose tiles are read
 * @throws TileFault for a tile that is none; Error naming what is missing
 */
export async function withTiles<T>(
  fetch: FetchFile,
  size: number,
  hashing: TreeHashing,
  compute: (subtree: SubtreeHash) => T,
): Promise<T> {
  const fetched = new Map<string, Uint8Array | null>();
  const known = (path: string): Uint8Array | null => {
    const bytes = fetched.get(path);
    if (bytes === undefined) throw new Unfetched(path);
    return bytes;
  };
  const files: TileFiles = {
    read(path) {
      const bytes = tileAsOf(path, known);
      if (!bytes) throw new Missing(path);
      return bytes;
    },
  };
  for (;;)
    try {
      return compute(subtreesOf(files, size, hashing));
    } catch (error) {
      if (!(error instanceof Unfetched)) throw error;
      fetched.set(error.path, await fetch(error.path));
    }
}

/**
 * The root of the first `older` entries of a tree, of whose tiles nothing is believed: they prove it by leading to the
 * tree's own root.
 * @returns null where they do not lead there
 */
export function provenPrefix(
  subtree: SubtreeHash,
  older: number,
  { size, root }: Pick<Checkpoint, 'size' | 'root'>,
): Uint8Array | null {
  const found = rootHash(subtree, older);
  const proof = consistencyProof(subtree, older, size);
  return isConsistent({ size: older, root: found }, { size, root }, proof) ? found : null;
}

/** Of what a larger tree begins with; null: its tiles are not there or do not lead to it, and it is not known. */
async function olderRoot(
  fetch: FetchFile,
  hashing: TreeHashing,
  size: number,
  held: Checkpoint,
): Promise<Uint8Array | null> {
  try {
    return await withTiles(fetch, held.size, hashing, (of) => provenPrefix(of, size, held));
  } catch (error) {
    if (error instanceof Missing) return null;
    throw error;
  }
}

/** What became of a look at a log. */
export interface Followed {
  readonly checkpoint: Checkpoint;
  readonly answer: WitnessAnswer;
  /** The log itself shows a tree that contradicts what was cosigned: how the note is kept. */
  readonly fork: string | null;
}

/**
 * Has a witness look at a log as it is now.
 * @throws Error where the log has no checkpoint, or a tile is missing; EvidenceFault where the checkpoint is none
 */
export async function followOnce(
  witness: Witness,
  fetch: FetchFile,
  hashing: TreeHashing,
): Promise<Followed> {
  const note = await fetch(CHECKPOINT_FILE);
  if (!note) throw new Missing(CHECKPOINT_FILE);
  return followNote(witness, Buffer.from(note).toString(), fetch, hashing);
}

/** The same of a checkpoint that came by another way, such as a topic. */
export async function followNote(
  witness: Witness,
  checkpoint: string,
  fetch: FetchFile,
  hashing: TreeHashing,
): Promise<Followed> {
  const seen = unprovenCheckpoint(checkpoint);
  const { origin, size } = seen;
  const old = witness.heldSize(origin);
  // An older one is answered with the size that is held.
  const proof =
    old >= size
      ? []
      : await withTiles(fetch, size, hashing, (subtree) => consistencyProof(subtree, old, size));
  const submission: Submission = { old: Math.min(old, size), proof, checkpoint };
  const answer = witness.add(submission);
  return {
    checkpoint: seen,
    answer,
    fork: await forkOf(witness, submission, seen, answer, fetch, hashing),
  };
}

/**
 * A wrong proof is a fault of whoever made it; tiles that lead to the new root alone are a fork. So is an older one, which
 * the log signed, of another tree than that which was cosigned.
 */
async function forkOf(
  witness: Witness,
  { old, checkpoint }: Submission,
  seen: Checkpoint,
  { status }: WitnessAnswer,
  fetch: FetchFile,
  hashing: TreeHashing,
): Promise<string | null> {
  const { size, origin } = seen;
  if (status === 409) {
    const held = witness.cosigned(origin);
    const own = held === null ? null : unprovenCheckpoint(held);
    if (!own || size >= own.size) return null;
    const root = await olderRoot(fetch, hashing, size, own);
    return root === null || Buffer.compare(root, seen.root) === 0
      ? null
      : witness.keepFork(origin, checkpoint);
  }
  if (status !== 422) return null;
  if (old < size) {
    const prefix = await withTiles(fetch, size, hashing, (subtree) =>
      provenPrefix(subtree, old, seen),
    );
    if (prefix === null) return null;
  }
  return witness.keepFork(origin, checkpoint);
}
