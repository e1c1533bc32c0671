// What the host hands over for a verification: `count` records of 80 bytes, little-endian,
//
//    0  u32 key handle
//    4  u32 offset of the message in the messages area
//    8  u32 length of the message, bytes
//   12  u32 1: never in a batch (a sender under penalty); else 0. Comes back as 2 where the record
//       was in an equation that failed: only such a record can be what made it fail
//   16  u8[64] signature: R, S
//
// Anything may stand in a record: what is not well formed gets the verdict 0 and takes no further
// part. A record is well formed if its handle is registered, its message lies inside the messages
// area, and S < L.

import { keyAt, keyCount } from './key-registration-and-refused-keys';
import { challenges, messageBytesMax, messages, RECORD_BYTES, records } from './memory-layout';
import { isScalar } from './scalar';
import { hashChallenge } from './sha512';

export function recordAt(index: u32): usize {
  return records + <usize>index * RECORD_BYTES;
}

/** R's 32 bytes; S's follow. */
export function signatureOf(index: u32): usize {
  return recordAt(index) + 16;
}

export function keyOf(index: u32): usize {
  return keyAt(load<u32>(recordAt(index)));
}

export function isMarkedExact(index: u32): bool {
  return load<u32>(recordAt(index), 12) == 1;
}

export function markFailed(index: u32): void {
  store<u32>(recordAt(index), 2, 12);
}

/** SHA-512(R || A || M) of a record that `prepare` accepted. */
export function challengeOf(index: u32): usize {
  return challenges + ((<usize>index) << 6);
}

/** Whether the record is well formed; if so its challenge is computed. */
export function prepare(index: u32): bool {
  const record = recordAt(index);
  if (load<u32>(record) >= keyCount) return false;
  const offset = load<u32>(record, 4);
  const length = load<u32>(record, 8);
  if (<u64>offset + <u64>length > <u64>messageBytesMax) return false;
  if (!isScalar(record + 48)) return false;
  hashChallenge(challengeOf(index), record + 16, keyOf(index), messages + offset, length);
  return true;
}
