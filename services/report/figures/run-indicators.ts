/**
 * The indicators of a run, computed once from its events: `indicators` in summary.json, and what the
 * report shows. docs/indicators.md defines each. Ratios are numbers to nine decimals, times ms.
 */
import type { Scenario, ScenarioCurrency } from '../../scenario/scenario.ts';
import { type CloseFigures, unsettledAtCloses } from './closes.ts';
import { type CorridorFigures, corridorFigures } from './corridor-figures.ts';
import { type Percentiles, percentile, percentiles } from './delay-indicators.ts';
import {
  type AccountBounds,
  boundsOf,
  type FlowFigures,
  flowFigures,
  flowsOf,
  isValid,
} from './flows.ts';
import type { HeldUpFigures } from './held-up-book.ts';
import { isCounted, type PaymentRow, waitsOf } from './payment-book.ts';
import type { QueuePeak, Standstill } from './queue-book.ts';
import { groupBy, sumMinor } from './sums.ts';
import { type ThroughputFigures, throughputFigures } from './throughput.ts';

/** Payments and value. */
interface Tally {
  readonly payments: number;
  readonly valueMinor: bigint;
}

export interface CurrencyIndicators {
  readonly currency: string;
  /** All valid payments' flows, and those of what settled. */
  readonly valid: FlowFigures;
  readonly settled: FlowFigures;
  /** Of the valid flows, by account. */
  readonly accounts: readonly (AccountBounds & { readonly participant: string })[];
  readonly throughput: ThroughputFigures;
  readonly queuePeak: QueuePeak;
  /** From when it was taken in, of queued payments that settled; null where none did. */
  readonly timeInQueue: Percentiles;
  readonly settledByMechanism: Readonly<Record<string, Tally>>;
  /** By close; see closes.ts. */
  readonly unsettledAtCloses: readonly CloseFigures[];
}

export interface StandstillFigures {
  readonly number: number;
  /** In all: those that gridlocks settled; those that waited when deadlocks were found, each time. */
  readonly payments: number;
  /** In one of them. */
  readonly mostPayments: number;
  readonly totalMs: number;
  readonly p50Ms: number | null;
  readonly longestMs: number | null;
}

export interface Indicators {
  readonly currencies: readonly CurrencyIndicators[];
  readonly corridors: readonly CorridorFigures[];
  readonly gridlocks: StandstillFigures;
  readonly deadlocks: StandstillFigures;
  /** Sets that a cycle found, and whose mechanism settled none of them. */
  readonly gridlocksLeft: StandstillFigures;
  /** What held payments up, by account and hour. */
  readonly heldUp: readonly HeldUpFigures[];
}

export interface IndicatorInput {
  readonly scenario: Scenario;
  readonly rows: readonly PaymentRow[];
  readonly queuePeak: (currency: ScenarioCurrency) => QueuePeak;
  readonly gridlocks: readonly Standstill[];
  readonly deadlocks: readonly Standstill[];
  readonly gridlocksLeft: readonly Standstill[];
  readonly heldUp: readonly HeldUpFigures[];
}

export function indicatorsOf(input: IndicatorInput): Indicators {
  const { scenario, rows } = input;
  const touching = touchingRows(rows);
  return {
    currencies: scenario.currencies.map((currency) =>
      ofCurrency({ ...input, rows: touching.get(currency.code) ?? [] }, currency),
    ),
    corridors: corridorFigures(scenario, rows),
    gridlocks: standstills(input.gridlocks),
    deadlocks: standstills(input.deadlocks),
    gridlocksLeft: standstills(input.gridlocksLeft),
    heldUp: input.heldUp,
  };
}

/** By currency: what debits it or, through a dealer, credits it. */
function touchingRows(rows: readonly PaymentRow[]): ReadonlyMap<string, readonly PaymentRow[]> {
  const touching = groupBy(rows, ({ currency }) => currency);
  const converted = rows.filter(({ dealer }) => dealer !== '');
  for (const [currency, credited] of groupBy(converted, ({ currency2 }) => currency2)) {
    const both = [...(touching.get(currency) ?? []), ...credited];
    touching.set(currency, both);
  }
  return touching;
}

/** @param rows those that touch the currency */
function ofCurrency(
  { scenario, rows, queuePeak }: IndicatorInput,
  currency: ScenarioCurrency,
): CurrencyIndicators {
  const { code } = currency;
  const valid = flowsOf(rows.filter(isValid), code);
  const bounds = boundsOf(valid);
  const settled = rows.filter(({ status }) => status === 'settled');
  return {
    currency: code,
    valid: flowFigures(valid, bounds),
    settled: flowFigures(flowsOf(settled, code)),
    accounts: [...bounds].map(([participant, bounds]) => ({ participant, ...bounds })),
    throughput: throughputFigures(rows, currency, scenario.businessDates),
    queuePeak: queuePeak(currency),
    timeInQueue: timeInQueue(settled.filter((row) => row.currency === code)),
    settledByMechanism: byMechanism(settled.filter((row) => row.currency === code)),
    unsettledAtCloses: unsettledAtCloses(rows, currency),
  };
}

/** Of a matched pair the first leg counts, also where a close carried both over. */
function timeInQueue(settled: readonly PaymentRow[]) {
  const queued = settled.filter((row) => row.queuedAtMs !== null && isCounted(row));
  return percentiles(waitsOf(queued));
}

/** Of a matched pair the first leg counts, the value of each in its own currency. */
function byMechanism(settled: readonly PaymentRow[]): Record<string, Tally> {
  const tallies = [...groupBy(settled, ({ mechanism }) => mechanism)].map(
    ([mechanism, rows]): [string, Tally] => [
      mechanism,
      {
        payments: rows.filter(isCounted).length,
        valueMinor: sumMinor(rows, ({ amountMinor }) => amountMinor),
      },
    ],
  );
  return Object.fromEntries(tallies);
}

function standstills(all: readonly Standstill[]): StandstillFigures {
  const lengths = all.map(({ fromMs, untilMs }) => untilMs - fromMs).sort((a, b) => a - b);
  return {
    number: all.length,
    payments: all.reduce((sum, { payments }) => sum + payments, 0),
    mostPayments: all.reduce((most, { payments }) => Math.max(most, payments), 0),
    totalMs: lengths.reduce((sum, ms) => sum + ms, 0),
    p50Ms: percentile(lengths, 0.5),
    longestMs: percentile(lengths, 1),
  };
}

/** For summary.json: amounts in minor units become text, as everywhere at the edges. */
export type Json<T> = T extends bigint
  ? string
  : T extends object
    ? { [Key in keyof T]: Json<T[Key]> }
    : T;

export const asJson = <T>(figures: T): Json<T> =>
  JSON.parse(
    JSON.stringify(figures, (_, value) => (typeof value === 'bigint' ? value.toString() : value)),
  );
