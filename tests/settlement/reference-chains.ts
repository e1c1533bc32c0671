/** Chains, of the slow reference (reference.ts): how their legs come in and find each other. */
import type { Reason } from '../../services/core/settlement/reasons.ts';
import type { FlatRecord } from './flat-records.ts';
import { meetIfHeld } from './reference-attestations-and-deadline.ts';
import { judgeCorridors, useCorridors } from './reference-corridor-limits.ts';
import { judgeDates, judgeTimes, today } from './reference-dates.ts';
import { furtherTermsOf } from './reference-further-terms.ts';
import { debitsDefaulted } from './reference-netting.ts';
import { enterTogether, join } from './reference-partners.ts';
import {
  type Identity,
  instantOf,
  isSameChain,
  type Leg,
  type LivePayment,
  noteChain,
  numberFields,
  paymentFields,
  type ReferenceState,
  write,
} from './reference-state.ts';

/** What a leg moves; or why there is none. */
function legOf(state: ReferenceState, record: FlatRecord): Leg | Reason {
  const { debtorAgent, creditorAgent, currency1, amount1: amount } = record;
  const debit = state.accounts.get(`${debtorAgent}/${currency1}`);
  const credit = state.accounts.get(`${creditorAgent}/${currency1}`);
  if (debit === undefined || credit === undefined) return 'accountMissing';
  if (debit === credit) return 'sameAgent';
  return amount > 0n ? { debit, credit, amount } : 'amountNotPositive';
}

function isNumbered({ legNumber, legCount }: FlatRecord, least: number, most: number): boolean {
  return legCount >= least && legCount <= most && legNumber >= 1 && legNumber <= legCount;
}

/** How many chains can have a condition at a time. */
const conditionsMax = (state: ReferenceState): number =>
  Math.floor((state.rules?.livePaymentsMax ?? 0) / 4) + 16;

/** A time of a leg's terms that is not ahead can never be kept. */
const hasPassed = (state: ReferenceState, record: FlatRecord, seconds: number): boolean =>
  seconds !== 0 && instantOf(record, seconds) <= state.timeMs;

export function acceptChainLeg(
  state: ReferenceState,
  record: FlatRecord,
  identity: Identity,
): Reason {
  const further = furtherTermsOf(state, record);
  const least = further?.condition === undefined ? 2 : 1;
  if (record.priority > 2 || further === undefined) return 'formatInvalid';
  if (!isNumbered(record, least, state.rules?.chainLegsMax ?? 0)) return 'formatInvalid';
  if (record.participant !== record.debtorAgent) return 'instructingAgentNotDebtorAgent';
  const own = legOf(state, record);
  if (typeof own === 'string') return own;
  if (debitsDefaulted(state, [own])) return 'participantDefaulted';
  const judged = judgeDates(state, record, [own]);
  if (judged !== 'none') return judged;
  const judgedTimes = judgeTimes(state, record);
  if (judgedTimes !== 'none') return judgedTimes;
  const { deadline, expiry } = further;
  if (hasPassed(state, record, expiry) || (expiry !== 0 && expiry <= record.earliest))
    return 'timesInvalid';
  if (hasPassed(state, record, deadline)) return 'timesInvalid';
  const isCapped = state.currencies[own.debit.currency]?.earmarkCap !== 0n;
  if (isCapped && further.earmarks !== undefined && expiry === 0) return 'earmarkCapReached';
  const limited = judgeCorridors(state, [own], identity);
  if (limited !== 'none') return limited;
  const others = state.live.filter((p) => isSameChain(p.record, record));
  const same = others.find((p) => p.record.legNumber === record.legNumber);
  if (same !== undefined) {
    const known =
      same.state === 'accepted'
        ? 'accepted'
        : same.partners === undefined
          ? 'unmatched'
          : 'matched';
    state.note(`leg rejected legInstructed, the other ${known}`);
    return 'legInstructed';
  }
  const shared = others[0]?.condition;
  const isUnlike = (shared === undefined) !== (further.condition === undefined);
  if (others.length > 0 && isUnlike) return 'formatInvalid';
  const condition = shared ?? further.condition;
  const conditions = new Set(state.live.flatMap((p) => p.condition ?? []));
  const isFirst = condition !== undefined && shared === undefined;
  if (isFirst && conditions.size >= conditionsMax(state)) return 'limitReached';
  if (state.live.length >= (state.rules?.livePaymentsMax ?? 0)) return 'limitReached';
  state.orders += 1;
  const leg: LivePayment = {
    ...{ record, legs: [own], quote: undefined, identity, state: 'unmatched', isEarly: false },
    ...{ order: state.orders, sinceMs: state.timeMs, wish: record.priority },
    ...{ condition, earmarks: further.earmarks },
  };
  state.live.push(leg);
  useCorridors(state, [own], identity);
  identity.day = Math.max(today(state), record.date);
  if (others.length + 1 === record.legCount) {
    complete(state, [...others, leg]);
  } else {
    write(state, 'queued', { ...paymentFields(record), ...numberFields(record) });
    identity.outcome = { kind: 'queued', reason: 'none' };
  }
  return 'none';
}

/** All legs are there: leg 1 stands for the chain from now on. */
function complete(state: ReferenceState, unordered: readonly LivePayment[]): void {
  const partners = [...unordered].sort((a, b) => a.record.legNumber - b.record.legNumber);
  const first = partners[0] as LivePayment;
  state.orders += 1;
  first.order = state.orders;
  first.legs = partners.flatMap(({ legs }) => legs);
  join(partners);
  for (const { record, identity } of partners) {
    write(state, 'matched', {
      ...paymentFields(record),
      ...numberFields(record),
      paymentPosition: record.position,
      balance1: first.record.position,
    });
    identity.outcome = { kind: 'matched', reason: 'none' };
  }
  meetIfHeld(state, first);
  noteComplete(state, first);
  enterTogether(state, first);
}

function noteComplete(state: ReferenceState, first: LivePayment): void {
  const debits = first.legs.map(({ debit }) => debit);
  const isTwice = new Set(debits).size < debits.length;
  const size = debits.length < 6 ? `${debits.length}` : debits.length < 16 ? '6 to 15' : '16';
  noteChain(state, first, `matched, of ${size} legs`);
  noteChain(state, first, `matched, ${isTwice ? 'an account' : 'none'} debited twice`);
  const currencies = new Set(debits.map(({ currency }) => currency)).size;
  noteChain(
    state,
    first,
    `matched, in ${currencies === 1 ? 'one currency' : 'several currencies'}`,
  );
}
