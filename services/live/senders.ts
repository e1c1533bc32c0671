/** Who has sent within this time is one of those who send. */
const SENDING_MS = 1_000;

/** Tells whether a bank sends alone, from the newest two senders. */
export class Senders {
  #newest = { bic: '', atMs: Number.NEGATIVE_INFINITY };
  #before = this.#newest;

  note(bic: string, atMs: number): void {
    if (bic !== this.#newest.bic) this.#before = this.#newest;
    this.#newest = { bic, atMs };
  }

  isAlone(bic: string, nowMs: number): boolean {
    const other = bic === this.#newest.bic ? this.#before : this.#newest;
    return nowMs - other.atMs >= SENDING_MS;
  }
}
