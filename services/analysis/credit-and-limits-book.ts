import type { EventCursor } from '../core/settlement/event-cursor.ts';
import { EVENT_OFFSETS as AT, MECHANISMS, NO_CURRENCY } from '../core/settlement/events.ts';
import type { QueueAccount, QueueLeg, QueueLimit } from '../core/settlement/queue-state.ts';
import type { EventOf, EventTerms, SettlementEvent } from '../core/settlement/settlement-event.ts';
import type { ExactSum } from './exact-sum.ts';
import { type AccountKey, accountKey, Ledger, type LedgerAccount } from './ledger.ts';
import type { Shortage } from './queues/queue-set.ts';

/** What it settles is set aside before. */
const EARMARK = MECHANISMS.indexOf('earmark');

interface Limit {
  readonly participant: number;
  readonly currency: number;
  readonly counterparty: number | null;
  limit: bigint;
  position: bigint;
}

/**
 * Accounts, credit, reservations and limits of one pool, from the events alone: definitions in
 * docs/settlement.md.
 */
export class LedgerBook {
  readonly #ledger: Ledger;
  /** Whether somebody else has the ledger take events before this book does. */
  readonly #isTold: boolean;
  readonly #limits = new Map<string, Limit>();
  /** What each leg that is set aside was counted on, by the position of its record. */
  readonly #countedOn = new Map<number, Limit>();
  /** What is kept for the urgent and for the high class. */
  readonly #reserved = new Map<AccountKey, readonly [bigint, bigint]>();
  /** Accounts that changed since they were last asked for, where somebody asks. */
  readonly changed = new Set<AccountKey>();
  readonly #notesChanges: boolean;

  /** @param told a ledger that has each event before this book takes it */
  constructor(notesChanges = true, told: Ledger | null = null) {
    this.#notesChanges = notesChanges;
    this.#ledger = told ?? new Ledger();
    this.#isTold = told !== null;
  }

  keys(): IterableIterator<AccountKey> {
    return this.#ledger.keys();
  }

  account(key: AccountKey): LedgerAccount | undefined {
    return this.#ledger.account(key);
  }

  accounts(): IterableIterator<LedgerAccount> {
    return this.#ledger.accounts();
  }

  isConserved(currency: number): boolean {
    return this.#ledger.isConserved(currency);
  }

  /** @returns accounts that it changed; none where the ledger is told */
  take(event: SettlementEvent): readonly LedgerAccount[] {
    const accounts = this.#isTold ? NONE_CHANGED : this.#ledger.take(event);
    if (this.#notesChanges)
      for (const { participant, currency } of accounts)
        this.changed.add(accountKey(participant, currency));
    if (event.kind === 'limitSet') this.#limit(event);
    else if (event.kind === 'reservationSet') this.#reserve(event);
    else if (event.kind === 'settled') this.#settled(event);
    else if (event.kind === 'earmarked') this.#setAside(event);
    else if (event.kind === 'released') this.#release(event);
    return accounts;
  }

  /** What is set aside uses and counts as if it had settled, but at the creditor's. */
  #setAside(event: EventOf<'earmarked'>): void {
    for (const leg of legsOf(event)) {
      const out = this.#limitOn(leg.debtor, leg.currency, leg.creditor);
      if (out) {
        out.position += leg.amount;
        this.#countedOn.set(event.paymentPosition, out);
      }
      this.#use(leg, event.priority);
    }
  }

