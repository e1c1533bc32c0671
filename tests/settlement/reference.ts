/** The slow reference of the settlement core, by which the core is judged record by record. */
import { type Reason, reasonNumber } from '../../services/core/settlement/reasons.ts';
import { NONE16, RECORD_KINDS } from '../../services/core/settlement/records.ts';
import { decodeRecord, type FlatRecord } from './flat-records.ts';
import { putOnWorklist } from './reference-booking.ts';
import { setCap } from './reference-caps.ts';
import {
  appointIssuer,
  changeRules,
  fits,
  grant,
  isByIssuer,
  pledge,
  rulesAreValid,
} from './reference-central-bank.ts';
import { forgetSettled, limitCorridor } from './reference-corridor-limits.ts';
import { freeOf } from './reference-credit-and-reservations.ts';
import { limitAcross, value } from './reference-cross-limits.ts';
import { applyCycle, runCyclesOf, runDueCycle } from './reference-cycles.ts';
import { happens, mayStand } from './reference-dates.ts';
import { forgetUses } from './reference-earmark-cap.ts';
import { release } from './reference-earmarks.ts';
import { cancel } from './reference-endings.ts';
import { applyMessage } from './reference-messages.ts';
import { applyDefault } from './reference-netting.ts';
import { applyProposal, gatherSet } from './reference-proposals.ts';
import { expire, firstEnd } from './reference-quotes.ts';
import { enter, rescan } from './reference-settlement.ts';
import {
  allLegsOf,
  type Identity,
  inOrder,
  isChainLeg,
  type LivePayment,
  leadOf,
  newState,
  noteChain,
  paymentFields,
  type ReferenceAccount,
  type ReferenceState,
  waitingInOrder,
  waitOutside,
  write,
} from './reference-state.ts';
import { fire, firstDue } from './reference-times.ts';

const TIME_MAX_MS = 8_640_000_000_000_000n;

/**
 * The slow reference of the settlement core: the definitions of docs/settlement.md in BigInt and
 * plain arrays, sharing no code with assembly/ and looking everything up anew each time.
 * @param note is told what no event shows: for tests that count what they meet
 * @param state for tests that look at it between records
 * @returns for each record the events that it causes, encoded as the core encodes them
 */
export function createReference(
  note: ReferenceState['note'] = () => {},
  state = newState(note),
): (record: Uint8Array) => Uint8Array[] {
  return (bytes) => {
    const before = state.events.length;
    applyRecord(state, decodeRecord(bytes), bytes);
    return state.events.slice(before);
  };
}

function applyRecord(state: ReferenceState, record: FlatRecord, bytes: Uint8Array): void {
  state.position = record.position;
  const timeIsValid = record.timeMs >= 0n && record.timeMs <= TIME_MAX_MS;
  const isGenesis = record.kind === RECORD_KINDS.genesis;
  if (timeIsValid && state.rules !== undefined) {
    runDue(state, record.timeMs);
    advance(state, record);
  }
  let reason: Reason = 'recordInvalid';
  if (timeIsValid && isGenesis && state.rules === undefined) {
    advance(state, record);
    reason = applyGenesis(state, record);
  } else if (timeIsValid && !isGenesis && state.rules !== undefined) {
    reason = applyKind(state, record, bytes);
  }
  if (reason !== 'none') refuse(state, record, reason);
  rescan(state);
}

/** Ends of quotes, timers and periodic cycles due at or before a time, each at its own instant, in this order. */
function runDue(state: ReferenceState, timeMs: bigint): void {
  for (;;) {
    const end = firstEnd(state);
    const timer = firstDue(state);
    const due = end && (!timer || end.timeMs <= timer.timeMs) ? end : timer;
    const before = due !== undefined && due.timeMs <= timeMs ? due.timeMs - 1n : timeMs;
    const events = state.events.length;
    // A cycle without events changes no payment's times.
    while (events === state.events.length && isCycleDue(state, before)) runDueCycle(state, before);
    if (events !== state.events.length) continue;
    if (due === undefined || due.timeMs > timeMs) return;
    if ('quote' in due) expire(state, due);
    else fire(state, due);
  }
}

function isCycleDue(state: ReferenceState, until: bigint): boolean {
  const hasCycles = (state.rules?.cycleIntervalMs ?? 0) > 0;
  return hasCycles && state.nextCycleMs <= until && state.currencies.some((c) => c.open);
}

function advance(state: ReferenceState, record: FlatRecord): void {
  if (record.timeMs > state.timeMs) state.timeMs = record.timeMs;
}

