// Identities of messages: (sender, message type, id), with a tag of the payload's digest and the outcome, and
// of a payment what it credited. What a repeat or a second payload under an identity gets:
// duplicates-and-dispatch.ts.
//
// Invariants
// - Identities lie in a ring in the order in which they came; `serial` numbers them from 1 for ever,
//   and the ring holds those from `oldest` on. A payment keeps its serial: an outcome for a serial
//   that has been forgotten is dropped.
// - Each carries a day: the last day on which the message could still be accepted. `forget(day)`
//   drops them from the oldest on, up to the first whose day is later; nothing else drops any.
// - Where the genesis counts days from the end (`countsFromEnd`), an identity's day is also at least the day on
//   which its payment ended, was returned or recalled. `forget(day)` then drops every one of that day or
//   earlier, wherever it lies, but no live payment's, none that a live return brings back, and none whose recall
//   has dates left. The others move up
//   in their order and are numbered anew, so a serial holds no longer than the record that it came with, but in
//   a live payment, which is told.
// - Where the genesis bounds what is refused (`boundsRefused`), what became no payment and no quote, and is not bounded by
//   payments, is counted to its sender, whose share is an eighth of the room that is free.
// - `index` is an open-addressing table (linear probing, at most two thirds full) of ring places,
//   each with as many bits of the hash as its 32 bits leave room for. The hash is SipHash-1-3
//   (Aumasson and Bernstein, 2012) under the genesis key, so ids crafted to collide do not.
// - 56 bytes an identity and 6 of index, and 4 a participant. Of the digest a tag of 64 bits is kept, under the same key: who
//   does not know it can only try, and a hit in 2^64 messages would let a sender pass its own second
//   message off as a repeat of its first.
// - A recall of a settled payment ends once: by an answer, or where it has had its dates. Those are counted by the
//   closes of the currency that the payment credited.
// - Of a payment that settled, what it credited and how much of that has not been returned is known for
//   as long as its identity is. A live return counts as returned.
import { reserve } from '../memory';
import { currencyOf, raiseFault } from './accounts-and-conservation';
import { today } from './cut-offs-and-cycle-times';
import {
  IDENTITY,
  ORIGINAL,
  POSITION as PAYMENT_POSITION,
  STATE,
  STATE_RETURN,
} from './live-payment';
import {
  EVENT_SETTLED,
  IN_ID,
  IN_MESSAGE_TYPE,
  IN_PARTICIPANT,
  RECORD_BYTES,
} from './record-numbers';

// An identity, 56 bytes.
//   0 u8[16] id   16 u64 tag of the digest   24 i64 what is left of the amount credited, or u64 the quote's address
//  32 u32 the account credited, 0: nothing that could be returned   36 u32 day   40 u64 position
//  48 u32 sender   52 u16 type   54 u8 outcome's event kind, with LIVE and COUNTED   55 u8 outcome's reason, or of what
//  settled SAID_*, and above them at how many closes from now a recall ends, 0: at none
// While its payment is live, 40 holds the payment's address, and the payment its position.
const IDENTITY_BYTES: u64 = 56;
const DIGEST_TAG: usize = 16;
const LEFT: usize = 24;
const CREDITED: usize = 32;
const DAY: usize = 36;
const POSITION: usize = 40;
const SENDER: usize = 48;
const TYPE: usize = 52;
const OUTCOME: usize = 54;
const OUTCOME_REASON: usize = 55;
const LIVE: u8 = 128;
const COUNTED: u8 = 64;
/** A sender's share is the part of the free room that this divides. */
const SHARE_OF_FREE: u64 = 8;

let ring: usize = 0;
let index: usize = 0;
/** By participant, how many are counted; 0: none is. */
let counts: usize = 0;
let fromEnd: bool = false;
let identitiesMax: u32 = 0;
let slots: u32 = 0;
let placeBits: u32 = 0;
let key0: u64 = 0;
let key1: u64 = 0;
let oldest: u64 = 1;
let next: u64 = 1;
/** The serial at place 0 of the ring in the lap that `oldest` is in. */
let lapStart: u64 = 1;

