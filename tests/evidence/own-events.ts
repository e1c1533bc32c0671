import { eachBooking } from '../../services/analysis/event-bookings.ts';
import { readEvent } from '../../services/core/settlement/event-reader.ts';
import { EVENT_OFFSETS as AT, EVENT_BYTES } from '../../services/core/settlement/events.ts';
import type { Checkpoint } from '../../services/evidence/checkpoint.ts';
import { type Opening, openedEntry } from '../../services/evidence/event-commitment.ts';
import {
  inclusionProof,
  isIncluded,
  leafHash,
  type SubtreeHash,
} from '../../services/evidence/merkle-tree.ts';
import { EvidenceFault } from '../../services/evidence/signed-note.ts';

/** What a witness said of a log: so large it was at that time. */
export interface SeenSize {
  readonly size: number;
  /** Since 1970. */
  readonly seconds: bigint;
}

interface OwnEvent {
  readonly opening: Opening;
  /** 128 bytes; of a closed opening the balances are zero. */
  readonly event: Buffer;
}

/**
 * What a bank can hold of a pool's log: openings of the events that name it (`ce_opening`). It needs nobody's word for
 * what it checks with them: that the log has these events, where it has to have them, and what they book on its
 * accounts. No command of Corridor's does this for a bank.
 */
export class OwnEvents {
  readonly #participant: number;
  readonly #lagMs: number;
  readonly #events = new Map<number, OwnEvent>();

  /**
   * @param participant the bank's number in the pool
   * @param lagMs how long after it happened an event may be sealed
   */
  constructor(participant: number, lagMs: number) {
    this.#participant = participant;
    this.#lagMs = lagMs;
  }

  /** @throws EvidenceFault for a second event of a number */
  take(opening: Opening): void {
    const event = eventOf(opening);
    const number = Number(event.readBigUInt64LE(AT.number));
    const held = this.#events.get(number);
    if (held && Buffer.compare(openedEntry(held.opening), openedEntry(opening)) !== 0)
      throw new EvidenceFault(`event ${number} was shown to this bank with other bytes before`);
    if (!held) this.#events.set(number, { opening, event });
  }

  /** What the events add to the bank's account, in minor units: from an account's opening on that is its balance. */
  booked(currency: number): bigint {
    let sum = 0n;
    for (const { event } of this.#events.values())
      eachBooking(readEvent(event, 0), (participant, booked, amount) => {
        if (participant === this.#participant && booked === currency) sum += amount;
      });
    return sum;
  }

  /**
   * What of these events the log has otherwise.
   * @param subtree hashes of the log's tree, of which nothing is believed
   * @param seen what witnesses said of it, also of others
   * @returns a line for each event; none: the log has them all
   */
  faults(
    { size, root }: Pick<Checkpoint, 'size' | 'root'>,
    subtree: SubtreeHash,
    seen: readonly SeenSize[],
  ): string[] {
    const faults: string[] = [];
    let lastMs = Number.NEGATIVE_INFINITY;
    for (const [number, { opening, event }] of [...this.#events].sort(([a], [b]) => a - b)) {
      const index = number - 1;
      const timeMs = Number(event.readBigInt64LE(AT.timeMs));
      if (timeMs < lastMs) faults.push(`event ${number} happened before one with a lower number`);
      lastMs = Math.max(lastMs, timeMs);
      const late = seen.find(
        (one) => index >= one.size && timeMs + this.#lagMs < 1000 * Number(one.seconds),
      );
      if (late)
        faults.push(
          `event ${number} has a time at which it was not there: later the log had ${late.size} entries`,
        );
      if (index >= size)
        faults.push(`event ${number} is in this bank's hands, and the log shows ${size} entries`);
      else if (
        !isIncluded(
          leafHash(openedEntry(opening)),
          index,
          size,
          inclusionProof(subtree, index, size),
          root,
        )
      )
        faults.push(`event ${number} is not what the log has in its place`);
    }
    return faults;
  }
}

function eventOf(opening: Opening): Buffer {
  const event = Buffer.alloc(EVENT_BYTES);
  event.set(opening.form === 'open' ? opening.event : opening.shown);
  return event;
}
