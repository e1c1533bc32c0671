import { signal } from '@preact/signals';
import type { PaymentHistory } from '../told-to-page.ts';
import { askPayment, Problem } from './api.ts';

/** What is known of the payment that is open. */
export interface AskedPayment {
  /** As the server told it last; null: it has not told it yet. */
  readonly payment: PaymentHistory | null;
  /** Why there is nothing newer; empty: there is. */
  readonly fault: string;
  /** A search of the whole log runs. */
  readonly isSearching: boolean;
}

const NOTHING: AskedPayment = { payment: null, fault: '', isSearching: false };
export const asked = signal<AskedPayment>(NOTHING);

/** Asks again while the payment waits, and while the server does not answer. */
const AGAIN_MS = 2_000;
let timer: ReturnType<typeof setTimeout> | undefined;
/** Each opening, and each search, has its own number: answers to an earlier one are of no matter. */
let opening = 0;

/** A payment is opened, or none is. */
export function followPayment(uetr: string | null): void {
  clearTimeout(timer);
  opening += 1;
  asked.value = NOTHING;
  if (uetr !== null) void ask(uetr, opening);
}

async function ask(uetr: string, own: number): Promise<void> {
  const answer = await answered(askPayment(uetr));
  if (own !== opening) return;
  const before = asked.peek().payment;
  const payment = 'payment' in answer ? newer(before, answer.payment) : before;
  const fault = 'fault' in answer ? answer.fault.message : '';
  asked.value = { payment, fault, isSearching: false };
  if ('fault' in answer ? mayPass(answer.fault, before !== null) : isOpen(answer.payment))
    timer = setTimeout(() => void ask(uetr, own), AGAIN_MS);
}

/** What is found stays until something new is told, which an open payment is asked for as before. */
export async function searchAll(uetr: string): Promise<void> {
  clearTimeout(timer);
  opening += 1;
  const own = opening;
  asked.value = { ...asked.peek(), fault: '', isSearching: true };
  const answer = await answered(askPayment(uetr, true));
  if (own !== opening) return;
  asked.value = { ...asked.peek(), ...found(answer), isSearching: false };
  if ('fault' in answer || isOpen(answer.payment))
    timer = setTimeout(() => void ask(uetr, own), AGAIN_MS);
}

/** Steps that a search found are not lost to an answer that leaves them out and has nothing new. */
function newer(before: PaymentHistory | null, told: PaymentHistory): PaymentHistory {
  const lastOf = ({ steps }: PaymentHistory) =>
    `${steps.at(-1)?.pool} ${steps.at(-1)?.eventNumber}`;
  const isKept = before?.complete && !told.complete && lastOf(before) === lastOf(told);
  return isKept ? { ...told, steps: before.steps, complete: true } : told;
}

type Answer = { readonly payment: PaymentHistory } | { readonly fault: Error };
const answered = (asking: Promise<PaymentHistory>): Promise<Answer> =>
  asking.then(
    (payment) => ({ payment }),
    (fault: Error) => ({ fault }),
  );
const found = (answer: Answer) =>
  'payment' in answer ? { payment: answer.payment } : { fault: answer.fault.message };

/** A server that was away, is busy, or, started again, has not read so far yet. */
const mayPass = (fault: Error, wasKnown: boolean): boolean =>
  !(fault instanceof Problem) ||
  fault.status === 0 ||
  fault.status === 429 ||
  fault.status >= 500 ||
  (fault.status === 404 && wasKnown);

function isOpen({ steps, position, wait }: PaymentHistory): boolean {
  const last = steps.filter((step) => step.position === position).at(-1);
  return wait !== null || last?.status === 'PDNG' || last?.status === 'ACSP';
}
