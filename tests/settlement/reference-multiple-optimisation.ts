import { freeOf, limitBetween } from './reference-credit-and-reservations.ts';
import { missingAcross } from './reference-cross-limits.ts';
import {
  accountsIn,
  exceededBy,
  isShort,
  missingOf,
  netOf,
  type PaymentSet,
  queuedIn,
  resolveGridlock,
} from './reference-gridlock.ts';
import {
  isChainLeg,
  type Leg,
  type LivePayment,
  queueOf,
  type ReferenceAccount,
  type ReferenceState,
} from './reference-state.ts';

const legOf = (payment: LivePayment): Leg => payment.legs[0] as Leg;
const amountOf = (payment: LivePayment): bigint => legOf(payment).amount;

function eligible(state: ReferenceState, currency: number): LivePayment[] {
  return queuedIn(state, [currency]).filter((p) => p.legs.length === 1 && !isChainLeg(p.record));
}

function byFallingAmount(payments: LivePayment[], later: 1 | -1): LivePayment[] {
  return payments.sort((a, b) => {
    const difference = amountOf(b) - amountOf(a);
    if (difference !== 0n) return difference > 0n ? 1 : -1;
    return later * (b.identity.serial - a.identity.serial);
  });
}

function debitsOf(set: PaymentSet, account: ReferenceAccount): LivePayment[] {
  return [...set].filter((p) => legOf(p).debit === account);
}

/** Gives up, from the queue's end, what counts on a limit that is exceeded. */
function keepLimits(state: ReferenceState, set: Set<LivePayment>, account: ReferenceAccount): void {
  for (const payment of queueOf(state, account).reverse()) {
    if (!set.has(payment)) continue;
    const limit = limitBetween(state, account, legOf(payment).credit);
    if (exceededBy(state, set, account).some((one) => one.limit === limit)) set.delete(payment);
  }
}

/** Gives up payments worth the shortfall; the one that is tried only where nothing else is left. */
function coverShortfall(
  state: ReferenceState,
  set: Set<LivePayment>,
  account: ReferenceAccount,
  tried: LivePayment | undefined,
): void {
  const within = missingOf(set, account);
  const across = missingAcross(state, account, freeOf(account) + netOf(set, account));
  const missing = across > within ? across : within;
  // Beyond 64 bits a shortfall is covered in parts.
  let still = missing < 2n ** 64n ? missing : 2n ** 64n - 1n;
  const left: LivePayment[] = [];
  for (const payment of byFallingAmount(debitsOf(set, account), 1)) {
    if (payment === tried) continue;
    if (still > 0n && amountOf(payment) <= still) {
      set.delete(payment);
      still -= amountOf(payment);
    } else left.push(payment);
  }
  const last = left.at(-1) ?? debitsOf(set, account).find((p) => p === tried);
  if (still > 0n && last !== undefined) set.delete(last);
}

function eliminate(
  state: ReferenceState,
  set: Set<LivePayment>,
  currency: number,
  tried?: LivePayment,
): void {
  const accounts = accountsIn(state, [currency]);
  while (accounts.some((account) => isShort(state, set, account))) {
    for (const account of accounts) {
      if (!isShort(state, set, account)) continue;
      keepLimits(state, set, account);
      while (isShort(state, set, account)) coverShortfall(state, set, account, tried);
    }
  }
}

function refill(state: ReferenceState, set: Set<LivePayment>, currency: number): void {
  const outside = eligible(state, currency).filter((p) => !set.has(p));
  const ordered = byFallingAmount(outside, -1);
  for (let before = -1; before !== set.size; ) {
    before = set.size;
    for (const payment of ordered) {
      if (set.has(payment)) continue;
      set.add(payment);
      if (isShort(state, set, legOf(payment).debit)) set.delete(payment);
    }
  }
}

const totalOf = (set: PaymentSet): bigint =>
  [...set].reduce((sum, payment) => sum + amountOf(payment), 0n);

/** How many of the largest payments outside are tried in the set, one by one. */
const TRIALS = 16;

/** The heuristic for the Bank Clearing Problem: the better of two greedy sets, then trials. */
export function clearBanks(state: ReferenceState, currency: number): Set<LivePayment> {
  const inOrder = resolveGridlock(state, [currency], true);
  refill(state, inOrder, currency);
  const free = new Set(eligible(state, currency));
  eliminate(state, free, currency);
  refill(state, free, currency);
  let best = totalOf(free) > totalOf(inOrder) ? free : inOrder;
  const outside = eligible(state, currency).filter((p) => !best.has(p));
  for (const tried of byFallingAmount(outside, -1).slice(0, TRIALS)) {
    if (best.has(tried)) continue;
    const trial = new Set(best).add(tried);
    eliminate(state, trial, currency, tried);
    refill(state, trial, currency);
    if (totalOf(trial) > totalOf(best)) best = trial;
  }
  return best;
}

interface Pair {
  readonly accounts: readonly [ReferenceAccount, ReferenceAccount];
  readonly payments: LivePayment[];
}

function pairsIn(state: ReferenceState, currency: number): Pair[] {
  const accounts = accountsIn(state, [currency]);
  const payments = eligible(state, currency);
  const from = (debit: ReferenceAccount, credit: ReferenceAccount): LivePayment[] =>
    payments.filter((p) => legOf(p).debit === debit && legOf(p).credit === credit);
  return accounts.flatMap((a, i) =>
    accounts.slice(i + 1).flatMap((b): Pair[] => {
      const [there, back] = [from(a, b), from(b, a)];
      if (there.length === 0 || back.length === 0) return [];
      return [{ accounts: [a, b], payments: [...there, ...back] }];
    }),
  );
}

function differenceOf({ accounts, payments }: Pair): bigint {
  const net = payments.reduce(
    (sum, p) => sum + (legOf(p).debit === accounts[0] ? amountOf(p) : -amountOf(p)),
    0n,
  );
  const difference = net < 0n ? -net : net;
  // Beyond 64 bits differences are not told apart.
  return difference < 2n ** 64n ? difference : 2n ** 64n - 1n;
}

/** Multiple optimisation: pairs, smallest mutual difference first; who is short gives up its last. */
export function matchPairs(state: ReferenceState, currency: number): Set<LivePayment> {
  const set = new Set<LivePayment>();
  const pairs = pairsIn(state, currency);
  const differences = new Map(pairs.map((pair) => [pair, differenceOf(pair)]));
  const of = (pair: Pair): bigint => differences.get(pair) as bigint;
  pairs.sort((a, b) => (of(a) === of(b) ? 0 : of(a) < of(b) ? -1 : 1));
  for (const { accounts, payments } of pairs) {
    for (const payment of payments) set.add(payment);
    const short = (): ReferenceAccount | undefined => accounts.find((a) => isShort(state, set, a));
    for (let account = short(); account !== undefined; account = short()) {
      const last = queueOf(state, account).findLast((p) => set.has(p) && payments.includes(p));
      set.delete(last as LivePayment);
    }
  }
  return set;
}
