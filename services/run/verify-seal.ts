/** Checks the seal of a run's folder (run-seal.ts): what was changed, and where. */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { HASH_BYTES, TreeHashing } from '../core/evidence/tree-hashing.ts';
import { createSettlement } from '../core/settlement/settlement.ts';
import {
  openCheckpoint,
  type Policy,
  parsePolicy,
  type TrustedCheckpoint,
} from '../evidence/cosigner-policy.ts';
import { EventLog } from '../evidence/event-transparency-log.ts';
import { GrowingTree } from '../evidence/growing-tree.ts';
import { leafHash } from '../evidence/merkle-tree.ts';
import { EvidenceFault, isSignedBy } from '../evidence/signed-note.ts';
import {
  CHECKPOINT_FILE,
  entriesIn,
  TILE_WIDTH,
  TileFault,
  tilePath,
  tilesOf,
} from '../evidence/tiles.ts';
import { BadInput } from '../platform/exit-codes.ts';
import { compiledCore } from '../platform/service/build-info.ts';
import { Replay } from '../replay/replay.ts';
import { replayRun } from '../replay/replay-run.ts';
import {
  DAY_KEYS_FILE,
  DIGESTS_FILE,
  EVIDENCE,
  fileDigest,
  filesIn,
  filesOrigin,
  LEFT_OUT,
  POLICY_FILE,
  poolFolder,
  runOrigin,
} from './run-seal.ts';

export interface SealVerdict {
  /** Each names a file; empty: it holds. */
  readonly faults: readonly string[];
  readonly files: number;
  /** What is not sealed of what is there. */
  readonly leftOut: readonly string[];
  /** By pool: events whose log a replay of the input gave once more. */
  readonly events: ReadonlyMap<string, number>;
  /** Of the log over the files. */
  readonly log: string;
}

export const isSealed = (run: string): boolean => existsSync(join(run, EVIDENCE, CHECKPOINT_FILE));

/** Of a pool's log in a sealed run. */
export const poolPath = (run: string, pool: string): string =>
  join(run, EVIDENCE, poolFolder(pool));

/**
 * @param believed whose keys are believed; null: those that the folder itself names
 * @throws BadInput for a policy of several runs: by it the folder of one would pass for that of another
 */
export async function verifySeal(run: string, believed: Policy | null): Promise<SealVerdict> {
  const faults: string[] = [];
  const none = { files: 0, leftOut: [], events: new Map(), log: '' };
  const policy = believed ?? ownPolicy(run, faults);
  const runs = new Set(
    believed?.logs.map(({ name }) => runOrigin(name)).filter((one) => one !== null),
  );
  if (runs.size > 1)
    throw new BadInput(
      `the policy believes the logs of ${runs.size} runs (${[...runs].join(', ')}); expected those of the one that ${run} has to be`,
    );
  if (!policy) return { faults, ...none };
  const hashing = new TreeHashing(compiledCore());
  const log = readLog(join(run, EVIDENCE), `${EVIDENCE}/`, policy, hashing, faults);
  if (!log) return { faults, ...none };
  const ofRun = runOrigin(log.origin);
  if (ofRun === null || log.origin !== filesOrigin(ofRun)) {
    faults.push(
      `${EVIDENCE}/${CHECKPOINT_FILE}: it is of the log ${log.origin}, expected that over the files of a run`,
    );
    return { faults, ...none };
  }
  const lines = log.entries.map((entry) => Buffer.from(entry).toString());
  if (readOrNull(join(run, EVIDENCE, DIGESTS_FILE)) !== lines.map((line) => `${line}\n`).join(''))
    faults.push(`${EVIDENCE}/${DIGESTS_FILE}: it has not the lines that were sealed`);
  await fileFaults(run, lines, log.files, faults);
  const there = [...LEFT_OUT].filter((name) => existsSync(join(run, name)));
  const verdict = { faults, files: lines.length, leftOut: there, log: log.origin };
  const events =
    faults.length === 0 ? await replayed(run, policy, hashing, lines, faults) : none.events;
  return { ...verdict, events };
}

function ownPolicy(run: string, faults: string[]): Policy | null {
  try {
    return parsePolicy(fileIn(join(run, EVIDENCE, POLICY_FILE)).toString());
  } catch (error) {
    faults.push(`${EVIDENCE}/${faultText(POLICY_FILE, error)}`);
  }
  return null;
}

/** Null: it is there. */
function absenceOf(file: string): string | null {
  if (!existsSync(file)) return 'it is missing';
  return statSync(file).isFile() ? null : 'it is no file';
}

/** @throws EvidenceFault where there is none */
function fileIn(file: string): Buffer {
  const absence = absenceOf(file);
  if (absence !== null) throw new EvidenceFault(absence);
  return readFileSync(file);
}

const readOrNull = (file: string): string | null =>
  absenceOf(file) === null ? readFileSync(file, 'utf8') : null;

/** Of what is in a file, with its path. Anything else is thrown on. */
function faultText(path: string, error: unknown): string {
  if (error instanceof TileFault) return error.message;
  if (error instanceof EvidenceFault) return `${path}: ${error.message}`;
  throw error;
}

/** @param ofLog the paths of the files of the log over the files, which cannot hold its own */
async function fileFaults(
  run: string,
  lines: readonly string[],
  ofLog: readonly string[],
  faults: string[],
): Promise<void> {
  const sealed = new Map(lines.map((line) => [line.slice(66), line.slice(0, 64)]));
  const own = new Set([DIGESTS_FILE, ...ofLog].map((path) => `${EVIDENCE}/${path}`));
  for (const path of filesIn(run))
    if (!sealed.has(path) && !own.has(path))
      faults.push(`${path}: it was not there when the run was sealed`);
  for (const [path, digest] of sealed) {
    const file = join(run, path);
    const absence = absenceOf(file);
    if (absence !== null) faults.push(`${path}: ${absence}`);
    else if ((await fileDigest(file)) !== digest)
      faults.push(`${path}: it is not the file that was sealed`);
  }
}

