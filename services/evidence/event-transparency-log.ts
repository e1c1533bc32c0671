import { HASH_BYTES, type HashedEvents, type TreeHashing } from '../core/evidence/tree-hashing.ts';
import { EVENT_BYTES } from '../core/settlement/events.ts';
import { GrowingTree, type TileFile } from './growing-tree.ts';

const MS_PER_DAY = 86_400_000;
/** Of an event: its state time, of whose eight bytes six hold every date. */
const TIME_AT = 16;

const dayOf = (events: DataView, at: number): number => {
  const place = at * EVENT_BYTES + TIME_AT;
  const timeMs = events.getInt16(place + 4, true) * 2 ** 32 + events.getUint32(place, true);
  return Math.floor(timeMs / MS_PER_DAY);
};

const viewOf = ({ buffer, byteOffset, length }: Uint8Array): DataView =>
  new DataView(buffer, byteOffset, length);

/** The day that was named last: a name takes as long as to hash many events. */
let named = { day: Number.NaN, name: '' };

function nameOf(day: number): string {
  if (named.day !== day)
    named = { day, name: new Date(day * MS_PER_DAY).toISOString().slice(0, 10) };
  return named.name;
}

/** The day of an event's state time in UTC, such as 2026-03-16: which key its salts come from. */
export const dayName = (event: Uint8Array): string => nameOf(dayOf(viewOf(event), 0));

/** Consecutive events of one day. */
interface DayOfEvents {
  readonly day: string;
  readonly events: Uint8Array;
}

/** Events by their days, in their order. A day comes again where another stands between. */
export function byDay(events: Uint8Array): DayOfEvents[] {
  const view = viewOf(events);
  const count = events.length / EVENT_BYTES;
  const days: DayOfEvents[] = [];
  for (let from = 0; from < count; ) {
    const day = dayOf(view, from);
    let to = from + 1;
    while (to < count && dayOf(view, to) === day) to += 1;
    days.push({ day: nameOf(day), events: events.subarray(from * EVENT_BYTES, to * EVENT_BYTES) });
    from = to;
  }
  return days;
}

/** The days of events, each once. */
export const daysIn = (events: Uint8Array): string[] => [
  ...new Set(byDay(events).map(({ day }) => day)),
];

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
    const full: TileFile[] = [];
    // A key that is missing is missed before anything is appended.
    const days = byDay(bytes).map(({ day, events }) => ({ events, key: this.#keyOf(day) }));
    for (const { events, key } of days)
      full.push(...this.appendHashed(this.hashing.events(events, this.tree.size + 1, key)));
    return full;
  }

  /** The same of events that were hashed already, by their days' keys and the numbers that follow. */
  appendHashed({ entries, leaves }: HashedEvents): TileFile[] {
    return this.tree.appendPacked(entries, leaves.length / HASH_BYTES, leaves);
  }
}
