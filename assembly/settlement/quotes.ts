// Dealers' logged quotes and what remains of each. Their uses and ends: quote-intake-uses-and-end.ts.
//
// Invariants
// - A quote is (dealer, base, quote currency, rate) with a base amount and an end of validity; the
//   rate is kept without trailing zeros, so 1.10 and 1.1 are the same rate.
// - 0 <= remaining <= the amount covered. A payment takes its whole base amount from one quote: the
//   earliest logged one that is valid and has enough left. A cancelled payment gives it back.
// - State time only grows, so a quote that has expired is out for good; its slot is used again at
//   the latest when the table is full. A payment knows its quote by slot and serial.
// - Where a pool tells what becomes of quotes (quote-intake-uses-and-end.ts), each slot in use has an entry in a heap, in the
//   order in which quotes end: by time, then as they came. A quote that was withdrawn can be used no more and
//   keeps its slot until it would have ended.
import { reserve } from '../memory';
import { REASON_NONE, REASON_QUOTE_EXHAUSTED, REASON_QUOTE_MISSING } from './record-numbers';

// A quote, 72 bytes.
//   0 i64 valid until   8 i64 remaining   16 i64 mantissa   24 u32 dealer   28 u16 base
//  30 u16 quote currency   32 u32 scale   36 u32 next in its bucket   40 u32 serial, 0: withdrawn
//  44 u16 message type   48 u8[16] id   64 u64 position of its record
const QUOTE_BYTES: u64 = 72;
const VALID_UNTIL: usize = 0;
const REMAINING: usize = 8;
const MANTISSA: usize = 16;
const DEALER: usize = 24;
const BASE: usize = 28;
const QUOTED: usize = 30;
const SCALE: usize = 32;
const NEXT: usize = 36;
const SERIAL: usize = 40;
const TYPE: usize = 44;
const ID: usize = 48;
const POSITION: usize = 64;

// An entry of the heap, 12 bytes: i64 last instant, u32 quote. Places run from 1.
const ENTRY_BYTES: u64 = 12;
const QUOTE: usize = 8;

/** More decimals than any rate has; with it every product fits 128 bits. */
export const SCALE_MAX: u32 = 18;

let quotes: usize = 0;
let buckets: usize = 0;
let quotesMax: u32 = 0;
let bucketMask: u32 = 0;
let drawn: u32 = 0;
let free: usize = 0;
let ends: usize = 0;
let endsCount: u32 = 0;
let serials: u32 = 0;
let earliestEnd: i64 = i64.MAX_VALUE;
let mantissa: i64 = 0;
let scale: u32 = 0;
let failure: i32 = 0;

function bucketCount(max: u32): u64 {
  return max < 2 ? 1 : (<u64>1) << (32 - clz<u32>(max - 1));
}

export function quoteBytes(max: u32): u64 {
  return <u64>max * QUOTE_BYTES + bucketCount(max) * 4 + (<u64>max + 1) * ENTRY_BYTES;
}

export function reserveQuotes(max: u32): bool {
  quotesMax = max;
  bucketMask = <u32>(bucketCount(max) - 1);
  quotes = reserve(<u64>max * QUOTE_BYTES);
  buckets = reserve(bucketCount(max) * 4);
  ends = reserve((<u64>max + 1) * ENTRY_BYTES);
  return quotes != 0 && buckets != 0 && ends != 0;
}

/** Takes trailing zeros off a rate, into `mantissa` and `scale`. */
function normalise(rateMantissa: i64, rateScale: u32): void {
  mantissa = rateMantissa;
  scale = rateScale;
  while (scale > 0 && mantissa % 10 == 0) {
    mantissa /= 10;
    scale -= 1;
  }
}

/** The bucket of a pair and the normalised rate. Only dealers write here, so the mix is plain. */
function bucketOf(dealer: u32, base: u32, quoted: u32): usize {
  let hash = <u64>mantissa * 0x9e3779b97f4a7c15;
  hash = (hash ^ (hash >> 32) ^ ((<u64>dealer) << 32) ^ ((<u64>base) << 16) ^ <u64>quoted) + scale;
  hash *= 0x9e3779b97f4a7c15;
  return buckets + ((<usize>(<u32>(hash >> 32) & bucketMask)) << 2);
}

