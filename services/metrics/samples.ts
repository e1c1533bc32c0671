/**
 * State sampled at fixed instants: one row for each minute in which something changed, made when the
 * events pass the minute's end. It depends on the events' times alone, so a replay gives the same rows.
 */
export const SAMPLE_MS = 60_000;

interface Level {
  current: bigint;
  lowest: bigint;
  /** The most in the minute by which payments drew it below what was put in. */
  drawnMax: bigint;
}

/** Balances by account. */
export class BalanceSamples {
  readonly #levels = new Map<string, Level>();
  readonly #creditLines = new Map<string, bigint>();
  readonly #collateral = new Map<string, bigint>();
  readonly #injected = new Map<string, bigint>();
  readonly #openings = new Map<string, bigint>();
  readonly #changed = new Set<string>();

  open(account: string, balance: bigint): void {
    this.#openings.set(account, balance);
    this.set(account, balance);
  }

  set(account: string, balance: bigint): void {
    const level = this.#levels.get(account);
    const drawn = this.#drawn(account, balance);
    if (!level) {
      this.#levels.set(account, { current: balance, lowest: balance, drawnMax: drawn });
    } else {
      level.current = balance;
      if (balance < level.lowest) level.lowest = balance;
      if (drawn > level.drawnMax) level.drawnMax = drawn;
    }
    this.#changed.add(account);
  }

  #drawn(account: string, balance: bigint): bigint {
    const putIn = (this.#openings.get(account) ?? 0n) + (this.#injected.get(account) ?? 0n);
    return putIn > balance ? putIn - balance : 0n;
  }

  setCreditLine(account: string, line: bigint): void {
    this.#creditLines.set(account, line);
    this.#changed.add(account);
  }

  /** @param capacity all the credit that the account has from now on, its line and its collateral's */
  setCollateral(account: string, capacity: bigint): void {
    this.#collateral.set(account, capacity - (this.#creditLines.get(account) ?? 0n));
    this.#changed.add(account);
  }

  /** Issued (above 0) or redeemed (below 0). */
  inject(account: string, amount: bigint): void {
    this.#injected.set(account, (this.#injected.get(account) ?? 0n) + amount);
    this.#changed.add(account);
  }

  /** What changed since the last call, in a fixed order. */
  take(): {
    account: string;
    balance: bigint;
    lowest: bigint;
    creditLine: bigint;
    injected: bigint;
    drawnMax: bigint;
  }[] {
    const rows = [...this.#changed].sort().map((account) => {
      const level = this.#levels.get(account) ?? {
        current: 0n,
        lowest: 0n,
        drawnMax: 0n,
      };
      const row = {
        account,
        balance: level.current,
        lowest: level.lowest,
        creditLine: (this.#creditLines.get(account) ?? 0n) + (this.#collateral.get(account) ?? 0n),
        injected: this.#injected.get(account) ?? 0n,
        drawnMax: level.drawnMax,
      };
      level.lowest = level.current;
      level.drawnMax = this.#drawn(account, level.current);
      return row;
    });
    this.#changed.clear();
    return rows;
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
