/**
 * What seals the folder of a run: a transparency log over its files, and one over the events of each pool. The secret keys are
 * made for the one run and forgotten with it, so that nobody signs another state of it under the same key. What checks
 * it: verify-seal.ts. The layout: docs/evidence.md.
 */
import { createHash, randomBytes } from 'node:crypto';
import {
  createReadStream,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { TreeHashing } from '../core/evidence/tree-hashing.ts';
import { createSigner, type Signer } from '../core/verification/signing.ts';
import { checkpointText, NO_DOMAIN } from '../evidence/checkpoint.ts';
import { EventLog } from '../evidence/event-transparency-log.ts';
import { GrowingTree, type TileFile } from '../evidence/growing-tree.ts';
import { leafHash } from '../evidence/merkle-tree.ts';
import { formatNote, KEY_TYPE, noteKey, signNote, verifierKey } from '../evidence/signed-note.ts';
import { CHECKPOINT_FILE } from '../evidence/tiles.ts';
import { compiledCore } from '../platform/service/build-info.ts';
import type { DirectoryNames } from '../protocol/names/handles-to-names.ts';
import { payloadDigestHex } from '../protocol/names/signing-text.ts';

export const EVIDENCE = 'evidence';
export const POLICY_FILE = 'policy';
export const DAY_KEYS_FILE = 'day-keys.json';
/** The names behind the numbers of events, by pool: what a receipt's event is compared with. */
const NAMES_FILE = 'names.json';
/** As `sha256sum -c` reads it; its lines are the entries of the log over the files. */
export const DIGESTS_FILE = 'files.sha256';
export const poolFolder = (pool: string): string => `pool/${pool}`;
/** Folders that their engines rewrite whenever they are read. */
export const LEFT_OUT: ReadonlySet<string> = new Set(['clickhouse', 'log']);
/** Of the log over the files of a run. */
export const filesOrigin = (ofRun: string): string => `${ofRun}/files`;
/** By the origin of one of its logs, what those of its others begin with; null: it is of no run. */
export const runOrigin = (ofLog: string): string | null =>
  /^(.+\/run\/[0-9a-f]{16})\//.exec(ofLog)?.[1] ?? null;

export class RunSeal {
  readonly #folder: string;
  readonly #origin: string;
  readonly #hashing = new TreeHashing(compiledCore());
  readonly #pools = new Map<string, EventLog>();
  readonly #dayKeys = new Map<string, Buffer>();
  /** Lines of the policy. */
  readonly #logs: string[] = [];
  /** Of what it wrote itself or was told to hash, by path in the run's folder: a log of 100,000 payments has thousands of tiles. */
  readonly #digests = new Map<string, string>();
  readonly #folders = new Set<string>();

  /** @param folder of the run, whose files are written yet */
  constructor(folder: string, network: string) {
    this.#folder = folder;
    this.#origin = `${NO_DOMAIN}/${network}/run/${randomBytes(8).toString('hex')}`;
  }

  /** Takes the next events of a pool. */
  take(pool: string, events: Uint8Array): void {
    const log = this.#pools.get(pool) ?? new EventLog(this.#hashing, (day) => this.#keyOf(day));
    this.#pools.set(pool, log);
    this.#writeTiles(poolFolder(pool), log.append(events));
  }

  /** Hashes files that are written whole, by their paths in the folder, while others are not yet. */
  async hash(paths: readonly string[]): Promise<void> {
    for (const path of paths) this.#digests.set(path, await fileDigest(join(this.#folder, path)));
  }

  /**
   * Seals what was taken, and then all files. Everything else in the folder must be closed.
   * @param digests of files that were hashed as they were written, by path
   */
  async finish(digests: ReadonlyMap<string, string> = new Map()): Promise<void> {
    for (const [pool, { tree }] of this.#pools) {
      const origin = `${this.#origin}/${poolFolder(pool)}`;
      this.#sign(poolFolder(pool), origin, tree, this.#believedSigner(origin));
    }
    const keys = [...this.#dayKeys].map(([day, key]) => [day, key.toString('hex')]);
    this.#write(DAY_KEYS_FILE, `${JSON.stringify(Object.fromEntries(keys), null, 2)}\n`);
    // The policy is a file too: it has to name the key of the log over the files before these are hashed.
    const origin = filesOrigin(this.#origin);
    const signer = this.#believedSigner(origin);
    this.#write(POLICY_FILE, `${this.#logs.join('')}quorum none\n`);
    const lines: string[] = [];
    for (const path of filesIn(this.#folder)) {
      const known = this.#digests.get(path) ?? digests.get(path);
      const digest = known ?? (await fileDigest(join(this.#folder, path)));
      lines.push(`${digest}  ${path}`);
    }
    this.#write(DIGESTS_FILE, lines.map((line) => `${line}\n`).join(''));
    const entries = lines.map((line) => Buffer.from(line));
    const tree = new GrowingTree(this.#hashing);
    this.#writeTiles('', tree.append(entries, Buffer.concat(entries.map(leafHash))));
    this.#sign('', origin, tree, signer);
  }

  #keyOf(day: string): Buffer {
    const key = this.#dayKeys.get(day) ?? randomBytes(32);
    this.#dayKeys.set(day, key);
    return key;
  }

  /** Whose key the policy will have for the log. */
  #believedSigner(origin: string): Signer {
    const signer = createSigner(randomBytes(32));
    this.#logs.push(`log ${verifierKey(noteKey(origin, KEY_TYPE.log, signer.publicKey))}\n`);
    return signer;
  }

  #sign(place: string, origin: string, tree: GrowingTree, signer: Signer): void {
    this.#writeTiles(place, tree.partialTiles());
    const text = checkpointText({ origin, size: tree.size, root: tree.root() });
    const note = formatNote({ text, signatures: [signNote(text, origin, signer)] });
    this.#write(join(place, CHECKPOINT_FILE), note);
  }

  #writeTiles(place: string, tiles: readonly TileFile[]): void {
    for (const { path, bytes } of tiles) this.#write(join(place, path), bytes);
  }

  #write(path: string, bytes: Uint8Array | string): void {
    const name = join(EVIDENCE, path);
    const file = join(this.#folder, name);
    const folder = dirname(file);
    if (!this.#folders.has(folder)) mkdirSync(folder, { recursive: true });
    this.#folders.add(folder);
    const content = typeof bytes === 'string' ? Buffer.from(bytes) : bytes;
    writeFileSync(file, content);
    this.#digests.set(name, payloadDigestHex(content));
  }
}

/** Before its folder is sealed: the names of a pool stand in no event. */
export function writePoolNames(
  folder: string,
  pools: readonly { readonly name: string; readonly names: DirectoryNames }[],
): void {
  const byPool = pools.map(({ name, names: { participants, currencies } }) => [
    name,
    { participants: participants.map(({ bic }) => ({ bic })), currencies },
  ]);
  mkdirSync(join(folder, EVIDENCE), { recursive: true });
  const text = `${JSON.stringify(Object.fromEntries(byPool), null, 2)}\n`;
  writeFileSync(join(folder, EVIDENCE, NAMES_FILE), text);
}

/** The files of a folder by their paths, but those of engines. */
export function filesIn(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name).slice(join(folder, '/').length))
    .filter((path) => !path.includes('/') || !LEFT_OUT.has(path.split('/')[0] as string))
    .sort();
}

/** Below it a file is read at once: a stream takes longer to begin than to read it. */
const STREAMED_FROM_BYTES = 1 << 22;
/** In pieces of 64 KiB, as streams have them, a file takes twice as long. */
const PIECE_BYTES = 1 << 20;

/** SHA-256 of a file, hex. */
export async function fileDigest(file: string): Promise<string> {
  if (statSync(file).size < STREAMED_FROM_BYTES) return payloadDigestHex(readFileSync(file));
  const hash = createHash('sha256');
  for await (const piece of createReadStream(file, { highWaterMark: PIECE_BYTES }))
    hash.update(piece);
  return hash.digest('hex');
}
