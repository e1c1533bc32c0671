import { EVENT_KINDS, MECHANISMS } from '../../services/core/settlement/events.ts';
import {
  type Reason,
  reasonFromNumber,
  reasonNumber,
} from '../../services/core/settlement/reasons.ts';
import { RECORD_KINDS } from '../../services/core/settlement/records.ts';
import type { EventFields, FlatRecord } from './flat-records.ts';
import { acceptAttestation } from './reference-attestations-and-deadline.ts';
import { bookLegs } from './reference-booking.ts';
import {
  acceptInstruction,
  askStatus,
  instructionFields,
  judgeSettled,
} from './reference-cancel-reorder-limit.ts';
import { judgeCaps } from './reference-caps.ts';
import { acceptChainLeg } from './reference-chains.ts';
import { judgeCorridors, useCorridors } from './reference-corridor-limits.ts';
import {
  days,
  happens,
  judgeDates,
  judgeTimes,
  mayStand,
  today,
  utcDay,
} from './reference-dates.ts';
import { admit, debitsDefaulted, isDeferred } from './reference-netting.ts';
import { acceptLeg } from './reference-pvp-intake.ts';
import { tellUse } from './reference-quotes.ts';
import { mayOffset, queue } from './reference-settlement.ts';
import {
  balanceFields,
  type Identity,
  identityKey,
  instantOf,
  isChainLeg,
  isLeg,
  isLinked,
  isReturn,
  type Leg,
  type LivePayment,
  numberFields,
  originalOf,
  originalPositions,
  paymentFields,
  type Quote,
  type ReferenceState,
  write,
} from './reference-state.ts';
import { mayEnter } from './reference-who-may-pass-whom.ts';

const TIME_MAX_MS = 8_640_000_000_000_000n;
const SCALE_MAX = 18;

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const isPayment = (record: FlatRecord): boolean =>
  record.kind === RECORD_KINDS.payment || isLeg(record) || isChainLeg(record) || isReturn(record);

const asksStatus = (record: FlatRecord): boolean =>
  record.kind === RECORD_KINDS.query && record.targetType !== 0;

function messageFields(state: ReferenceState, record: FlatRecord): EventFields {
  if (isReturn(record)) originalPositions.set(record.id, originalOf(state, record)?.position ?? 0n);
  if (isPayment(record)) return paymentFields(record);
  if (record.kind !== RECORD_KINDS.quote) return instructionFields(record);
  return {
    id: record.id,
    messageType: record.messageType,
    debtorAgent: record.dealer,
    currency1: record.currency1,
    currency2: record.currency2,
    amount1: record.amount2,
    amount2: record.rateMantissa,
  };
}

function reject(state: ReferenceState, record: FlatRecord, reason: Reason): void {
  const digest = record.payloadDigest;
  write(state, 'rejected', {
    ...messageFields(state, record),
    ...(isChainLeg(record) ? numberFields(record) : {}),
    reason: reasonNumber(reason),
    digest,
  });
}

function repeat(state: ReferenceState, record: FlatRecord, known: Identity): void {
  write(state, 'repeated', {
    ...messageFields(state, record),
    reason: reasonNumber(known.outcome.reason),
    count: EVENT_KINDS[known.outcome.kind],
    paymentPosition: isPayment(record) ? known.position : record.position,
  });
}

/** Of these no more can be carried out than there are payments, and questions about them by their banks. */
function endsWithPayments(state: ReferenceState, record: FlatRecord): boolean {
  if (record.kind === RECORD_KINDS.reply) return record.reply !== 0;
  if (record.kind !== RECORD_KINDS.cancellation) return false;
  const key = identityKey(record.participant, record.targetType, record.target);
  const target = state.identities.find((known) => known.key === key);
  return target?.outcome.kind === 'quoted' || state.live.some((p) => p.identity === target);
}