/** Records whose identities are hashed at once. */
export const AHEAD_RECORDS: u32 = 32;
const hashes: usize = memory.data(8 * 33, 16);
let aheadFirst: usize = 0;
let aheadBytes: usize = 0;

function slotCount(max: u32): u64 {
  return <u64>max + (<u64>max >> 1) + 1;
}

/** @param sharers participants whose shares are bounded; 0: nobody's is */
export function identityBytes(max: u32, sharers: u32): u64 {
  return <u64>max * IDENTITY_BYTES + slotCount(max) * 4 + <u64>sharers * 4;
}

/** @param countsFromEnd whether an identity's days count from when its payment ended */
export function reserveIdentities(
  max: u32,
  sharers: u32,
  countsFromEnd: bool,
  hashKey: usize,
): bool {
  fromEnd = countsFromEnd;
  identitiesMax = max;
  slots = <u32>slotCount(max);
  placeBits = 32 - clz<u32>(max);
  key0 = load<u64>(hashKey);
  key1 = load<u64>(hashKey, 8);
  ring = reserve(<u64>max * IDENTITY_BYTES);
  index = reserve(slotCount(max) * 4);
  if (sharers > 0) counts = reserve(<u64>sharers * 4);
  return ring != 0 && index != 0 && (sharers == 0 || counts != 0);
}

export function identitiesFull(): bool {
  return next - oldest == <u64>identitiesMax;
}

/** Whether shares are bounded. */
export function boundsShares(): bool {
  return counts != 0;
}

/** Whether a sender has used up its share. */
export function isShareUsed(sender: u32): bool {
  if (counts == 0) return false;
  const free = <u64>identitiesMax - (next - oldest);
  return <u64>load<u32>(counts + ((<usize>sender) << 2)) * SHARE_OF_FREE >= free;
}

/** Counts an identity, whose outcome is set, to its sender's share. */
export function countToShare(serial: u64): void {
  if (counts == 0) return;
  const identity = at(place(serial));
  store<u8>(identity, load<u8>(identity, OUTCOME) | COUNTED, OUTCOME);
  addToShare(identity, 1);
}

function addToShare(identity: usize, change: i32): void {
  const count = counts + ((<usize>load<u32>(identity, SENDER)) << 2);
  store<u32>(count, load<u32>(count) + change);
}

/** Where a serial from `oldest` to `next` lies: no division, since this is asked a few times a payment. */
function place(serial: u64): u32 {
  const after = <u32>(serial - lapStart);
  return after < identitiesMax ? after : after - identitiesMax;
}

function at(place: u32): usize {
  return ring + <usize>place * <usize>IDENTITY_BYTES;
}

/** SipHash-1-3 of id, sender and type: three words and the word of the length, 24. */
function hashOf(idLow: u64, idHigh: u64, senderAndType: u64): u64 {
  let v0: u64 = key0 ^ 0x736f6d6570736575;
  let v1: u64 = key1 ^ 0x646f72616e646f6d;
  let v2: u64 = key0 ^ 0x6c7967656e657261;
  let v3: u64 = key1 ^ 0x7465646279746573;
  // The words move up one round after another; behind the fourth come zeros, which change nothing.
  let word = idLow;
  let second = idHigh;
  let third = senderAndType;
  let fourth: u64 = (<u64>24) << 56;
  for (let round = 0; round < 7; round++) {
    v2 ^= round == 4 ? 0xff : 0;
    v3 ^= word;
    v0 += v1;
    v1 = rotl<u64>(v1, 13) ^ v0;
    v0 = rotl<u64>(v0, 32);
    v2 += v3;
    v3 = rotl<u64>(v3, 16) ^ v2;
    v0 += v3;
    v3 = rotl<u64>(v3, 21) ^ v0;
    v2 += v1;
    v1 = rotl<u64>(v1, 17) ^ v2;
    v2 = rotl<u64>(v2, 32);
    v0 ^= word;
    word = second;
    second = third;
    third = fourth;
    fourth = 0;
  }
  return v0 ^ v1 ^ v2 ^ v3;
}

