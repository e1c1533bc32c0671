/**
 * Readers that wait for the next record of a partition. `P` is the implementation's partition.
 */
export interface WaitingReaders<P extends object> {
  /** Resolves when something arrived, the time is over, or the log closes: look again. */
  wait(partition: P, waitMs: number): Promise<void>;
  /** Something arrived in the partition. */
  wake(partition: P): void;
  wakeAll(): void;
}

export function createWaitingReaders<P extends object>(): WaitingReaders<P> {
  const waiting = new Map<P, Set<() => void>>();
  const wake = (partition: P) => {
    const waiters = waiting.get(partition);
    if (waiters === undefined) return;
    waiting.delete(partition);
    for (const wakeOne of waiters) wakeOne();
  };
  return {
    wait(partition, waitMs) {
      return new Promise((resolve) => {
        const waiters = waiting.get(partition) ?? new Set();
        waiting.set(partition, waiters);
        const done = () => {
          clearTimeout(timer);
          waiters.delete(done);
          if (waiters.size === 0 && waiting.get(partition) === waiters) waiting.delete(partition);
          resolve();
        };
        const timer = setTimeout(done, waitMs);
        waiters.add(done);
      });
    },
    wake,
    wakeAll() {
      for (const partition of [...waiting.keys()]) wake(partition);
    },
  };
}
