import { legsOf } from '../analysis/credit-and-limits-book.ts';
import { type AccountKey, accountKey } from '../analysis/ledger.ts';
import { NO_CURRENCY } from '../core/settlement/events.ts';
import type { QueuedPayment } from '../core/settlement/queue-state.ts';
import type { EventOf } from '../core/settlement/settlement-event.ts';
import { isLegType } from '../protocol/messages/message-types.ts';
import type { MessageEvent } from '../protocol/records/event-payment.ts';
import { EVENT_STATUS } from '../protocol/records/event-status.ts';

/**
 * Payments of one pool that have not ended, and the queues in which they stand. A payment in two
 * currencies stands in its payer's queue and in its dealer's; the two legs of a matched PvP are one,
 * for which the leg stands that came first.
 */
export interface OpenPayment {
  readonly position: number;
  readonly id: Uint8Array;
  readonly messageType: number;
  readonly debtorAgent: number;
  readonly creditorAgent: number;
  readonly dealer: number;
  readonly currency1: number;
  readonly currency2: number;
  readonly amount1: bigint;
  readonly amount2: bigint;
  readonly submittedAtMs: number;
  priority: number;
  /** `conditional`: of a chain that is complete, and whose condition is not met. */
  state: 'queued' | 'unmatched' | 'conditional' | 'accepted';
  partner: OpenPayment | null;
  /** Came after its partner: no payment of its own. */
  isSecondLeg: boolean;
  /** Of a leg of a chain that is complete all its legs, leg 1 first, which stands in the queues for them. */
  chain: OpenPayment[] | null;
  /** Of a matched leg, in which currency the other pays, also when that has ended; else NO_CURRENCY. */
  otherCurrency: number;
  /** Rises in the order in which payments joined their queues. */
  order: number;
}

interface Queue {
  /** By class. */
  readonly classes: readonly [
    Map<number, OpenPayment>,
    Map<number, OpenPayment>,
    Map<number, OpenPayment>,
  ];
  /** Those that the account itself pays. */
  readonly own: Map<number, OpenPayment>;
  value: bigint;
}

/** What waits in others' queues in an account's favour. */
interface Incoming {
  count: number;
  value: bigint;
}

/** What a re-ordering asked for. */
export interface Reordering {
  readonly priority: number;
  readonly atFront: boolean;
}

/** What an event changes, for who counts payments. */
export interface PaymentChange {
  /** The first that the log tells of it. */
  readonly isNew: boolean;
  /** The later leg of a matched pair. */
  readonly isSecondLeg: boolean;
  readonly submittedAtMs: number;
  readonly status: string;
}

export class OpenPaymentBook {
  readonly #open = new Map<number, OpenPayment>();
  readonly #queues = new Map<AccountKey, Queue>();
  readonly #incoming = new Map<AccountKey, Incoming>();
  readonly #counts = { queued: 0, accepted: 0 };
  readonly #waiting = new Map<number, number>();
  #order = 0;
  #front = 0;
  readonly changed = new Set<AccountKey>();
  readonly #isAwaited: (lead: number) => boolean;

  /** @param isAwaited whether a chain that is complete, by the position of its leg 1, waits for its condition */
  constructor(isAwaited: (lead: number) => boolean = () => false) {
    this.#isAwaited = isAwaited;
  }

  /** Payments, a pair of legs counted once: waiting, and accepted for netting. */
  get counts(): { readonly queued: number; readonly accepted: number } {
    return this.#counts;
  }

  /** Payments that wait and would debit the currency, a pair of legs counted once. */
  waitingIn(currency: number): number {
    return this.#waiting.get(currency) ?? 0;
  }

  payment(position: number): OpenPayment | undefined {
    return this.#open.get(position);
  }

  queue(key: AccountKey): Queue | undefined {
    return this.#queues.get(key);
  }

  /** Null where the event is about no payment's status. */
  take(event: MessageEvent): PaymentChange | null {
    const status = EVENT_STATUS[event.kind];
    if (!status) return null;
    const known = this.#open.get(event.paymentPosition);
    if (event.kind === 'matched') this.#match(event);
    else if (isWaiting(event)) this.#wait(event, known);
    else if (known) this.#end(known);
    const open = this.#open.get(event.paymentPosition) ?? known;
    return {
      isNew: known === undefined,
      isSecondLeg: open?.isSecondLeg ?? false,
      submittedAtMs: open?.submittedAtMs ?? event.timeMs,
      status,
    };
  }

