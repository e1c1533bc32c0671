// Loss sharing: how those that granted a defaulter bilateral caps pay what it leaves short.
//
// Invariants
// - Shares are in proportion to the caps. None is above its cap, nor above what the account can pay
//   after its own net position and the shares it bears already; what that leaves open is shared
//   among the others. The division is exact in 128 bits; units that it leaves over go to the largest
//   remainders, the lower participant first.
// - The shares add up to the shortfall exactly, or there are none.
// - What an account can pay is what it could before the cycle: shares can be computed again, in the
//   same order, after the cycle has been booked.

import { accountOf, participantCount } from './accounts-and-conservation';
import { divideWide, multiplyHigh, remainderWide } from './converted-amounts';
import { bilateralCap, nettingOf } from './net-positions-and-caps';

// Of an account's netting (net-positions-and-caps.ts):
//  32 i64 net   40 u64 available before the cycle   48 i64 shared (its shares so far)
//  56 i64 share (of the shortfall at hand)   64 u64 remainder   72 i64 shortfall when it failed
//  80 u8 default   81 u8 role in the cycle   82 u8 sharing
export const NET: usize = 32;
export const AVAILABLE: usize = 40;
export const SHARED: usize = 48;
export const SHARE: usize = 56;
const REMAINDER: usize = 64;
export const SHORTFALL: usize = 72;
export const DEFAULT: usize = 80;
export const ROLE: usize = 81;
const SHARING: usize = 82;

/** An account's standing: it has defaulted, or fails in the cycle at hand. */
export const DEFAULTED: u8 = 1;
export const FAILING: u8 = 2;

/** An account's role in the cycle: its payments settle, or they are unwound. */
export const SETTLING: u8 = 1;

/** In a share of the division at hand, or at what it can bear already. */
const OPEN: u8 = 1;
const FULL: u8 = 2;

/** What of a cap the account can still bear: at most 2^63 - 1. */
function capacityOf(netting: usize, cap: i64): i64 {
  const own = load<i64>(netting, NET) - load<i64>(netting, SHARED);
  const available = load<u64>(netting, AVAILABLE);
  if (own < 0) {
    const debit = <u64>-own;
    return available <= debit ? 0 : <i64>min<u64>(available - debit, <u64>cap);
  }
  return available >= <u64>cap ? cap : <i64>min<u64>(available + <u64>own, <u64>cap);
}

/** Opens the division to all that granted the defaulter a cap; returns the sum of those. */
function openTo(defaulter: usize, currency: u32): i64 {
  let weight: i64 = 0;
  for (let p: u32 = 0; p < participantCount(); p++) {
    const account = accountOf(p, currency);
    if (account == 0) continue;
    const netting = nettingOf(account);
    store<i64>(netting, 0, SHARE);
    store<u8>(netting, 0, SHARING);
    const cap = bilateralCap(account, defaulter);
    if (cap <= 0 || account == defaulter || load<u8>(netting, DEFAULT)) continue;
    store<u8>(netting, OPEN, SHARING);
    weight += cap;
  }
  return weight;
}

/** Divides `rest` over the open ones; units left over go to the largest remainders. */
function divide(rest: i64, weight: i64, defaulter: usize, currency: u32): void {
  let given: i64 = 0;
  for (let p: u32 = 0; p < participantCount(); p++) {
    const account = accountOf(p, currency);
    if (account == 0 || load<u8>(nettingOf(account), SHARING) != OPEN) continue;
    const cap = <u64>bilateralCap(account, defaulter);
    const low = <u64>rest * cap;
    const quotient = divideWide(multiplyHigh(<u64>rest, cap), low, <u64>weight);
    store<i64>(nettingOf(account), <i64>quotient, SHARE);
    store<u64>(nettingOf(account), remainderWide(), REMAINDER);
    given += <i64>quotient;
  }
  for (; given < rest; given++) {
    let best: usize = 0;
    for (let p: u32 = 0; p < participantCount(); p++) {
      const account = accountOf(p, currency);
      if (account == 0) continue;
      const netting = nettingOf(account);
      if (load<u8>(netting, SHARING) != OPEN) continue;
      if (best == 0 || load<u64>(netting, REMAINDER) > load<u64>(best, REMAINDER)) best = netting;
    }
    store<i64>(best, load<i64>(best, SHARE) + 1, SHARE);
    store<u64>(best, 0, REMAINDER);
  }
}

/**
 * Shares a shortfall above 0 into SHARE and adds it to SHARED; false, with nothing added, where it
 * cannot be covered.
 */
export function shareShortfall(shortfall: i64, defaulter: usize, currency: u32): bool {
  let weight = openTo(defaulter, currency);
  let rest = shortfall;
  let settled = false;
  while (!settled) {
    if (weight == 0) return false;
    divide(rest, weight, defaulter, currency);
    settled = true;
    for (let p: u32 = 0; p < participantCount(); p++) {
      const account = accountOf(p, currency);
      if (account == 0) continue;
      const netting = nettingOf(account);
      if (load<u8>(netting, SHARING) != OPEN) continue;
      const cap = bilateralCap(account, defaulter);
      const capacity = capacityOf(netting, cap);
      if (load<i64>(netting, SHARE) <= capacity) continue;
      settled = false;
      store<i64>(netting, capacity, SHARE);
      store<u8>(netting, FULL, SHARING);
      weight -= cap;
      rest -= capacity;
    }
  }
  for (let p: u32 = 0; p < participantCount(); p++) {
    const account = accountOf(p, currency);
    if (account == 0) continue;
    const netting = nettingOf(account);
    store<i64>(netting, load<i64>(netting, SHARED) + load<i64>(netting, SHARE), SHARED);
  }
  return true;
}

/** What the account's net debit leaves short; 0 where it can pay it. */
export function shortfallOf(netting: usize): i64 {
  const net = load<i64>(netting, NET);
  if (net >= 0) return 0;
  if (load<u8>(netting, DEFAULT) == DEFAULTED) return -net;
  const funds = load<u64>(netting, AVAILABLE);
  return funds >= <u64>-net ? 0 : -net - <i64>funds;
}

/** What the account's own payments move: a defaulter pays no more than it can. */
export function netOf(account: usize): i64 {
  const netting = nettingOf(account);
  const net = load<i64>(netting, NET);
  return load<u8>(netting, DEFAULT) ? net + shortfallOf(netting) : net;
}
