import type { TreeHashing } from '../core/evidence/tree-hashing.ts';
import { EVENT_BYTES } from '../core/settlement/events.ts';
import { packedEntriesOf } from './event-commitment.ts';
import { GrowingTree, type TileFile } from './growing-tree.ts';

const MS_PER_DAY = 86_400_000;
/** Of an event: its state time, of whose eight bytes six hold every date. */
const TIME_AT = 16;

const dayOf = (events: Buffer, at: number): number =>
  Math.floor(events.readIntLE(at * EVENT_BYTES + TIME_AT, 6) / MS_PER_DAY);

const nameOf = (day: number): string => new Date(day * MS_PER_DAY).toISOString().slice(0, 10);

/** The day of an event's state time in UTC, such as 2026-03-16: which key its salts come from. */
export const dayName = (event: Uint8Array): string => nameOf(dayOf(Buffer.from(event), 0));

/** The days of events, each once. */
export function daysIn(events: Uint8Array): string[] {
  const bytes = Buffer.from(events.buffer, events.byteOffset, events.byteLength);
  const days = new Set<number>();
  for (let at = 0; at * EVENT_BYTES < bytes.length; at += 1) days.add(dayOf(bytes, at));
  return [...days].map(nameOf);
}

/** A pool's transparency log: commitments to its events, in their order. */
export class EventLog {
  readonly tree: GrowingTree;
  readonly hashing: TreeHashing;
  readonly #keyOf: (day: string) => Uint8Array;

  /**
   * @param keyOf a day's key, 32 bytes, always the same
   * @param tree to go on with; default: there is no event yet
   */
  constructor(
    hashing: TreeHashing,
    keyOf: (day: string) => Uint8Array,
    tree: GrowingTree = new GrowingTree(hashing),
  ) {
    this.tree = tree;
    this.hashing = hashing;
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
    // A key that is missing is missed before anything is appended.
    const keys = new Map(daysIn(events).map((name) => [name, this.#keyOf(name)]));
    for (let from = 0; from < count; ) {
      const day = dayOf(events, from);
      let to = from + 1;
      while (to < count && dayOf(events, to) === day) to += 1;
      const piece = events.subarray(from * EVENT_BYTES, to * EVENT_BYTES);
      const key = keys.get(nameOf(day)) as Uint8Array;
      const { commitments, leaves } = this.hashing.events(piece, this.tree.size + 1, key);
      full.push(...this.tree.appendPacked(packedEntriesOf(commitments), to - from, leaves));
      from = to;
    }
    return full;
  }
}
