import type { Certificate, CertifiedPayment } from '../certificate-format.ts';
import { Book, crossShortfalls, placeOf } from './book-shortfalls.ts';
import { isWhole, sameSet, setFaults, takesPart } from './feasible-set.ts';

/** Part of the certificate's checker: what a run of a mechanism had to settle, and its outcome. */

/** Mechanisms that settle the largest set that respects the order. */
const LARGEST: readonly string[] = ['gridlockResolution', 'partial'];
/** Mechanisms that may settle nothing although a set could. */
const MAY_LEAVE: readonly string[] = ['allOrNothing', 'multiple'];

/** Whether what a run settled is only proven to be allowed, not that nothing more could have settled. */
export const isHeuristic = (certificate: Certificate): boolean =>
  ['multiple', 'bankClearing'].includes(certificate.mechanism) ||
  largestWithAll(certificate) === null;

/**
 * What mechanism, outcome, and the two sets say of each other.
 * @param certificate whose `largest` is proven
 */
export function outcomeFaults(certificate: Certificate): string[] {
  const { mechanism, outcome, settled, cycle, asked } = certificate;
  if ((cycle === null) === (asked === null))
    return ['it is either of a run, or of a state and a payment in it'];
  if (cycle === null)
    return mechanism === 'gridlockResolution' && outcome === null && settled.length === 0
      ? []
      : ['of a state in which nothing ran, it says that something did'];
  const best = largestWithAll(certificate);
  const faults = runFaults(certificate, best);
  const possible = outcomesOf(certificate, best);
  if (!possible.includes(outcome ?? ''))
    faults.push(`the outcome is ${possible.join(' or ')}, not ${outcome}`);
  return faults;
}

/**
 * The largest set in order that also keeps the limits across currencies; null: there is none that is
 * the largest. In one currency such a limit is a floor of the account, so dropping is exact there.
 */
function largestWithAll(certificate: Certificate): readonly number[] | null {
  const { payments, largest, currencies } = certificate;
  const wanted = new Set(largest);
  const book = new Book(certificate);
  for (const payment of payments) if (wanted.has(payment.position)) book.add(payment);
  if (crossShortfalls(certificate, book).length === 0) return largest;
  const [currency, another] = currencies;
  if (currency === undefined || another !== undefined) return null;
  const short = (): string | undefined => shortIn(certificate, book, currency);
  for (let place = short(); place !== undefined; place = short()) {
    const { queue, end } = book.sheet(place);
    book.remove(queue[end - 1] as CertifiedPayment);
  }
  return payments.filter((p) => book.members.has(p)).map((p) => p.position);
}

/** An account that the set leaves short, by its own limits or by those across currencies, or out of order. */
function shortIn(certificate: Certificate, book: Book, currency: string): string | undefined {
  const own = book.places().find((place) => {
    const { end, firstGone } = book.sheet(place);
    return end > firstGone || book.shortfalls(place).length > 0;
  });
  const [across] = crossShortfalls(certificate, book);
  return own ?? (across && placeOf(across.participant, currency));
}

function runFaults(certificate: Certificate, best: readonly number[] | null): string[] {
  const { mechanism, settled, largest } = certificate;
  const faults: string[] = [];
  if (LARGEST.includes(mechanism) && best === null) {
    faults.push(...setFaults(certificate, settled, 'settled', null, true));
    if (!settled.every((position) => largest.includes(position)))
      faults.push('settled: a payment that is in no set in order');
  }
  if (LARGEST.includes(mechanism) && best !== null && !sameSet(settled, best))
    faults.push(`${mechanism} settles the largest set, and it did not`);
  if (mechanism === 'allOrNothing') faults.push(...allOrNothingFaults(certificate));
  if (mechanism === 'bankClearing' && value(certificate, settled) < value(certificate, best ?? []))
    faults.push('bankClearing settled less than the largest set in order');
  return faults;
}

function outcomesOf(certificate: Certificate, best: readonly number[] | null): string[] {
  const { mechanism, settled, largest, payments } = certificate;
  if (!payments.some((p) => takesPart(certificate, p))) return ['nothingQueued'];
  if (settled.length > 0) return ['resolved'];
  if (best === null) return ['undecided'];
  if (best.length > 0 && MAY_LEAVE.includes(mechanism)) return ['gridlock'];
  // Where limits across currencies took the last payment, a run may leave it undecided.
  return best.length < largest.length ? ['deadlock', 'undecided'] : ['deadlock'];
}

function value({ payments }: Certificate, positions: readonly number[]): bigint {
  const wanted = new Set(positions);
  return payments
    .filter((p) => wanted.has(p.position))
    .flatMap((p) => p.legs)
    .reduce((sum, leg) => sum + BigInt(leg.amount), 0n);
}

/** It takes all that stands before no held payment, or nothing where that leaves anybody short. */
function allOrNothingFaults(certificate: Certificate): string[] {
  const { payments, settled } = certificate;
  const blocked = new Set<string>();
  const all: CertifiedPayment[] = [];
  for (const priority of ['urgent', 'high', 'normal'] as const)
    for (const payment of payments.filter((p) => p.priority === priority)) {
      const places = payment.legs.map((leg) => placeOf(leg.debtor, leg.currency));
      const goes = isWhole(certificate, payment) && !places.some((place) => blocked.has(place));
      if (goes) all.push(payment);
      else for (const place of places) blocked.add(place);
    }
  const book = new Book(certificate);
  for (const payment of all) book.add(payment);
  const fits =
    book.places().every((place) => book.shortfalls(place).length === 0) &&
    crossShortfalls(certificate, book).length === 0;
  const expected = payments.filter((p) => fits && book.members.has(p)).map((p) => p.position);
  return sameSet(expected, settled) ? [] : ['allOrNothing settles all that takes part, or nothing'];
}
