import type { QueueAccount, QueuedPayment, QueueState } from '../../core/settlement/queue-state.ts';
import type { CycleMechanism } from '../../core/settlement/records.ts';
import type { OnMissing } from './gross-settlement.ts';
import { type AccountName, byClass, nameOf, QueueSet, type Shortage } from './queue-set.ts';

/** Why a payment is not in the largest set. */
type Because =
  | { readonly kind: 'short'; readonly shortage: Shortage }
  /** It stands behind a payment that went before, in the queue of this account. */
  | { readonly kind: 'behind'; readonly participant: number; readonly currency: number }
  /** Another leg is in a currency whose cycles do something else, or no chain takes part. */
  | { readonly kind: 'held' };

export interface Drop {
  readonly payment: QueuedPayment;
  readonly because: Because;
}

export interface Resolution {
  /** The largest feasible set that respects the queues' order. */
  readonly settled: ReadonlySet<QueuedPayment>;
  /** In the order in which they went. */
  readonly drops: readonly Drop[];
}

/** The currencies whose gridlocks are resolved together. */
export function resolvedCurrencies({ mechanisms }: Pick<QueueState, 'mechanisms'>): number[] {
  return mechanisms.flatMap((m, currency) => (m === 'gridlockResolution' ? [currency] : []));
}

/** Money added to accounts before a resolution, in minor units. */
export type Injections = ReadonlyMap<AccountName, bigint>;

/** Whether a mechanism settles no chain, even one that lies in its currency whole. */
export const holdsChains = (mechanism: CycleMechanism): boolean =>
  mechanism === 'multiple' || mechanism === 'bankClearing';

/**
 * Gridlock resolution over some currencies, outside the core: everything starts in, and while an
 * account is short the last payment of its queue goes, with all that stands behind it anywhere.
 * @param areChainsHeld whether no chain takes part, as no payment with a leg in another currency does
 */
export function resolve(
  state: QueueState,
  currencies: readonly number[],
  injections: Injections = new Map(),
  onMissing: OnMissing = () => {},
  areChainsHeld = false,
): Resolution {
  const set = new QueueSet(state);
  const isIn = (currency: number): boolean => currencies.includes(currency);
  const drops: Drop[] = [];
  const names = namesOf(state);
  /** Accounts to be looked at, by their places. */
  const todo: number[] = [];
  // Where the set's part of each queue ends.
  const ends = names.map((_, place) => set.queueAt(place).length);

  function drop(payment: QueuedPayment, because: Because): void {
    if (!set.members.has(payment)) return;
    set.remove(payment);
    drops.push({ payment, because });
    for (const { debtor, creditor, currency } of payment.legs)
      if (isIn(currency)) todo.push(set.placeOf(debtor, currency), set.placeOf(creditor, currency));
  }

  /** Cuts a queue back to what stands before the first payment that has gone. */
  function cut(place: number): void {
    const queue = set.queueAt(place);
    let end = ends[place] as number;
    // Behind the end stands none of the set's.
    if (set.membersAt(place) < end) {
      const gone = queue.findIndex((p) => !set.members.has(p));
      const { participant, currency } = state.accounts[place] as QueueAccount;
      for (; end > gone; end -= 1)
        drop(queue[end - 1] as QueuedPayment, { kind: 'behind', participant, currency });
      ends[place] = end;
    }
    const name = names[place] as AccountName;
    const [shortage] = set.shortages(place, injections.get(name));
    if (shortage === undefined) return;
    if (shortage.by === 'balance') onMissing(name, shortage.amount);
    const last = queue[end - 1];
    if (last === undefined) throw new Error(`${name} is short without paying anything`);
    todo.push(place);
    drop(last, { kind: 'short', shortage });
    ends[place] = end - 1;
  }

  for (const payment of state.payments)
    if (payment.legs.some((leg) => isIn(leg.currency))) set.add(payment);
  for (const payment of [...set.members])
    if (
      payment.isHeld ||
      (areChainsHeld && payment.isChain) ||
      !payment.legs.every((leg) => isIn(leg.currency))
    )
      drop(payment, { kind: 'held' });
  for (const [place, { currency }] of state.accounts.entries())
    if (isIn(currency)) todo.push(place);
  for (let place = todo.pop(); place !== undefined; place = todo.pop()) cut(place);
  return { settled: set.members, drops };
}

