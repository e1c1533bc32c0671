import { AccountsBook, type BankAccount } from '../analysis/accounts-book.ts';
import { eventsOf, readEvents } from '../core/settlement/event-reader.ts';
import { EventsFollower } from '../live/events-follower.ts';
import { NAMING_EVENTS, NamingRecords } from '../live/naming-records.ts';
import { Directory } from '../protocol/names/directory.ts';
import { passingProblem } from '../protocol/names/http-problems.ts';
import { amountText } from '../protocol/names/minor-units.ts';
import { poolEvents } from '../protocol/names/topic-plan.ts';
import type { GatewayLog } from './ports.ts';

/** Messages of events read together: between two reads the gateway does other work. */
const READ_MESSAGES = 8;
/** How long a question waits for the pool's history to be read up to now. */
const WAIT_MS = 2_000;

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
 * The accounts of one pool, from its events. They are read when somebody asks, from where the last question
 * ended: a gateway that nobody asks reads none.
 */
export class PoolAccounts {
  readonly #pool: string;
  readonly #log: GatewayLog;
  readonly #follower: EventsFollower;
  readonly #naming: NamingRecords;
  readonly #directory = new Directory();
  readonly #book = new AccountsBook();
  #next: number | null = null;
  #reading: Promise<void> | null = null;
  #isClosed = false;

  constructor(pool: string, log: GatewayLog) {
    this.#pool = pool;
    this.#log = log;
    this.#follower = new EventsFollower(pool);
    this.#naming = new NamingRecords(log, pool);
  }

  /** Reads no further; the reading at hand ends soon. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#reading?.catch(() => {});
  }

  /**
   * A bank's accounts as of the events that are there now.
   * @throws ProblemError where there is more to read than is read in two seconds: asked again it goes on
   */
  async of(bic: string): Promise<PoolAccountsAnswer> {
    await this.#readUpToNow();
    const participant = this.#directory.participantHandle(bic);
    const accounts = participant === undefined ? [] : [...this.#book.of(participant)];
    return {
      pool: this.#pool,
      eventNumber: this.#follower.count,
      accounts: accounts.map((account) => this.#told(account)),
    };
  }

  async #readUpToNow(): Promise<void> {
    const end = await this.#log.endOffset(poolEvents(this.#pool), 0);
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<true>((resolve) => {
      timer = setTimeout(resolve, WAIT_MS, true);
    });
    try {
      while ((this.#next ?? 0) < end) {
        if (this.#isClosed) throw passingProblem('logUnavailable', 'the gateway is closing');
        this.#reading ??= this.#read(end).finally(() => {
          this.#reading = null;
        });
        if (!(await Promise.race([this.#reading, late]))) continue;
        // Who asked goes; what is being read is not lost.
        this.#reading?.catch(() => {});
        throw passingProblem(
          'overloaded',
          `the events of pool ${this.#pool} are being read, up to number ${this.#follower.count} so far; ask again`,
        );
      }
    } finally {
      clearTimeout(timer);
    }
  }

  async #read(end: number): Promise<void> {
    const topic = poolEvents(this.#pool);
    this.#next ??= await this.#log.startOffset(topic, 0);
    while (this.#next < end && !this.#isClosed) {
      const records = await this.#log.read(topic, 0, this.#next, READ_MESSAGES);
      if (records.length === 0) {
        // What an offset stands for need not be a record.
        this.#next = end;
        return;
      }
      for (const record of records) {
        await this.#take(this.#follower.take(record));
        this.#next = record.logOffset + 1;
      }
    }
  }

  async #take(events: Uint8Array): Promise<void> {
    const naming = eventsOf(events, ...NAMING_EVENTS);
    if (naming.length > 0)
      for (const record of await this.#naming.of(naming)) this.#directory.fold(record);
    for (const event of readEvents(events)) this.#book.take(event);
  }

  #told(account: BankAccount): AccountAnswer {
    const { currency, minorUnits } = this.#directory.currency(account.currency);
    const text = (minor: bigint) => amountText(minor, minorUnits);
    const { pendingDebits, pendingCredits } = account;
    return {
      currency,
      balance: text(account.balance),
      creditLine: text(account.creditLine),
      collateralCredit: text(account.collateral),
      reservedUrgent: text(account.reservedUrgent),
      reservedHigh: text(account.reservedHigh),
      available: text(account.available),
      waitingDebits: { count: pendingDebits.count, amount: text(pendingDebits.amount) },
      waitingCredits: { count: pendingCredits.count, amount: text(pendingCredits.amount) },
    };
  }
}
