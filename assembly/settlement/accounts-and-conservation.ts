// Accounts: one for each participant and currency, in one dense table, and the money in them.
//
// Invariants
// - In each currency the balances add up to what was issued less what was redeemed; nothing but
//   `issue` and `redeem` changes that sum. `conserved` recounts it.
// - No booking takes a balance below its floor (minus the credit line); a balance that a lowered
//   line left below its floor does not get worse. A breach raises `fault`, which stays.
// - Issued less redeemed plus the highest line that each account ever had is at most 2^63 - 1 in
//   each currency. No balance is below minus its account's highest line, so none can pass 2^63 - 1
//   either: credits need no overflow check.
// - What is earmarked of a balance (earmarks.ts) cannot be taken by anything else: the floor rises by it, so
//   whoever looks at the floor sees free money only. Free money, balance less earmarked, is never below minus the
//   account's highest line. `conserved` adds the earmarks up.
// - The balances are what was issued, redeemed and told: the events' movements, one for each leg that
//   a payment settled, and nothing else. So a linked payment has booked both legs or none, and none
//   has booked twice. It is checked by one number, the balances weighted with numbers of their own
//   (modulo 2^64): a booking that no event tells changes it but by a coincidence of one in 2^64.
import { reserve } from '../memory';

// An account, 192 bytes. Rows are participants, columns currencies.
//   0 i64 balance   8 i64 floor   16 i64 highest line   24 u32 participant   28 u16 currency
//  30 u8 exists, with LISTED   31 u8 flags   32..71 its queue (queue-places.ts, gross-entry-and-rescan.ts)  72..191 its part in a cycle
//  (gridlock.ts), of which 128..143 is kept between cycles (queued-nets.ts)   176 i64 earmarked, in the floor
const ACCOUNT_BYTES: usize = 192;
const BALANCE: usize = 0;
const FLOOR: usize = 8;
const LINE_HIGHEST: usize = 16;
const PARTICIPANT: usize = 24;
const CURRENCY: usize = 28;
const EXISTS: usize = 30;
const FLAGS: usize = 31;
const EARMARKED: usize = 176;
/** In `exists`, so that who books an account and has it scanned reads one cache line. */
const LISTED: u8 = 2;

/** Flags of an account. One without any is looked at no further than balance, floor and queue. */
export const FLAG_BILATERAL_LIMITS: u8 = 1;
export const FLAG_MULTILATERAL_LIMIT: u8 = 2;
export const FLAG_RESERVES: u8 = 4;
/** The participant has limits across its currencies (cross-limits.ts). */
export const FLAG_CROSS_LIMITS: u8 = 8;

// Money of a currency, 24 bytes: i64 issued less redeemed, i64 sum of highest lines, i64 recount.
const MONEY_BYTES: usize = 24;
const OUTSTANDING: usize = 0;
const LINES: usize = 8;
const RECOUNT: usize = 16;

let accounts: usize = 0;
let money: usize = 0;
let participantsMax: u32 = 0;
let currenciesMax: u32 = 0;
let participants: u32 = 0;
let currencies: u32 = 0;
let fault: bool = false;
let told: u64 = 0;
/** What is earmarked, weighted: see `conserved`. */
let earmarks: u64 = 0;

/** Bytes that the tables need; more than memory can hold where the product is out of range. */
export function ledgerBytes(participantCount: u32, currencyCount: u32): u64 {
  const cells = <u64>participantCount * <u64>currencyCount;
  return cells > 1 << 30 ? u64.MAX_VALUE >> 8 : cells * ACCOUNT_BYTES + <u64>currencyCount * 24;
}

export function reserveLedger(participantCount: u32, currencyCount: u32): bool {
  participantsMax = participantCount;
  currenciesMax = currencyCount;
  accounts = reserve(<u64>participantCount * <u64>currencyCount * ACCOUNT_BYTES, 64);
  money = reserve(<u64>currencyCount * MONEY_BYTES);
  return accounts != 0 && money != 0;
}

export function participantCount(): u32 {
  return participants;
}

export function currencyCount(): u32 {
  return currencies;
}

export function participantsFull(): bool {
  return participants == participantsMax;
}

export function currenciesFull(): bool {
  return currencies == currenciesMax;
}

export function addParticipant(): void {
  participants += 1;
}

export function addCurrency(): void {
  currencies += 1;
}

function cell(participant: u32, currency: u32): usize {
  return accounts + (<usize>participant * <usize>currenciesMax + <usize>currency) * ACCOUNT_BYTES;
}

function moneyOf(currency: u32): usize {
  return money + <usize>currency * MONEY_BYTES;
}

