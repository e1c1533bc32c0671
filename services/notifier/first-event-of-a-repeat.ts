import type { EventKind } from '../core/settlement/events.ts';
import type { SettlementEvent } from '../core/settlement/settlement-event.ts';
import { EVENT_STATUS } from '../protocol/records/event-status.ts';

/**
 * By which event a message's present state was told, so that a repeat can say which status it repeats. Who is told what is
 * in notifier.ts.
 * It is a function of the events alone: a notifier that starts anew makes it again. Of a message
 * further back than the window the number is not known any more, and the repeat is marked without it.
 */
const CHUNK_POSITIONS = 65_536;
/** 8 MiB of numbers. */
const CHUNKS_KEPT = 16;

export class LastTold {
  readonly #chunks = new Map<number, Float64Array>();
  #latest = -1;

  /** An event of a message at this position of the input log told what became of it. */
  take(position: number, eventNumber: number): void {
    const place = Math.floor(position / CHUNK_POSITIONS);
    if (place <= this.#latest - CHUNKS_KEPT) return;
    if (place > this.#latest) {
      this.#latest = place;
      for (const known of this.#chunks.keys())
        if (known <= place - CHUNKS_KEPT) this.#chunks.delete(known);
    }
    let chunk = this.#chunks.get(place);
    if (!chunk) {
      // Events are numbered from 0: NaN stands for none.
      chunk = new Float64Array(CHUNK_POSITIONS).fill(Number.NaN);
      this.#chunks.set(place, chunk);
    }
    chunk[position % CHUNK_POSITIONS] = eventNumber;
  }

  /** Null where it is not known. */
  of(position: number): number | null {
    const chunk = this.#chunks.get(Math.floor(position / CHUNK_POSITIONS));
    const number = chunk?.[position % CHUNK_POSITIONS] ?? Number.NaN;
    return Number.isNaN(number) ? null : number;
  }
}

/** Events that tell what became of a payment. Of a request no event says which record was its first. */
export const TOLD_KINDS: readonly EventKind[] = (Object.keys(EVENT_STATUS) as EventKind[]).filter(
  (kind) => kind !== 'noticed',
);

const TELLS: ReadonlySet<EventKind> = new Set(TOLD_KINDS);

/** Hands over the position of the payment whose state an event tells. */
export function takeTold(event: SettlementEvent, take: (position: number) => void): void {
  if (TELLS.has(event.kind) && 'paymentPosition' in event) take(event.paymentPosition as number);
}
