// SHA-512 (FIPS 180-4) over bytes anywhere in memory, and the hash of a signed message.
import { INITIAL_STATE } from './generated/constants';
import { compress } from './generated/sha512-block';

const BLOCK_BYTES: usize = 128;
const STATE: usize = memory.data(64, 16);
/** One block that is put together from pieces, and room for the padding to spill into a second. */
const PARTIAL: usize = memory.data(256, 16);

let held: usize = 0; // bytes in PARTIAL
let total: u64 = 0; // bytes hashed, those held included

export function sha512Start(): void {
  memory.copy(STATE, INITIAL_STATE, 64);
  held = 0;
  total = 0;
}

export function sha512Update(data: usize, length: usize): void {
  total += length;
  if (held > 0) {
    const taken = min(length, BLOCK_BYTES - held);
    memory.copy(PARTIAL + held, data, taken);
    held += taken;
    data += taken;
    length -= taken;
    if (held < BLOCK_BYTES) return;
    compress(STATE, PARTIAL);
    held = 0;
  }
  for (; length >= BLOCK_BYTES; data += BLOCK_BYTES, length -= BLOCK_BYTES) compress(STATE, data);
  memory.copy(PARTIAL, data, length);
  held = length;
}

/** Writes the digest's 64 bytes. */
export function sha512Finish(digest: usize): void {
  store<u8>(PARTIAL + held, 0x80);
  // The length takes the last 16 bytes of a block; its high half is 0 here.
  const end: usize = held + 17 > BLOCK_BYTES ? 2 * BLOCK_BYTES : BLOCK_BYTES;
  memory.fill(PARTIAL + held + 1, 0, end - held - 1);
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
  memory.copy(PARTIAL, r, 32);
  memory.copy(PARTIAL + 32, publicKey, 32);
  held = 64;
  total = 64;
  sha512Update(message, length);
  sha512Finish(digest);
}
