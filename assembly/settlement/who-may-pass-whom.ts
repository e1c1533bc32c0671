// Which payment may pass another in a queue: none may under FIFO. Under bypass FIFO a normal payment passes normal
// ones, and is next as soon as no urgent or high one stands in the queue. Where a payment is put in a queue:
// queue-places.ts. Whether there is money for it too, and both together: may-settle-and-book-both-or-neither.ts.
import { currencyOf } from './accounts-and-conservation';
import { isBypass } from './currency-rules';
import { nextLeg, PRIORITY } from './live-payment';
import { firstOfClass, headOf } from './queue-places';
import { PRIORITY_NORMAL } from './record-numbers';

/** Whether a payment that stands in this account's queue is next there: behind legs of its own chain it is. */
export function isNext(payment: usize, account: usize): bool {
  const head = headOf(account);
  if (head == payment) return true;
  for (let leg = nextLeg(payment); leg != payment; leg = nextLeg(leg)) if (leg == head) return true;
  if (load<u8>(payment, PRIORITY) != PRIORITY_NORMAL || !isBypass(currencyOf(account)))
    return false;
  return firstOfClass(account, 0) == 0 && firstOfClass(account, 1) == 0;
}

/** Whether a payment of this priority that arrives now would be next in the account's queue. */
export function nothingBefore(account: usize, priority: u32): bool {
  if (firstOfClass(account, 0) != 0) return false;
  if (priority == 0) return true;
  if (firstOfClass(account, 1) != 0) return false;
  if (priority == 1 || firstOfClass(account, PRIORITY_NORMAL) == 0) return true;
  return isBypass(currencyOf(account));
}