function refuse(state: ReferenceState, record: FlatRecord, reason: Reason): void {
  const { participant, currency1, amount1, amount2 } = record;
  const isGenesis = record.kind === RECORD_KINDS.genesis;
  write(state, 'refused', {
    reason: reasonNumber(reason),
    count: record.kind,
    ...(isGenesis ? {} : { debtorAgent: participant, currency1, amount1, amount2 }),
  });
}

function applyGenesis(state: ReferenceState, record: FlatRecord): Reason {
  if (
    record.recalls > 1 ||
    record.quoteEvents > 1 ||
    record.countsFromEnd > 1 ||
    record.boundsRefused > 1 ||
    record.recallDays > 30 ||
    record.chainLegsMax === 1 ||
    record.chainLegsMax > 16 ||
    record.conditions > 1 ||
    (record.conditions === 1 && record.chainLegsMax === 0) ||
    !rulesAreValid(record) ||
    record.identityDays === 0 ||
    record.currenciesMax > NONE16
  )
    return 'recordInvalid';
  state.rules = record;
  write(state, 'genesis', { count: record.rulesVersion });
  return 'none';
}

function applyKind(state: ReferenceState, record: FlatRecord, bytes: Uint8Array): Reason {
  switch (record.kind) {
    case RECORD_KINDS.participant:
      return addParticipant(state, record);
    case RECORD_KINDS.currency:
      return addCurrency(state, record);
    case RECORD_KINDS.account:
      return openAccount(state, record);
    case RECORD_KINDS.creditLine:
    case RECORD_KINDS.issue:
    case RECORD_KINDS.redeem:
      return changeLiquidity(state, record);
    case RECORD_KINDS.open:
      return open(state, record);
    case RECORD_KINDS.close:
      return close(state, record);
    case RECORD_KINDS.tick:
      return 'none';
    case RECORD_KINDS.rules:
      return changeRules(state, record);
    case RECORD_KINDS.issuer:
      return appointIssuer(state, record);
    case RECORD_KINDS.collateral:
      return pledge(state, record);
    case RECORD_KINDS.valuation:
      return value(state, record);
    case RECORD_KINDS.crossLimit:
      return limitAcross(state, record);
    case RECORD_KINDS.corridorLimit:
      return limitCorridor(state, record);
    case RECORD_KINDS.cap:
      return setCap(state, record);
    case RECORD_KINDS.default:
      return applyDefault(state, record);
    case RECORD_KINDS.cycle:
      return applyCycle(state, record);
    case RECORD_KINDS.proposedSet:
      gatherSet(state, record, bytes);
      return 'none';
    case RECORD_KINDS.proposal:
      return applyProposal(state, record);
    case RECORD_KINDS.chainTerms:
      if (state.rules?.conditions === 0) return 'recordInvalid';
      state.furtherTerms = record;
      return 'none';
    case RECORD_KINDS.quote:
    case RECORD_KINDS.payment:
    case RECORD_KINDS.pvpLeg:
    case RECORD_KINDS.chainLeg:
    case RECORD_KINDS.cancellation:
    case RECORD_KINDS.reordering:
    case RECORD_KINDS.limit:
    case RECORD_KINDS.reservation:
    case RECORD_KINDS.query:
    case RECORD_KINDS.return:
    case RECORD_KINDS.attestation:
    case RECORD_KINDS.reply: {
      const isQuote = record.kind === RECORD_KINDS.quote;
      const isAttestation = record.kind === RECORD_KINDS.attestation;
      if (isChainLeg(record) && state.rules?.chainLegsMax === 0) return 'recordInvalid';
      if (isAttestation && state.rules?.conditions === 0) return 'recordInvalid';
      if (record.participant >= state.participants) return 'recordInvalid';
      if (isQuote && record.dealer !== record.participant) return 'recordInvalid';
      applyMessage(state, record);
      return 'none';
    }
    case RECORD_KINDS.notice:
    case RECORD_KINDS.keyState:
      return noteOfParticipant(state, record);
    default:
      return 'recordInvalid';
  }
}

function addParticipant(state: ReferenceState, record: FlatRecord): Reason {
  if (record.participant !== state.participants) return 'recordInvalid';
  if (state.participants === state.rules?.participantsMax) return 'limitReached';
  state.participants += 1;
  state.countries.push(record.country1);
  write(state, 'participantAdded', { debtorAgent: record.participant });
  return 'none';
}

