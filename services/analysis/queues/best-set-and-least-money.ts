import type {
  QueueAccount,
  QueuedPayment,
  QueueLimit,
  QueueState,
} from '../../core/settlement/queue-state.ts';
import { namesOf, resolve } from './gridlock-resolution.ts';
import { ProgramBuilder, type SolveProgram } from './integer-program.ts';
import { type AccountName, byClass, nameOf, QueueSet } from './queue-set.ts';

/**
 * Exact answers that need an integer program: the Bank Clearing Problem (the best set that can settle,
 * whatever the order of the queues; NP-hard), and the least money in all accounts together that
 * releases a payment (it contains a knapsack). Limits, reservations and linked legs are as everywhere.
 *
 * The solver computes in doubles. What it proposes is checked here in whole numbers; a set that is not
 * allowed is cut off and the program solved again.
 */
export interface Optimum {
  readonly settled: ReadonlySet<QueuedPayment>;
  /** Of the objective. */
  readonly value: bigint;
  /** No allowed set has more, as far as the solver's arithmetic goes. */
  readonly bound: bigint;
}

export interface Minimum {
  /** Money to add, by account; above 0. */
  readonly injections: ReadonlyMap<AccountName, bigint>;
  /** What settles with it, the payment among it. */
  readonly settled: ReadonlySet<QueuedPayment>;
  /** Weighted sum of the injections, and the least that it can be, as far as the solver's arithmetic goes. */
  readonly value: bigint;
  readonly bound: bigint;
}

/** That no money releases a payment, or that none was found in the time or the tries given. */
export type NoMoney = 'none' | 'notFound';

/** What settling a payment is worth. */
export type Objective = (payment: QueuedPayment) => bigint;

export const byNumber: Objective = () => 1n;
/** The sum of amounts in one currency. */
export const byValue =
  (currency: number): Objective =>
  ({ legs }) =>
    legs.reduce((sum, leg) => (leg.currency === currency ? sum + leg.amount : sum), 0n);

/** Sets that may be cut off before the search gives up. */
const CUTS_MAX = 50;

/** Columns of the payments that may take part: those whose legs all lie in the currencies. */
function paymentColumns(
  builder: ProgramBuilder,
  state: QueueState,
  currencies: readonly number[],
  worth: Objective,
): Map<QueuedPayment, number> {
  const columns = new Map<QueuedPayment, number>();
  for (const payment of state.payments)
    if (!payment.isHeld && payment.legs.every((leg) => currencies.includes(leg.currency)))
      columns.set(payment, builder.column(true, worth(payment), 1n));
  return columns;
}

type Entries = [number, bigint][];

/** What the set moves into an account, and out of it by class. */
function flows(columns: ReadonlyMap<QueuedPayment, number>, account: QueueAccount) {
  const into: Entries = [];
  const out: [Entries, Entries, Entries] = [[], [], []];
  for (const [payment, column] of columns)
    for (const { debtor, creditor, currency, amount } of payment.legs) {
      if (currency !== account.currency) continue;
      if (creditor === account.participant) into.push([column, amount]);
      if (debtor === account.participant) out[payment.priority as 0 | 1 | 2].push([column, amount]);
    }
  return { into, out };
}

const negative = (entries: Entries): Entries => entries.map(([column, x]) => [column, -x]);
const total = (entries: Entries): bigint => entries.reduce((sum, [, x]) => sum + x, 0n);

/**
 * An account ends at its threshold or above, or no worse than it began.
 * @param money column of what is added to its balance, or null
 */
