/** More than a gateway lets in under one BIC (256). */
export const NOTICES_LOGGED_PER_MINUTE = 300;

/**
 * How many notices enter the pools' inputs, which are kept for ever: of messages that name one bank and
 * fail authentication, so many in a minute of their append time. A verifier counts those that it
 * verifies itself. Which of them are let in is upstream of the input log, as their order is.
 */
export class NoticeBudget {
  readonly #perMinute: number;
  /** By the bank that is named: the latest minute, and how many have been let in since it came. */
  readonly #let = new Map<string, { minute: number; count: number }>();

  constructor(perMinute: number) {
    this.#perMinute = perMinute;
  }

  /** Whether one more is let in. */
  takes(bic: string, appendedAtMs: number): boolean {
    const minute = Math.floor(appendedAtMs / 60_000);
    const known = this.#let.get(bic);
    // Partitions are read with different lag: an earlier minute counts into the current one.
    const one = known && minute <= known.minute ? known : { minute, count: 0 };
    if (one !== known) this.#let.set(bic, one);
    if (one.count >= this.#perMinute) return false;
    one.count += 1;
    return true;
  }
}
