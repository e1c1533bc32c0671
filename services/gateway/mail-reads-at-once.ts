/** How many pages and streams of mail may be open at once, of one bank and of all together. */
import { passingProblem } from '../protocol/names/http-problems.ts';

/** Pages that are being read or waited for, and of them one bank's; and so many streams. */
const OPEN_MAX = 1_000;
const OPEN_PER_BANK_MAX = 16;

/** Counts what is open, so that neither one bank nor all together hold the gateway's memory. */
export class OpenReads {
  readonly #what: string;
  #all = 0;
  readonly #byBank = new Map<string, number>();

  constructor(what: 'pages' | 'streams') {
    this.#what = what;
  }

  /** Returns what to call on leaving. */
  enter(bic: string): () => void {
    const own = this.#byBank.get(bic) ?? 0;
    if (own >= OPEN_PER_BANK_MAX || this.#all >= OPEN_MAX)
      throw passingProblem(
        'overloaded',
        `${own >= OPEN_PER_BANK_MAX ? `${bic} has ${own}` : `there are ${this.#all}`} open ${this.#what}`,
      );
    this.#all += 1;
    this.#byBank.set(bic, own + 1);
    return () => {
      this.#all -= 1;
      const left = (this.#byBank.get(bic) ?? 1) - 1;
      if (left > 0) this.#byBank.set(bic, left);
      else this.#byBank.delete(bic);
    };
  }
}
