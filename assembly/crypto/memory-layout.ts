// The verifier's tables in linear memory, reserved once. In the order of their addresses:
//
//   base tables   2,129,920 bytes              multiples of the base point (precomputed-multiples.ts)
//   base points   2 x 160                      B and 2^128 B, cached
//   keys          keysMax x 64                 what every signature needs of its key: see below
//   key points    (keysMax + 1) x 3,840        what a batch needs of a key's multiples: see below. In the
//                                              last place a key is tried for which there is no room
//   key tables    keysMax x 43,520             what an exact verdict needs of them (precomputed-multiples.ts)
//   records       recordsMax x 80              the host writes: see well-formed-records.ts
//   verdicts      recordsMax                   the host reads: 1 valid, 0 not
//   messages      messageBytesMax              the host writes
//   message       messageBytesMax              the host writes: of a signature verified by itself
//   challenges    recordsMax x 64              SHA-512(R || A || M) of each record
//   lists         recordsMax x 8               indices of records, by path
//   work          (recordsMax + 16) x 1,024    scratch of the path that runs (verdict-one-by-one.ts, batch-equation.ts)
//
// A key:   0  its 32 bytes                 32  its accumulator in the batch at hand, u32 (0: none)
//                                          36  head of its chain in verdict-one-by-one.ts, u32 (0: none)
//                                          40  the call that it last occurred in (batch-or-one-by-one.ts), u32
//                                          44  whether its tables have been made, u32: an exact verdict makes them
//
// Its points:
//          0  2^(11 j) A, j = 0 .. 22, cached      3,680  2^128 A, cached
//
// The three parts of a key lie apart: what a path reads of many keys is then on half as many pages.
import { reserve } from '../memory';
import { BASE_TABLE_BYTES, KEY_TABLE_BYTES } from './precomputed-multiples';

export const RECORD_BYTES: usize = 80;
export const KEY_ACCUMULATOR: usize = 32;
export const KEY_CHAIN: usize = 36;
export const KEY_CALL: usize = 40;
export const KEY_TABLED: usize = 44;
export const KEY_BYTES: usize = 64;
/** At 0 stands A, and then 2^SHIFT times the one before: SHIFTED points in all (precomputed-multiples.ts). */
export const KEY_POINT_HIGH: usize = 3680;
export const KEY_POINT_BYTES: usize = 3840;
export const WORK_BYTES_A_RECORD: usize = 1024;

export let baseTables: usize = 0;
export let basePoints: usize = 0;
export let keys: usize = 0;
export let keyPoints: usize = 0;
export let keyTables: usize = 0;
export let keysMax: u32 = 0;
export let records: usize = 0;
export let recordsMax: u32 = 0;
export let verdicts: usize = 0;
export let messages: usize = 0;
export let message: usize = 0;
export let messageBytesMax: u32 = 0;
export let challenges: usize = 0;
export let lists: usize = 0;
export let work: usize = 0;

/**
 * Reserves everything, once; false where memory cannot hold it. The limits then stay 0, so that
 * no key and no record is taken.
 */
export function reserveLayout(keyCount: u32, recordCount: u32, messageBytes: u32): bool {
  if (recordsMax != 0) return false;
  baseTables = reserve(BASE_TABLE_BYTES, 64);
  basePoints = reserve(320, 64);
  keys = reserve(<u64>keyCount * KEY_BYTES, 64);
  keyPoints = reserve((<u64>keyCount + 1) * KEY_POINT_BYTES, 64);
  keyTables = reserve(<u64>keyCount * KEY_TABLE_BYTES, 64);
  records = reserve(<u64>recordCount * RECORD_BYTES, 64);
  verdicts = reserve(<u64>recordCount, 64);
  messages = reserve(<u64>messageBytes, 64);
  message = reserve(<u64>messageBytes, 64);
  challenges = reserve(<u64>recordCount * 64, 64);
  lists = reserve(<u64>recordCount * 8, 64);
  work = reserve((<u64>recordCount + 16) * WORK_BYTES_A_RECORD, 64);
  if (baseTables == 0 || basePoints == 0 || keys == 0 || records == 0 || verdicts == 0)
    return false;
  if (keyPoints == 0 || keyTables == 0 || messages == 0 || message == 0) return false;
  if (challenges == 0 || lists == 0 || work == 0) return false;
  keysMax = keyCount;
  recordsMax = recordCount;
  messageBytesMax = messageBytes;
  return true;
}
