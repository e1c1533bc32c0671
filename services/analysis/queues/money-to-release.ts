/**
 * How much more money in one account releases a payment, and what settles where money comes in. The least
 * in all accounts together: best-set-and-least-money.ts. What a whole day needs: report/figures/liquidity-bounds.ts. A whole run under other rules: run/counterfactual.ts.
 */
import type { QueuedPayment, QueueState } from '../../core/settlement/queue-state.ts';
import { RELEASE_STEPS_MAX } from '../certificates/certificate-format.ts';
import {
  allOrNothing,
  type Drop,
  type Resolution,
  resolve,
  resolvedCurrencies,
} from './gridlock-resolution.ts';
import { Gross, type OnMissing } from './gross-settlement.ts';
import { type AccountName, nameOf } from './queue-set.ts';
import { afterSettling } from './settled-state.ts';

/** Money added to one account. */
export interface Injection {
  readonly account: AccountName;
  /** Minor units, 0 or more. */
  readonly amount: bigint;
}

export interface WhatIf {
  /** What settles at once and in one cycle of all currencies. */
  readonly settled: ReadonlySet<QueuedPayment>;
  /** How much more money in the account could change that, at least; null: no more could. */
  readonly step: bigint | null;
}

/** Mechanisms whose outcome `whatIf` works out; what somebody would propose is no part of it. */
const KNOWN: readonly string[] = [
  ...['none', 'gridlockResolution', 'partial', 'allOrNothing', 'proposed'],
];

/** Whether the rules of every currency are such that `whatIf` can say what they settle. */
export const isForeseeable = (state: QueueState): boolean =>
  state.mechanisms.every((m) => KNOWN.includes(m)) &&
  !state.offsets.includes(true) &&
  state.crossLimits.length === 0;

/** Whether all that settles respects the order of the queues, so that `leastPossible` is a bound. */
export const keepsOrder = (state: QueueState): boolean =>
  state.mechanisms.every((m) => KNOWN.includes(m)) && !state.bypasses.includes(true);

/**
 * Whether nobody has less than it must keep: then what may get no worse may as well not be short, and
 * a set that can settle together still can when a part of it has settled before.
 */
const isUnstrained = ({ accounts, limits }: QueueState): boolean =>
  accounts.every((a) => a.balance + a.creditLine >= 0n && a.reserved[0] + a.reserved[1] === 0n) &&
  limits.every((l) => l.position <= l.limit);

/**
 * Whether it is proven that more money never keeps a payment back (docs/settlement.md, "What holds a
 * payment"). Not where queues may be passed, where somebody has less than it must keep, and where
 * all or nothing holds linked payments: one that then settles alone lets more take part, and fail.
 */
const isMonotone = (state: QueueState): boolean =>
  !state.bypasses.includes(true) &&
  isUnstrained(state) &&
  !(state.mechanisms.includes('allOrNothing') && state.payments.some((p) => p.legs.length > 1));

/**
 * What the rules settle if money comes into an account now: rescans from it, then a cycle of all
 * currencies, each step with its rescans. Only where `isForeseeable`.
 */
export function whatIf(state: QueueState, { account, amount }: Injection): WhatIf {
  let step: bigint | null = null;
  const onMissing: OnMissing = (name, missing) => {
    if (name === account && (step === null || missing < step)) step = missing;
  };
  let now: QueueState = withMoney(state, account, amount);
  const settled = new Set<number>();
  const take = (payments: Iterable<QueuedPayment>): void => {
    const taken = new Set([...payments].map((p) => p.position));
    for (const position of taken) settled.add(position);
    now = afterSettling(now, taken);
  };
  const rescan = (accounts: Iterable<AccountName>): void => {
    const gross = new Gross(now, onMissing);
    for (const name of accounts) gross.push(name);
    gross.rescan();
    take(gross.settled);
  };
  const cycle = (set: ReadonlySet<QueuedPayment>): void => {
    if (set.size === 0) return;
    const booked = now.payments.filter((p) => set.has(p));
    take(booked);
    rescan(booked.flatMap(accountsOf));
  };
  rescan([account]);
  const joint = resolvedCurrencies(now);
  if (joint.length > 0) cycle(resolve(now, joint, new Map(), onMissing).settled);
  for (const [currency, mechanism] of state.mechanisms.entries()) {
    if (mechanism === 'partial') cycle(resolve(now, [currency], new Map(), onMissing).settled);
    if (mechanism === 'allOrNothing') cycle(allOrNothing(now, currency, new Map(), onMissing));
  }
  return { settled: new Set(state.payments.filter((p) => settled.has(p.position))), step };
}

function withMoney(state: QueueState, account: AccountName, amount: bigint): QueueState {
  const accounts = state.accounts.map((a) =>
    nameOf(a.participant, a.currency) === account ? { ...a, balance: a.balance + amount } : a,
  );
  return { ...state, accounts };
}

/** Those whose queues a booked payment lets move, in the order in which they are scanned. */
function accountsOf({ legs }: QueuedPayment): AccountName[] {
  return [
    ...legs.map((leg) => nameOf(leg.creditor, leg.currency)),
    ...legs.map((leg) => nameOf(leg.debtor, leg.currency)),
  ];
}

