import { HASH_BYTES, type TreeHashing } from '../core/evidence/tree-hashing.ts';
import type { SubtreeHash } from './merkle-tree.ts';

/**
 * A log's files, as c2sp.org/tlog-tiles lays them out: `checkpoint`, `tile/<L>/<N>[.p/<W>]` with up to 256
 * hashes, and `tile/entries/<N>[.p/<W>]` with the entries that these of level 0 are of. The same paths in a folder and over HTTP.
 */
export const TILE_WIDTH = 256;
const TILE_LEVELS = 8;
export const CHECKPOINT_FILE = 'checkpoint';

/** Two of its length, and as many as these can say. */
export const ENTRY_BYTES_MAX = 2 + 0xffff;

/** What holds a log's files. A path is relative, with slashes. */
export interface TileFiles {
  /** @throws where it is not there */
  read(path: string): Uint8Array;
}

/** Level of a tile of hashes, or of entries. */
export type TileLevel = number | 'entries';

/** @param width below 256: of a partial tile */
export function tilePath(level: TileLevel, index: number, width = TILE_WIDTH): string {
  const groups: string[] = [];
  for (let rest = index, isLast = true; isLast || rest > 0; isLast = false) {
    const digits = String(rest % 1000).padStart(3, '0');
    groups.unshift(isLast ? digits : `x${digits}`);
    rest = Math.floor(rest / 1000);
  }
  const whole = `tile/${level}/${groups.join('/')}`;
  return width === TILE_WIDTH ? whole : `${whole}.p/${width}`;
}

/** Of a log of `size` entries: how many hashes (or entries) its tile has; 0: there is none. */
export function tileWidth(level: TileLevel, index: number, size: number): number {
  const hashes = Math.floor(size / TILE_WIDTH ** (level === 'entries' ? 0 : level));
  return Math.max(0, Math.min(TILE_WIDTH, hashes - index * TILE_WIDTH));
}

/** The tiles of a log of `size` entries, those of a level in their order. */
export function* tilesOf(
  size: number,
): Generator<{ readonly level: TileLevel; readonly index: number; readonly width: number }> {
  const ofLevel = function* (level: TileLevel) {
    for (let index = 0; ; index += 1) {
      const width = tileWidth(level, index, size);
      if (width === 0) return;
      yield { level, index, width };
    }
  };
  for (let level = 0; size >= TILE_WIDTH ** level; level += 1) yield* ofLevel(level);
  yield* ofLevel('entries');
}

/** A log's file is not what it has to be. */
export class TileFault extends Error {
  override readonly name = 'TileFault';
  readonly path: string;
  constructor(path: string, message: string) {
    super(`${path}: ${message}`);
    this.path = path;
  }
}

/** The hashes of a tree from its tiles of hashes. */
export const subtreesIn =
  (tile: (level: number, index: number) => Uint8Array, hashing: TreeHashing): SubtreeHash =>
  (level, index) => {
    const span = 2 ** (level % TILE_LEVELS);
    const at = (index * span) % TILE_WIDTH;
    const bytes = tile(Math.floor(level / TILE_LEVELS), Math.floor((index * span) / TILE_WIDTH));
    return hashing.top(bytes.subarray(at * HASH_BYTES, (at + span) * HASH_BYTES));
  };

/**
 * The hashes of a log's tree from its tiles. Nothing in them is believed: a proof that is made of them leads to the
 * checkpoint's root, or they were changed.
 * @param size of its checkpoint: says which tiles there are
 */
export function subtreesOf(files: TileFiles, size: number, hashing: TreeHashing): SubtreeHash {
  const tiles = new Map<string, Uint8Array>();
  const tile = (level: number, index: number): Uint8Array => {
    const width = tileWidth(level, index, size);
    const path = tilePath(level, index, width);
    const known = tiles.get(path);
    if (known) return known;
    const bytes = files.read(path);
    if (bytes.length !== width * HASH_BYTES)
      throw new TileFault(path, `${bytes.length} bytes, expected ${width} hashes of 32`);
    tiles.set(path, bytes);
    return bytes;
  };
  return subtreesIn(tile, hashing);
}

/**
 * A tile, or where it is not there what it has of the whole one: partial tiles are kept until that is there.
 * @param read null: there is no such file
 */
export function tileAsOf(
  path: string,
  read: (path: string) => Uint8Array | null,
): Uint8Array | null {
  const [whole, width] = path.split('.p/');
  const bytes = read(path);
  if (bytes || width === undefined || whole === undefined) return bytes;
  const all = read(whole);
  return all?.subarray(0, (all.length / TILE_WIDTH) * Number(width)) ?? null;
}

/**
 * The files of a log of which each is read by itself: what is not there throws TileFault.
 * @param read null: there is no such file
 * @param missing what is said of one that is not there
 */
export const tileFilesOf = (
  read: (path: string) => Uint8Array | null,
  missing = 'it is missing',
): TileFiles => ({
  read(path) {
    const bytes = tileAsOf(path, read);
    if (!bytes) throw new TileFault(path, missing);
    return bytes;
  },
});

/** The entries of a tile; throws TileFault. */
export function entriesIn(bytes: Uint8Array, width: number, path: string): Uint8Array[] {
  const entries: Uint8Array[] = [];
  let at = 0;
  while (at < bytes.length) {
    const length = ((bytes[at] as number) << 8) | (bytes[at + 1] ?? 0);
    if (at + 2 + length > bytes.length) throw new TileFault(path, 'it ends within an entry');
    entries.push(bytes.subarray(at + 2, at + 2 + length));
    at += 2 + length;
  }
  if (entries.length !== width)
    throw new TileFault(path, `${entries.length} entries, expected ${width}`);
  return entries;
}

/** The last entry of a log of `size` entries, at least one; throws TileFault. */
export function lastEntryIn(files: TileFiles, size: number): Uint8Array {
  const index = Math.ceil(size / TILE_WIDTH) - 1;
  const width = tileWidth('entries', index, size);
  const path = tilePath('entries', index, width);
  return entriesIn(files.read(path), width, path).at(-1) as Uint8Array;
}

/** Whether it has all that its path says: a tile that no checkpoint covers yet may be half written. */
export function isWholeTile(path: string, bytes: Uint8Array): boolean {
  const [, part] = path.split('.p/');
  const width = part === undefined ? TILE_WIDTH : Number(part);
  if (!path.startsWith('tile/entries/')) return bytes.length === width * HASH_BYTES;
  try {
    entriesIn(bytes, width, path);
    return true;
  } catch (error) {
    if (error instanceof TileFault) return false;
    throw error;
  }
}

/** Entries as a tile holds them. */
export function packedEntries(entries: readonly Uint8Array[]): Uint8Array {
  return Buffer.concat(
    entries.flatMap((entry) => {
      if (entry.length > 0xffff) throw new RangeError(`an entry of ${entry.length} bytes`);
      return [Uint8Array.of(entry.length >> 8, entry.length & 0xff), entry];
    }),
  );
}
