import { digestFaults } from '../certificate-format.ts';
import type { NettedPayment, NettingCertificate, RefusedPayment } from '../netting-certificate.ts';
import { closeCycle } from './netting-close.ts';
import { amountFaults, identityFaults, type NamedAmount } from './premises-check.ts';

const FAULTS_MAX = 20;

/**
 * Proves from the certificate of a netting cycle alone that its payments kept the caps when they were
 * accepted and those refused did not, that the positions are their sums, and that defaults, shares of
 * losses, what is unwound and the closing balances are those which docs/settlement.md defines. It works
 * all of it out anew and shares no code with the core. What it cannot know is whether payments, caps
 * and balances were those of the pool: that the log tells.
 * @returns what is wrong, in words; empty where the certificate holds
 */
export function checkNetting(certificate: NettingCertificate): string[] {
  const broken = structureFaults(certificate);
  if (broken.length > 0) return broken.slice(0, FAULTS_MAX);
  const faults = [
    ...digestFaults(certificate),
    ...capFaults(certificate),
    ...closingFaults(certificate),
  ];
  return faults.slice(0, FAULTS_MAX);
}

function structureFaults(certificate: NettingCertificate): string[] {
  const { accounts, payments, refused, caps, event: last } = certificate;
  const faults: string[] = [];
  const known = new Set<string>();
  for (const { participant, defaultedAt } of accounts) {
    if (known.has(participant)) faults.push(`account ${participant} stands there twice`);
    known.add(participant);
    if (defaultedAt !== null && (defaultedAt < 1 || defaultedAt > last))
      faults.push(`${participant} has defaulted with event ${defaultedAt}, which is not before`);
  }
  const positions = new Set<number>();
  for (const { position, debtor, creditor } of [...payments, ...refused]) {
    if (positions.has(position)) faults.push(`payment ${position} stands there twice`);
    positions.add(position);
    if (debtor === creditor) faults.push(`payment ${position} pays ${debtor} from itself`);
    for (const party of [debtor, creditor])
      if (!known.has(party)) faults.push(`payment ${position}: ${party} has no account`);
  }
  for (const { participant, counterparty } of caps) {
    if (participant === counterparty) faults.push(`a cap of ${participant} for itself`);
    for (const party of [participant, counterparty ?? participant])
      if (!known.has(party)) faults.push(`a cap of ${party}, which has no account`);
  }
  faults.push(...identityFaults(payments), ...ledgerFaults(certificate));
  for (const [what, list] of Object.entries({ payments, refused, caps }))
    faults.push(...orderFaults(what, list, last));
  const events = [...payments, ...refused, ...caps].map(({ event }) => event);
  if (new Set(events).size < events.length) faults.push('one event says two things');
  return faults;
}

const ledgerFaults = ({ accounts, payments, refused, caps }: NettingCertificate): string[] =>
  amountFaults([
    ...accounts.flatMap(({ participant, balance, creditLine }): NamedAmount[] => [
      [`the balance of ${participant}`, balance],
      [`the credit line of ${participant}`, creditLine],
    ]),
    ...[...payments, ...refused].map(
      ({ position, amount }): NamedAmount => [`the amount of payment ${position}`, amount],
    ),
    ...caps.map(({ participant, cap }): NamedAmount => [`a cap of ${participant}`, cap]),
  ]);

function orderFaults(what: string, list: readonly { event: number }[], last: number): string[] {
  const isInOrder = list.every(({ event }, at) => event > (list[at - 1]?.event ?? 0));
  const isBefore = list.every(({ event }) => event <= last);
  return isInOrder && isBefore ? [] : [`${what}: not in the order of events before the cycle`];
}

type Happening =
  | { readonly kind: 'cap'; readonly cap: NettingCertificate['caps'][number] }
  | { readonly kind: 'payment'; readonly payment: NettedPayment }
  | { readonly kind: 'refused'; readonly payment: RefusedPayment };

const eventOf = (one: Happening): number => (one.kind === 'cap' ? one.cap : one.payment).event;

