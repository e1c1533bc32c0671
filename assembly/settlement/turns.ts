// Whose turn it is in a queue.
import { currencyOf } from './ledger';
import { PRIORITY } from './live-payment';
import { firstOfClass, headOf } from './queue';
import { PRIORITY_NORMAL } from './records';
import { isBypass } from './rules';

/** Whether a payment that stands in this account's queue is next there. */
export function isNext(payment: usize, account: usize): bool {
  if (headOf(account) == payment) return true;
  if (load<u8>(payment, PRIORITY) != PRIORITY_NORMAL || !isBypass(currencyOf(account)))
    return false;
  return firstOfClass(account, 0) == 0 && firstOfClass(account, 1) == 0;
}
