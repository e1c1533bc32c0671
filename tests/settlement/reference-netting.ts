import { MECHANISMS } from '../../services/core/settlement/events.ts';
import type { Reason } from '../../services/core/settlement/reasons.ts';
import { CYCLE_MECHANISMS, NONE16, RECORD_KINDS } from '../../services/core/settlement/records.ts';
import type { FlatRecord } from './flat-records.ts';
import { finishSettled, putOnWorklist } from './reference-booking.ts';
import { legOf, netOf, sum } from './reference-caps.ts';
import { liquidityOf } from './reference-credit-and-reservations.ts';
import { cancel, end, takeFromPlace } from './reference-endings.ts';
import { type Bearer, sharesOf } from './reference-loss-shares.ts';
import {
  acceptedIn,
  allLegsOf,
  inOrder,
  type Leg,
  type LivePayment,
  leadOf,
  paymentFields,
  type ReferenceAccount,
  type ReferenceState,
  rulesOf,
  write,
} from './reference-state.ts';

const NORMAL = 2;
const DEFERRED_NET = CYCLE_MECHANISMS.indexOf('deferredNet');
const SHARE_THE_LOSS = 1;

/** Deferred net settlement takes payments of one leg, or chains of one besides; in hybrid systems the normal class only. */
export function isDeferred(
  state: ReferenceState,
  { record: { priority, kind }, legs }: Pick<LivePayment, 'record' | 'legs'>,
): boolean {
  const { cycleMechanism, deferredNetClasses } = rulesOf(state, (legs[0] as Leg).debit.currency);
  const [netsAll, netsChains] = [deferredNetClasses % 2 === 0, deferredNetClasses >= 2];
  if (legs.length !== 1 || cycleMechanism !== DEFERRED_NET) return false;
  if (kind === RECORD_KINDS.chainLeg && !netsChains) return false;
  return netsAll || priority === NORMAL;
}

/** Whether the currency's cycles settle from its queues. */
export function hasGrossCycles(state: ReferenceState, currency: number): boolean {
  const { cycleMechanism } = rulesOf(state, currency);
  return ![0, DEFERRED_NET, CYCLE_MECHANISMS.indexOf('proposed')].includes(cycleMechanism);
}

/** Takes a payment into the netting. */
export function admit(state: ReferenceState, payment: LivePayment): void {
  state.orders += 1;
  payment.state = 'accepted';
  payment.order = state.orders;
  const { record } = payment;
  write(state, 'accepted', { ...paymentFields(record), paymentPosition: record.position });
  payment.identity.outcome = { kind: 'accepted', reason: 'none' };
}

/** The account's standing in a cycle, worked out anew for each set of payments. */
interface Cycle {
  readonly currency: number;
  readonly accounts: readonly ReferenceAccount[];
  /** What still settles. */
  readonly set: Set<LivePayment>;
  /** Those that fail in this cycle, with what they left short when they were found. */
  readonly failing: Map<ReferenceAccount, bigint>;
}

const fundsOf = (account: ReferenceAccount): bigint =>
  liquidityOf(account) > 0n ? liquidityOf(account) : 0n;

function shortfallOf(state: ReferenceState, cycle: Cycle, account: ReferenceAccount): bigint {
  const net = netOf(cycle.set, account);
  const funds = state.defaulted.has(account) ? 0n : fundsOf(account);
  return net + funds < 0n ? -net - funds : 0n;
}

function takeOut(cycle: Cycle, account: ReferenceAccount): void {
  for (const payment of cycle.set) {
    const { debit, credit } = legOf(payment);
    if (debit === account || credit === account) cycle.set.delete(payment);
  }
}

function findFailing(state: ReferenceState, cycle: Cycle): ReferenceAccount[] {
  const found = cycle.accounts.filter(
    (a) => !state.defaulted.has(a) && !cycle.failing.has(a) && shortfallOf(state, cycle, a) > 0n,
  );
  for (const account of found) cycle.failing.set(account, shortfallOf(state, cycle, account));
  return found;
}

function unwind(state: ReferenceState, cycle: Cycle): void {
  for (const account of state.defaulted) takeOut(cycle, account);
  for (let found = findFailing(state, cycle); found.length > 0; found = findFailing(state, cycle))
    for (const account of found) takeOut(cycle, account);
}

/** Who bears how much of whose shortfall. */
type Shares = readonly {
  readonly defaulter: ReferenceAccount;
  readonly by: Map<ReferenceAccount, bigint>;
}[];

/** The shares of every shortfall, or the first defaulter whose shortfall cannot be shared. */
function shareAll(state: ReferenceState, cycle: Cycle): Shares | ReferenceAccount {
  const shares: Shares[number][] = [];
  const isOut = (a: ReferenceAccount): boolean => state.defaulted.has(a) || cycle.failing.has(a);
  for (const defaulter of cycle.accounts.filter(isOut)) {
    const shortfall = shortfallOf(state, cycle, defaulter);
    if (shortfall === 0n) continue;
    const bearers = cycle.accounts.flatMap((account): Bearer[] => {
      const cap = state.bilateralCaps.get(account)?.get(defaulter) ?? 0n;
      const borne = sum(shares.map(({ by }) => by.get(account) ?? 0n));
      const funds = fundsOf(account) + netOf(cycle.set, account) - borne;
      return cap > 0n && !isOut(account) ? [{ account, cap, funds }] : [];
    });
    const by = sharesOf(shortfall, bearers);
    if (by === undefined) return defaulter;
    shares.push({ defaulter, by });
  }
  return shares;
}

