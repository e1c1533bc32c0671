import { Gross, type OnMissing } from './gross.ts';
import { type AccountName, nameOf } from './queue-set.ts';
import type { QueuedPayment, QueueState } from './queue-state.ts';
import { allOrNothing, resolve, resolvedCurrencies } from './resolution.ts';
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

/** Mechanisms whose outcome `whatIf` works out. */
const KNOWN: readonly string[] = ['none', 'gridlockResolution', 'partial', 'allOrNothing'];

/** Whether the rules of every currency are such that `whatIf` can say what they settle. */
export const isForeseeable = (state: QueueState): boolean =>
  state.mechanisms.every((m) => KNOWN.includes(m)) &&
  !state.offsets.includes(true) &&
  state.crossLimits.length === 0;

/**
 * Whether more money never keeps a payment back: true where no queue may be passed. What settles by
 * itself then does so with more money too, and the rest is the largest set, or all or nothing.
 */
const isMonotone = (state: QueueState): boolean => !state.bypasses.includes(true);

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

/** Steps after which a search among rules that are not monotone gives up. */
const STEPS_MAX = 5000;

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
 * between two amounts at which one of them turns nothing changes: the search goes from one such
 * amount to the next, or halves the range where more money never hurts.
 */
export function smallestInjection(
  state: QueueState,
  payment: QueuedPayment,
  account: AccountName,
): SmallestInjection {
  if (!isForeseeable(state)) return { kind: 'unknown' };
  const now = whatIf(state, { account, amount: 0n });
  if (now.settled.has(payment)) return { kind: 'releases', amount: 0n };
  return isMonotone(state)
    ? halve(state, payment, account)
    : walk(state, payment, account, leastUseful(state, payment, account));
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

function halve(state: QueueState, payment: QueuedPayment, account: AccountName): SmallestInjection {
  const releases = (amount: bigint): boolean =>
    whatIf(state, { account, amount }).settled.has(payment);
  let enough = moreThanEnough(state, account);
  if (!releases(enough)) return { kind: 'none' };
  let tooLittle = 0n;
  while (enough - tooLittle > 1n) {
    const middle = (enough + tooLittle) / 2n;
    if (releases(middle)) enough = middle;
    else tooLittle = middle;
  }
  return { kind: 'releases', amount: enough };
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

function walk(
  state: QueueState,
  payment: QueuedPayment,
  account: AccountName,
  from: bigint,
): SmallestInjection {
  let amount = from;
  for (let steps = 0; steps < STEPS_MAX; steps += 1) {
    const { settled, step } = whatIf(state, { account, amount });
    if (settled.has(payment)) return { kind: 'releases', amount };
    if (step === null) return { kind: 'none' };
    amount += step;
  }
  return { kind: 'unknown' };
}
