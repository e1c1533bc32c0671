/**
 * The indicators of a run, computed once from its events: `indicators` in summary.json, and what the
 * report shows. docs/indicators.md defines each; turnover and usage of liquidity: liquidity-turnover.ts. Ratios are numbers to nine decimals, times ms.
 */

import type { AccountDay } from '../../analysis/account-days.ts';
import type { CoverHour } from '../../analysis/cover-book.ts';
import { ExactSum } from '../../analysis/exact-sum.ts';
import { bicOf } from '../../protocol/names/handles-to-names.ts';
import type { Scenario, ScenarioCurrency } from '../../scenario/scenario.ts';
import { AscendingWaits } from './ascending-waits.ts';
import { concentrationFigures, type SharesBy } from './concentration.ts';
import { type CorridorFigures, corridorFigures } from './corridor-figures.ts';
import { type CoverAtHour, type CoverFigures, coverFigures } from './cover.ts';
import { type CrossBorderFigures, crossBorderFigures } from './cross-border.ts';
import type { HeldUpFigures } from './held-up-book.ts';
import { type IntradayLiquidity, intradayLiquidity } from './intraday-liquidity.ts';
import {
  type AccountBounds,
  type FlowFigures,
  flowFigures,
  flowsOf,
  isSettled,
  isValid,
} from './liquidity-bounds.ts';
import { type PaymentTable, STATUS } from './payment-table.ts';
import { type Percentiles, percentile, percentiles } from './percentiles.ts';
import type { QueuePeak, Standstill } from './queues-and-standstills.ts';
import { type ThroughputFigures, throughputFigures } from './throughput.ts';
import { type CloseFigures, unsettledAtCloses } from './unsettled-at-close.ts';

/** Payments and value. */
interface Tally {
  readonly payments: number;
  readonly valueMinor: bigint;
}

interface AccountIndicators extends AccountBounds {
  readonly participant: string;
  /** Of the valid payments at least so much stays unsettled if it sends nothing all run long. */
  readonly leastUnsettledMinor: bigint;
}

export interface CurrencyIndicators {
  readonly currency: string;
  /** All valid payments' flows, and those of what settled. */
  readonly valid: FlowFigures;
  readonly settled: FlowFigures;
  /** Of the valid flows, by account. */
  readonly accounts: readonly AccountIndicators[];
  /** Of what settled; `concentration.ts`. */
  readonly shares: SharesBy;
  readonly sharesByDate: readonly (SharesBy & { readonly date: string })[];
  readonly throughput: ThroughputFigures;
  readonly queuePeak: QueuePeak;
  /** From when it was taken in, of queued payments that settled; null where none did. */
  readonly timeInQueue: Percentiles;
  readonly settledByMechanism: Readonly<Record<string, Tally>>;
  /** By close; see unsettled-at-close.ts. */
  readonly unsettledAtCloses: readonly CloseFigures[];
  /** At full hours; `cover.ts`. */
  readonly defaultCover: CoverFigures['defaultCover'];
  readonly defaultCoverByHour: readonly CoverAtHour[];
  /** By account and month. */
  readonly intraday: readonly IntradayLiquidity[];
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
  readonly crossBorder: CrossBorderFigures;
  readonly gridlocks: StandstillFigures;
  readonly deadlocks: StandstillFigures;
  /** Sets that a cycle found, and whose mechanism settled none of them. */
  readonly gridlocksLeft: StandstillFigures;
  /** What held payments up, by account and hour. */
  readonly heldUp: readonly HeldUpFigures[];
}

export interface IndicatorInput {
  readonly scenario: Scenario;
  /** By pool. */
  readonly payments: readonly PaymentTable[];
  /** Of the accounts of a currency. */
  readonly days: (currency: ScenarioCurrency) => readonly AccountDay[];
  /** By participant what its account had in all: opening, issued less redeemed, and the most credit; minor units. */
  readonly available: (currency: ScenarioCurrency) => ReadonlyMap<number, bigint>;
  /** Of its pool. */
  readonly shortfalls: (currency: ScenarioCurrency) => readonly CoverHour[];
  readonly queuePeak: (currency: ScenarioCurrency) => QueuePeak;
  readonly gridlocks: readonly Standstill[];
  readonly deadlocks: readonly Standstill[];
  readonly gridlocksLeft: readonly Standstill[];
}

