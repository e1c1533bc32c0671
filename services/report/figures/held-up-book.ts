import { type AccountKey, accountKey } from '../../analysis/ledger.ts';
import { LedgerBook, legsOf } from '../../analysis/ledger-book.ts';
import { EventCursor } from '../../core/settlement/event-cursor.ts';
import type { QueueLeg } from '../../core/settlement/queue-state.ts';
import type { EventOf, SettlementEvent } from '../../core/settlement/settlement-event.ts';
import { LEG, MESSAGE_TYPES } from '../../protocol/messages/instruction.ts';
import { bicOf, currencyOf, type Directory } from '../../protocol/names/directory.ts';
import { isPaymentEvent, type MessageEvent } from '../../protocol/records/event-payment.ts';

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
class Holder {
  readonly by: HeldUpFigures['by'];
  readonly account: AccountKey | null;
  /** By hour and currency debited. */
  readonly rows = new Map<number, Row>();

  constructor(by: HeldUpFigures['by'], account: AccountKey | null = null) {
    this.by = by;
    this.account = account;
  }
}

/** An account, as the payments that it debits stand to it. */
class Debited {
  readonly key: AccountKey;
  readonly funds: Holder;
  readonly limit: Holder;
  /** Payments that debit it and wait. */
  waiting = 0;
  /** What held the first of them at the last look, or since. */
  first: Holder | null = null;
  /** What a class can be paid with, as a look found it: the number of that look of a class. */
  available = 0n;
  lookedAt = 0;

  constructor(key: AccountKey) {
    this.key = key;
    this.funds = new Holder('funds', key);
    this.limit = new Holder('limit', key);
  }
}

interface WaitingLeg extends QueueLeg {
  readonly account: Debited;
}

interface Row {
  readonly holder: Holder;
  readonly hour: number;
  readonly debited: number;
  payments: number;
  valueMinor: bigint;
  heldUpMs: number;
}

interface Waiting {
  readonly currency: number;
  readonly minor: bigint;
  legs: readonly WaitingLeg[];
  isLooking: boolean;
  holder: Holder;
  sinceMs: number;
  /** Rows in which it is counted, of the hour that it was told of last. */
  counted: Row[];
}

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const LEG_TYPE = MESSAGE_TYPES.indexOf(LEG);

/**
 * Folds a pool's events into what held its payments up. A payment is looked at when it begins to wait
 * and then at each full minute; from one look to the next what was found is taken to hold it. The spans
 * add up to all that was waited.
 *
 * What holds it is the first account that it debits and that is short of its amount (the debtor's own,
 * then the dealer's or the other leg's), else the first whose limit it exceeds. If neither is, it waits
 * for its turn: then what holds the first payment of the queue in which it stands holds it too.
 */
export class HeldUpBook {
  readonly #directory: Directory;
  readonly #ledger = new LedgerBook();
  /** By currency: whether it is open. */
  readonly #open: boolean[] = [];
  /** By class, in the order in which they joined. */
  readonly #classes: readonly Map<number, Waiting>[] = [new Map(), new Map(), new Map()];
  readonly #accounts = new Map<AccountKey, Debited>();
  readonly #mirror = new Holder('mirror');
  readonly #closed = new Holder('closed');
  readonly #rules = new Holder('rules');
  readonly #rows: Row[] = [];
  #nextLookMs = Number.NEGATIVE_INFINITY;
  /** Classes looked at so far: funds are the same during a look at one. */
  #looks = 0;
  #lastMs = 0;

  constructor(directory: Directory) {
    this.#directory = directory;
  }