/** A message from a known sender. */
export function applyMessage(state: ReferenceState, record: FlatRecord): void {
  const key = identityKey(record.participant, record.messageType, record.id);
  const digest = hex(record.payloadDigest);
  const known = state.identities.find((identity) => identity.key === key);
  if (known !== undefined) {
    if (known.digest !== digest) reject(state, record, 'duplicateIdentity');
    else if (asksStatus(record) && known.outcome.kind === 'queried') {
      const refused = askStatus(state, record, { ...known });
      if (refused !== 'none') reject(state, record, refused);
    } else repeat(state, record, known);
    return;
  }
  const room = (state.rules?.identitiesMax ?? 0) - state.identities.length;
  const isTransfer = isPayment(record) || record.kind === RECORD_KINDS.quote;
  const isExempt = isTransfer || asksStatus(record) || endsWithPayments(state, record);
  const isBounded = state.rules?.boundsRefused === 1;
  const counted = state.identities.filter(
    (one) => one.isCounted === true && one.sender === record.participant,
  );
  // An eighth of what is free.
  const isUsed = isBounded && counted.length >= room / 8;
  if (room <= 0 || (isUsed && !isExempt)) {
    reject(state, record, 'limitReached');
    return;
  }
  state.messages += 1;
  const identity: Identity = {
    key,
    serial: state.messages,
    digest,
    position: record.position,
    day: today(state),
    sender: record.participant,
    id: record.id,
    messageType: record.messageType,
    outcome: { kind: 'rejected', reason: 'none' },
  };
  state.identities.push(identity);
  let reason: Reason = record.reason === 0 ? 'none' : reasonFromNumber(record.reason);
  if (reason === 'none') reason = acceptorOf(record)(state, record, identity);
  identity.isCounted = isBounded && !(reason === 'none' && isExempt);
  const isQuestion = record.kind === RECORD_KINDS.query;
  const isNothing = reason === 'none' ? asksStatus(record) : isUsed || isQuestion;
  if (isBounded && isNothing) state.identities.pop();
  if (reason === 'none') return;
  identity.outcome = { kind: 'rejected', reason };
  reject(state, record, reason);
}

type Acceptor = (state: ReferenceState, record: FlatRecord, identity: Identity) => Reason;

function acceptorOf(record: FlatRecord): Acceptor {
  if (isLeg(record)) return acceptLeg;
  if (isChainLeg(record)) return acceptChainLeg;
  if (isPayment(record)) return acceptPayment;
  if (record.kind === RECORD_KINDS.attestation) return acceptAttestation;
  return record.kind === RECORD_KINDS.quote ? acceptQuote : acceptInstruction;
}

/** The legs of a payment, or why there are none. */
function legsOf(state: ReferenceState, record: FlatRecord): readonly Leg[] | Reason {
  const account = (participant: number, currency: number) =>
    state.accounts.get(`${participant}/${currency}`);
  const { debtorAgent, creditorAgent, dealer, currency1, currency2 } = record;
  const hops: readonly (readonly [number, number, number, bigint])[] = isLinked(record)
    ? [
        [debtorAgent, dealer, currency1, record.amount1],
        [dealer, creditorAgent, currency2, record.amount2],
      ]
    : [[debtorAgent, creditorAgent, currency1, record.amount1]];
  const legs: Leg[] = [];
  for (const [from, to, currency, amount] of hops) {
    const debit = account(from, currency);
    const credit = account(to, currency);
    if (debit === undefined || credit === undefined) return 'accountMissing';
    legs.push({ debit, credit, amount });
  }
  if (legs.some((leg) => leg.debit === leg.credit)) return 'sameAgent';
  if (legs.some((leg) => leg.amount <= 0n)) return 'amountNotPositive';
  return legs;
}

/** |amount2 - amount1 x rate| <= half a unit of currency 2, multiplied out. */
function isAsQuoted(state: ReferenceState, record: FlatRecord): boolean {
  const units1 = state.currencies[record.currency1]?.minorUnits ?? 0;
  const units2 = state.currencies[record.currency2]?.minorUnits ?? 0;
  const whole = 10n ** BigInt(units1 + record.rateScale);
  const converted = record.amount1 * record.rateMantissa * 10n ** BigInt(units2);
  const difference = record.amount2 * whole - converted;
  return 2n * (difference < 0n ? -difference : difference) <= whole;
}

function sameRate(a: FlatRecord, b: FlatRecord): boolean {
  return (
    a.rateMantissa * 10n ** BigInt(b.rateScale) === b.rateMantissa * 10n ** BigInt(a.rateScale)
  );
}

function quoteFor(state: ReferenceState, record: FlatRecord): Quote | Reason {
  const valid = state.quotes.filter(
    (quote) =>
      quote.record.dealer === record.dealer &&
      quote.record.currency1 === record.currency1 &&
      quote.record.currency2 === record.currency2 &&
      record.rateScale <= SCALE_MAX &&
      sameRate(quote.record, record) &&
      !quote.isOver &&
      quote.record.amount1 >= state.timeMs,
  );
  if (valid.length === 0) return 'quoteMissing';
  return valid.find((quote) => quote.remaining >= record.amount1) ?? 'quoteExhausted';
}

/** What a return may bring back. */
function judgeReturn(record: FlatRecord, original: Identity | undefined): Reason {
  const reason = judgeSettled(original, record.participant);
  if (reason !== 'none') return reason;
  const credits = original?.credits;
  if (credits?.account.currency !== record.currency1) return 'returnCurrencyDiffers';
  return record.amount1 > credits.left ? 'returnExceedsOriginal' : 'none';
}

