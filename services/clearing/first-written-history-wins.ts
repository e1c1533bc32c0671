import { EVENT_BYTES } from '../core/settlement/events.ts';
import { EventsFollower, HistoryFault } from '../live/events-follower.ts';
import type { LoggedMessage, LogPort } from '../live/service-context.ts';
import type { Message } from '../protocol/names/message.ts';
import { poolEvents } from '../protocol/names/topic-plan.ts';
import type { EventChain } from '../protocol/records/event-chain.ts';
import { readEventsHeaders } from '../protocol/records/events-message.ts';

/** Messages read together. */
const READ_MESSAGES = 64;

/** The events topic has another event than the one that its input gives. */
export class EventDiffers extends HistoryFault {
  /** 128 bytes: what the input gives. */
  readonly event: Uint8Array;
  /** What stands in the topic in its place. */
  readonly found: Uint8Array;

  constructor(message: string, event: Uint8Array, found: Uint8Array) {
    super(message);
    this.event = event;
    this.found = found;
  }
}

export interface Following {
  /** Events that stood in the topic and agree with what was computed. */
  readonly confirmed: number;
  /** Of these, in messages that this writer did not write. */
  readonly foreign: number;
}

/**
 * What clearing computed, held against what stands in the pool's events topic. The first history in
 * the topic wins: what was computed is `pending` until the topic has it, and bytes that differ are a
 * HistoryFault, after which the writer must stop.
 */
export class WrittenHistory {
  readonly #pool: string;
  readonly #log: LogPort;
  readonly #topic: string;
  #follower: EventsFollower;
  /** Offset of the next message of the topic to be looked at. */
  #next: number;
  /** Messages that were read and whose events are not all computed yet. */
  #ahead: LoggedMessage[] = [];
  #pending: Uint8Array[] = [];
  #pendingCount = 0;
  #lastOffset: number | null;

  /** @param from the chain at the event with which the message at `offset` ends */
  constructor(pool: string, log: LogPort, from?: { chain: EventChain; offset: number | null }) {
    this.#pool = pool;
    this.#log = log;
    this.#topic = poolEvents(pool);
    this.#follower = new EventsFollower(pool, from?.chain);
    this.#lastOffset = from?.offset ?? null;
    this.#next = this.#lastOffset === null ? 0 : this.#lastOffset + 1;
  }

  /** Offset of the message that ends with the event `confirmed`; null: there is none. */
  get lastOffset(): number | null {
    return this.#lastOffset;
  }

  /** Digest of the chain at the event `confirmed`. */
  digest(): Buffer {
    return this.#follower.digest();
  }

  /** Number of the last event that the topic has. */
  get confirmed(): number {
    return this.#follower.count;
  }

  /** Events computed that the topic has not. */
  get pending(): number {
    return this.#pendingCount;
  }

  /** Takes in what was computed, in order. */
  add(events: Uint8Array): void {
    if (events.length === 0) return;
    this.#pending.push(events);
    this.#pendingCount += events.length / EVENT_BYTES;
  }

  /** Position of the input record behind the first event that is not computed yet, if one is known. */
  get aheadOf(): number | null {
    const [message] = this.#ahead;
    if (!message) return null;
    const bytes = Buffer.from(message.value.buffer, message.value.byteOffset, message.value.length);
    return Number(bytes.readBigUInt64LE(bytes.length - EVENT_BYTES + 8));
  }

  /** Reads on as far as events are computed; `own` are the offsets that this writer wrote. */
  async follow(own: ReadonlySet<number> = new Set()): Promise<Following> {
    let confirmed = 0;
    let foreign = 0;
    for (;;) {
      if (this.#ahead.length === 0)
        this.#ahead = [...(await this.#log.read(this.#topic, 0, this.#next, READ_MESSAGES))];
      const [message] = this.#ahead;
      if (!message) break;
      const { firstNumber, count } = readEventsHeaders(message.headers);
      if (firstNumber + count - 1 > this.confirmed + this.#pendingCount) break;
      const events = this.#follower.take(message);
      this.#match(events, message.logOffset);
      this.#ahead.shift();
      this.#next = message.logOffset + 1;
      if (events.length > 0) this.#lastOffset = message.logOffset;
      confirmed += events.length / EVENT_BYTES;
      if (!own.has(message.logOffset)) foreign += events.length / EVENT_BYTES;
    }
    return { confirmed, foreign };
  }

  /** Takes events that stand in the topic off what is pending; they must be the same bytes. */
  #match(events: Uint8Array, logOffset: number): void {
    let at = 0;
    while (at < events.length) {
      const [own] = this.#pending;
      if (!own) throw new Error('events were followed that are not computed yet');
      const length = Math.min(own.length, events.length - at);
      const computed = own.subarray(0, length);
      const found = events.subarray(at, at + length);
      if (Buffer.compare(computed, found) !== 0) throw this.#differing(computed, found, logOffset);
      at += length;
      if (length === own.length) this.#pending.shift();
      else this.#pending[0] = own.subarray(length);
    }
    this.#pendingCount -= events.length / EVENT_BYTES;
  }

  #differing(computed: Uint8Array, found: Uint8Array, logOffset: number): EventDiffers {
    let at = 0;
    const one = (events: Uint8Array) => events.subarray(at, at + EVENT_BYTES);
    while (Buffer.compare(one(computed), one(found)) === 0) at += EVENT_BYTES;
    return new EventDiffers(
      `pool ${this.#pool}: the message at offset ${logOffset} of its events holds other events than this writer computes from the same input; the first in the topic stands, so this writer stops`,
      one(computed),
      one(found),
    );
  }

  /**
   * Writes what is pending into the topic. Where another writer was first, its events are what counts
   * and come back as foreign.
   */
  async write(reached: (point: string) => void): Promise<Following> {
    if (this.#pendingCount === 0) return { confirmed: 0, foreign: 0 };
    const { messages, after } = this.#messages();
    reached('clearing.beforeEvents');
    const placements = await this.#log.produce(this.#topic, messages);
    reached('clearing.afterEvents');
    const offsets = placements.map(({ logOffset }) => logOffset);
    const undisturbed =
      this.#ahead.length === 0 && offsets.every((offset, index) => offset === this.#next + index);
    if (!undisturbed) return this.follow(new Set(offsets));
    const confirmed = this.#pendingCount;
    this.#follower = after;
    this.#pending = [];
    this.#pendingCount = 0;
    this.#next += messages.length;
    this.#lastOffset = this.#next - 1;
    return { confirmed, foreign: 0 };
  }

  #messages(): { messages: Message[]; after: EventsFollower } {
    const events = this.#pending.length === 1 ? this.#pending[0] : Buffer.concat(this.#pending);
    const after = this.#follower.copy();
    const messages = after.messages(events as Uint8Array);
    return { messages, after };
  }
}
