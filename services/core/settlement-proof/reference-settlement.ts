import { MECHANISMS, type Mechanism } from '../events.ts';
import { cancel } from './reference-instructions.ts';
import { bookLeg, capacityOf, liquidityOf, mayLeave } from './reference-liquidity.ts';
import { admit, hasGrossCycles, isDeferred, judgeCaps, runNetting } from './reference-netting.ts';
import {
  acceptedIn,
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

function isBypass(state: ReferenceState, { currency }: ReferenceAccount): boolean {
  return state.currencies[currency]?.rules.queueRule === 1;
}

/** Nothing that has to go first stands among these payments in the account's queue. */
function nothingFirst(
  state: ReferenceState,
  account: ReferenceAccount,
  priority: number,
  before: LivePayment[],
): boolean {
  const mayPass = isBypass(state, account) && priority === NORMAL;
  return before.every((p) => mayPass && p.record.priority === NORMAL);
}

/** Whether a payment may settle as it arrives. */
export function mayEnter(state: ReferenceState, priority: number, legs: readonly Leg[]): boolean {
  return (
    legs.every((leg) => mayLeave(state, priority, leg)) &&
    legs.every(({ debit }) =>
      nothingFirst(
        state,
        debit,
        priority,
        queueOf(state, debit).filter((p) => p.record.priority <= priority),
      ),
    )
  );
}

function maySettle(state: ReferenceState, payment: LivePayment): boolean {
  return (
    payment.legs.every((leg) => mayLeave(state, payment.record.priority, leg)) &&
    payment.legs.every(({ debit }) => {
      const queue = queueOf(state, debit);
      const before = queue.slice(0, queue.indexOf(payment));
      return nothingFirst(state, debit, payment.record.priority, before);
    })
  );
}

export function putOnWorklist(state: ReferenceState, account: ReferenceAccount): void {
  if (!state.worklist.includes(account)) state.worklist.push(account);
}

export function bookLegs(state: ReferenceState, priority: number, legs: readonly Leg[]): void {
  for (const leg of legs) bookLeg(state, priority, leg);
  for (const { credit } of legs) putOnWorklist(state, credit);
}

export function finishSettled(
  state: ReferenceState,
  payment: LivePayment,
  mechanism: Mechanism,
  cycle: number,
): void {
  const { mate } = payment;
  state.live = state.live.filter((p) => p !== payment && p !== mate);
  const tell = ({ record, identity }: LivePayment, legs: readonly Leg[]): void => {
    write(state, 'settled', {
      ...paymentFields(record),
      ...balanceFields(legs),
      paymentPosition: record.position,
      mechanism: MECHANISMS.indexOf(mechanism),
      cycle,
    });
    identity.outcome = { kind: 'settled', reason: 'none' };
  };
  if (mate === undefined) {
    tell(payment, payment.legs);
  } else {
    tell(payment, payment.legs.slice(0, 1));
    tell(mate, payment.legs.slice(1));
  }
}

/** Lets a payment that waited come in: it settles at once, or it queues, or it is netted. */
export function enter(state: ReferenceState, payment: LivePayment): void {
  const { record, legs } = payment;
  if (isDeferred(state, record.priority, legs)) {
    const reason = judgeCaps(state, legs);
    if (reason === 'none') admit(state, payment);
    else cancel(state, payment, reason);
  } else if (mayEnter(state, record.priority, legs)) {
    bookLegs(state, record.priority, legs);
    finishSettled(state, payment, 'entry', 0);
  } else {
    queue(state, payment);
  }
}

/** Puts a payment at the end of its class in its queues. */
export function queue(state: ReferenceState, payment: LivePayment): void {
  state.orders += 1;
  state.joined += 1;
  payment.state = 'queued';
  payment.order = state.orders;
}

/** Scans one queue from its head; goes past what does not fit only where bypass allows it. */
function scan(state: ReferenceState, account: ReferenceAccount): void {
  for (const payment of queueOf(state, account)) {
    if (maySettle(state, payment)) {
      const other = payment.legs.map((leg) => leg.debit).find((debit) => debit !== account);
      const wasHead = other !== undefined && queueOf(state, other)[0] === payment;
      bookLegs(state, payment.record.priority, payment.legs);
      if (wasHead) putOnWorklist(state, other);
      finishSettled(state, payment, 'queue', 0);
    } else if (!isBypass(state, account) || payment.record.priority !== NORMAL) return;
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
  return liquidityOf(account) < 0n ? account.balance : -capacityOf(account);
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
  state.quietJoined = state.joined;
}

/** Whether a cycle of the queues can find anything new. */
function isUseful(state: ReferenceState): boolean {
  const hasChanged = state.events.length !== state.quietAt || state.joined !== state.quietJoined;
  const isOn = state.currencies.some((_, currency) => hasGrossCycles(state, currency));
  return isOn && hasChanged && queuedInEntryOrder(state).length > 0;
}

/** The next periodic cycle, at its own instant: first what is queued, then what is netted. */
export function runDueCycle(state: ReferenceState): void {
  const accepted = state.live.some((p) => p.state === 'accepted');
  const useful = isUseful(state);
  if (accepted || useful) {
    if (state.nextCycleMs > state.timeMs) state.timeMs = state.nextCycleMs;
    if (useful) runCycle(state);
    rescan(state);
    for (const currency of state.currencies.keys()) {
      if (acceptedIn(state, currency).length > 0) runNetting(state, currency);
      rescan(state);
    }
  }
  state.nextCycleMs += BigInt(state.rules?.cycleIntervalMs ?? 0);
}
