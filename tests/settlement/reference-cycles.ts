import { MECHANISMS, type Mechanism } from '../../services/core/settlement/events.ts';
import type { Reason } from '../../services/core/settlement/reasons.ts';
import {
  CYCLE_MECHANISMS,
  type CycleMechanism,
  NONE16,
} from '../../services/core/settlement/records.ts';
import type { FlatRecord } from './flat-records.ts';
import { finishSettled, putOnWorklist } from './reference-booking.ts';
import { bookLeg } from './reference-credit-and-reservations.ts';
import {
  accountsIn,
  isShort,
  queuedIn,
  resolveGridlock,
  resolveJointly,
  unheld,
} from './reference-gridlock.ts';
import { tellHeldUp } from './reference-held-up.ts';
import { clearBanks, matchPairs } from './reference-multiple-optimisation.ts';
import { hasGrossCycles, runNetting } from './reference-netting.ts';
import { offsetQueues } from './reference-offsetting.ts';
import { rescan } from './reference-settlement.ts';
import {
  acceptedIn,
  countOf,
  type Leg,
  type LivePayment,
  type ReferenceState,
  rulesOf,
  write,
} from './reference-state.ts';

function mechanismOf(state: ReferenceState, currency: number): CycleMechanism {
  return CYCLE_MECHANISMS[rulesOf(state, currency).cycleMechanism] as CycleMechanism;
}

const offsets = (state: ReferenceState, currency: number): boolean =>
  rulesOf(state, currency).bilateralOffsetting === 1;

interface Plan {
  readonly currencies: readonly number[];
  readonly isAll: boolean;
  /** Whether what is queued is looked at. */
  queues: boolean;
  /** Whether a currency is netted even if it has accepted nothing. */
  readonly evenEmpty: boolean;
  /** Whether the mechanisms run only if bilateral offsetting settles something. */
  readonly onlyIfOffset: boolean;
}

const hasChanged = (state: ReferenceState): boolean =>
  state.events.length !== state.quietAt || state.joined !== state.quietJoined;

/** These take payments of one leg only, wherever the others' legs are. */
const holdsChains = (mechanism: CycleMechanism): boolean =>
  mechanism === 'multiple' || mechanism === 'bankClearing';

/** The set that a mechanism settles, of the queues of its currencies. */
function setOf(
  state: ReferenceState,
  mechanism: CycleMechanism,
  currencies: readonly number[],
): Set<LivePayment> {
  if (mechanism === 'multiple') return matchPairs(state, currencies[0] as number);
  if (mechanism === 'bankClearing') return clearBanks(state, currencies[0] as number);
  if (mechanism !== 'allOrNothing') return resolveGridlock(state, currencies);
  const all = unheld(state, currencies);
  const fails = accountsIn(state, currencies).some((account) => isShort(state, all, account));
  return fails ? new Set() : all;
}

function flagOf(
  state: ReferenceState,
  mechanism: CycleMechanism,
  currencies: readonly number[],
  settled: number,
  dropped: number,
): number {
  if (queuedIn(state, currencies).length === 0) return 0;
  if (settled > 0) return 1;
  if (dropped > 0) return 4;
  return resolveGridlock(state, currencies, holdsChains(mechanism)).size > 0 ? 3 : 2;
}

/** Finds a set, books it at once, then writes its events; whether it settled anything. */
function runMechanism(
  state: ReferenceState,
  mechanism: CycleMechanism,
  currencies: readonly number[],
): boolean {
  const queued = queuedIn(state, currencies);
  const { set, dropped } =
    mechanism === 'gridlockResolution'
      ? resolveJointly(state, currencies)
      : { set: setOf(state, mechanism, currencies), dropped: 0 };
  state.cycles += 1;
  write(state, 'cycled', {
    mechanism: MECHANISMS.indexOf(mechanism as Mechanism),
    priority: flagOf(state, mechanism, currencies, set.size, dropped),
    currency1: mechanism === 'gridlockResolution' ? NONE16 : (currencies[0] as number),
    cycle: state.cycles,
    count: countOf(set),
    amount1: countOf(queued) - countOf(set),
    amount2: dropped,
  });
  for (const { record, legs } of set) for (const leg of legs) bookLeg(state, record.priority, leg);
  for (const payment of queued.filter((p) => set.has(p))) {
    for (const { credit } of payment.legs) putOnWorklist(state, credit);
    for (const { debit } of payment.legs) putOnWorklist(state, debit);
    finishSettled(state, payment, mechanism as Mechanism, state.cycles);
  }
  return set.size > 0;
}

