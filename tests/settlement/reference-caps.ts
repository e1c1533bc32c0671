import type { Reason } from '../../services/core/settlement/reasons.ts';
import { NONE32 } from '../../services/core/settlement/records.ts';
import type { FlatRecord } from './flat-records.ts';

import {
  acceptedIn,
  type Leg,
  type LivePayment,
  type ReferenceAccount,
  type ReferenceState,
  write,
} from './reference-state.ts';

const AMOUNT_MAX = 2n ** 63n - 1n;

export const sum = (numbers: readonly bigint[]): bigint => numbers.reduce((a, b) => a + b, 0n);

export const legOf = (payment: LivePayment): Leg => payment.legs[0] as Leg;

function paid(payments: Iterable<LivePayment>, account: ReferenceAccount): bigint {
  return sum([...payments].map(legOf).flatMap((l) => (l.debit === account ? [l.amount] : [])));
}

function received(payments: Iterable<LivePayment>, account: ReferenceAccount): bigint {
  return sum([...payments].map(legOf).flatMap((l) => (l.credit === account ? [l.amount] : [])));
}

export function netOf(payments: Iterable<LivePayment>, account: ReferenceAccount): bigint {
  return received(payments, account) - paid(payments, account);
}

/** What `of` has to get from `against` less what it has to pay to it. */
function bilateralNet(
  payments: readonly LivePayment[],
  of: ReferenceAccount,
  against: ReferenceAccount,
): bigint {
  const between = payments
    .map(legOf)
    .filter(
      (l) => (l.debit === of && l.credit === against) || (l.debit === against && l.credit === of),
    );
  return sum(between.map((l) => (l.credit === of ? l.amount : -l.amount)));
}

export function judgeCaps(state: ReferenceState, legs: readonly Leg[]): Reason {
  const { debit, credit, amount } = legs[0] as Leg;
  const accepted = acceptedIn(state, debit.currency);
  if (paid(accepted, debit) + amount > AMOUNT_MAX) return 'limitReached';
  if (received(accepted, credit) + amount > AMOUNT_MAX) return 'limitReached';
  const cap = state.netDebitCaps.get(debit);
  if (cap !== undefined && netOf(accepted, debit) - amount < -cap) return 'capExceeded';
  const granted = state.bilateralCaps.get(credit)?.get(debit) ?? -1n;
  if (granted < 0n) return 'none';
  return bilateralNet(accepted, debit, credit) - amount < -granted ? 'capExceeded' : 'none';
}

export function setCap(state: ReferenceState, record: FlatRecord): Reason {
  const { participant, currency1, creditorAgent: counterparty, amount1: cap } = record;
  const account = state.accounts.get(`${participant}/${currency1}`);
  if (account === undefined || cap < -1n) return 'recordInvalid';
  if (counterparty === NONE32) {
    if (cap < 0n) state.netDebitCaps.delete(account);
    else state.netDebitCaps.set(account, cap);
  } else {
    const grantee = state.accounts.get(`${counterparty}/${currency1}`);
    if (grantee === undefined || grantee === account) return 'recordInvalid';
    const reason = setBilateralCap(state, account, grantee, cap);
    if (reason !== 'none') return reason;
  }
  write(state, 'capSet', {
    debtorAgent: participant,
    creditorAgent: counterparty,
    currency1,
    amount1: cap,
  });
  return 'none';
}

function setBilateralCap(
  state: ReferenceState,
  grantor: ReferenceAccount,
  grantee: ReferenceAccount,
  cap: bigint,
): Reason {
  const own = state.bilateralCaps.get(grantor) ?? new Map<ReferenceAccount, bigint>();
  const known = sum([...state.bilateralCaps.values()].map((caps) => BigInt(caps.size)));
  if (!own.has(grantee) && known >= BigInt(state.rules?.limitsMax ?? 0)) return 'limitReached';
  const others = [...state.bilateralCaps].flatMap(([by, caps]) =>
    by === grantor ? [] : [caps.get(grantee) ?? 0n],
  );
  const granted = sum(others.filter((other) => other > 0n)) + (cap > 0n ? cap : 0n);
  if (granted > AMOUNT_MAX) return 'recordInvalid';
  state.bilateralCaps.set(grantor, own.set(grantee, cap));
  return 'none';
}
