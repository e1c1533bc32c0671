// Dealers' quotes as they come in, and what becomes of them, told where the genesis asks for it: each use, what a payment
// that is cancelled gives back, and the end, by the dealer or by time. Which of them a payment takes: quotes.ts.
//
// Invariants
// - What is covered is what was used, less what was given back, and what is left: each event says the latter.
// - A quote ends once. The machine ends it right behind its last instant, before what follows, so that none of
//   its uses comes later.
import { accountOf } from './accounts-and-conservation';
import { now, quoteDay, today } from './cut-offs-and-cycle-times';
import { copyId, writeEvent, writeOfPayment, writeOfQuote, writeOfRecord } from './event-output';
import {
  findIdentity,
  outcomeOf,
  quoteOf,
  setDay,
  setOutcome,
  setQuoteEnded,
  setQuoteOf,
} from './identity-table';
import { QUOTE, QUOTE_SERIAL } from './live-payment';
import {
  addQuote,
  fileEnd,
  firstEnding,
  firstEndMs,
  freeEnded,
  isWithdrawn,
  nameQuote,
  quoteBase,
  quoteCurrency,
  quoteDealer,
  quoteId,
  quoteMantissa,
  quoteRemaining,
  quoteScale,
  quoteType,
  returnQuote,
  SCALE_MAX,
  useQuote,
  withdrawQuote,
} from './quotes';
import {
  EVENT_QUOTE_ENDED,
  EVENT_QUOTE_USED,
  EVENT_QUOTED,
  IN_AMOUNT_1,
  IN_AMOUNT_2,
  IN_CURRENCY_1,
  IN_CURRENCY_2,
  IN_DEALER,
  IN_ID,
  IN_MESSAGE_TYPE,
  IN_POSITION,
  IN_RATE_MANTISSA,
  IN_RATE_SCALE,
  OUT_AMOUNT_1,
  OUT_AMOUNT_2,
  OUT_BALANCE_1,
  OUT_BALANCE_3,
  OUT_BALANCE_4,
  OUT_COUNT,
  OUT_CURRENCY_1,
  OUT_CURRENCY_2,
  OUT_DEBTOR_AGENT,
  OUT_MESSAGE_TYPE,
  REASON_ACCOUNT_MISSING,
  REASON_AMOUNT_NOT_POSITIVE,
  REASON_FORMAT_INVALID,
  REASON_LIMIT_REACHED,
  REASON_NONE,
  REASON_QUOTE_EXPIRED,
  REASON_QUOTE_WITHDRAWN,
  REASON_SETTLEMENT_DATE_INVALID,
} from './record-numbers';

let tells: bool = false;

export function setTellsQuotes(on: bool): void {
  tells = on;
}

/** Logs a quote, or says why not. */
export function acceptQuote(record: usize, serial: u64): i32 {
  const dealer = load<u32>(record, IN_DEALER);
  const base = <u32>load<u16>(record, IN_CURRENCY_1);
  const quoted = <u32>load<u16>(record, IN_CURRENCY_2);
  const mantissa = load<i64>(record, IN_RATE_MANTISSA);
  const scale = <u32>load<u8>(record, IN_RATE_SCALE);
  const amount = load<i64>(record, IN_AMOUNT_2);
  const validUntilMs = load<i64>(record, IN_AMOUNT_1);
  if (mantissa <= 0 || scale > SCALE_MAX || base == quoted) return REASON_FORMAT_INVALID;
  if (accountOf(dealer, base) == 0 || accountOf(dealer, quoted) == 0) return REASON_ACCOUNT_MISSING;
  if (amount <= 0) return REASON_AMOUNT_NOT_POSITIVE;
  const day = quoteDay(validUntilMs);
  if (day < 0) return REASON_SETTLEMENT_DATE_INVALID;
  const logged = addQuote(dealer, base, quoted, mantissa, scale, amount, validUntilMs, now());
  if (logged == 0) return REASON_LIMIT_REACHED;
  startQuote(logged, record, serial);
  const event = writeOfQuote(EVENT_QUOTED, REASON_NONE, record);
  store<u32>(event, scale, OUT_COUNT);
  store<i64>(event, validUntilMs, OUT_BALANCE_1);
  setOutcome(serial, EVENT_QUOTED, REASON_NONE);
  setDay(serial, max(today(), <u32>day));
  return REASON_NONE;
}

