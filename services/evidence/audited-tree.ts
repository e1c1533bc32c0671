import type { TreeHashing } from '../core/evidence/tree-hashing.ts';
import { EVENT_BYTES } from '../core/settlement/events.ts';
import type { Checkpoint } from './checkpoint.ts';
import { EventLog } from './event-transparency-log.ts';
import { provenPrefix, withTiles } from './followed-log.ts';
import type { TileFile } from './growing-tree.ts';
import { EvidenceFault } from './signed-note.ts';
import { entriesIn, TILE_WIDTH, TileFault, tilePath, tileWidth } from './tiles.ts';

/** Where the files of a log are: those of a folder are there at once. */
export interface AuditedFiles {
  /** Null: it is not there. @throws Error naming what could not be read */
  read(path: string): Uint8Array | null | Promise<Uint8Array | null>;
}

/** The first event that a log has otherwise than whoever settled the input once more. */
export class EntryDiffers extends EvidenceFault {
  /** 128 bytes: what the input gives. */
  readonly event: Uint8Array;
  /** What the log has in the place of its entry. */
  readonly found: Uint8Array;

  constructor(event: Uint8Array, found: Uint8Array, path: string) {
    super(`${path} has another entry`);
    this.event = event;
    this.found = found;
  }
}

const isOfEntries = ({ path }: TileFile): boolean => path.startsWith('tile/entries/');

/** Above it what is held of the events is compared with the log's entries before its checkpoint is reached. */
const HELD_MAX = 1 << 18;

/**
 * The log of a pool's events as whoever settled the input once more has it: held against the checkpoints that were
 * signed. Events may be ahead of the checkpoints or behind them. It keeps those that no checkpoint has yet.
 */
export class AuditedTree {
  readonly #log: EventLog;
  readonly #files: AuditedFiles | null;
  readonly #heldMax: number;
  /** Events that are not in the tree. */
  #ahead: Uint8Array[] = [];
  #events = 0;
  /** Entries of the newest checkpoint that is of these events. */
  #agreed = 0;
  /** Why a file could not be read; null: each could. */
  #unread: string | null = null;
  /** The tiles of entries that filled since they were last known to agree, the first of this index. */
  #tiles: TileFile[] = [];
  #firstTile = 0;
  /** Their events and those behind them that are in the tree. */
  #held: Uint8Array[] = [];

  /**
   * @param keyOf a day's key; throws where there is none
   * @param files of the log; null: they are not at hand, and which event differs cannot be told
   */
  constructor(
    hashing: TreeHashing,
    keyOf: (day: string) => Uint8Array,
    files: AuditedFiles | null,
    heldMax = HELD_MAX,
  ) {
    this.#log = new EventLog(hashing, keyOf);
    this.#files = files;
    this.#heldMax = heldMax;
  }

  /** Events taken in. */
  get events(): number {
    return this.#events;
  }

  /** Takes in whole events, in their order. They are kept as they are given. */
  add(events: Uint8Array): void {
    if (events.length === 0) return;
    this.#ahead.push(events);
    this.#events += events.length / EVENT_BYTES;
  }

