import type { Reason } from '../../services/core/settlement/reasons.ts';
import type { FlatRecord } from './flat-records.ts';
import { putOnWorklist } from './reference-booking.ts';
import { freeOf } from './reference-credit-and-reservations.ts';
import {
  accountsOf,
  type Leg,
  type ReferenceAccount,
  type ReferenceState,
  write,
} from './reference-state.ts';

/** The free money of an account after something that is being looked at. */
export type After = (account: ReferenceAccount) => bigint;

interface Standing {
  /** The value of what is below zero. */
  owed: bigint;
  /** The value of everything after haircuts, times 10,000. */
  worth: bigint;
}

function standingOf(state: ReferenceState, participant: number, balanceOf: After): Standing {
  const standing = { owed: 0n, worth: 0n };
  for (const account of accountsOf(state, participant)) {
    const { weight, haircutBps } = state.valuations.get(account.currency) ?? {
      weight: 0n,
      haircutBps: 0n,
    };
    const balance = balanceOf(account);
    if (balance < 0n) standing.owed -= balance * weight;
    standing.worth += balance * weight * (10_000n + (balance < 0n ? haircutBps : -haircutBps));
  }
  return standing;
}

/** By how much a participant would break its limits, in value: 0n where it would not. */
export function excessAcross(
  state: ReferenceState,
  participant: number,
  after: After,
): { owed: bigint; worth: bigint } {
  const limits = state.crossLimits.get(participant);
  if (limits === undefined) return { owed: 0n, worth: 0n };
  const unit = state.valuations.get(limits.currency)?.weight ?? 0n;
  const now = standingOf(state, participant, freeOf);
  const then = standingOf(state, participant, after);
  const owed = then.owed - limits.aggregate * unit;
  const worth = -(then.worth + limits.pooled * unit * 10_000n);
  return {
    owed: limits.aggregate >= 0n && owed > 0n && then.owed > now.owed ? owed : 0n,
    worth: limits.pooled >= 0n && worth > 0n && then.worth < now.worth ? worth : 0n,
  };
}

export function keepsLimits(state: ReferenceState, participant: number, after: After): boolean {
  const { owed, worth } = excessAcross(state, participant, after);
  return owed === 0n && worth === 0n;
}

/** Whether these legs keep the limits of everybody that they debit. */
export function legsKeepLimits(state: ReferenceState, legs: readonly Leg[]): boolean {
  const after: After = (account) =>
    legs.reduce(
      (balance, { debit, credit, amount }) =>
        balance + (credit === account ? amount : 0n) - (debit === account ? amount : 0n),
      freeOf(account),
    );
  return legs.every(({ debit }) => keepsLimits(state, debit.participant, after));
}

/** What one account would need more so that its participant keeps its limits; at most 2^64 - 1. */
export function missingAcross(
  state: ReferenceState,
  account: ReferenceAccount,
  after: bigint,
): bigint {
  const keeps = (more: bigint): boolean =>
    keepsLimits(state, account.participant, (other) =>
      other === account ? after + more : freeOf(other),
    );
  if (keeps(0n)) return 0n;
  let [tooLittle, enough] = [0n, 2n ** 64n - 1n];
  while (enough - tooLittle > 1n) {
    const middle = (enough + tooLittle) / 2n;
    if (keeps(middle)) enough = middle;
    else tooLittle = middle;
  }
  return enough;
}

/** Of some accounts of a participant, the one that falls most in value; the first currency's. */
export function mostDrawn(
  state: ReferenceState,
  accounts: readonly ReferenceAccount[],
  after: After,
): ReferenceAccount {
  const fall = (account: ReferenceAccount): bigint =>
    (freeOf(account) - after(account)) * (state.valuations.get(account.currency)?.weight ?? 0n);
  return accounts.reduce((most, account) => (fall(account) > fall(most) ? account : most));
}

/** In minor units of the currency in which the participant's limits are given, rounded up. */
export function inLimitUnits(
  state: ReferenceState,
  participant: number,
  excess: bigint,
  scale: bigint,
): bigint {
  const currency = state.crossLimits.get(participant)?.currency ?? 0;
  const unit = (state.valuations.get(currency)?.weight ?? 0n) * scale;
  return unit === 0n ? 2n ** 64n : (excess + unit - 1n) / unit;
}

export function value(state: ReferenceState, record: FlatRecord): Reason {
  const { currency1, amount1: weight, haircutBps } = record;
  if (currency1 >= state.currencies.length || weight < 0n || haircutBps > 10_000)
    return 'recordInvalid';
  const others = [...state.valuations].filter(([currency]) => currency !== currency1);
  if (others.reduce((sum, [, { weight: w }]) => sum + w, weight) >= 2n ** 48n)
    return 'recordInvalid';
  state.valuations.set(currency1, { weight, haircutBps: BigInt(haircutBps) });
  write(state, 'valuationSet', { currency1, amount1: weight, amount2: haircutBps });
  for (const participant of [...state.crossLimits.keys()].sort((a, b) => a - b))
    for (const account of accountsOf(state, participant)) putOnWorklist(state, account);
  return 'none';
}

export function limitAcross(state: ReferenceState, record: FlatRecord): Reason {
  const { participant, currency1: currency, amount1: aggregate, amount2: pooled } = record;
  if (!state.accounts.has(`${participant}/${currency}`)) return 'recordInvalid';
  if (aggregate < -1n || pooled < -1n) return 'recordInvalid';
  if (aggregate < 0n && pooled < 0n) state.crossLimits.delete(participant);
  else state.crossLimits.set(participant, { aggregate, pooled, currency });
  const fields = { debtorAgent: participant, currency1: currency };
  write(state, 'crossLimitSet', { ...fields, amount1: aggregate, amount2: pooled });
  for (const account of accountsOf(state, participant)) putOnWorklist(state, account);
  return 'none';
}
