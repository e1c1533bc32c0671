// Who takes part in the set of payments that is being found or booked, and to what it would take them.

// Of an account (accounts.ts; what else a cycle keeps of it: gridlock.ts):
//  88 sum: position with the set   112 u32 stamp: it takes part where that is the set's
export const AT: usize = 88;
const STAMP: usize = 112;

let stamp: u32 = 0;

/** Whether an account takes part in the set that is being found or booked. */
export function takesPart(account: usize): bool {
  return load<u32>(account, STAMP) == stamp;
}

export function takePart(account: usize): void {
  store<u32>(account, stamp, STAMP);
}

/** No account takes part any more; the number that says which do. */
export function nextStamp(): u32 {
  stamp += 1;
  return stamp;
}