/** Three words hashed under the genesis key. */
export function keyedHash(first: u64, second: u64, third: u64): u64 {
  return hashOf(first, second, third);
}

function keyHash(id: usize, sender: u32, type: u32): u64 {
  const ahead = id - aheadFirst;
  if (ahead < aheadBytes && ahead % <usize>RECORD_BYTES == 0)
    return load<u64>(hashes + ((ahead / <usize>RECORD_BYTES) << 3));
  return hashOf(load<u64>(id), load<u64>(id, 8), ((<u64>type) << 32) | <u64>sender);
}

/**
 * Hashes the identities of the records that come next and touches their places in the index, all
 * at once: one after another, each would wait for memory. Changes nothing that can be observed.
 */
export function lookAhead(records: usize, count: u32): void {
  const ahead = min(count, AHEAD_RECORDS);
  aheadFirst = records + IN_ID;
  aheadBytes = <usize>ahead * RECORD_BYTES;
  for (let i: u32 = 0; i < ahead; i++) {
    const record = records + <usize>i * RECORD_BYTES;
    const senderAndType =
      ((<u64>load<u16>(record, IN_MESSAGE_TYPE)) << 32) | <u64>load<u32>(record, IN_PARTICIPANT);
    const hash = hashOf(load<u64>(record, IN_ID), load<u64>(record, IN_ID + 8), senderAndType);
    store<u64>(hashes + ((<usize>i) << 3), hash);
  }
  // A loop of its own, short enough that the processor has all of these loads under way together.
  let touched: u32 = 0;
  for (let i: u32 = 0; i < ahead; i++) {
    const hash = load<u64>(hashes + ((<usize>i) << 3));
    touched ^= load<u32>(index + ((<usize>homeOf(hash)) << 2));
  }
  // Kept, so that the compiler keeps the loads.
  store<u32>(hashes, touched, (<usize>AHEAD_RECORDS) << 3);
}

function homeOf(hash: u64): u32 {
  return <u32>(((hash >> 32) * <u64>slots) >> 32);
}

/** What the index holds for a place: the place + 1 below, bits of the hash above. Never 0. */
function entryOf(hash: u64, place: u32): u32 {
  return (<u32>hash & tagMask()) | (place + 1);
}

function tagMask(): u32 {
  return placeBits == 32 ? 0 : ~(((<u32>1) << placeBits) - 1);
}

function nextSlot(slot: u32): u32 {
  return slot + 1 == slots ? 0 : slot + 1;
}

/** The address of the identity (sender, type, 16 bytes at `id`), or 0. */
export function findIdentity(id: usize, sender: u32, type: u32): usize {
  const hash = keyHash(id, sender, type);
  const mask = tagMask();
  const tag = <u32>hash & mask;
  let slot = homeOf(hash);
  while (true) {
    const entry = load<u32>(index + ((<usize>slot) << 2));
    if (entry == 0) return 0;
    slot = nextSlot(slot);
    if ((entry & mask) != tag) continue;
    const found = at((entry & ~mask) - 1);
    if (
      load<u64>(found) == load<u64>(id) &&
      load<u64>(found, 8) == load<u64>(id, 8) &&
      load<u32>(found, SENDER) == sender &&
      load<u16>(found, TYPE) == <u16>type
    )
      return found;
  }
}

/** 192 bits of the digest hashed under the genesis key. */
function tagOf(digest: usize): u64 {
  return hashOf(load<u64>(digest), load<u64>(digest, 8), load<u64>(digest, 16));
}

export function sameDigest(identity: usize, digest: usize): bool {
  return load<u64>(identity, DIGEST_TAG) == tagOf(digest);
}

export function senderOf(identity: usize): u32 {
  return load<u32>(identity, SENDER);
}

export function typeOf(identity: usize): u32 {
  return load<u16>(identity, TYPE);
}

