import { ExactSum } from '../analysis/exact-sum.ts';
import type { LedgerAccount } from '../analysis/ledger.ts';

/**
 * State sampled at fixed instants: one row for each minute in which something changed, made when the
 * events pass the minute's end. It depends on the events' times alone, so a replay gives the same rows.
 */
export const SAMPLE_MS = 60_000;

/** Whose a sample is. The participant is empty where all of a currency is meant. */
export interface AccountNames {
  readonly participant: string;
  readonly currency: string;
  /** By which samples are ordered. */
  readonly inOrder: string;
}

export const accountNames = (participant: string, currency: string): AccountNames => ({
  ...{ participant, currency, inOrder: `${participant}/${currency}` },
});

/** An account at the end of a minute, until the next event. */
export interface BalanceSample {
  readonly account: LedgerAccount;
  readonly names: AccountNames;
  readonly lowest: ExactSum;
  /** The most in the minute by which payments drew it below what was put in; 0 or more. */
  readonly drawnMax: ExactSum;
}

interface Level extends BalanceSample {
  /** Below this balance `drawnMax` is not the most any more, unless more was put in. */
  readonly floor: ExactSum;
  hasChanged: boolean;
}

const NOTHING = new ExactSum();

interface Sampled {
  readonly names: AccountNames;
  hasChanged: boolean;
}

/** All in the order of their names: to look at each takes less than to sort those that changed in a minute. */
class ByName<One extends Sampled> {
  readonly #all: One[] = [];
  #areSorted = true;

  add(one: One): void {
    this.#all.push(one);
    this.#areSorted = false;
  }

  /** Those that changed, from now on as if they had not. */
  take(use: (one: One) => void): void {
    if (!this.#areSorted) this.#all.sort((a, b) => (a.names.inOrder < b.names.inOrder ? -1 : 1));
    this.#areSorted = true;
    for (const one of this.#all) {
      if (!one.hasChanged) continue;
      use(one);
      one.hasChanged = false;
    }
  }
}

/** Balances by account. */
export class BalanceSamples {
  readonly #namesOf: (account: LedgerAccount) => AccountNames;
  /** By the account's number. */
  readonly #levels: Level[] = [];
  readonly #byName = new ByName<Level>();

  constructor(namesOf: (account: LedgerAccount) => AccountNames) {
    this.#namesOf = namesOf;
  }

  /** The account changed, what was put in perhaps with it, and is as the ledger has it now. */
  note(account: LedgerAccount): void {
    const level = this.#levels[account.number];
    if (level) setFloor(level);
    this.noteTransfer(account);
  }

  /** The same where nothing was put in or taken out. */
  noteTransfer(account: LedgerAccount): void {
    const level = this.#levels[account.number] ?? this.#begun(account);
    level.hasChanged = true;
    if (account.held.isBelow(level.lowest)) level.lowest.set(account.held);
    if (!account.held.isBelow(level.floor)) return;
    level.floor.set(account.held);
    level.drawnMax.set(account.putIn);
    level.drawnMax.subtractSum(account.held);
  }

  /** Of a minute that has only begun. */
  #begun(account: LedgerAccount): Level {
    const level: Level = {
      account,
      names: this.#namesOf(account),
      hasChanged: false,
      lowest: new ExactSum(),
      drawnMax: new ExactSum(),
      floor: new ExactSum(),
    };
    level.lowest.set(account.held);
    setFloor(level);
    this.#levels[account.number] = level;
    this.#byName.add(level);
    return level;
  }

  /** What changed since the last call, by name. */
  take(use: (sample: BalanceSample) => void): void {
    this.#byName.take((level) => {
      use(level);
      const { account, lowest, drawnMax } = level;
      lowest.set(account.held);
      drawnMax.set(account.putIn);
      drawnMax.subtractSum(account.held);
      if (drawnMax.isBelow(NOTHING)) drawnMax.set(NOTHING);
      setFloor(level);
    });
  }
}

function setFloor({ floor, account, drawnMax }: Level): void {
  floor.set(account.putIn);
  floor.subtractSum(drawnMax);
}

/** That a payment waits, in the queue of its account and in that of the whole currency. */
export interface Stay {
  readonly submittedAtMs: number;
  readonly own: QueueSample;
  readonly all: QueueSample;
  hasEnded: boolean;
}

/** Payments that wait, of an account or of a whole currency. */
export class QueueSample {
  readonly names: AccountNames;
  count = 0;
  readonly value = new ExactSum();
  countMax = 0;
  readonly valueMax = new ExactSum();
  hasChanged = false;
  /** In the order in which they began, some that have ended among them. */
  #stays: Stay[] = [];
  #first = 0;

  constructor(names: AccountNames) {
    this.names = names;
  }

  /** The amount is `high` x 2^32 + `low`. */
  join(stay: Stay, high: number, low: number): void {
    this.hasChanged = true;
    this.#stays.push(stay);
    this.count += 1;
    this.value.addHalves(high, low);
    if (this.count > this.countMax) this.countMax = this.count;
    if (this.valueMax.isBelow(this.value)) this.valueMax.set(this.value);
  }

  leave(high: number, low: number): void {
    this.hasChanged = true;
    this.count -= 1;
    this.value.subtractHalves(high, low);
    // What waits behind one that stays long would keep all that left meanwhile.
    if (this.#stays.length - this.#first > 64 + 4 * this.count) this.#closeUp();
  }

  /** The earliest submission among those that wait, 0 where none does: payments join at their submission. */
  get oldestMs(): number {
    while (this.#stays[this.#first]?.hasEnded) this.#first += 1;
    return this.#stays[this.#first]?.submittedAtMs ?? 0;
  }

  #closeUp(): void {
    this.#stays = this.#stays.filter(({ hasEnded }) => !hasEnded);
    this.#first = 0;
  }

  /** From now on the most is what there is. */
  begin(): void {
    this.countMax = this.count;
    this.valueMax.set(this.value);
  }
}

/** Waiting payments by account and by whole currency. */
export class QueueSamples {
  readonly #queues = new Map<AccountNames, QueueSample>();
  readonly #byName = new ByName<QueueSample>();

  queue(names: AccountNames): QueueSample {
    let queue = this.#queues.get(names);
    if (!queue) {
      queue = new QueueSample(names);
      this.#queues.set(names, queue);
      this.#byName.add(queue);
    }
    return queue;
  }

  /** What changed since the last call, by name: as it is until the next event. */
  take(use: (sample: QueueSample) => void): void {
    this.#byName.take((queue) => {
      use(queue);
      queue.begin();
    });
  }
}
