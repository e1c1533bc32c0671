import { LedgerBook, legsOf, netFrom } from '../../analysis/credit-and-limits-book.ts';
import { ExactSum, highOf, lowOf } from '../../analysis/exact-sum.ts';
import {
  type AccountKey,
  accountKey,
  currencyOfKey,
  type Ledger,
  participantOfKey,
} from '../../analysis/ledger.ts';
import { ByPosition } from '../../analysis/values-by-position.ts';
import { EventCursor } from '../../core/settlement/event-cursor.ts';
import { EVENT_OFFSETS as AT, EVENT_KINDS, NO_CURRENCY } from '../../core/settlement/events.ts';
import type { QueueLeg } from '../../core/settlement/queue-state.ts';
import type { EventOf, SettlementEvent } from '../../core/settlement/settlement-event.ts';
import { isLegType, isPaymentType } from '../../protocol/messages/message-types.ts';
import { PRIORITIES } from '../../protocol/messages/priorities.ts';
import { bicOf, currencyOf, type DirectoryNames } from '../../protocol/names/handles-to-names.ts';
import {
  isPaymentEvent,
  type MessageEvent,
  settlesOnEntry,
} from '../../protocol/records/event-payment.ts';
import {
  byFunds,
  byLimit,
  CLOSED,
  type Debit,
  DebitedAccounts,
  heldBy,
  type Judge,
  MIRROR,
  NOBODY,
  RULES,
  WaitingLine,
} from './waiting-line.ts';

/** What held payments of one currency up in one hour. */
export interface HeldUpFigures {
  /** When the hour begins. */
  readonly hourMs: number;
  /**
   * `funds`: the account is short of one of them. `limit`: its owner's limit is. `mirror`: a leg looks
   * for the other bank's. `closed`: a currency of the payment is. `rules`: no account is short, and it
   * waits for its time or a cycle.
   */
  readonly by: 'funds' | 'limit' | 'mirror' | 'closed' | 'rules';
  /** The account that held them up; both empty where none did. */
  readonly participant: string;
  readonly currency: string;
  /** What they debit: of a pair the leg that came first. */
  readonly debited: string;
  readonly payments: number;
  readonly valueMinor: bigint;
  /** For how long in this hour, summed over the payments. */
  readonly heldUpMs: number;
}

/** One object for one holder, so that holders can be compared. */
interface Holder {
  readonly by: HeldUpFigures['by'];
  readonly account: AccountKey | null;
  /** By hour and currency debited. */
  readonly rows: Map<number, Row>;
  /** The row that was asked for last: mostly it is asked for again. */
  last: Row | null;
}

interface Row {
  readonly holder: Holder;
  readonly hour: number;
  readonly debited: number;
  payments: number;
  readonly value: ExactSum;
  heldUpMs: number;
}

/** A complete chain, in the order of its legs. */
interface Chain {
  readonly legs: readonly QueueLeg[];
  readonly members: Waiting[];
  /** The accounts that the legs debit. */
  readonly accounts: readonly number[];
  /** What it takes from these more than it brings there, above 0: x 2^32, and the rest. */
  readonly nets: readonly Debit[];
}

/** Of a leg. */
interface LegDebit extends Debit {
  account: number;
  creditor: number;
  high: number;
  low: number;
}

const NO_ROWS: Row[] = [];

/** Hundreds of thousands come and go: they are used again, and so lie near one another in memory. */
class Waiting {
  position = 0;
  currency = 0;
  /** x 2^32, and the rest. */
  high = 0;
  low = 0;
  priority = 0;
  /** What its legs debit. */
  debits: LegDebit[] = [];
  /** Of a leg of a complete chain. */
  chain: Chain | null = null;
  isLooking = false;
  /** Its place in the line of its class. */
  place = 0;
  /** A number of #holders. */
  holder: number = MIRROR;
  sinceMs = Number.NaN;
  /** The row in which it is counted of the hour that it was told of last, and others of that hour. */
  counted: Row | null = null;
  countedToo = NO_ROWS;
}

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;

/**
 * Folds a pool's events into what held its payments up. A payment is looked at when it begins to wait
 * and then at each full minute; from one look to the next what was found is taken to hold it. The spans
 * add up to all that was waited.
 *
 * What holds it is the first account that it debits and that is short of its amount (the debtor's own,
 * then the dealer's or the other leg's), else the first whose limit it exceeds. If neither is, it waits
 * for its turn: then what holds the first payment of the queue in which it stands holds it too. The legs of a
 * chain wait one by one and are held by the same: the first account, in leg order, from which the chain takes more
 * than is there and than it brings, and so on.
 */
