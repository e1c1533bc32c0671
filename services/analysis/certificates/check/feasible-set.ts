/**
 * Part of the certificate's checker: whether a set of its payments may settle. It is whole, in order, and
 * nobody is short. What is short, in money and by limits: book-shortfalls.ts.
 */
import type { Certificate, CertifiedDrop, CertifiedPayment } from '../certificate-format.ts';
import { Book, crossShortfalls, type Extra, placeOf } from './book-shortfalls.ts';

export const takesPart = ({ currencies }: Certificate, { legs }: CertifiedPayment): boolean =>
  legs.some(({ currency }) => currencies.includes(currency));
export const isWhole = ({ currencies }: Certificate, { legs }: CertifiedPayment): boolean =>
  legs.every(({ currency }) => currencies.includes(currency));
/** Mechanisms that settle no chains: they hold them, and what stands behind. */
const HOLDING_CHAINS: readonly string[] = ['multiple', 'bankClearing'];
const isHeld = (certificate: Certificate, payment: CertifiedPayment): boolean =>
  !isWhole(certificate, payment) ||
  payment.isHeld === true ||
  (payment.isChain === true && HOLDING_CHAINS.includes(certificate.mechanism));

/** Whether a set of positions may settle; `ordered`: as the front of every queue. */
export function setFaults(
  certificate: Certificate,
  positions: readonly number[],
  what: string,
  extra: Extra | null,
  ordered: boolean,
): string[] {
  const { payments } = certificate;
  const wanted = new Set(positions);
  const inOrder = payments.filter((p) => wanted.has(p.position));
  if (inOrder.map((p) => p.position).join() !== positions.join())
    return [`${what}: not payments of the queues, each once and in entry order`];
  const book = new Book(certificate, extra);
  for (const payment of inOrder) book.add(payment);
  const faults = inOrder
    .filter((p) => isHeld(certificate, p))
    .map((p) =>
      isWhole(certificate, p)
        ? p.isHeld
          ? `${what}: payment ${p.position} waits for its money to be set aside`
          : `${what}: payment ${p.position} is a chain, and ${certificate.mechanism} settles none`
        : `${what}: payment ${p.position} has a leg in a currency that takes no part`,
    );
  if (what === 'settled')
    for (const { by, participant, amount } of crossShortfalls(certificate, book))
      faults.push(`${what}: ${participant} is ${amount} short across its currencies (${by})`);
  for (const place of book.places()) {
    for (const { by, amount } of book.shortfalls(place))
      faults.push(`${what}: ${place} is ${amount} short (${by})`);
    const { queue } = book.sheet(place);
    const first = queue.findIndex((p) => !book.members.has(p));
    if (ordered && first !== -1 && queue.slice(first).some((p) => book.members.has(p)))
      faults.push(`${what}: ${place} lets a payment pass one that stands before it`);
  }
  return faults;
}

export const sameSet = (a: readonly number[], b: readonly number[]): boolean =>
  a.join() === b.join();

/** From everything that takes part, one drop after another: none may go too far. */
export function dropAll(
  certificate: Certificate,
  drops: readonly CertifiedDrop[],
  extra: Extra | null,
) {
  const book = new Book(certificate, extra);
  const byPosition = new Map(certificate.payments.map((p) => [p.position, p]));
  for (const payment of certificate.payments)
    if (takesPart(certificate, payment)) book.add(payment);
  const faults: string[] = [];
  for (const drop of drops) {
    const payment = byPosition.get(drop.payment);
    if (payment === undefined || !book.members.has(payment)) {
      faults.push(`payment ${drop.payment} is dropped without being in the set`);
      continue;
    }
    const fault = dropFault(book, certificate, payment, drop.because);
    if (fault !== null) faults.push(`payment ${drop.payment} is dropped for no reason: ${fault}`);
    book.remove(payment);
  }
  return { members: book.members, faults };
}

/** Null where no feasible set could have had the payment, else why one could. */
function dropFault(
  book: Book,
  certificate: Certificate,
  payment: CertifiedPayment,
  because: CertifiedDrop['because'],
): string | null {
  if (because.kind === 'held')
    return isHeld(certificate, payment) ? null : 'no leg of it is in another currency';
  const { participant, currency } = because.kind === 'short' ? because.shortage : because;
  const place = placeOf(participant, currency);
  const at = book.placeIn(place, payment);
  if (!certificate.currencies.includes(currency)) return `${currency} takes no part`;
  if (at === undefined) return `it does not stand in the queue of ${place}`;
  const { firstGone, end } = book.sheet(place);
  if (because.kind === 'behind') return firstGone < at ? null : 'nothing before it has gone';
  if (end !== at + 1) return `it is not the last in ${place}`;
  const { by, counterparty, amount } = because.shortage;
  const isShort = book
    .shortfalls(place)
    .some((s) => s.by === by && s.counterparty === counterparty && String(s.amount) === amount);
  return isShort ? null : `${place} is not short by that`;
}
