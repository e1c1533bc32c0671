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

/** In place of a payment's number. */
const NOBODY = -1;

/**
 * Payments that wait, by numbers that whoever keeps them gives: each stands in the queue of its account and in that of the
 * whole currency, between the one that joined before it and the one that joined after it.
 */
export class Stays {
  readonly submittedMs: number[] = [];
  /** In the queue of its account, and behind that in the other. */
  readonly before: number[] = [];
  readonly after: number[] = [];

  /** Of a payment that joins its queues next. */
  set(payment: number, submittedMs: number): void {
    while (this.submittedMs.length <= payment) {
      this.submittedMs.push(0);
      this.before.push(NOBODY, NOBODY);
      this.after.push(NOBODY, NOBODY);
    }
    this.submittedMs[payment] = submittedMs;
  }
}

/** Payments that wait, of an account or of a whole currency. */
export class QueueSample {
  readonly names: AccountNames;
  count = 0;
  readonly value = new ExactSum();
  countMax = 0;
  readonly valueMax = new ExactSum();
  hasChanged = false;
  readonly #stays: Stays;
  /** Which of its two queues it is to each of its payments: 0 or 1. */
  readonly #which: number;
  #first = NOBODY;
  #last = NOBODY;

  constructor(names: AccountNames, stays: Stays, isOfCurrency: boolean) {
    this.names = names;
    this.#stays = stays;
    this.#which = isOfCurrency ? 1 : 0;
  }

  /** The amount is `high` x 2^32 + `low`. */
  join(payment: number, high: number, low: number): void {
    this.hasChanged = true;
    const { before, after } = this.#stays;
    before[2 * payment + this.#which] = this.#last;
    after[2 * payment + this.#which] = NOBODY;
    if (this.#last === NOBODY) this.#first = payment;
    else after[2 * this.#last + this.#which] = payment;
    this.#last = payment;
    this.count += 1;
    this.value.addHalves(high, low);
    if (this.count > this.countMax) this.countMax = this.count;
    if (this.valueMax.isBelow(this.value)) this.valueMax.set(this.value);
  }

  leave(payment: number, high: number, low: number): void {
    this.hasChanged = true;
    const { before, after } = this.#stays;
    const previous = before[2 * payment + this.#which] as number;
    const next = after[2 * payment + this.#which] as number;
    if (previous === NOBODY) this.#first = next;
    else after[2 * previous + this.#which] = next;
    if (next === NOBODY) this.#last = previous;
    else before[2 * next + this.#which] = previous;
    this.count -= 1;
    this.value.subtractHalves(high, low);
  }

  /** The earliest submission among those that wait, 0 where none does: payments join at their submission. */
  get oldestMs(): number {
    return this.#first === NOBODY ? 0 : (this.#stays.submittedMs[this.#first] as number);
  }

  /** From now on the most is what there is. */
  begin(): void {
    this.countMax = this.count;
    this.valueMax.set(this.value);
  }
}

/** Waiting payments by account and by whole currency. */
export class QueueSamples {
  readonly stays = new Stays();
  readonly #queues = new Map<AccountNames, QueueSample>();
  readonly #byName = new ByName<QueueSample>();

  /** @param isOfCurrency whether it is that of a whole currency */
  queue(names: AccountNames, isOfCurrency: boolean): QueueSample {
    let queue = this.#queues.get(names);
    if (!queue) {
      queue = new QueueSample(names, this.stays, isOfCurrency);
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