export class HeldUpBook {
  readonly #directory: DirectoryNames;
  readonly #ledger: LedgerBook;
  readonly #accounts = new DebitedAccounts();
  readonly #waiting = new ByPosition<Waiting>();
  /** By class, in the order in which they joined. */
  readonly #lines = PRIORITIES.map(() => new WaitingLine<Waiting>());
  readonly #holders: Holder[] = (['mirror', 'closed', 'rules'] as const).map((by) => holder(by));
  readonly #rows: Row[] = [];
  /** That wait no more. */
  readonly #unused: Waiting[] = [];
  /** The legs of a chain that is complete, until all have been told. */
  #linking: EventOf<'matched'>[] = [];
  #nextLookMs = Number.NEGATIVE_INFINITY;
  #lastMs = 0;

  /** @param told a ledger that has each event before `take`; else this book has its own */
  constructor(directory: DirectoryNames, told: Ledger | null = null) {
    this.#directory = directory;
    this.#ledger = new LedgerBook(false, told);
  }

  /** @param events bytes, as events.ts lays them out */
  fold(events: Uint8Array): void {
    const event = new EventCursor(events);
    while (event.next()) {
      this.pass(event);
      this.take(event);
    }
  }

  /** Before an event is taken. */
  pass({ timeMs }: EventCursor): void {
    this.#lastMs = timeMs;
    if (timeMs > this.#nextLookMs) this.#look(timeMs);
  }

  take(event: EventCursor): void {
    if (event.isTransfer()) {
      this.#ledger.takeTransfer(event);
      if (!settlesOnEntry(event)) this.#leave(event);
    } else if (event.kind !== EVENT_KINDS.queued) this.#take(event.read());
    else if (isPaymentType(event.messageType)) this.#join(event, isLegType(event.messageType));
  }

  /** Nothing follows: what still waits has waited up to the last event. */
  end(): void {
    for (const line of this.#lines)
      for (const waiting of line.all()) this.#tell(waiting, this.#lastMs);
  }

  /** By hour; in it the longest first. */
  get rows(): HeldUpFigures[] {
    return this.#rows
      .filter(({ heldUpMs }) => heldUpMs > 0)
      .map((row) => this.#figures(row))
      .sort((a, b) => a.hourMs - b.hourMs || b.heldUpMs - a.heldUpMs);
  }

  #take(event: SettlementEvent): void {
    this.#ledger.take(event);
    this.#judge.hasLimits = this.#ledger.hasLimits;
    if (event.kind === 'opened') this.#accounts.open(event.currency, true);
    else if (event.kind === 'closed') this.#accounts.open(event.currency, false);
    else if (event.kind === 'reordered') this.#reorder(event);
    else if (isPaymentEvent(event)) this.#payment(event);
  }

  /** Nothing happened since the last event: as things stand, they stood after all of that instant. */
  #look(nowMs: number): void {
    const atMs = this.#nextLookMs;
    this.#nextLookMs = Math.ceil(nowMs / MINUTE_MS) * MINUTE_MS;
    this.#accounts.forgetFirst();
    for (const [priority, line] of this.#lines.entries()) {
      this.#accounts.lookAt(this.#ledger, priority);
      line.look(this.#accounts, this.#judge, (waiting, holder) => {
        this.#tell(waiting, atMs);
        waiting.holder = holder;
      });
    }
  }

  readonly #judge: Judge<Waiting> & { hasLimits: boolean } = {
    hasLimits: false,
    exceedsLimit: ({ debits, chain }) => {
      const together = chain?.legs ?? null;
      const leg = (together ?? debits.map((debit) => this.#leg(debit))).find((one) =>
        this.#ledger.limitShortage(one, together),
      );
      return leg ? this.#accounts.of(leg.debtor, leg.currency) : null;
    },
    holderOfChain: (waiting) => {
      const accounts = this.#accounts;
      const { accounts: debited, nets } = waiting.chain as Chain;
      if (!debited.every((account) => accounts.isOpen[account])) return CLOSED;
      const short = nets.find(({ account, high, low }) => accounts.isShort(account, high, low));
      if (short) return byFunds(short.account);
      const exceeded = this.#judge.hasLimits ? this.#judge.exceedsLimit(waiting) : null;
      if (exceeded !== null) return byLimit(exceeded);
      for (const account of debited) {
        const first = accounts.firstHolder(account);
        if (first !== NOBODY) return first;
      }
      return RULES;
    },
  };

