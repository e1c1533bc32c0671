import type { TreeHashing } from '../core/evidence/tree-hashing.ts';
import { EVENT_BYTES } from '../core/settlement/events.ts';
import { packedEntriesOf } from './event-commitment.ts';
import { GrowingTree, type TileFile } from './growing-tree.ts';

const MS_PER_DAY = 86_400_000;
/** Of an event: its state time, of whose eight bytes six hold every date. */
const TIME_AT = 16;

const dayOf = (events: Buffer, at: number): number =>
  Math.floor(events.readIntLE(at * EVENT_BYTES + TIME_AT, 6) / MS_PER_DAY);

/** The day of an event's state time in UTC, such as 2026-03-16: which key its salts come from. */
export const dayName = (event: Uint8Array): string =>
  new Date(dayOf(Buffer.from(event), 0) * MS_PER_DAY).toISOString().slice(0, 10);

/** A pool's transparency log: commitments to its events, in their order. */
export class EventLog {
  readonly tree: GrowingTree;
  readonly #hashing: TreeHashing;
  readonly #keyOf: (day: string) => Uint8Array;

  /** @param keyOf a day's key, 32 bytes, always the same */
  constructor(hashing: TreeHashing, keyOf: (day: string) => Uint8Array) {
    this.tree = new GrowingTree(hashing);
    this.#hashing = hashing;
    this.#keyOf = keyOf;
  }

  /**
   * @param bytes the events that follow, whole
   * @returns the tiles that are full now
   */
  append(bytes: Uint8Array): TileFile[] {
    const events = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const count = events.length / EVENT_BYTES;
    const full: TileFile[] = [];
    for (let from = 0; from < count; ) {
      const day = dayOf(events, from);
      let to = from + 1;
      while (to < count && dayOf(events, to) === day) to += 1;
      const piece = events.subarray(from * EVENT_BYTES, to * EVENT_BYTES);
      const key = this.#keyOf(dayName(piece.subarray(0, EVENT_BYTES)));
      const { commitments, leaves } = this.#hashing.events(piece, this.tree.size + 1, key);
      full.push(...this.tree.appendPacked(packedEntriesOf(commitments), to - from, leaves));
      from = to;
    }
    return full;
  }
}
