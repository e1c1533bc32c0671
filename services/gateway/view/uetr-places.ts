import { EVENT_BYTES, EVENT_OFFSETS } from '../../core/events.ts';

/** Payments whose places are held: about 30 MB. */
const UETRS_MAX = 200_000;
/** Of one payment; what comes after is repeats of a message. */
const PLACES_MAX = 64;

/** In which messages of a pool's events a UETR stands, for the payments that came last. */
export class UetrPlaces {
  readonly #max: number;
  /** Offsets, by the 16 bytes as a string. */
  readonly #places = new Map<string, number[]>();
  #searchEnds = 0;

  constructor(max = UETRS_MAX) {
    this.#max = max;
  }

  take(events: Buffer, logOffset: number): void {
    for (let at = EVENT_OFFSETS.id; at < events.length; at += EVENT_BYTES) {
      // A version 4 UUID: other ids are of messages that no UETR names.
      if ((events[at + 6] as number) >> 4 !== 4 || (events[at + 8] as number) >> 6 !== 2) continue;
      const key = events.toString('latin1', at, at + 16);
      const places = this.#places.get(key);
      if (!places) this.#add(key, logOffset);
      else if (places[places.length - 1] !== logOffset && places.length < PLACES_MAX)
        places.push(logOffset);
    }
  }

  #add(key: string, logOffset: number): void {
    this.#places.set(key, [logOffset]);
    if (this.#places.size <= this.#max) return;
    const [oldest] = this.#places;
    if (!oldest) return;
    const [name, offsets] = oldest;
    this.#places.delete(name);
    this.#searchEnds = Math.max(this.#searchEnds, (offsets[offsets.length - 1] as number) + 1);
  }

  /** Offsets, rising; none where the payment is too old, or unknown. */
  of(id: Uint8Array): readonly number[] {
    return this.#places.get(Buffer.from(id).toString('latin1')) ?? [];
  }

  /** What was forgotten stands before this offset. */
  get searchEnds(): number {
    return this.#searchEnds;
  }
}
