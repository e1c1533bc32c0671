import { TreeHashing } from '../core/evidence/tree-hashing.ts';
import type { Checkpoint } from '../evidence/checkpoint.ts';
import {
  openCheckpoint,
  type Policy,
  signedCheckpoint,
  type TrustedCheckpoint,
} from '../evidence/cosigner-policy.ts';
import { type FetchFile, provenPrefix, withTiles } from '../evidence/followed-log.ts';
import { nextKeyIn, openHandOver } from '../evidence/key-hand-over.ts';
import { EvidenceFault, verifierKey } from '../evidence/signed-note.ts';
import { BadInput } from '../platform/exit-codes.ts';
import { compiledCore } from '../platform/service/build-info.ts';

/** Another note to hold a checkpoint against, and what may be needed for it. */
export interface NoteFlags {
  /** The text of the other note. */
  readonly other: string;
  /** The log of the larger of the two; null: none is given. */
  readonly files: FetchFile | null;
}

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');

/**
 * Checks a checkpoint, or holds two of one log against each other.
 * @returns what is proven, in words
 * @throws EvidenceFault where the note is not believed, or where the two prove a fork
 */
export async function verifyNotes(
  file: string,
  text: string,
  policy: Policy,
  against: NoteFlags | null,
): Promise<string> {
  if (against === null) {
    const { origin, size, root } = openCheckpoint(text, policy);
    return `checkpoint of ${size} entries of ${origin}, root ${base64(root)}${handOverText(text, origin, policy)}`;
  }
  // What the log signed binds it, whoever witnessed it.
  const [older, newer] = [text, against.other]
    .map((one) => signedCheckpoint(one, policy))
    .sort((a, b) => a.size - b.size) as [TrustedCheckpoint, TrustedCheckpoint];
  const { origin } = older;
  if (newer.origin !== origin)
    throw new BadInput(
      `${file}: one note is of ${origin}, the other of ${newer.origin}; expected two of one log`,
    );
  const said = `checkpoints of ${older.size} and ${newer.size} entries of ${origin}`;
  let prefix: Uint8Array | null = newer.root;
  if (older.size === 0) prefix = older.root;
  else if (older.size < newer.size) {
    if (against.files === null)
      throw new BadInput(
        `${file}: the notes are of ${older.size} and ${newer.size} entries; expected --tiles with the log of ${newer.size}, a folder or URL`,
      );
    prefix = await prefixFrom(against.files, older.size, newer);
  }
  if (prefix === null)
    throw new BadInput(
      `--tiles: its hashes do not lead to the root of the ${newer.size} entries; expected the tiles of that log`,
    );
  if (Buffer.compare(prefix, older.root) !== 0)
    throw new EvidenceFault(
      `FORK: ${said}, both signed by it, contradict each other: the first ${older.size} entries have the root ${base64(older.root)} in one and ${base64(prefix)} in the other`,
    );
  return `${said}: the larger continues the smaller`;
}

/** Where the policy has a key that the checkpoint hands over, to which; empty: it has none. */
function handOverText(text: string, origin: string, policy: Policy): string {
  const next = nextKeyIn(text);
  if (!next || !policy.logs.some(({ name, id }) => name === origin && id !== next.id)) return '';
  const { to } = openHandOver(text, policy);
  return `; it hands its log over to another key: add to the policy, and keep the line of the old key: log ${verifierKey(to)}`;
}

/** The root of the first entries of a log in a place; null: what is there does not lead to the checkpoint's root. */
async function prefixFrom(
  files: FetchFile,
  older: number,
  newer: Checkpoint,
): Promise<Uint8Array | null> {
  const hashing = new TreeHashing(compiledCore());
  try {
    return await withTiles(files, newer.size, hashing, (subtree) =>
      provenPrefix(subtree, older, newer),
    );
  } catch (error) {
    throw new BadInput(`--tiles: ${(error as Error).message}`);
  }
}
