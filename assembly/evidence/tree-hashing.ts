// What a pool's transparency log hashes, four at a time: of each event its salts, its commitment and its leaf, and
// the nodes of the tree. What is hashed, and why, says services/evidence/event-commitment.ts: by the same rules, one at
// a time and by node:crypto, tests hold this.
//
//   events        eventsMax x 128      the host writes; at its start also the key of the salts
//   entries       eventsMax x 35       the host reads: as a tile of entries has them, behind their lengths
//   hashes        eventsMax x 32       the host reads the leaves, and writes and reads nodes
//   openings      eventsMax x 196      the host reads: of each event what opens it without its balances, in base64
//
// Messages are put together as words, a message a lane: all that is not an event's own is in registers already.
import { INITIAL_STATE_256 } from '../crypto/generated/constants';
import { compressLanes } from '../crypto/generated/sha256-lanes';
import { reserve } from '../memory';
import { storeBase64 } from './base64';

const LANES: u32 = 4;
const EVENT_BYTES: usize = 128;
const HASH_BYTES: usize = 32;
const ENTRY_BYTES: usize = 35;
const BLOCK: usize = 256;
/** The eight words of a digest, a message a lane. */
const DIGEST_LANES: usize = 128;

const state: usize = memory.data(128, 16);
/** HMAC's two states, after the key's block. */
const inner: usize = memory.data(128, 16);
const outer: usize = memory.data(128, 16);
/** Three blocks. */
const words: usize = memory.data(768, 16);
/** The half of the salts that hides what a counterparty is not shown. */
const hidden: usize = memory.data(64, 16);

/** 'corridor/event/1' and 'bal1', as words. */
const EVENT_TAG: usize = memory.data<u32>([0x636f7272, 0x69646f72, 0x2f657665, 0x6e742f31], 16);
const BALANCES_TAG: i32 = 0x62616c31;
/** Of a log's entry. */
const VERSION: i32 = 1;
/** An entry's length, 33, as two bytes, the high one first, and its version. */
const ENTRY_HEAD: u32 = 0x012100;

/** A closed opening: its first byte, half of the salts, the bytes that are shown, and what hides the others. */
const CLOSED: u8 = 1;
const SHOWN_BYTES: usize = 96;
const SHOWN_AT: usize = 17;
const HIDDEN_AT: usize = 113;
/** Its characters in base64: of 145 bytes. */
const OPENING_TEXT: usize = 196;
/** Of four events, each with zeros behind it as far as it is read. */
const OPENED_ROOM: usize = 160;
const opened: usize = memory.data(640, 16);

let events: usize = 0;
let entries: usize = 0;
let hashes: usize = 0;
let openings: usize = 0;
let eventsMax: u32 = 0;

/** Room for so many events at a time, a multiple of four; 0 where there is none. Once an instance. */
export function startTreeHashing(count: u32): u32 {
  if (eventsMax != 0 || count % LANES != 0) return 0;
  events = reserve(<u64>count * EVENT_BYTES, 64);
  entries = reserve(<u64>count * ENTRY_BYTES, 64);
  hashes = reserve(<u64>count * HASH_BYTES, 64);
  openings = reserve(<u64>count * OPENING_TEXT + 12, 64);
  if (events == 0 || entries == 0 || hashes == 0 || openings == 0) return 0;
  for (let lane: usize = 0; lane < LANES; lane++) store<u8>(opened + OPENED_ROOM * lane, CLOSED);
  eventsMax = count;
  return 1;
}

export function treeEventsAddress(): usize {
  return events;
}

export function treeEntriesAddress(): usize {
  return entries;
}

export function treeHashesAddress(): usize {
  return hashes;
}

export function treeOpeningsAddress(): usize {
  return openings;
}

function copyLanes(to: usize, from: usize, bytes: usize): void {
  for (let at: usize = 0; at < bytes; at += 16) v128.store(to + at, v128.load(from + at));
}

function start(): void {
  for (let word: usize = 0; word < 8; word++)
    v128.store(state + 16 * word, v128.load32_splat(INITIAL_STATE_256 + 4 * word));
}

/** Of the block at `block`: words from `from` on are the padding behind a message of so many bytes. */
function pad(block: usize, from: usize, bytes: i32): void {
  v128.store(block + 16 * from, i32x4.splat(<i32>0x80000000));
  for (let word = from + 1; word < 15; word++) v128.store(block + 16 * word, i32x4.splat(0));
  v128.store(block + 240, i32x4.splat(bytes * 8));
}

