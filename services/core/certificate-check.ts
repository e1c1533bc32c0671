import { Book, crossShortfalls, type Extra, placeOf } from './certificate-book.ts';
import {
  type Certificate,
  type CertifiedDrop,
  type CertifiedPayment,
  certificateDigest,
} from './certificate-format.ts';
import { heldUpFaults } from './certificate-held-up.ts';

/** Mechanisms that settle the largest set that respects the order. */
const LARGEST: readonly string[] = ['gridlockResolution', 'partial'];
/** Mechanisms that may settle nothing although a set could. */
const MAY_LEAVE: readonly string[] = ['allOrNothing', 'multiple'];
const FAULTS_MAX = 20;

/**
 * Proves from a certificate alone that what was settled was allowed, that the largest set which
 * respects the order of the queues is the one named, that outcome and mechanism agree with both, and
 * that what holds payments up is what it says. Independent of the core and of the resolver. What it
 * cannot know is whether balances, limits and payments were those of the pool: that the log tells.
 * @param certificate of the form in certificate-format.ts
 * @returns what is wrong, in words; empty where the certificate holds
 */
export function checkCertificate(certificate: Certificate): string[] {
  const broken = structureFaults(certificate);
  if (broken.length > 0) return broken;
  const faults = [
    ...(certificateDigest(certificate) === certificate.digest
      ? []
      : ['the digest is of another content']),
    ...setFaults(certificate, certificate.settled, 'settled', null, false),
    ...largestFaults(certificate),
    ...outcomeFaults(certificate),
    ...heldUpFaults(certificate),
    ...releaseFaults(certificate),
  ];
  return faults.slice(0, FAULTS_MAX);
}

/** What the rest relies on: everything is there once, and names what is there. */
function structureFaults({ accounts, limits, payments, ...rest }: Certificate): string[] {
  const faults: string[] = [];
  const once = (what: string, keys: readonly (string | number)[]): void => {
    const seen = new Set<string | number>();
    for (const key of keys) {
      if (seen.has(key)) faults.push(`${what} ${key} stands there twice`);
      seen.add(key);
    }
  };
  const places = new Set(accounts.map((a) => placeOf(a.participant, a.currency)));
  once(
    'account',
    accounts.map((a) => placeOf(a.participant, a.currency)),
  );
  once(
    'limit',
    limits.map((l) => `${placeOf(l.participant, l.currency)} ${l.counterparty}`),
  );
  once(
    'payment',
    payments.map((p) => p.position),
  );
  once('currency', rest.currencies);
  for (const { participant, currency } of limits)
    if (!places.has(placeOf(participant, currency)))
      faults.push(`a limit of ${participant} in ${currency}, where it has no account`);
  for (const { position, legs, pairedWith } of payments) {
    const [first, second] = legs;
    for (const { debtor, creditor, currency } of legs) {
      if (debtor === creditor) faults.push(`payment ${position} pays ${debtor} from itself`);
      for (const party of [debtor, creditor])
        if (!places.has(placeOf(party, currency)))
          faults.push(`payment ${position}: ${party} has no account in ${currency}`);
    }
    if (first?.currency === second?.currency)
      faults.push(`payment ${position}: both legs in one currency`);
    const mirrors = first?.debtor === second?.creditor && first?.creditor === second?.debtor;
    const passesOn = first?.creditor === second?.debtor;
    if (pairedWith !== null && !mirrors) faults.push(`payment ${position}: its legs are no pair`);
    if (second !== undefined && !passesOn) faults.push(`payment ${position}: its legs do not meet`);
  }
  return faults;
}

const takesPart = ({ currencies }: Certificate, { legs }: CertifiedPayment): boolean =>
  legs.some(({ currency }) => currencies.includes(currency));
const isWhole = ({ currencies }: Certificate, { legs }: CertifiedPayment): boolean =>
  legs.every(({ currency }) => currencies.includes(currency));

