import { ExactSum } from '../../analysis/exact-sum.ts';
import { ByPosition } from '../../analysis/values-by-position.ts';
import { EventCursor } from '../../core/settlement/event-cursor.ts';
import {
  EVENT_OFFSETS as AT,
  EVENT_KINDS,
  kindNumbers,
  MECHANISMS,
} from '../../core/settlement/events.ts';
import type { EventOf } from '../../core/settlement/settlement-event.ts';
import { isLegType, isPaymentType, MESSAGE_TYPES } from '../../protocol/messages/message-types.ts';
import { settlesOnEntry } from '../../protocol/records/event-payment.ts';

const KIND = EVENT_KINDS;
const ENTRY = MECHANISMS.indexOf('entry');
const IS_PAYMENT_TYPE = MESSAGE_TYPES.map((_, type) => isPaymentType(type));
/** With these a payment waits no more. */
const LEAVES = kindNumbers([
  ...(['accepted', 'settled', 'rejected', 'noticed', 'cancelled', 'unwound'] as const),
]);
/** Events of a cycle, which its set may have. */
const OF_CYCLE = kindNumbers([
  ...(['settled', 'cycled', 'netted', 'defaulted', 'lossShared', 'heldUp', 'setRefused'] as const),
]);

/** What waits in a currency, by currency debited, at the most. */
export interface QueuePeak {
  readonly payments: number;
  readonly valueMinor: bigint;
}

/** A span in which the queues stood still, as far as cycles can tell. */
export interface Standstill {
  readonly fromMs: number;
  readonly untilMs: number;
  /** Payments that the cycle settled (gridlock), or left (deadlock). */
  readonly payments: number;
}

/** The currency of a cycle; null: all that are resolved together. */
type Scope = number | null;

/** A payment that waits, and since when; a leg that looks for its mirror stands in no queue. */
interface Waiting {
  readonly currency: number;
  /** Of what it debits: x 2^32, and the rest. */
  readonly high: number;
  readonly low: number;
  sinceMs: number;
  isLooking: boolean;
}

interface Queue {
  payments: number;
  /** Of them, legs that look for their mirror. */
  looking: number;
  readonly value: ExactSum;
  peakPayments: number;
  readonly peak: ExactSum;
}

/**
 * Folds a pool's events into the peaks of its queues, its gridlocks and its deadlocks.
 *
 * A **gridlock** is a set that a cycle settles: alone none of it could, together all of it could. It
 * is taken to last from when its last payment began to wait, but no longer than since the cycle before
 * (which would have settled it), to the cycle: that is the longest that it can have lasted.
 * A **deadlock** is a cycle that finds payments waiting and no set of them that settles. It lasts to
 * the first settlement of one of them, or until none waits or no currency is open. Cycles that find
 * the same again lengthen it and are not counted. A **gridlock left** is a cycle that finds a set, and
 * whose mechanism settles none of it; it lasts as a deadlock does.
 */
export class QueueBook {
  readonly gridlocks: Standstill[] = [];
  readonly deadlocks: Standstill[] = [];
  readonly gridlocksLeft: Standstill[] = [];
  readonly #waiting = new ByPosition<Waiting>();
  readonly #queues = new Map<number, Queue>();
  #looking = 0;
  #lastMs = 0;
  readonly #openCurrencies = new Set<number>();
  /** What lasts, by the currency of its cycles, and the list that it ends in. */
  readonly #lasting = new Map<
    Scope,
    { readonly fromMs: number; readonly payments: number; readonly into: Standstill[] }
  >();
  readonly #lastCycleMs = new Map<Scope, number>();
  /** The set that is being settled: its cycle, when its last payment began to wait. */
  #set: { cycle: number; scope: Scope; atMs: number; fromMs: number; payments: number } | null =
    null;

  peak(currency: number): QueuePeak {
    const queue = this.#queues.get(currency);
    return { payments: queue?.peakPayments ?? 0, valueMinor: queue?.peak.value ?? 0n };
  }

  /** @param events bytes, as events.ts lays them out */
  fold(events: Uint8Array): void {
    const event = new EventCursor(events);
    while (event.next()) {
      this.#lastMs = event.timeMs;
      // Most payments settle as they come in, and no queue knows of them.
      if (this.#set === null && settlesOnEntry(event)) continue;
      if (this.#set !== null && !this.#isOfSet(event)) this.#closeSet();
      if (event.kind === KIND.cycled) this.#cycled(event.read() as EventOf<'cycled'>);
      else if (event.kind === KIND.opened) this.#openCurrencies.add(event.currency1);
      else if (event.kind === KIND.closed) this.#closed(event);
      else if (IS_PAYMENT_TYPE[event.messageType]) this.#payment(event);
    }
  }

  /** Nothing follows: what lasts ends with the last event. */
  end(): void {
    this.#closeSet();
    for (const scope of [...this.#lasting.keys()]) this.#endLasting(scope, this.#lastMs);
  }

  #isOfSet(event: EventCursor): boolean {
    return OF_CYCLE.has(event.kind) && event.cycle === this.#set?.cycle;
  }

  #payment(event: EventCursor): void {
    const { kind } = event;
    // What a close carries over waits already; the second leg of a pair never joins, for the same reason.
    if (kind === KIND.queued) this.#join(event, isLegType(event.messageType));
    else if (kind === KIND.matched) this.#matched(event);
    else if (LEAVES.has(kind) && !settlesOnEntry(event)) {
      const waiting = this.#waiting.get(event.paymentPosition);
      if (!waiting) return;
      if (kind === KIND.settled) this.#settled(event, waiting);
      this.#leave(event, waiting);
    }
  }

  /** Of a matched pair the leg that came first stands for both, and waits from now on. */
  #matched(event: EventCursor): void {
    const waiting = this.#waiting.get(event.paymentPosition);
    if (waiting?.isLooking) this.#found(event, waiting);
    // The leg that completes a chain comes with this event, and waits like the others.
    else if (event.legCount > 0) this.#join(event, false);
  }

  #found({ timeMs }: EventCursor, waiting: Waiting): void {
    waiting.isLooking = false;
    waiting.sinceMs = timeMs;
    this.#queue(waiting.currency).looking -= 1;
    this.#looking -= 1;
  }

