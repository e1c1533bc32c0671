// What the host may read between batches, and before a cycle that it asks for: the queues, the limits
// and the reservations as they stand. Nothing here changes anything.

import {
  currencyCount,
  currencyOf,
  participantCount,
  participantOf,
} from './accounts-and-conservation';
import {
  accountOfLimit,
  counterpartyOf,
  drawnLimits,
  POSITION as LIMIT_POSITION,
  limitAt,
  limitOf,
} from './bilateral-limits';
import { slotsOf } from './chain-legs';
import { reservedFor } from './credit-and-reservations';
import {
  aggregateShortLimit,
  crossCurrency,
  currencyHaircut,
  currencyWeight,
  pooledCollateral,
} from './cross-limits';
import {
  cycleMechanismOf,
  isBypass,
  issuerOf,
  offsetsBilaterally,
  offsettingMinimumMs,
  sharesLosses,
} from './currency-rules';
import { cycleCurrency, cycleNumber, offsetsNext, proposalNext } from './cycles';
import {
  AMOUNT_1,
  AMOUNT_2,
  CREDIT_1,
  CREDIT_2,
  DEBIT_1,
  ID,
  isByItself,
  isChainLeg,
  nextLeg,
  POSITION,
  PRIORITY,
  SINCE_MS,
  secondDebit,
} from './live-payment';
import { proposedBytes, proposedSets } from './proposals';
import { firstQueued, nextPastLegs } from './queue-places';
import { NONE16, NONE32 } from './record-numbers';

// A description, 72 bytes. Of a queued payment:
//   0 u64 position  8 u8[16] id  24 i64 amount 1  32 i64 amount 2  40 u32 debtor 1  44 u32 creditor 1
//  48 u32 debtor 2  52 u32 creditor 2 (NONE32: one leg)  56 u16 currency 1  58 u16 currency 2  60 u8 class
//  61 u8 legs of the chain that it is of, 0: of none   62 u8 1: no cycle takes it (a leg that is to be earmarked)
//  64 i64 since when a payment of one leg has been queued, ms
// Of a limit:
//   0 u32 participant  4 u16 currency  8 u32 counterparty (NONE32: multilateral)  16 i64 limit
//  24 u64 position low  32 i64 position high
const description: usize = memory.data(72, 16);

export function settlementParticipants(): u32 {
  return participantCount();
}

export function settlementCurrencies(): u32 {
  return currencyCount();
}

/** CYCLE_*: what the currency's cycles do. */
export function settlementMechanism(currency: u32): u32 {
  return cycleMechanismOf(currency);
}

/** Whether the currency's queues move by bypass FIFO. */
export function settlementBypasses(currency: u32): bool {
  return isBypass(currency);
}

/** Whether the currency's cycles offset its queues bilaterally. */
export function settlementOffsets(currency: u32): bool {
  return offsetsBilaterally(currency);
}

/** The shortest time in the queue before its cycles offset a payment, ms. */
export function settlementOffsettingMinimum(currency: u32): u32 {
  return offsettingMinimumMs(currency);
}

/** Whether the loss of a default is shared where the currency nets; else it is unwound. */
export function settlementSharesLosses(currency: u32): bool {
  return sharesLosses(currency);
}

/** The participant that alone issues the currency, or NONE32. */
export function settlementIssuer(currency: u32): u32 {
  return issuerOf(currency);
}

/** What a minor unit of the currency is worth where limits across currencies count it. */
export function settlementWeight(currency: u32): u64 {
  return currencyWeight(currency);
}

/** In basis points. */
export function settlementHaircut(currency: u32): u32 {
  return currencyHaircut(currency);
}

/** A participant's limits across currencies, -1 for none: what it may owe in all. */
export function settlementAggregateLimit(participant: u32): i64 {
  return aggregateShortLimit(participant);
}

/** By how much its worth may be below zero. */
export function settlementPooledCollateral(participant: u32): i64 {
  return pooledCollateral(participant);
}

/** In which currency's minor units both are. */
export function settlementCrossCurrency(participant: u32): u32 {
  return crossCurrency(participant);
}

/** What is reserved in an account for a class, 0 urgent or 1 high. */
export function settlementReserved(account: usize, priority: u32): i64 {
  return reservedFor(account, priority);
}

/** The first queued payment in entry order, or 0. */
export function settlementFirstQueued(): usize {
  return firstQueued();
}

/** The next queued payment in entry order, or 0; a chain is one, by its leg 1. */
export function settlementNextQueued(payment: usize): usize {
  return nextPastLegs(payment);
}

/** The next leg of a chain, in leg order; behind the last comes the first. */
export function settlementNextLeg(leg: usize): usize {
  return nextLeg(leg);
}

/** Describes a queued payment, or one leg of a chain; the address of the description. */
export function settlementDescribe(payment: usize): usize {
  const debit1 = <usize>load<u32>(payment, DEBIT_1);
  const debit2 = secondDebit(payment);
  const isChained = isChainLeg(payment);
  const isOne = debit2 == 0 && !isChained;
  store<u64>(description, load<u64>(payment, POSITION));
  v128.store(description, v128.load(payment, ID), 8);
  store<i64>(description, load<i64>(payment, AMOUNT_1), 24);
  store<i64>(description, debit2 == 0 ? 0 : load<i64>(payment, AMOUNT_2), 32);
  store<u32>(description, participantOf(debit1), 40);
  store<u32>(description, participantOf(load<u32>(payment, CREDIT_1)), 44);
  store<u32>(description, debit2 == 0 ? NONE32 : participantOf(debit2), 48);
  store<u32>(description, debit2 == 0 ? NONE32 : participantOf(load<u32>(payment, CREDIT_2)), 52);
  store<u16>(description, <u16>currencyOf(debit1), 56);
  store<u16>(description, debit2 == 0 ? <u16>NONE16 : <u16>currencyOf(debit2), 58);
  store<u8>(description, load<u8>(payment, PRIORITY), 60);
  store<u8>(description, isChained ? <u8>slotsOf(payment) : 0, 61);
  store<u8>(description, <u8>isByItself(payment), 62);
  store<i64>(description, isOne ? load<i64>(payment, SINCE_MS) : 0, 64);
  return description;
}

export function settlementLimits(): u32 {
  return drawnLimits();
}

/** Describes a limit; 0 where that place is not in use. */
export function settlementDescribeLimit(index: u32): usize {
  const limit = limitAt(index);
  const account = accountOfLimit(limit);
  if (account == 0) return 0;
  store<u32>(description, participantOf(account));
  store<u16>(description, <u16>currencyOf(account), 4);
  store<u32>(description, counterpartyOf(limit), 8);
  store<i64>(description, limitOf(limit), 16);
  v128.store(description, v128.load(limit, LIMIT_POSITION), 24);
  return description;
}

/** Where the sets are that the next step of the cycle at hand is to book (proposals.ts); 0: it is no proposal's. */
export function settlementProposal(): usize {
  return proposalNext() ? proposedSets() : 0;
}

export function settlementProposalBytes(): usize {
  return proposedBytes();
}

/** Whether the step before which it is paused offsets bilaterally; else it is a run, or the end. */
export function settlementOffsetsNext(): bool {
  return offsetsNext();
}

/** The currency of the cycle at hand; NONE32: of all. */
export function settlementCycleCurrency(): u32 {
  return cycleCurrency();
}

/** The number that the next run will have. */
export function settlementNextCycle(): u32 {
  return cycleNumber() + 1;
}
