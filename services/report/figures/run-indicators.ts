/**
 * The indicators of a run, computed once from its events: `indicators` in summary.json, and what the
 * report shows. docs/indicators.md defines each. Ratios are numbers to nine decimals, times ms.
 */

import type { Scenario } from '../../scenario/scenario.ts';
import { type CorridorFigures, corridorFigures } from './corridor-figures.ts';
import { type CrossBorderFigures, crossBorderFigures } from './cross-border.ts';
import {
  type CompleteWith,
  type CurrencyIndicators,
  PaymentsOfCurrency,
} from './currency-indicators.ts';
import type { HeldUpFigures } from './held-up-book.ts';
import { inFlowOrder } from './liquidity-bounds.ts';
import type { PaymentTable } from './payment-table.ts';
import { percentile } from './percentiles.ts';
import type { Standstill } from './queues-and-standstills.ts';

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

/**
 * All but what held payments up, which a book of its own has. What payments alone say is computed at once: another thread
 * may fold the other books still.
 * @param payments by pool
 */
export function indicatorsOf(
  scenario: Scenario,
  payments: readonly PaymentTable[],
): CompleteWith<Omit<Indicators, 'heldUp'>> {
  const currencies = currencyIndicators(scenario, payments);
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

/** Currency by currency: the sums by pair of all of them would not stay in a core's cache. */
function currencyIndicators(
  { currencies, businessDates }: Scenario,
  payments: readonly PaymentTable[],
): CompleteWith<CurrencyIndicators>[] {
  const orders = payments.map(inFlowOrder);
  return currencies.map((currency) => {
    const table = payments[currency.pool] as PaymentTable;
    const own = new PaymentsOfCurrency(table, currency, businessDates);
    own.takeAll(orders[currency.pool] ?? null);
    return own.figures();
  });
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
