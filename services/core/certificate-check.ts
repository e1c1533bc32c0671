import type { Certificate, CertifiedReason } from './certificate.ts';

type Payment = Certificate['payments'][number];

const CLASSES = ['urgent', 'high', 'normal'] as const;

/** A queue's place: participant and currency. */
const placeOf = (participant: string, currency: string): string => `${participant} ${currency}`;

/** What a set does to one account, worked out from the certificate's tables alone. */
class Book {
  readonly #certificate: Certificate;

  constructor(certificate: Certificate) {
    this.#certificate = certificate;
  }

  queue(place: string): Payment[] {
    const { payments } = this.#certificate;
    const mine = payments.filter((p) =>
      p.legs.some((leg) => placeOf(leg.debtor, leg.currency) === place),
    );
    return CLASSES.flatMap((priority) => mine.filter((p) => p.priority === priority));
  }

  /** Whether a set may settle as far as this account goes: null, or what is wrong. */
  fault(set: ReadonlySet<Payment>, place: string): string | null {
    const account = this.#certificate.accounts.find(
      (a) => placeOf(a.participant, a.currency) === place,
    );
    if (account === undefined) return `there is no account ${place}`;
    let into = 0n;
    const out = { urgent: 0n, high: 0n, normal: 0n };
    let lowest = 0;
    for (const { priority, legs } of set) {
      for (const leg of legs) {
        if (placeOf(leg.creditor, leg.currency) === place) into += BigInt(leg.amount);
        if (placeOf(leg.debtor, leg.currency) !== place) continue;
        out[priority] += BigInt(leg.amount);
        lowest = Math.max(lowest, CLASSES.indexOf(priority));
      }
    }
    const before = BigInt(account.balance);
    const after = before + into - out.urgent - out.high - out.normal;
    const left = (reserved: bigint, used: bigint): bigint =>
      reserved > used ? reserved - used : 0n;
    let threshold = -BigInt(account.creditLine);
    if (lowest > 0) threshold += left(BigInt(account.reservedUrgent), out.urgent);
    if (lowest > 1) threshold += left(BigInt(account.reservedHigh), out.high);
    if (after < threshold && after < before) return `${place} would end at ${after}`;
    return this.#limitFault(set, account.participant, account.currency);
  }

  #limitFault(set: ReadonlySet<Payment>, owner: string, currency: string): string | null {
    const own = this.#certificate.limits.filter(
      (l) => l.participant === owner && l.currency === currency,
    );
    const named = own.map((l) => l.counterparty);
    for (const { counterparty, limit, position } of own) {
      const counts = (other: string): boolean =>
        counterparty === null ? !named.includes(other) : counterparty === other;
      let moved = 0n;
      for (const { legs } of set) {
        for (const leg of legs) {
          if (leg.currency !== currency) continue;
          if (leg.debtor === owner && counts(leg.creditor)) moved += BigInt(leg.amount);
          if (leg.creditor === owner && counts(leg.debtor)) moved -= BigInt(leg.amount);
        }
      }
      const after = BigInt(position) + moved;
      if (moved > 0n && after > BigInt(limit))
        return `${owner}'s ${currency} limit against ${counterparty ?? 'all others'} would stand at ${after}`;
    }
    return null;
  }
}

/** Whether a drop is one that no feasible set could have avoided. */
function dropFault(
  book: Book,
  certificate: Certificate,
  set: ReadonlySet<Payment>,
  payment: Payment,
  because: CertifiedReason,
): string | null {
  if (because.kind === 'held')
    return payment.legs.every((leg) => certificate.currencies.includes(leg.currency))
      ? 'no leg of it is in another currency'
      : null;
  const { participant, currency } = because.kind === 'short' ? because.shortage : because;
  const place = placeOf(participant, currency);
  const queue = book.queue(place);
  const at = queue.indexOf(payment);
  if (!certificate.currencies.includes(currency)) return `${currency} takes no part`;
  if (at === -1) return `it does not stand in the queue of ${place}`;
  if (because.kind === 'behind')
    return queue.slice(0, at).some((p) => !set.has(p)) ? null : `nothing before it has gone`;
  if (queue.slice(at + 1).some((p) => set.has(p))) return `it is not the last in ${place}`;
  return book.fault(set, place) === null ? `${place} is not short` : null;
}

/**
 * Proves from a certificate alone that what was settled was allowed and, where it says so, that it
 * is the largest set that respects the order of the queues. Independent of the core and of the
 * resolver that made it.
 * @returns what is wrong, in words; empty where the certificate holds
 */
export function checkCertificate(certificate: Certificate): string[] {
  const book = new Book(certificate);
  const byUetr = new Map(certificate.payments.map((p) => [p.uetr, p]));
  const faults: string[] = [];
  const settled = new Set<Payment>();
  for (const uetr of certificate.settled) {
    const payment = byUetr.get(uetr);
    if (payment === undefined) faults.push(`${uetr} settled without being queued`);
    else settled.add(payment);
  }
  const places = [...certificate.accounts].map((a) => placeOf(a.participant, a.currency));
  for (const place of places) {
    const fault = book.fault(settled, place);
    if (fault !== null) faults.push(`what settled is not allowed: ${fault}`);
  }
  if (!certificate.isLargest) return faults;
  for (const place of places) {
    const queue = book.queue(place);
    const first = queue.findIndex((p) => !settled.has(p));
    if (first !== -1 && queue.slice(first).some((p) => settled.has(p)))
      faults.push(`${place}: a payment settled before one that stood ahead of it`);
  }
  return [...faults, ...checkDrops(book, certificate, byUetr, settled)];
}

/** From everything that takes part down to what settled: no step may go too far. */
function checkDrops(
  book: Book,
  certificate: Certificate,
  byUetr: ReadonlyMap<string, Payment>,
  settled: ReadonlySet<Payment>,
): string[] {
  const set = new Set(
    certificate.payments.filter((p) =>
      p.legs.some((leg) => certificate.currencies.includes(leg.currency)),
    ),
  );
  const faults: string[] = [];
  for (const { uetr, because } of certificate.drops) {
    const payment = byUetr.get(uetr);
    if (payment === undefined || !set.has(payment)) {
      faults.push(`${uetr} is dropped without being in the set`);
      continue;
    }
    const fault = dropFault(book, certificate, set, payment, because);
    if (fault !== null) faults.push(`${uetr} is dropped for no reason: ${fault}`);
    set.delete(payment);
  }
  for (const payment of set)
    if (!settled.has(payment)) faults.push(`${payment.uetr} could have settled`);
  for (const payment of settled)
    if (!set.has(payment)) faults.push(`${payment.uetr} settled and is dropped`);
  return faults;
}
