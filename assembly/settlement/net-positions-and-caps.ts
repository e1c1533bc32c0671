// Deferred net settlement: what each account may owe, and what it owes, between two cycles. A cycle that books it, and
// why the positions add up to zero: netting-cycle-and-its-defaults.ts.
//
// Invariants
// - For each account `paid` and `received` are the sums of what has been accepted from and for it
//   since its currency's last cycle. Each is at most 2^63 - 1 (more is not accepted), so the net
//   position of any account over any part of what was accepted fits 64 bits.
// - The position of a bilateral cap is what was accepted from the grantor to the grantee less what
//   was accepted the other way. Only pairs with a cap are kept: a pair's position is counted from
//   what is accepted when its first cap is set, and a cap taken away keeps its place.
// - The bilateral caps granted to an account add up to at most 2^63 - 1.
import { reserve } from '../memory';
import { accountIndex } from './accounts-and-conservation';
import {
  REASON_CAP_EXCEEDED,
  REASON_LIMIT_REACHED,
  REASON_NONE,
  REASON_RECORD_INVALID,
} from './record-numbers';

// An account's netting, 88 bytes, in a table of its own as large as the ledger's.
//   0 u64 cap + 1 (0: none)   8 i64 paid   16 i64 received   24 i64 granted (sum of bilateral caps)
//  32..87 its part in a cycle and whether it has defaulted (netting-cycle-and-its-defaults.ts, loss-shares.ts)
const NETTING_BYTES: u64 = 88;
const CAP: usize = 0;
const PAID: usize = 8;
const RECEIVED: usize = 16;
const GRANTED: usize = 24;

// A bilateral cap, 24 bytes: u32 grantor's account (0: free), u32 grantee's account, u64 cap + 1,
// i64 position. Linear probing, at most half full. Only an operator's records make pairs, so the
// mix is plain.
const PAIR_BYTES: u64 = 24;
const GRANTEE: usize = 4;
const PAIR_CAP: usize = 8;
const PAIR_POSITION: usize = 16;

let nettings: usize = 0;
let pairs: usize = 0;
let pairMask: u32 = 0;
let pairsMax: u32 = 0;
let pairCount: u32 = 0;

function slotCount(max: u32): u64 {
  return (<u64>2) << (32 - clz<u32>(max));
}

/** Bytes for `accounts` (participants x currencies) and so many bilateral caps. */
export function capBytes(accounts: u64, bilateralMax: u32): u64 {
  return accounts * NETTING_BYTES + slotCount(bilateralMax) * PAIR_BYTES;
}

export function reserveCaps(accounts: u64, bilateralMax: u32): bool {
  pairsMax = bilateralMax;
  pairMask = <u32>(slotCount(bilateralMax) - 1);
  nettings = reserve(accounts * NETTING_BYTES);
  pairs = reserve(slotCount(bilateralMax) * PAIR_BYTES);
  return nettings != 0 && pairs != 0;
}

/** Where an account's netting lies. */
export function nettingOf(account: usize): usize {
  return nettings + <usize>accountIndex(account) * <usize>NETTING_BYTES;
}

/** The slot of a pair, or the free one where it would go. */
function slotOf(grantor: usize, grantee: usize): usize {
  let hash = ((<u64>grantor) << 32) | <u64>grantee;
  hash *= 0x9e3779b97f4a7c15;
  let slot = <u32>((hash ^ (hash >> 29)) >> 32) & pairMask;
  while (true) {
    const pair = pairs + <usize>slot * <usize>PAIR_BYTES;
    const found = <usize>load<u32>(pair);
    if (found == 0 || (found == grantor && <usize>load<u32>(pair, GRANTEE) == grantee)) return pair;
    slot = (slot + 1) & pairMask;
  }
}

/** The bilateral cap that one account grants another, -1 where there is none. */
export function bilateralCap(grantor: usize, grantee: usize): i64 {
  if (pairCount == 0) return -1;
  return load<i64>(slotOf(grantor, grantee), PAIR_CAP) - 1;
}