export function positionOf(identity: usize): u64 {
  const payment = livePaymentOf(identity);
  return payment != 0 ? load<u64>(payment, PAYMENT_POSITION) : load<u64>(identity, POSITION);
}

/** The payment that the message became, while it is live; else 0. */
export function livePaymentOf(identity: usize): usize {
  return load<u8>(identity, OUTCOME) & LIVE ? <usize>load<u64>(identity, POSITION) : 0;
}

export function outcomeOf(identity: usize): u32 {
  return load<u8>(identity, OUTCOME) & ~(LIVE | COUNTED);
}

export function outcomeReasonOf(identity: usize): u32 {
  return isSettled(identity) ? 0 : load<u8>(identity, OUTCOME_REASON);
}

export function isSettled(identity: usize): bool {
  return <i32>load<u8>(identity, OUTCOME) == EVENT_SETTLED;
}

/** What is said of a settled payment between its banks: set and not answered, or said once and for all. */
export const SAID_RECALL: u8 = 1;
export const SAID_CREDITED: u8 = 2;
export const SAID_NOT_CREDITED: u8 = 4;

const SAID_BITS: u8 = 3;
const SAID_ALL: u8 = 7;
/** The most closes that a recall can last. */
export const RECALL_DATES_MAX: u32 = 31;

/** All that is said of a payment that `isSettled`. */
export function saidOf(identity: usize): u8 {
  return load<u8>(identity, OUTCOME_REASON) & SAID_ALL;
}

/** At how many closes of its payment's currency from now a recall ends; 0: at none. */
export function setRecallDates(identity: usize, dates: u32): void {
  store<u8>(identity, saidOf(identity) | ((<u8>dates) << SAID_BITS), OUTCOME_REASON);
}

function recallDatesOf(identity: usize): u32 {
  return isSettled(identity) ? load<u8>(identity, OUTCOME_REASON) >> SAID_BITS : 0;
}

/** What of the identities has been looked through for recalls whose time runs. */
let recallsSeen: u64 = 0;

/** Before a currency's close counts: a recall goes on while returns that live bring back all that is left. */
export function startRecalls(currency: u32): void {
  recallsSeen = oldest;
  for (let serial = oldest; serial < next; serial++) {
    const original = broughtBackBy(at(place(serial)));
    if (original == 0 || recallDatesOf(original) != 1 || leftOf(original) != 0) continue;
    if (currencyOf(creditedBy(original)) == currency) setRecallDates(original, 2);
  }
}

/**
 * One date less for each recall in a currency whose time runs, up to the first that ends unanswered: the payment's
 * identity, 0: there is no further. One whose money is all back ends without a word. Where `canEnd` is false it stops
 * before the first that ends, and goes on there when it is asked again.
 */
export function nextUnanswered(currency: u32, canEnd: bool): usize {
  for (; recallsSeen < next; recallsSeen++) {
    const identity = at(place(recallsSeen));
    const dates = recallDatesOf(identity);
    if (dates == 0 || currencyOf(creditedBy(identity)) != currency) continue;
    if (dates == 1 && !canEnd) return identity;
    setRecallDates(identity, dates - 1);
    if (dates > 1) continue;
    setSaid(identity, SAID_RECALL, false);
    if (leftOf(identity) == 0) continue;
    recallsSeen++;
    return identity;
  }
  return 0;
}

/** @param what one of them, or any of several */
export function isSaid(identity: usize, what: u8): bool {
  return (load<u8>(identity, OUTCOME_REASON) & what) != 0;
}

/** @param identity of a payment that `isSettled` */
export function setSaid(identity: usize, what: u8, on: bool): void {
  const said = load<u8>(identity, OUTCOME_REASON);
  store<u8>(identity, on ? said | what : said & ~what, OUTCOME_REASON);
  // Nothing is awaited any more.
  if (what == SAID_RECALL && !on) setRecallDates(identity, 0);
  keepFromToday(identity);
}

