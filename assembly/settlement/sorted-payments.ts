// Lists of queued payments of one leg, which a cycle makes and sorts without memory of its own: they
// are linked through bytes that only payments of two legs use.
//
// Invariant: sorting is stable: what an order does not tell apart stays in the order it was in.
import { AMOUNT_1, CREDIT_1, DEBIT_1, IDENTITY, LIST_NEXT, LIST_SUM } from './live-payment';

/** By falling amount, the later message first. */
export const LARGEST_LATEST: i32 = 0;
/** By falling amount, the earlier message first. */
export const LARGEST_EARLIEST: i32 = 1;
/** By the two accounts, whichever pays. */
export const BY_PAIR: i32 = 2;
/** By LIST_SUM, which the list's owner has set. */
export const BY_SUM: i32 = 3;

/** As many levels as a list of 2^32 payments needs. */
const LEVELS: usize = 33;
const levels: usize = memory.data(4 * 33, 16);

export function nextInList(payment: usize): usize {
  return load<u32>(payment, LIST_NEXT);
}

export function link(payment: usize, next: usize): void {
  store<u32>(payment, next, LIST_NEXT);
}

/** The two accounts of a payment, the lower one above: equal for both directions. */
export function pairOf(payment: usize): u64 {
  const debit = <u64>load<u32>(payment, DEBIT_1);
  const credit = <u64>load<u32>(payment, CREDIT_1);
  return debit < credit ? (debit << 32) | credit : (credit << 32) | debit;
}

function isBefore(a: usize, b: usize, order: i32): bool {
  if (order == BY_PAIR) return pairOf(a) < pairOf(b);
  if (order == BY_SUM) return load<u64>(a, LIST_SUM) < load<u64>(b, LIST_SUM);
  const amountA = load<i64>(a, AMOUNT_1);
  const amountB = load<i64>(b, AMOUNT_1);
  if (amountA != amountB) return amountA > amountB;
  const earlier = load<u64>(a, IDENTITY) < load<u64>(b, IDENTITY);
  return earlier == (order == LARGEST_EARLIEST);
}

/** Merges two sorted lists, of which the first one's payments came earlier. */
function merge(first: usize, second: usize, order: i32, links: usize): usize {
  let a = first;
  let b = second;
  let head: usize = 0;
  let tail: usize = 0;
  while (a != 0 && b != 0) {
    let taken = a;
    if (isBefore(b, a, order)) {
      taken = b;
      b = load<u32>(b + links);
    } else a = load<u32>(a + links);
    if (tail != 0) store<u32>(tail + links, taken);
    else head = taken;
    tail = taken;
  }
  const rest = a != 0 ? a : b;
  if (tail == 0) return rest;
  store<u32>(tail + links, rest);
  return head;
}

/**
 * Sorts a list and returns its head: a merge sort from the bottom up.
 * @param links where a payment has the next one: LIST_NEXT or GROUP_NEXT
 */
export function sort(list: usize, order: i32, links: usize = LIST_NEXT): usize {
  memory.fill(levels, 0, LEVELS << 2);
  let left = list;
  while (left != 0) {
    let run = left;
    left = load<u32>(left + links);
    store<u32>(run + links, 0);
    let level = levels;
    while (load<u32>(level) != 0) {
      run = merge(load<u32>(level), run, order, links);
      store<u32>(level, 0);
      level += 4;
    }
    store<u32>(level, run);
  }
  let sorted: usize = 0;
  for (let i: usize = 0; i < LEVELS; i++)
    sorted = merge(load<u32>(levels + (i << 2)), sorted, order, links);
  return sorted;
}
