import { type AccountKey, accountKey } from '../../analysis/ledger.ts';
import { LedgerBook, legsOf } from '../../analysis/ledger-book.ts';
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

interface Holder {
  readonly by: HeldUpFigures['by'];
  readonly account: AccountKey | null;
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
  legs: readonly QueueLeg[];
  isLooking: boolean;
  holder: Holder;
  sinceMs: number;
  /** Rows in which it is counted, of the hour that it was told of last. */
  counted: Row[];
}

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const LEG_TYPE = MESSAGE_TYPES.indexOf(LEG);
const MIRROR: Holder = { by: 'mirror', account: null };
const CLOSED: Holder = { by: 'closed', account: null };
const RULES: Holder = { by: 'rules', account: null };

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
  readonly #open = new Set<number>();
  /** By class, in the order in which they joined. */
  readonly #classes: readonly Map<number, Waiting>[] = [new Map(), new Map(), new Map()];
  /** By account: payments that debit it and wait, and what held the first of them at the last look. */
  readonly #waiting = new Map<AccountKey, number>();
  #first = new Map<AccountKey, Holder>();
  readonly #holders = new Map<string, Holder>();
  readonly #rows = new Map<string, Row>();
  #nextLookMs = Number.NEGATIVE_INFINITY;
  #lastMs = 0;

  constructor(directory: Directory) {
    this.#directory = directory;
  }

  fold(events: readonly SettlementEvent[]): void {
    for (const event of events) this.#take(event);
  }

  /** Nothing follows: what still waits has waited up to the last event. */
  end(): void {
    for (const waiting of this.#all()) this.#tell(waiting, this.#lastMs);
  }

  /** By hour; in it the longest first. */
  get rows(): HeldUpFigures[] {
    return [...this.#rows.values()]
      .filter(({ heldUpMs }) => heldUpMs > 0)
      .map((row) => this.#figures(row))
      .sort((a, b) => a.hourMs - b.hourMs || b.heldUpMs - a.heldUpMs);
  }

  #take(event: SettlementEvent): void {
    this.#lastMs = event.timeMs;
    if (event.timeMs > this.#nextLookMs) this.#look(event.timeMs);
    this.#ledger.take(event);
    if (event.kind === 'opened') this.#open.add(event.currency);
    else if (event.kind === 'closed') this.#open.delete(event.currency);
    else if (event.kind === 'reordered') this.#reorder(event);
    else if (isPaymentEvent(event)) this.#payment(event);
  }

  /** Nothing happened since the last event: as things stand, they stood after all of that instant. */
  #look(nowMs: number): void {
    const atMs = this.#nextLookMs;
    this.#nextLookMs = Math.ceil(nowMs / MINUTE_MS) * MINUTE_MS;
    const first = new Map<AccountKey, Holder>();
    const funds = new Map<AccountKey, bigint>();
    for (const [priority, payments] of this.#classes.entries()) {
      funds.clear();
      for (const waiting of payments.values()) {
        const holder = this.#holderOf(waiting, priority, first, funds);
        if (holder !== waiting.holder) {
          this.#tell(waiting, atMs);
          waiting.holder = holder;
        }
        for (const leg of waiting.legs) {
          const account = accountOf(leg);
          if (!waiting.isLooking && !first.has(account)) first.set(account, holder);
        }
      }
    }
    this.#first = first;
  }

  /** @param funds of accounts that were asked for before: they are the same during a look */
  #holderOf(
    { legs, isLooking }: Waiting,
    priority: number,
    first: ReadonlyMap<AccountKey, Holder>,
    funds?: Map<AccountKey, bigint>,
  ): Holder {
    if (isLooking) return MIRROR;
    if (legs.some(({ currency }) => !this.#open.has(currency))) return CLOSED;
    for (const leg of legs) {
      const account = accountOf(leg);
      const available = funds?.get(account) ?? this.#ledger.available(account, priority) ?? 0n;
      funds?.set(account, available);
      if (available < leg.amount) return this.#holder('funds', account);
    }
    if (this.#ledger.hasLimits)
      for (const leg of legs)
        if (this.#ledger.limitShortage(leg)) return this.#holder('limit', accountOf(leg));
    for (const leg of legs) {
      const before = first.get(accountOf(leg));
      if (before) return before;
    }
    return RULES;
  }

  /** One object for one holder, so that holders can be compared. */
  #holder(by: 'funds' | 'limit', account: AccountKey): Holder {
    const name = `${by} ${account}`;
    const holder = this.#holders.get(name) ?? { by, account };
    this.#holders.set(name, holder);
    return holder;
  }

  #payment(event: MessageEvent): void {
    if (event.kind === 'queued') this.#join(event);
    else if (event.kind === 'matched') this.#match(event);
    // What a close carries over waits already; what was repeated is none of them.
    else if (event.kind !== 'carriedOver' && event.kind !== 'repeated') this.#leave(event);
  }

  #join(event: EventOf<'queued'>): void {
    const legs = legsOf(event);
    const isLooking = event.messageType === LEG_TYPE;
    const { paymentPosition, priority, currency1: currency, amount1: minor, timeMs } = event;
    const waiting: Waiting = {
      ...{ currency, minor, legs, isLooking, sinceMs: timeMs, holder: MIRROR, counted: [] },
    };
    if (!isLooking) this.#stand(waiting, priority);
    this.#classes[priority]?.set(paymentPosition, waiting);
  }

  /** It stands in the queues from now on. */
  #stand(waiting: Waiting, priority: number): void {
    const ahead = new Map<AccountKey, Holder>();
    for (const account of waiting.legs.map(accountOf)) {
      const holder = this.#first.get(account);
      if (holder && (this.#waiting.get(account) ?? 0) > 0) ahead.set(account, holder);
    }
    waiting.holder = this.#holderOf(waiting, priority, ahead);
    for (const account of waiting.legs.map(accountOf)) {
      const before = this.#waiting.get(account) ?? 0;
      if (before === 0) this.#first.set(account, waiting.holder);
      this.#waiting.set(account, before + 1);
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
    waiting.legs = [...waiting.legs, ...legsOf(event)];
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

  #leave({ paymentPosition, timeMs }: MessageEvent): void {
    const waiting = this.#remove(paymentPosition)?.waiting;
    if (!waiting) return;
    this.#tell(waiting, timeMs);
    if (waiting.isLooking) return;
    for (const account of waiting.legs.map(accountOf))
      this.#waiting.set(account, (this.#waiting.get(account) ?? 1) - 1);
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
    const name = `${holder.by} ${holder.account} ${hour} ${debited}`;
    let row = this.#rows.get(name);
    if (!row) {
      row = { ...{ holder, hour, debited }, ...{ payments: 0, valueMinor: 0n, heldUpMs: 0 } };
      this.#rows.set(name, row);
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

const accountOf = ({ debtor, currency }: QueueLeg): AccountKey => accountKey(debtor, currency);
