import { Cell, type ColumnOf, section, table } from '../elements.ts';
import { DEFINITIONS, type Definition } from '../figure-definitions.ts';
import type { CurrencyIndicators } from '../figures/currency-indicators.ts';
import { type Content, html, type Markup } from '../html.ts';
import {
  amountCell,
  countCell,
  currencyIndicators,
  durationCell,
  numeric,
  percentCell,
  ratioCell,
  scenarioCurrencies,
  type View,
} from './section-input.ts';

/** A row: what it is called where that is not the definition's name, and its figure in a currency. */
interface Row {
  readonly of: Definition;
  readonly name?: string;
  readonly unit?: string;
  /** The definition stands in the first of several rows. */
  readonly again?: boolean;
  readonly figure: (code: string, indicators: CurrencyIndicators) => Content | Cell;
}

const D = DEFINITIONS;

/** Figures are copied out as plain numbers: times of milliseconds, percentages of 1. */
const COPIED_AS: Readonly<Record<string, string>> = { time: 'ms', '%': 'of 1' };
const unitCell = (unit: string) => new Cell(unit, COPIED_AS[unit] ?? unit);

/** Every indicator by currency, each with its definition. */
export function indicatorsSection(view: View): Markup {
  const block = (caption: string, rows: readonly Row[]) =>
    table(caption, rows, [
      [{ head: 'Indicator', wraps: true }, ({ of, name, again }) => nameCell(of, name, again)],
      ['Unit', ({ of, unit }) => unitCell(unit ?? of.unit)],
      ...scenarioCurrencies(view).map(({ code }): ColumnOf<Row> => {
        const mine = currencyIndicators(view, code);
        return [numeric(code), ({ figure }) => (mine ? figure(code, mine) : '–')];
      }),
    ]);
  return section(
    'indicators',
    'Indicators by currency',
    html`<p class="def">Amounts are in units of the currency, exact; ratios are rounded to nine decimals and shown
with fewer. “–” is a figure that does not exist, such as a ratio to nothing. <b>docs/indicators.md</b> has rounding and
sources. By currency debited where nothing else is said.</p>`,
    block('Settlement and delay', delayRows(view)),
    block('Liquidity as it was used', liquidityRows(view)),
    block('What the flows need: all valid payments, settled or not', flowRows(view, 'valid')),
    differs(view)
      ? block('The same of what settled alone', flowRows(view, 'settled').map(briefly))
      : html`<p class="def">Every valid payment settled, so the same figures hold for what settled.</p>`,
    block('Queues', queueRows(view)),
  );
}

function nameCell(definition: Definition, shown = definition.name, again = false): Cell {
  return new Cell(
    again ? shown : html`${shown}<span class="def">${definition.definition}</span>`,
    shown,
  );
}

/** Its definition stands in the table before. */
const briefly = (row: Row): Row => ({ ...row, again: true });

const differs = (view: View) =>
  view.indicators.currencies.some(({ valid, settled }) => valid.grossMinor !== settled.grossMinor);

function delayRows(view: View): Row[] {
  const { delay, settledValueMinor } = view.summary;
  const value = (code: string) => BigInt(settledValueMinor[code] ?? 0);
  return [
    { of: D.valueSettled, figure: (code) => amountCell(view, value(code), code) },
    // A delay of what settled says little where little did.
    {
      of: D.settledShare,
      figure: (code) => percentCell(view.summary.settledValueShare[code] ?? null, 2),
    },
    {
      of: D.delayIndicator,
      figure: (code) => ratioCell(delay.settlementDelayIndicator[code] ?? null, 4),
    },
    {
      of: D.delayIndicatorSubmitted,
      figure: (code) => ratioCell(delay.settlementDelayIndicatorSubmitted[code] ?? null, 4),
    },
    {
      of: D.weightedDelay,
      figure: (code) => durationCell(delay.valueWeightedDelayMs[code] ?? null),
    },
  ];
}

function liquidityRows(view: View): Row[] {
  const { liquidity } = view.summary;
  const money = (code: string, minor: string | undefined) =>
    minor === undefined ? '–' : amountCell(view, BigInt(minor), code);
  return [
    { of: D.available, figure: (code) => money(code, liquidity[code]?.availableMinor) },
    { of: D.used, figure: (code) => money(code, liquidity[code]?.usedMinor) },
    { of: D.usage, figure: (code) => percentCell(liquidity[code]?.usage ?? null) },
    { of: D.turnover, figure: (code) => ratioCell(liquidity[code]?.turnover ?? null, 2) },
  ];
}

function flowRows(view: View, which: 'valid' | 'settled'): Row[] {
  const money = (minor: (of: CurrencyIndicators['valid']) => bigint): Row['figure'] => {
    return (code, mine) => amountCell(view, minor(mine[which]), code);
  };
  return [
    { of: D.gross, figure: money(({ grossMinor }) => grossMinor) },
    { of: D.upper, figure: money(({ upperMinor }) => upperMinor) },
    { of: D.lower, figure: money(({ lowerMinor }) => lowerMinor) },
    { of: D.netting, figure: (_, mine) => percentCell(mine[which].nettingEfficiency, 2) },
    {
      of: D.turnoverAtBounds,
      name: 'Turnover at the upper bound',
      figure: (_, mine) => ratioCell(mine[which].turnoverAtUpper, 2),
    },
    {
      of: D.turnoverAtBounds,
      name: 'Turnover at the lower bound',
      again: true,
      figure: (_, mine) => ratioCell(mine[which].turnoverAtLower, 2),
    },
    { of: D.concentration, figure: (_, mine) => ratioCell(mine[which].concentration, 4) },
  ];
}

function queueRows(view: View): Row[] {
  const unsettled = ({ unsettledAtCloses: closes }: CurrencyIndicators) => ({
    payments: closes.reduce((sum, { payments }) => sum + payments, 0),
    valueMinor: closes.reduce((sum, { valueMinor }) => sum + valueMinor, 0n),
  });
  const waits = (name: 'p50Ms' | 'p95Ms' | 'p99Ms'): Row['figure'] => {
    return (_, { timeInQueue }) => durationCell(timeInQueue[name]);
  };
  return [
    { of: D.queuePeakPayments, figure: (_, { queuePeak }) => countCell(queuePeak.payments) },
    {
      of: D.queuePeakValue,
      figure: (code, { queuePeak }) => amountCell(view, queuePeak.valueMinor, code),
    },
    { of: D.timeInQueue, name: 'Time in queue, p50', figure: waits('p50Ms') },
    { of: D.timeInQueue, name: 'Time in queue, p95', again: true, figure: waits('p95Ms') },
    { of: D.timeInQueue, name: 'Time in queue, p99', again: true, figure: waits('p99Ms') },
    {
      of: D.unsettled,
      name: 'Unsettled at close, number',
      unit: 'payments',
      figure: (_, mine) => countCell(unsettled(mine).payments),
    },
    {
      of: D.unsettled,
      name: 'Unsettled at close, value',
      unit: 'amount',
      again: true,
      figure: (code, mine) => amountCell(view, unsettled(mine).valueMinor, code),
    },
  ];
}
