// Control records: parameters, participants, accounts, liquidity, notices and keys. Rules, issuer, collateral:
// central-bank-records.ts. Caps: cap-records.ts. Limits across currencies: cross-limit-records.ts. Opening and
// closing: opening-and-closing.ts. Cycles: cycles.ts. A bank's default: participant-default.ts.
//
// Invariant: a control record is applied whole, with one event, or refused whole, with one event.

import {
  accountOf,
  addCurrency,
  addParticipant,
  balanceOf,
  currenciesFull,
  currencyCount,
  freeOf,
  issue,
  ledgerBytes,
  openAccount,
  participantCount,
  participantsFull,
  redeem,
  reserveLedger,
} from './accounts-and-conservation';
import { pushWork } from './accounts-to-rescan';
import { counterBytes, reserveCounters } from './attestor-counters';
import { conditionBytes, reserveConditions } from './attestor-thresholds';
import { limitBytes, reserveLimits } from './bilateral-limits';
import { changeCap } from './cap-records';
import {
  appointIssuer,
  changeRules,
  isByIssuer,
  limitCorridor,
  pledge,
} from './central-bank-records';
import { chainLegsMaxIsValid, setChainLegsMax } from './chain-legs';
import { chainTermsBytes, reserveChainTerms } from './chain-terms';
import {
  corridorLimitBytes,
  forgetSettled,
  noteCountry,
  reserveCorridorLimits,
} from './corridor-limits';
import {
  liquidityBytes,
  noteLine,
  reserveLiquidity,
  setUnsecuredLine,
} from './credit-and-reservations';
import { limitAcross, value } from './cross-limit-records';
import { crossLimitBytes, markAccount, reserveCrossLimits } from './cross-limits';
import { adoptRules, reserveRules, rulesAreValid, rulesBytes } from './currency-rules';
import { calendarBytes, open, reserveCalendar, setMinorUnits } from './cut-offs-and-cycle-times';
import { earmarkUseBytes, forgetUse, reserveEarmarkUse, setEarmarkCap } from './earmark-cap';
import { earmarkTermsBytes, reserveEarmarkTerms } from './earmark-terms';
import { addDigest, writeEvent } from './event-output';
import { setConditions } from './further-terms';
import { identityBytes, RECALL_DATES_MAX, reserveIdentities } from './identity-table';
import { capBytes, reserveCaps } from './net-positions-and-caps';
import { acceptedBytes, reserveAccepted } from './netting-accepted';
import { setPvpTimeout } from './pvp-intake-and-time-out';
import { matchingBytes, reserveMatching } from './pvp-matching';
import { queueBytes, reserveQueue } from './queue-places';
import { setTellsQuotes } from './quote-intake-uses-and-end';
import { quoteBytes, reserveQuotes } from './quotes';
import { setPassesRecalls, setRecallDays } from './recalls-and-replies';
import {
  EVENT_ACCOUNT_OPENED,
  EVENT_COMMANDED,
  EVENT_CREDIT_LINE_SET,
  EVENT_CURRENCY_ADDED,
  EVENT_GENESIS,
  EVENT_ISSUED,
  EVENT_KEY_CHANGED,
  EVENT_NOTICED,
  EVENT_OPENED,
  EVENT_PARTICIPANT_ADDED,
  EVENT_REDEEMED,
  EVENT_REFUSED,
  IN_AMOUNT_1,
  IN_AMOUNT_2,
  IN_BOUNDS_REFUSED,
  IN_CERTIFICATES,
  IN_CHAIN_LEGS_MAX,
  IN_CONDITIONS,
  IN_CORRIDOR_LIMITS_MAX,
  IN_COUNTRY_1,
  IN_COUNTS_FROM_END,
  IN_CURRENCIES_MAX,
  IN_CURRENCY_1,
  IN_CURRENCY_2,
  IN_CYCLE_INTERVAL_MS,
  IN_DATE,
  IN_EARMARK_CAP,
  IN_HASH_KEY,
  IN_ID,
  IN_IDENTITIES_MAX,
  IN_IDENTITY_DAYS,
  IN_KIND,
  IN_LIMITS_MAX,
  IN_LIVE_PAYMENTS_MAX,
  IN_MESSAGE_TYPE,
  IN_OUTCOME,
  IN_PARTICIPANT,
  IN_PARTICIPANTS_MAX,
  IN_PVP_TIMEOUT_MS,
  IN_QUOTE_EVENTS,
  IN_QUOTES_MAX,
  IN_REASON,
  IN_RECALL_DAYS,
  IN_RECALLS,
  IN_RULES_VERSION,
  NONE16,
  OUT_AMOUNT_1,
  OUT_AMOUNT_2,
  OUT_BALANCE_1,
  OUT_COUNT,
  OUT_CURRENCY_1,
  OUT_DEBTOR_AGENT,
  OUT_ID,
  OUT_MECHANISM,
  OUT_MESSAGE_TYPE,
  REASON_FUNDS_INSUFFICIENT,
  REASON_KEY_REVOKED,
  REASON_LIMIT_REACHED,
  REASON_NONE,
  REASON_NOT_ISSUER,
  REASON_RECORD_INVALID,
  RECORD_ACCOUNT,
  RECORD_CAP,
  RECORD_COLLATERAL,
  RECORD_COMMAND,
  RECORD_CORRIDOR_LIMIT,
  RECORD_CREDIT_LINE,
  RECORD_CROSS_LIMIT,
  RECORD_CURRENCY,
  RECORD_GENESIS,
  RECORD_ISSUE,
  RECORD_ISSUER,
  RECORD_KEY_STATE,
  RECORD_NOTICE,
  RECORD_OPEN,
  RECORD_PARTICIPANT,
  RECORD_REDEEM,
  RECORD_RULES,
  RECORD_TICK,
  RECORD_VALUATION,
} from './record-numbers';
import { reserveTimers, timerBytes } from './timers';
import { setCertificates } from './why-queue-heads-are-held-up';

