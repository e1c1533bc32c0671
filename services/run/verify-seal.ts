/** Checks the seal of a run's folder (run-seal.ts): what was changed, and where. */
import { existsSync, lstatSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { HASH_BYTES, TreeHashing } from '../core/evidence/tree-hashing.ts';
import { unprovenCheckpoint } from '../evidence/checkpoint.ts';
import {
  openCheckpoint,
  type Policy,
  parsePolicy,
  type TrustedCheckpoint,
} from '../evidence/cosigner-policy.ts';
import { EventLog } from '../evidence/event-transparency-log.ts';
import { GrowingTree } from '../evidence/growing-tree.ts';
import { leafHash } from '../evidence/merkle-tree.ts';
import { EvidenceFault, isSignedBy, NOTE_BYTES_MAX, verifierKey } from '../evidence/signed-note.ts';
import {
  CHECKPOINT_FILE,
  ENTRY_BYTES_MAX,
  entriesIn,
  TILE_WIDTH,
  TileFault,
  tilePath,
  tilesOf,
} from '../evidence/tiles.ts';
import { BadInput } from '../platform/exit-codes.ts';
import { compiledCore } from '../platform/service/build-info.ts';
import { heldRun, readSummary } from '../replay/replay-run.ts';
import type { Summary } from '../report/figures/summary.ts';
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
import { foreignPaymentsLine } from './write-payments-csv.ts';

export interface SealVerdict {
  /** Each names a file; empty: it holds. */
  readonly faults: readonly string[];
  readonly files: number;
  /** What is not sealed of what is there. */
  readonly leftOut: readonly string[];
  /** By pool: events whose log a replay of the input gave once more. */
  readonly events: ReadonlyMap<string, number>;
  /** Pools whose events nothing was held against: no input gives them. */
  readonly unchecked: readonly string[];
  /** Of the log over the files. */
  readonly log: string;
  /** By which its checkpoint was believed, as a policy has it. */
  readonly key: string;
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
  const none = { files: 0, leftOut: [], events: new Map(), unchecked: [], log: '', key: '' };
  const policy = believed ?? ownPolicy(run, faults);
  const runs = new Set(
    policy?.logs.map(({ name }) => runOrigin(name)).filter((one) => one !== null),
  );
  if (believed && runs.size > 1)
    throw new BadInput(
      `the policy believes the logs of ${runs.size} runs (${[...runs].join(', ')}); expected those of the one that ${run} has to be`,
    );
  if (!policy) return { faults, ...none };
  const hashing = new TreeHashing(compiledCore());
  const [ofRun] = runs;
  const origin =
    ofRun === undefined ? 'that of a run, and the policy has none' : filesOrigin(ofRun);
  const read = { policy, hashing, faults };
  const log = readLog(join(run, EVIDENCE), `${EVIDENCE}/`, origin, read);
  if (!log || ofRun === undefined) return { faults, ...none };
  const lines = log.entries.map((entry) => Buffer.from(entry).toString());
  const digests = digestsFault(run, lines);
  if (digests !== null) faults.push(`${EVIDENCE}/${DIGESTS_FILE}: ${digests}`);
  const sealed = new Map(lines.map((line) => [line.slice(66), line.slice(0, 64)]));
  await fileFaults(run, sealed, log.files, faults);
  const leftOut = [...LEFT_OUT].filter((name) => existsSync(join(run, name)));
  const { events, unchecked } =
    faults.length === 0 ? await heldEvents(run, ofRun, sealed, read) : none;
  const { key } = log;
  return { faults, files: lines.length, leftOut, events, unchecked, log: origin, key };
}

function ownPolicy(run: string, faults: string[]): Policy | null {
  try {
    return parsePolicy(fileIn(join(run, EVIDENCE, POLICY_FILE), NOTE_BYTES_MAX).toString());
  } catch (error) {
    faults.push(`${EVIDENCE}/${faultText(POLICY_FILE, error)}`);
  }
  return null;
}

/** What a link leads to changes without the folder. */
const LINK = 'it is a link, expected a file or folder of the run’s own';

/** Null: it is there. */
function absenceOf(file: string): string | null {
  const found = lstatSync(file, { throwIfNoEntry: false });
  if (!found) return 'it is missing';
  if (found.isSymbolicLink()) return LINK;
  return found.isFile() ? null : 'it is no file';
}

/**
 * @param most bytes that it may have: whoever made the folder chooses its size
 * @throws EvidenceFault where there is none
 */
function fileIn(file: string, most: number): Buffer {
  const absence = absenceOf(file);
  if (absence !== null) throw new EvidenceFault(absence);
  const { size } = lstatSync(file);
  if (size > most) throw new EvidenceFault(`it has ${size} bytes, expected at most ${most}`);
  return readFileSync(file);
}

/** Where the file of digests has other lines than were sealed; null: nowhere. */
function digestsFault(run: string, lines: readonly string[]): string | null {
  const expected = Buffer.from(lines.map((line) => `${line}\n`).join(''));
  try {
    const found = fileIn(join(run, EVIDENCE, DIGESTS_FILE), expected.length);
    if (isSame(found, expected)) return null;
    const had = found.toString().split('\n');
    const at = [...lines, ''].findIndex((line, at) => line !== had[at]);
    return `line ${at + 1} is not the one that was sealed`;
  } catch (error) {
    if (error instanceof EvidenceFault) return error.message;
    throw error;
  }
}

/** Of what is in a file, with its path. Anything else is thrown on. */
function faultText(path: string, error: unknown): string {
  if (error instanceof TileFault) return error.message;
  if (error instanceof EvidenceFault) return `${path}: ${error.message}`;
  throw error;
}

/**
 * @param sealed digests by path
 * @param ofLog the paths of the files of the log over the files, which cannot hold its own
 */
async function fileFaults(
  run: string,
  sealed: ReadonlyMap<string, string>,
  ofLog: readonly string[],
  faults: string[],
): Promise<void> {
  const own = new Set([DIGESTS_FILE, ...ofLog].map((path) => `${EVIDENCE}/${path}`));
  for (const path of filesIn(run))
    if (!sealed.has(path) && !own.has(path))
      faults.push(
        `${path}: ${absenceOf(join(run, path)) === LINK ? LINK : 'it was not there when the run was sealed'}`,
      );
  for (const [path, digest] of sealed) {
    const file = join(run, path);
    const absence = absenceOf(file);
    if (absence !== null) faults.push(`${path}: ${absence}`);
    else if ((await fileDigest(file)) !== digest)
      faults.push(`${path}: it is not the file that was sealed`);
  }
}

interface ReadLog {
  /** That signed it, as a policy has it. */
  readonly key: string;
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

interface Reading {
  readonly policy: Policy;
  readonly hashing: TreeHashing;
  readonly faults: string[];
}

/**
 * A log in a folder, all of whose files are held against its checkpoint.
 * @param shown how its files are named
 * @param expected its origin
 * @returns null where its checkpoint or an entry cannot be read
 */
function readLog(
  folder: string,
  shown: string,
  expected: string,
  { policy, hashing, faults }: Reading,
): ReadLog | null {
  let path = CHECKPOINT_FILE;
  const read = (name: string, most: number): Buffer => {
    path = name;
    return fileIn(join(folder, name), most);
  };
  try {
    const signed = read(path, NOTE_BYTES_MAX).toString();
    const { origin } = unprovenCheckpoint(signed);
    if (origin !== expected)
      throw new EvidenceFault(`it is of the log ${origin}, expected ${expected}`);
    const checkpoint = openCheckpoint(signed, policy);
    checkSignatures(checkpoint, policy);
    const { size, root } = checkpoint;
    const entries: Uint8Array[] = [];
    const leaves: Uint8Array[] = [];
    const found = new Map<string, Uint8Array>();
    for (const { level, index, width } of tilesOf(size)) {
      const name = tilePath(level, index, width);
      const bytes = read(name, width * (level === 'entries' ? ENTRY_BYTES_MAX : HASH_BYTES));
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
    const key = verifierKey(checkpoint.log);
    return { key, root, entries, files: [CHECKPOINT_FILE, ...found.keys()] };
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

/**
 * Settles the input once more, and holds the log of each pool's events against the one that was sealed. What else follows
 * from the events alone is held too: the payments, and the figures of the summary.
 * @param sealed digests by path
 */
async function heldEvents(
  run: string,
  ofRun: string,
  sealed: ReadonlyMap<string, string>,
  { faults, ...how }: Reading,
): Promise<Pick<SealVerdict, 'events' | 'unchecked'>> {
  const ofPools = new Set(
    [...sealed.keys()].flatMap((path) => POOL_FILE.exec(path)?.slice(1) ?? []),
  );
  const shown = (pool: string) => `${EVIDENCE}/${poolFolder(pool)}/`;
  const logOf = (pool: string) => {
    const origin = `${ofRun}/${poolFolder(pool)}`;
    return readLog(poolPath(run, pool), shown(pool), origin, { faults, ...how });
  };
  const events = new Map<string, number>();
  if (!sealed.has('input.log')) {
    const unchecked = [...ofPools];
    for (const pool of unchecked) logOf(pool);
    if (unchecked.length > 0 && !isObserved(run, sealed))
      faults.push(
        `input.log: it is missing: the events of pool ${unchecked.join(', ')} were not checked`,
      );
    return { events, unchecked };
  }
  for (const path of ['summary.json', 'payments.csv'])
    if (!sealed.has(path))
      faults.push(`${path}: it is missing, which every run with input.log has`);
  if (faults.length > 0) return { events, unchecked: [] };
  const keyOf = dayKeysOf(run);
  const logs = new Map<string, EventLog>();
  const { differences, payments } = await heldRun(run, null, ({ pool, batch }) => {
    const log = logs.get(pool) ?? new EventLog(how.hashing, keyOf);
    logs.set(pool, log);
    log.append(batch.events);
  });
  for (const pool of new Set([...logs.keys(), ...ofPools])) {
    const [log, tree] = [logOf(pool), logs.get(pool)?.tree];
    if (log && !(tree && isSame(log.root, tree.root())))
      faults.push(`${shown(pool)}${CHECKPOINT_FILE}: it is not of the events that input.log gives`);
    if (tree) events.set(pool, tree.size);
  }
  const line = foreignPaymentsLine(join(run, 'payments.csv'), payments);
  if (line !== null)
    faults.push(`payments.csv: line ${line} is not the one that the events of input.log give`);
  faults.push(...differences);
  return { events, unchecked: [] };
}

const POOL_FILE = new RegExp(`^${EVIDENCE}/${poolFolder('([^/]+)')}/`);

/** Whether a run says that nothing settled it: it has no input. */
const isObserved = (run: string, sealed: ReadonlyMap<string, string>): boolean =>
  sealed.has('summary.json') &&
  (readSummary(run)?.summary as Partial<Summary> | null)?.observed !== undefined;

/** Ten thousand days have less than a megabyte. */
const DAY_KEYS_BYTES_MAX = 1 << 24;

/** @throws EvidenceFault, SyntaxError where there are none */
function membersIn(json: Buffer): Readonly<Record<string, unknown>> {
  const all: unknown = JSON.parse(json.toString());
  if (typeof all !== 'object' || all === null) throw new EvidenceFault('it is no JSON object');
  return all as Record<string, unknown>;
}

/** The keys of a sealed run by day. What is returned throws BadInput where there is none. */
export function dayKeysOf(run: string): (day: string) => Buffer {
  const file = join(run, EVIDENCE, DAY_KEYS_FILE);
  const keys = new Map<string, Buffer>();
  let all: Readonly<Record<string, unknown>> | undefined;
  const read = (day: string): Buffer => {
    all ??= membersIn(fileIn(file, DAY_KEYS_BYTES_MAX));
    if (!Object.hasOwn(all, day)) throw new EvidenceFault('there is none in it');
    const key = all[day];
    if (typeof key !== 'string' || !/^[0-9a-f]{64}$/.test(key))
      throw new EvidenceFault(`it has ${JSON.stringify(key).slice(0, 80)}`);
    return Buffer.from(key, 'hex');
  };
  return (day) => {
    try {
      const key = keys.get(day) ?? read(day);
      keys.set(day, key);
      return key;
    } catch (error) {
      if (!(error instanceof EvidenceFault || error instanceof SyntaxError)) throw error;
      throw new BadInput(
        `${file}: the key of ${day}: ${error instanceof SyntaxError ? 'it is no JSON' : error.message}; expected 64 hex digits, as in a sealed run`,
      );
    }
  };
}