  /** @param events bytes, as events.ts lays them out */
  fold(events: Uint8Array): void {
    const event = new EventCursor(events);
    while (event.next()) {
      this.#lastMs = event.timeMs;
      if (event.timeMs > this.#nextLookMs) this.#look(event.timeMs);
      if (event.isTransfer()) {
        this.#ledger.takeTransfer(event);
        this.#leave(event);
      } else this.#take(event.read());
    }
  }

  /** Nothing follows: what still waits has waited up to the last event. */
  end(): void {
    for (const waiting of this.#all()) this.#tell(waiting, this.#lastMs);
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
    if (event.kind === 'opened') this.#open[event.currency] = true;
    else if (event.kind === 'closed') this.#open[event.currency] = false;
    else if (event.kind === 'reordered') this.#reorder(event);
    else if (isPaymentEvent(event)) this.#payment(event);
  }

  /** Nothing happened since the last event: as things stand, they stood after all of that instant. */
  #look(nowMs: number): void {
    const atMs = this.#nextLookMs;
    this.#nextLookMs = Math.ceil(nowMs / MINUTE_MS) * MINUTE_MS;
    for (const account of this.#accounts.values()) account.first = null;
    for (const [priority, payments] of this.#classes.entries()) {
      this.#looks += 1;
      for (const waiting of payments.values()) {
        const holder = this.#holderOf(waiting, priority);
        if (holder !== waiting.holder) {
          this.#tell(waiting, atMs);
          waiting.holder = holder;
        }
        if (waiting.isLooking) continue;
        for (const { account } of waiting.legs) account.first ??= holder;
      }
    }
  }

  /** As its accounts stand, and what holds the first of their queues. */
  #holderOf({ legs, isLooking }: Waiting, priority: number): Holder {
    if (isLooking) return this.#mirror;
    for (const { currency } of legs) if (!this.#open[currency]) return this.#closed;
    for (const { account, amount } of legs)
      if (this.#available(account, priority) < amount) return account.funds;
    if (this.#ledger.hasLimits)
      for (const leg of legs) if (this.#ledger.limitShortage(leg)) return leg.account.limit;
    for (const { account } of legs) if (account.first) return account.first;
    return this.#rules;
  }

  #available(account: Debited, priority: number): bigint {
    if (account.lookedAt !== this.#looks) {
      account.available = this.#ledger.available(account.key, priority) ?? 0n;
      account.lookedAt = this.#looks;
    }
    return account.available;
  }

  #legsOf(event: EventOf<'queued' | 'matched'>): WaitingLeg[] {
    return legsOf(event).map((leg) => ({ ...leg, account: this.#account(leg) }));
  }

  #account({ debtor, currency }: QueueLeg): Debited {
    const key = accountKey(debtor, currency);
    let account = this.#accounts.get(key);
    if (!account) {
      account = new Debited(key);
      this.#accounts.set(key, account);
    }
    return account;
  }

  #payment(event: MessageEvent): void {
    if (event.kind === 'queued') this.#join(event);
    else if (event.kind === 'matched') this.#match(event);
    // What a close carries over waits already; what was repeated is none of them.
    else if (event.kind !== 'carriedOver' && event.kind !== 'repeated') this.#leave(event);
  }

  #join(event: EventOf<'queued'>): void {
    const isLooking = event.messageType === LEG_TYPE;
    const { paymentPosition, priority, currency1: currency, amount1: minor, timeMs } = event;
    const waiting: Waiting = {
      currency,
      minor,
      legs: this.#legsOf(event),
      isLooking,
      sinceMs: timeMs,
      holder: this.#mirror,
      counted: [],
    };
    if (!isLooking) this.#stand(waiting, priority);
    this.#classes[priority]?.set(paymentPosition, waiting);
  }

  /** It stands in the queues from now on. */
  #stand(waiting: Waiting, priority: number): void {
    const { legs } = waiting;
    for (const { account } of legs) if (account.waiting === 0) account.first = null;
    // What is there is as after the last event, and not as at a look.
    this.#looks += 1;
    waiting.holder = this.#holderOf(waiting, priority);
    for (const { account } of legs) {
      if (account.waiting === 0) account.first = waiting.holder;
      account.waiting += 1;
    }
  }

  /**
   * Of a matched pair the leg that came first stands for both, in the less urgent class of the two. The
   * event of the later leg comes first and says all.
   */
  #match(event: EventOf<'matched'>): void {
    const { paymentPosition, mate, timeMs } = event;
    if (mate > paymentPosition) return;
    const later = this.#remove(paymentPosition);
    if (later) this.#tell(later.waiting, timeMs);
    const first = this.#remove(mate);
    if (!first) return;
    const { waiting } = first;
    this.#tell(waiting, timeMs);
    waiting.legs = [...waiting.legs, ...this.#legsOf(event)];
    waiting.isLooking = false;
    const priority = Math.max(first.priority, event.priority);
    this.#stand(waiting, priority);
    this.#classes[priority]?.set(mate, waiting);
  }

  #remove(position: number): { readonly waiting: Waiting; readonly priority: number } | null {
    for (const [priority, payments] of this.#classes.entries()) {
      const waiting = payments.get(position);
      if (waiting && payments.delete(position)) return { waiting, priority };
    }
    return null;
  }

  #leave({ paymentPosition, timeMs }: Pick<MessageEvent, 'paymentPosition' | 'timeMs'>): void {
    const waiting = this.#remove(paymentPosition)?.waiting;
    if (!waiting) return;
    this.#tell(waiting, timeMs);
    if (waiting.isLooking) return;
    for (const { account } of waiting.legs) account.waiting -= 1;
  }

  /** To the end of its new class; to which end of the same one events do not say. */
  #reorder({ paymentPosition, priority }: EventOf<'reordered'>): void {
    if (this.#classes[priority]?.has(paymentPosition)) return;
    const waiting = this.#remove(paymentPosition)?.waiting;
    if (waiting) this.#classes[priority]?.set(paymentPosition, waiting);
  }

  *#all(): Generator<Waiting, void> {
    for (const payments of this.#classes) yield* payments.values();
  }

  /** It was held up by its holder until now: by hour. */
  #tell(waiting: Waiting, untilMs: number): void {
    while (waiting.sinceMs < untilMs) {
      const hour = Math.floor(waiting.sinceMs / HOUR_MS);
      const endMs = Math.min(untilMs, (hour + 1) * HOUR_MS);
      const row = this.#row(waiting.holder, hour, waiting.currency);
      row.heldUpMs += endMs - waiting.sinceMs;
      waiting.sinceMs = endMs;
      if (waiting.counted[0]?.hour !== hour) waiting.counted = [];
      if (waiting.counted.includes(row)) continue;
      waiting.counted.push(row);
      row.payments += 1;
      row.valueMinor += waiting.minor;
    }
  }

  #row(holder: Holder, hour: number, debited: number): Row {
    const key = accountKey(hour, debited);
    let row = holder.rows.get(key);
    if (!row) {
      row = { ...{ holder, hour, debited }, ...{ payments: 0, valueMinor: 0n, heldUpMs: 0 } };
      holder.rows.set(key, row);
      this.#rows.push(row);
    }
    return row;
  }

  #figures({ holder, hour, debited, ...figures }: Row): HeldUpFigures {
    const { by, account } = holder;
    const owner = account === null ? null : this.#ledger.account(account);
    return {
      ...{ hourMs: hour * HOUR_MS, by },
      participant: owner ? bicOf(this.#directory, owner.participant) : '',
      currency: owner ? currencyOf(this.#directory, owner.currency) : '',
      debited: currencyOf(this.#directory, debited),
      ...figures,
    };
  }
}