/** ISO 4217 has at most 4; 18 keeps every power of ten within 64 bits. */
const MINOR_UNITS_MAX: u32 = 18;
/** What the tables may take of the 4 GiB that a module can address. */
const TABLE_BYTES_MAX: u64 = 4_000_000_000;

/** The refusal of any record; a genesis has no participant, currency or amounts to name. */
export function refuse(record: usize, reason: i32): void {
  const event = writeEvent(EVENT_REFUSED, reason);
  const kind = <u32>load<u16>(record, IN_KIND);
  store<u32>(event, kind, OUT_COUNT);
  if (kind == RECORD_GENESIS) return;
  store<u32>(event, load<u32>(record, IN_PARTICIPANT), OUT_DEBTOR_AGENT);
  store<u16>(event, load<u16>(record, IN_CURRENCY_1), OUT_CURRENCY_1);
  store<i64>(event, load<i64>(record, IN_AMOUNT_1), OUT_AMOUNT_1);
  store<i64>(event, load<i64>(record, IN_AMOUNT_2), OUT_AMOUNT_2);
}

/** Reserves the tables and sets the rules; false (and a refusal) where they cannot be had. */
export function applyGenesis(record: usize): bool {
  const currencies = load<u32>(record, IN_CURRENCIES_MAX);
  const days = load<u8>(record, IN_IDENTITY_DAYS);
  const certificates = load<u8>(record, IN_CERTIFICATES);
  const recalls = load<u8>(record, IN_RECALLS);
  const quoteEvents = load<u8>(record, IN_QUOTE_EVENTS);
  const fromEnd = load<u8>(record, IN_COUNTS_FROM_END);
  const bounds = load<u8>(record, IN_BOUNDS_REFUSED);
  const recallDays = <u32>load<u8>(record, IN_RECALL_DAYS);
  const conditions = load<u8>(record, IN_CONDITIONS);
  const told = max(max(certificates, recalls), max(quoteEvents, max(fromEnd, bounds)));
  const switches = max(told, conditions);
  const legsMax = <u32>load<u8>(record, IN_CHAIN_LEGS_MAX);
  const inRange =
    recallDays < RECALL_DATES_MAX &&
    chainLegsMaxIsValid(legsMax) &&
    (conditions == 0 || legsMax > 0);
  const isValid = rulesAreValid(record) && switches <= 1 && inRange;
  if (!isValid || days == 0 || currencies > <u32>NONE16) {
    refuse(record, REASON_RECORD_INVALID);
    return false;
  }
  if (tableBytes(record) > TABLE_BYTES_MAX || !reserveTables(record)) {
    refuse(record, REASON_LIMIT_REACHED);
    return false;
  }
  setCertificates(certificates == 1);
  setPassesRecalls(recalls == 1);
  setRecallDays(recallDays);
  setTellsQuotes(quoteEvents == 1);
  setPvpTimeout(load<u32>(record, IN_PVP_TIMEOUT_MS));
  setChainLegsMax(legsMax);
  setConditions(conditions == 1);
  const event = writeEvent(EVENT_GENESIS, REASON_NONE);
  store<u32>(event, load<u32>(record, IN_RULES_VERSION), OUT_COUNT);
  return true;
}