  #payment(event: MessageEvent): void {
    if (event.kind === 'matched') this.#match(event);
    // What a close carries over waits already; what was repeated is none of them.
    else if (event.kind !== 'carriedOver' && event.kind !== 'repeated') this.#leave(event);
  }

  #join(
    event: EventCursor | EventOf<'matched'>,
    isLooking: boolean,
    chain: Chain | null = null,
  ): void {
    const waiting = this.#unused.pop() ?? new Waiting();
    if (event instanceof EventCursor) this.#told(event, waiting);
    else waiting.debits = this.#debits(legsOf(event));
    const { high, low } = waiting.debits[0] as LegDebit;
    waiting.position = event.paymentPosition;
    waiting.currency = event.currency1;
    waiting.high = high;
    waiting.low = low;
    waiting.priority = event.priority;
    waiting.chain = chain;
    waiting.isLooking = isLooking;
    waiting.holder = MIRROR;
    waiting.sinceMs = event.timeMs;
    waiting.counted = null;
    chain?.members.push(waiting);
    this.#enter(waiting);
    if (!isLooking) this.#stand(waiting);
  }

  #enter(waiting: Waiting): void {
    this.#waiting.set(waiting.position, waiting);
    const debits = waiting.isLooking ? NO_DEBITS : waiting.debits;
    this.#lines[waiting.priority]?.add(waiting, debits, waiting.chain !== null);
  }

  /** Of the legs of a payment that begins to wait: as legsOf, without a bigint for each of hundreds of thousands. */
  #told(event: EventCursor, waiting: Waiting): void {
    const { debtorAgent, creditorAgent, dealer, currency1, currency2 } = event;
    const isOne = currency2 === NO_CURRENCY;
    if (waiting.debits.length !== 1)
      waiting.debits = [{ account: 0, creditor: 0, high: 0, low: 0 }];
    const first = waiting.debits[0] as LegDebit;
    first.account = this.#accounts.of(debtorAgent, currency1);
    first.creditor = isOne ? creditorAgent : dealer;
    first.high = event.high(AT.amount1);
    first.low = event.low(AT.amount1);
    if (isOne) return;
    waiting.debits.push({
      account: this.#accounts.of(dealer, currency2),
      creditor: creditorAgent,
      high: event.high(AT.amount2),
      low: event.low(AT.amount2),
    });
  }

  #leg({ account, creditor, high, low }: LegDebit): QueueLeg {
    const key = this.#accounts.keys[account] as AccountKey;
    const amount = (BigInt(high) << 32n) + BigInt(low);
    return { debtor: participantOfKey(key), creditor, currency: currencyOfKey(key), amount };
  }

  #debits(legs: readonly QueueLeg[]): LegDebit[] {
    return legs.map((leg) => ({
      account: this.#accounts.of(leg.debtor, leg.currency),
      creditor: leg.creditor,
      high: highOf(leg.amount),
      low: lowOf(leg.amount),
    }));
  }

  /** It stands in the queues from now on. */
  #stand(waiting: Waiting): void {
    const accounts = this.#accounts;
    for (const { account } of waiting.debits)
      if (accounts.waiting[account] === 0) accounts.first[account] = NOBODY;
    // What is there is as after the last event, and not as at a look.
    accounts.lookAt(this.#ledger, waiting.priority);
    const line = this.#lines[waiting.priority] as WaitingLine<Waiting>;
    waiting.holder = line.lookAt(waiting.place, accounts, this.#judge);
    for (const { account } of waiting.debits) {
      if (accounts.waiting[account] === 0) accounts.first[account] = waiting.holder;
      accounts.waiting[account] = (accounts.waiting[account] as number) + 1;
    }
  }

  /**
   * Of a matched pair the leg that came first stands for both, in the less urgent class of the two. The
   * event of the later leg comes first and says all.
   */
  #match(event: EventOf<'matched'>): void {
    const { paymentPosition, mate, timeMs, legCount } = event;
    if (legCount > 0) {
      this.#matchLeg(event);
      return;
    }
    if (mate > paymentPosition) return;
    const later = this.#remove(paymentPosition);
    if (later) this.#tell(later, timeMs);
    const first = this.#remove(mate);
    if (!first) return;
    this.#tell(first, timeMs);
    first.debits = [...first.debits, ...this.#debits(legsOf(event))];
    first.isLooking = false;
    first.priority = Math.max(first.priority, event.priority);
    this.#enter(first);
    this.#stand(first);
  }

  /** Each leg of a chain waits by itself in the queue of the account that it debits, once all are told. */
  #matchLeg(event: EventOf<'matched'>): void {
    const looking = this.#remove(event.paymentPosition);
    if (looking) this.#tell(looking, event.timeMs);
    this.#linking.push(event);
    if (this.#linking.length < event.legCount) return;
    const chain = this.#chainOf(this.#linking.flatMap(legsOf));
    for (const leg of this.#linking) this.#join(leg, false, chain);
    this.#linking = [];
  }

  #chainOf(legs: readonly QueueLeg[]): Chain {
    const accounts = new Map(
      legs.map((leg) => [this.#accounts.of(leg.debtor, leg.currency), netFrom(legs, leg)]),
    );
    const nets = [...accounts].filter(([, net]) => net > 0n);
    return {
      ...{ legs, members: [], accounts: [...accounts.keys()] },
      nets: nets.map(([account, net]) => ({ account, high: highOf(net), low: lowOf(net) })),
    };
  }

  #remove(position: number): Waiting | undefined {
    const waiting = this.#waiting.get(position);
    if (!waiting) return undefined;
    this.#waiting.delete(position);
    this.#lines[waiting.priority]?.remove(waiting.place);
    return waiting;
  }

  #leave({ paymentPosition, timeMs }: Pick<MessageEvent, 'paymentPosition' | 'timeMs'>): void {
    const waiting = this.#remove(paymentPosition);
    if (!waiting) return;
    this.#tell(waiting, timeMs);
    if (!waiting.isLooking) {
      const { waiting: counts } = this.#accounts;
      for (const { account } of waiting.debits) counts[account] = (counts[account] as number) - 1;
    }
    // The legs of a chain know one another.
    if (waiting.chain === null) this.#unused.push(waiting);
  }

  /** To the end of its new class; to which end of the same one events do not say. Of a chain all legs go. */
  #reorder({ paymentPosition, priority }: EventOf<'reordered'>): void {
    const named = this.#waiting.get(paymentPosition);
    if (!named || named.priority === priority) return;
    for (const waiting of named.chain?.members ?? [named]) {
      this.#remove(waiting.position);
      waiting.priority = priority;
      this.#enter(waiting);
    }
  }

  /** It was held up by its holder until now: by hour. */
  #tell(waiting: Waiting, untilMs: number): void {
    while (waiting.sinceMs < untilMs) {
      const hour = Math.floor(waiting.sinceMs / HOUR_MS);
      const endMs = Math.min(untilMs, (hour + 1) * HOUR_MS);
      const holder = this.#holder(waiting.holder);
      const row = this.#row(holder, hour, waiting.currency);
      row.heldUpMs += endMs - waiting.sinceMs;
      waiting.sinceMs = endMs;
      if (waiting.counted?.hour !== hour) {
        waiting.counted = row;
        waiting.countedToo = NO_ROWS;
      } else if (waiting.counted === row || waiting.countedToo.includes(row)) continue;
      else if (waiting.countedToo === NO_ROWS) waiting.countedToo = [row];
      else waiting.countedToo.push(row);
      row.payments += 1;
      row.value.addHalves(waiting.high, waiting.low);
    }
  }

  /** By its number: see waiting-line.ts. */
  #holder(number: number): Holder {
    let known = this.#holders[number];
    if (!known) {
      const { account, by } = heldBy(number);
      known = holder(by, this.#accounts.keys[account] as AccountKey);
      this.#holders[number] = known;
    }
    return known;
  }

  #row(holder: Holder, hour: number, debited: number): Row {
    const { last } = holder;
    if (last !== null && last.hour === hour && last.debited === debited) return last;
    const key = accountKey(hour, debited);
    let row = holder.rows.get(key);
    if (!row) {
      row = { holder, hour, debited, payments: 0, value: new ExactSum(), heldUpMs: 0 };
      holder.rows.set(key, row);
      this.#rows.push(row);
    }
    holder.last = row;
    return row;
  }

  #figures({ holder, hour, debited, payments, value, heldUpMs }: Row): HeldUpFigures {
    const { by, account } = holder;
    const owner = account === null ? null : this.#ledger.account(account);
    return {
      ...{ hourMs: hour * HOUR_MS, by },
      participant: owner ? bicOf(this.#directory, owner.participant) : '',
      currency: owner ? currencyOf(this.#directory, owner.currency) : '',
      debited: currencyOf(this.#directory, debited),
      ...{ payments, valueMinor: value.value, heldUpMs },
    };
  }
}

const NO_DEBITS: readonly Debit[] = [];
const holder = (by: HeldUpFigures['by'], account: AccountKey | null = null): Holder => ({
  by,
  account,
  rows: new Map(),
  last: null,
});