function addCurrency(state: ReferenceState, record: FlatRecord): Reason {
  if (record.currency1 !== state.currencies.length || record.currency2 > 18) return 'recordInvalid';
  if (record.earmarkCap < 0n) return 'recordInvalid';
  if (state.currencies.length === state.rules?.currenciesMax) return 'limitReached';
  const opening = { open: false, date: undefined, issuer: undefined };
  const rules = state.rules as FlatRecord;
  const { earmarkCap } = record;
  state.currencies.push({ minorUnits: record.currency2, earmarkCap, rules, ...opening });
  state.outstanding.push(0n);
  write(state, 'currencyAdded', {
    currency1: record.currency1,
    count: record.currency2,
    amount1: earmarkCap,
  });
  return 'none';
}

function writeOfAccount(
  state: ReferenceState,
  kind: 'accountOpened' | 'creditLineSet' | 'issued' | 'redeemed',
  account: ReferenceAccount,
  amount1: bigint,
  amount2 = 0n,
): void {
  const { participant, currency, balance } = account;
  const fields = { debtorAgent: participant, currency1: currency, balance1: balance };
  write(state, kind, { ...fields, amount1, amount2 });
}

function openAccount(state: ReferenceState, record: FlatRecord): Reason {
  const { participant, currency1: currency, amount1: opening, amount2: line } = record;
  if (currency >= state.currencies.length) return 'recordInvalid';
  if (opening > 0n && !isByIssuer(state, record)) return 'notIssuer';
  if (participant >= state.participants) return 'recordInvalid';
  if (state.accounts.has(`${participant}/${currency}`)) return 'recordInvalid';
  if (opening < 0n || line < 0n || !fits(state, currency, opening, line)) return 'recordInvalid';
  const account: ReferenceAccount = {
    ...{ participant, currency, balance: opening, earmarked: 0n, line, highestCapacity: line },
    ...{ collateral: 0n, haircutBps: 0, reserved: [0n, 0n] },
  };
  state.accounts.set(`${participant}/${currency}`, account);
  state.outstanding[currency] = (state.outstanding[currency] ?? 0n) + opening;
  writeOfAccount(state, 'accountOpened', account, opening, line);
  return 'none';
}

function changeLiquidity(state: ReferenceState, record: FlatRecord): Reason {
  const { participant, currency1: currency, amount1: amount } = record;
  const account = state.accounts.get(`${participant}/${currency}`);
  if (account === undefined) return 'recordInvalid';
  if (record.kind === RECORD_KINDS.creditLine) {
    if (amount < 0n || !grant(state, account, { line: amount })) return 'recordInvalid';
    writeOfAccount(state, 'creditLineSet', account, amount);
    putOnWorklist(state, account);
    return 'none';
  }
  if (!isByIssuer(state, record)) return 'notIssuer';
  const change = record.kind === RECORD_KINDS.issue ? amount : -amount;
  if (amount <= 0n) return 'recordInvalid';
  if (change > 0n && !fits(state, currency, change, 0n)) return 'recordInvalid';
  if (change < 0n && freeOf(account) + change < 0n) {
    if (account.balance + change >= 0n) state.note('redemption refused for what is set aside');
    return 'fundsInsufficient';
  }
  account.balance += change;
  state.outstanding[currency] = (state.outstanding[currency] ?? 0n) + change;
  writeOfAccount(state, change > 0n ? 'issued' : 'redeemed', account, amount);
  if (change > 0n) putOnWorklist(state, account);
  return 'none';
}

function open(state: ReferenceState, record: FlatRecord): Reason {
  const currency = state.currencies[record.currency1];
  if (currency === undefined || currency.open) return 'recordInvalid';
  if (currency.date !== undefined && record.date <= currency.date) return 'recordInvalid';
  if (!state.currencies.some((c) => c.open))
    state.nextCycleMs = state.timeMs + BigInt(state.rules?.cycleIntervalMs ?? 0);
  forgetUses(state, record.currency1);
  forgetSettled(state, record.currency1);
  currency.open = true;
  currency.date = record.date;
  const { currency1, date: count, amount1 } = record;
  write(state, 'opened', { currency1, count, amount1 });
  for (const payment of waitingInOrder(state)) {
    if (!mayStand(state, payment)) continue;
    enter(state, payment);
    rescan(state);
  }
  return 'none';
}

