/** Which payments changed their fate from one run to another. */
import TinyQueue from 'tinyqueue';
import {
  type ChangedPayment,
  FATES,
  type Fate,
  type PaymentComparison,
  type PaymentFate,
} from './comparison-json.ts';
import { fateInRow, type PaymentIndex, type Terms } from './payment-index.ts';
import type { CsvPayment } from './payments-csv-reader.ts';

/** Payments that are listed, the largest. */
const LISTED = 20;

/** By what payments of several currencies are put in order. */
export interface ValueOrder {
  /** In words. */
  readonly by: string;
  readonly weight: (amountMinor: bigint, currency: string) => number;
}

interface Candidate {
  readonly weight: number;
  readonly payment: Omit<ChangedPayment, 'reasons'>;
}

const NOT_SUBMITTED: PaymentFate = {
  fate: 'notSubmitted',
  reason: '',
  mechanism: '',
  finalAtMs: null,
};

type Counts = Omit<PaymentComparison, 'run' | 'unmatched' | 'largest' | 'order'>;
type Largest = readonly Omit<ChangedPayment, 'reasons'>[];

/** Holds the payments of one run against those of the first. */
export class FateComparison {
  readonly #first: PaymentIndex;
  readonly #order: ValueOrder;
  readonly #listed: number;
  /** By place in the index. */
  readonly #seen: Uint8Array;
  readonly #others = new Set<string>();
  readonly #matrix = emptyMatrix();
  readonly #settled = { sameTime: 0, earlier: 0, later: 0 };
  #matched = 0;
  #sentAtAnotherTime = 0;
  #otherTerms = 0;
  #changed = 0;
  /** The smallest of the largest comes first: it makes room. */
  readonly #largest = new TinyQueue<Candidate>([], byWeight);

  /** @param listed at least so many of the largest are listed */
  constructor(first: PaymentIndex, order: ValueOrder, listed: number) {
    this.#first = first;
    this.#order = order;
    this.#listed = Math.max(listed, LISTED);
    this.#seen = new Uint8Array(first.size);
  }

  /** Takes a payment of the other run. */
  take(payment: CsvPayment): void {
    const { uetr } = payment;
    const place = uetr === '' ? undefined : this.#first.place(uetr);
    if (place === undefined) {
      if (uetr === '' || this.#others.has(uetr)) return;
      this.#others.add(uetr);
      if (payment.isCounted) this.#note(uetr, payment, NOT_SUBMITTED, fateInRow(payment));
      return;
    }
    if (this.#seen[place] === 1) return;
    this.#seen[place] = 1;
    const { terms, fate, submittedAtMs, isCounted } = this.#first.at(uetr, place);
    const known = knownTerms(terms, payment);
    // The two legs of a matched pair are one payment.
    if (!isCounted) return;
    if (known === null) {
      this.#otherTerms += 1;
      return;
    }
    this.#matched += 1;
    if (payment.submittedAtMs !== submittedAtMs) this.#sentAtAnotherTime += 1;
    this.#note(uetr, known, fate, fateInRow(payment));
  }

  /** When all of the other run's were taken. */
  end(): { readonly counts: Counts; readonly largest: Largest } {
    for (const [uetr, place] of this.#first.entries()) {
      if (this.#seen[place] === 1) continue;
      const { terms, fate, isCounted } = this.#first.at(uetr, place);
      if (isCounted) this.#note(uetr, terms, fate, NOT_SUBMITTED);
    }
    const largest: Candidate[] = [];
    for (let next = this.#largest.pop(); next !== undefined; next = this.#largest.pop())
      largest.unshift(next);
    return {
      counts: {
        ...{ matched: this.#matched, sentAtAnotherTime: this.#sentAtAnotherTime },
        ...{ otherTerms: this.#otherTerms, changed: this.#changed },
        ...{ matrix: this.#matrix, settledInBoth: this.#settled },
      },
      largest: largest.map(({ payment }) => payment),
    };
  }

  #note(
    uetr: string,
    { debtorAgent, creditorAgent, currency, amountMinor }: Terms,
    first: PaymentFate,
    other: PaymentFate,
  ): void {
    this.#matrix[first.fate][other.fate] += 1;
    const laterMs =
      first.fate === 'settled' && other.fate === 'settled'
        ? (other.finalAtMs as number) - (first.finalAtMs as number)
        : null;
    if (laterMs !== null)
      this.#settled[laterMs === 0 ? 'sameTime' : laterMs < 0 ? 'earlier' : 'later'] += 1;
    if (laterMs === null ? first.fate === other.fate : laterMs === 0) return;
    this.#changed += 1;
    const weight = this.#order.weight(amountMinor, currency);
    const full = this.#largest.length >= this.#listed;
    if (full && weight < (this.#largest.peek() as Candidate).weight) return;
    this.#largest.push({
      weight,
      payment: {
        ...{ uetr, debtorAgent, creditorAgent, currency },
        amountMinor: String(amountMinor),
        fates: [first, other],
      },
    });
    if (full) this.#largest.pop();
  }
}

/** Of the same value the one whose UETR comes first is listed first. */
const byWeight = (a: Candidate, b: Candidate): number =>
  a.weight - b.weight || (a.payment.uetr < b.payment.uetr ? 1 : -1);

function emptyMatrix(): Record<Fate, Record<Fate, number>> {
  const row = () => Object.fromEntries(FATES.map((fate) => [fate, 0])) as Record<Fate, number>;
  return Object.fromEntries(FATES.map((fate) => [fate, row()])) as Record<
    Fate,
    Record<Fate, number>
  >;
}

/**
 * The terms of a payment; null where the two runs' differ. A message that failed authentication has
 * a UETR alone: then they are those of the other.
 */
function knownTerms(first: Terms, other: CsvPayment): Terms | null {
  if (first.currency === '') return other;
  if (other.currency === '') return first;
  const same =
    first.debtorAgent === other.debtorAgent &&
    first.creditorAgent === other.creditorAgent &&
    first.currency === other.currency &&
    first.amountMinor === other.amountMinor;
  return same ? first : null;
}
