import { HELD_UP_BY, type HeldUpBy } from '../events.ts';
import { NONE32 } from '../records.ts';
import { accountsIn, exceededBy, missingOf } from './reference-sets.ts';
import {
  type LivePayment,
  queueOf,
  type ReferenceAccount,
  type ReferenceState,
  write,
} from './reference-state.ts';

const INT64_MAX = 2n ** 63n - 1n;

/** A payment, everything before it in its queues, and everything before that. */
export function closureOf(state: ReferenceState, payment: LivePayment): Set<LivePayment> {
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
  const tell = (by: HeldUpBy, account: ReferenceAccount, other: number, amount: bigint): void => {
    write(state, 'heldUp', {
      id: payment.record.id,
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
  const first = payment.legs[0]?.debit as ReferenceAccount;
  if (state.events.length === before) tell('none', first, NONE32, 0n);
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