/** Of the accounts, by their places. */
export const namesOf = ({ accounts }: QueueState): AccountName[] =>
  accounts.map(({ participant, currency }) => nameOf(participant, currency));

const NORMAL = 2;

type IsBefore = (before: QueuedPayment, member: QueuedPayment, currency: number) => boolean;

/** What must go first: all that stands before it in its queues, and whatever must go before that. */
function behindWhat(set: QueueSet, payment: QueuedPayment, isBefore: IsBefore): Set<QueuedPayment> {
  const closure = new Set([payment]);
  for (const member of closure)
    for (const leg of member.legs)
      for (const before of set.queueOf(leg)) {
        if (before === member) break;
        if (isBefore(before, member, leg.currency)) closure.add(before);
      }
  return closure;
}

/** A payment, everything before it in its queues, and everything before that. */
export const closureOf = (state: QueueState, payment: QueuedPayment): Set<QueuedPayment> =>
  behindWhat(new QueueSet(state), payment, () => true);

/** The same without what it may pass: under bypass FIFO normal payments do not wait for each other. */
export const mustGoFirst = (state: QueueState, payment: QueuedPayment): Set<QueuedPayment> =>
  behindWhat(new QueueSet(state), payment, unlessPassed(state));

const unlessPassed =
  ({ bypasses }: QueueState): IsBefore =>
  (before, member, currency) => {
    const passes = bypasses[currency] === true && member.priority === NORMAL;
    return !passes || before.priority !== NORMAL;
  };

/** What a set leaves short, account by account in their order: of those who pay something in it. */
function shortagesIn(set: QueueSet): Shortage[] {
  const payers = new Set<number>();
  const places = new Set<number>();
  for (const { legs } of set.members)
    for (const { debtor, currency } of legs) {
      payers.add(debtor);
      places.add(set.placeOf(debtor, currency));
    }
  const inOrder = [...places].sort((a, b) => a - b);
  return [...inOrder.flatMap((place) => set.shortages(place)), ...set.shortagesAcross(payers)];
}

/** What a payment's closure, or another set with it, leaves short where it stands, account by account. */
export function shortagesOf(
  state: QueueState,
  payment: QueuedPayment,
  closure: ReadonlySet<QueuedPayment> = closureOf(state, payment),
): Shortage[] {
  const set = new QueueSet(state);
  for (const member of closure) set.add(member);
  return shortagesIn(set);
}

/**
 * The same of the closures of many payments: one set that each of them fills and empties.
 * @param mayPass without what each may pass, as `mustGoFirst`
 */
export function* shortagesOfEach(
  state: QueueState,
  payments: Iterable<QueuedPayment>,
  mayPass = false,
): Generator<{ readonly payment: QueuedPayment; readonly shortages: readonly Shortage[] }> {
  const set = new QueueSet(state);
  for (const payment of payments) {
    const closure = behindWhat(set, payment, mayPass ? unlessPassed(state) : () => true);
    for (const member of closure) set.add(member);
    yield { payment, shortages: shortagesIn(set) };
    for (const member of closure) set.remove(member);
  }
}

/** Whether all that takes part in one currency, less what is held and what stands behind that, fits. */
export function allOrNothing(
  state: QueueState,
  currency: number,
  injections: Injections = new Map(),
  onMissing: OnMissing = () => {},
): ReadonlySet<QueuedPayment> {
  const set = new QueueSet(state);
  const isHeld = (p: QueuedPayment): boolean => p.legs.some((leg) => leg.currency !== currency);
  const names = namesOf(state);
  // Where something is held: of a chain it may be any leg that stands behind it.
  const blocked = new Set<number>();
  for (const payment of byClass(state.payments)) {
    const debits = payment.legs.map((leg) => set.placeOf(leg.debtor, leg.currency));
    if (!isHeld(payment) && !debits.some((place) => blocked.has(place))) set.add(payment);
    else for (const place of debits) blocked.add(place);
  }
  let fits = true;
  for (const [place, name] of names.entries()) {
    if (state.accounts[place]?.currency !== currency) continue;
    const shortages = set.shortages(place, injections.get(name));
    for (const { by, amount } of shortages) if (by === 'balance') onMissing(name, amount);
    if (shortages.length > 0) fits = false;
  }
  return fits ? set.members : new Set();
}
