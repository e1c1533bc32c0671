import { Book, crossShortfalls, placeOf, type Tables } from './certificate-book.ts';
import type { Certificate, CertifiedAccount, CertifiedPayment } from './certificate-format.ts';

/** Part of the certificate's checker: what holds payments up, worked out anew. */

const CLASSES = ['urgent', 'high', 'normal'] as const;

type Told = Tables & Pick<Certificate, 'settled' | 'heldUp' | 'asked'>;

/** The certificate's tables once what the run settled is booked. */
function afterRun(certificate: Told): Tables {
  const settled = new Set(certificate.settled);
  const booked = certificate.payments.filter((p) => settled.has(p.position));
  if (booked.length === 0) return certificate;
  const book = new Book(certificate);
  for (const payment of booked) book.add(payment);
  const account = (a: CertifiedAccount): CertifiedAccount => {
    const { into, out } = book.sheet(placeOf(a.participant, a.currency));
    const left = (reserved: string, used: bigint): string => {
      const rest = BigInt(reserved) - used;
      return String(rest > 0n ? rest : 0n);
    };
    return {
      ...a,
      balance: String(BigInt(a.balance) + into - out[0] - out[1] - out[2]),
      reservedUrgent: left(a.reservedUrgent, out[0]),
      reservedHigh: left(a.reservedHigh, out[1]),
    };
  };
  return {
    ...certificate,
    accounts: certificate.accounts.map(account),
    limits: certificate.limits.map((l) => {
      const moved = book.movedOn(placeOf(l.participant, l.currency), l.counterparty);
      return { ...l, position: String(BigInt(l.position) + moved) };
    }),
    payments: certificate.payments.filter((p) => !settled.has(p.position)),
  };
}

/** The smallest set with a payment that has, of each member's queues, all that stands before it. */
function takeClosure(book: Book, payment: CertifiedPayment): void {
  const todo = [payment];
  for (let next = todo.pop(); next !== undefined; next = todo.pop()) {
    if (book.members.has(next)) continue;
    book.add(next);
    for (const { debtor, currency } of next.legs) {
      const place = placeOf(debtor, currency);
      const at = book.placeIn(place, next) as number;
      for (let before = at - 1; before >= 0; before -= 1) {
        const one = book.sheet(place).queue[before] as CertifiedPayment;
        if (book.members.has(one)) break;
        todo.push(one);
      }
    }
  }
}

/** Each first payment of a queue, and the one asked about, must be told of once, with exactly what its closure leaves short. */
export function heldUpFaults(certificate: Told): string[] {
  const after = afterRun(certificate);
  const faults: string[] = [];
  const told = new Map(certificate.heldUp.map((h) => [h.payment, h.shortages]));
  if (told.size < certificate.heldUp.length) faults.push('heldUp: a payment is told of twice');
  const first = new Map<string, number>();
  for (const priority of CLASSES)
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
    const found = book
      .places()
      .flatMap((place) =>
        book.shortfalls(place).map((s) => `${place} ${s.by} ${s.counterparty} ${s.amount}`),
      );
    for (const s of crossShortfalls(after, book))
      found.push(`${placeOf(s.participant, s.currency)} ${s.by} ${s.counterparty} ${s.amount}`);
    const said = shortages.map(
      (s) => `${placeOf(s.participant, s.currency)} ${s.by} ${s.counterparty} ${s.amount}`,
    );
    if (found.sort().join() !== said.sort().join())
      faults.push(`heldUp: payment ${position} is held up by other shortages`);
  }
  return faults;
}