interface ReadLog {
  readonly origin: string;
  readonly root: Uint8Array;
  readonly entries: readonly Uint8Array[];
  /** Its checkpoint and tiles: the paths of all that it has, in its folder. */
  readonly files: readonly string[];
}

/** Whoever can write in a folder can add signatures to a note: there is one of each key of the policy that signed, and no other. */
function checkSignatures({ note, log }: TrustedCheckpoint, { witnesses }: Policy): void {
  const known = [log, ...witnesses].filter((key) => isSignedBy(note, key)).length;
  const { length } = note.signatures;
  if (length !== known)
    throw new EvidenceFault(
      `it has ${length} signatures, expected ${known}: one of each key of the policy that signed it`,
    );
}

/**
 * A log in a folder, all of whose files are held against its checkpoint.
 * @param shown how its files are named
 * @returns null where its checkpoint or an entry cannot be read
 */
function readLog(
  folder: string,
  shown: string,
  policy: Policy,
  hashing: TreeHashing,
  faults: string[],
): ReadLog | null {
  let path = CHECKPOINT_FILE;
  const read = (name: string): Buffer => {
    path = name;
    return fileIn(join(folder, name));
  };
  try {
    const checkpoint = openCheckpoint(read(path).toString(), policy);
    checkSignatures(checkpoint, policy);
    const { size, root, origin } = checkpoint;
    const entries: Uint8Array[] = [];
    const leaves: Uint8Array[] = [];
    const found = new Map<string, Uint8Array>();
    for (const { level, index, width } of tilesOf(size)) {
      const name = tilePath(level, index, width);
      const bytes = read(name);
      found.set(name, bytes);
      if (level === 'entries') entries.push(...entriesIn(bytes, width, name));
      if (level === 0) leaves.push(bytes);
    }
    const ofEntries = Buffer.concat(entries.map(leafHash));
    const ofTiles = Buffer.concat(leaves);
    const rebuilt = treeOf(entries, ofEntries, hashing);
    if (isSame(rebuilt.root, root)) {
      for (const tile of rebuilt.hashTiles)
        if (!isSame(tile.bytes, found.get(tile.path) as Uint8Array))
          faults.push(`${shown}${tile.path}: its hashes are not those of the entries`);
    } else if (isSame(treeOf(entries, ofTiles, hashing).root, root)) {
      for (const { level, index, width } of tilesOf(size)) {
        const from = index * TILE_WIDTH * HASH_BYTES;
        const to = from + width * HASH_BYTES;
        if (
          level === 'entries' &&
          !isSame(ofEntries.subarray(from, to), ofTiles.subarray(from, to))
        )
          faults.push(
            `${shown}${tilePath(level, index, width)}: its entries are not those that were sealed`,
          );
      }
    } else faults.push(`${shown}${CHECKPOINT_FILE}: its root is not that of the entries and tiles`);
    return { origin, root, entries, files: [CHECKPOINT_FILE, ...found.keys()] };
  } catch (error) {
    faults.push(`${shown}${faultText(path, error)}`);
    return null;
  }
}

const isSame = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0;

/** The tree of a log's entries once more; empty where they are not as many as their hashes. */
function treeOf(entries: readonly Uint8Array[], leaves: Uint8Array, hashing: TreeHashing) {
  const tree = new GrowingTree(hashing);
  const full = leaves.length === entries.length * HASH_BYTES ? tree.append(entries, leaves) : [];
  const tiles = [...full, ...tree.partialTiles()];
  const hashTiles = tiles.filter(({ path }) => !path.startsWith('tile/entries/'));
  return { root: tree.root(), hashTiles };
}

/** Settles the input once more, and holds the log of each pool's events against the one that was sealed. */
async function replayed(
  run: string,
  policy: Policy,
  hashing: TreeHashing,
  lines: readonly string[],
  faults: string[],
): Promise<ReadonlyMap<string, number>> {
  const events = new Map<string, number>();
  if (!lines.some((line) => line.endsWith('  input.log'))) return events;
  const keyOf = dayKeysOf(run);
  const logs = new Map<string, EventLog>();
  const replay = new Replay(
    () => createSettlement(compiledCore()),
    null,
    ({ pool, batch }) => {
      const log = logs.get(pool) ?? new EventLog(hashing, keyOf);
      logs.set(pool, log);
      log.append(batch.events);
    },
  );
  await replayRun(run, replay);
  for (const [pool, { tree }] of logs) {
    const shown = `${EVIDENCE}/${poolFolder(pool)}/`;
    const sealed = readLog(poolPath(run, pool), shown, policy, hashing, faults);
    if (sealed && !isSame(sealed.root, tree.root()))
      faults.push(`${shown}${CHECKPOINT_FILE}: it is not of the events that input.log gives`);
    events.set(pool, tree.size);
  }
  return events;
}

/** The keys of a sealed run by day. What is returned throws BadInput where there is none. */
export function dayKeysOf(run: string): (day: string) => Buffer {
  const file = join(run, EVIDENCE, DAY_KEYS_FILE);
  const keys: Record<string, string> = JSON.parse(readOrNull(file) ?? '{}');
  return (day) => {
    const key = keys[day];
    if (key === undefined)
      throw new BadInput(`${file}: it has no key of ${day}; expected that of a sealed run`);
    return Buffer.from(key, 'hex');
  };
}
