import { PRIORITIES } from '../../../protocol/messages/priorities.ts';
import type { Certificate, CertifiedPayment } from '../certificate-format.ts';
import { Book, booked, crossShortfalls, placeOf, type Tables } from './book-shortfalls.ts';

/** Part of the certificate's checker: what holds payments up, worked out anew. */

type Told = Tables & Pick<Certificate, 'settled' | 'heldUp' | 'asked'>;

/** The smallest set with a payment that has, of each member's queues, all that stands before it. */
function takeClosure(book: Book, payment: CertifiedPayment): void {
  const todo = [payment];
  for (let next = todo.pop(); next !== undefined; next = todo.pop()) {
    if (book.members.has(next)) continue;
    book.add(next);
    for (const { debtor, currency } of next.legs) {
      const place = placeOf(debtor, currency);
      // The last of its legs that stand here: before it may stand others of its own.
      const at = book.placeIn(place, next) as number;
      for (let before = at - 1; before >= 0; before -= 1) {
        const one = book.sheet(place).queue[before] as CertifiedPayment;
        if (one === next) continue;
        if (book.members.has(one)) break;
        todo.push(one);
      }
    }
  }
}

/** What the set leaves short, of those who owe something in it: nobody else can be. */
function shortOf(tables: Tables, book: Book): string[] {
  const debtors = new Set<string>();
  const places = new Set<string>();
  for (const { legs } of book.members)
    for (const { debtor, currency } of legs) {
      debtors.add(debtor);
      places.add(placeOf(debtor, currency));
    }
  const own = [...places].flatMap((place) =>
    book.shortfalls(place).map((s) => `${place} ${s.by} ${s.counterparty} ${s.amount}`),
  );
  const across = crossShortfalls(tables, book, debtors).map(
    (s) => `${placeOf(s.participant, s.currency)} ${s.by} ${s.counterparty} ${s.amount}`,
  );
  return [...own, ...across];
}

/** Each first payment of a queue, and the one asked about, must be told of once, with exactly what its closure leaves short. */
export function heldUpFaults(certificate: Told): string[] {
  const after = booked(certificate, new Set(certificate.settled));
  const faults: string[] = [];
  const told = new Map(certificate.heldUp.map((h) => [h.payment, h.shortages]));
  if (told.size < certificate.heldUp.length) faults.push('heldUp: a payment is told of twice');
  const first = new Map<string, number>();
  for (const priority of PRIORITIES)
    for (const { position, legs } of after.payments.filter((p) => p.priority === priority))
      for (const { debtor, currency } of legs) {
        const place = placeOf(debtor, currency);
        if (!first.has(place)) first.set(place, position);
      }
  const expected = new Set(first.values());
  if (certificate.asked !== null) expected.add(certificate.asked);
  for (const position of expected)
    if (!told.has(position)) faults.push(`heldUp: nothing is said of payment ${position}`);
  const byPosition = new Map(after.payments.map((p) => [p.position, p]));
  const book = new Book(after);
  for (const [position, shortages] of told) {
    const payment = byPosition.get(position);
    if (payment === undefined || !expected.has(position)) {
      faults.push(`heldUp: payment ${position} is not first in a queue`);
      continue;
    }
    for (const member of [...book.members]) book.remove(member);
    takeClosure(book, payment);
    const found = shortOf(after, book);
    const said = shortages.map(
      (s) => `${placeOf(s.participant, s.currency)} ${s.by} ${s.counterparty} ${s.amount}`,
    );
    if (found.sort().join() !== said.sort().join())
      faults.push(`heldUp: payment ${position} is held up by other shortages`);
  }
  return faults;
}
