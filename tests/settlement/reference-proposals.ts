import { HELD_UP_BY, type HeldUpBy, MECHANISMS } from '../../services/core/settlement/events.ts';
import { type Reason, reasonNumber } from '../../services/core/settlement/reasons.ts';
import { CYCLE_MECHANISMS, NONE16, NONE32 } from '../../services/core/settlement/records.ts';
import type { FlatRecord } from './flat-records.ts';
import { finishSettled, putOnWorklist } from './reference-booking.ts';
import { bookLeg, freeOf } from './reference-credit-and-reservations.ts';
import { excessAcross, inLimitUnits } from './reference-cross-limits.ts';
import { accountsIn, exceededBy, missingOf, netOf, queuedIn } from './reference-gridlock.ts';
import { tellHeldUp } from './reference-held-up.ts';
import { rescan } from './reference-settlement.ts';
import {
  countOf,
  type LivePayment,
  type ReferenceState,
  rulesOf,
  write,
} from './reference-state.ts';

const PROPOSED = CYCLE_MECHANISMS.indexOf('proposed');
const INT64_MAX = 2n ** 63n - 1n;
const INT64_MIN = -(2n ** 63n);

interface Shortage {
  readonly by: HeldUpBy;
  readonly debtorAgent: number;
  readonly currency1: number;
  readonly creditorAgent: number;
  readonly amount: bigint;
}

type Verdict =
  | { readonly settles: readonly LivePayment[] }
  | { readonly short: Shortage }
  | { readonly reason: Reason; readonly member: bigint; readonly currency1: number };

/** Members of a set: they are kept until the proposal at their position, or others, come. */
export function gatherSet(state: ReferenceState, record: FlatRecord, bytes: Uint8Array): void {
  const { position, memberCount, beginsSet } = record;
  if (state.proposal?.position !== position)
    state.proposal = { position, sets: [], bytes: 0, fault: 'none' };
  const { proposal } = state;
  if (proposal.fault !== 'none') return;
  const isGoingOn = beginsSet === 0;
  if (memberCount === 0 || memberCount > 12 || (isGoingOn && proposal.sets.length === 0)) {
    proposal.fault = 'recordInvalid';
    return;
  }
  proposal.bytes += 8 * memberCount + (isGoingOn ? 0 : 24);
  if (proposal.bytes > 4096 + 32 * (state.rules?.livePaymentsMax ?? 0)) {
    proposal.fault = 'limitReached';
    return;
  }
  if (!isGoingOn) proposal.sets.push([]);
  const view = new DataView(bytes.buffer, bytes.byteOffset + 32);
  for (let i = 0; i < memberCount; i += 1)
    proposal.sets.at(-1)?.push(view.getBigUint64(8 * i, true));
}

export function applyProposal(state: ReferenceState, record: FlatRecord): Reason {
  const own = state.proposal?.position === record.position ? state.proposal : undefined;
  const all = [...state.currencies.keys()];
  const taking = all.filter((c) => rulesOf(state, c).cycleMechanism === PROPOSED);
  const { currency1 } = record;
  if (currency1 === NONE16 ? taking.length === 0 : !taking.includes(currency1))
    return 'recordInvalid';
  if (own !== undefined && own.fault !== 'none') return own.fault;
  runProposal(state, record, own?.sets ?? [], taking);
  return 'none';
}

function runProposal(
  state: ReferenceState,
  { currency1, payloadDigest }: FlatRecord,
  sets: readonly (readonly bigint[])[],
  taking: readonly number[],
): void {
  state.cycles += 1;
  const verdicts = sets.map((set) => {
    const verdict = judge(state, set, taking);
    if ('settles' in verdict)
      for (const { record, legs } of verdict.settles) {
        for (const leg of legs) bookLeg(state, record.priority, leg);
      }
    if ('settles' in verdict) for (const payment of verdict.settles) payment.state = 'booked';
    return verdict;
  });
  const settled = verdicts.flatMap((v) => ('settles' in v ? v.settles : []));
  const left = countOf(queuedIn(state, taking));
  write(state, 'cycled', {
    mechanism: MECHANISMS.indexOf('proposed'),
    priority: settled.length > 0 ? 1 : left > 0 ? 4 : 0,
    currency1,
    cycle: state.cycles,
    count: countOf(settled),
    amount1: left,
    digest: payloadDigest,
  });
  for (const [index, verdict] of verdicts.entries()) {
    if (!('settles' in verdict)) {
      tellRefused(state, verdict, index + 1);
      continue;
    }
    for (const payment of verdict.settles) {
      for (const { credit } of payment.legs) putOnWorklist(state, credit);
      for (const { debit } of payment.legs) putOnWorklist(state, debit);
      finishSettled(state, payment, 'proposed', state.cycles);
    }
  }
  rescan(state);
  if (state.rules?.certificates === 1) tellHeldUp(state);
}

