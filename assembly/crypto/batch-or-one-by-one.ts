// The entry points of the verifier: reservation, keys, records. The verdict of a record depends on
// nothing but the record, its message and its key; the path only decides what it costs. What is refused before any
// curve arithmetic (handle, bounds, S < L): well-formed-records.ts; without a registered key: unregistered-key.ts. Keys of
// small or mixed order: key-registration-and-refused-keys.ts. The equation with its cofactor: verdict-one-by-one.ts, batch-equation.ts.
import { batchPays, verifyBatch } from './batch-equation';
import { KEY_INPUT, prepareBase, registerKey } from './key-registration-and-refused-keys';
import {
  KEY_CALL,
  lists,
  message,
  messageBytesMax,
  messages,
  records,
  recordsMax,
  reserveLayout,
  verdicts,
} from './memory-layout';
import { hashChallenge } from './sha512';
import { verifySingly } from './unregistered-key';
import { verifyExactly } from './verdict-one-by-one';
import { challengeOf, isMarkedExact, keyOf, prepare, signatureOf } from './well-formed-records';

/** Paths of `verifyRecords`. */
const BY_COUNT: u32 = 0;
const EXACT: u32 = 1;
const BATCH: u32 = 2;
const SINGLE: u32 = 3;

/** What `verifyRecords` answers. */
const DONE: i32 = 0;
const FELL_BACK: i32 = 1;
const REFUSED: i32 = -1;

const SIGNATURE_INPUT: usize = memory.data(64, 16);
const CHALLENGE: usize = memory.data(64, 16);

/** Calls of verifyRecords: a key that bears this number has occurred in the batch at hand. */
let calls: u32 = 0;

/** Reserves the tables and computes the base point's; call it once. False: no memory for it. */
export function startVerifier(keyCount: u32, recordCount: u32, messageBytes: u32): bool {
  if (!reserveLayout(keyCount, recordCount, messageBytes)) return false;
  prepareBase();
  return true;
}

export function keyInputAddress(): usize {
  return KEY_INPUT;
}

export function signatureInputAddress(): usize {
  return SIGNATURE_INPUT;
}

export function recordsAddress(): usize {
  return records;
}

export function messagesAddress(): usize {
  return messages;
}

export function messageAddress(): usize {
  return message;
}

export function verdictsAddress(): usize {
  return verdicts;
}

/** See key-registration-and-refused-keys.ts. */
export function registerVerificationKey(admitMixedOrder: bool): i32 {
  return registerKey(admitMixedOrder);
}

/**
 * Verifies the signature at signatureInputAddress under the key at keyInputAddress, registered or
 * not, for the `length` bytes at messageAddress. Without tables nothing is valid.
 */
export function verifyUnregistered(length: u32): bool {
  if (recordsMax == 0 || length > messageBytesMax) return false;
  hashChallenge(CHALLENGE, SIGNATURE_INPUT, KEY_INPUT, message, length);
  return verifySingly(KEY_INPUT, SIGNATURE_INPUT, CHALLENGE);
}

/**
 * Sets the verdicts of the first `count` records. Answers DONE, FELL_BACK where a batch failed and
 * its records were verified one by one, or REFUSED (no verdict set) for a count or path that cannot be.
 */
export function verifyRecords(count: u32, path: u32): i32 {
  if (count > recordsMax || path > SINGLE) return REFUSED;
  memory.fill(verdicts, 0, count);
  const batched = lists;
  const exact = lists + ((<usize>recordsMax) << 2);
  let batchedCount: u32 = 0;
  let exactCount: u32 = 0;
  let keysMet: u32 = 0;
  calls++;
  for (let i: u32 = 0; i < count; i++) {
    if (!prepare(i)) continue;
    if (path == SINGLE) {
      store<u8>(verdicts + i, <u8>verifySingly(keyOf(i), signatureOf(i), challengeOf(i)));
    } else if (path == EXACT || (path == BY_COUNT && isMarkedExact(i))) {
      store<u32>(exact + ((<usize>exactCount) << 2), i);
      exactCount++;
    } else {
      store<u32>(batched + ((<usize>batchedCount) << 2), i);
      batchedCount++;
      const key = keyOf(i);
      if (load<u32>(key + KEY_CALL) != calls) keysMet++;
      store<u32>(key + KEY_CALL, calls);
    }
  }
  verifyExactly(exact, exactCount);
  if (batchedCount == 0) return DONE;
  if (path == BY_COUNT && !batchPays(batchedCount, keysMet)) {
    verifyExactly(batched, batchedCount);
    return DONE;
  }
  if (verifyBatch(batched, batchedCount)) return DONE;
  verifyExactly(batched, batchedCount);
  return FELL_BACK;
}