/** The account's address, or 0 where the participant has none in the currency. */
export function accountOf(participant: u32, currency: u32): usize {
  if (participant >= participants || currency >= currencies) return 0;
  const account = cell(participant, currency);
  return load<u8>(account, EXISTS) ? account : 0;
}

export function balanceOf(account: usize): i64 {
  return load<i64>(account, BALANCE);
}

export function floorOf(account: usize): i64 {
  return load<i64>(account, FLOOR);
}

/** How far the balance could go below zero if nothing were earmarked. */
export function capacityOf(account: usize): i64 {
  return load<i64>(account, EARMARKED) - load<i64>(account, FLOOR);
}

export function earmarkedOf(account: usize): i64 {
  return load<i64>(account, EARMARKED);
}

/** The balance less what is earmarked of it: what the account has of its own to dispose of. */
export function freeOf(account: usize): i64 {
  return load<i64>(account, BALANCE) - load<i64>(account, EARMARKED);
}

export function participantOf(account: usize): u32 {
  return load<u32>(account, PARTICIPANT);
}

export function currencyOf(account: usize): u32 {
  return load<u16>(account, CURRENCY);
}

/** Whether an account comes before another by currency, then participant. */
export function comesBefore(account: usize, other: usize): bool {
  if (currencyOf(account) != currencyOf(other)) return currencyOf(account) < currencyOf(other);
  return participantOf(account) < participantOf(other);
}

/** Its place among the accounts that there can be, for tables that run beside this one. */
export function accountIndex(account: usize): u32 {
  return <u32>((account - accounts) / ACCOUNT_BYTES);
}

export function flagsOf(account: usize): u32 {
  return load<u8>(account, FLAGS);
}

/** Whether its queue is on the list of those to be scanned (accounts-to-rescan.ts). */
export function isListed(account: usize): bool {
  return (load<u8>(account, EXISTS) & LISTED) != 0;
}

export function setListed(account: usize, on: bool): void {
  const others = load<u8>(account, EXISTS) & ~LISTED;
  store<u8>(account, on ? others | LISTED : others, EXISTS);
}

export function setFlag(account: usize, flag: u8, on: bool): void {
  const others = load<u8>(account, FLAGS) & ~flag;
  store<u8>(account, on ? others | flag : others, FLAGS);
}

/** Something happened that must not: no settlement after it. */
export function raiseFault(): void {
  fault = true;
}

/** Whether `amount` can leave the account now. No overflow: floor and balance are within bounds. */
export function affords(account: usize, amount: i64): bool {
  // balance - floor can reach 2^64 - 1, so it is compared unsigned; below the floor it is nothing.
  const balance = load<i64>(account, BALANCE);
  const floor = load<i64>(account, FLOOR);
  return balance >= floor && <u64>balance - <u64>floor >= <u64>amount;
}

/** What can leave the account now, 0 or more. */
export function available(account: usize): u64 {
  const balance = load<i64>(account, BALANCE);
  const floor = load<i64>(account, FLOOR);
  return balance > floor ? <u64>balance - <u64>floor : 0;
}

/** Books one leg. The caller has asked `affords`; a breach of the floor is a fault. */
export function book(debit: usize, credit: usize, amount: i64): void {
  const after = load<i64>(debit, BALANCE) - amount;
  if (after < load<i64>(debit, FLOOR)) fault = true;
  store<i64>(debit, after, BALANCE);
  store<i64>(credit, load<i64>(credit, BALANCE) + amount, BALANCE);
}

/** Sets a balance that a cycle computed for the whole set that it settles. */
export function bookNet(account: usize, after: i64): void {
  if (after < min(load<i64>(account, FLOOR), load<i64>(account, BALANCE))) fault = true;
  store<i64>(account, after, BALANCE);
}

function changeEarmarked(account: usize, change: i64): void {
  const earmarked = load<i64>(account, EARMARKED) + change;
  if (earmarked < 0) fault = true;
  store<i64>(account, earmarked, EARMARKED);
  store<i64>(account, load<i64>(account, FLOOR) + change, FLOOR);
}

/** Sets an amount aside that the account `affords`. */
export function setAside(account: usize, amount: i64): void {
  if (!affords(account, amount)) fault = true;
  changeEarmarked(account, amount);
}

/** Gives back what was set aside. */
export function giveBack(account: usize, amount: i64): void {
  changeEarmarked(account, -amount);
}

/**
 * Books one leg whose money was set aside: free money of the debit stays what it is, whatever has become of its line.
 */
export function bookSetAside(debit: usize, credit: usize, amount: i64): void {
  changeEarmarked(debit, -amount);
  store<i64>(debit, load<i64>(debit, BALANCE) - amount, BALANCE);
  store<i64>(credit, load<i64>(credit, BALANCE) + amount, BALANCE);
}

