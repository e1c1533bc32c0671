// Whose messages wait for whose: services/verifier/fair-queue.ts, messages-waiting-for-verification.ts; at the HTTP door:
// services/gateway/door-signatures-and-rate-limits.ts.

/** A key's first penalty, in signatures that stay out of batches; it doubles with each batch. */
export const PENALTY_FIRST = 1024;
export const PENALTY_MAX = 2 ** 20;

interface Penalty {
  readonly period: number;
  /** Signatures until all is forgotten: one period out of batches, one on probation. */
  left: number;
  /** Batches filled since then knew of it. */
  readonly since: number;
}

/**
 * Keys that made a batch fail. A failed batch costs three times a good one, so the next signatures
 * of such a key are verified one by one; while that lasts, each bad one starts the time anew. As many
 * good ones in batches after that, and the key's past is forgotten. It changes which equation is
 * evaluated, never a verdict.
 */
export class Penalties {
  readonly #penalties = new Map<number, Penalty>();
  #fills = 0;

  /** Keys that are remembered. */
  get size(): number {
    return this.#penalties.size;
  }

  /** Numbers what is about to be filled: `takes` then decides by all that is known by now. */
  fill(): number {
    this.#fills += 1;
    return this.#fills;
  }

  /** Whether the key's next signature stays out of the batch; counts it. */
  takes(keyHandle: number): boolean {
    if (this.#penalties.size === 0) return false;
    const penalty = this.#penalties.get(keyHandle);
    if (penalty === undefined) return false;
    penalty.left -= 1;
    if (penalty.left === 0) this.#penalties.delete(keyHandle);
    return penalty.left >= penalty.period;
  }

  /**
   * The key signed something bad in a batch that failed.
   * @param fill the number of the fill that put it there: what was under way when the penalty came
   *   could not know of it, and does not double it
   */
  poisoned(keyHandle: number, fill: number): void {
    const before = this.#penalties.get(keyHandle);
    if (before && fill <= before.since) {
      this.renew(keyHandle);
      return;
    }
    const period = before ? Math.min(before.period * 2, PENALTY_MAX) : PENALTY_FIRST;
    this.#penalties.set(keyHandle, { period, left: 2 * period, since: this.#fills });
  }

  /** The key signed something bad while under its penalty. */
  renew(keyHandle: number): void {
    const penalty = this.#penalties.get(keyHandle);
    if (penalty !== undefined) penalty.left = 2 * penalty.period;
  }
}