/** A quote was logged by this record. */
function startQuote(quote: usize, record: usize, identity: u64): void {
  if (!tells) return;
  const position = load<u64>(record, IN_POSITION);
  nameQuote(quote, record + IN_ID, load<u16>(record, IN_MESSAGE_TYPE), position);
  setQuoteOf(identity, quote);
  fileEnd(quote);
}

/** A payment that was just taken in uses its part of a quote. */
export function takeFromQuote(quote: usize, record: usize): void {
  useQuote(quote, load<i64>(record, IN_AMOUNT_1));
  if (tells) stateQuote(writeOfRecord(EVENT_QUOTE_USED, REASON_NONE, record), quote);
}

/** A payment that was just cancelled gives its part back, unless its quote has gone meanwhile. */
export function giveBackToQuote(payment: usize, amount: i64): void {
  const quote = <usize>load<u32>(payment, QUOTE);
  if (quote == 0 || !returnQuote(quote, load<u32>(payment, QUOTE_SERIAL), amount) || !tells) return;
  const event = writeOfPayment(EVENT_QUOTE_USED, REASON_NONE, payment);
  store<i64>(event, -load<i64>(event, OUT_AMOUNT_1), OUT_AMOUNT_1);
  store<i64>(event, -load<i64>(event, OUT_AMOUNT_2), OUT_AMOUNT_2);
  stateQuote(event, quote);
}

function stateQuote(event: usize, quote: usize): void {
  v128.store(event, v128.load(quoteId(quote)), OUT_BALANCE_1);
  addRate(event, quote);
  store<i64>(event, quoteRemaining(quote), OUT_BALANCE_3);
}

function addRate(event: usize, quote: usize): void {
  store<u32>(event, quoteScale(quote), OUT_COUNT);
  store<i64>(event, quoteMantissa(quote), OUT_BALANCE_4);
}

/** The instant at which the first quote is valid no more; the largest number where none will end. */
export function firstQuoteEndMs(): i64 {
  const lastMs = firstEndMs();
  return lastMs == i64.MAX_VALUE ? lastMs : lastMs + 1;
}

/** The first quote is valid no more: one event, none where it was withdrawn. */
export function expireQuote(): void {
  const quote = firstEnding();
  if (!isWithdrawn(quote)) {
    endQuote(quote, REASON_QUOTE_EXPIRED);
    withdrawQuote(quote);
  }
  freeEnded();
}

/** The dealer takes back the quote that an identity says was logged; false where nothing is told of quotes. */
export function withdrawOf(identity: usize): bool {
  if (!tells) return false;
  const quote = quoteOf(identity);
  endQuote(quote, REASON_QUOTE_WITHDRAWN);
  withdrawQuote(quote);
  return true;
}

function endQuote(quote: usize, reason: i32): void {
  const event = writeEvent(EVENT_QUOTE_ENDED, reason);
  store<u16>(event, <u16>quoteType(quote), OUT_MESSAGE_TYPE);
  copyId(event, quoteId(quote));
  store<u32>(event, quoteDealer(quote), OUT_DEBTOR_AGENT);
  store<u16>(event, <u16>quoteBase(quote), OUT_CURRENCY_1);
  store<u16>(event, <u16>quoteCurrency(quote), OUT_CURRENCY_2);
  store<i64>(event, quoteRemaining(quote), OUT_AMOUNT_1);
  addRate(event, quote);
  const identity = findIdentity(quoteId(quote), quoteDealer(quote), quoteType(quote));
  // Its identity may have been forgotten, and its id used again.
  if (identity == 0 || <i32>outcomeOf(identity) != EVENT_QUOTED || quoteOf(identity) != quote)
    return;
  setQuoteEnded(identity, EVENT_QUOTE_ENDED, reason);
}
