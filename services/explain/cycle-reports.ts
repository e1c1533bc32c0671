import type { CertifiedShortage } from '../analysis/certificates/certificate-format.ts';
import { certificateFaults } from '../analysis/certificates/check/verify-certificate.ts';
import {
  type AnyCertificate,
  type CertifiedStep,
  CycleCertifier,
} from '../analysis/certificates/cycle-certificates.ts';
import type { ProposalCertificate } from '../analysis/certificates/proposal-certificate.ts';
import { type CycleOutcome, NO_CURRENCY } from '../core/settlement/events.ts';
import type { QueueState } from '../core/settlement/queue-state.ts';
import type { CycleStep } from '../core/settlement/settlement.ts';
import type { EventOf } from '../core/settlement/settlement-event.ts';
import { mechanismWords, OUTCOME_WORDS } from '../protocol/names/vocabulary.ts';
import { mechanismOf } from '../protocol/records/event-payment.ts';
import type { Inputs } from '../replay/recorded-inputs.ts';
import { PoolState } from '../replay/replayed-state-and-names.ts';
import { Amounts, counted, listed, timeText } from './amount-words.ts';
import { nettingLines } from './netting-lines.ts';

/** What a run of a cycle did, or the bilateral offsetting before it, and its certificate. */
export interface CycleReport {
  readonly pool: string;
  /** Its number; of an offsetting that of the next run. */
  readonly cycle: number;
  /** The number of a bilateral offsetting; null of a run. */
  readonly offsetting: number | null;
  /** Number of its `cycled` event; of an offsetting its first `settled`. */
  readonly event: number;
  readonly timeMs: number;
  readonly mechanism: string;
  readonly currencies: readonly string[];
  readonly outcome: CycleOutcome;
  readonly settled: number;
  /** Of what it settled, minor units by currency debited; both legs of a pair. */
  readonly value: Readonly<Record<string, string>>;
  /** Left queued; of netting: unwound. */
  readonly left: number;
  readonly certificate: AnyCertificate;
  /** What its certificate's checker found; empty where it holds. */
  readonly faults: readonly string[];
  /** The queues before it. */
  readonly state: QueueState;
}

/** Whose cycles are wanted; null: of every pool, or every one. */
export interface WantedCycles {
  readonly pool: string | null;
  readonly cycle: number | null;
  /** In place of a cycle: the bilateral offsetting with this number. */
  readonly offsetting: number | null;
}

/** Replays the pools and hands out each wanted cycle in turn. */
export async function eachCycle(
  inputs: Inputs,
  wasm: WebAssembly.Module,
  wanted: WantedCycles,
  found: (report: CycleReport, pool: PoolState) => void,
): Promise<string[]> {
  const pools = new Map<string, PoolState>();
  const begin = (name: string): PoolState => {
    const pool = new PoolState(name, wasm, ({ batch }) => {
      for (const step of certifier.take(batch)) {
        const report = reportOf(pool, step);
        if (isWanted(report, wanted)) found(report, pool);
      }
    });
    const certifier: CycleCertifier = new CycleCertifier(
      pool.settlement,
      name,
      pool.directory,
      (step) => mayBeWanted(step, wanted, certifier.offsettings),
    );
    pools.set(name, pool);
    return pool;
  };
  await inputs.read((name, position, value) => {
    const pool = pools.get(name) ?? begin(name);
    if (wanted.pool === null || wanted.pool === name) pool.take(position, value);
    return true;
  });
  for (const pool of pools.values()) pool.flush();
  return [...pools.keys()];
}

/** The number of an offsetting is known when it has settled something. */
function mayBeWanted(step: CycleStep, wanted: WantedCycles, offsettings: number): boolean {
  if (wanted.offsetting !== null) return step.offsets && offsettings < wanted.offsetting;
  return wanted.cycle === null || step.cycle === wanted.cycle;
}

/** Of one cycle also the offsetting with which it began. */
const isWanted = ({ cycle, offsetting }: CycleReport, wanted: WantedCycles): boolean =>
  wanted.offsetting !== null
    ? offsetting === wanted.offsetting
    : wanted.cycle === null || cycle === wanted.cycle;

function reportOf(pool: PoolState, step: CertifiedStep): CycleReport {
  const { event, settled, certificate, before } = step;
  const { number, timeMs } = event;
  const isOffsetting = certificate.format === 'corridor-offsetting-certificate-1';
  return {
    ...{ pool: pool.name, event: number, timeMs, certificate, state: before },
    cycle: isOffsetting ? certificate.nextCycle : event.cycle,
    offsetting: isOffsetting ? certificate.offsetting : null,
    mechanism: event.kind === 'cycled' ? mechanismOf(event, event.proposer) : event.mechanism,
    currencies: 'currency' in certificate ? [certificate.currency] : certificate.currencies,
    outcome: event.kind === 'cycled' ? event.outcome : 'resolved',
    settled: settled.length,
    value: settledValue(pool, settled),
    left: event.kind === 'cycled' ? event.left : before.payments.length - settled.length,
    faults: certificateFaults(certificate),
  };
}