/** The participants whose shares of the identities are bounded. */
function sharersOf(record: usize): u32 {
  return load<u8>(record, IN_BOUNDS_REFUSED) == 1 ? load<u32>(record, IN_PARTICIPANTS_MAX) : 0;
}

function tableBytes(record: usize): u64 {
  const participants = load<u32>(record, IN_PARTICIPANTS_MAX);
  const currencies = load<u32>(record, IN_CURRENCIES_MAX);
  const payments = load<u32>(record, IN_LIVE_PAYMENTS_MAX);
  const accounts = <u64>participants * <u64>currencies;
  return (
    ledgerBytes(participants, currencies) +
    liquidityBytes(accounts) +
    crossLimitBytes(participants, currencies) +
    limitBytes(load<u32>(record, IN_LIMITS_MAX), accounts) +
    capBytes(accounts, load<u32>(record, IN_LIMITS_MAX)) +
    acceptedBytes(currencies) +
    matchingBytes(payments) +
    chainTermsBytes(payments, load<u8>(record, IN_CHAIN_LEGS_MAX)) +
    earmarkTermsBytes(payments, load<u8>(record, IN_CONDITIONS)) +
    conditionBytes(payments, load<u8>(record, IN_CONDITIONS)) +
    counterBytes(participants, load<u8>(record, IN_CONDITIONS)) +
    earmarkUseBytes(payments, currencies, load<u8>(record, IN_CONDITIONS)) +
    corridorLimitBytes(load<u32>(record, IN_CORRIDOR_LIMITS_MAX), participants, payments) +
    calendarBytes(currencies) +
    rulesBytes(currencies) +
    queueBytes(payments) +
    timerBytes(payments) +
    identityBytes(load<u32>(record, IN_IDENTITIES_MAX), sharersOf(record)) +
    quoteBytes(load<u32>(record, IN_QUOTES_MAX))
  );
}

function reserveTables(record: usize): bool {
  const participants = load<u32>(record, IN_PARTICIPANTS_MAX);
  const currencies = load<u32>(record, IN_CURRENCIES_MAX);
  const payments = load<u32>(record, IN_LIVE_PAYMENTS_MAX);
  const accounts = <u64>participants * <u64>currencies;
  const interval = load<u32>(record, IN_CYCLE_INTERVAL_MS);
  return (
    reserveLedger(participants, currencies) &&
    reserveLiquidity(accounts) &&
    reserveCrossLimits(participants, currencies) &&
    reserveLimits(load<u32>(record, IN_LIMITS_MAX), accounts) &&
    reserveCaps(accounts, load<u32>(record, IN_LIMITS_MAX)) &&
    reserveAccepted(currencies) &&
    reserveMatching(payments) &&
    reserveCalendar(currencies, load<u8>(record, IN_IDENTITY_DAYS), interval) &&
    reserveRules(currencies, record) &&
    reserveQueue(payments) &&
    reserveTimers(payments) &&
    reserveIdentities(
      load<u32>(record, IN_IDENTITIES_MAX),
      sharersOf(record),
      load<u8>(record, IN_COUNTS_FROM_END) == 1,
      record + IN_HASH_KEY,
    ) &&
    reserveQuotes(load<u32>(record, IN_QUOTES_MAX)) &&
    reserveChainTerms(payments, load<u8>(record, IN_CHAIN_LEGS_MAX)) &&
    reserveEarmarkTerms(payments, load<u8>(record, IN_CONDITIONS)) &&
    reserveConditions(payments, load<u8>(record, IN_CONDITIONS)) &&
    reserveCounters(participants, load<u8>(record, IN_CONDITIONS)) &&
    reserveEarmarkUse(payments, currencies, load<u8>(record, IN_CONDITIONS)) &&
    reserveCorridorLimits(load<u32>(record, IN_CORRIDOR_LIMITS_MAX), participants, payments)
  );
}

