import type { Reason } from '../../services/core/settlement/reasons.ts';
import type { FlatRecord } from './flat-records.ts';
import {
  type Identity,
  instantOf,
  type Leg,
  type LivePayment,
  type ReferenceState,
} from './reference-state.ts';

const DAY_MS = 86_400_000n;

export const utcDay = (timeMs: bigint): number => Number(timeMs / DAY_MS);
export function days(state: ReferenceState): number {
  return state.rules?.identityDays ?? 0;
}

/** The latest business date that any currency has had, or the UTC day before the first opening. */
export function today(state: ReferenceState): number {
  const dates = state.currencies.flatMap((c) => (c.date === undefined ? [] : [c.date]));
  return dates.length === 0 ? utcDay(state.timeMs) : Math.max(...dates);
}

/** Something happens to a payment, of which its identity tells: its days begin anew where they count from the end. */
export function happens(state: ReferenceState, identity: Identity): void {
  if (state.rules?.countsFromEnd === 1) identity.day = Math.max(identity.day, today(state));
}

/** What one currency's calendar says of a settlement date. */
function judgeDate(state: ReferenceState, currency: number, date: number): Reason {
  const { date: business, open } = state.currencies[currency] ?? { date: undefined, open: false };
  const utc = utcDay(state.timeMs);
  const n = days(state);
  let [after, last] = [utc - n, utc + n];
  if (business !== undefined)
    [after, last] = [business - n, open ? business : Math.max(business, utc) + n];
  if (date <= after || date > last || date <= state.horizon) return 'settlementDateInvalid';
  return !open && business !== undefined && date <= business ? 'afterCutOff' : 'none';
}

/** Whether a payment may be in the queues: its currencies are open, its earliest time has come, and its condition is met or its money set aside before. */
export function mayStand(
  state: ReferenceState,
  payment: Pick<LivePayment, 'record' | 'isEarly' | 'legs' | 'condition' | 'earmarks'>,
): boolean {
  const { record, isEarly, legs, condition, earmarks } = payment;
  const awaitsCondition = condition?.isMet === false && earmarks?.atTrigger !== false;
  if (isEarly || awaitsCondition) return false;
  return legs.every(({ debit }) => {
    const { open, date } = state.currencies[debit.currency] ?? { open: false, date: undefined };
    return open && date !== undefined && record.date <= date;
  });
}

/** A date that one of the currencies cannot settle comes before a currency that has closed for it. */
export function judgeDates(
  state: ReferenceState,
  record: FlatRecord,
  legs: readonly Leg[],
): Reason {
  const judged = legs.map(({ debit }) => judgeDate(state, debit.currency, record.date));
  if (judged.includes('settlementDateInvalid')) return 'settlementDateInvalid';
  return judged.includes('afterCutOff') ? 'afterCutOff' : 'none';
}

export function judgeTimes(state: ReferenceState, record: FlatRecord): Reason {
  const { earliest, latest } = record;
  if (latest === 0) return 'none';
  if (latest <= earliest || instantOf(record, latest) <= state.timeMs) return 'timesInvalid';
  return 'none';
}
