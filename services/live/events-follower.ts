import { EVENT_BYTES } from '../core/settlement/events.ts';
import type { Message } from '../protocol/names/message.ts';
import { EventChain } from '../protocol/records/event-chain.ts';
import { eventsMessages, readEventsHeaders } from '../protocol/records/events-message.ts';
import type { LoggedMessage } from './service-context.ts';

/** The topic holds something that cannot be part of the history read so far. */
export class HistoryFault extends Error {
  override readonly name = 'HistoryFault';
}

/**
 * Reads a pool's history from the messages of its events topic: skips the numbers that it has and
 * takes the rest only if its own digest agrees, so that it sees one history, the first in the topic,
 * whatever was written twice.
 */
export class EventsFollower {
  readonly #pool: string;
  readonly #chain: EventChain;

  /** @param chain where to go on; nothing else may append to it */
  constructor(pool: string, chain: EventChain = new EventChain()) {
    this.#pool = pool;
    this.#chain = chain;
  }

  /** A follower of its own at the same event. */
  copy(): EventsFollower {
    return new EventsFollower(this.#pool, this.#chain.copy());
  }

  /** Takes events that its owner computed, and gives the messages to write. */
  messages(events: Uint8Array): Message[] {
    return eventsMessages(this.#pool, this.#chain, events);
  }

  /** Number of the last event taken. */
  get count(): number {
    return this.#chain.count;
  }

  digest(): Buffer {
    return this.#chain.digest();
  }

  /** The events of the message that are new, none where all are known; throws a HistoryFault. */
  take(message: Pick<LoggedMessage, 'value' | 'headers' | 'logOffset'>): Uint8Array {
    const { firstNumber, count, digestBefore, digestAfter } = readEventsHeaders(message.headers);
    const fault = (text: string) =>
      new HistoryFault(
        `pool ${this.#pool}: the message at offset ${message.logOffset} of its events ${text}`,
      );
    if (message.value.length !== count * EVENT_BYTES)
      throw fault(`says ${count} events and holds ${message.value.length} bytes`);
    const known = this.#chain.count + 1 - firstNumber;
    if (known < 0)
      throw fault(`begins with number ${firstNumber}; ${this.#chain.count + 1} is missing`);
    if (known >= count) return message.value.subarray(0, 0);
    if (known === 0 && this.#chain.digest().toString('hex') !== digestBefore)
      throw fault(`follows another history than the one before it (number ${firstNumber})`);
    const events = message.value.subarray(known * EVENT_BYTES);
    this.#chain.append(events);
    // After this fault nobody may go on with the chain, so it need not be taken back.
    if (this.#chain.digest().toString('hex') !== digestAfter)
      throw fault(`contradicts what stands before it (numbers ${firstNumber} on)`);
    return events;
  }
}
