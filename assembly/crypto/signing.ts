// Signing (RFC 8032, section 5.1.6) of many messages at once, for the banks of a simulation. It is not
// constant-time: who simulates makes up the keys, and has nobody to hide them from.
//
// Records are those of well-formed-records.ts. The handle is a signing key's; the signature is what comes back.

import { reserve } from '../memory';
import { affineFour, pointOf, startAffine } from './affine';
import { copyQuad, freeze, oddLanes } from './field';
import { IDENTITY } from './generated/constants';
import { KEY_INPUT } from './key-registration-and-refused-keys';
import { baseTables, challenges, messageBytesMax, messages, recordsMax } from './memory-layout';
import { addBaseMultiple } from './precomputed-multiples';
import { reduce } from './scalar';
import { hashChallenge, sha512Finish, sha512Start, sha512Update } from './sha512';
import { recordAt, signatureOf } from './well-formed-records';

/** A key: its scalar modulo L, what is hashed before a message for the nonce, its public key. */
const PREFIX: usize = 32;
const PUBLIC: usize = 64;
const SECRET_BYTES: usize = 96;

const NO_ROOM: i32 = -1;

const DIGEST: usize = memory.data(64, 16);
const K: usize = memory.data(32, 16);
const PRODUCT: usize = memory.data(64, 16);
const X: usize = memory.data(160, 16);
const Y: usize = memory.data(160, 16);
const ODD: usize = memory.data(16, 16);

let secrets: usize = 0;
let secretsMax: u32 = 0;
let secretCount: u32 = 0;

/** Reserves room for signing keys, once, behind the verifier's tables. False: no memory, or no tables. */
export function startSigner(keyCount: u32): bool {
  if (recordsMax == 0 || secretsMax != 0) return false;
  secrets = reserve(<u64>keyCount * SECRET_BYTES, 64);
  if (secrets == 0) return false;
  secretsMax = keyCount;
  return true;
}

/** Takes the 32 bytes of a secret key at KEY_INPUT; answers its handle, or NO_ROOM. */
export function registerSigningKey(): i32 {
  if (secretCount >= secretsMax) return NO_ROOM;
  const secret = secrets + <usize>secretCount * SECRET_BYTES;
  sha512Start();
  sha512Update(KEY_INPUT, 32);
  sha512Finish(DIGEST);
  store<u8>(DIGEST, load<u8>(DIGEST) & 248);
  store<u8>(DIGEST, (load<u8>(DIGEST, 31) & 63) | 64, 31);
  reduce(secret, DIGEST, 8);
  memory.copy(secret + PREFIX, DIGEST + 32, 32);
  multiplyBase(0, secret);
  encodeAll(1);
  memory.copy(secret + PUBLIC, signatureOf(0), 32);
  secretCount++;
  return <i32>secretCount - 1;
}

/** Puts the signatures of the first `count` records where they belong. False: a record is no such; none is signed. */
export function signRecords(count: u32): bool {
  if (count > recordsMax) return false;
  for (let i: u32 = 0; i < count; i++) if (!isSignable(i)) return false;
  if (count == 0) return true;
  for (let i: u32 = 0; i < count; i++) {
    sha512Start();
    sha512Update(secretOf(i) + PREFIX, 32);
    sha512Update(messageOf(i), lengthOf(i));
    sha512Finish(DIGEST);
    reduce(nonceOf(i), DIGEST, 16);
    multiplyBase(i, nonceOf(i));
  }
  encodeAll(count);
  for (let i: u32 = 0; i < count; i++) {
    const secret = secretOf(i);
    hashChallenge(DIGEST, signatureOf(i), secret + PUBLIC, messageOf(i), lengthOf(i));
    reduce(K, DIGEST, 16);
    multiplyAdd(signatureOf(i) + 32, K, secret, nonceOf(i));
  }
  return true;
}

function isSignable(index: u32): bool {
  const end = <u64>load<u32>(recordAt(index), 4) + <u64>load<u32>(recordAt(index), 8);
  return load<u32>(recordAt(index)) < secretCount && end <= <u64>messageBytesMax;
}

function secretOf(index: u32): usize {
  return secrets + <usize>load<u32>(recordAt(index)) * SECRET_BYTES;
}

function messageOf(index: u32): usize {
  return messages + load<u32>(recordAt(index), 4);
}

function lengthOf(index: u32): usize {
  return load<u32>(recordAt(index), 8);
}

function nonceOf(index: u32): usize {
  return challenges + ((<usize>index) << 6);
}

/** The point of a position = s B. */
function multiplyBase(position: u32, s: usize): void {
  copyQuad(pointOf(position), IDENTITY);
  addBaseMultiple(pointOf(position), baseTables, s);
}

/** Encodes the points of the first `count` positions into the R of their records. */
function encodeAll(count: u32): void {
  startAffine(count);
  for (let i = (count - 1) & ~3; ; i -= 4) {
    affineFour(X, Y, i);
    v128.store(ODD, oddLanes(X));
    freeze(Y, Y);
    for (let lane: u32 = 0; lane < min<u32>(4, count - i); lane++)
      pack(
        signatureOf(i + lane),
        Y + ((<usize>lane) << 2),
        load<u8>(ODD + ((<usize>lane) << 2)) & 1,
      );
    if (i == 0) break;
  }
}

/** Bits 26 m .. 26 m + 25 of the frozen element whose first word stands at `y`. */
function pair(y: usize, m: usize): u64 {
  const word = load<u32>(y + (m << 4));
  return (word & 8191) | ((word >> 16) << 13);
}

/** Writes the 255 bits of a frozen element, and a bit above them. */
function pack(to: usize, y: usize, top: u64): void {
  const p2 = pair(y, 2);
  const p4 = pair(y, 4);
  const p7 = pair(y, 7);
  store<u64>(to, pair(y, 0) | (pair(y, 1) << 26) | (p2 << 52));
  store<u64>(to, (p2 >> 12) | (pair(y, 3) << 14) | (p4 << 40), 8);
  store<u64>(to, (p4 >> 24) | (pair(y, 5) << 2) | (pair(y, 6) << 28) | (p7 << 54), 16);
  store<u64>(to, (p7 >> 10) | (pair(y, 8) << 16) | (pair(y, 9) << 42) | (top << 63), 24);
}

/** result = k a + r modulo L, each of 32 bytes. */
function multiplyAdd(result: usize, k: usize, a: usize, r: usize): void {
  memory.copy(PRODUCT, r, 32);
  for (let j: usize = 0; j < 32; j += 4) {
    const factor: u64 = load<u32>(a + j);
    let over: u64 = 0;
    for (let i: usize = 0; i < 32; i += 4) {
      const t = load<u32>(k + i) * factor + load<u32>(PRODUCT + i + j) + over;
      store<u32>(PRODUCT + i + j, <u32>t);
      over = t >> 32;
    }
    // Nothing stood there yet.
    store<u32>(PRODUCT + j + 32, <u32>over);
  }
  reduce(result, PRODUCT, 16);
}
