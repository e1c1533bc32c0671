import Table from 'cli-table3';
import { countryOf } from '../protocol/names/bic-and-uetr.ts';
import { durationText } from '../protocol/names/vocabulary.ts';
import { flowLabels } from '../report/figures/label-tables.ts';
import { COUNTERFACTUAL, OBSERVED, STRESS_FLAG, type Summary } from '../report/figures/summary.ts';
import { moneyText } from '../report/format.ts';
import { defaultLines } from './defaulters-on-terminal.ts';
import type { FinishedRun } from './write-run.ts';

const number = (value: number) => value.toLocaleString('en-US');
const share = (part: number, whole: number) =>
  whole === 0 ? '' : `${((100 * part) / whole).toFixed(2)} %`;

/** Accounts below their floor that the terminal names; summary.json has all. */
const BELOW_FLOOR_MAX = 20;

const instant = (ms: number): string => new Date(ms).toISOString().slice(5, 19).replace('T', ' ');

const duration = (ms: number | null): string => (ms === null ? 'none' : durationText(ms));

const listed = (counts: Readonly<Record<string, number>>) =>
  Object.entries(counts)
    .map(([name, count]) => `${name} ${number(count)}`)
    .join(', ');

const percent = (ratio: number | null): string =>
  ratio === null ? 'none' : `${(100 * ratio).toFixed(2)} %`;
const indicator = (ratio: number | null | undefined): string => ratio?.toFixed(4) ?? 'none';

/** Prints what a run came to, and where its files lie. */
export function printSummary(finished: FinishedRun): void {
  const { summary, scenario, folder, results, seconds } = finished;
  const file =
    results === 'full'
      ? `report: ${folder}/report.html`
      : `summary: ${folder}/summary.json${results === 'tables' ? `; tables: ${folder}/tables` : ''}`;
  const table = new Table({
    style: { head: [], border: [] },
    colAligns: ['left', 'right', 'left'],
  });
  const { submitted, delay } = summary;
  const outcome = (name: string, count: number, remark = '') =>
    table.push([name, number(count), `${share(count, submitted)}  ${remark}`.trim()]);
  table.push(['submitted', number(submitted), '']);
  outcome('settled', summary.settled, listed(summary.settledByMechanism));
  outcome('rejected', summary.rejected, listed(summary.rejectedByReason));
  outcome('cancelled', summary.cancelled, listed(summary.cancelledByReason));
  outcome('queued at close', summary.queuedAtClose);
  table.push(['repeated messages', number(summary.repeated), 'not among the submitted']);
  if (summary.unsent > 0)
    table.push([
      'never sent',
      number(summary.unsent),
      `kept by an outage; of all ${number(summary.planned)} planned ${percent(summary.settledShare)} settled`,
    ]);
  if (summary.refusedChanges > 0)
    table.push([
      'changes refused',
      number(summary.refusedChanges),
      'of liquidity; the report says why',
    ]);
  if (summary.refusedRequests > 0)
    table.push([
      'other messages refused',
      number(summary.refusedRequests),
      'cancellations, re-orderings, limits, reservations, attestations, answers',
    ]);
  if (summary.chains)
    table.push([
      'chains settled',
      number(summary.chains.settled),
      `of ${number(summary.chains.matched)} that were complete; ${number(summary.chains.ended)} ended`,
    ]);
  for (const [name, { cycles, settled, refusedSets }] of Object.entries(summary.proposals ?? {}))
    table.push([
      'proposed sets refused',
      number(refusedSets),
      `${name}: ${number(cycles)} cycles settled ${number(settled)} payments; explain --cycles says why`,
    ]);
  table.push([
    'time to finality p50',
    duration(delay.p50Ms),
    `p95 ${duration(delay.p95Ms)}, p99 ${duration(delay.p99Ms)}, longest ${duration(delay.maxMs)}`,
  ]);
  for (const { code, minorUnits } of scenario.currencies) {
    const value = BigInt(summary.settledValueMinor[code] ?? '0');
    const { usage } = summary.liquidity[code] ?? { usage: null };
    const used =
      usage === null ? '' : `${(100 * usage).toFixed(1)} % of the available liquidity used`;
    // A delay says little where little settled: the two stand side by side.
    const settled = `${percent(summary.settledValueShare[code] ?? null)} of the value planned`;
    const ofSubmitted = indicator(delay.settlementDelayIndicatorSubmitted[code]);
    const delays = `delay indicator ${indicator(delay.settlementDelayIndicator[code])}, over all submitted ${ofSubmitted}`;
    const remark = [[settled, used].filter((part) => part !== '').join('; '), delays].join('\n');
    table.push([`settled value ${code}`, moneyText(value, minorUnits), remark]);
  }
  process.stdout.write(
    `${table.toString()}\n` +
      stressLines(summary) +
      defaultLines({ summary, scenario }) +
      (results === 'summary' ? '' : unlabelledLines(scenario)) +
      idleLimitLines(scenario) +
      (summary.observed ? observedLines(summary.observed, scenario) : '') +
      (summary.counterfactualOf === undefined
        ? ''
        : `counterfactual of ${summary.counterfactualOf}\n${COUNTERFACTUAL}\n`) +
      `money conserved: ${summary.conserved ? 'yes' : 'NO'}\n` +
      `eventsHash ${summary.eventsHash}\n` +
      `${seconds.toFixed(1)} s; ${file}\n`,
  );
}