/** Takes what has expired out of a bucket. */
function dropExpired(bucket: usize, nowMs: i64): void {
  let link = bucket;
  let quote = <usize>load<u32>(link);
  while (quote != 0) {
    const next = <usize>load<u32>(quote, NEXT);
    if (load<i64>(quote, VALID_UNTIL) < nowMs) {
      store<u32>(link, next);
      store<u32>(quote, 0, SERIAL);
      store<u32>(quote, free, NEXT);
      free = quote;
    } else {
      earliestEnd = min(earliestEnd, load<i64>(quote, VALID_UNTIL));
      link = quote + NEXT;
    }
    quote = next;
  }
}

/** Whether a slot can be had, by dropping all that has expired where need be. */
function roomFor(nowMs: i64): bool {
  if (free != 0 || drawn < quotesMax) return true;
  // What has ended is out already.
  if (endsCount > 0 || nowMs <= earliestEnd) return false;
  earliestEnd = i64.MAX_VALUE;
  for (let i: u32 = 0; i <= bucketMask; i++) dropExpired(buckets + ((<usize>i) << 2), nowMs);
  return free != 0;
}

/** Adds a quote that is valid now, mantissa > 0, scale <= SCALE_MAX; 0 where all are in use. */
export function addQuote(
  dealer: u32,
  base: u32,
  quoted: u32,
  rateMantissa: i64,
  rateScale: u32,
  amount: i64,
  validUntilMs: i64,
  nowMs: i64,
): usize {
  if (!roomFor(nowMs)) return 0;
  let quote = free;
  if (quote != 0) {
    free = load<u32>(quote, NEXT);
  } else {
    quote = quotes + <usize>drawn * <usize>QUOTE_BYTES;
    drawn += 1;
  }
  normalise(rateMantissa, rateScale);
  serials = max<u32>(serials + 1, 1);
  store<i64>(quote, validUntilMs, VALID_UNTIL);
  store<i64>(quote, amount, REMAINING);
  store<i64>(quote, mantissa, MANTISSA);
  store<u32>(quote, dealer, DEALER);
  store<u16>(quote, <u16>base, BASE);
  store<u16>(quote, <u16>quoted, QUOTED);
  store<u32>(quote, scale, SCALE);
  store<u32>(quote, 0, NEXT);
  store<u32>(quote, serials, SERIAL);
  earliestEnd = min(earliestEnd, validUntilMs);
  let link = bucketOf(dealer, base, quoted);
  while (load<u32>(link) != 0) link = <usize>load<u32>(link) + NEXT;
  store<u32>(link, quote);
  return quote;
}

/** What its events say of a quote. */
export function nameQuote(quote: usize, id: usize, type: u32, position: u64): void {
  v128.store(quote, v128.load(id), ID);
  store<u16>(quote, <u16>type, TYPE);
  store<u64>(quote, position, POSITION);
}

function at(place: u32): usize {
  return ends + <usize>place * <usize>ENTRY_BYTES;
}

function isBefore(quote: usize, entry: usize): bool {
  const timeMs = load<i64>(quote, VALID_UNTIL);
  if (timeMs != load<i64>(entry)) return timeMs < load<i64>(entry);
  return load<u64>(quote, POSITION) < load<u64>(load<u32>(entry, QUOTE), POSITION);
}

function put(place: u32, quote: usize): void {
  store<i64>(at(place), load<i64>(quote, VALID_UNTIL));
  store<u32>(at(place), quote, QUOTE);
}

/** From now on the quote's end is known; it has been named. */
export function fileEnd(quote: usize): void {
  endsCount += 1;
  let place = endsCount;
  while (place > 1 && isBefore(quote, at(place >> 1))) {
    put(place, load<u32>(at(place >> 1), QUOTE));
    place >>= 1;
  }
  put(place, quote);
}

/** The last instant of the filed quote that ends first; the largest number where none is filed. */
export function firstEndMs(): i64 {
  return endsCount == 0 ? i64.MAX_VALUE : load<i64>(at(1));
}