function acceptPayment(state: ReferenceState, record: FlatRecord, identity: Identity): Reason {
  const original = isReturn(record) ? originalOf(state, record) : undefined;
  const refused = isReturn(record) ? judgeReturn(record, original) : 'none';
  if (refused !== 'none') return refused;
  if (original !== undefined) originalPositions.set(record.id, original.position);
  if (record.priority > 2 || record.currency1 === record.currency2) return 'formatInvalid';
  if (record.participant !== record.debtorAgent) return 'instructingAgentNotDebtorAgent';
  const legs = legsOf(state, record);
  if (typeof legs === 'string') return legs;
  if (debitsDefaulted(state, legs)) return 'participantDefaulted';
  const judged = judgeDates(state, record, legs);
  if (judged !== 'none') return judged;
  const judgedTimes = judgeTimes(state, record);
  if (judgedTimes !== 'none') return judgedTimes;
  const quote = isLinked(record) ? quoteFor(state, record) : undefined;
  if (typeof quote === 'string') return quote;
  if (quote !== undefined && !isAsQuoted(state, record)) return 'amountNotAsQuoted';
  // A return counts on no corridor.
  const counted = isReturn(record) ? [] : legs;
  const limited = judgeCorridors(state, counted, identity);
  if (limited !== 'none') return limited;
  const { earliest } = record;
  const isEarly = earliest !== 0 && instantOf(record, earliest) > state.timeMs;
  const stands = mayStand(state, { record, isEarly, legs });
  const isNetted = stands && isDeferred(state, { record, legs });
  const kept = isNetted ? judgeCaps(state, legs) : 'none';
  if (kept !== 'none') return kept;
  if (stands && !isNetted && mayEnter(state, record.priority, legs)) {
    bookLegs(state, record.priority, legs);
    write(state, 'settled', {
      ...paymentFields(record),
      ...balanceFields(legs),
      mechanism: MECHANISMS.indexOf('entry'),
    });
    identity.outcome = { kind: 'settled', reason: 'none' };
    useCorridors(state, counted, identity);
  } else {
    if (state.live.length >= (state.rules?.livePaymentsMax ?? 0)) return 'limitReached';
    useCorridors(state, counted, identity);
    state.orders += 1;
    const order = state.orders;
    const payment: LivePayment = {
      record,
      legs,
      quote,
      identity,
      original,
      state: 'waiting',
      isEarly,
      order,
      ...{ sinceMs: state.timeMs, wish: record.priority },
    };
    state.live.push(payment);
    if (isNetted) {
      admit(state, payment);
    } else if (!stands || !mayOffset(state, payment)) {
      if (stands) queue(state, payment);
      write(state, 'queued', paymentFields(record));
      identity.outcome = { kind: 'queued', reason: 'none' };
    }
  }
  if (quote !== undefined) {
    quote.remaining -= record.amount1;
    tellUse(state, quote, record, 1n);
  }
  if (original?.credits !== undefined) {
    original.credits.left -= record.amount1;
    happens(state, original);
  } else {
    const { credit, amount } = legs[legs.length - 1] as Leg;
    identity.credits = { account: credit, left: amount };
  }
  identity.day = Math.max(today(state), record.date);
  return 'none';
}

function acceptQuote(state: ReferenceState, record: FlatRecord, identity: Identity): Reason {
  const { rateMantissa, rateScale, currency1, currency2, dealer } = record;
  const validUntilMs = record.amount1;
  if (rateMantissa <= 0n || rateScale > SCALE_MAX || currency1 === currency2)
    return 'formatInvalid';
  const hasBoth = [currency1, currency2].every((c) => state.accounts.has(`${dealer}/${c}`));
  if (!hasBoth) return 'accountMissing';
  if (record.amount2 <= 0n) return 'amountNotPositive';
  if (validUntilMs < state.timeMs || validUntilMs > TIME_MAX_MS) return 'settlementDateInvalid';
  const day = utcDay(validUntilMs);
  const latest = Math.max(today(state), utcDay(state.timeMs)) + days(state);
  if (day <= state.horizon || day > latest) return 'settlementDateInvalid';
  const valid = state.quotes.filter((quote) => quote.record.amount1 >= state.timeMs);
  if (valid.length >= (state.rules?.quotesMax ?? 0)) return 'limitReached';
  state.quotes.push({ record, identity, remaining: record.amount2, isOver: false });
  write(state, 'quoted', {
    ...messageFields(state, record),
    count: rateScale,
    balance1: validUntilMs,
  });
  identity.outcome = { kind: 'quoted', reason: 'none' };
  identity.day = Math.max(today(state), day);
  return 'none';
}