export type SmallestInjection =
  /** 0 where the payment settles without any. */
  | { readonly kind: 'releases'; readonly amount: bigint }
  /** No amount does. */
  | { readonly kind: 'none' }
  /** The rules cannot be worked out outside the core, or in too many steps. */
  | { readonly kind: 'unknown' };

/**
 * The smallest amount that, added to an account, settles a payment at once or in a cycle run then.
 * Exact. What settles depends on the amount through comparisons of the account's money alone, so
 * between two amounts at which one of them turns nothing changes: from a bound below which nothing
 * releases, the search goes from one such amount to the next, or halves where more never hurts.
 */
export function smallestInjection(
  state: QueueState,
  payment: QueuedPayment,
  account: AccountName,
): SmallestInjection {
  if (!isForeseeable(state)) return { kind: 'unknown' };
  const from = state.bypasses.includes(true)
    ? leastUseful(state, payment, account)
    : leastPossible(state, payment, account)?.amount;
  if (from === undefined) return { kind: 'none' };
  return isMonotone(state)
    ? halve(state, payment, account, from)
    : walk(state, payment, account, from);
}

/** Money with which an account is never short, whatever its queue settles. */
export function moreThanEnough(state: QueueState, account: AccountName): bigint {
  const own = state.accounts.find((a) => nameOf(a.participant, a.currency) === account);
  if (own === undefined) return 0n;
  const owed = state.payments
    .flatMap((p) => p.legs)
    .filter((leg) => nameOf(leg.debtor, leg.currency) === account)
    .reduce((sum, leg) => sum + leg.amount, 0n);
  return owed + own.reserved[0] + own.reserved[1] + (own.balance < 0n ? -own.balance : 0n);
}

/**
 * Where `keepsOrder`, an amount below which nothing releases a payment. Whatever settles, step by step,
 * respects the order and leaves each account at its floor or no worse, and each limit likewise: so it
 * lies in the largest such set, which only grows with the amount (docs/settlement.md).
 * @returns undefined where no amount at all does; else with the drops of one minor unit less
 */
export function leastPossible(
  state: QueueState,
  payment: QueuedPayment,
  account: AccountName,
): { readonly amount: bigint; readonly drops: readonly Drop[] } | undefined {
  const unreserved = withoutReservations(state);
  const everywhere = state.mechanisms.map((_, currency) => currency);
  const at = (amount: bigint): Resolution =>
    resolve(unreserved, everywhere, new Map([[account, amount]]));
  const enough = moreThanEnough(state, account);
  if (!at(enough).settled.has(payment)) return undefined;
  const amount = at(0n).settled.has(payment)
    ? 0n
    : leastBetween(0n, enough, (money) => at(money).settled.has(payment));
  return { amount, drops: amount === 0n ? [] : at(amount - 1n).drops };
}

/** The same queues with nothing reserved. */
export const withoutReservations = (state: QueueState): QueueState => ({
  ...state,
  accounts: state.accounts.map((a) => ({ ...a, reserved: [0n, 0n] as const })),
});

/**
 * By halving, an amount that does where one less does not: the least, of what holds from some amount on.
 * `does(not)` does not hold, `does(holds)` does.
 */
export function leastBetween(
  not: bigint,
  holds: bigint,
  does: (amount: bigint) => boolean,
): bigint {
  let [less, enough] = [not, holds];
  while (enough - less > 1n) {
    const middle = (enough + less) / 2n;
    if (does(middle)) enough = middle;
    else less = middle;
  }
  return enough;
}

function halve(
  state: QueueState,
  payment: QueuedPayment,
  account: AccountName,
  from: bigint,
): SmallestInjection {
  const releases = (amount: bigint): boolean =>
    whatIf(state, { account, amount }).settled.has(payment);
  if (releases(from)) return { kind: 'releases', amount: from };
  const enough = moreThanEnough(state, account);
  if (!releases(enough)) return { kind: 'none' };
  return { kind: 'releases', amount: leastBetween(from, enough, releases) };
}

/** Below this no amount can fund the payment, even if all that is queued for the account came in. */
function leastUseful(state: QueueState, payment: QueuedPayment, account: AccountName): bigint {
  const own = state.accounts.find((a) => nameOf(a.participant, a.currency) === account);
  if (own === undefined) return 0n;
  const sum = (payments: readonly QueuedPayment[], side: 'debtor' | 'creditor'): bigint =>
    payments
      .flatMap((p) => p.legs)
      .filter((leg) => nameOf(leg[side], leg.currency) === account)
      .reduce((total, leg) => total + leg.amount, 0n);
  const liquid = own.balance + own.creditLine;
  const has = (liquid > 0n ? liquid : 0n) + sum(state.payments, 'creditor');
  const needed = sum([payment], 'debtor') - has;
  return needed > 0n ? needed : 0n;
}

/** From an amount below which nothing releases, to the next at which something turns, and so on. */
function walk(
  state: QueueState,
  payment: QueuedPayment,
  account: AccountName,
  from: bigint,
): SmallestInjection {
  let amount = from;
  for (let steps = 0; steps < RELEASE_STEPS_MAX; steps += 1) {
    const { settled, step } = whatIf(state, { account, amount });
    if (settled.has(payment)) return { kind: 'releases', amount };
    if (step === null) return { kind: 'none' };
    amount += step;
  }
  return { kind: 'unknown' };
}
