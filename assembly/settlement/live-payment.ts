// A live payment: one that is neither settled nor cancelled. 128 bytes: two cache lines, of which the
// first is all that a cycle reads of what has one leg.
//   0 i64 amount 1   8 u64 identity
//  16 u32 debit 1  20 credit 1  24 debit 2 (account addresses; 0: one leg)
//  28 u32 after  32 before (in the chain)   36 u16 message type  38 u8 priority
//  39 u8 its mark in a set (set-members.ts)
//  40 u32 before 1  44 after 1 (neighbours in the class, of the first leg; 104, 108 of the second)
//  48 u32 limit 1  52 back 1: the bilateral limits on which the first leg counts out for its debtor and in
//     for its creditor (112, 116 the second), 0: none; valid while it is queued (bilateral-limits.ts)
//  56 u32 place of its timer (timers.ts)   60 u24 latest, 0: none   63 u8 state
//  64 u64 position   72 u8[16] id
//  88 i64 amount 2, or of one leg: since when it is queued, ms   96 u32 credit 2   100 u32 date
// 104 u32 before 2  108 after 2   112 u32 limit 2  116 back 2
// 120 u32 quote  124 u32 quote serial, or of a return u64 position of its original
export const PAYMENT_BYTES: u64 = 128;
export const POSITION: usize = 64;
export const ID: usize = 72;
export const AMOUNT_1: usize = 0;
export const IDENTITY: usize = 8;
export const DEBIT_1: usize = 16;
export const CREDIT_1: usize = 20;
export const DEBIT_2: usize = 24;
export const AFTER: usize = 28;
export const MESSAGE_TYPE: usize = 36;
export const PRIORITY: usize = 38;
export const MARK: usize = 39;
export const TIMER: usize = 56;
export const AMOUNT_2: usize = 88;
export const SINCE_MS: usize = 88;
export const CREDIT_2: usize = 96;
export const BEFORE: usize = 32;
export const BEFORE_1: usize = 40;
export const BEFORE_2: usize = 104;
export const LIMIT_1: usize = 48;
export const BACK_LIMIT_1: usize = 52;
export const LIMIT_2: usize = 112;
export const BACK_LIMIT_2: usize = 116;
/** Of payments of one leg, which have no second neighbours and limits: lists of a cycle (sorted-payments.ts). */
export const LIST_SUM: usize = 104;
export const GROUP_NEXT: usize = 112;
export const LIST_NEXT: usize = 116;
export const QUOTE: usize = 120;
export const QUOTE_SERIAL: usize = 124;
export const ORIGINAL: usize = 120;
export const DATE: usize = 100;
export const LATEST: usize = 60;
export const STATE: usize = 63;
// While a PvP leg is unmatched (pvp-matching.ts): 40 u32 earliest time, s, in place of its neighbours;
// 48 u64 match key, 112 u32 before and 116 u32 after in its bucket, in place of limits. Once matched
// (pair-state.ts), the quote is the other leg.
export const EARLIEST: usize = 40;
export const MATCH_KEY: usize = 48;
export const RING_BEFORE: usize = 112;
export const RING_AFTER: usize = 116;
// A leg of a chain (chain-legs.ts) has one leg's fields. Debit 2 is the next leg of its ring + 1, and what
// only payments of two legs and offsetting use is its own:
//  88 u64 terms 0  96 u32 terms 16  104 u64 terms 8 (the digest of the chain's terms from bytes 0, 16, 8)
// 112 u32 before  116 u32 after (in its bucket, chain-terms.ts); of leg 2 of a complete chain, which stands in
// none: 112 u32 the bucket in which leg 1 stands
// 120 u32 lead, leg 1 of its chain  124 u8 number  125 u8 number of legs  126 u8 the class asked for
export const TERMS_0: usize = 88;
export const TERMS_16: usize = 96;
export const TERMS_8: usize = 104;
export const CHAIN_BUCKET: usize = 112;
export const LEAD: usize = 120;
export const LEG_NUMBER: usize = 124;
export const LEG_COUNT: usize = 125;
export const LEG_WISH: usize = 126;
/** In debit 2, whose addresses are multiples of 4. */
const CHAIN_LEG: usize = 1;
/** The same: a leg that is funded by itself (earmarks.ts). */
const BY_ITSELF: usize = 2;
/** It stands in the queues; else it waits outside. */
export const STATE_QUEUED: u8 = 1;
/** Its earliest time lies ahead. */
export const STATE_EARLY: u8 = 2;
export const STATE_SAVED: u8 = 64;
/** It returns a settled payment (returns.ts). */
export const STATE_RETURN: u8 = 128;

/** Whether what stands in DEBIT_2 makes a payment a leg of a chain. */
export function linksChain(debit2: usize): bool {
  return (debit2 & CHAIN_LEG) != 0;
}

export function isChainLeg(payment: usize): bool {
  return linksChain(load<u32>(payment, DEBIT_2));
}

/** The account that a second leg of the payment debits, 0: it has none. */
export function secondDebit(payment: usize): usize {
  const debit2 = <usize>load<u32>(payment, DEBIT_2);
  return linksChain(debit2) ? 0 : debit2;
}

/**
 * The next leg in the ring of a chain, in leg order; of anything else the payment itself, and so of a leg that is
 * funded by itself. So a loop over legs is one over what stands and settles together, a payment too.
 */
export function nextLeg(payment: usize): usize {
  const debit2 = <usize>load<u32>(payment, DEBIT_2);
  if (!linksChain(debit2)) return payment;
  return (debit2 & BY_ITSELF) != 0 ? payment : debit2 - CHAIN_LEG;
}

/** The same whether the legs are funded by themselves or not: all of the chain. */
export function nextOfChain(payment: usize): usize {
  const debit2 = <usize>load<u32>(payment, DEBIT_2);
  return linksChain(debit2) ? debit2 & ~(CHAIN_LEG | BY_ITSELF) : payment;
}

export function setNextLeg(leg: usize, next: usize): void {
  store<u32>(leg, next + CHAIN_LEG, DEBIT_2);
}

/** Whether it is a leg of a chain whose legs are funded one by one: it stands in its queue alone, or is earmarked. */
export function isByItself(payment: usize): bool {
  return (load<u32>(payment, DEBIT_2) & (CHAIN_LEG | BY_ITSELF)) == (CHAIN_LEG | BY_ITSELF);
}

export function setByItself(leg: usize, on: bool): void {
  store<u32>(leg, nextOfChain(leg) | CHAIN_LEG | (on ? BY_ITSELF : 0), DEBIT_2);
}
