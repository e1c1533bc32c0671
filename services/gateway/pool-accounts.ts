import { AccountsBook, type BankAccount } from '../analysis/bank-accounts-book.ts';
import { readEvents } from '../core/settlement/event-reader.ts';
import { amountText } from '../protocol/names/minor-units.ts';
import type { GatewayLog } from './log-port-and-try-later.ts';
import { PoolHistory } from './pool-history.ts';

/** An amount and how many payments it is of, as text in major units. */
export interface WaitingSum {
  readonly count: number;
  readonly amount: string;
}

/** One account as its bank is told of it; amounts are text in major units. */
export interface AccountAnswer {
  readonly currency: string;
  readonly balance: string;
  readonly creditLine: string;
  readonly collateralCredit: string;
  readonly reservedUrgent: string;
  readonly reservedHigh: string;
  readonly earmarked: string;
  readonly available: string;
  readonly waitingDebits: WaitingSum;
  readonly waitingCredits: WaitingSum;
}

export interface PoolAccountsAnswer {
  readonly pool: string;
  /** Of the last event that the answer has. */
  readonly eventNumber: number;
  readonly accounts: readonly AccountAnswer[];
}

/**
 * The accounts of one pool, from its events. They are read when somebody asks (`PoolHistory`).
 */
export class PoolAccounts {
  readonly #pool: string;
  readonly #history: PoolHistory;
  readonly #book = new AccountsBook();

  constructor(pool: string, log: GatewayLog) {
    this.#pool = pool;
    this.#history = new PoolHistory(pool, log, async (events) => {
      for (const event of readEvents(events)) this.#book.take(event);
    });
  }

  close(): Promise<void> {
    return this.#history.close();
  }

  /**
   * A bank's accounts as of the events that are there now.
   * @throws ProblemError where there is more to read than is read in two seconds: asked again it goes on
   */
  async of(bic: string): Promise<PoolAccountsAnswer> {
    await this.#history.readUpToNow();
    const participant = this.#history.directory.participantHandle(bic);
    const accounts = participant === undefined ? [] : [...this.#book.of(participant)];
    return {
      pool: this.#pool,
      eventNumber: this.#history.count,
      accounts: accounts.map((account) => this.#told(account)),
    };
  }

  #told(account: BankAccount): AccountAnswer {
    const { currency, minorUnits } = this.#history.directory.currency(account.currency);
    const text = (minor: bigint) => amountText(minor, minorUnits);
    const { pendingDebits, pendingCredits } = account;
    return {
      currency,
      balance: text(account.balance),
      creditLine: text(account.creditLine),
      collateralCredit: text(account.collateral),
      reservedUrgent: text(account.reservedUrgent),
      reservedHigh: text(account.reservedHigh),
      earmarked: text(account.earmarked),
      available: text(account.available),
      waitingDebits: { count: pendingDebits.count, amount: text(pendingDebits.amount) },
      waitingCredits: { count: pendingCredits.count, amount: text(pendingCredits.amount) },
    };
  }
}
