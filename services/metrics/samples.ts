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
  count: number;
  value: bigint;
  countMax: number;
  valueMax: bigint;
}

/** Waiting payments by account and by whole currency. */
export class QueueSamples {
  readonly #queues = new Map<string, Queue>();
  readonly #changed = new Set<string>();

  change(account: string, count: number, value: bigint): void {
    const queue = this.#queues.get(account) ?? { count: 0, value: 0n, countMax: 0, valueMax: 0n };
    this.#queues.set(account, queue);
    queue.count += count;
    queue.value += value;
    if (queue.count > queue.countMax) queue.countMax = queue.count;
    if (queue.value > queue.valueMax) queue.valueMax = queue.value;
    this.#changed.add(account);
  }

  take(): (Queue & { account: string })[] {
    const rows = [...this.#changed].sort().map((account) => {
      const queue = this.#queues.get(account) as Queue;
      const row = { account, ...queue };
      queue.countMax = queue.count;
      queue.valueMax = queue.value;
      return row;
    });
    this.#changed.clear();
    return rows;
  }
}