/** A cycle of some currencies: its steps, each with its rescans, then what is held up. */
function runPlan(state: ReferenceState, plan: Plan): void {
  let ownEnd = state.events.length;
  let steps = 0;
  let settledAny = false;
  let isRepeatable = false;
  const step = (settled: boolean): void => {
    steps += 1;
    settledAny ||= settled;
    ownEnd = state.events.length;
    rescan(state);
  };
  if (plan.queues && plan.currencies.some((c) => offsets(state, c))) {
    if (plan.isAll) state.passMs = state.timeMs;
    offsetQueues(state, plan.currencies);
    isRepeatable = state.events.length > ownEnd;
    step(isRepeatable);
  }
  if (plan.onlyIfOffset && !hasChanged(state)) plan.queues = false;
  const isJoint = (c: number): boolean => mechanismOf(state, c) === 'gridlockResolution';
  if (plan.queues && plan.currencies.some(isJoint))
    step(runMechanism(state, 'gridlockResolution', [...state.currencies.keys()].filter(isJoint)));
  for (const currency of plan.currencies) {
    const mechanism = mechanismOf(state, currency);
    const nets = plan.evenEmpty && mechanism === 'deferredNet';
    if (nets || acceptedIn(state, currency).length > 0) runNetting(state, currency);
    rescan(state);
    const others = ['none', 'gridlockResolution', 'deferredNet', 'proposed'];
    if (!plan.queues || others.includes(mechanism)) continue;
    isRepeatable ||= mechanism === 'multiple' || mechanism === 'bankClearing';
    step(runMechanism(state, mechanism, [currency]));
  }
  const isDisturbed = state.events.length !== ownEnd || (settledAny && (steps > 1 || isRepeatable));
  if (state.rules?.certificates === 1 && (settledAny || (plan.queues && steps > 0)))
    tellHeldUp(state);
  if (!plan.isAll || steps === 0) return;
  state.quietAt = isDisturbed ? -1 : state.events.length;
  state.quietJoined = state.joined;
}

/** A cycle of one currency or of all, whether anything can be done or not. */
export function runCyclesOf(
  state: ReferenceState,
  currencies: readonly number[],
  isAll = false,
): void {
  runPlan(state, { currencies, isAll, queues: true, evenEmpty: true, onlyIfOffset: false });
}

export function applyCycle(state: ReferenceState, { currency1 }: FlatRecord): Reason {
  const all = [...state.currencies.keys()];
  const isAll = currency1 === NONE16;
  const currencies = isAll ? all : all.filter((c) => c === currency1);
  if (!currencies.some((c) => mechanismOf(state, c) !== 'none' || offsets(state, c)))
    return 'recordInvalid';
  runCyclesOf(state, currencies, isAll);
  return 'none';
}

/** When a queued payment next reaches its minimum time for bilateral offsetting, after an instant. */
function firstToMature(state: ReferenceState, afterMs: bigint): bigint | undefined {
  let first: bigint | undefined;
  for (const { state: place, queuedMs, legs } of state.live) {
    if (place !== 'queued' || queuedMs === undefined) continue;
    const { currency } = (legs[0] as Leg).debit;
    const dueMs = queuedMs + BigInt(rulesOf(state, currency).offsettingMinimumMs);
    if (!offsets(state, currency) || dueMs <= afterMs) continue;
    if (first === undefined || dueMs < first) first = dueMs;
  }
  return first;
}

/** Leaves out the periodic cycles before an instant: none of them would find anything. */
function skipCycles(state: ReferenceState, beforeMs: bigint): void {
  const intervalMs = BigInt(state.rules?.cycleIntervalMs ?? 0);
  const leftMs = beforeMs - state.nextCycleMs;
  if (leftMs > 0n) state.nextCycleMs += ((leftMs + intervalMs - 1n) / intervalMs) * intervalMs;
}

/**
 * The next periodic cycle, at its own instant, and those after it that are due as well, while they have
 * nothing to do: what is queued and accepted does not change without an event.
 */
export function runDueCycle(state: ReferenceState, untilMs: bigint): void {
  const currencies = [...state.currencies.keys()];
  const atMs = state.nextCycleMs > state.timeMs ? state.nextCycleMs : state.timeMs;
  state.nextCycleMs += BigInt(state.rules?.cycleIntervalMs ?? 0);
  const isQueued = state.live.some((p) => p.state === 'queued');
  const isAccepted = state.live.some((p) => p.state === 'accepted');
  const changed = hasChanged(state);
  // Offsetting depends on the time as well, but only through what reaches its minimum time.
  const maturesMs = firstToMature(state, state.passMs) ?? untilMs + 1n;
  const isGross = currencies.some((c) => hasGrossCycles(state, c) || offsets(state, c));
  const queues = isQueued && isGross && (changed || maturesMs <= atMs);
  if (!queues && !isAccepted) {
    const isLater = !isQueued || !isGross || maturesMs > untilMs;
    skipCycles(state, isLater ? untilMs + 1n : maturesMs);
    return;
  }
  state.timeMs = atMs;
  const others = { isAll: true, evenEmpty: false, onlyIfOffset: !changed };
  runPlan(state, { currencies, queues, ...others });
}
