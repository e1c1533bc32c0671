// SHA-512 (FIPS 180-4) over bytes anywhere in memory, and the hash of a signed message.
import { INITIAL_STATE } from './generated/constants';
import { compress } from './generated/sha512-block';

const BLOCK_BYTES: usize = 128;
const STATE: usize = memory.data(64, 16);
/** One block that is put together from pieces, and room for the padding to spill into a second. */
const PARTIAL: usize = memory.data(256, 16);

let held: usize = 0; // bytes in PARTIAL
let total: u64 = 0; // bytes hashed, those held included

/** What is copied here is short: memory.copy leaves WASM for each call, which takes 30 ns. */
function copyBytes(to: usize, from: usize, length: usize): void {
  const wholeWords = length & ~7;
  let at: usize = 0;
  for (; at < wholeWords; at += 8) store<u64>(to + at, load<u64>(from + at));
  for (; at < length; at++) store<u8>(to + at, load<u8>(from + at));
}

/** Zeroes up to an `end` that is a multiple of eight. */
function zeroUpTo(from: usize, end: usize): void {
  for (; (from & 7) != 0; from++) store<u8>(from, 0);
  for (; from < end; from += 8) store<u64>(from, 0);
}

export function sha512Start(): void {
  copyBytes(STATE, INITIAL_STATE, 64);
  held = 0;
  total = 0;
}

export function sha512Update(data: usize, length: usize): void {
  total += length;
  if (held > 0) {
    const taken = min(length, BLOCK_BYTES - held);
    copyBytes(PARTIAL + held, data, taken);
    held += taken;
    data += taken;
    length -= taken;
    if (held < BLOCK_BYTES) return;
    compress(STATE, PARTIAL);
    held = 0;
  }
  for (; length >= BLOCK_BYTES; data += BLOCK_BYTES, length -= BLOCK_BYTES) compress(STATE, data);
  copyBytes(PARTIAL, data, length);
  held = length;
}

/** Writes the digest's 64 bytes. */
export function sha512Finish(digest: usize): void {
  store<u8>(PARTIAL + held, 0x80);
  // The length takes the last 16 bytes of a block; its high half is 0 here.
  const end: usize = held + 17 > BLOCK_BYTES ? 2 * BLOCK_BYTES : BLOCK_BYTES;
  zeroUpTo(PARTIAL + held + 1, PARTIAL + end);
  store<u64>(PARTIAL + end - 8, bswap<u64>(total << 3));
  compress(STATE, PARTIAL);
  if (end > BLOCK_BYTES) compress(STATE, PARTIAL + BLOCK_BYTES);
  for (let at: usize = 0; at < 64; at += 8)
    store<u64>(digest + at, bswap<u64>(load<u64>(STATE + at)));
}

/** digest = SHA-512(r || publicKey || message), r and publicKey of 32 bytes: k before reduction. */
export function hashChallenge(
  digest: usize,
  r: usize,
  publicKey: usize,
  message: usize,
  length: usize,
): void {
  sha512Start();
  copyBytes(PARTIAL, r, 32);
  copyBytes(PARTIAL + 32, publicKey, 32);
  held = 64;
  total = 64;
  sha512Update(message, length);
  sha512Finish(digest);
}
