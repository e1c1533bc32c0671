import type { Fate, PaymentFate } from './comparison-json.ts';
import type { CsvPayment } from './payments-csv-reader.ts';

/** Who pays whom, in what, how much. */
export interface Terms {
  readonly debtorAgent: string;
  readonly creditorAgent: string;
  readonly currency: string;
  readonly amountMinor: bigint;
}

export interface IndexedPayment {
  readonly uetr: string;
  readonly terms: Terms;
  readonly fate: PaymentFate;
  readonly submittedAtMs: number;
  readonly isCounted: boolean;
}

/** Numbers for texts that come again and again. */
class Texts {
  readonly #texts: string[] = [];
  readonly #numbers = new Map<string, number>();

  number(text: string): number {
    const known = this.#numbers.get(text);
    if (known !== undefined) return known;
    this.#numbers.set(text, this.#texts.length);
    return this.#texts.push(text) - 1;
  }

  text(number: number | undefined): string {
    return this.#texts[number as number] as string;
  }
}

export const fateInRow = ({ status, reason, mechanism, finalAtMs }: CsvPayment): PaymentFate => ({
  ...{ fate: status, reason, mechanism, finalAtMs },
});

/** Numbers of texts in each payment's row of the index. */
const TEXTS = [
  'debtorAgent',
  'creditorAgent',
  'currency',
  'status',
  'reason',
  'mechanism',
] as const;

/**
 * The payments of the first run by their UETR, with what others are held against. Columns of numbers,
 * for there may be millions: about 200 bytes a payment.
 */
export class PaymentIndex {
  readonly #places = new Map<string, number>();
  readonly #texts = new Texts();
  readonly #columns = TEXTS.map((): number[] => []);
  readonly #amounts: bigint[] = [];
  readonly #submittedAtMs: number[] = [];
  /** NaN: none. */
  readonly #finalAtMs: number[] = [];
  readonly #isCounted: boolean[] = [];

  /** A UETR that came before, or none, is no payment that could be found again. */
  add(payment: CsvPayment): void {
    if (payment.uetr === '' || this.#places.has(payment.uetr)) return;
    this.#places.set(payment.uetr, this.#amounts.length);
    for (const [column, name] of TEXTS.entries())
      this.#columns[column]?.push(this.#texts.number(payment[name]));
    this.#amounts.push(payment.amountMinor);
    this.#submittedAtMs.push(payment.submittedAtMs);
    this.#finalAtMs.push(payment.finalAtMs ?? Number.NaN);
    this.#isCounted.push(payment.isCounted);
  }

  get size(): number {
    return this.#amounts.length;
  }

  /** The place of a payment in the index; undefined where it has none. */
  place(uetr: string): number | undefined {
    return this.#places.get(uetr);
  }

  at(uetr: string, place: number): IndexedPayment {
    const texts = this.#columns.map((column) => this.#texts.text(column[place]));
    const [debtorAgent, creditorAgent, currency, fate, reason, mechanism] = texts as [
      ...[string, string, string, Fate, string, string],
    ];
    const finalAtMs = this.#finalAtMs[place] as number;
    return {
      uetr,
      terms: {
        ...{ debtorAgent, creditorAgent, currency },
        amountMinor: this.#amounts[place] as bigint,
      },
      fate: { fate, reason, mechanism, finalAtMs: Number.isNaN(finalAtMs) ? null : finalAtMs },
      submittedAtMs: this.#submittedAtMs[place] as number,
      isCounted: this.#isCounted[place] as boolean,
    };
  }

  /** Each UETR with its place. */
  entries(): IterableIterator<[string, number]> {
    return this.#places.entries();
  }
}
