import { MECHANISMS, type Mechanism } from '../events.ts';
import {
  balanceFields,
  type Leg,
  type LivePayment,
  paymentFields,
  queuedInEntryOrder,
  queueOf,
  type ReferenceAccount,
  type ReferenceState,
  write,
} from './reference-state.ts';

const NORMAL = 2;

function isBypass(state: ReferenceState): boolean {
  return state.rules?.queueRule === 1;
}

/** Nothing that has to go first stands among these payments. */
function nothingFirst(state: ReferenceState, priority: number, before: LivePayment[]): boolean {
  const mayPass = isBypass(state) && priority === NORMAL;
  return before.every((p) => mayPass && p.record.priority === NORMAL);
}

const affordable = (legs: readonly Leg[]): boolean =>
  legs.every(({ debit, amount }) => debit.balance - amount >= -debit.line);

/** Whether a payment may settle as it arrives. */
export function mayEnter(state: ReferenceState, priority: number, legs: readonly Leg[]): boolean {
  return (
    affordable(legs) &&
    legs.every(({ debit }) =>
      nothingFirst(
        state,
        priority,
        queueOf(state, debit).filter((p) => p.record.priority <= priority),
      ),
    )
  );
}

function maySettle(state: ReferenceState, payment: LivePayment): boolean {
  return (
    affordable(payment.legs) &&
    payment.legs.every(({ debit }) => {
      const queue = queueOf(state, debit);
      const before = queue.slice(0, queue.indexOf(payment));
      return nothingFirst(state, payment.record.priority, before);
    })
  );
}

export function putOnWorklist(state: ReferenceState, account: ReferenceAccount): void {
  if (!state.worklist.includes(account)) state.worklist.push(account);
}

export function bookLegs(state: ReferenceState, legs: readonly Leg[]): void {
  for (const { debit, credit, amount } of legs) {
    debit.balance -= amount;
    credit.balance += amount;
  }
  for (const { credit } of legs) putOnWorklist(state, credit);
}

export function finishSettled(
  state: ReferenceState,
  payment: LivePayment,
  mechanism: Mechanism,
  cycle: number,
): void {
  state.live = state.live.filter((p) => p !== payment);
  write(state, 'settled', {
    ...paymentFields(payment.record),
    ...balanceFields(payment.legs),
    paymentPosition: payment.record.position,
    mechanism: MECHANISMS.indexOf(mechanism),
    cycle,
  });
  payment.identity.outcome = { kind: 'settled', reason: 'none' };
}

/** Scans one queue from its head; goes past what does not fit only where bypass allows it. */
function scan(state: ReferenceState, account: ReferenceAccount): void {
  for (const payment of queueOf(state, account)) {
    if (maySettle(state, payment)) {
      const other = payment.legs.map((leg) => leg.debit).find((debit) => debit !== account);
      const wasHead = other !== undefined && queueOf(state, other)[0] === payment;
      bookLegs(state, payment.legs);
      if (wasHead) putOnWorklist(state, other);
      finishSettled(state, payment, 'queue', 0);
    } else if (!isBypass(state) || payment.record.priority !== NORMAL) return;
  }
}

export function rescan(state: ReferenceState): void {
  for (let next = state.worklist.shift(); next !== undefined; next = state.worklist.shift())
    scan(state, next);
}

/** Sums what X would add to and take from an account. */
function netOf(set: ReadonlySet<LivePayment>, account: ReferenceAccount): bigint {
  let net = 0n;
  for (const payment of set) {
    for (const leg of payment.legs) {
      if (leg.credit === account) net += leg.amount;
      if (leg.debit === account) net -= leg.amount;
    }
  }
  return net;
}

/** An account that is below its floor already may not get worse. */
function least(account: ReferenceAccount): bigint {
  const isBelowFloor = account.balance < -account.line;
  return isBelowFloor ? account.balance : -account.line;
}

/** Starts with everything; while an account is short its last payment goes, with all that follows. */
export function resolveGridlock(state: ReferenceState): Set<LivePayment> {
  const set = new Set(queuedInEntryOrder(state));
  const drop = (payment: LivePayment): void => {
    if (!set.delete(payment)) return;
    for (const { debit } of payment.legs) {
      const queue = queueOf(state, debit);
      for (const behind of queue.slice(queue.indexOf(payment) + 1)) drop(behind);
    }
  };
  const short = (): ReferenceAccount | undefined =>
    [...state.accounts.values()].find((a) => a.balance + netOf(set, a) < least(a));
  for (let account = short(); account !== undefined; account = short()) {
    const last = queueOf(state, account).findLast((p) => set.has(p));
    if (last === undefined) throw new Error('an account is short without paying anything');
    drop(last);
  }
  return set;
}

/** Runs a cycle: resolves, books the set at once, then writes its events. */
export function runCycle(state: ReferenceState): void {
  const queued = queuedInEntryOrder(state);
  const set = resolveGridlock(state);
  state.cycles += 1;
  write(state, 'cycled', {
    mechanism: MECHANISMS.indexOf('gridlockResolution'),
    priority: queued.length === 0 ? 0 : set.size > 0 ? 1 : 2,
    cycle: state.cycles,
    count: set.size,
    amount1: queued.length - set.size,
  });
  for (const payment of set) {
    for (const { debit, credit, amount } of payment.legs) {
      debit.balance -= amount;
      credit.balance += amount;
    }
  }
  for (const payment of queued.filter((p) => set.has(p))) {
    for (const { credit } of payment.legs) putOnWorklist(state, credit);
    for (const { debit } of payment.legs) putOnWorklist(state, debit);
    finishSettled(state, payment, 'gridlockResolution', state.cycles);
  }
  state.quietAt = state.events.length;
}

/** Every periodic cycle due at or before a time, at its own instant. */
export function runDueCycles(state: ReferenceState, timeMs: bigint): void {
  const interval = BigInt(state.rules?.cycleIntervalMs ?? 0);
  if (interval === 0n || state.rules?.cycleMechanism !== 1) return;
  while (state.currencies.some((c) => c.open) && state.nextCycleMs <= timeMs) {
    const useful = queuedInEntryOrder(state).length > 0 && state.events.length !== state.quietAt;
    if (useful) {
      if (state.nextCycleMs > state.timeMs) state.timeMs = state.nextCycleMs;
      runCycle(state);
      rescan(state);
    }
    state.nextCycleMs += interval;
  }
}
