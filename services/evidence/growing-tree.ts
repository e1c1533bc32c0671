import { HASH_BYTES, type TreeHashing } from '../core/evidence/tree-hashing.ts';
import { leafHash, rootHash } from './merkle-tree.ts';
import {
  entriesIn,
  packedEntries,
  subtreesIn,
  TILE_WIDTH,
  TileFault,
  type TileFiles,
  type TileLevel,
  tilePath,
  tileWidth,
} from './tiles.ts';

/** A tile of a log as a file. */
export interface TileFile {
  readonly path: string;
  readonly bytes: Uint8Array;
}

/** Hashes of a level that fill no tile yet. */
interface OpenTile {
  /** Which tile of its level. */
  index: number;
  bytes: Uint8Array[];
  width: number;
}

const newTile = (): OpenTile => ({ index: 0, bytes: [], width: 0 });

/**
 * A log's tree as it grows: entries go in, tiles come out as they fill. It holds the last tile of each level and no more.
 */
export class GrowingTree {
  readonly #hashing: TreeHashing;
  readonly #levels: OpenTile[] = [];
  readonly #entries = newTile();
  #size = 0;

  constructor(hashing: TreeHashing) {
    this.#hashing = hashing;
  }

  /**
   * The tree of a log's files, to go on where they end. Whether its root is that of a checkpoint is the caller's to see.
   * @param files throws where a tile is not there
   * @throws TileFault where a tile has another length, or entries that its hashes are not of
   */
  static from(hashing: TreeHashing, files: TileFiles, size: number): GrowingTree {
    const tree = new GrowingTree(hashing);
    const restore = (open: OpenTile, level: TileLevel): OpenTile => {
      const span = TILE_WIDTH ** (level === 'entries' ? 1 : level + 1);
      open.index = Math.floor(size / span);
      open.width = tileWidth(level, open.index, size);
      if (open.width > 0) open.bytes = [files.read(tilePath(level, open.index, open.width))];
      return open;
    };
    restore(tree.#entries, 'entries');
    for (let level = 0; size >= TILE_WIDTH ** level; level += 1) {
      const { bytes, width, index } = restore(newTile(), level);
      const found = Buffer.concat(bytes).length;
      if (found !== width * HASH_BYTES)
        throw new TileFault(tilePath(level, index, width), `${found} bytes of ${width} hashes`);
      tree.#levels.push({ bytes, width, index });
    }
    tree.#size = size;
    const { width, index } = tree.#entries;
    const hashes = Buffer.concat(tree.#openEntries().map(leafHash));
    if (width > 0 && Buffer.compare(hashes, Buffer.concat(tree.#levels[0]?.bytes ?? [])) !== 0)
      throw new TileFault(tilePath('entries', index, width), 'its hashes are not those of level 0');
    return tree;
  }

  /** Of the tile that is open. */
  #openEntries(): Uint8Array[] {
    const { bytes, width, index } = this.#entries;
    return entriesIn(Buffer.concat(bytes), width, tilePath('entries', index, width));
  }

  get size(): number {
    return this.#size;
  }

  /**
   * @param leaves the entries' hashes, one behind the other
   * @returns the tiles that are full now
   */
  append(entries: readonly Uint8Array[], leaves: Uint8Array): TileFile[] {
    return this.#append(entries.length, leaves, (from, to) =>
      packedEntries(entries.slice(from, to)),
    );
  }

  /** The same of entries of one length, as a tile holds them. */
  appendPacked(packed: Uint8Array, count: number, leaves: Uint8Array): TileFile[] {
    const each = packed.length / count;
    return this.#append(count, leaves, (from, to) => packed.subarray(from * each, to * each));
  }

  #append(
    count: number,
    leaves: Uint8Array,
    packed: (from: number, to: number) => Uint8Array,
  ): TileFile[] {
    if (leaves.length !== count * HASH_BYTES)
      throw new RangeError(`${leaves.length} bytes of leaves of ${count} entries`);
    const full: TileFile[] = [];
    for (let from = 0; from < count; ) {
      const taken = Math.min(TILE_WIDTH - this.#entries.width, count - from);
      const tile = take(this.#entries, packed(from, from + taken), taken);
      if (tile) full.push({ path: tilePath('entries', this.#entries.index - 1), bytes: tile });
      this.#grow(0, leaves.subarray(from * HASH_BYTES, (from + taken) * HASH_BYTES), full);
      from += taken;
    }
    this.#size += count;
    return full;
  }

  /** Hashes that do not go beyond the tile that is open. */
  #grow(level: number, hashes: Uint8Array, full: TileFile[]): void {
    this.#levels[level] ??= newTile();
    const open = this.#levels[level];
    const tile = take(open, hashes.slice(), hashes.length / HASH_BYTES);
    if (!tile) return;
    full.push({ path: tilePath(level, open.index - 1), bytes: tile });
    this.#grow(level + 1, this.#hashing.top(tile), full);
  }

  /** The tiles that a checkpoint of this size needs beside the full ones. */
  partialTiles(): TileFile[] {
    const of = (level: TileLevel, { index, bytes, width }: OpenTile): TileFile[] =>
      width === 0 ? [] : [{ path: tilePath(level, index, width), bytes: Buffer.concat(bytes) }];
    return [
      ...this.#levels.flatMap((tile, level) => of(level, tile)),
      ...of('entries', this.#entries),
    ];
  }

  root(): Uint8Array {
    const open = this.#levels.map(({ bytes }) => Buffer.concat(bytes));
    // Whole subtrees on the tree's right edge are made of hashes of the tiles that are open.
    return rootHash(
      subtreesIn((level) => open[level] as Uint8Array, this.#hashing),
      this.#size,
    );
  }
}

/** Puts a piece into the tile that is open; returns it where it is full then, and opens the next. */
function take(open: OpenTile, piece: Uint8Array, width: number): Uint8Array | null {
  open.bytes.push(piece);
  open.width += width;
  if (open.width < TILE_WIDTH) return null;
  const tile = Buffer.concat(open.bytes);
  open.index += 1;
  open.bytes = [];
  open.width = 0;
  return tile;
}
