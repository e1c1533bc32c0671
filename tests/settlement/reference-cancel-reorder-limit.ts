import { EVENT_KINDS } from '../../services/core/settlement/events.ts';
import { type Reason, reasonNumber } from '../../services/core/settlement/reasons.ts';
import { NONE16, NONE32, RECORD_KINDS } from '../../services/core/settlement/records.ts';
import type { EventFields, FlatRecord } from './flat-records.ts';
import { putOnWorklist } from './reference-booking.ts';
import { happens } from './reference-dates.ts';
import { cancel, takeFromPlace } from './reference-endings.ts';
import { takeClass } from './reference-partners.ts';
import { withdraw } from './reference-quotes.ts';
import {
  countOf,
  type Identity,
  identityKey,
  type LivePayment,
  leadOf,
  noteChain,
  type ReferenceState,
  write,
} from './reference-state.ts';

const INT64_MAX = 2n ** 63n - 1n;

/** What any event about an instruction says of it. */
export function instructionFields(record: FlatRecord): EventFields {
  const { id, messageType, participant: debtorAgent, priority, currency1, amount1 } = record;
  const common = { id, messageType, debtorAgent };
  switch (record.kind) {
    case RECORD_KINDS.reordering:
      return { ...common, priority };
    case RECORD_KINDS.limit:
      return { ...common, creditorAgent: record.creditorAgent, currency1, amount1 };
    case RECORD_KINDS.reservation:
      return { ...common, priority, currency1, amount1 };
    case RECORD_KINDS.query:
      return { ...common, currency1 };
    default:
      return common;
  }
}

/** Whether a payment settled in the participant's favour; else why nothing can follow it. */
export function judgeSettled(identity: Identity | undefined, creditorAgent: number): Reason {
  if (identity?.credits === undefined) return 'originalUnknown';
  if (identity.outcome.kind !== 'settled') return 'originalNotSettled';
  return identity.credits.account.participant === creditorAgent ? 'none' : 'notCreditorAgent';
}

function passOn(
  state: ReferenceState,
  record: FlatRecord,
  identity: Identity,
  about: Identity,
  to: number,
): Reason {
  const fields = { creditorAgent: to, paymentPosition: about.position };
  write(state, 'passedOn', { ...instructionFields(record), ...fields });
  identity.outcome = { kind: 'passedOn', reason: 'none' };
  return 'none';
}

/** What the creditor's agent says of a settled payment. */
function reply(state: ReferenceState, record: FlatRecord, identity: Identity): Reason {
  if (record.reply > 3) return 'formatInvalid';
  const key = identityKey(record.creditorAgent, record.targetType, record.target);
  const about = state.identities.find((known) => known.key === key);
  const reason = judgeSettled(about, record.participant);
  if (reason !== 'none' || about === undefined) return reason;
  if (record.reply >= 2) {
    if (about.isCredited !== undefined) return 'answerNotAwaited';
    if (record.reply === 2 && about.credits?.left === 0n) return 'alreadyReturned';
    about.isCredited = record.reply === 2;
    happens(state, about);
  } else {
    if (about.isRecalled !== true) return 'answerNotAwaited';
    if (record.reply === 1) about.isRecalled = false;
    happens(state, about);
  }
  return passOn(state, record, identity, about, record.creditorAgent);
}

export function acceptInstruction(
  state: ReferenceState,
  record: FlatRecord,
  identity: Identity,
): Reason {
  if (record.kind === RECORD_KINDS.limit) return setLimit(state, record, identity);
  if (record.kind === RECORD_KINDS.reservation) return reserve(state, record, identity);
  if (record.kind === RECORD_KINDS.query) return ask(state, record, identity);
  if (record.kind === RECORD_KINDS.reply) return reply(state, record, identity);
  const isReordering = record.kind === RECORD_KINDS.reordering;
  if (isReordering && (record.priority > 2 || record.move > 1)) return 'formatInvalid';
  const key = identityKey(record.participant, record.targetType, record.target);
  const target = state.identities.find((known) => known.key === key);
  if (target === undefined) return 'paymentUnknown';
  if (!isReordering && target.outcome.kind === 'quoted') {
    if (!withdraw(state, target)) return 'paymentFinal';
    identity.outcome = { kind: 'quoteEnded', reason: 'none' };
    return 'none';
  }
  const payment = state.live.find((p) => p.identity === target);
  const { credits } = target;
  const isSettled = payment === undefined && target.outcome.kind === 'settled';
  if (!isReordering && isSettled && state.rules?.recalls === 1 && credits !== undefined) {
    if (credits.left === 0n) return 'alreadyReturned';
    happens(state, target);
    if (target.isRecalled === true) {
      const again = { count: EVENT_KINDS.passedOn, paymentPosition: record.position };
      write(state, 'repeated', { ...instructionFields(record), ...again });
      identity.outcome = { kind: 'passedOn', reason: 'none' };
      return 'none';
    }
    target.isRecalled = true;
    const recallDays = state.rules.recallDays;
    const isOnDate = state.currencies[credits.account.currency]?.open === true;
    if (recallDays > 0) target.recallCloses = recallDays + (isOnDate ? 1 : 0);
    return passOn(state, record, identity, target, credits.account.participant);
  }
  if (payment?.state === 'accepted')
    noteChain(state, payment, `${isReordering ? 're-ordered' : 'cancelled'} once accepted`);
  if (payment === undefined || payment.state === 'accepted') return 'paymentFinal';
  const isCancelled = record.kind === RECORD_KINDS.cancellation;
  if (isCancelled && payment.condition?.isPromised === true) {
    state.note('cancellation refused promised');
    return 'promised';
  }
  if (isReordering) {
    reorder(state, payment, record);
    identity.outcome = { kind: 'reordered', reason: 'none' };
  } else {
    takeFromPlace(state, payment, 'cancelledByDebtorAgent');
    cancel(state, payment, 'cancelledByDebtorAgent');
    identity.outcome = { kind: 'cancelled', reason: 'none' };
  }
  return 'none';
}