function shareLosses(state: ReferenceState, cycle: Cycle): Shares {
  for (;;) {
    findFailing(state, cycle);
    const shares = shareAll(state, cycle);
    if (!('participant' in shares)) return shares;
    takeOut(cycle, shares);
  }
}

/** Nets and settles, or unwinds, all that a currency has accepted. */
export function runNetting(state: ReferenceState, currency: number): void {
  const accepted = acceptedIn(state, currency);
  const accounts = [...state.accounts.values()]
    .filter((account) => account.currency === currency)
    .sort((a, b) => a.participant - b.participant);
  const cycle: Cycle = { currency, accounts, set: new Set(accepted), failing: new Map() };
  let shares: Shares = [];
  if (rulesOf(state, currency).defaultRule === SHARE_THE_LOSS) shares = shareLosses(state, cycle);
  else unwind(state, cycle);
  const nets = new Map(
    accounts.map((a) => {
      const isOut = state.defaulted.has(a) || cycle.failing.has(a);
      return [a, netOf(cycle.set, a) + (isOut ? shortfallOf(state, cycle, a) : 0n)];
    }),
  );
  for (const account of accounts) {
    const borne = sum(shares.map(({ by }) => by.get(account) ?? 0n));
    account.balance += (nets.get(account) ?? 0n) - borne;
  }
  state.cycles += 1;
  write(state, 'cycled', {
    mechanism: MECHANISMS.indexOf('deferredNet'),
    priority: accepted.length === 0 ? 0 : cycle.set.size > 0 ? 1 : 2,
    currency1: currency,
    cycle: state.cycles,
    count: cycle.set.size,
    amount1: accepted.length - cycle.set.size,
  });
  tell(state, cycle, shares, nets, accepted);
  for (const account of cycle.failing.keys()) state.defaulted.add(account);
  if (cycle.failing.size > 0) cancelDebitsOfDefaulted(state);
}

/** The events of a cycle after its first. */
function tell(
  state: ReferenceState,
  cycle: Cycle,
  shares: Shares,
  nets: Map<ReferenceAccount, bigint>,
  accepted: readonly LivePayment[],
): void {
  const about = (account: ReferenceAccount, amount1: bigint) => ({
    debtorAgent: account.participant,
    currency1: cycle.currency,
    amount1,
    cycle: state.cycles,
    balance1: account.balance,
  });
  for (const account of cycle.accounts) {
    const shortfall = cycle.failing.get(account);
    if (shortfall !== undefined && account.earmarked > 0n)
      state.note('fails in a cycle beside what is set aside');
    if (shortfall !== undefined) write(state, 'defaulted', about(account, shortfall));
  }
  for (const { defaulter, by } of shares)
    for (const account of cycle.accounts) {
      const share = by.get(account) ?? 0n;
      const fields = { ...about(account, share), creditorAgent: defaulter.participant };
      if (share > 0n && account.earmarked > 0n) state.note('bears a loss beside what is set aside');
      if (share > 0n) write(state, 'lossShared', fields);
    }
  for (const payment of accepted)
    if (!cycle.set.has(payment)) end(state, payment, 'unwound', 'participantDefaulted');
  const settling = [...cycle.set].map(legOf).flatMap(({ debit, credit }) => [debit, credit]);
  for (const account of cycle.accounts) {
    if (!settling.includes(account)) continue;
    write(state, 'netted', about(account, nets.get(account) ?? 0n));
    putOnWorklist(state, account);
  }
  for (const payment of cycle.set) finishSettled(state, payment, 'deferredNet', state.cycles);
}

export function debitsDefaulted(state: ReferenceState, legs: readonly Leg[]): boolean {
  return legs.some(({ debit }) => state.defaulted.has(debit));
}

/** What waits, then what is queued, then what is set aside, then what looks for its mirror: whatever debits a defaulter. */
function cancelDebitsOfDefaulted(state: ReferenceState): void {
  for (const place of ['waiting', 'queued', 'earmarked', 'unmatched'] as const) {
    for (const payment of inOrder(state, place)) {
      if (!state.live.includes(payment) || !debitsDefaulted(state, allLegsOf(payment))) continue;
      if (payment.condition?.isPromised === true) {
        state.note('promised over a default');
        continue;
      }
      const lead = leadOf(payment);
      const reasonOf = (p: LivePayment): Reason =>
        lead.partners === undefined || state.defaulted.has(legOf(p).debit)
          ? 'participantDefaulted'
          : 'matchCancelled';
      takeFromPlace(state, lead, 'participantDefaulted');
      cancel(state, lead, reasonOf(lead), reasonOf);
    }
  }
}

export function applyDefault(state: ReferenceState, record: FlatRecord): Reason {
  const named = [...state.accounts.values()]
    .filter((a) => a.participant === record.participant && !state.defaulted.has(a))
    .filter((a) => record.currency1 === NONE16 || a.currency === record.currency1)
    .sort((a, b) => a.currency - b.currency);
  if (named.length === 0) return 'recordInvalid';
  for (const account of named) {
    const net = netOf(acceptedIn(state, account.currency), account);
    write(state, 'defaulted', {
      debtorAgent: account.participant,
      currency1: account.currency,
      amount1: net < 0n ? -net : 0n,
      balance1: account.balance,
    });
    state.defaulted.add(account);
  }
  cancelDebitsOfDefaulted(state);
  return 'none';
}