function boundAccount(
  builder: ProgramBuilder,
  columns: ReadonlyMap<QueuedPayment, number>,
  account: QueueAccount,
  money: number | null,
): void {
  const { into, out } = flows(columns, account);
  const all = out.flat() as Entries;
  if (all.length === 0) return;
  const net: Entries = [...into, ...negative(all)];
  const missing = -account.creditLine - account.balance;
  const added: Entries = money === null ? [] : [[money, 1n]];
  const [urgent, high] = account.reserved;
  const isPlain = urgent === 0n && high === 0n;
  if (isPlain && (missing <= 0n || money === null)) {
    // Below its floor an account may not get worse; above it the floor is what counts.
    builder.atLeast(missing > 0n ? 0n : missing, [...net, ...added]);
    return;
  }
  // 1: the account ends no worse than it began, and no threshold counts.
  const escapes = builder.column(true, 0n, 1n);
  const most = total(all) + (missing > 0n ? missing : 0n) + urgent + high;
  builder.atLeast(-most, [...net, [escapes, -most]]);
  builder.atLeast(missing, [...net, ...added, [escapes, most]]);
  if (isPlain) return;
  const belowUrgent = builder.column(true, 0n, 1n);
  const normal = builder.column(true, 0n, 1n);
  for (const [column] of [...out[1], ...out[2]])
    builder.atLeast(0n, [
      [belowUrgent, 1n],
      [column, -1n],
    ]);
  for (const [column] of out[2])
    builder.atLeast(0n, [
      [normal, 1n],
      [column, -1n],
    ]);
  // What is left of each reservation once its own class has used it.
  const leftUrgent = builder.column(false, 0n, urgent);
  const leftHigh = builder.column(false, 0n, high);
  builder.atLeast(urgent, [[leftUrgent, 1n], ...out[0]]);
  builder.atLeast(high, [[leftHigh, 1n], ...out[1]]);
  const free: Entries = [...net, ...added, [escapes, most]];
  builder.atLeast(missing - urgent, [...free, [leftUrgent, -1n], [belowUrgent, -urgent]]);
  builder.atLeast(missing - urgent - high, [
    ...free,
    [leftUrgent, -1n],
    [leftHigh, -1n],
    [normal, -urgent - high],
  ]);
}

function boundLimit(
  builder: ProgramBuilder,
  columns: ReadonlyMap<QueuedPayment, number>,
  state: QueueState,
  { participant, currency, counterparty, limit, position }: QueueLimit,
): void {
  const named = state.limits
    .filter((l) => l.participant === participant && l.currency === currency)
    .map((l) => l.counterparty);
  const counts = (other: number): boolean =>
    counterparty === null ? !named.includes(other) : other === counterparty;
  const moved: Entries = [];
  for (const [payment, column] of columns)
    for (const leg of payment.legs.filter((l) => l.currency === currency)) {
      if (leg.debtor === participant && counts(leg.creditor)) moved.push([column, -leg.amount]);
      if (leg.creditor === participant && counts(leg.debtor)) moved.push([column, leg.amount]);
    }
  const room = limit - position;
  builder.atLeast(room > 0n ? -room : 0n, moved);
}

/** What a set leaves short: empty where it is allowed. */
function shortagesBy(state: QueueState, settled: ReadonlySet<QueuedPayment>) {
  const set = new QueueSet(state);
  for (const payment of settled) set.add(payment);
  return namesOf(state).flatMap((name, place) => set.shortages(place).map((s) => ({ name, ...s })));
}

/** No set with exactly these payments again. */
function cutOff(
  builder: ProgramBuilder,
  columns: ReadonlyMap<QueuedPayment, number>,
  settled: ReadonlySet<QueuedPayment>,
): void {
  const entries: Entries = [...columns].map(([p, column]) => [column, settled.has(p) ? -1n : 1n]);
  builder.atLeast(1n - BigInt(settled.size), entries);
}

/**
 * The best set that can settle, whatever the order of the queues.
 * @param currencies whose payments take part, with all their legs
 * @param worth what is to be as much as can be
 * @param timeLimitSeconds for each call of the solver, of which there is mostly one
 * @throws RangeError where the amounts are too large for the solver
 */