/** Whether a currency has room for so much more money and lines: the head's third invariant. */
function fits(currency: u32, moreMoney: i64, moreLines: i64): bool {
  const at = moneyOf(currency);
  // Outstanding may be negative (redeemed out of a credit line), the rest is not: each step is
  // checked by its own headroom.
  const outstanding = load<i64>(at, OUTSTANDING);
  const lines = load<i64>(at, LINES);
  if (outstanding > i64.MAX_VALUE - moreMoney || lines > i64.MAX_VALUE - moreLines) return false;
  const sum = outstanding + moreMoney;
  return sum <= i64.MAX_VALUE - (lines + moreLines);
}

function addMoney(account: usize, amount: i64): void {
  const at = moneyOf(load<u16>(account, CURRENCY));
  store<i64>(at, load<i64>(at, OUTSTANDING) + amount, OUTSTANDING);
  told += <u64>amount * weightOf(account);
}

/** A number of an account's own, by the finalizer of MurmurHash3 (Appleby): of no simple pattern. */
function weightOf(account: usize): u64 {
  let weight = <u64>account;
  weight = (weight ^ (weight >> 33)) * 0xff51afd7ed558ccd;
  return weight ^ (weight >> 33);
}

/** An event tells that an amount went from one account to another. */
export function tellMoved(debit: usize, credit: usize, amount: i64): void {
  told += <u64>amount * (weightOf(credit) - weightOf(debit));
}

function setLine(account: usize, line: i64): void {
  const highest = load<i64>(account, LINE_HIGHEST);
  if (line > highest) {
    const at = moneyOf(load<u16>(account, CURRENCY));
    store<i64>(at, load<i64>(at, LINES) + line - highest, LINES);
    store<i64>(account, line, LINE_HIGHEST);
  }
  store<i64>(account, load<i64>(account, EARMARKED) - line, FLOOR);
}

/** False where the account exists already, its handles do not, or the money does not fit. */
export function openAccount(participant: u32, currency: u32, opening: i64, line: i64): bool {
  if (participant >= participants || currency >= currencies) return false;
  const account = cell(participant, currency);
  if (load<u8>(account, EXISTS) || opening < 0 || line < 0) return false;
  if (!fits(currency, opening, line)) return false;
  store<u8>(account, 1, EXISTS);
  store<u32>(account, participant, PARTICIPANT);
  store<u16>(account, <u16>currency, CURRENCY);
  store<i64>(account, opening, BALANCE);
  setLine(account, line);
  addMoney(account, opening);
  return true;
}

export function changeLine(account: usize, line: i64): bool {
  if (line < 0) return false;
  const rise = line - load<i64>(account, LINE_HIGHEST);
  if (rise > 0 && !fits(load<u16>(account, CURRENCY), 0, rise)) return false;
  setLine(account, line);
  return true;
}

export function issue(account: usize, amount: i64): bool {
  const currency = <u32>load<u16>(account, CURRENCY);
  if (amount <= 0 || !fits(currency, amount, 0)) return false;
  store<i64>(account, load<i64>(account, BALANCE) + amount, BALANCE);
  addMoney(account, amount);
  return true;
}

/** The amount is above 0 and not above what is free of the balance. */
export function redeem(account: usize, amount: i64): void {
  store<i64>(account, load<i64>(account, BALANCE) - amount, BALANCE);
  addMoney(account, -amount);
}

/** Begins the count of what is earmarked anew: `countEarmark` is to follow for each, then `conserved`. */
export function startEarmarkCount(): void {
  earmarks = 0;
}

export function countEarmark(account: usize, amount: i64): void {
  earmarks += <u64>amount * weightOf(account);
}

/**
 * Recounts every balance: they add up in each currency, they are what the events tell, no booking
 * broke a floor, and what is earmarked is what was counted. Not while a set that is booked has still to be told.
 */
export function conserved(): bool {
  let booked: u64 = 0;
  let earmarked: u64 = 0;
  for (let c: u32 = 0; c < currencies; c++) store<i64>(moneyOf(c), 0, RECOUNT);
  for (let p: u32 = 0; p < participants; p++) {
    for (let c: u32 = 0; c < currencies; c++) {
      const at = moneyOf(c);
      const account = cell(p, c);
      const balance = load<i64>(account, BALANCE);
      store<i64>(at, load<i64>(at, RECOUNT) + balance, RECOUNT);
      booked += <u64>balance * weightOf(account);
      earmarked += <u64>load<i64>(account, EARMARKED) * weightOf(account);
    }
  }
  for (let c: u32 = 0; c < currencies; c++) {
    const at = moneyOf(c);
    if (load<i64>(at, RECOUNT) != load<i64>(at, OUTSTANDING)) return false;
  }
  return booked == told && earmarked == earmarks && !fault;
}