/** All but what held payments up, which a book of its own has. */
export function indicatorsOf(input: IndicatorInput): Omit<Indicators, 'heldUp'> {
  const { scenario, payments } = input;
  return {
    currencies: scenario.currencies.map((currency) => ofCurrency(input, currency)),
    corridors: corridorFigures(scenario, payments),
    crossBorder: crossBorderFigures(scenario, payments),
    gridlocks: standstills(input.gridlocks),
    deadlocks: standstills(input.deadlocks),
    gridlocksLeft: standstills(input.gridlocksLeft),
  };
}

function ofCurrency(
  { scenario, payments: all, days, available, shortfalls, queuePeak }: IndicatorInput,
  currency: ScenarioCurrency,
): CurrencyIndicators {
  const { code, pool } = currency;
  const payments = all[pool] as PaymentTable;
  const handle = payments.currency(code) as number;
  const valid = flowsOf(payments, handle, isValid);
  const bounds = valid.bounds();
  const { businessDates } = scenario;
  const { leastUnsettled, ...concentration } = concentrationFigures(
    payments,
    currency,
    businessDates,
    available(currency),
  );
  return {
    currency: code,
    valid: flowFigures(valid, bounds),
    settled: flowFigures(flowsOf(payments, handle, isSettled)),
    accounts: [...bounds].map(([participant, bounds]) => ({
      participant: bicOf(payments.directory, participant),
      ...bounds,
      leastUnsettledMinor: leastUnsettled.get(participant) as bigint,
    })),
    ...concentration,
    ...coverFigures(shortfalls(currency), handle, payments.directory),
    throughput: throughputFigures(payments, currency, businessDates),
    queuePeak: queuePeak(currency),
    timeInQueue: timeInQueue(payments, handle),
    settledByMechanism: byMechanism(payments, handle),
    unsettledAtCloses: unsettledAtCloses(payments, currency),
    intraday: intradayLiquidity(payments, currency, days(currency), businessDates),
  };
}

/** Of a matched pair the first leg counts, also where a close carried both over. */
function timeInQueue(payments: PaymentTable, currency: number): Percentiles {
  const { currencies, queuedMs, statuses } = payments.of;
  const waits = new AscendingWaits();
  const rows = payments.rowsIn(currency);
  for (let at = 0; at < rows.length; at++) {
    const row = rows[at] as number;
    if (
      currencies[row] === currency &&
      !Number.isNaN(queuedMs[row]) &&
      statuses[row] === STATUS.settled &&
      payments.isCounted(row)
    )
      waits.add(payments.waitMs(row));
  }
  return percentiles(waits.ascending());
}

/** Of a matched pair the first leg counts, the value of each in its own currency. */
function byMechanism(payments: PaymentTable, currency: number): Record<string, Tally> {
  const { currencies, mechanisms, statuses } = payments.of;
  /** In the order in which they came. */
  const tallies = new Map<number, { payments: number; value: ExactSum }>();
  const { words } = payments;
  const rows = payments.rowsIn(currency);
  let last = -1;
  let tally = { payments: 0, value: new ExactSum() };
  for (let at = 0; at < rows.length; at++) {
    const row = rows[at] as number;
    if (currencies[row] !== currency || statuses[row] !== STATUS.settled) continue;
    const mechanism = mechanisms[row] as number;
    // Most have that of the one before.
    if (mechanism !== last) {
      last = mechanism;
      tally = tallies.get(mechanism) ?? { payments: 0, value: new ExactSum() };
      tallies.set(mechanism, tally);
    }
    if (payments.isCounted(row)) tally.payments += 1;
    tally.value.addFrom(words, row);
  }
  return Object.fromEntries(
    [...tallies].map(([mechanism, { payments: count, value }]) => [
      payments.mechanism(mechanism),
      { payments: count, valueMinor: value.value },
    ]),
  );
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
