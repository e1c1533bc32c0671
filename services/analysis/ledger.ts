import type { EventCursor } from '../core/settlement/event-cursor.ts';
import type { Booking, SettlementEvent } from '../core/settlement/settlement-event.ts';
import { ExactSum, highOf, lowOf } from './exact-sum.ts';

/** An account's name by handles; currencies have 16 bits. */
export type AccountKey = number;
export const accountKey = (participant: number, currency: number): AccountKey =>
  participant * 0x10000 + currency;
export const participantOfKey = (key: AccountKey): number => Math.floor(key / 0x10000);
export const currencyOfKey = (key: AccountKey): number => key % 0x10000;

type AccountName = Pick<Booking, 'participant' | 'currency'>;

/** One settlement account as its events state it, minor units. */
export interface LedgerAccount extends AccountName {
  /** Its place among the ledger's, in the order in which they came. */
  readonly number: number;
  readonly balance: bigint;
  /** The same, for who looks at millions. */
  readonly held: ExactSum;
  /** What of the balance is set aside for legs of chains, and pays for nothing else. */
  readonly earmarked: bigint;
  /** The highest that the balance was. */
  readonly peak: bigint;
  readonly opening: bigint;
  /** Issued less redeemed after the opening. */
  readonly injected: bigint;
  /** The two together. */
  readonly putIn: ExactSum;
  readonly creditLine: bigint;
  /** Capacity beside the line: of collateral after its haircut. */
  readonly collateral: bigint;
}

/** Balances are kept in halves: events state millions, and each would be a bigint. */
class Account implements LedgerAccount {
  readonly participant: number;
  readonly currency: number;
  readonly number: number;
  readonly held = new ExactSum();
  readonly putIn = new ExactSum();
  readonly #peak = new ExactSum();
  earmarked = 0n;
  opening = 0n;
  injected = 0n;
  creditLine = 0n;
  collateral = 0n;

  constructor(participant: number, currency: number, number: number) {
    this.participant = participant;
    this.currency = currency;
    this.number = number;
  }

  get balance(): bigint {
    return this.held.value;
  }

  get peak(): bigint {
    return this.#peak.value;
  }

  set(high: number, low: number): void {
    this.held.setHalves(high, low);
    if (this.#peak.isBelow(this.held)) this.#peak.set(this.held);
  }
}

const NONE: readonly LedgerAccount[] = [];

/**
 * The accounts of one pool, from its events alone: balances are those that events state. Within what
 * settles together they are those after the whole of it, so the sums hold between messages of events.
 * `audited-accounts-book.ts` adds the bookings up and holds them against this.
 */
export class Ledger {
  readonly #accounts: Account[] = [];
  /** The same by currency and participant: events that move millions look for theirs. */
  readonly #by: (Account | undefined)[][] = [];
  /** In which a balance has moved. */
  readonly #currencies = new Set<number>();
  /** By currency: what was opened and issued less what was redeemed. */
  readonly #putIn = new Map<number, bigint>();

  *keys(): IterableIterator<AccountKey> {
    for (const { participant, currency } of this.#accounts) yield accountKey(participant, currency);
  }

  accounts(): IterableIterator<LedgerAccount> {
    return this.#accounts.values();
  }

  account(key: AccountKey): LedgerAccount | undefined {
    return this.#by[currencyOfKey(key)]?.[participantOfKey(key)];
  }

  /** Currencies in which an account was opened. */
  currencies(): IterableIterator<number> {
    return this.#currencies.values();
  }

  /** The sum of the balances. */
  held(currency: number): bigint {
    let held = 0n;
    for (const account of this.#accounts)
      if (account.currency === currency) held += account.balance;
    return held;
  }

  putIn(currency: number): bigint {
    return this.#putIn.get(currency) ?? 0n;
  }

  /** Whether the balances in a currency add up to what was put in: between messages of events. */
  isConserved(currency: number): boolean {
    return this.held(currency) === this.putIn(currency);
  }

  /** The accounts that the event is about, as they are after it. */
  take(event: SettlementEvent): readonly LedgerAccount[] {
    switch (event.kind) {
      case 'accountOpened': {
        const account = this.#state(event);
        account.opening = event.opening;
        account.putIn.add(event.opening);
        account.creditLine = event.creditLine;
        this.#put(event.currency, event.opening);
        return [account];
      }
      case 'creditLineSet': {
        const account = this.#at(event.participant, event.currency);
        account.creditLine = event.creditLine;
        return [account];
      }
      case 'collateralSet': {
        const account = this.#at(event.participant, event.currency);
        account.collateral = event.creditCapacity - account.creditLine;
        return [account];
      }
      case 'issued':
      case 'redeemed': {
        const amount = event.kind === 'issued' ? event.amount : -event.amount;
        const account = this.#state(event);
        account.injected += amount;
        account.putIn.add(amount);
        this.#put(event.currency, amount);
        return [account];
      }
      case 'netted':
      case 'lossShared':
      case 'defaulted':
        return [this.#state(event)];
      case 'earmarked':
      case 'released': {
        const { debtorAgent: participant, currency1: currency, balance } = event;
        const account = this.#state({ participant, currency, balance });
        account.earmarked = event.earmarked;
        return [account];
      }
      case 'settled':
        if (event.mechanism === 'earmark')
          this.#at(event.debtorAgent, event.currency1).earmarked -= event.amount1;
        return event.bookings.map((booking) => this.#state(booking));
      default:
        return NONE;
    }
  }

  #at(participant: number, currency: number): Account {
    return this.#by[currency]?.[participant] ?? this.#begun(participant, currency);
  }

  #begun(participant: number, currency: number): Account {
    const account = new Account(participant, currency, this.#accounts.length);
    this.#accounts.push(account);
    this.#by[currency] ??= [];
    (this.#by[currency] as (Account | undefined)[])[participant] = account;
    return account;
  }

  #put(currency: number, amount: bigint): void {
    this.#putIn.set(currency, this.putIn(currency) + amount);
  }

  #state({ participant, currency, balance }: Omit<Booking, 'amount'>): Account {
    return this.#moved(participant, currency, highOf(balance), lowOf(balance));
  }

  /**
   * The account that a participant has in the event's first currency, as it is after the event, which states
   * its balance in this field: as `take`, for who looks at millions.
   */
  stated(event: EventCursor, participant: number, field: number): LedgerAccount {
    return this.#moved(participant, event.currency1, event.high(field), event.low(field));
  }

  #moved(participant: number, currency: number, high: number, low: number): Account {
    const account = this.#at(participant, currency);
    const { held } = account;
    if (held.high === high && held.low === low) return account;
    if (held.high === 0 && held.low === 0) this.#currencies.add(currency);
    account.set(high, low);
    return account;
  }
}