function close(state: ReferenceState, record: FlatRecord): Reason {
  const currency = state.currencies[record.currency1];
  if (!currency?.open || currency.date !== record.date) return 'recordInvalid';
  runCyclesOf(state, [record.currency1]);
  const concerned = (['waiting', 'queued', 'earmarked', 'unmatched'] as const)
    .flatMap((place) => inOrder(state, place))
    .filter(
      (payment) =>
        payment.record.date <= record.date &&
        allLegsOf(payment).some((leg) => leg.debit.currency === record.currency1),
    )
    .map((payment) => (payment.isByItself === true ? leadOf(payment) : payment));
  const payments = [...new Set(concerned)];
  const ending = payments.filter(({ condition }) => condition?.isPromised !== true);
  if (ending.length < payments.length) state.note('promised over a close');
  for (const payment of ending) endAtClose(state, payment, record.currency1);
  const ended = ending.flatMap((payment) => payment.partners ?? payment);
  const { currency1, date: count } = record;
  write(state, 'closed', { currency1, count, amount1: ended.length });
  endRecalls(state, record.currency1);
  currency.open = false;
  state.horizon = Math.max(state.horizon, record.date - (state.rules?.identityDays ?? 0));
  forget(state);
  return 'none';
}

/**
 * A close of the currency credited takes one of a recall's days; the last ends it, without a word where all is back. While
 * all that is left is on its way back it goes on.
 */
function endRecalls(state: ReferenceState, closing: number): void {
  for (const identity of state.identities) {
    const { credits, recallCloses } = identity;
    if (identity.isRecalled !== true || recallCloses === undefined) continue;
    if (credits?.account.currency !== closing) continue;
    const isBack = credits.left === 0n;
    const returns = state.live.filter(({ original }) => original === identity);
    if (recallCloses === 1 && isBack && returns.length > 0) continue;
    identity.recallCloses = recallCloses - 1;
    if (identity.recallCloses > 0) continue;
    identity.isRecalled = false;
    happens(state, identity);
    if (isBack) continue;
    write(state, 'recallEnded', {
      reason: reasonNumber('recallUnanswered'),
      id: identity.id,
      messageType: identity.messageType,
      debtorAgent: identity.sender,
      creditorAgent: credits.account.participant,
      paymentPosition: identity.position,
    });
  }
}

/** From the oldest on; where days count from the end, all that has ended and nothing that is needed. */
function forget(state: ReferenceState): void {
  const isKept = (identity: Identity) => identity.day > state.horizon;
  const isAsked = (one: Identity) => one.isRecalled === true && one.recallCloses !== undefined;
  if (state.rules?.countsFromEnd !== 1) {
    const kept = state.identities.findIndex(isKept);
    state.identities = kept === -1 ? [] : state.identities.slice(kept);
    return;
  }
  for (const { original } of state.live) if (original !== undefined) happens(state, original);
  const living = new Set(state.live.map(({ identity }) => identity));
  state.identities = state.identities.filter(
    (one) => living.has(one) || isKept(one) || isAsked(one),
  );
}

function endAtClose(state: ReferenceState, payment: LivePayment, closing: number): void {
  const carries = state.currencies[closing]?.rules.atClose === 1;
  const { isByItself, state: place } = payment;
  if (isByItself === true) {
    release(state, payment, carries ? 'none' : 'cancelledAtClose');
  } else if (place === 'queued') {
    for (const { debit } of payment.legs)
      if (debit.currency !== closing) putOnWorklist(state, debit);
  }
  if (carries) {
    noteChain(state, payment, `carried over ${isByItself === true ? 'while funded' : place}`);
    if (isByItself === true || place === 'queued') waitOutside(state, payment);
    for (const { record, identity } of payment.partners ?? [payment]) {
      write(state, 'carriedOver', { ...paymentFields(record), paymentPosition: record.position });
      identity.outcome = { kind: 'carriedOver', reason: 'none' };
    }
    return;
  }
  cancel(state, payment, 'cancelledAtClose', () => 'cancelledAtClose');
}

function noteOfParticipant(state: ReferenceState, record: FlatRecord): Reason {
  if (record.participant >= state.participants) return 'recordInvalid';
  const { participant: debtorAgent, reason, payloadDigest: digest } = record;
  if (record.kind === RECORD_KINDS.notice) {
    const { id, messageType } = record;
    write(state, 'noticed', { debtorAgent, reason, id, digest, messageType });
    return 'none';
  }
  if (reason !== 0 && reason !== reasonNumber('keyRevoked')) return 'recordInvalid';
  write(state, 'keyChanged', { debtorAgent, reason, digest });
  return 'none';
}
