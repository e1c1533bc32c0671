// The accounts whose queues are to be scanned: first in, first out, each at most once. The rescan itself:
// gross-entry-and-rescan.ts.
//
// Invariant: where a participant has limits across its currencies, money in one account may let another
// pay: all of them go on the worklist together, in the order of the currencies.
import {
  accountOf,
  currencyCount,
  FLAG_CROSS_LIMITS,
  flagsOf,
  isListed,
  participantOf,
  setListed,
} from './accounts-and-conservation';

// The worklist's part of an account (accounts-and-conservation.ts): 60 u32 next.
const NEXT: usize = 60;

let first: usize = 0;
let last: usize = 0;

/** Puts an account, and what goes with it, at the end of the worklist unless it is in it. */
export function pushWork(account: usize): void {
  if (flagsOf(account) & FLAG_CROSS_LIMITS) pushAll(participantOf(account));
  else push(account);
}

function pushAll(participant: u32): void {
  for (let currency: u32 = 0; currency < currencyCount(); currency++) {
    const account = accountOf(participant, currency);
    if (account != 0) push(account);
  }
}

function push(account: usize): void {
  if (isListed(account)) return;
  setListed(account, true);
  store<u32>(account, 0, NEXT);
  if (last != 0) store<u32>(last, account, NEXT);
  else first = account;
  last = account;
}

/** Takes the first account out; 0 where there is none. */
export function popWork(): usize {
  const account = first;
  if (account == 0) return 0;
  first = load<u32>(account, NEXT);
  if (first == 0) last = 0;
  setListed(account, false);
  return account;
}
