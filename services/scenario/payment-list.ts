/**
 * The payments that a table lists, in its order. Most are plain, and stand in a row of numbers each: an object for each
 * of hundreds of thousands takes longer to make and to keep than their text takes to read. Plain data, and functions of
 * it: threads are given it as it is. How a row of the table is read: listed-payments.ts.
 */
import { PRIORITIES, type Priority } from '../protocol/messages/priorities.ts';
import { DRAFT, DRAFT_KINDS, LISTED_NUMBERS } from './draft-rows.ts';
import type { ListedPayment, PaymentKind, PaymentList } from './scenario.ts';

export const NO_PAYMENTS: PaymentList = {
  ...{ length: 0, numbers: new Float64Array(0), beside: new Map(), references: [] },
};

export const listedMs = ({ numbers }: PaymentList, line: number): number =>
  numbers[line * LISTED_NUMBERS + DRAFT.atMs]!;

/** Of the currency that is debited. */
export const listedCurrency = ({ numbers }: PaymentList, line: number): number =>
  numbers[line * LISTED_NUMBERS + DRAFT.currency]!;

export function listedPayment(list: PaymentList, line: number): ListedPayment {
  const own = list.beside.get(line);
  if (own) return own;
  const { numbers, references } = list;
  const at = line * LISTED_NUMBERS;
  // What names a run in the analysis store has these in this order.
  return {
    atMs: numbers[at + DRAFT.atMs]!,
    dateIndex: numbers[at + DRAFT.date]!,
    debtorAgent: numbers[at + DRAFT.debtorAgent]!,
    creditorAgent: numbers[at + DRAFT.creditorAgent]!,
    currency: numbers[at + DRAFT.currency]!,
    amountMinor: BigInt(numbers[at + DRAFT.amount]!),
    priority: PRIORITIES[numbers[at + DRAFT.priority]!]!,
    quote: null,
    kind: DRAFT_KINDS[numbers[at + DRAFT.kind]!]!,
    receives: null,
    reference: references[line] ?? null,
    earliestMs: null,
    latestMs: null,
    cancelAfterMs: null,
  };
}

/** Each as an object, for who looks at all of them once. */
export function* eachListed(list: PaymentList): Generator<ListedPayment, void> {
  for (let line = 0; line < list.length; line++) yield listedPayment(list, line);
}

/** Their numbers by time, those of one moment in the list's order. */
export function listedByTime(list: PaymentList): Uint32Array {
  const lines = new Uint32Array(list.length);
  let isInOrder = true;
  let beforeMs = Number.NEGATIVE_INFINITY;
  for (let line = 0; line < lines.length; line++) {
    const atMs = listedMs(list, line);
    isInOrder &&= atMs >= beforeMs;
    beforeMs = atMs;
    lines[line] = line;
  }
  if (isInOrder) return lines;
  // A list that is nearly in order takes few steps; a typed array sorts all the same.
  const sorted = [...lines].sort((a, b) => listedMs(list, a) - listedMs(list, b));
  return Uint32Array.from(sorted);
}

/** Whether a row tells all of it, but its reference. */
const isPlain = (payment: ListedPayment): boolean =>
  DRAFT_KINDS.includes(payment.kind) &&
  payment.quote === null &&
  payment.receives === null &&
  payment.earliestMs === null &&
  payment.latestMs === null &&
  payment.cancelAfterMs === null &&
  payment.amountMinor <= Number.MAX_SAFE_INTEGER;

const FIRST_LINES = 1024;

/** A list that is written. */
export class PaymentListWriter {
  length = 0;
  #numbers: Float64Array;
  readonly #beside = new Map<number, ListedPayment>();
  readonly #references: (string | null)[] = [];

  /** @param room for so many, before it has to grow: memory is taken as it is used */
  constructor(room = FIRST_LINES) {
    this.#numbers = new Float64Array(Math.max(1, room) * LISTED_NUMBERS);
  }

  /** @param amount up to 2^53 - 1 */
  addPlain(
    atMs: number,
    dateIndex: number,
    debtorAgent: number,
    creditorAgent: number,
    currency: number,
    amount: number,
    priority: Priority,
    kind: PaymentKind = 'customer',
  ): void {
    const at = this.length * LISTED_NUMBERS;
    if (at === this.#numbers.length) this.#grow();
    const numbers = this.#numbers;
    numbers[at + DRAFT.atMs] = atMs;
    numbers[at + DRAFT.date] = dateIndex;
    numbers[at + DRAFT.debtorAgent] = debtorAgent;
    numbers[at + DRAFT.creditorAgent] = creditorAgent;
    numbers[at + DRAFT.currency] = currency;
    numbers[at + DRAFT.amount] = amount;
    numbers[at + DRAFT.priority] = PRIORITIES.indexOf(priority);
    numbers[at + DRAFT.kind] = DRAFT_KINDS.indexOf(kind);
    this.length += 1;
  }

  add(payment: ListedPayment): void {
    if (!isPlain(payment)) this.#beside.set(this.length, payment);
    else if (payment.reference !== null) {
      while (this.#references.length < this.length) this.#references.push(null);
      this.#references.push(payment.reference);
    }
    const { atMs, dateIndex, debtorAgent, creditorAgent, currency, amountMinor } = payment;
    const amount = Number(amountMinor);
    const { priority, kind } = payment;
    this.addPlain(atMs, dateIndex, debtorAgent, creditorAgent, currency, amount, priority, kind);
  }

  /** It is begun anew. */
  clear(): void {
    this.length = 0;
    this.#beside.clear();
    this.#references.length = 0;
  }

  list(): PaymentList {
    const end = this.length * LISTED_NUMBERS;
    const isRoomy = 2 * end < this.#numbers.length;
    return {
      length: this.length,
      numbers: isRoomy ? this.#numbers.slice(0, end) : this.#numbers.subarray(0, end),
      beside: this.#beside,
      references: this.#references,
    };
  }

  #grow(): void {
    const larger = new Float64Array(2 * this.#numbers.length);
    larger.set(this.#numbers);
    this.#numbers = larger;
  }
}

/** The same list with another payment for each of those beside the rows. */
export const withBeside = (
  list: PaymentList,
  change: (payment: ListedPayment) => ListedPayment,
): PaymentList => ({
  ...list,
  beside: new Map([...list.beside].map(([line, payment]) => [line, change(payment)])),
});
