import type { Certificate } from '../certificate-format.ts';
import { placeOf, type Tables } from './book-shortfalls.ts';

/** Part of the certificate's checker: the premises, as far as they bind each other. */

type Key = string | number;

function twice(what: string, keys: readonly Key[]): string[] {
  const seen = new Set<Key>();
  const faults: string[] = [];
  for (const key of keys) {
    if (seen.has(key)) faults.push(`${what} ${key} stands there twice`);
    seen.add(key);
  }
  return faults;
}

/** What the rest relies on: everything is there once, and names what is there. */
export const structureFaults = (certificate: Certificate): string[] => [
  ...tableFaults(certificate),
  ...mechanismFaults(certificate),
];

/** What the ledger keeps an amount in: 64 bits with a sign, minor units. */
const LEDGER_MAX = 2n ** 63n - 1n;

/** An amount by the words for it; null: there is none. */
export type NamedAmount = readonly [of: string, amount: string | null];

/** Amounts that no ledger of this kind can hold, so no state of one was like that. */
export const amountFaults = (named: readonly NamedAmount[]): string[] =>
  named
    .filter(([, amount]) => amount !== null)
    .filter(([, amount]) => BigInt(amount as string) ** 2n > LEDGER_MAX ** 2n)
    .map(([of, amount]) => `${of} is ${amount}, expected within 64 bits`);

/** What must differ between payments: each identity is that of one. */
export const identityFaults = (
  payments: readonly { readonly uetr: string; readonly pairedWith?: string | null }[],
): string[] =>
  twice(
    'UETR',
    payments.flatMap((p) => [p.uetr, p.pairedWith ?? null]).filter((uetr) => uetr !== null),
  );

type Ruled = Tables & { readonly rules: readonly { readonly currency: string }[] };

/** The same of the tables alone, whatever ran over them. */
export function tableFaults(certificate: Ruled): string[] {
  const { accounts, limits, payments } = certificate;
  const named = accounts.map((a) => placeOf(a.participant, a.currency));
  const places = new Set(named);
  const limited = limits.map((l) => `${placeOf(l.participant, l.currency)} ${l.counterparty}`);
  const faults = [
    ...twice('account', named),
    ...twice('limit', limited),
    ...twice(
      'payment',
      payments.map((p) => p.position),
    ),
    ...identityFaults(payments),
    ...amountFaults([
      ...accounts.flatMap(accountAmounts),
      ...limits.map((l): NamedAmount => [`a limit of ${l.participant}`, l.limit]),
      ...payments.flatMap(({ position, legs }) =>
        legs.map((leg): NamedAmount => [`the amount of payment ${position}`, leg.amount]),
      ),
    ]),
    ...ruleFaults(certificate),
    ...acrossFaults(certificate),
    ...paymentFaults(payments, places),
  ];
  for (const { participant, currency } of limits)
    if (!places.has(placeOf(participant, currency)))
      faults.push(`a limit of ${participant} in ${currency}, where it has no account`);
  return faults;
}

function accountAmounts(account: Certificate['accounts'][number]): NamedAmount[] {
  const place = placeOf(account.participant, account.currency);
  return [
    [`the balance of ${place}`, account.balance],
    [`the credit line of ${place}`, account.creditLine],
    [`the urgent reservation of ${place}`, account.reservedUrgent],
    [`the high reservation of ${place}`, account.reservedHigh],
  ];
}

function paymentFaults(payments: Certificate['payments'], places: ReadonlySet<string>): string[] {
  const faults: string[] = [];
  for (const { position, legs, pairedWith, isChain } of payments) {
    const [first, second, third] = legs;
    for (const { debtor, creditor, currency } of legs) {
      if (debtor === creditor) faults.push(`payment ${position} pays ${debtor} from itself`);
      for (const party of [debtor, creditor])
        if (!places.has(placeOf(party, currency)))
          faults.push(`payment ${position}: ${party} has no account in ${currency}`);
    }
    if (isChain) {
      if (pairedWith !== null) faults.push(`payment ${position}: a chain that is paired`);
      continue;
    }
    if (third !== undefined)
      faults.push(`payment ${position}: ${legs.length} legs, and it is no chain`);
    if (first?.currency === second?.currency)
      faults.push(`payment ${position}: both legs in one currency`);
    const mirrors = first?.debtor === second?.creditor && first?.creditor === second?.debtor;
    const passesOn = first?.creditor === second?.debtor;
    if (pairedWith !== null && !mirrors) faults.push(`payment ${position}: its legs are no pair`);
    if (second !== undefined && !passesOn) faults.push(`payment ${position}: its legs do not meet`);
  }
  return faults;
}

function ruleFaults({ rules, accounts }: Ruled): string[] {
  const ruled = rules.map((r) => r.currency);
  const faults = twice('rules of', ruled);
  for (const { participant, currency } of accounts)
    if (!ruled.includes(currency))
      faults.push(`${participant} has an account in ${currency}, of which no rules are told`);
  return faults;
}

/**
 * Which currencies take part is no choice of the certificate: the rules of all of them say it. A
 * payment that is left out is so because the mechanism of its currency is another.
 */
function mechanismFaults({ rules, currencies, mechanism, cycle }: Certificate): string[] {
  const faults: string[] = [];
  const ruled = rules.map((r) => r.currency);
  const doing = rules.filter((r) => r.mechanism === mechanism).map((r) => r.currency);
  if (mechanism !== 'gridlockResolution') {
    const [own] = currencies;
    if (own === undefined || currencies.length > 1)
      faults.push(`${mechanism} looks at one currency`);
    else if (!doing.includes(own)) faults.push(`${own} does not do ${mechanism} by its rules`);
    return faults;
  }
  const joined = cycle === null && doing.length === 0 ? ruled : doing;
  if (joined.length === 0) faults.push('no currency resolves gridlocks by its rules');
  if (joined.join() !== currencies.join())
    faults.push(`by the rules ${joined.join(', ')} take part, not ${currencies.join(', ')}`);
  return faults;
}

/** A limit across currencies bounds something, and all that it counts has a value. */
function acrossFaults({ crossLimits, valuations, accounts, rules }: Ruled): string[] {
  const faults = twice(
    'limit across the currencies of',
    crossLimits.map((l) => l.participant),
  );
  for (const { participant, currency, aggregateShort, pooledCollateral } of crossLimits) {
    const of = `the limit of ${participant} across currencies`;
    if (aggregateShort === null && pooledCollateral === null) faults.push(`${of} bounds nothing`);
    if (!accounts.some((a) => a.participant === participant))
      faults.push(`${of}: it has no account`);
    if (!rules.some((r) => r.currency === currency))
      faults.push(`${of}: of ${currency} no rules are told`);
  }
  const valued = valuations.map((v) => v.currency).join();
  const expected = crossLimits.length === 0 ? '' : rules.map((r) => r.currency).join();
  if (valued !== expected)
    faults.push('valuations: expected each currency once if there are limits across them');
  return faults;
}
