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

/** What books of accounts and queues say. */
export interface AccountsAndQueues {
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

type CompleteWith<Figures> = (books: AccountsAndQueues) => Figures;

/**
 * All but what held payments up, which a book of its own has. What payments alone say is computed at once: another thread
 * may fold the other books still.
 * @param payments by pool
 * @param known the books where nobody folds them any more: what is computed of one currency is gone before the next
 */
export function indicatorsOf(
  scenario: Scenario,
  payments: readonly PaymentTable[],
  known: AccountsAndQueues | null = null,
): CompleteWith<Omit<Indicators, 'heldUp'>> {
  const currencies = scenario.currencies.map((currency): CompleteWith<CurrencyIndicators> => {
    const own = payments[currency.pool] as PaymentTable;
    const complete = ofCurrency(own, currency, scenario.businessDates);
    const figures = known && complete(known);
    return figures ? () => figures : complete;
  });
  const corridors = corridorFigures(scenario, payments);
  const crossBorder = crossBorderFigures(scenario, payments);
  return (books) => ({
    currencies: currencies.map((complete) => complete(books)),
    ...{ corridors, crossBorder },
    gridlocks: standstills(books.gridlocks),
    deadlocks: standstills(books.deadlocks),
    gridlocksLeft: standstills(books.gridlocksLeft),
  });
}

function ofCurrency(
  payments: PaymentTable,
  currency: ScenarioCurrency,
  businessDates: readonly string[],
): CompleteWith<CurrencyIndicators> {
  const { code } = currency;
  const handle = payments.currency(code) as number;
  const flows = flowsOf(payments, handle, isValid);
  const bounds = flows.bounds();
  const concentration = concentrationFigures(payments, currency, businessDates);
  const { leastUnsettled, ...shares } = concentration;
  const valid = flowFigures(flows, bounds);
  const settled = flowFigures(flowsOf(payments, handle, isSettled));
  const throughput = throughputFigures(payments, currency, businessDates);
  const waits = timeInQueue(payments, handle);
  const settledByMechanism = byMechanism(payments, handle);
  const atCloses = unsettledAtCloses(payments, currency);
  const intraday = intradayLiquidity(payments, currency, businessDates);
  return ({ days, available, shortfalls, queuePeak }) => {
    const least = leastUnsettled(available(currency));
    return {
      currency: code,
      ...{ valid, settled },
      accounts: [...bounds].map(([participant, bounds]) => ({
        participant: bicOf(payments.directory, participant),
        ...bounds,
        leastUnsettledMinor: least.get(participant) as bigint,
      })),
      ...shares,
      ...coverFigures(shortfalls(currency), handle, payments.directory),
      ...{ throughput, queuePeak: queuePeak(currency), timeInQueue: waits, settledByMechanism },
      unsettledAtCloses: atCloses,
      intraday: intraday(days(currency)),
    };
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