  #wait(event: WaitingEvent, known: OpenPayment | undefined): void {
    const payment = known ?? this.#add(event);
    const state = event.kind === 'accepted' ? 'accepted' : stateOf(payment);
    if (state === payment.state && known) return;
    this.#count(payment, -1);
    this.#leave(payment);
    payment.state = state;
    this.#count(payment, 1);
    if (state === 'queued') this.#join(payment);
  }

  #add(event: WaitingEvent | EventOf<'matched'>): OpenPayment {
    const payment: OpenPayment = {
      position: event.paymentPosition,
      id: Uint8Array.from(event.id),
      messageType: event.messageType,
      debtorAgent: event.debtorAgent,
      creditorAgent: event.creditorAgent,
      dealer: event.dealer,
      currency1: event.currency1,
      currency2: event.currency2,
      amount1: event.amount1,
      amount2: event.amount2,
      submittedAtMs: event.timeMs,
      priority: event.priority,
      ...{ state: 'unmatched', partner: null, isSecondLeg: false, order: 0 },
      otherCurrency: NO_CURRENCY,
      chain: null,
    };
    this.#open.set(payment.position, payment);
    this.#count(payment, 1);
    return payment;
  }

  /** The event of the later leg comes first; then that of the leg that waited. */
  #match(event: EventOf<'matched'>): void {
    const payment = this.#open.get(event.paymentPosition) ?? this.#add(event);
    if (event.legCount > 0) {
      this.#link(payment, event);
      return;
    }
    const other = this.#open.get(event.mate);
    if (!other || payment.partner) return;
    const [first, second] = payment.position < other.position ? [payment, other] : [other, payment];
    this.#count(second, -1);
    second.isSecondLeg = true;
    payment.partner = other;
    other.partner = payment;
    payment.otherCurrency = other.currency1;
    other.otherCurrency = payment.currency1;
    first.state = 'queued';
    second.state = 'queued';
    this.#join(first);
  }

  /** Of a chain one leg after the other has the event, leg 1 first. */
  #link(payment: OpenPayment, { mate, legCount }: EventOf<'matched'>): void {
    const chain = this.#open.get(mate)?.chain ?? [];
    chain.push(payment);
    payment.chain = chain;
    const isAwaited = this.#isAwaited(mate);
    payment.state = isAwaited ? 'conditional' : 'queued';
    if (chain.length === legCount && !isAwaited) this.#join(leadOf(payment));
  }

  /** The condition of a chain is met: with the event of its last leg it comes into the queues. */
  meet({ paymentPosition, legNumber, legCount }: EventOf<'triggered'>): void {
    const payment = this.#open.get(paymentPosition);
    if (payment?.state !== 'conditional') return;
    payment.state = 'queued';
    if (legNumber === legCount) this.#join(leadOf(payment));
  }

  #end(payment: OpenPayment): void {
    const { partner, chain } = payment;
    this.#count(payment, -1);
    this.#leave(leadOf(payment));
    this.#open.delete(payment.position);
    for (const leg of chain ?? []) leg.chain = null;
    if (!partner) return;
    // What is left of a pair stands nowhere until its own end is told.
    partner.partner = null;
    payment.partner = null;
  }

  #count({ state, isSecondLeg, currency1 }: OpenPayment, by: 1 | -1): void {
    if (isSecondLeg) return;
    if (state === 'accepted') {
      this.#counts.accepted += by;
      return;
    }
    this.#counts.queued += by;
    this.#waiting.set(currency1, this.waitingIn(currency1) + by);
  }

  /** Debits of the payment, its partner's among them. */
  #debits(payment: OpenPayment): { key: AccountKey; own: OpenPayment | null; value: bigint }[] {
    return legsOf(payment).map(({ debtor, currency, amount }, index) => ({
      key: accountKey(debtor, currency),
      own: index === 0 ? payment : null,
      value: amount,
    }));
  }

  #places(payment: OpenPayment) {
    return wholeOf(payment).flatMap((one) => this.#debits(one));
  }

  #join(payment: OpenPayment, atFront = false): void {
    this.#credit(payment, 1);
    if (atFront) this.#front -= 1;
    else this.#order += 1;
    payment.order = atFront ? this.#front : this.#order;
    const own = classOf(payment);
    for (const { key, own: payer, value } of this.#places(payment)) {
      const queue = this.#queueAt(key);
      const line = queue.classes[own];
      if (atFront) {
        const behind = [...line];
        line.clear();
        line.set(payment.position, payment);
        for (const [position, one] of behind) line.set(position, one);
      } else line.set(payment.position, payment);
      if (payer && !queue.own.has(payer.position)) {
        queue.own.set(payer.position, payer);
        queue.value += value;
      }
      this.changed.add(key);
    }
  }

  #leave(payment: OpenPayment): void {
    if (this.#stands(payment)) this.#credit(payment, -1);
    for (const { key, own, value } of this.#places(payment)) {
      const queue = this.#queues.get(key);
      if (!queue) continue;
      for (const line of queue.classes) line.delete(payment.position);
      if (own && queue.own.delete(own.position)) queue.value -= value;
      this.changed.add(key);
    }
  }

  #credit(payment: OpenPayment, by: 1 | -1): void {
    for (const { creditor, currency, amount } of queuedPayment(payment).legs) {
      const key = accountKey(creditor, currency);
      const incoming = this.#incoming.get(key) ?? { count: 0, value: 0n };
      incoming.count += by;
      incoming.value += BigInt(by) * amount;
      this.#incoming.set(key, incoming);
      this.changed.add(key);
    }
  }

  incoming(key: AccountKey): Readonly<Incoming> {
    return this.#incoming.get(key) ?? { count: 0, value: 0n };
  }

  #queueAt(key: AccountKey): Queue {
    let queue = this.#queues.get(key);
    if (!queue) {
      queue = { classes: [new Map(), new Map(), new Map()], own: new Map(), value: 0n };
      this.#queues.set(key, queue);
    }
    return queue;
  }

  /** @param reordering what the message asked for: of a pair the event tells the class of both */
  reorder({ paymentPosition }: EventOf<'reordered'>, reordering: Reordering): void {
    const payment = this.#open.get(paymentPosition);
    if (!payment) return;
    const lead = leadOf(payment);
    const stood = this.#stands(lead);
    if (stood) this.#leave(lead);
    payment.priority = reordering.priority;
    if (stood) this.#join(lead, reordering.atFront);
  }

  #stands(payment: OpenPayment): boolean {
    const [first] = this.#debits(payment);
    const queue = first && this.#queues.get(first.key);
    return queue?.classes.some((line) => line.has(payment.position)) ?? false;
  }

  /** The first of a queue. */
  head(key: AccountKey): OpenPayment | null {
    for (const line of this.#queues.get(key)?.classes ?? [])
      for (const payment of line.values()) return payment;
    return null;
  }

  /** Everything in the queues, as services/core reads it out of a core. */
  queuedPayments(): QueuedPayment[] {
    const leads = new Set<OpenPayment>();
    for (const { classes } of this.#queues.values())
      for (const line of classes) for (const payment of line.values()) leads.add(payment);
    return [...leads].sort((a, b) => a.order - b.order).map(queuedPayment);
  }

  /** All that has not ended. */
  open(): IterableIterator<OpenPayment> {
    return this.#open.values();
  }

  /** Currencies in which something stands in a queue. */
  queuedCurrencies(): Set<number> {
    const keys = [...this.#queues].filter(([, { own }]) => own.size > 0).map(([key]) => key);
    return new Set(keys.map((key) => key % 0x10000));
  }
}

type WaitingEvent = EventOf<'queued' | 'carriedOver' | 'accepted'>;

const isWaiting = (event: MessageEvent): event is WaitingEvent =>
  event.kind === 'queued' || event.kind === 'carriedOver' || event.kind === 'accepted';

/** A leg without its partner looks for it. */
const stateOf = ({ messageType, partner, chain, state }: OpenPayment) =>
  state === 'conditional'
    ? state
    : isLegType(messageType) && !partner && !chain
      ? 'unmatched'
      : 'queued';

/** What stands in the queues for a payment: of a pair the leg that came first, of a chain leg 1. */
export const leadOf = (payment: OpenPayment): OpenPayment =>
  payment.chain?.[0] ?? (payment.isSecondLeg && payment.partner ? payment.partner : payment);

/** What settles together with a payment that stands in the queues, itself first. */
export const wholeOf = (payment: OpenPayment): readonly OpenPayment[] =>
  payment.chain ?? (payment.partner ? [payment, payment.partner] : [payment]);

/** Of a pair or a chain, the least urgent of those asked for. */
const classOf = (payment: OpenPayment): 0 | 1 | 2 =>
  Math.min(2, Math.max(...wholeOf(payment).map(({ priority }) => priority))) as 0 | 1 | 2;

export const isConversion = ({ currency2 }: { readonly currency2: number }): boolean =>
  currency2 !== NO_CURRENCY;

export function queuedPayment(payment: OpenPayment): QueuedPayment {
  const { position, id } = payment;
  return {
    position,
    id: Buffer.from(id).toString('hex'),
    priority: classOf(payment),
    legs: wholeOf(payment).flatMap((one) => [...legsOf(one)]),
  };
}