/** Goes through what happened in order: what was accepted kept each cap, what was refused did not. */
function capFaults({ caps, payments, refused, accounts }: NettingCertificate): string[] {
  const happened: Happening[] = [
    ...caps.map((cap) => ({ kind: 'cap', cap }) as const),
    ...payments.map((payment) => ({ kind: 'payment', payment }) as const),
    ...refused.map((payment) => ({ kind: 'refused', payment }) as const),
  ].sort((a, b) => eventOf(a) - eventOf(b));
  const inForce = new Map<string, bigint | null>();
  const owed = new Map<string, bigint>();
  const defaultedAt = new Map(accounts.map((a) => [a.participant, a.defaultedAt ?? Infinity]));
  const owes = (key: string, amount: bigint): void => {
    owed.set(key, (owed.get(key) ?? 0n) + amount);
  };
  /** What a payment is beyond the caps that hold for it now, in words. */
  const beyond = ({ debtor, creditor, amount }: NettedPayment): string[] =>
    [
      { by: 'netDebitCap', cap: inForce.get(`${debtor} *`), owed: owed.get(debtor) },
      {
        by: 'bilateralCap',
        cap: inForce.get(`${creditor} ${debtor}`),
        owed: owed.get(`${debtor} ${creditor}`),
      },
    ].flatMap(({ by, cap, owed: before = 0n }) => {
      const over = before + BigInt(amount) - (cap ?? 0n);
      return (cap ?? null) === null || over <= 0n ? [] : [`${by} ${over}`];
    });
  const faults: string[] = [];
  for (const one of happened) {
    if (one.kind === 'cap') {
      const { participant, counterparty, cap } = one.cap;
      inForce.set(`${participant} ${counterparty ?? '*'}`, cap === null ? null : BigInt(cap));
      continue;
    }
    const { position, debtor, creditor, amount } = one.payment;
    const over = beyond(one.payment);
    if (one.kind === 'refused') {
      const said = one.payment.short.map((s) => `${s.by} ${s.amount}`);
      if (said.length === 0 || said.join() !== over.join())
        faults.push(`refused: payment ${position} was short of ${over.join(' and ') || 'no cap'}`);
      if (one.payment.event > (defaultedAt.get(debtor) as number))
        faults.push(
          `refused: payment ${position} is of ${debtor}, which had defaulted, not of a cap`,
        );
      continue;
    }
    if (over.length > 0) faults.push(`payment ${position} was beyond its ${over.join(' and ')}`);
    if (one.payment.event > (defaultedAt.get(debtor) as number))
      faults.push(`payment ${position} was accepted from ${debtor}, which had defaulted`);
    owes(debtor, BigInt(amount));
    owes(creditor, -BigInt(amount));
    owes(`${debtor} ${creditor}`, BigInt(amount));
    owes(`${creditor} ${debtor}`, -BigInt(amount));
  }
  return faults;
}

const listOf = (items: readonly unknown[]): string => JSON.stringify(items);

/** What the cycle did is what its definition makes of the premises. */
function closingFaults(certificate: NettingCertificate): string[] {
  const expected = closeCycle(certificate);
  const faults: string[] = [];
  for (const field of ['nets', 'defaults', 'shares', 'unwound', 'settled'] as const) {
    const order = (item: unknown): unknown =>
      typeof item === 'object' && item !== null
        ? Object.fromEntries(Object.entries(item).sort(([a], [b]) => (a < b ? -1 : 1)))
        : item;
    if (listOf(certificate[field].map(order)) !== listOf(expected[field].map(order)))
      faults.push(`${field}: by the definition other than it says`);
  }
  if (certificate.outcome !== expected.outcome)
    faults.push(`the outcome is ${expected.outcome}, not ${certificate.outcome}`);
  const changed = expected.nets.reduce((sum, n) => sum + BigInt(n.netted) - BigInt(n.borne), 0n);
  if (changed !== 0n) faults.push(`the closing balances add up to ${changed} more than before`);
  return faults;
}
