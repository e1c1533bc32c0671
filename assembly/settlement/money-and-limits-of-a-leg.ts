// What a leg needs before it books, and what it counts on when it has: money above the floor
// (`affords` in accounts-and-conservation.ts) that is not reserved for a higher class (`affordsInClass` in credit-and-reservations.ts), and
// the debtor's limit (bilateral-limits.ts). A payment whose legs lack it
// is not refused: it joins its queues (a plain one in payment-intake-settle-queue-or-refuse.ts, others by `enter` in gross-entry-and-rescan.ts).
//
// Invariant: an account without flags is asked for its money alone, so that limits and reservations
// cost those who have none a single test.
import {
  affords,
  book,
  FLAG_BILATERAL_LIMITS,
  FLAG_MULTILATERAL_LIMIT,
  FLAG_RESERVES,
  flagsOf,
} from './accounts-and-conservation';
import { countIn, countOut, limitThatCounts, withinLimit } from './bilateral-limits';
import { affordsInClass, useReserved } from './credit-and-reservations';

const LIMITED: u32 = FLAG_BILATERAL_LIMITS | FLAG_MULTILATERAL_LIMIT;

function isUnencumbered(debit: usize, amount: i64, priority: u32, bilateral: usize): bool {
  const flags = flagsOf(debit);
  if (flags & FLAG_RESERVES && !affordsInClass(debit, amount, priority)) return false;
  if (!(flags & LIMITED)) return true;
  const limit = limitThatCounts(debit, bilateral);
  return limit == 0 || withinLimit(limit, amount);
}

/** Whether a leg may leave an account now; `bilateral` is the debtor's limit for it, or 0. */
export function mayDebit(debit: usize, amount: i64, priority: u32, bilateral: usize): bool {
  if (!affords(debit, amount)) return false;
  return flagsOf(debit) == 0 || isUnencumbered(debit, amount, priority, bilateral);
}

function count(
  debit: usize,
  credit: usize,
  amount: i64,
  priority: u32,
  bilateral: usize,
  back: usize,
): void {
  useReserved(debit, priority, amount);
  const out = limitThatCounts(debit, bilateral);
  const into = limitThatCounts(credit, back);
  if (out != 0) countOut(out, amount);
  if (into != 0) countIn(into, amount);
}

/** Books a leg that `mayDebit`; `bilateral` and `back` are the debtor's and the creditor's limit. */
export function bookLeg(
  debit: usize,
  credit: usize,
  amount: i64,
  priority: u32,
  bilateral: usize,
  back: usize,
): void {
  book(debit, credit, amount);
  if ((flagsOf(debit) | flagsOf(credit)) != 0)
    count(debit, credit, amount, priority, bilateral, back);
}
