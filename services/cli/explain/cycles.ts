import { certifyRun } from '../../core/certificate.ts';
import { checkCertificate } from '../../core/certificate-check.ts';
import type { Certificate } from '../../core/certificate-format.ts';
import { type EventView, readEvent } from '../../core/event-reader.ts';
import { EVENT_BYTES, NO_CURRENCY } from '../../core/events.ts';
import type { QueueState } from '../../core/queue-state.ts';
import type { CycleMechanism } from '../../core/records.ts';
import { EventChain } from '../../protocol/event-chain.ts';
import type { Inputs } from './inputs.ts';
import { type AppliedBatch, PoolState } from './pool-state.ts';
import { Amounts, counted, listed, timeText } from './words.ts';

/** What a run of a cycle did, and its certificate. */
export interface CycleReport {
  readonly pool: string;
  readonly cycle: number;
  /** Number of its `cycled` event. */
  readonly event: number;
  readonly timeMs: number;
  readonly mechanism: string;
  readonly currencies: readonly string[];
  readonly outcome: string;
  readonly settled: number;
  /** Of what it settled, minor units by currency debited; both legs of a pair. */
  readonly value: Readonly<Record<string, string>>;
  readonly left: number;
  /** Null of netting, which settles what was accepted and not what is queued. */
  readonly certificate: Certificate | null;
  /** What its certificate's checker found; empty where it holds. */
  readonly faults: readonly string[];
  /** The queues before it; null of netting. */
  readonly state: QueueState | null;
}

const OUTCOMES = ['nothingQueued', 'resolved', 'deadlock', 'gridlock', 'undecided'];
const NETTING_OUTCOMES = ['nothingAccepted', 'netted', 'unwound'];

/** Whose cycles are wanted; null: of every pool, or every one. */
export interface WantedCycles {
  readonly pool: string | null;
  readonly cycle: number | null;
}

/** Replays the pools and hands out each wanted cycle in turn. */
export async function eachCycle(
  inputs: Inputs,
  wasm: WebAssembly.Module,
  { pool: onlyPool, cycle: onlyCycle }: WantedCycles,
  found: (report: CycleReport, pool: PoolState) => void,
): Promise<string[]> {
  const pools = new Map<string, PoolState>();
  const begin = (name: string): PoolState => {
    const before = new Map<number, QueueState>();
    const chain = new EventChain();
    const pool = new PoolState(name, wasm, (batch) => {
      for (const report of reportsOf(batch, chain, before))
        if (onlyCycle === null || report.cycle === onlyCycle) found(report, pool);
      before.clear();
    });
    pool.settlement.watchCycle(onlyCycle ?? 'every', (state, cycle) => before.set(cycle, state));
    pools.set(name, pool);
    return pool;
  };
  await inputs.read((name, position, value) => {
    const pool = pools.get(name) ?? begin(name);
    if (onlyPool === null || onlyPool === name) pool.take(position, value);
    return true;
  });
  for (const pool of pools.values()) pool.flush();
  return [...pools.keys()];
}

function reportsOf(
  { pool, events }: AppliedBatch,
  chain: EventChain,
  before: ReadonlyMap<number, QueueState>,
): CycleReport[] {
  const reports: CycleReport[] = [];
  const views = Array.from({ length: events.length / EVENT_BYTES }, (_, i) => readEvent(events, i));
  let appended = 0;
  for (const [index, event] of views.entries()) {
    if (event.kind !== 'cycled') continue;
    chain.append(events.subarray(appended * EVENT_BYTES, index * EVENT_BYTES));
    appended = index;
    const settled = views.filter((e) => e.kind === 'settled' && e.cycle === event.cycle);
    const eventsDigest = chain.digest().toString('hex');
    reports.push(reportOf(pool, event, settled, before.get(event.cycle), eventsDigest));
  }
  chain.append(events.subarray(appended * EVENT_BYTES));
  return reports;
}

function reportOf(
  pool: PoolState,
  event: EventView,
  settled: readonly EventView[],
  state: QueueState | undefined,
  eventsDigest: string,
): CycleReport {
  const { cycle, timeMs, count, number, priority: outcome } = event;
  const nets = event.mechanism === 'deferredNet';
  const names = pool.names();
  const currency = event.currency1 === NO_CURRENCY ? null : event.currency1;
  const mechanism = event.mechanism as CycleMechanism;
  const run = {
    cycle,
    mechanism,
    outcome,
    currency,
    settled: settled.map((e) => e.paymentPosition),
  };
  const place = { pool: pool.name, event: number - 1, eventsDigest, timeMs };
  const certificate = nets || state === undefined ? null : certifyRun(state, run, place, names);
  const value: Record<string, bigint> = {};
  const add = (handle: number, amount: bigint): void => {
    const code = names.currency(handle);
    value[code] = (value[code] ?? 0n) + amount;
  };
  for (const { currency1, currency2, amount1, amount2 } of settled) {
    add(currency1, amount1);
    if (currency2 !== NO_CURRENCY) add(currency2, amount2);
  }
  return {
    ...{ pool: pool.name, cycle, event: number, timeMs, mechanism },
    currencies: certificate?.currencies ?? (currency === null ? [] : [names.currency(currency)]),
    outcome: (nets ? NETTING_OUTCOMES : OUTCOMES)[outcome] ?? String(outcome),
    settled: count,
    value: Object.fromEntries(Object.entries(value).map(([code, sum]) => [code, String(sum)])),
    left: Number(event.amount1),
    certificate,
    faults: certificate === null ? [] : checkCertificate(certificate),
    state: certificate === null ? null : (state ?? null),
  };
}

const OUTCOME_WORDS: Readonly<Record<string, string>> = {
  nothingQueued: 'nothing was queued',
  resolved: 'settled',
  deadlock: 'a deadlock: nothing could settle in the order of the queues',
  gridlock: 'a gridlock that this mechanism does not resolve',
  undecided: 'undecided: nothing settled for limits across currencies, where a heuristic chooses',
  nothingAccepted: 'nothing was accepted',
  netted: 'netted',
  unwound: 'all unwound',
};

/** A cycle in one line. */
export function cycleLine(report: CycleReport, { directory }: PoolState): string {
  const { cycle, timeMs, mechanism, currencies, outcome, settled, value, left } = report;
  const amounts = new Amounts(directory);
  const values = Object.entries(value).map(([code, sum]) => amounts.text(code, sum));
  const much = settled === 0 ? '' : ` ${counted(settled, 'payment')} (${listed(values)})`;
  const after = mechanism === 'deferredNet' ? `${left} unwound` : `${left} left queued`;
  return `cycle ${cycle}, ${timeText(timeMs)}, ${mechanism} in ${listed(currencies)}: ${OUTCOME_WORDS[outcome]}${much}, ${after}`;
}

/** Of each first payment left in a queue, what it and all that must go with it leave short. */
export function heldUpLines({ certificate }: CycleReport, { directory }: PoolState): string[] {
  if (certificate === null) return [];
  const amounts = new Amounts(directory);
  const uetrs = new Map(certificate.payments.map((p) => [p.position, p.uetr]));
  return certificate.heldUp.map(({ payment, shortages }) => {
    const what =
      shortages.length === 0
        ? 'only by the rules of its currencies: it could settle together with others'
        : `by ${shortages.length === 1 ? 'a shortage' : 'shortages'} of ${listed(shortages.map((s) => amounts.shortage(s)))}`;
    return `  ${uetrs.get(payment)} is held up ${what}`;
  });
}
