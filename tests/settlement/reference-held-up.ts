import { HELD_UP_BY, type HeldUpBy } from '../../services/core/settlement/events.ts';
import { NONE32 } from '../../services/core/settlement/records.ts';
import { freeOf } from './reference-credit-and-reservations.ts';
import { excessAcross, inLimitUnits } from './reference-cross-limits.ts';
import { accountsIn, exceededBy, missingOf, netOf } from './reference-gridlock.ts';
import {
  type LivePayment,
  paymentFields,
  queueOf,
  type ReferenceAccount,
  type ReferenceState,
  write,
} from './reference-state.ts';

const INT64_MAX = 2n ** 63n - 1n;

/** A payment, everything before it in its queues, and everything before that. */
function closureOf(state: ReferenceState, payment: LivePayment): Set<LivePayment> {
  const closure = new Set([payment]);
  for (const member of closure) {
    for (const { debit } of member.legs) {
      const queue = queueOf(state, debit);
      for (const before of queue.slice(0, queue.indexOf(member))) closure.add(before);
    }
  }
  return closure;
}

function tellShortages(state: ReferenceState, payment: LivePayment): void {
  const closure = closureOf(state, payment);
  const tell: Tell = (by, account, other, amount) => {
    write(state, 'heldUp', {
      id: paymentFields(payment.record).id as Uint8Array,
      messageType: payment.record.messageType,
      priority: payment.record.priority,
      paymentPosition: payment.record.position,
      mechanism: HELD_UP_BY.indexOf(by),
      debtorAgent: account.participant,
      creditorAgent: other,
      currency1: account.currency,
      amount1: amount > INT64_MAX ? INT64_MAX : amount,
      cycle: state.cycles,
    });
  };
  const before = state.events.length;
  for (const account of accountsIn(state, [...state.currencies.keys()])) {
    const missing = missingOf(closure, account);
    if (missing > 0n) tell('balance', account, NONE32, missing);
    for (const { counterparty, excess } of exceededBy(state, closure, account)) {
      const by = counterparty === NONE32 ? 'multilateralLimit' : 'bilateralLimit';
      tell(by, account, counterparty, excess);
    }
  }
  tellAcross(state, closure, tell);
  const first = payment.legs[0]?.debit as ReferenceAccount;
  if (state.events.length === before) tell('none', first, NONE32, 0n);
}

type Tell = (
  by: HeldUpBy,
  account: Pick<ReferenceAccount, 'participant' | 'currency'>,
  other: number,
  amount: bigint,
) => void;

/** What a closure leaves participants short of across their currencies. */
function tellAcross(state: ReferenceState, closure: ReadonlySet<LivePayment>, tell: Tell): void {
  const after = (account: ReferenceAccount): bigint => {
    const balance = freeOf(account) + netOf(closure, account);
    if (balance > INT64_MAX) return INT64_MAX;
    return balance < -INT64_MAX ? -INT64_MAX : balance;
  };
  for (const [participant, { currency }] of [...state.crossLimits].sort((a, b) => a[0] - b[0])) {
    const { owed, worth } = excessAcross(state, participant, after);
    const account = { participant, currency };
    const short = inLimitUnits(state, participant, owed, 1n);
    const poor = inLimitUnits(state, participant, worth, 10_000n);
    if (owed > 0n) tell('aggregateShortLimit', account, NONE32, short);
    if (worth > 0n) tell('pooledCollateral', account, NONE32, poor);
  }
}

/** After a cycle, what the first payment of each queue leaves short with all that must go with it. */
export function tellHeldUp(state: ReferenceState): void {
  const told = new Set<LivePayment>();
  for (const account of accountsIn(state, [...state.currencies.keys()])) {
    const first = queueOf(state, account)[0];
    if (first === undefined || told.has(first)) continue;
    told.add(first);
    tellShortages(state, first);
  }
}
