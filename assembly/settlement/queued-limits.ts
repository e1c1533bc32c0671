// Limits over payments that are queued: which of them each counts on, and what that changes.
//
// Invariant: a limit that comes or goes over queued payments is filed with them at once, and makes the
// limits' nets stale (queued-nets.ts).
import { accountOf, currencyOf, participantOf } from './accounts-and-conservation';
import {
  bilateralLimit,
  drawnLimits,
  dropLimit,
  hasLimit,
  LIMIT_NET,
  limitAt,
  storeLimit,
} from './bilateral-limits';
import {
  BACK_LIMIT_1,
  BACK_LIMIT_2,
  CREDIT_1,
  CREDIT_2,
  DEBIT_1,
  LIMIT_1,
  LIMIT_2,
  nextLeg,
  secondDebit,
} from './live-payment';
import { firstOfClass, firstQueued, nextInChain, nextInClass, queuedCount } from './queue-places';
import { countPayment, netsAreStale, setNetsStale } from './queued-nets';
import { NONE32 } from './record-numbers';
import { clearSum } from './wide-sums';

/** Finds the bilateral limits that a live payment's legs count on; call as it joins the queues. Of a chain all legs. */
export function fileLimits(payment: usize): void {
  let leg = payment;
  do {
    file(leg);
    leg = nextLeg(leg);
  } while (leg != payment);
}

function file(payment: usize): void {
  const debit1 = <usize>load<u32>(payment, DEBIT_1);
  const credit1 = <usize>load<u32>(payment, CREDIT_1);
  const debit2 = secondDebit(payment);
  store<u32>(payment, bilateralLimit(debit1, participantOf(credit1)), LIMIT_1);
  store<u32>(payment, bilateralLimit(credit1, participantOf(debit1)), BACK_LIMIT_1);
  if (debit2 == 0) return;
  const credit2 = <usize>load<u32>(payment, CREDIT_2);
  store<u32>(payment, bilateralLimit(debit2, participantOf(credit2)), LIMIT_2);
  store<u32>(payment, bilateralLimit(credit2, participantOf(debit2)), BACK_LIMIT_2);
}

function fileQueue(account: usize): void {
  for (let priority: u32 = 0; priority < 3; priority++) {
    let payment = firstOfClass(account, priority);
    while (payment != 0) {
      file(payment);
      payment = nextInClass(payment, account);
    }
  }
}

/** The legs between an account and a counterparty debit one or the other of them. */
function fileBetween(account: usize, counterparty: u32): void {
  fileQueue(account);
  const other = accountOf(counterparty, currencyOf(account));
  if (other != 0) fileQueue(other);
}

function noteLimitsChanged(): void {
  if (queuedCount() > 0) setNetsStale(true);
}

/**
 * Sets an account's limit against a counterparty (NONE32: multilateral), 0 or more; it returns the
 * limit, or 0 where none is left.
 */
export function setLimit(account: usize, counterparty: u32, value: i64): usize {
  const isNew = !hasLimit(account, counterparty);
  const limit = storeLimit(account, counterparty, value);
  if (limit == 0 || !isNew) return limit;
  noteLimitsChanged();
  if (counterparty != NONE32) fileBetween(account, counterparty);
  return limit;
}

/** Takes an account's limit against a counterparty (NONE32: multilateral) away, if there is one. */
export function removeLimit(account: usize, counterparty: u32): void {
  if (!hasLimit(account, counterparty)) return;
  noteLimitsChanged();
  dropLimit(account, counterparty);
  if (counterparty != NONE32) fileBetween(account, counterparty);
}

/** Counts the limits' nets anew where a change of limits has made them stale. */
export function refreshNets(): void {
  if (!netsAreStale()) return;
  setNetsStale(false);
  for (let i: u32 = 0; i < drawnLimits(); i++) clearSum(limitAt(i) + LIMIT_NET);
  for (let payment = firstQueued(); payment != 0; payment = nextInChain(payment))
    countPayment(payment, true);
}
