import type { Reason } from '../../services/core/settlement/reasons.ts';
import { NONE16 } from '../../services/core/settlement/records.ts';
import type { FlatRecord } from './flat-records.ts';
import { judgeCorridors, useCorridors } from './reference-corridor-limits.ts';
import { judgeDates, judgeTimes, today } from './reference-dates.ts';
import { debitsDefaulted } from './reference-netting.ts';
import { enterTogether, join } from './reference-partners.ts';
import {
  type Identity,
  type Leg,
  type LivePayment,
  paymentFields,
  type ReferenceState,
  write,
} from './reference-state.ts';

/** What a leg delivers, then what it receives; or why there is none. */
function legsOf(state: ReferenceState, record: FlatRecord): readonly Leg[] | Reason {
  const { debtorAgent: own, creditorAgent: other, currency1, currency2 } = record;
  const account = (participant: number, currency: number) =>
    state.accounts.get(`${participant}/${currency}`);
  const delivers = { debit: account(own, currency1), credit: account(other, currency1) };
  const receives = { debit: account(other, currency2), credit: account(own, currency2) };
  const legs: Leg[] = [];
  for (const [{ debit, credit }, amount] of [
    [delivers, record.amount1],
    [receives, record.amount2],
  ] as const) {
    if (debit === undefined || credit === undefined) return 'accountMissing';
    legs.push({ debit, credit, amount });
  }
  if (own === other) return 'sameAgent';
  return legs.every((leg) => leg.amount > 0n) ? legs : 'amountNotPositive';
}

/** The same key and date; each delivers to the other what that one wants to receive. */
function mirrors(a: FlatRecord, b: FlatRecord): boolean {
  return (
    a.matchKey === b.matchKey &&
    a.date === b.date &&
    a.debtorAgent === b.creditorAgent &&
    a.creditorAgent === b.debtorAgent &&
    a.currency1 === b.currency2 &&
    a.currency2 === b.currency1 &&
    a.amount1 === b.amount2 &&
    a.amount2 === b.amount1
  );
}

export function acceptLeg(state: ReferenceState, record: FlatRecord, identity: Identity): Reason {
  const { currency1, currency2 } = record;
  if (record.priority > 2 || currency1 === currency2 || currency2 === NONE16)
    return 'formatInvalid';
  if (record.participant !== record.debtorAgent) return 'instructingAgentNotDebtorAgent';
  const legs = legsOf(state, record);
  if (typeof legs === 'string') return legs;
  if (debitsDefaulted(state, legs)) return 'participantDefaulted';
  const judged = judgeDates(state, record, legs);
  if (judged !== 'none') return judged;
  const judgedTimes = judgeTimes(state, record);
  if (judgedTimes !== 'none') return judgedTimes;
  // What it receives, the other bank's leg delivers.
  const delivered = legs.slice(0, 1);
  const limited = judgeCorridors(state, delivered, identity);
  if (limited !== 'none') return limited;
  const mirror = state.live
    .filter((p) => p.state === 'unmatched')
    .sort((a, b) => a.order - b.order)
    .find((p) => mirrors(p.record, record));
  if (state.live.length >= (state.rules?.livePaymentsMax ?? 0)) return 'limitReached';
  state.orders += 1;
  const leg: LivePayment = {
    ...{ record, legs, quote: undefined, identity, state: 'unmatched', isEarly: false },
    ...{ order: state.orders, sinceMs: state.timeMs, wish: record.priority },
  };
  state.live.push(leg);
  useCorridors(state, delivered, identity);
  identity.day = Math.max(today(state), record.date);
  if (mirror !== undefined) {
    match(state, mirror, leg);
  } else {
    write(state, 'queued', paymentFields(record));
    identity.outcome = { kind: 'queued', reason: 'none' };
  }
  return 'none';
}

/** The leg that came first stands for the pair from now on. */
function match(state: ReferenceState, first: LivePayment, second: LivePayment): void {
  state.orders += 1;
  first.order = state.orders;
  join([first, second]);
  for (const [leg, other] of [
    [second, first],
    [first, second],
  ] as const) {
    write(state, 'matched', {
      ...paymentFields(leg.record),
      paymentPosition: leg.record.position,
      balance1: other.record.position,
    });
    leg.identity.outcome = { kind: 'matched', reason: 'none' };
  }
  enterTogether(state, first);
}