export function bestSet(
  state: QueueState,
  currencies: readonly number[],
  worth: Objective,
  solve: SolveProgram,
  timeLimitSeconds: number,
): Optimum {
  const builder = new ProgramBuilder();
  const columns = paymentColumns(builder, state, currencies, worth);
  for (const account of state.accounts)
    if (currencies.includes(account.currency)) boundAccount(builder, columns, account, null);
  for (const limit of state.limits)
    if (currencies.includes(limit.currency)) boundLimit(builder, columns, state, limit);
  const worthOf = (set: ReadonlySet<QueuedPayment>): bigint =>
    [...set].reduce((sum, p) => sum + worth(p), 0n);
  // Allowed whatever the solver finds.
  const ordered = new Set(resolve(state, currencies).settled);
  let bound = worthOf(new Set(columns.keys()));
  for (let cuts = 0; cuts < CUTS_MAX; cuts += 1) {
    const program = { sense: 'maximise', columns: builder.columns, rows: builder.rows } as const;
    const solution = solve(program, timeLimitSeconds);
    if (solution.bound !== null && solution.bound < bound) bound = solution.bound;
    const { values } = solution;
    if (values === null) break;
    const settled = new Set([...columns].flatMap(([p, c]) => ((values[c] ?? 0) > 0.5 ? [p] : [])));
    if (shortagesBy(state, settled).length > 0) {
      cutOff(builder, columns, settled);
      continue;
    }
    if (worthOf(settled) < worthOf(ordered)) break;
    const value = worthOf(settled);
    return { settled, value, bound: bound > value ? bound : value };
  }
  const value = worthOf(ordered);
  return { settled: ordered, value, bound: bound > value ? bound : value };
}

/**
 * The least money, added to any accounts, that brings a payment into a set which can settle and respects
 * the order of the queues; null where limits keep it out whatever is added, or nothing was found in
 * time.
 * @param weights what a minor unit of each currency counts, above 0
 */
export function leastMoney(
  state: QueueState,
  currencies: readonly number[],
  payment: QueuedPayment,
  weights: readonly bigint[],
  solve: SolveProgram,
  timeLimitSeconds: number,
): Minimum | NoMoney {
  const builder = new ProgramBuilder();
  const columns = paymentColumns(builder, state, currencies, () => 0n);
  const asked = columns.get(payment);
  if (asked === undefined) return 'none';
  builder.atLeast(1n, [[asked, 1n]]);
  orderQueues(builder, columns, state);
  for (const account of state.accounts) {
    if (!currencies.includes(account.currency)) continue;
    const money = builder.column(true, weights[account.currency] ?? 1n, null);
    boundAccount(builder, columns, account, money);
  }
  for (const limit of state.limits)
    if (currencies.includes(limit.currency)) boundLimit(builder, columns, state, limit);
  for (let cuts = 0; cuts < CUTS_MAX; cuts += 1) {
    const program = { sense: 'minimise', columns: builder.columns, rows: builder.rows } as const;
    const { status, values, bound } = solve(program, timeLimitSeconds);
    if (values === null) return status === 'infeasible' ? 'none' : 'notFound';
    const settled = new Set([...columns].flatMap(([p, c]) => ((values[c] ?? 0) > 0.5 ? [p] : [])));
    const shortages = shortagesBy(state, settled);
    if (shortages.some(({ by }) => by !== 'balance') || !settled.has(payment)) {
      cutOff(builder, columns, settled);
      continue;
    }
    const injections = new Map(shortages.map(({ name, amount }) => [name, amount]));
    const value = shortages.reduce((sum, s) => sum + s.amount * (weights[s.currency] ?? 1n), 0n);
    return { injections, settled, value, bound: bound !== null && bound < value ? bound : value };
  }
  return 'notFound';
}

/** A payment goes only if what stands before it in each of its queues goes. */
function orderQueues(
  builder: ProgramBuilder,
  columns: ReadonlyMap<QueuedPayment, number>,
  state: QueueState,
): void {
  const last = new Map<AccountName, QueuedPayment>();
  for (const payment of byClass(state.payments))
    for (const { debtor, currency } of payment.legs) {
      const queue = nameOf(debtor, currency);
      const before = last.get(queue);
      last.set(queue, payment);
      const own = columns.get(payment);
      if (before === undefined || own === undefined) continue;
      const first = columns.get(before);
      // What takes no part blocks what stands behind it.
      builder.atLeast(
        0n,
        first === undefined
          ? [[own, -1n]]
          : [
              [first, 1n],
              [own, -1n],
            ],
      );
    }
}