function bigEndian(x: v128): v128 {
  return v128.swizzle(x, i8x16(3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12));
}

/** Four words of four messages: from a message a vector to a word a vector, and back. */
function transpose(to: usize, x0: v128, x1: v128, x2: v128, x3: v128): void {
  const low01 = v128.shuffle<i32>(x0, x1, 0, 4, 1, 5);
  const high01 = v128.shuffle<i32>(x0, x1, 2, 6, 3, 7);
  const low23 = v128.shuffle<i32>(x2, x3, 0, 4, 1, 5);
  const high23 = v128.shuffle<i32>(x2, x3, 2, 6, 3, 7);
  v128.store(to, v128.shuffle<i64>(low01, low23, 0, 2));
  v128.store(to + 16, v128.shuffle<i64>(low01, low23, 1, 3));
  v128.store(to + 32, v128.shuffle<i64>(high01, high23, 0, 2));
  v128.store(to + 48, v128.shuffle<i64>(high01, high23, 1, 3));
}

/** Bytes of four messages that lie `stride` apart, as words. */
function gather(to: usize, from: usize, stride: usize, bytes: usize): void {
  for (let at: usize = 0; at < bytes; at += 16) {
    const place = from + at;
    transpose(
      to + 4 * at,
      bigEndian(v128.load(place)),
      bigEndian(v128.load(place + stride)),
      bigEndian(v128.load(place + 2 * stride)),
      bigEndian(v128.load(place + 3 * stride)),
    );
  }
}

const turned: usize = memory.data(64, 16);

/** Four words of each lane's digest as its bytes, at places that lie `stride` apart. */
function storeWords(to: usize, from: usize, stride: usize): void {
  transpose(
    turned,
    v128.load(from),
    v128.load(from + 16),
    v128.load(from + 32),
    v128.load(from + 48),
  );
  for (let lane: usize = 0; lane < LANES; lane++)
    v128.store(to + stride * lane, bigEndian(v128.load(turned + 16 * lane)));
}

/** The lanes' digests, at places that lie `stride` apart. */
function storeDigests(to: usize, stride: usize): void {
  storeWords(to, state, stride);
  storeWords(to + 16, state + 64, stride);
}

function keyState(to: usize, with_: i32): void {
  for (let word: usize = 0; word < 8; word++) {
    const key = i32x4.splat(bswap<i32>(load<i32>(events + 4 * word)) ^ with_);
    v128.store(words + 16 * word, key);
    v128.store(words + 128 + 16 * word, i32x4.splat(with_));
  }
  start();
  compressLanes(state, words);
  copyLanes(to, state, DIGEST_LANES);
}

/** Takes the 32 bytes at the start of the events as the key of the salts. */
export function takeSaltKey(): void {
  keyState(inner, 0x36363636);
  keyState(outer, 0x5c5c5c5c);
}

/** salts = HMAC-SHA-256(key, number as eight bytes, the high ones first), of four consecutive numbers. */
function salt(number: u64): void {
  let high = i32x4.splat(0);
  let low = i32x4.splat(0);
  high = i32x4.replace_lane(high, 0, <i32>(number >> 32));
  high = i32x4.replace_lane(high, 1, <i32>((number + 1) >> 32));
  high = i32x4.replace_lane(high, 2, <i32>((number + 2) >> 32));
  high = i32x4.replace_lane(high, 3, <i32>((number + 3) >> 32));
  low = i32x4.replace_lane(low, 0, <i32>number);
  low = i32x4.replace_lane(low, 1, <i32>(number + 1));
  low = i32x4.replace_lane(low, 2, <i32>(number + 2));
  low = i32x4.replace_lane(low, 3, <i32>(number + 3));
  copyLanes(state, inner, DIGEST_LANES);
  v128.store(words, high);
  v128.store(words + 16, low);
  pad(words, 2, 64 + 8);
  compressLanes(state, words);
  copyLanes(words, state, DIGEST_LANES);
  copyLanes(state, outer, DIGEST_LANES);
  pad(words, 8, 64 + 32);
  compressLanes(state, words);
}