/** Sets or (-1) takes away an account's net debit cap. */
export function setCap(account: usize, cap: i64): void {
  store<u64>(nettingOf(account), <u64>cap + 1, CAP);
}

/** Whether the pair is known, so that its position is counted. */
export function pairIsKnown(grantor: usize, grantee: usize): bool {
  return load<u32>(slotOf(grantor, grantee)) != 0;
}

/**
 * Sets or (-1) takes away a bilateral cap; a reason where there is no room or the caps granted to
 * the account would pass 2^63 - 1. `position` counts where the pair was not known.
 */
export function setBilateralCap(grantor: usize, grantee: usize, cap: i64, position: i64): i32 {
  const pair = slotOf(grantor, grantee);
  const isNew = load<u32>(pair) == 0;
  if (isNew && pairCount == pairsMax) return REASON_LIMIT_REACHED;
  const netting = nettingOf(grantee);
  const others = load<i64>(netting, GRANTED) - max(load<i64>(pair, PAIR_CAP) - 1, 0);
  if (others > i64.MAX_VALUE - max(cap, 0)) return REASON_RECORD_INVALID;
  store<i64>(netting, others + max(cap, 0), GRANTED);
  store<u64>(pair, <u64>cap + 1, PAIR_CAP);
  if (!isNew) return REASON_NONE;
  pairCount += 1;
  store<u32>(pair, grantor);
  store<u32>(pair, grantee, GRANTEE);
  store<i64>(pair, position, PAIR_POSITION);
  return REASON_NONE;
}

/** What the account owes or is owed over all that is accepted. */
export function positionOf(account: usize): i64 {
  const netting = nettingOf(account);
  return load<i64>(netting, RECEIVED) - load<i64>(netting, PAID);
}

/** Whether the caps let a payment in: none, capExceeded, or limitReached where sums do not fit. */
export function judgeCaps(debit: usize, credit: usize, amount: i64): i32 {
  const debtor = nettingOf(debit);
  const paid = load<i64>(debtor, PAID);
  const received = load<i64>(nettingOf(credit), RECEIVED);
  if (paid > i64.MAX_VALUE - amount || received > i64.MAX_VALUE - amount)
    return REASON_LIMIT_REACHED;
  const cap = load<u64>(debtor, CAP);
  const after = load<i64>(debtor, RECEIVED) - paid - amount;
  if (cap != 0 && after < 1 - <i64>cap) return REASON_CAP_EXCEEDED;
  if (pairCount == 0) return REASON_NONE;
  const pair = slotOf(credit, debit);
  const granted = load<i64>(pair, PAIR_CAP) - 1;
  return granted >= 0 && load<i64>(pair, PAIR_POSITION) - amount < -granted
    ? REASON_CAP_EXCEEDED
    : REASON_NONE;
}

/** Counts an accepted payment into the positions. */
export function addToPositions(debit: usize, credit: usize, amount: i64): void {
  const debtor = nettingOf(debit);
  const creditor = nettingOf(credit);
  store<i64>(debtor, load<i64>(debtor, PAID) + amount, PAID);
  store<i64>(creditor, load<i64>(creditor, RECEIVED) + amount, RECEIVED);
  if (pairCount == 0) return;
  const granted = slotOf(credit, debit);
  if (load<u32>(granted) != 0)
    store<i64>(granted, load<i64>(granted, PAIR_POSITION) - amount, PAIR_POSITION);
  const owed = slotOf(debit, credit);
  if (load<u32>(owed) != 0)
    store<i64>(owed, load<i64>(owed, PAIR_POSITION) + amount, PAIR_POSITION);
}

/** Takes a payment that a cycle settles or unwinds out of the positions. */
export function takeFromPositions(debit: usize, credit: usize, amount: i64): void {
  addToPositions(debit, credit, -amount);
}