  /**
   * Whether the checkpoint is of these events.
   * @returns false: so many events were not taken in yet
   * @throws EntryDiffers, EvidenceFault or TileFault where it is not
   */
  async holds({ size, root, origin }: Checkpoint): Promise<boolean> {
    const { tree } = this.#log;
    if (size < tree.size) {
      await this.#holdsOlder(size, root, origin);
      return true;
    }
    for (;;) {
      const [events] = this.#ahead;
      if (tree.size === size || !events) break;
      const taken = events.subarray(0, (size - tree.size) * EVENT_BYTES);
      // First: where a day's key is missing they stay, and it may be there the next time.
      this.#append(taken);
      if (taken.length === events.length) this.#ahead.shift();
      else this.#ahead[0] = events.subarray(taken.length);
      if (tree.size - this.#firstTile * TILE_WIDTH <= this.#heldMax) continue;
      await this.seekDifference(size);
      this.#forget();
    }
    if (tree.size < size) return false;
    if (Buffer.compare(tree.root(), root) !== 0) {
      await this.seekDifference(size);
      throw new EvidenceFault(
        `the checkpoint of ${size} entries of ${origin} has another root than the events that the input gives${this.#place()}`,
      );
    }
    this.#agreed = size;
    this.#forget();
    return true;
  }

  /**
   * Two notifiers of a log, one behind, seal falling sizes of one tree: that is no fault. Of the tiles nothing is
   * believed, they have to lead to the root of these events.
   */
  async #holdsOlder(size: number, root: Uint8Array, origin: string): Promise<void> {
    const { tree } = this.#log;
    const what = `the log ${origin} shows a checkpoint of ${size} entries after one of ${tree.size}`;
    const own = { size: tree.size, root: tree.root() };
    const partial = new Map(tree.partialTiles().map(({ path, bytes }) => [path, bytes]));
    const fetch = async (path: string) =>
      partial.get(path) ?? (await this.#files?.read(path)) ?? null;
    const { hashing } = this.#log;
    let found: Uint8Array | null;
    try {
      found = await withTiles(fetch, own.size, hashing, (of) => provenPrefix(of, size, own));
    } catch (error) {
      throw new EvidenceFault(
        `${what}; whether it is of the same tree cannot be told (${(error as Error).message})`,
      );
    }
    if (!found)
      throw new EvidenceFault(`${what}; whether it is of the same tree its files do not tell`);
    if (Buffer.compare(found, root) !== 0)
      throw new EvidenceFault(`${what}, with another root than the events that the input gives`);
  }

  #place(): string {
    const last = this.#agreed === 0 ? '' : `; at ${this.#agreed} entries it had the same`;
    if (this.#files && this.#unread === null)
      return `${last}; the entries in its files are those of the input`;
    const why = this.#unread === null ? '' : ` (${this.#unread})`;
    return `${last}; its files, which would tell the first event that differs, are not at hand${why}`;
  }

  #append(events: Uint8Array): void {
    const full = this.#log.append(events);
    this.#held.push(events);
    this.#tiles.push(...full.filter(isOfEntries));
  }

  /**
   * Looks in the log's files for the first entry that is not of these events, as far as both go.
   * @param size of the log's checkpoint: says which files there are
   * @throws EntryDiffers
   */
  async seekDifference(size: number): Promise<void> {
    const partial = this.#log.tree.partialTiles().filter(isOfEntries);
    for (const [at, tile] of [...this.#tiles, ...partial].entries())
      await this.#compare(tile, this.#firstTile + at, size);
  }

  async #compare({ path, bytes }: TileFile, index: number, size: number): Promise<void> {
    const left = this.#log.tree.size - index * TILE_WIDTH;
    const own = entriesIn(bytes, Math.min(TILE_WIDTH, left), path);
    const theirs = await this.#entriesOf(index, tileWidth('entries', index, size));
    if (!theirs) return;
    const at = own.findIndex(
      (one, place) => theirs[place] && Buffer.compare(one, theirs[place]) !== 0,
    );
    if (at < 0) return;
    const held = Buffer.concat(this.#held);
    const from = ((index - this.#firstTile) * TILE_WIDTH + at) * EVENT_BYTES;
    throw new EntryDiffers(held.subarray(from, from + EVENT_BYTES), theirs[at] as Uint8Array, path);
  }

  /** Null: they are not to be had. A partial tile may be away once the whole one is there. */
  async #entriesOf(index: number, width: number): Promise<Uint8Array[] | null> {
    for (const one of this.#files ? new Set([width, TILE_WIDTH]) : []) {
      const path = tilePath('entries', index, one);
      try {
        const bytes = await this.#files?.read(path);
        if (bytes) return entriesIn(bytes, one, path);
        this.#unread = `${path} is missing`;
      } catch (error) {
        if (error instanceof TileFault) throw error;
        this.#unread = (error as Error).message;
      }
    }
    return null;
  }

  /** Lets go of the tiles that are full, and of their events. */
  #forget(): void {
    let left = this.#tiles.length * TILE_WIDTH * EVENT_BYTES;
    this.#firstTile += this.#tiles.length;
    this.#tiles = [];
    while (left > 0) {
      const events = this.#held[0] as Uint8Array;
      const taken = Math.min(left, events.length);
      if (taken === events.length) this.#held.shift();
      else this.#held[0] = events.subarray(taken);
      left -= taken;
    }
  }
}
