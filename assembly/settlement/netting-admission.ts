// Deferred net settlement: which payments it takes in.
//
// Invariants
// - It takes payments of one leg in a currency whose cycles net: all classes, or in a hybrid the
//   normal one, while the urgent and the high class settle gross. Payments of two legs settle gross.
// - Where the currency's rules say so it takes chains of one leg too, once their condition is met and nothing is set
//   aside for them. What has been accepted is decided: nothing that is attested later ends it.
// - What the caps keep out is refused: rejected as it arrives, cancelled where it waited before.

import { currencyCount, currencyOf, raiseFault } from './accounts-and-conservation';
import { isConditionMet } from './attestor-thresholds';
import {
  cycleMechanismOf,
  netsChains,
  netsNormalOnly,
  offsetsBilaterally,
  takesProposals,
} from './currency-rules';
import { writeOfPayment } from './event-output';
import { setLiveOutcome } from './identity-table';
import {
  AMOUNT_1,
  CREDIT_1,
  DEBIT_1,
  DEBIT_2,
  isChainLeg,
  nextOfChain,
  PRIORITY,
} from './live-payment';
import { judgeCaps } from './net-positions-and-caps';
import { joinAccepted } from './netting-accepted';
import { cancelPayment } from './payment-endings';
import {
  CYCLE_DEFERRED_NET,
  CYCLE_NONE,
  EVENT_ACCEPTED,
  PRIORITY_NORMAL,
  REASON_NONE,
} from './record-numbers';
import { clearTimer } from './timers';

export function netsDeferred(currency: u32): bool {
  return cycleMechanismOf(currency) == CYCLE_DEFERRED_NET;
}

/** Whether the cycles of any currency do anything but net. */
export function anyGrossCycles(): bool {
  for (let c: u32 = 0; c < currencyCount(); c++) if (hasGrossCycles(c)) return true;
  return false;
}

/** Whether the currency's cycles settle from its queues by a mechanism of their own. */
export function settlesQueues(currency: u32): bool {
  if (takesProposals(currency)) return false;
  return cycleMechanismOf(currency) != CYCLE_NONE && !netsDeferred(currency);
}

/** The same, or they offset bilaterally. */
function hasGrossCycles(currency: u32): bool {
  return settlesQueues(currency) || offsetsBilaterally(currency);
}

/** Whether a payment moves money of one account to another, and nothing besides. */
function isOneLeg(payment: usize, currency: u32): bool {
  if (load<u32>(payment, DEBIT_2) == 0) return true;
  return isChainLeg(payment) && nextOfChain(payment) == payment && netsChains(currency);
}

/** Whether a payment that may come in now is netted; its legs and class are filled in. Of a chain nothing is to be set aside. */
export function isDeferred(payment: usize): bool {
  const currency = currencyOf(load<u32>(payment, DEBIT_1));
  if (!netsDeferred(currency) || !isOneLeg(payment, currency)) return false;
  return !netsNormalOnly(currency) || load<u8>(payment, PRIORITY) == <u8>PRIORITY_NORMAL;
}

/** Why the caps keep a payment out, or none. */
export function judgeDeferred(payment: usize): i32 {
  const debit = <usize>load<u32>(payment, DEBIT_1);
  return judgeCaps(debit, load<u32>(payment, CREDIT_1), load<i64>(payment, AMOUNT_1));
}

/** Takes in a live payment that stands nowhere, with one event. Its latest time is met, and a chain's condition. */
export function admit(payment: usize): void {
  if (!isConditionMet(payment)) raiseFault();
  clearTimer(payment);
  joinAccepted(payment);
  writeOfPayment(EVENT_ACCEPTED, REASON_NONE, payment);
  setLiveOutcome(payment, EVENT_ACCEPTED);
}

/** The same for one that has waited, if the caps let it in now; else it is cancelled. */
export function admitOrCancel(payment: usize): void {
  const reason = judgeDeferred(payment);
  if (reason == REASON_NONE) admit(payment);
  else cancelPayment(payment, reason);
}