/** Whether a set of positions may settle; `ordered`: as the front of every queue. */
function setFaults(
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
    .filter((p) => !isWhole(certificate, p))
    .map((p) => `${what}: payment ${p.position} has a leg in a currency that takes no part`);
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

const sameSet = (a: readonly number[], b: readonly number[]): boolean => a.join() === b.join();

function largestFaults(certificate: Certificate): string[] {
  const { largest, drops } = certificate;
  const left = dropAll(certificate, drops, null);
  const reached = certificate.payments.filter((p) => left.members.has(p)).map((p) => p.position);
  return [
    ...setFaults(certificate, largest, 'largest', null, true),
    ...left.faults,
    ...(sameSet(reached, largest) ? [] : ['largest: not what is left when what must go has gone']),
  ];
}

/** From everything that takes part, one drop after another: none may go too far. */
function dropAll(certificate: Certificate, drops: readonly CertifiedDrop[], extra: Extra | null) {
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
    return isWhole(certificate, payment) ? 'no leg of it is in another currency' : null;
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

/** What mechanism, outcome, and the two sets say of each other. */
function outcomeFaults(certificate: Certificate): string[] {
  const { mechanism, outcome, settled, largest, cycle, currencies } = certificate;
  if ((cycle === null) === (certificate.asked === null))
    return ['it is either of a run, or of a state and a payment in it'];
  if (cycle === null)
    return mechanism === 'gridlockResolution' && outcome === null && settled.length === 0
      ? []
      : ['of a state in which nothing ran, it says that something did'];
  const faults: string[] = [];
  if (mechanism !== 'gridlockResolution' && currencies.length !== 1)
    faults.push(`${mechanism} looks at one currency`);
  // With limits across currencies no set is the largest: what can be said is in `settled`.
  if (certificate.crossLimits.length > 0) return [...faults, ...acrossFaults(certificate)];
  if (LARGEST.includes(mechanism) && !sameSet(settled, largest))
    faults.push(`${mechanism} settles the largest set, and it did not`);
  if (mechanism === 'allOrNothing') faults.push(...allOrNothingFaults(certificate));
  if (mechanism === 'bankClearing' && value(certificate, settled) < value(certificate, largest))
    faults.push('bankClearing settled less than the largest set in order');
  const takesAny = certificate.payments.some((p) => takesPart(certificate, p));
  const couldSettle = largest.length > 0;
  const expected = !takesAny
    ? 'nothingQueued'
    : settled.length > 0
      ? 'resolved'
      : couldSettle && MAY_LEAVE.includes(mechanism)
        ? 'gridlock'
        : 'deadlock';
  if (outcome !== expected) faults.push(`the outcome is ${expected}, not ${outcome}`);
  return faults;
}

/** A run's outcome where participants have limits across currencies. */
function acrossFaults(certificate: Certificate): string[] {
  const { mechanism, outcome, settled, largest, payments } = certificate;
  const keepsOrder = LARGEST.includes(mechanism) || mechanism === 'allOrNothing';
  const faults = keepsOrder ? setFaults(certificate, settled, 'settled', null, true) : [];
  if (keepsOrder && !settled.every((position) => largest.includes(position)))
    faults.push('settled: a payment that is in no set in order');
  const takesAny = payments.some((p) => takesPart(certificate, p));
  const possible = !takesAny
    ? ['nothingQueued']
    : settled.length > 0
      ? ['resolved']
      : largest.length > 0
        ? ['deadlock', 'gridlock', 'undecided']
        : ['deadlock'];
  if (!possible.includes(outcome ?? ''))
    faults.push(`the outcome is ${possible.join(' or ')}, not ${outcome}`);
  return faults;
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
  const fits = book.places().every((place) => book.shortfalls(place).length === 0);
  const expected = payments.filter((p) => fits && book.members.has(p)).map((p) => p.position);
  return sameSet(expected, settled) ? [] : ['allOrNothing settles all that takes part, or nothing'];
}

function releaseFaults(certificate: Certificate): string[] {
  const { release, asked: position } = certificate;
  if (release === null) return [];
  const { payment, participant, currency, amount, settles, drops } = release;
  const place = placeOf(participant, currency);
  const asked = certificate.payments.find((p) => p.position === payment);
  if (payment !== position) return ['release: not of the payment that was asked about'];
  if (!asked?.legs.some((leg) => placeOf(leg.debtor, leg.currency) === place))
    return [`release: payment ${payment} does not debit ${place}`];
  if (amount === '0')
    return sameSet(settles, certificate.largest) && settles.includes(payment) && drops.length === 0
      ? []
      : [`release: payment ${payment} is not released without money`];
  const isMember = settles.includes(payment);
  const faults =
    amount === null && settles.length > 0 ? ['release: no amount, yet it settles'] : [];
  if (amount !== null) {
    const extra = { place, amount: BigInt(amount) };
    if (!isMember) faults.push(`release: ${amount} does not release payment ${payment}`);
    faults.push(...setFaults(certificate, settles, 'release', extra, true));
  }
  const less = { place, amount: amount === null ? null : BigInt(amount) - 1n };
  const left = dropAll(certificate, drops, less);
  const reached = certificate.payments.filter((p) => left.members.has(p)).map((p) => p.position);
  // What is left can settle, so nothing that had to go was kept back.
  faults.push(...setFaults(certificate, reached, 'release', less, true));
  if (left.members.has(asked)) faults.push(`release: less would release payment ${payment}`);
  return [...faults, ...left.faults.map((fault) => `release: ${fault}`)];
}