  #join(event: EventCursor, isLooking: boolean): void {
    const { paymentPosition, currency1, timeMs } = event;
    const high = event.high(AT.amount1);
    const low = event.low(AT.amount1);
    this.#waiting.set(paymentPosition, {
      currency: currency1,
      high,
      low,
      sinceMs: timeMs,
      isLooking,
    });
    const queue = this.#queue(currency1);
    queue.payments += 1;
    queue.looking += isLooking ? 1 : 0;
    this.#looking += isLooking ? 1 : 0;
    queue.value.addHalves(high, low);
    if (queue.payments > queue.peakPayments) queue.peakPayments = queue.payments;
    if (queue.peak.isBelow(queue.value)) queue.peak.set(queue.value);
  }

  #leave({ paymentPosition, timeMs }: EventCursor, waiting: Waiting): void {
    const { currency, high, low, isLooking } = waiting;
    this.#waiting.delete(paymentPosition);
    const queue = this.#queue(currency);
    queue.payments -= 1;
    queue.looking -= isLooking ? 1 : 0;
    this.#looking -= isLooking ? 1 : 0;
    queue.value.subtractHalves(high, low);
    if (this.#lasting.size === 0) return;
    // What ends is deleted: a map allows it.
    for (const scope of this.#lasting.keys())
      if (this.#waitingIn(scope) === 0) this.#endLasting(scope, timeMs);
  }

  #waitingIn(scope: Scope): number {
    if (scope === null) return this.#waiting.size - this.#looking;
    const { payments, looking } = this.#queue(scope);
    return payments - looking;
  }

  #queue(currency: number): Queue {
    let queue = this.#queues.get(currency);
    if (!queue) {
      queue = {
        ...{ payments: 0, looking: 0, value: new ExactSum() },
        ...{ peakPayments: 0, peak: new ExactSum() },
      };
      this.#queues.set(currency, queue);
    }
    return queue;
  }

  /** A waiting payment settles: whatever held it, holds it no more. */
  #settled(event: EventCursor, { currency, sinceMs }: Waiting): void {
    if (this.#set !== null) this.#set.fromMs = Math.max(this.#set.fromMs, sinceMs);
    // What settles on arrival, or on meeting its mirror, waited in no queue.
    if (event.mechanism === ENTRY || this.#lasting.size === 0) return;
    for (const scope of this.#lasting.keys())
      if (scope === null || scope === currency) this.#endLasting(scope, event.timeMs);
  }

  #cycled({
    mechanism,
    outcome,
    currency: scope,
    timeMs,
    cycle,
    settled,
    left,
  }: EventOf<'cycled'>) {
    // What is proposed need be no gridlock.
    if (mechanism === 'deferredNet' || mechanism === 'proposed') return;
    const before = this.#lastCycleMs.get(scope) ?? Number.NEGATIVE_INFINITY;
    this.#lastCycleMs.set(scope, timeMs);
    if (outcome === 'resolved')
      this.#set = { cycle, scope, atMs: timeMs, fromMs: before, payments: settled };
    if (outcome !== 'deadlock' && outcome !== 'gridlock') return;
    const into = outcome === 'deadlock' ? this.deadlocks : this.gridlocksLeft;
    const lasting = this.#lasting.get(scope);
    if (lasting?.into === into) return;
    // New payments made a gridlock of the deadlock.
    if (lasting) this.#endLasting(scope, timeMs);
    this.#lasting.set(scope, { fromMs: timeMs, payments: left, into });
  }

  #closeSet(): void {
    if (this.#set === null) return;
    const { fromMs, atMs, payments } = this.#set;
    this.gridlocks.push({ fromMs, untilMs: atMs, payments });
    this.#set = null;
  }

  #endLasting(scope: Scope, untilMs: number): void {
    const lasting = this.#lasting.get(scope);
    if (!lasting) return;
    this.#lasting.delete(scope);
    const { fromMs, payments, into } = lasting;
    into.push({ fromMs, untilMs, payments });
  }

  #closed({ currency1: currency, timeMs }: EventCursor): void {
    this.#openCurrencies.delete(currency);
    for (const scope of [...this.#lasting.keys()])
      if (scope === currency || this.#openCurrencies.size === 0) this.#endLasting(scope, timeMs);
  }
}
