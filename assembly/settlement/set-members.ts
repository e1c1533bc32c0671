// Who takes part in the set of payments that is being found or booked, and to what it would take them.

import { accountOf, currencyCount, participantCount } from './accounts';
import { drawnLimits, limitAt } from './limits';

// Of an account (accounts.ts; what else a cycle keeps of it: gridlock.ts):
//  88 sum: position with the set   112 u32 stamp: it takes part where that is the set's
export const AT: usize = 88;
const STAMP: usize = 112;
/** Of a limit (limits.ts): 76 u32 the stamp with which its position was taken (set-shortages.ts). */
export const LIMIT_STAMP: usize = 76;

let stamp: u32 = 0;

/** Whether an account takes part in the set that is being found or booked. */
export function takesPart(account: usize): bool {
  return load<u32>(account, STAMP) == stamp;
}

export function takePart(account: usize): void {
  store<u32>(account, stamp, STAMP);
}

/** Every number was given: what bears an old one would take part in a set that comes to it again. */
function beginAnew(): void {
  for (let c: u32 = 0; c < currencyCount(); c++)
    for (let p: u32 = 0; p < participantCount(); p++) {
      const account = accountOf(p, c);
      if (account != 0) store<u32>(account, 0, STAMP);
    }
  for (let i: u32 = 0; i < drawnLimits(); i++) store<u32>(limitAt(i), 0, LIMIT_STAMP);
  stamp = 1;
}

/** Whether no set was begun after the one with this number. */
export function isLastStamp(number: u32): bool {
  return number == stamp;
}

/** No account takes part any more; the number that says which do. */
export function nextStamp(): u32 {
  stamp += 1;
  if (stamp == 0) beginAnew();
  return stamp;
}