function judge(
  state: ReferenceState,
  positions: readonly bigint[],
  taking: readonly number[],
): Verdict {
  const set = new Set<LivePayment>();
  for (const member of positions) {
    const payment = state.live.find((p) => p.state === 'queued' && p.record.position === member);
    if (payment?.isByItself === true) state.note('leg proposed that is by itself');
    if (payment === undefined || payment.isByItself === true || set.has(payment))
      return { reason: 'paymentUnknown', member, currency1: NONE16 };
    const elsewhere = payment.legs.find((leg) => !taking.includes(leg.debit.currency));
    if (elsewhere !== undefined)
      return { reason: 'recordInvalid', member, currency1: elsewhere.debit.currency };
    set.add(payment);
  }
  const short = shortageOf(state, set);
  return short === undefined ? { settles: [...set] } : { short };
}

/** The first thing that a set leaves short: by currency and participant, then across currencies. */
function shortageOf(state: ReferenceState, set: ReadonlySet<LivePayment>): Shortage | undefined {
  for (const account of accountsIn(state, [...state.currencies.keys()])) {
    const named = { debtorAgent: account.participant, currency1: account.currency };
    const missing = missingOf(set, account);
    if (missing > 0n) return { by: 'balance', ...named, creditorAgent: NONE32, amount: missing };
    const [over] = exceededBy(state, set, account);
    if (over === undefined) continue;
    const by = over.counterparty === NONE32 ? 'multilateralLimit' : 'bilateralLimit';
    return { by, ...named, creditorAgent: over.counterparty, amount: over.excess };
  }
  const touched = new Set(
    [...set].flatMap((p) => p.legs.flatMap(({ debit, credit }) => [debit, credit])),
  );
  const after = (account: Parameters<typeof netOf>[1]): bigint => {
    const balance = freeOf(account) + netOf(set, account);
    return balance > INT64_MAX ? INT64_MAX : balance < INT64_MIN ? INT64_MIN : balance;
  };
  for (const [participant, { currency }] of [...state.crossLimits].sort((a, b) => a[0] - b[0])) {
    if (![...touched].some((account) => account.participant === participant)) continue;
    const { owed, worth } = excessAcross(state, participant, after);
    const named = { debtorAgent: participant, currency1: currency, creditorAgent: NONE32 };
    if (owed > 0n)
      return {
        by: 'aggregateShortLimit',
        ...named,
        amount: inLimitUnits(state, participant, owed, 1n),
      };
    if (worth > 0n)
      return {
        by: 'pooledCollateral',
        ...named,
        amount: inLimitUnits(state, participant, worth, 10_000n),
      };
  }
  return undefined;
}

function tellRefused(
  state: ReferenceState,
  verdict: Exclude<Verdict, { readonly settles: unknown }>,
  count: number,
): void {
  const common = { cycle: state.cycles, count };
  if (!('short' in verdict)) {
    const { reason, member: paymentPosition, currency1 } = verdict;
    write(state, 'setRefused', {
      ...common,
      reason: reasonNumber(reason),
      paymentPosition,
      currency1,
    });
    return;
  }
  const { by, amount, ...named } = verdict.short;
  write(state, 'setRefused', {
    ...common,
    ...named,
    mechanism: HELD_UP_BY.indexOf(by),
    amount1: amount > INT64_MAX ? INT64_MAX : amount,
  });
}
