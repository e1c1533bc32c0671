// What an account may draw on: its credit capacity out of a line and collateral, and what of its
// liquidity is reserved for the higher classes.
//
// Invariants
// - Credit capacity = line + floor(collateral x (10,000 - haircut) / 10,000); the floor is minus it.
// - With reservations U (urgent) and H (high), an urgent payment may use balance - floor, a high one
//   balance - floor - U, a normal one balance - floor - U - H. A settled payment uses up its own
//   class's reservation: it falls by the amount, to 0 at least.
// - An account without a reservation has no FLAG_RESERVES, and is looked at no further.
import { reserve } from '../memory';
import {
  accountIndex,
  available,
  changeLine,
  FLAG_RESERVES,
  flagsOf,
  setFlag,
} from './accounts-and-conservation';

// An account's liquidity, 32 bytes: i64 line, i64 secured (what its collateral gives), i64 reserved for
// urgent, i64 reserved for high.
const LIQUIDITY_BYTES: u64 = 32;
const LINE: usize = 0;
const SECURED: usize = 8;
const RESERVED: usize = 16;

/** A haircut of everything. */
export const HAIRCUT_MAX_BPS: u32 = 10_000;

let liquidity: usize = 0;

export function liquidityBytes(accountsMax: u64): u64 {
  return accountsMax * LIQUIDITY_BYTES;
}

export function reserveLiquidity(accountsMax: u64): bool {
  liquidity = reserve(liquidityBytes(accountsMax));
  return liquidity != 0;
}

function at(account: usize): usize {
  return liquidity + <usize>accountIndex(account) * <usize>LIQUIDITY_BYTES;
}

/** Notes the line with which an account was opened. */
export function noteLine(account: usize, line: i64): void {
  store<i64>(at(account), line, LINE);
}

/** Sets line and what collateral gives; false where one is negative or the sum does not fit. */
function setCapacity(account: usize, line: i64, secured: i64): bool {
  if (line < 0 || line > i64.MAX_VALUE - secured || !changeLine(account, line + secured))
    return false;
  store<i64>(at(account), line, LINE);
  store<i64>(at(account), secured, SECURED);
  return true;
}

/** False where the line is negative or does not fit. */
export function setUnsecuredLine(account: usize, line: i64): bool {
  return setCapacity(account, line, load<i64>(at(account), SECURED));
}

/** False where it is negative, the haircut is above everything, or the capacity does not fit. */
export function setCollateral(account: usize, collateral: i64, haircutBps: u32): bool {
  if (collateral < 0 || haircutBps > HAIRCUT_MAX_BPS) return false;
  // floor((10,000 q + r) k / 10,000) = q k + floor(r k / 10,000): exact in 64 bits.
  const kept = <i64>(HAIRCUT_MAX_BPS - haircutBps);
  const secured = (collateral / 10_000) * kept + ((collateral % 10_000) * kept) / 10_000;
  return setCapacity(account, load<i64>(at(account), LINE), secured);
}

/** What is reserved for a class, 0 urgent or 1 high. */
export function reservedFor(account: usize, priority: u32): i64 {
  return flagsOf(account) & FLAG_RESERVES
    ? load<i64>(at(account) + ((<usize>priority) << 3), RESERVED)
    : 0;
}

/** Sets what is reserved for a class, 0 urgent or 1 high; 0 or more. */
export function setReserved(account: usize, priority: u32, amount: i64): void {
  const own = at(account);
  store<i64>(own + ((<usize>priority) << 3), amount, RESERVED);
  const any = (load<i64>(own, RESERVED) | load<i64>(own, RESERVED + 8)) != 0;
  setFlag(account, FLAG_RESERVES, any);
}

/** What a payment of this class may not touch: 0, U, or U + H. */
export function reservedAgainst(account: usize, priority: u32): u64 {
  return reservedAfter(account, priority, 0, 0);
}

/**
 * The same after payments of the urgent and the high class have used their reservations up; sums
 * above 2^63 - 1 may be given as any number above it.
 */
export function reservedAfter(account: usize, priority: u32, urgentOut: u64, highOut: u64): u64 {
  if (priority == 0 || !(flagsOf(account) & FLAG_RESERVES)) return 0;
  const urgent = <u64>load<i64>(at(account), RESERVED);
  const high = <u64>load<i64>(at(account), RESERVED + 8);
  const left = urgent > urgentOut ? urgent - urgentOut : 0;
  return priority == 1 || high <= highOut ? left : left + high - highOut;
}

/** Whether a payment of this class may take the amount; the caller has asked `affords`. */
export function affordsInClass(account: usize, amount: i64, priority: u32): bool {
  const reserved = reservedAgainst(account, priority);
  const liquid = available(account);
  return liquid >= reserved && liquid - reserved >= <u64>amount;
}

/** Uses a class's reservation up by a settled amount. */
export function useReserved(account: usize, priority: u32, amount: i64): void {
  if (priority > 1 || !(flagsOf(account) & FLAG_RESERVES)) return;
  const left = load<i64>(at(account) + ((<usize>priority) << 3), RESERVED) - amount;
  setReserved(account, priority, left > 0 ? left : 0);
}