/** To the end or the front of a class, in all queues alike; outside them only the class changes. */
function reorder(state: ReferenceState, payment: LivePayment, record: FlatRecord): void {
  payment.wish = record.priority;
  takeClass(payment.partners ?? [payment]);
  const lead = leadOf(payment);
  const isByItself = lead.isByItself === true;
  noteChain(state, payment, `re-ordered ${isByItself ? 'while funded' : lead.state}`);
  const movable = isByItself ? (lead.partners ?? []) : [lead];
  const moved = movable.filter((p) => p.state === 'queued');
  const first = Math.min(...state.live.map((p) => p.order)) - moved.length;
  for (const [at, one] of moved.entries()) {
    state.orders += 1;
    one.order = record.move === 1 ? first + at : state.orders;
    state.joined += countOf([one]);
    one.queuedMs = state.timeMs;
    for (const { debit } of one.legs) putOnWorklist(state, debit);
  }
  const { priority, position: paymentPosition } = payment.record;
  write(state, 'reordered', { ...instructionFields(record), priority, paymentPosition });
}

function setLimit(state: ReferenceState, record: FlatRecord, identity: Identity): Reason {
  const { participant, currency1: currency, creditorAgent: counterparty, amount1: value } = record;
  const account = state.accounts.get(`${participant}/${currency}`);
  if (value < -1n) return 'formatInvalid';
  if (account === undefined) return 'accountMissing';
  if (counterparty === participant) return 'sameAgent';
  if (counterparty !== NONE32 && counterparty >= state.participants) return 'creditorAgentUnknown';
  const name = `${participant}/${currency}/${counterparty}` as const;
  const limit = state.limits.get(name);
  if (value === -1n) state.limits.delete(name);
  else if (limit !== undefined) limit.value = value;
  else if (state.limits.size >= (state.rules?.limitsMax ?? 0)) return 'limitReached';
  else state.limits.set(name, { value, position: 0n });
  const position = state.limits.get(name)?.position ?? 0n;
  let shown = position > INT64_MAX ? INT64_MAX : position;
  if (shown < -INT64_MAX - 1n) shown = -INT64_MAX - 1n;
  write(state, 'limitSet', { ...instructionFields(record), balance1: shown });
  putOnWorklist(state, account);
  identity.outcome = { kind: 'limitSet', reason: 'none' };
  return 'none';
}

function reserve(state: ReferenceState, record: FlatRecord, identity: Identity): Reason {
  const account = state.accounts.get(`${record.participant}/${record.currency1}`);
  if (record.priority > 1 || record.amount1 < 0n) return 'formatInvalid';
  if (account === undefined) return 'accountMissing';
  account.reserved[record.priority] = record.amount1;
  write(state, 'reservationSet', instructionFields(record));
  putOnWorklist(state, account);
  identity.outcome = { kind: 'reservationSet', reason: 'none' };
  return 'none';
}

/** What has not been returned, and what is said between its banks. */
const settledFields = (
  { isRecalled, isCredited }: Identity,
  { account, left }: NonNullable<Identity['credits']>,
) => ({
  currency2: account.currency,
  amount2: left,
  priority: (isRecalled ? 1 : 0) + (isCredited === undefined ? 0 : isCredited ? 2 : 4),
});

/** How a payment stands, asked by its sender or by the bank in whose favour it settled. */
export function askStatus(state: ReferenceState, record: FlatRecord, identity: Identity): Reason {
  const key = identityKey(record.creditorAgent, record.targetType, record.target);
  const about = state.identities.find((known) => known.key === key);
  const isParty =
    record.participant === record.creditorAgent ||
    judgeSettled(about, record.participant) === 'none';
  if (about === undefined || !isParty) return 'paymentUnknown';
  write(state, 'queried', {
    ...instructionFields(record),
    reason: reasonNumber(about.outcome.reason),
    count: EVENT_KINDS[about.outcome.kind],
    paymentPosition: about.position,
    ...(about.outcome.kind === 'settled' && about.credits && settledFields(about, about.credits)),
  });
  identity.outcome = { kind: 'queried', reason: 'none' };
  return 'none';
}

function ask(state: ReferenceState, record: FlatRecord, identity: Identity): Reason {
  if (record.targetType !== 0) return askStatus(state, record, identity);
  const isOfAll = record.currency1 === NONE16;
  if (!isOfAll && !state.accounts.has(`${record.participant}/${record.currency1}`))
    return 'accountInvalid';
  write(state, 'queried', instructionFields(record));
  identity.outcome = { kind: 'queried', reason: 'none' };
  return 'none';
}