/** The filed quote that ends first; there is one. */
export function firstEnding(): usize {
  return <usize>load<u32>(at(1), QUOTE);
}

/** Takes it out, for good; it has been withdrawn. Its slot is free from then on. */
export function freeEnded(): void {
  const quote = firstEnding();
  const last = <usize>load<u32>(at(endsCount), QUOTE);
  endsCount -= 1;
  let place: u32 = 1;
  while (place * 2 <= endsCount) {
    let child = place * 2;
    if (child < endsCount && isBefore(load<u32>(at(child + 1), QUOTE), at(child))) child += 1;
    if (isBefore(last, at(child))) break;
    put(place, load<u32>(at(child), QUOTE));
    place = child;
  }
  if (endsCount > 0) put(place, last);
  store<u32>(quote, free, NEXT);
  free = quote;
}

function unlink(quote: usize): void {
  mantissa = load<i64>(quote, MANTISSA);
  scale = load<u32>(quote, SCALE);
  let link = bucketOf(load<u32>(quote, DEALER), load<u16>(quote, BASE), load<u16>(quote, QUOTED));
  while (load<u32>(link) != <u32>quote) link = <usize>load<u32>(link) + NEXT;
  store<u32>(link, load<u32>(quote, NEXT));
}

export function isWithdrawn(quote: usize): bool {
  return load<u32>(quote, SERIAL) == 0;
}

/** It can be used no more, and gets nothing back. */
export function withdrawQuote(quote: usize): void {
  unlink(quote);
  store<u32>(quote, 0, SERIAL);
}

/** The quote that a payment may use, or 0: then `quoteFailure` says why. */
export function findQuote(
  dealer: u32,
  base: u32,
  quoted: u32,
  rateMantissa: i64,
  rateScale: u32,
  amount: i64,
  nowMs: i64,
): usize {
  failure = REASON_QUOTE_MISSING;
  if (rateMantissa <= 0 || rateScale > SCALE_MAX) return 0;
  normalise(rateMantissa, rateScale);
  const bucket = bucketOf(dealer, base, quoted);
  dropExpired(bucket, nowMs);
  for (let quote = <usize>load<u32>(bucket); quote != 0; quote = load<u32>(quote, NEXT)) {
    if (
      load<i64>(quote, MANTISSA) != mantissa ||
      load<u32>(quote, SCALE) != scale ||
      load<u32>(quote, DEALER) != dealer ||
      load<u16>(quote, BASE) != <u16>base ||
      load<u16>(quote, QUOTED) != <u16>quoted
    )
      continue;
    if (load<i64>(quote, REMAINING) >= amount) {
      failure = REASON_NONE;
      return quote;
    }
    failure = REASON_QUOTE_EXHAUSTED;
  }
  return 0;
}

export function quoteFailure(): i32 {
  return failure;
}

export function quoteSerial(quote: usize): u32 {
  return load<u32>(quote, SERIAL);
}

export function useQuote(quote: usize, amount: i64): void {
  store<i64>(quote, load<i64>(quote, REMAINING) - amount, REMAINING);
}

/** Gives an amount back, unless the quote has gone meanwhile; whether it did. */
export function returnQuote(quote: usize, serial: u32, amount: i64): bool {
  if (load<u32>(quote, SERIAL) != serial) return false;
  useQuote(quote, -amount);
  return true;
}

export function quoteDealer(quote: usize): u32 {
  return load<u32>(quote, DEALER);
}

export function quoteBase(quote: usize): u32 {
  return load<u16>(quote, BASE);
}

export function quoteCurrency(quote: usize): u32 {
  return load<u16>(quote, QUOTED);
}

export function quoteRemaining(quote: usize): i64 {
  return load<i64>(quote, REMAINING);
}

export function quoteMantissa(quote: usize): i64 {
  return load<i64>(quote, MANTISSA);
}

export function quoteScale(quote: usize): u32 {
  return load<u32>(quote, SCALE);
}

export function quoteType(quote: usize): u32 {
  return load<u16>(quote, TYPE);
}

/** The address of its id, 16 bytes. */
export function quoteId(quote: usize): usize {
  return quote + ID;
}
