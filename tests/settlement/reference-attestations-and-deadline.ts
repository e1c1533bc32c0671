/** Conditions of chains and what is attested of them, of the slow reference (reference.ts). */
import type { Reason } from '../../services/core/settlement/reasons.ts';
import type { FlatRecord } from './flat-records.ts';
import { instructionFields } from './reference-cancel-reorder-limit.ts';
import { mayStand } from './reference-dates.ts';
import { isFunded, promiseIfDue, settleIfFunded } from './reference-earmarks.ts';
import { cancel, takeFromPlace } from './reference-endings.ts';
import { type Counts, hasAccepted, holds, lastOf } from './reference-groups.ts';
import { enter } from './reference-settlement.ts';
import {
  type Condition,
  type Identity,
  isSameChain,
  type LivePayment,
  leadOf,
  noteChain,
  numberFields,
  paymentFields,
  type ReferenceState,
  write,
} from './reference-state.ts';

const ACCEPTED = 0;
const REFUSED = 1;
const RECORDED = 3;

function meet(state: ReferenceState, chain: LivePayment, condition: Condition): void {
  condition.isMet = true;
  for (const { record } of chain.partners ?? [])
    write(state, 'triggered', {
      ...paymentFields(record),
      ...numberFields(record),
      paymentPosition: record.position,
      balance1: chain.record.position,
    });
}

/** A chain is complete: what it waits for may have been attested. */
export function meetIfHeld(state: ReferenceState, chain: LivePayment): void {
  const { condition } = chain;
  if (condition === undefined || !holds(condition, hasAccepted(state, condition))) return;
  noteChain(state, chain, 'met as it is complete');
  meet(state, chain, condition);
}

/** The condition of a complete chain is met: it settles, comes in, or waits for what else it needs. */
function trigger(state: ReferenceState, chain: LivePayment, condition: Condition): void {
  meet(state, chain, condition);
  if (chain.isByItself === true) settleIfFunded(state, chain);
  else if (mayStand(state, chain)) enter(state, chain);
}

function endUnmet(state: ReferenceState, chain: LivePayment, reason: Reason): void {
  takeFromPlace(state, chain, reason);
  cancel(state, chain, reason, () => reason);
}

/** The deadline of a complete chain has come, and its condition is not met. */
export function passDeadline(state: ReferenceState, chain: LivePayment): void {
  const condition = chain.condition as Condition;
  const accepted = hasAccepted(state, condition);
  const isSilent: Counts = (attestor) => !condition.said.has(attestor);
  const settles =
    condition.silenceSettles && holds(condition, (one) => isSilent(one) || accepted(one));
  noteChain(state, chain, `deadline ${settles ? 'settles' : 'ends'}`);
  if (settles) trigger(state, chain, condition);
  else endUnmet(state, chain, 'conditionUnmet');
}

/** The first 20 bytes of a digest, in the place of three balances. */
function digestFields({ terms, termsEnd }: FlatRecord) {
  const bytes = Buffer.from(terms);
  return {
    balance2: bytes.readBigInt64LE(0),
    balance3: bytes.readBigInt64LE(8),
    balance4: BigInt(termsEnd),
  };
}

export function acceptAttestation(
  state: ReferenceState,
  record: FlatRecord,
  identity: Identity,
): Reason {
  if (record.verdict > RECORDED) return 'formatInvalid';
  if (record.verdict !== RECORDED) return acceptOfChain(state, record, identity);
  const { participant: attestor, counter } = record;
  if (record.legCount !== 0 || record.date !== 0 || counter < 0n) return 'formatInvalid';
  if (counter !== 0n) {
    if (counter < (state.counters.get(attestor) ?? 0n)) return 'counterRolledBack';
    state.counters.set(attestor, counter);
  }
  const fields = { ...instructionFields(record), ...digestFields(record) };
  write(state, 'recorded', { ...fields, amount1: counter });
  identity.outcome = { kind: 'recorded', reason: 'none' };
  return 'none';
}

/** Why what an attestor says of a chain does not count. */
function judge(
  state: ReferenceState,
  record: FlatRecord,
  condition: Condition | undefined,
): Reason {
  const { participant: attestor, verdict, validUntilMs } = record;
  const isNamed = condition?.groups.some(({ attestors }) => attestors.includes(attestor));
  if (condition === undefined || isNamed !== true) return 'notAttestor';
  if (validUntilMs !== 0n && validUntilMs < state.timeMs) return 'attestationExpired';
  if (condition.isMet) return 'conditionDecided';
  if (condition.promises) {
    const decides = lastOf(condition).attestors.includes(attestor);
    if (condition.isPromised && !decides) return 'conditionDecided';
    if (!condition.isPromised && decides && verdict === ACCEPTED) return 'notPromised';
  }
  const before = condition.said.get(attestor)?.verdict;
  const hasLapsed = before === ACCEPTED && !hasAccepted(state, condition)(attestor);
  if (before === REFUSED) return 'attested';
  return before === verdict && !hasLapsed ? 'attested' : 'none';
}

function acceptOfChain(state: ReferenceState, record: FlatRecord, identity: Identity): Reason {
  const { participant: attestor, verdict, validUntilMs: untilMs, legCount } = record;
  const legs = state.live
    .filter((p) => isSameChain(p.record, record))
    .sort((a, b) => a.record.legNumber - b.record.legNumber);
  const lowest = legs[0];
  if (lowest === undefined) return 'chainUnknown';
  const isMeant = [0n, leadOf(lowest).record.position].includes(record.chainPosition);
  if (!isMeant) return 'chainUnknown';
  const { condition } = lowest;
  const reason = judge(state, record, condition);
  if (lowest.state === 'accepted') noteChain(state, lowest, `attested once accepted: ${reason}`);
  if (reason !== 'none' || condition === undefined) return reason;
  condition.said.set(attestor, { verdict, untilMs });
  write(state, 'attested', {
    ...instructionFields(record),
    ...digestFields(record),
    count: verdict + 256 * legCount,
    balance1: lowest.record.position,
  });
  identity.outcome = { kind: 'attested', reason: 'none' };
  const canBeMet = holds(condition, (one) => condition.said.get(one)?.verdict !== REFUSED);
  const isComplete = lowest.partners !== undefined;
  if (!canBeMet && isComplete) {
    noteChain(state, lowest, 'refused');
    endUnmet(state, leadOf(lowest), 'conditionRefused');
  } else if (!canBeMet) {
    state.note('legs of an incomplete chain refused');
    for (const leg of legs) cancel(state, leg, 'conditionRefused');
  } else if (isComplete && holds(condition, hasAccepted(state, condition))) {
    trigger(state, leadOf(lowest), condition);
  } else if (isComplete && isFunded(leadOf(lowest))) {
    promiseIfDue(state, leadOf(lowest));
  }
  return 'none';
}