/** Its days begin anew where they count from the end: something has happened to its payment. */
export function keepFromToday(identity: usize): void {
  if (fromEnd) store<u32>(identity, max(load<u32>(identity, DAY), today()), DAY);
}

/** What a payment credits, settled or not: of that as much can be returned. */
export function setCredited(serial: u64, account: usize, amount: i64): void {
  const identity = at(place(serial));
  store<i64>(identity, amount, LEFT);
  store<u32>(identity, <u32>account, CREDITED);
}

/** The account that a payment credited; 0: it is no payment, or none that can be returned. */
export function creditedBy(identity: usize): usize {
  return load<u32>(identity, CREDITED);
}

/** How much of what a payment credited has not been returned. */
export function leftOf(identity: usize): i64 {
  return load<i64>(identity, LEFT);
}

/** Takes what a return brings back from what is left. */
export function takeFromLeft(identity: usize, amount: i64): void {
  const left = leftOf(identity) - amount;
  if (left < 0) raiseFault();
  store<i64>(identity, left, LEFT);
  keepFromToday(identity);
}

/**
 * A return has ended and gives back what it did not bring back, 0 where it settled, to the payment at a
 * position; it may have been forgotten.
 */
export function giveBackToLeft(position: u64, amount: i64): void {
  const identity = identityAt(position);
  if (identity == 0) return;
  store<i64>(identity, leftOf(identity) + amount, LEFT);
  keepFromToday(identity);
}

/** The identity of the message at a position; 0: it has been forgotten. */
function identityAt(position: u64): usize {
  // Identities lie in the order of their positions.
  let low = oldest;
  let high = next;
  while (low < high) {
    const middle = low + ((high - low) >> 1);
    if (positionOf(at(place(middle))) < position) low = middle + 1;
    else high = middle;
  }
  if (low == next) return 0;
  const identity = at(place(low));
  return positionOf(identity) == position ? identity : 0;
}

/** What the message's live payment brings back; 0: it is no live return, or that has been forgotten. */
function broughtBackBy(identity: usize): usize {
  const payment = livePaymentOf(identity);
  const isReturn = payment != 0 && (load<u8>(payment, STATE) & STATE_RETURN) != 0;
  return isReturn ? identityAt(load<u64>(payment, ORIGINAL)) : 0;
}

/** What is told of a quote as long as it has not ended. */
export function setQuoteOf(serial: u64, quote: usize): void {
  store<u64>(at(place(serial)), quote, LEFT);
}

/** @param identity whose outcome is that a quote was logged, of which is told */
export function quoteOf(identity: usize): usize {
  return <usize>load<u64>(identity, LEFT);
}

/** The outcome of a quote that ends. */
export function setQuoteEnded(identity: usize, kind: u32, reason: u32): void {
  store<u8>(identity, <u8>kind, OUTCOME);
  store<u8>(identity, <u8>reason, OUTCOME_REASON);
  keepFromToday(identity);
}

function insert(hash: u64, place: u32): void {
  let slot = homeOf(hash);
  while (load<u32>(index + ((<usize>slot) << 2)) != 0) slot = nextSlot(slot);
  store<u32>(index + ((<usize>slot) << 2), entryOf(hash, place));
}

/** Remembers an identity that `findIdentity` did not find, in a ring that is not full. */
export function remember(id: usize, digest: usize, sender: u32, type: u32, position: u64): u64 {
  const serial = next;
  next += 1;
  const identity = at(place(serial));
  v128.store(identity, v128.load(id));
  store<u64>(identity, tagOf(digest), DIGEST_TAG);
  store<i64>(identity, 0, LEFT);
  store<u32>(identity, 0, CREDITED);
  store<u32>(identity, 0, DAY);
  store<u64>(identity, position, POSITION);
  store<u32>(identity, sender, SENDER);
  store<u16>(identity, <u16>type, TYPE);
  store<u16>(identity, 0, OUTCOME);
  insert(keyHash(id, sender, type), place(serial));
  return serial;
}

