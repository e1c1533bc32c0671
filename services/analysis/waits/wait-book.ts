import { NO_CURRENCY } from '../../core/settlement/events.ts';
import type { CrossLimit, Valuation } from '../../core/settlement/queue-state.ts';
import type {
  EventOf,
  EventTerms,
  SettlementEvent,
} from '../../core/settlement/settlement-event.ts';
import { CHAIN_TYPE, LEG_TYPE } from '../../protocol/messages/message-types.ts';
import { instantOf } from '../../protocol/messages/settlement-times.ts';
import { type AccountKey, accountKey, Ledger } from '../ledger.ts';
import { accountAcross, excessAcross } from '../queues/cross-currency-limits.ts';
import { AccountQueue, ownMessage } from './account-queue.ts';
import { WaitChanges } from './changed-waits.ts';
import { LimitsInUse } from './limits-in-use.ts';
import { DuePayments } from './next-due-payment.ts';
import { UnmatchedChains } from './unmatched-chains.ts';
import {
  legOf,
  QueuedLeg,
  type RecordFacts,
  type StandingPayment,
  UNKNOWN_FACTS,
  type WaitingMessage,
  type WaitReason,
} from './waiting-message.ts';
import { differenceTold, reasonTold } from './which-reason-is-told.ts';

const NORMAL = 2;

/**
 * What waits in one pool, where, and why: from the pool's events, and from the records of what waits for
 * the dates and times that no event tells. Its queues are the core's (docs/settlement.md): a payment joins
 * at its event, at the opening of its currencies, at its earliest time.
 *
 * Between two records all holds. While the events of one record are being taken, what settles together is
 * told one by one: a reason is to be asked for when the record is over.
 */
export class WaitBook {
  readonly #facts: RecordFacts;
  readonly #ledger = new Ledger();
  readonly #limits = new LimitsInUse();
  readonly #changes = new WaitChanges();
  /** At their earliest times, and chains at the expiry of their earmarks. */
  readonly #due = new DuePayments();
  /** Chains that the last passing of time took the earmarks from, in order. */
  #expired: StandingPayment[] = [];
  readonly #chains = new UnmatchedChains<WaitingMessage>();
  readonly #messages = new Map<number, WaitingMessage>();
  readonly #bySender = new Map<number, Set<WaitingMessage>>();
  readonly #queues = new Map<AccountKey, AccountQueue>();
  /** In the order in which they came to wait. */
  readonly #outside = new Set<StandingPayment>();
  /** Business dates of the currencies that are open. */
  readonly #open = new Map<number, number>();
  readonly #bypasses = new Map<number, boolean>();
  #isBypassUsual = false;
  readonly #valuations = new Map<number, Valuation>();
  readonly #crossLimits = new Map<number, CrossLimit>();
  readonly #accountsOf = new Map<number, number[]>();
  readonly #holdersOf = new Map<number, number[]>();
  #number = 0;
  #timeMs = 0;

  constructor(facts: RecordFacts) {
    this.#facts = facts;
  }

  /** Number and time of the last event taken. */
  get number(): number {
    return this.#number;
  }

  get timeMs(): number {
    return this.#timeMs;
  }

  /** The queue rule of the genesis: it holds until a currency gets rules of its own. */
  usualRule(isBypass: boolean): void {
    this.#isBypassUsual = isBypass;
  }

  of(position: number): WaitingMessage | undefined {
    return this.#messages.get(position);
  }

  /** Of those that wait. */
  messages(): IterableIterator<WaitingMessage> {
    return this.#messages.values();
  }

  /** Messages whose reason may have changed since the last call. */
  changed(): readonly WaitingMessage[] {
    return this.#changes.take();
  }

  /** A bank's own in the order of its queues, by currency; behind them those that stand in no queue. */
  queueOf(participant: number): WaitingMessage[] {
    return this.placesOf(participant).map(({ message }) => message);
  }

  /** The same with the place of each among all that debit the account, from 1; null where it stands in no queue. */
  placesOf(participant: number): { message: WaitingMessage; place: number | null }[] {
    const all = this.#bySender.get(participant);
    if (!all) return [];
    const found: { message: WaitingMessage; place: number | null }[] = [];
    for (const currency of this.accountsOf(participant)) {
      let place = 0;
      for (const leg of this.#queues.get(accountKey(participant, currency)) ?? []) {
        place += 1;
        const message = ownMessage(leg);
        if (message) found.push({ message, place });
      }
    }
    for (const message of all)
      if (message.standing.place !== 'queued' || legOf(message).isEarmarked)
        found.push({ message, place: null });
    return found;
  }

