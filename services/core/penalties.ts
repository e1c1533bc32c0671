/** A key's first penalty, in signatures that stay out of batches; it doubles with each batch. */
const PENALTY_FIRST = 1024;
const PENALTY_MAX = 2 ** 20;

/**
 * Keys that made a batch fail. A failed batch costs three times a good one, so the next signatures
 * of such a key are verified one by one; while that lasts, each bad one starts the time anew. It
 * changes which equation is evaluated, never a verdict.
 */
export class Penalties {
  readonly #periods = new Map<number, number>();
  readonly #left = new Map<number, number>();

  /** Whether the key's next signature stays out of the batch; counts it. */
  takes(keyHandle: number): boolean {
    if (this.#left.size === 0) return false;
    const left = this.#left.get(keyHandle);
    if (left === undefined) return false;
    if (left > 1) this.#left.set(keyHandle, left - 1);
    else this.#left.delete(keyHandle);
    return true;
  }

  /** The key signed something bad in a batch that failed. */
  poisoned(keyHandle: number): void {
    const period = Math.min((this.#periods.get(keyHandle) ?? PENALTY_FIRST / 2) * 2, PENALTY_MAX);
    this.#periods.set(keyHandle, period);
    this.#left.set(keyHandle, period);
  }

  /** The key signed something bad while under its penalty. */
  renew(keyHandle: number): void {
    const period = this.#periods.get(keyHandle);
    if (period !== undefined) this.#left.set(keyHandle, period);
  }
}