/** The hash of what hides the last 32 bytes of four events: in the state, of a block at `block`. */
function hide(block: usize, event: usize): void {
  v128.store(block, i32x4.splat(BALANCES_TAG));
  copyLanes(block + 16, hidden, 64);
  gather(block + 80, event + 96, EVENT_BYTES, 32);
  pad(block, 13, 52);
  start();
  compressLanes(state, block);
}

/** What opens four events, of which salts and hidden stand in `opened` already, in base64: a text behind the other. */
function storeOpenings(to: usize, event: usize): void {
  for (let lane: usize = 0; lane < LANES; lane++) {
    const room = opened + OPENED_ROOM * lane;
    const shown = event + EVENT_BYTES * lane;
    for (let at: usize = 0; at < SHOWN_BYTES; at += 16)
      v128.store(room + SHOWN_AT + at, v128.load(shown + at));
    const text = to + OPENING_TEXT * lane;
    for (let step: usize = 0; step < 13; step++) storeBase64(text + 16 * step, room + 12 * step);
    // Of its last three bytes it has one.
    store<u16>(text + OPENING_TEXT - 2, 0x3d3d);
  }
}

/**
 * Of the first `count` events, whose numbers follow one another: their entries, their leaves into the hashes and, where
 * `opens` is not 0, their openings. Behind the last up to three more are computed, of whatever stands there.
 */
export function hashEvents(count: u32, firstNumber: u64, opens: u32): void {
  if (count > eventsMax) return;
  for (let at: u32 = 0; at < count; at += LANES) {
    const event = events + <usize>at * EVENT_BYTES;
    salt(firstNumber + at);
    if (opens) storeWords(opened + 1, state, OPENED_ROOM);
    copyLanes(hidden, state + 64, 64);
    copyLanes(words + 64, state, 64);
    for (let word: usize = 0; word < 4; word++)
      v128.store(words + 16 * word, v128.load32_splat(EVENT_TAG + 4 * word));
    gather(words + 128, event, EVENT_BYTES, SHOWN_BYTES);

    // What its last 32 bytes are hidden by goes into the place of these: words 32 to 39 of the message.
    const block = words + 2 * BLOCK;
    hide(block, event);
    if (opens) {
      storeDigests(opened + HIDDEN_AT, OPENED_ROOM);
      storeOpenings(openings + <usize>at * OPENING_TEXT, event);
    }
    copyLanes(block, state, DIGEST_LANES);
    pad(block, 8, 160);
    start();
    compressLanes(state, words);
    compressLanes(state, words + BLOCK);
    compressLanes(state, block);
    const entry = entries + <usize>at * ENTRY_BYTES;
    for (let lane: usize = 0; lane < LANES; lane++)
      store<u32>(entry + ENTRY_BYTES * lane, ENTRY_HEAD);
    storeDigests(entry + 3, ENTRY_BYTES);

    // A leaf is the hash of 0, the entry's version and the commitment: two bytes, which shift all words.
    let before = i32x4.splat(VERSION);
    for (let word: usize = 0; word < 8; word++) {
      const now = v128.load(state + 16 * word);
      v128.store(words + 16 * word, v128.or(i32x4.shl(before, 16), i32x4.shr_u(now, 16)));
      before = now;
    }
    pad(words, 8, 34);
    v128.store(words + 128, v128.or(i32x4.shl(before, 16), i32x4.splat(0x8000)));
    start();
    compressLanes(state, words);
    storeDigests(hashes + <usize>at * HASH_BYTES, HASH_BYTES);
  }
}

/** Of the first 2 x `count` hashes, which stand in pairs: their nodes, in the place of the first `count`. */
export function hashNodes(count: u32): void {
  if (count > eventsMax / 2) return;
  for (let at: u32 = 0; at < count; at += LANES) {
    gather(words + BLOCK, hashes + 2 * HASH_BYTES * <usize>at, 2 * HASH_BYTES, 64);
    // A node is the hash of 1 and its two halves.
    let before = i32x4.splat(1);
    for (let word: usize = 0; word < 16; word++) {
      const now = v128.load(words + BLOCK + 16 * word);
      v128.store(words + 16 * word, v128.or(i32x4.shl(before, 24), i32x4.shr_u(now, 8)));
      before = now;
    }
    start();
    compressLanes(state, words);
    pad(words, 0, 65);
    v128.store(words, v128.or(i32x4.shl(before, 24), i32x4.splat(0x800000)));
    compressLanes(state, words);
    storeDigests(hashes + HASH_BYTES * <usize>at, HASH_BYTES);
  }
}
