import { type EventView, readEvent } from '../../core/settlement/event-reader.ts';
import { EVENT_BYTES, type EventKind, NO_CURRENCY } from '../../core/settlement/events.ts';
import type { Reason } from '../../core/settlement/reasons.ts';
import { RECORD_KINDS } from '../../core/settlement/records.ts';
import { NettingCheck } from './netting-check.ts';

/** Kinds of record that change liquidity: a `refused` event names the kind that was refused. */
const CHANGES: ReadonlySet<number> = new Set([
  RECORD_KINDS.creditLine,
  RECORD_KINDS.collateral,
  RECORD_KINDS.issue,
  RECORD_KINDS.redeem,
]);

/** Events that move money. */
const BOOKINGS: ReadonlySet<EventKind> = new Set([
  'settled',
  'issued',
  'redeemed',
  'netted',
  'lossShared',
]);

/** One settlement account, in minor units, as its events tell. */
export interface AccountBook {
  readonly participant: number;
  readonly currency: number;
  readonly openingMinor: bigint;
  /** Issued less redeemed after the opening. */
  injectedMinor: bigint;
  /** The most credit that it had: its line and what its collateral gave. */
  creditLineMinor: bigint;
  balanceMinor: bigint;
  /** The most by which payments drew the balance below what was put in, 0 or more. */
  drawnMinor: bigint;
}

/**
 * Folds a pool's events into its accounts. Balances are added up from the amounts booked, leg by
 * leg, and held against the balances that the events state: two ways to one figure.
 */
export class LiquidityBook {
  readonly accounts: AccountBook[] = [];
  /** Accounts whose summed balance differed from the one stated: empty, or money was made. */
  readonly disagreements: string[] = [];
  /** What became of each change of liquidity after the openings, in the order of the log. */
  readonly changes: ('done' | Reason)[] = [];
  readonly #byKey = new Map<number, AccountBook>();

  fold(events: Uint8Array): void {
    for (let index = 0; index * EVENT_BYTES < events.length; index++)
      this.#take(readEvent(events, index));
    this.#settleBatch();
  }

  account(participant: number, currency: number): AccountBook | undefined {
    return this.#byKey.get(participant * 65536 + currency);
  }

  readonly #touched = new Map<AccountBook, bigint>();
  readonly #netting = new NettingCheck();
  #genesisMs = Number.NEGATIVE_INFINITY;
  #booking: string | null = null;

  #take(event: EventView): void {
    // What is booked at once states the balances after the whole of it, and what lies between two of
    // its events never was a balance.
    if (BOOKINGS.has(event.kind)) {
      const booking = bookingOf(event);
      if (booking === null || booking !== this.#booking) this.#settleBatch();
      this.#booking = booking;
    }
    switch (event.kind) {
      case 'genesis':
        this.#genesisMs = event.timeMs;
        return;
      case 'accountOpened':
        this.#open(event);
        return;
      case 'refused':
        if (event.timeMs <= this.#genesisMs)
          this.disagreements.push(`a record of the beginning was refused, kind ${event.count}`);
        else if (CHANGES.has(event.count)) this.changes.push(event.reason);
        return;
      case 'creditLineSet':
        this.#changed(event);
        this.#credit(event, event.amount1 + this.#collateralCredit(event));
        return;
      case 'collateralSet': {
        this.#changed(event);
        const line = this.#lines.get(this.#named(event)) ?? 0n;
        this.#collateral.set(this.#named(event), event.balances[1] - line);
        this.#credit(event, event.balances[1]);
        return;
      }
      case 'netted':
        this.#netting.netted(event);
        this.#book(this.#named(event), event.amount1, event.balances[0]);
        return;
      case 'lossShared':
        this.#netting.shared(event);
        this.#book(this.#named(event), -event.amount1, event.balances[0]);
        return;
      case 'issued':
      case 'redeemed': {
        const change = event.kind === 'issued' ? event.amount1 : -event.amount1;
        const account = this.#named(event);
        account.injectedMinor += change;
        this.#changed(event);
        this.#book(account, change, event.balances[0]);
        return;
      }
      case 'settled':
        // What deferred net settlement settles is booked by its nets.
        if (event.mechanism === 'deferredNet') this.#netting.settled(event);
        else this.#settled(event);
    }
  }

  /** A change took effect; what belongs to the pool's beginning is none. */
  #changed({ timeMs }: EventView): void {
    if (timeMs > this.#genesisMs) this.changes.push('done');
  }

  readonly #lines = new Map<AccountBook, bigint>();
  readonly #collateral = new Map<AccountBook, bigint>();

  #collateralCredit(event: EventView): bigint {
    const account = this.#named(event);
    this.#lines.set(account, event.amount1);
    return this.#collateral.get(account) ?? 0n;
  }

  #credit(event: EventView, minor: bigint): void {
    const account = this.#named(event);
    if (minor > account.creditLineMinor) account.creditLineMinor = minor;
  }

  #open(event: EventView): void {
    const account: AccountBook = {
      participant: event.debtorAgent,
      currency: event.currency1,
      openingMinor: event.amount1,
      injectedMinor: 0n,
      creditLineMinor: event.amount2,
      balanceMinor: event.amount1,
      drawnMinor: 0n,
    };
    this.accounts.push(account);
    this.#lines.set(account, event.amount2);
    this.#byKey.set(account.participant * 65536 + account.currency, account);
  }

  #settled(event: EventView): void {
    const { debtorAgent, creditorAgent, dealer, currency1, currency2, balances } = event;
    const debtor = this.#at(debtorAgent, currency1);
    this.#book(debtor, -event.amount1, balances[0]);
    if (currency2 === NO_CURRENCY) {
      this.#book(this.#at(creditorAgent, currency1), event.amount1, balances[1]);
      return;
    }
    this.#book(this.#at(dealer, currency1), event.amount1, balances[2]);
    this.#book(this.#at(dealer, currency2), -event.amount2, balances[3]);
    this.#book(this.#at(creditorAgent, currency2), event.amount2, balances[1]);
  }

  #named(event: EventView): AccountBook {
    return this.#at(event.debtorAgent, event.currency1);
  }

  #at(participant: number, currency: number): AccountBook {
    const account = this.account(participant, currency);
    if (!account)
      throw new Error(`an event books on an account (${participant}, ${currency}) never opened`);
    return account;
  }

  #book(account: AccountBook, change: bigint, stated: bigint): void {
    account.balanceMinor += change;
    this.#touched.set(account, stated);
  }

  #settleBatch(): void {
    this.disagreements.push(...this.#netting.take());
    for (const [account, stated] of this.#touched) {
      if (account.balanceMinor !== stated)
        this.disagreements.push(
          `account (${account.participant}, ${account.currency}): ${account.balanceMinor} by its bookings, ${stated} as stated`,
        );
      const drawn = account.openingMinor + account.injectedMinor - account.balanceMinor;
      if (drawn > account.drawnMinor) account.drawnMinor = drawn;
    }
    this.#touched.clear();
  }
}

/**
 * What events that are booked at once have in common; null for one that is booked alone. A cycle's
 * have its number. Offset payments follow one another and state the same balances of two accounts.
 */
function bookingOf(event: EventView): string | null {
  if (event.cycle > 0) return `cycle ${event.cycle}`;
  const { mechanism, debtorAgent, creditorAgent, currency1, balances } = event;
  if (mechanism !== 'entryOffsetting' && mechanism !== 'bilateralOffsetting') return null;
  const two = [`${debtorAgent}: ${balances[0]}`, `${creditorAgent}: ${balances[1]}`].sort();
  return `offset ${currency1}, ${two.join(', ')}`;
}