function settledValue(
  pool: PoolState,
  settled: readonly EventOf<'settled'>[],
): Record<string, string> {
  const value: Record<string, bigint> = {};
  const add = (handle: number, amount: bigint): void => {
    const code = pool.directory.currency(handle).currency;
    value[code] = (value[code] ?? 0n) + amount;
  };
  for (const { currency1, currency2, amount1, amount2 } of settled) {
    add(currency1, amount1);
    if (currency2 !== NO_CURRENCY) add(currency2, amount2);
  }
  return Object.fromEntries(Object.entries(value).map(([code, sum]) => [code, String(sum)]));
}

/** What a word of an outcome leaves open. */
const MEANS: Partial<Record<CycleOutcome, string>> = {
  deadlock: ': nothing could settle in the order of the queues',
  gridlock: ': something could settle, and this mechanism settles none of it',
  undecided: ': nothing settled for limits across currencies, where a heuristic chooses',
};

/** A cycle in one line. */
export function cycleLine(report: CycleReport, { directory }: PoolState): string {
  const { cycle, offsetting, timeMs, mechanism, currencies, outcome, settled, value } = report;
  const amounts = new Amounts(directory);
  const values = Object.entries(value).map(([code, sum]) => amounts.text(code, sum));
  const much = settled === 0 ? '' : `: ${counted(settled, 'payment')} (${listed(values)})`;
  const found =
    report.certificate.format === 'corridor-proposal-certificate-1'
      ? proposedText(report.certificate)
      : offsetting === null
        ? `${OUTCOME_WORDS[outcome]}${MEANS[outcome] ?? ''}`
        : 'settled';
  const after = mechanism === 'deferredNet' ? 'unwound' : 'left queued';
  const name =
    offsetting === null ? `cycle ${cycle}` : `offsetting ${offsetting}, before cycle ${cycle}`;
  return `${name}, ${timeText(timeMs)}, ${mechanismWords(mechanism)} in ${listed(currencies)}: ${found}${much}, ${report.left} ${after}`;
}

/** How many of the proposed sets settled. */
function proposedText({ sets }: ProposalCertificate): string {
  const refused = sets.filter((set) => set.refused !== null).length;
  if (sets.length === 0) return 'nothing was proposed';
  return `${counted(sets.length, 'set')} proposed, ${sets.length - refused} settled`;
}

/** Why sets were refused, line by line. */
function refusedLines(
  sets: ProposalCertificate['sets'],
  uetrs: ReadonlyMap<number, string>,
  amounts: Amounts,
): string[] {
  return sets.flatMap(({ payments, refused }, index) => {
    if (refused === null) return [];
    const set = `  set ${index + 1}, ${counted(payments.length, 'payment')}, was refused`;
    if (refused.kind === 'short')
      return [`${set} for a shortage of ${amounts.shortage(refused.shortage)}`];
    const named = uetrs.get(refused.payment) ?? `the payment at position ${refused.payment}`;
    return [
      refused.kind === 'notQueued'
        ? `${set}: ${named} is not queued any more, or stands there twice`
        : `${set}: ${named} has a leg in ${refused.currency}, whose cycles take no proposals`,
    ];
  });
}

/** What a cycle left and why: of queues their first payments, of netting what happened to whom. */
export function reasonLines(report: CycleReport, { directory }: PoolState): string[] {
  const { certificate } = report;
  const amounts = new Amounts(directory);
  if (certificate.format === 'corridor-netting-certificate-1')
    return nettingLines(certificate, amounts);
  const uetrs = new Map(certificate.payments.map((p) => [p.position, p.uetr]));
  const held = certificate.heldUp.map(
    ({ payment, shortages }) =>
      `  ${uetrs.get(payment)} is held up ${heldUpWords(shortages, amounts)}`,
  );
  return certificate.format === 'corridor-proposal-certificate-1'
    ? [...refusedLines(certificate.sets, uetrs, amounts), ...held]
    : held;
}

function heldUpWords(shortages: readonly CertifiedShortage[], amounts: Amounts): string {
  if (shortages.length === 0)
    return 'only by the rules of its currencies: it could settle together with others';
  const all = listed(shortages.map((s) => amounts.shortage(s)));
  return `by ${shortages.length === 1 ? 'a shortage' : 'shortages'} of ${all}`;
}