/** Forgets the identity that was remembered last: its message changed nothing. */
export function takeBack(serial: u64): void {
  next -= 1;
  const identity = at(place(serial));
  const hash = keyHash(identity, load<u32>(identity, SENDER), load<u16>(identity, TYPE));
  const entry = entryOf(hash, place(serial));
  // Nothing was put behind it, so its slot may be empty again.
  let slot = homeOf(hash);
  while (load<u32>(index + ((<usize>slot) << 2)) != entry) slot = nextSlot(slot);
  store<u32>(index + ((<usize>slot) << 2), 0);
}

export function setDay(serial: u64, day: u32): void {
  store<u32>(at(place(serial)), day, DAY);
}

/** The outcome of a message that became no live payment. */
export function setOutcome(serial: u64, kind: u32, reason: u32): void {
  const identity = at(place(serial));
  store<u8>(identity, <u8>kind, OUTCOME);
  store<u8>(identity, <u8>reason, OUTCOME_REASON);
}

/** The present outcome of a payment that lives on; its identity may have been forgotten. */
export function setLiveOutcome(payment: usize, kind: u32): void {
  const serial = load<u64>(payment, IDENTITY);
  if (serial < oldest) return;
  const identity = at(place(serial));
  store<u8>(identity, <u8>kind | LIVE, OUTCOME);
  store<u8>(identity, 0, OUTCOME_REASON);
  store<u64>(identity, payment, POSITION);
}

/** The outcome of a live payment that ends; its identity may have been forgotten. */
export function setFinalOutcome(payment: usize, kind: u32, reason: u32): void {
  const serial = load<u64>(payment, IDENTITY);
  if (serial < oldest) return;
  const identity = at(place(serial));
  // A payment ends once: its identity points to it until then.
  if (livePaymentOf(identity) != payment) raiseFault();
  store<u8>(identity, <u8>kind, OUTCOME);
  store<u8>(identity, <u8>reason, OUTCOME_REASON);
  store<u64>(identity, load<u64>(payment, PAYMENT_POSITION), POSITION);
  keepFromToday(identity);
}

/** Forgets those whose day is `day` or earlier (see above); then indexes the rest anew. */
export function forget(day: i64): void {
  if (!(fromEnd ? dropEnded(day) : dropOldest(day))) return;
  memory.fill(index, 0, (<usize>slots) << 2);
  for (let serial = oldest; serial < next; serial++) {
    const identity = at(place(serial));
    insert(
      keyHash(identity, load<u32>(identity, SENDER), load<u16>(identity, TYPE)),
      place(serial),
    );
  }
}

/** From the oldest on; whether there was any. */
function dropOldest(day: i64): bool {
  const before = oldest;
  while (oldest < next && isOver(at(place(oldest)), day)) {
    uncount(at(place(oldest)));
    oldest += 1;
  }
  if (oldest - lapStart >= <u64>identitiesMax) lapStart += identitiesMax;
  return oldest != before;
}

/** All but those of live payments and of what live returns bring back; whether there was any. */
function dropEnded(day: i64): bool {
  for (let serial = oldest; serial < next; serial++) {
    const original = broughtBackBy(at(place(serial)));
    if (original != 0) keepFromToday(original);
  }
  let kept = oldest;
  for (let serial = oldest; serial < next; serial++) {
    const identity = at(place(serial));
    const payment = livePaymentOf(identity);
    if (payment == 0 && recallDatesOf(identity) == 0 && isOver(identity, day)) {
      uncount(identity);
      continue;
    }
    if (kept != serial) memory.copy(at(place(kept)), identity, <usize>IDENTITY_BYTES);
    if (payment != 0) store<u64>(payment, kept, IDENTITY);
    kept += 1;
  }
  if (kept == next) return false;
  next = kept;
  return true;
}

function isOver(identity: usize, day: i64): bool {
  return <i64>load<u32>(identity, DAY) <= day;
}

function uncount(identity: usize): void {
  if (load<u8>(identity, OUTCOME) & COUNTED) addToShare(identity, -1);
}