/** Applies any control record but genesis and close; false where its kind is not known. */
export function applyControl(record: usize): void {
  const kind = <i32>load<u16>(record, IN_KIND);
  let reason = REASON_RECORD_INVALID;
  if (kind == RECORD_PARTICIPANT) reason = register(record);
  else if (kind == RECORD_CURRENCY) reason = registerCurrency(record);
  else if (kind == RECORD_ACCOUNT) reason = openNew(record);
  else if (kind == RECORD_CREDIT_LINE || kind == RECORD_ISSUE || kind == RECORD_REDEEM)
    reason = changeLiquidity(record, kind);
  else if (kind == RECORD_CAP) reason = changeCap(record);
  else if (kind == RECORD_OPEN) reason = openCurrency(record);
  else if (kind == RECORD_NOTICE) reason = notice(record);
  else if (kind == RECORD_KEY_STATE) reason = changeKey(record);
  else if (kind == RECORD_RULES) reason = changeRules(record);
  else if (kind == RECORD_ISSUER) reason = appointIssuer(record);
  else if (kind == RECORD_COLLATERAL) reason = pledge(record);
  else if (kind == RECORD_VALUATION) reason = value(record);
  else if (kind == RECORD_CROSS_LIMIT) reason = limitAcross(record);
  else if (kind == RECORD_CORRIDOR_LIMIT) reason = limitCorridor(record);
  else if (kind == RECORD_COMMAND) reason = tellCommand(record);
  else if (kind == RECORD_TICK) return;
  if (reason != REASON_NONE) refuse(record, reason);
}

function register(record: usize): i32 {
  const participant = load<u32>(record, IN_PARTICIPANT);
  if (participant != participantCount()) return REASON_RECORD_INVALID;
  if (participantsFull()) return REASON_LIMIT_REACHED;
  addParticipant();
  noteCountry(participant, load<u16>(record, IN_COUNTRY_1));
  const event = writeEvent(EVENT_PARTICIPANT_ADDED, REASON_NONE);
  store<u32>(event, participant, OUT_DEBTOR_AGENT);
  return REASON_NONE;
}

function registerCurrency(record: usize): i32 {
  const currency = <u32>load<u16>(record, IN_CURRENCY_1);
  const minorUnits = <u32>load<u16>(record, IN_CURRENCY_2);
  const earmarkCap = load<i64>(record, IN_EARMARK_CAP);
  if (currency != currencyCount() || minorUnits > MINOR_UNITS_MAX) return REASON_RECORD_INVALID;
  if (earmarkCap < 0) return REASON_RECORD_INVALID;
  if (currenciesFull()) return REASON_LIMIT_REACHED;
  addCurrency();
  setMinorUnits(currency, minorUnits);
  setEarmarkCap(currency, earmarkCap);
  adoptRules(currency);
  const event = writeEvent(EVENT_CURRENCY_ADDED, REASON_NONE);
  store<u16>(event, <u16>currency, OUT_CURRENCY_1);
  store<u32>(event, minorUnits, OUT_COUNT);
  store<i64>(event, earmarkCap, OUT_AMOUNT_1);
  return REASON_NONE;
}

/** An event about one account, with its balance. */
function writeOfAccount(kind: i32, record: usize): usize {
  const participant = load<u32>(record, IN_PARTICIPANT);
  const currency = load<u16>(record, IN_CURRENCY_1);
  const event = writeEvent(kind, REASON_NONE);
  store<u32>(event, participant, OUT_DEBTOR_AGENT);
  store<u16>(event, currency, OUT_CURRENCY_1);
  store<i64>(event, load<i64>(record, IN_AMOUNT_1), OUT_AMOUNT_1);
  store<i64>(event, balanceOf(accountOf(participant, currency)), OUT_BALANCE_1);
  return event;
}

