/** A UETR need not name one payment: which of several is meant, by what a request says of it. */
import { fieldProblem } from '../protocol/names/http-problems.ts';

/** What a pool knows a payment by, beside its UETR. */
export interface PaymentIdentity {
  readonly messageType: string;
  readonly pool: string;
  readonly sender: string;
  /** Of a return, else null. */
  readonly messageId: string | null;
}

/** What chooses among the payments of one UETR, and what of them it chooses by. */
const CHOICES = [
  ['type', 'messageType'],
  ['pool', 'pool'],
  ['sender', 'sender'],
  ['message', 'messageId'],
] as const;

/** What a request says of the payment that it means. */
export type WantedPayment = Readonly<
  Partial<Record<(typeof CHOICES)[number][0], string | undefined>>
>;

export const wantedAmong = <T extends PaymentIdentity>(
  payments: readonly T[],
  wanted: WantedPayment,
): T[] =>
  payments.filter((one) =>
    CHOICES.every(([field, name]) => (wanted[field] ?? one[name]) === one[name]),
  );

/**
 * The one payment that has what was asked for; undefined: none has the UETR.
 * @throws ProblemError where several have it, or none and others have the UETR
 */
export function onlyWanted<T extends PaymentIdentity>(
  payments: readonly T[],
  wanted: WantedPayment,
): T | undefined {
  const found = wantedAmong(payments, wanted);
  for (const [field, name] of CHOICES) {
    const names = namesOf(found, name);
    if (names.length > 1)
      throw fieldProblem(
        'parameterInvalid',
        field,
        null,
        `one of ${names.join(', ')}: each has this UETR`,
      );
  }
  if (found.length === 0) refuseOtherNames(payments, wanted);
  return found[0];
}

/** Throws where payments have the UETR, and none what was asked for. */
function refuseOtherNames(payments: readonly PaymentIdentity[], wanted: WantedPayment): void {
  if (payments.length === 0) return;
  for (const [field, name] of CHOICES) {
    const names = namesOf(payments, name).filter((one) => one !== null);
    const value = wanted[field];
    if (value === undefined || names.includes(value)) continue;
    const expected =
      names.length > 0
        ? `one of ${names.join(', ')}, which has this UETR`
        : `no ${field}: nothing of this UETR has one`;
    throw fieldProblem('notFound', field, value, expected);
  }
}

const namesOf = (payments: readonly PaymentIdentity[], name: keyof PaymentIdentity) => [
  ...new Set(payments.map((one) => one[name])),
];
