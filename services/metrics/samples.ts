import type { LedgerAccount } from '../analysis/ledger.ts';

/**
 * State sampled at fixed instants: one row for each minute in which something changed, made when the
 * events pass the minute's end. It depends on the events' times alone, so a replay gives the same rows.
 */
export const SAMPLE_MS = 60_000;

interface Level {
  lowest: bigint;
  /** The most in the minute by which payments drew it below what was put in. */
  drawnMax: bigint;
}

/** An account at the end of a minute. */
export interface BalanceSample extends Level {
  readonly account: LedgerAccount;
}

const drawn = ({ opening, injected, balance }: LedgerAccount): bigint => {
  const putIn = opening + injected;
  return putIn > balance ? putIn - balance : 0n;
};

/** Balances by account. */
export class BalanceSamples {
  readonly #levels = new Map<LedgerAccount, Level>();
  readonly #changed = new Set<LedgerAccount>();

  /** The account changed, and is as the ledger has it now. */
  note(account: LedgerAccount): void {
    this.#changed.add(account);
    const now = drawn(account);
    const level = this.#levels.get(account);
    if (!level) {
      this.#levels.set(account, { lowest: account.balance, drawnMax: now });
      return;
    }
    if (account.balance < level.lowest) level.lowest = account.balance;
    if (now > level.drawnMax) level.drawnMax = now;
  }

  /** What changed since the last call. */
  take(): BalanceSample[] {
    const samples = [...this.#changed].map((account) => ({
      account,
      ...(this.#levels.get(account) as Level),
    }));
    for (const account of this.#changed)
      this.#levels.set(account, { lowest: account.balance, drawnMax: drawn(account) });
    this.#changed.clear();
    return samples;
  }
}

interface Queue {
  value: bigint;
  countMax: number;
  valueMax: bigint;
  /** Submission in ms of each payment that waits, by its position. */
  readonly waiting: Map<number, number>;
}

/** A queue at the end of a minute. */
export interface QueueSample {
  readonly account: string;
  readonly count: number;
  readonly value: bigint;
  readonly countMax: number;
  readonly valueMax: bigint;
  /** The earliest submission among those that wait, 0 where none does. */
  readonly oldestMs: number;
}

/** Waiting payments by account and by whole currency. */
export class QueueSamples {
  readonly #queues = new Map<string, Queue>();
  readonly #changed = new Set<string>();

  join(account: string, position: number, value: bigint, submittedAtMs: number): void {
    const queue = this.#queue(account);
    queue.waiting.set(position, submittedAtMs);
    queue.value += value;
    if (queue.waiting.size > queue.countMax) queue.countMax = queue.waiting.size;
    if (queue.value > queue.valueMax) queue.valueMax = queue.value;
  }

  leave(account: string, position: number, value: bigint): void {
    const queue = this.#queue(account);
    queue.waiting.delete(position);
    queue.value -= value;
  }

  #queue(account: string): Queue {
    let queue = this.#queues.get(account);
    if (!queue) {
      queue = { value: 0n, countMax: 0, valueMax: 0n, waiting: new Map() };
      this.#queues.set(account, queue);
    }
    this.#changed.add(account);
    return queue;
  }

  take(): QueueSample[] {
    const samples = [...this.#changed].sort().map((account) => {
      const queue = this.#queues.get(account) as Queue;
      const { value, countMax, valueMax, waiting } = queue;
      // A map keeps the order of insertion, and payments join at their submission.
      const [oldestMs = 0] = waiting.values();
      queue.countMax = waiting.size;
      queue.valueMax = value;
      return { account, count: waiting.size, value, countMax, valueMax, oldestMs };
    });
    this.#changed.clear();
    return samples;
  }
}