  /** Currencies in which a participant has an account, by handle. */
  accountsOf(participant: number): readonly number[] {
    return [...(this.#accountsOf.get(participant) ?? [])].sort((a, b) => a - b);
  }

  /** Participants with an account in a currency, in the order in which they got it. */
  holdersOf(currency: number): readonly number[] {
    return this.#holdersOf.get(currency) ?? [];
  }

  take(event: SettlementEvent): void {
    this.#number = event.number;
    this.advance(event.timeMs);
    switch (event.kind) {
      case 'queued':
        this.#begin(event);
        break;
      case 'accepted':
        this.#accept(event);
        break;
      case 'matched':
        this.#match(event);
        break;
      case 'triggered':
        this.#meet(event);
        break;
      case 'earmarked':
        this.#setAside(event);
        break;
      case 'released':
        this.#release(event);
        break;
      case 'notEarmarked':
        this.#goOnWithout(event.paymentPosition);
        break;
      case 'carriedOver':
        this.#carryOver(event.paymentPosition);
        break;
      case 'settled':
        this.#book(event);
        this.#end(event.paymentPosition);
        break;
      case 'cancelled':
      case 'unwound':
        this.#end(event.paymentPosition);
        break;
      case 'reordered':
        this.#reorder(event);
        break;
      case 'opened':
        this.#open.set(event.currency, event.date);
        this.#letIn();
        break;
      case 'closed':
        this.#open.delete(event.currency);
        for (const { legs } of this.#outside) for (const leg of legs) this.#changes.mark(leg);
        break;
      case 'accountOpened':
        this.#noteAccount(event);
        break;
      case 'limitSet':
        this.#limits.set(event);
        this.#touch(event.participant, event.currency);
        break;
      case 'reservationSet':
        this.#limits.reserve(event);
        this.#touch(event.participant, event.currency);
        break;
      case 'rulesSet':
        this.#bypasses.set(event.currency, event.isBypass);
        this.#passOverCurrency(event.currency);
        break;
      case 'valuationSet':
        this.#valuations.set(event.currency, event);
        for (const participant of this.#crossLimits.keys()) this.#touchAll(participant);
        break;
      case 'crossLimitSet':
        if (event.aggregateShort === null && event.pooledCollateral === null)
          this.#crossLimits.delete(event.participant);
        else this.#crossLimits.set(event.participant, event);
        this.#touchAll(event.participant);
        break;
    }
    for (const { participant, currency } of this.#ledger.take(event))
      this.#touch(participant, currency);
  }

  /** Lets payments in whose earliest time has come by an instant, and ends earmarks that expire by it. */
  advance(timeMs: number): void {
    if (timeMs > this.#timeMs) this.#timeMs = timeMs;
    if (!this.#due.hasDue(timeMs)) return;
    this.#expired = [];
    for (let due = this.#due.takeDue(timeMs); due; due = this.#due.takeDue(timeMs)) {
      const { standing, atMs } = due;
      if (standing.earmark && standing.earmark.expiryMs <= atMs) this.#expire(standing);
      if (standing.isEarly && standing.earliestMs <= atMs) this.#comeIn(standing);
    }
  }

  #comeIn(standing: StandingPayment): void {
    standing.isEarly = false;
    if (!this.#mayStand(standing)) {
      // Its reason is another now, though it stands where it stood.
      for (const leg of standing.legs) this.#changes.mark(leg);
      return;
    }
    this.#outside.delete(standing);
    this.#join(standing);
  }

  /** That a chain goes on without is told where something was set aside alone, and a chain that ends ends by its events. */
  #expire(standing: StandingPayment): void {
    standing.earmark = null;
    this.#expired.push(standing);
    this.#standAnew(standing);
  }

  /** A chain whose legs stood by themselves, if it did, stands as one payment: behind all, or outside. */
  #standAnew(standing: StandingPayment): void {
    if (standing.place !== 'queued') return;
    this.#leave(standing);
    for (const leg of standing.legs) leg.isEarmarked = false;
    if (this.#mayStand(standing)) this.#join(standing);
    else this.#wait(standing);
  }

  #noteAccount({ participant, currency }: EventOf<'accountOpened'>): void {
    const own = this.#accountsOf.get(participant);
    if (own) own.push(currency);
    else this.#accountsOf.set(participant, [currency]);
    const holders = this.#holdersOf.get(currency);
    if (holders) holders.push(participant);
    else this.#holdersOf.set(currency, [participant]);
  }

  #newMessage(event: EventTerms & { readonly number: number; readonly timeMs: number }) {
    const { paymentPosition: position, currency1, currency2, amount1, debtorAgent } = event;
    const facts = this.#facts.payment(position) ?? UNKNOWN_FACTS;
    const { settlementDate, earliest } = facts;
    const standing: StandingPayment = {
      place: 'outside',
      priority: event.priority,
      settlementDate,
      earliestMs: earliest > 0 ? instantOf(settlementDate, earliest) : 0,
      isEarly: false,
      isConditional: facts.isConditional === true,
      earmark: facts.earmark ?? null,
      legs: [],
      messages: [],
    };
    const message: WaitingMessage = {
      position,
      // A view would keep all the events that were read with it.
      id: Uint8Array.from(event.id),
      messageType: event.messageType,
      sender: debtorAgent,
      counterparty: event.creditorAgent,
      currency: currency1,
      amount: amount1,
      sinceMs: event.timeMs,
      sinceEvent: event.number,
      standing,
    };
    standing.messages.push(message);
    const credited = currency2 === NO_CURRENCY ? event.creditorAgent : event.dealer;
    addLeg(message, currency1, debtorAgent, credited, amount1);
    if (currency2 !== NO_CURRENCY)
      addLeg(message, currency2, event.dealer, event.creditorAgent, event.amount2);
    this.#messages.set(position, message);
    const own = this.#bySender.get(debtorAgent);
    if (own) own.add(message);
    else this.#bySender.set(debtorAgent, new Set([message]));
    return message;
  }

  #begin(event: EventOf<'queued'>): void {
    const message = this.#newMessage(event);
    const { standing } = message;
    if (event.messageType === LEG_TYPE) standing.place = 'unmatched';
    else if (event.messageType === CHAIN_TYPE) this.#awaitLegs(message);
    else this.#stand(standing, event.timeMs);
  }

  /** A leg waits for those of its chain that have not come, and the others for one less. */
  #awaitLegs(message: WaitingMessage): void {
    message.standing.place = 'unmatched';
    const facts = this.#facts.payment(message.position) ?? UNKNOWN_FACTS;
    for (const other of this.#chains.add(message, facts)) this.#changes.mark(legOf(other));
  }

  /** A payment comes to wait: in the queues where it may. */
  #stand(standing: StandingPayment, timeMs: number): void {
    if (standing.earliestMs > timeMs) {
      standing.isEarly = true;
      this.#due.add(standing, standing.earliestMs);
    }
    const { earmark } = standing;
    if (earmark && earmark.expiryMs < Infinity) this.#due.add(standing, earmark.expiryMs);
    if (this.#mayStand(standing)) this.#join(standing);
    else this.#wait(standing);
  }

  #accept(event: EventOf<'accepted'>): void {
    const known = this.#messages.get(event.paymentPosition);
    if (known) this.#withdraw(known.standing);
    const { standing } = known ?? this.#newMessage(event);
    standing.isEarly = false;
    standing.place = 'accepted';
  }

  /** The second of a pair has the first event: both legs become one payment. */
  #match(event: EventOf<'matched'>): void {
    if (event.messageType === CHAIN_TYPE) {
      this.#link(event);
      return;
    }
    const first = this.#messages.get(event.mate);
    if (!first || this.#messages.has(event.paymentPosition)) return;
    const second = this.#newMessage(event);
    const { standing } = first;
    standing.earliestMs = Math.max(standing.earliestMs, second.standing.earliestMs);
    standing.priority = event.priority;
    standing.messages.push(second);
    second.standing = standing;
    addLeg(second, event.currency1, event.debtorAgent, event.creditorAgent, event.amount1);
    this.#stand(standing, event.timeMs);
  }

  /** Of a chain that is complete one leg after the other has the event, leg 1 first: they become one payment. */
  #link(event: EventOf<'matched'>): void {
    const message = this.#messages.get(event.paymentPosition) ?? this.#newMessage(event);
    this.#chains.remove(message);
    const own = message.standing;
    const lead = this.#messages.get(event.mate);
    if (!lead) return;
    const { standing } = lead;
    standing.priority =
      lead === message ? event.priority : Math.max(standing.priority, event.priority);
    if (lead !== message) {
      standing.earliestMs = Math.max(standing.earliestMs, own.earliestMs);
      standing.legs.push(...own.legs);
      standing.messages.push(message);
      message.standing = standing;
    }
    standing.place = 'linking';
    if (standing.legs.length < event.legCount) return;
    for (const leg of standing.legs) leg.isLinked = true;
    this.#stand(standing, event.timeMs);
  }