  /** Counts back on the very limit, which may be there no more; a reservation that was used stays used. */
  #release({ paymentPosition, amount1 }: EventOf<'released'>): void {
    const out = this.#countedOn.get(paymentPosition);
    if (out) out.position -= amount1;
    this.#countedOn.delete(paymentPosition);
  }

  /** As `take` of a `settled` event in one currency, gross: for a reader of millions. */
  takeTransfer(event: EventCursor): void {
    if (event.mechanism === EARMARK) {
      this.take(event.read());
      return;
    }
    const { debtorAgent: debtor, creditorAgent: creditor } = event;
    if (!this.#isTold) {
      this.#ledger.stated(event, debtor, AT.balance1);
      this.#ledger.stated(event, creditor, AT.balance2);
    }
    if (this.#reserved.size === 0 && this.#limits.size === 0) return;
    const leg = { debtor, creditor, currency: event.currency1, amount: event.amount1 };
    this.#use(leg, event.priority);
    if (this.#limits.size > 0) this.#count(leg);
  }

  #reserve({ participant, currency, priority, amount }: EventOf<'reservationSet'>): void {
    const key = accountKey(participant, currency);
    const [urgent, high] = this.#reservedOn(key);
    this.#reserved.set(key, priority === 0 ? [amount, high] : [urgent, amount]);
    if (this.#notesChanges) this.changed.add(key);
  }

  #reservedOn(key: AccountKey): readonly [bigint, bigint] {
    return this.#reserved.get(key) ?? NONE_RESERVED;
  }

  #settled(event: EventOf<'settled'>): void {
    // Reservations and limits bind the gross stream alone.
    if (event.mechanism === 'deferredNet') return;
    if (event.mechanism === 'earmark') this.#countedOn.delete(event.paymentPosition);
    if (event.priority > 1 && this.#limits.size === 0) return;
    for (const leg of legsOf(event)) {
      if (event.mechanism === 'earmark') {
        this.#countIn(leg);
        continue;
      }
      this.#use(leg, event.priority);
      if (this.#limits.size > 0) this.#count(leg);
    }
  }

  #use({ debtor, currency, amount }: QueueLeg, priority: number): void {
    if (priority > 1) return;
    const key = accountKey(debtor, currency);
    const reserved = this.#reserved.get(key);
    if (!reserved) return;
    const left = (kept: bigint) => (kept > amount ? kept - amount : 0n);
    const [urgent, high] = reserved;
    this.#reserved.set(key, priority === 0 ? [left(urgent), high] : [urgent, left(high)]);
  }

  /** A leg counts out for its debtor and in for its creditor, on the limits that are there now. */
  #count({ debtor, creditor, currency, amount }: QueueLeg): void {
    const out = this.#limitOn(debtor, currency, creditor);
    if (out) out.position += amount;
    this.#countIn({ debtor, creditor, currency, amount });
  }

  #countIn({ debtor, creditor, currency, amount }: QueueLeg): void {
    const back = this.#limitOn(creditor, currency, debtor);
    if (back) back.position -= amount;
  }

  #limitOn(owner: number, currency: number, other: number): Limit | undefined {
    return (
      this.#limits.get(`${owner}/${currency}/${other}`) ??
      this.#limits.get(`${owner}/${currency}/all`)
    );
  }

  get hasLimits(): boolean {
    return this.#limits.size > 0;
  }

  /**
   * By how much a leg exceeds the limit that it counts on.
   * @param chain all legs of its chain, if it is of one: of these it is the net that counts
   */
  limitShortage(leg: QueueLeg, chain: readonly QueueLeg[] | null = null): Shortage | null {
    const { debtor, creditor, currency } = leg;
    const limit = this.#limitOn(debtor, currency, creditor);
    if (!limit) return null;
    const amount = chain ? this.#netOn(limit, chain) : leg.amount;
    if (amount <= 0n || limit.position + amount <= limit.limit) return null;
    const { counterparty } = limit;
    const by = counterparty === null ? 'multilateralLimit' : 'bilateralLimit';
    const short = limit.position + amount - limit.limit;
    return { by, participant: debtor, currency, counterparty, amount: short };
  }

  #netOn(limit: Limit, legs: readonly QueueLeg[]): bigint {
    let net = 0n;
    for (const { debtor, creditor, currency, amount } of legs) {
      if (this.#limitOn(debtor, currency, creditor) === limit) net += amount;
      if (this.#limitOn(creditor, currency, debtor) === limit) net -= amount;
    }
    return net;
  }

  /** What payments of a class can be paid with now; null: no account was opened. */
  available(key: AccountKey, priority: number): bigint | null {
    const account = this.#ledger.account(key);
    return account ? account.balance + this.#beside(account, key, priority) : null;
  }

  /** The same into a sum, which is 0 where no account was opened: for who asks millions of times. */
  sumAvailable(key: AccountKey, priority: number, into: ExactSum): void {
    const account = this.#ledger.account(key);
    if (!account) {
      into.setHalves(0, 0);
      return;
    }
    into.set(account.held);
    const beside = this.#beside(account, key, priority);
    if (beside !== 0n) into.add(beside);
  }

  /** Credit, less what is set aside and what is kept for more urgent classes. */
  #beside(account: LedgerAccount, key: AccountKey, priority: number): bigint {
    const { creditLine, collateral, earmarked } = account;
    // Without a sum, which would be a bigint for each of millions who ask.
    const isPlain = collateral === 0n && earmarked === 0n;
    const free = isPlain ? creditLine : creditLine + collateral - earmarked;
    if (this.#reserved.size === 0) return free;
    const [urgent, high] = this.#reservedOn(key);
    const kept = (priority > 0 ? urgent : 0n) + (priority > 1 ? high : 0n);
    return free - kept;
  }

  /**
   * By how much a leg of this class is more than its debtor can pay now.
   * @param chain all legs of its chain, if it is of one: of these it is the net that counts
   */
  balanceShortage(
    leg: QueueLeg,
    priority: number,
    chain: readonly QueueLeg[] | null = null,
  ): Shortage | null {
    const { debtor, currency } = leg;
    const amount = chain ? netFrom(chain, leg) : leg.amount;
    const available = this.available(accountKey(debtor, currency), priority);
    if (available === null || amount <= 0n || amount <= available) return null;
    const short = amount - available;
    return { by: 'balance', participant: debtor, currency, counterparty: null, amount: short };
  }

  #limit({ participant, counterparty, currency, limit }: EventOf<'limitSet'>): void {
    const name = `${participant}/${currency}/${counterparty ?? 'all'}`;
    const known = this.#limits.get(name);
    if (this.#notesChanges) this.changed.add(accountKey(participant, currency));
    if (limit === null) this.#limits.delete(name);
    else if (known) known.limit = limit;
    else this.#limits.set(name, { participant, currency, counterparty, limit, position: 0n });
  }

  /** As services/core reads them out of a core. */
  queueAccounts(): QueueAccount[] {
    return [...this.#ledger.accounts()].map(
      ({ participant, currency, balance, earmarked, creditLine, collateral }) => ({
        participant,
        currency,
        balance: balance - earmarked,
        creditLine: creditLine + collateral,
        reserved: [...this.#reservedOn(accountKey(participant, currency))],
      }),
    );
  }

  queueLimits(): QueueLimit[] {
    return [...this.#limits.values()].map((limit) => ({ ...limit }));
  }
}

const NONE_RESERVED = [0n, 0n] as const;
const NONE_CHANGED: readonly LedgerAccount[] = [];

/** What the legs of a chain take from the account that one of them debits, less what they bring there. */
export function netFrom(
  legs: readonly QueueLeg[],
  { debtor, currency }: Pick<QueueLeg, 'debtor' | 'currency'>,
): bigint {
  let net = 0n;
  for (const leg of legs) {
    if (leg.currency !== currency) continue;
    if (leg.debtor === debtor) net += leg.amount;
    if (leg.creditor === debtor) net -= leg.amount;
  }
  return net;
}

/** What a settlement debits and credits. */
export function legsOf(
  event: Omit<EventTerms, 'messageType' | 'id' | 'paymentPosition' | 'priority'>,
): QueueLeg[] {
  const { debtorAgent, creditorAgent, dealer, currency1, currency2, amount1, amount2 } = event;
  if (currency2 === NO_CURRENCY)
    return [{ debtor: debtorAgent, creditor: creditorAgent, currency: currency1, amount: amount1 }];
  return [
    { debtor: debtorAgent, creditor: dealer, currency: currency1, amount: amount1 },
    { debtor: dealer, creditor: creditorAgent, currency: currency2, amount: amount2 },
  ];
}