/** The stress scenarios of a run, a line each. */
export const stressLines = ({ overrides }: Pick<Summary, 'overrides'>): string =>
  overrides
    .filter((one) => one.startsWith(STRESS_FLAG))
    .map((one) => `stress: ${one.slice(STRESS_FLAG.length)}\n`)
    .join('');

/** Anomalies that came to nothing, a line each: no payment was there that they could be of. */
export function unlabelledLines(scenario: FinishedRun['scenario']): string {
  if (scenario.anomalies.length === 0) return '';
  const labelled = new Set(flowLabels(scenario).map(({ injection }) => injection));
  return scenario.anomalies
    .filter(({ name }) => !labelled.has(name))
    .map(({ name, kind }) => `anomaly ${name} (${kind}): it labels no payment\n`)
    .join('');
}

/** Limits of corridors in which no account lies, a line each; in a live network such a bank may be admitted later. */
export function idleLimitLines({
  settlement,
  participants,
  currencies,
}: FinishedRun['scenario']): string {
  return settlement.corridorLimits
    .map(({ from, to, currency }) => {
      const code = currencies[currency]?.code;
      const countries = new Set(
        participants
          .filter(({ accounts }) => accounts.some((account) => account.currency === currency))
          .map(({ bic }) => countryOf(bic)),
      );
      const lacking = [from, to].find((country) => !countries.has(country));
      return lacking === undefined
        ? ''
        : `corridor limit in ${code} from ${from} to ${to}: it bounds nothing, as no bank of ${lacking} has an account in ${code}; there is ${[...countries].sort().join(', ')}\n`;
    })
    .join('');
}

/** What an observation is, and the accounts of it that no core would have let so low. */
function observedLines(
  { belowFloor, settledAfterClose }: NonNullable<FinishedRun['summary']['observed']>,
  { currencies }: FinishedRun['scenario'],
): string {
  const lines = belowFloor.slice(0, BELOW_FLOOR_MAX).map((one) => {
    const decimals = currencies.find(({ code }) => code === one.currency)?.minorUnits ?? 0;
    const amount = moneyText(BigInt(one.shortMinor), decimals);
    return `  ${instant(one.firstMs)} UTC ${one.participant} first; at ${instant(one.lowestMs)} by ${one.currency} ${amount}`;
  });
  const more = belowFloor.length - lines.length;
  return [
    `observed: ${OBSERVED}`,
    ...(lines.length > 0
      ? ['below what they may owe, as the data have it, each first and when it lay lowest:']
      : []),
    ...lines,
    ...(more > 0 ? [`  and ${more} more: summary.json has all`] : []),
    ...(settledAfterClose > 0
      ? [
          `settled after the close of their currency, as the data have it: ${number(settledAfterClose)}`,
        ]
      : []),
  ]
    .map((line) => `${line}\n`)
    .join('');
}