  /** The condition of a chain is met: its last leg has the last event. */
  #meet({ paymentPosition, legNumber, legCount }: EventOf<'triggered'>): void {
    const standing = this.#messages.get(paymentPosition)?.standing;
    if (!standing || legNumber < legCount) return;
    standing.isConditional = false;
    for (const leg of standing.legs) this.#changes.mark(leg);
    if (standing.place !== 'outside' || !this.#mayStand(standing)) return;
    this.#outside.delete(standing);
    this.#join(standing);
  }

  #legAt(position: number): QueuedLeg | null {
    const message = this.#messages.get(position);
    return message ? legOf(message) : null;
  }

  /** Its money is set aside: it waits in its queue no more, and nothing can pay with that money. */
  #setAside(event: EventOf<'earmarked'>): void {
    this.#limits.setAside(event);
    const leg = this.#legAt(event.paymentPosition);
    if (!leg) return;
    if (leg.payment.standing.place === 'queued') this.#leaveQueue(leg);
    leg.isEarmarked = true;
    this.#changes.mark(leg);
  }

  /** Its money is free again, and all of its chain: that goes on without earmarks, or the next events end it. */
  #release(event: EventOf<'released'>): void {
    this.#limits.release(event);
    const leg = this.#legAt(event.paymentPosition);
    if (!leg?.isEarmarked) return;
    const { standing } = leg.payment;
    this.#standAnew(standing);
    // What was set aside at the very instant, before its expiry: those that expire after it come behind it.
    const place = this.#expired.indexOf(standing);
    if (place >= 0) for (const later of this.#expired.slice(place + 1)) this.#standAnew(later);
  }

  /** A cap lets nothing be set aside for a chain that came in: its legs, each of which has an event, stand where they do as one payment. */
  #goOnWithout(position: number): void {
    const standing = this.#messages.get(position)?.standing;
    if (!standing?.earmark) return;
    standing.earmark = null;
    for (const leg of standing.legs) this.#changes.mark(leg);
    if (standing.place !== 'queued' || this.#mayStand(standing)) return;
    this.#leave(standing);
    this.#wait(standing);
  }

  /** Whether each leg waits by itself until its money is set aside. */
  isFunding({ earmark }: StandingPayment): boolean {
    return earmark !== null && this.#timeMs < earmark.expiryMs;
  }

  #carryOver(position: number): void {
    const standing = this.#messages.get(position)?.standing;
    if (standing?.place !== 'queued') return;
    this.#leave(standing);
    this.#wait(standing);
  }

  #wait(standing: StandingPayment): void {
    standing.place = 'outside';
    this.#outside.add(standing);
  }

  #reorder(event: EventOf<'reordered'>): void {
    const standing = this.#messages.get(event.paymentPosition)?.standing;
    if (!standing) return;
    const isQueued = standing.place === 'queued';
    if (isQueued) this.#leave(standing);
    standing.priority = event.priority;
    if (isQueued) this.#join(standing, this.#facts.movesToFront(event.position));
  }

  #withdraw(standing: StandingPayment): void {
    if (standing.place === 'queued') this.#leave(standing);
    else this.#outside.delete(standing);
  }

  #end(position: number): void {
    const message = this.#messages.get(position);
    if (!message) return;
    this.#messages.delete(position);
    this.#changes.forget(message);
    const own = this.#bySender.get(message.sender);
    own?.delete(message);
    if (own?.size === 0) this.#bySender.delete(message.sender);
    const { standing } = message;
    for (const other of this.#chains.remove(message)) this.#changes.mark(legOf(other));
    this.#withdraw(standing);
    standing.isEarly = false;
    standing.place = 'ended';
  }

  #book(event: EventOf<'settled'>): void {
    if (event.mechanism === 'deferredNet') return;
    if (event.mechanism === 'earmark') {
      this.#limits.bookSetAside(event);
      return;
    }
    const { currency1, currency2, amount1, amount2, priority } = event;
    const { debtorAgent, creditorAgent, dealer } = event;
    if (currency2 === NO_CURRENCY)
      this.#limits.book(currency1, debtorAgent, creditorAgent, amount1, priority);
    else {
      this.#limits.book(currency1, debtorAgent, dealer, amount1, priority);
      this.#limits.book(currency2, dealer, creditorAgent, amount2, priority);
    }
  }

  isOpenFor(currency: number, date: number): boolean {
    const open = this.#open.get(currency);
    return open !== undefined && date <= open;
  }

  #mayStand(standing: StandingPayment): boolean {
    const { isEarly, isConditional, earmark, legs, settlementDate } = standing;
    const isFunded = earmark?.when === 'acceptance' && this.isFunding(standing);
    return (
      !isEarly &&
      (!isConditional || isFunded) &&
      legs.every(({ currency }) => this.isOpenFor(currency, settlementDate))
    );
  }

  /** After an opening: in the order in which they came to wait. */
  #letIn(): void {
    for (const standing of this.#outside) {
      if (!this.#mayStand(standing)) {
        // It waits for something else now: its earliest time, or its other currency.
        for (const leg of standing.legs) this.#changes.mark(leg);
        continue;
      }
      this.#outside.delete(standing);
      this.#join(standing);
    }
  }

  #queueAt(participant: number, currency: number): AccountQueue {
    const key = accountKey(participant, currency);
    let queue = this.#queues.get(key);
    if (!queue) {
      queue = new AccountQueue(participant, currency);
      this.#queues.set(key, queue);
    }
    return queue;
  }

  #join(standing: StandingPayment, atFront = false): void {
    standing.place = 'queued';
    for (const leg of standing.legs) if (!leg.isEarmarked) this.#joinQueue(leg, atFront);
  }

  #joinQueue(leg: QueuedLeg, atFront: boolean): void {
    const queue = this.#queueAt(leg.debtor, leg.currency);
    const hadHigher = queue.hasHigher();
    leg.priority = leg.payment.standing.priority;
    queue.join(leg, atFront);
    this.#changes.mark(leg);
    this.#changes.mark(queue.behind(leg));
    if (!hadHigher && leg.priority < NORMAL) this.#passOver(queue);
  }

  #leave(standing: StandingPayment): void {
    standing.place = 'outside';
    for (const leg of standing.legs) if (!leg.isEarmarked) this.#leaveQueue(leg);
  }

  #leaveQueue(leg: QueuedLeg): void {
    const queue = this.#queueAt(leg.debtor, leg.currency);
    const behind = queue.behind(leg);
    queue.leave(leg);
    this.#changes.mark(behind);
    if (leg.priority < NORMAL && !queue.hasHigher()) this.#passOver(queue);
  }

  /** Where normal payments pass each other, each of them may have another reason. */
  #passOver(queue: AccountQueue): void {
    if (this.#isBypass(queue.currency)) this.#changes.passOver(queue);
  }

  #passOverCurrency(currency: number): void {
    for (const queue of this.#queues.values())
      if (queue.currency === currency && queue.length > 0) {
        this.#changes.mark(queue.head());
        this.#changes.passOver(queue);
      }
  }

  #isBypass(currency: number): boolean {
    return this.#bypasses.get(currency) ?? this.#isBypassUsual;
  }

  /** Something of an account has changed that decides what may leave it. */
  #touch(participant: number, currency: number): void {
    if (this.#crossLimits.size > 0 && this.#crossLimits.has(participant))
      this.#touchAll(participant);
    else this.#touchOne(participant, currency);
  }

  #touchAll(participant: number): void {
    for (const currency of this.#accountsOf.get(participant) ?? [])
      this.#touchOne(participant, currency);
  }

  #touchOne(participant: number, currency: number): void {
    const key = accountKey(participant, currency);
    const queue = this.#queues.get(key);
    if (!queue || queue.length === 0) return;
    this.#changes.mark(queue.head());
    if (queue.hasHigher() || !this.#isBypass(currency)) return;
    // Of payments with one leg money alone decides here: those that are left lack it.
    if (queue.hasLinked || this.#limits.bounds(key) || this.#crossLimits.has(participant))
      this.#changes.passOver(queue);
  }

  /** Whether normal payments of its queue pass each other, so that one before it need not hold it. */
  mayPass({ standing, currency }: WaitingMessage): boolean {
    return standing.priority === NORMAL && this.#isBypass(currency);
  }

  keyOf(message: WaitingMessage, wait: WaitReason): string {
    return differenceTold(message, wait, this);
  }

  /** Why a message waits, as of the last record whose events were taken. */
  waitOf(message: WaitingMessage): WaitReason {
    return reasonTold(message, this);
  }

  missing(message: WaitingMessage): readonly number[] | undefined {
    return this.#chains.missing(message);
  }

  /** What stands before a leg in its queue and may not be passed. */
  blocks(leg: QueuedLeg): WaitingMessage | null {
    if (leg.isEarmarked) return null;
    const queue = this.#queueAt(leg.debtor, leg.currency);
    let front = queue.before(leg);
    // Of a chain several legs may debit one account; while it is funded each stands by itself.
    const { standing } = leg.payment;
    if (!this.isFunding(standing))
      while (front?.payment.standing === standing) front = queue.before(front);
    if (front && leg.priority === NORMAL && this.#isBypass(leg.currency))
      front = queue.hasHigher() ? queue.lastHigher() : null;
    return front?.payment ?? null;
  }

  /** What its own account, class or limit lacks, or its bank in all currencies together. */
  lacks(leg: QueuedLeg) {
    const { currency, debtor, isEarmarked, payment } = leg;
    if (isEarmarked) return null;
    const short = this.#shortage(leg) ?? this.#shortageAcross(debtor, payment.standing);
    return short && { currency, ...short };
  }

  #shortage(leg: QueuedLeg) {
    const { currency, debtor, creditor, priority } = leg;
    const key = accountKey(debtor, currency);
    const isFunding = this.isFunding(leg.payment.standing);
    const amount = isFunding ? leg.amount : netOf(leg, null);
    // What comes in by the same chain counts against what goes out by it.
    if (amount <= 0n) return null;
    const account = this.#ledger.account(key);
    const usable = account
      ? account.balance - account.earmarked + account.creditLine + account.collateral
      : 0n;
    const kept = this.#limits.reservedAgainst(key, priority);
    const short = amount + kept - usable;
    if (short > 0n)
      return { kind: amount > usable ? 'balance' : 'reservation', amount: short } as const;
    return this.#limits.excess(key, creditor, amount, isFunding ? amount : netOf(leg, creditor));
  }

  /** What its bank lacks of what it may owe in all currencies together. */
  #shortageAcross(participant: number, { legs }: StandingPayment) {
    const limit = this.#crossLimits.get(participant);
    if (!limit) return null;
    const before = accountAcross();
    const after = accountAcross();
    for (const currency of this.#accountsOf.get(participant) ?? []) {
      const account = this.#ledger.account(accountKey(participant, currency));
      // What is set aside is owed already.
      const balance = account ? account.balance - account.earmarked : 0n;
      let moved = 0n;
      for (const leg of legs) {
        if (leg.currency !== currency) continue;
        if (leg.debtor === participant) moved -= leg.amount;
        if (leg.creditor === participant) moved += leg.amount;
      }
      const valuation = this.#valuations.get(currency);
      before.add(balance, valuation);
      after.add(balance + moved, valuation);
    }
    const unit = this.#valuations.get(limit.currency)?.weight ?? 0n;
    const [first] = excessAcross(limit, unit, before, after);
    return first ? { kind: first.by, amount: first.amount, currency: limit.currency } : null;
  }
}

/**
 * What the payment of a leg takes from the account that the leg debits, less what it brings there.
 * @param counterparty counts alone; null: all do
 */
function netOf(
  { payment, currency, debtor, amount }: QueuedLeg,
  counterparty: number | null,
): bigint {
  if (payment.messageType !== CHAIN_TYPE) return amount;
  let net = 0n;
  for (const leg of payment.standing.legs) {
    if (leg.currency !== currency) continue;
    const other = leg.debtor === debtor ? leg.creditor : leg.debtor;
    if (counterparty !== null && other !== counterparty) continue;
    if (leg.debtor === debtor) net += leg.amount;
    if (leg.creditor === debtor) net -= leg.amount;
  }
  return net;
}

function addLeg(
  payment: WaitingMessage,
  currency: number,
  debtor: number,
  creditor: number,
  amount: bigint,
): void {
  const { legs } = payment.standing;
  legs.push(new QueuedLeg(payment, currency, debtor, creditor, amount));
  if (legs.length > 1) for (const leg of legs) leg.isLinked = true;
}