function openNew(record: usize): i32 {
  const opening = load<i64>(record, IN_AMOUNT_1);
  const line = load<i64>(record, IN_AMOUNT_2);
  const currency = <u32>load<u16>(record, IN_CURRENCY_1);
  const participant = load<u32>(record, IN_PARTICIPANT);
  if (opening > 0 && currency < currencyCount() && !isByIssuer(record)) return REASON_NOT_ISSUER;
  if (!openAccount(participant, currency, opening, line)) return REASON_RECORD_INVALID;
  noteLine(accountOf(participant, currency), line);
  markAccount(accountOf(participant, currency));
  store<i64>(writeOfAccount(EVENT_ACCOUNT_OPENED, record), line, OUT_AMOUNT_2);
  return REASON_NONE;
}

function changeLiquidity(record: usize, kind: i32): i32 {
  const amount = load<i64>(record, IN_AMOUNT_1);
  const account = accountOf(load<u32>(record, IN_PARTICIPANT), load<u16>(record, IN_CURRENCY_1));
  if (account == 0) return REASON_RECORD_INVALID;
  if (kind != RECORD_CREDIT_LINE && !isByIssuer(record)) return REASON_NOT_ISSUER;
  if (kind == RECORD_REDEEM) {
    if (amount <= 0) return REASON_RECORD_INVALID;
    // Credit is for payments: what is redeemed is money that is there, and not earmarked.
    if (freeOf(account) < amount) return REASON_FUNDS_INSUFFICIENT;
    redeem(account, amount);
    writeOfAccount(EVENT_REDEEMED, record);
    return REASON_NONE;
  }
  const done = kind == RECORD_ISSUE ? issue(account, amount) : setUnsecuredLine(account, amount);
  if (!done) return REASON_RECORD_INVALID;
  writeOfAccount(kind == RECORD_ISSUE ? EVENT_ISSUED : EVENT_CREDIT_LINE_SET, record);
  pushWork(account);
  return REASON_NONE;
}

function openCurrency(record: usize): i32 {
  const currency = <u32>load<u16>(record, IN_CURRENCY_1);
  const date = load<u32>(record, IN_DATE);
  if (currency >= currencyCount() || !open(currency, date)) return REASON_RECORD_INVALID;
  forgetUse(currency);
  forgetSettled(currency);
  const event = writeEvent(EVENT_OPENED, REASON_NONE);
  store<u16>(event, <u16>currency, OUT_CURRENCY_1);
  store<u32>(event, date, OUT_COUNT);
  store<i64>(event, load<i64>(record, IN_AMOUNT_1), OUT_AMOUNT_1);
  return REASON_NONE;
}

function notice(record: usize): i32 {
  const participant = load<u32>(record, IN_PARTICIPANT);
  if (participant >= participantCount()) return REASON_RECORD_INVALID;
  const event = writeEvent(EVENT_NOTICED, load<u16>(record, IN_REASON));
  store<u16>(event, load<u16>(record, IN_MESSAGE_TYPE), OUT_MESSAGE_TYPE);
  store<u32>(event, participant, OUT_DEBTOR_AGENT);
  memory.copy(event + OUT_ID, record + IN_ID, 16);
  addDigest(event, record);
  return REASON_NONE;
}

function changeKey(record: usize): i32 {
  const participant = load<u32>(record, IN_PARTICIPANT);
  const state = <i32>load<u16>(record, IN_REASON);
  if (participant >= participantCount()) return REASON_RECORD_INVALID;
  if (state != REASON_NONE && state != REASON_KEY_REVOKED) return REASON_RECORD_INVALID;
  const event = writeEvent(EVENT_KEY_CHANGED, state);
  store<u32>(event, participant, OUT_DEBTOR_AGENT);
  addDigest(event, record);
  return REASON_NONE;
}

/** What became of a command whose own records stand before this one. */
function tellCommand(record: usize): i32 {
  const event = writeEvent(EVENT_COMMANDED, load<u16>(record, IN_REASON));
  store<u8>(event, load<u8>(record, IN_OUTCOME), OUT_MECHANISM);
  memory.copy(event + OUT_ID, record + IN_ID, 16);
  addDigest(event, record);
  return REASON_NONE;
}
