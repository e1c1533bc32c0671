import { EVENT_BYTES, EVENT_KINDS, EVENT_OFFSETS } from '../core/settlement/events.ts';

/** Payments whose places are held: 20 MB where each stands in one message, as most do. */
const UETRS_MAX = 200_000;
/** Of one payment, of each sort: the first few and the last, so that its end is always there. */
const FIRST_KEPT = 8;
const LAST_KEPT = 56;

/** What may be told of one UETR without end, and moves nothing: it takes no place from the rest. */
const ASIDE: ReadonlySet<number> = new Set([
  EVENT_KINDS.heldUp,
  EVENT_KINDS.repeated,
  EVENT_KINDS.noticed,
  EVENT_KINDS.rejected,
  EVENT_KINDS.reordered,
]);

/** Offsets of messages, rising: all, or the first and the last of them. */
class Ends {
  readonly offsets: number[] = [];
  leftOut = 0;

  add(offset: number): void {
    const { offsets } = this;
    if (offsets[offsets.length - 1] === offset) return;
    offsets.push(offset);
    if (offsets.length <= FIRST_KEPT + LAST_KEPT) return;
    offsets.splice(FIRST_KEPT, 1);
    this.leftOut += 1;
  }
}

class Places {
  readonly main = new Ends();
  readonly aside = new Ends();

  add(logOffset: number, isAside: boolean): void {
    (isAside ? this.aside : this.main).add(logOffset);
  }
}

/** The one message that names a UETR, as most are named: below 0 where it tells of it aside. */
const onlyPlace = (logOffset: number, isAside: boolean) => (isAside ? -1 - logOffset : logOffset);

function placesOf(known: number | Places): Places {
  if (typeof known !== 'number') return known;
  const places = new Places();
  places.add(known < 0 ? -1 - known : known, known < 0);
  return places;
}

/** In which messages of a pool's events a UETR stands, for the payments that came last. */
export class UetrPlaces {
  readonly #max: number;
  /** By the 16 bytes as a string. */
  readonly #places = new Map<string, number | Places>();
  #searchEnds = 0;
  #ends = 0;

  constructor(max = UETRS_MAX) {
    this.#max = max;
  }

  take(events: Buffer, logOffset: number): void {
    for (let at = EVENT_OFFSETS.id; at < events.length; at += EVENT_BYTES) {
      // A version 4 UUID: other ids are of messages that no UETR names.
      if ((events[at + 6] as number) >> 4 !== 4 || (events[at + 8] as number) >> 6 !== 2) continue;
      const kind = events.readUInt16LE(at - EVENT_OFFSETS.id + EVENT_OFFSETS.kind);
      this.#add(events.toString('latin1', at, at + 16), logOffset, ASIDE.has(kind));
    }
    this.#forget();
    this.#ends = logOffset + 1;
  }

  #add(key: string, logOffset: number, isAside: boolean): void {
    const only = onlyPlace(logOffset, isAside);
    const known = this.#places.get(key);
    if (known === only) return;
    if (known === undefined) {
      this.#places.set(key, only);
      return;
    }
    const places = placesOf(known);
    places.add(logOffset, isAside);
    this.#places.set(key, places);
  }

  #forget(): void {
    while (this.#places.size > this.#max) {
      const [oldest] = this.#places;
      if (!oldest) return;
      const [name, known] = oldest;
      this.#places.delete(name);
      const { main, aside } = placesOf(known);
      for (const offset of [main.offsets.at(-1), aside.offsets.at(-1)])
        if (offset !== undefined) this.#searchEnds = Math.max(this.#searchEnds, offset + 1);
    }
  }

  /**
   * Offsets, rising, and how many more messages name it, between them; none where the payment is too
   * old, or unknown.
   */
  of(id: Uint8Array): { readonly offsets: readonly number[]; readonly leftOut: number } {
    const found = this.#places.get(Buffer.from(id).toString('latin1'));
    if (found === undefined) return { offsets: [], leftOut: 0 };
    const { main, aside } = placesOf(found);
    const all = new Set([...main.offsets, ...aside.offsets]);
    return {
      offsets: [...all].sort((a, b) => a - b),
      leftOut: main.leftOut + aside.leftOut,
    };
  }

  /** Everything that was taken stands before this offset. */
  get ends(): number {
    return this.#ends;
  }

  /** What was forgotten stands before this offset. */
  get searchEnds(): number {
    return this.#searchEnds;
  }
}
