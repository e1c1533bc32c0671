/** The generated part of docs/studies/forecast.md, from the figures that stand beside it as CSV. */
import { stringify } from 'csv-stringify/sync';
import { percentText } from '../report/format.ts';
import { estimate } from './confidence-intervals.ts';
import { pairedDifference } from './paired-t-test.ts';
import { estimateText, signedEstimateText } from './study-figure-format.ts';

/** Of all accounts and judged dates of a seed, at an hour after the opening. */
export interface ForecastHour {
  readonly setting: string;
  readonly seed: number;
  readonly hour: number;
  needs: number;
  /** Needs from lower to upper, and above upper. */
  inside: number;
  above: number;
  /** Sums, minor units: of the needs, and of the average pinball losses of three forecasts of each. */
  needMinor: number;
  loss: number;
  lossUnscaled: number;
  lossDayBefore: number;
}

const COLUMNS = [
  ...(['setting', 'seed', 'hour', 'needs', 'inside', 'above', 'needMinor'] as const),
  ...(['loss', 'lossUnscaled', 'lossDayBefore'] as const),
] as const;

/** Sums of losses as whole numbers: thirtieths of a minor unit say nothing. */
export const forecastCsv = (figures: readonly ForecastHour[]): string =>
  stringify([
    [...COLUMNS],
    ...figures.map((of) =>
      COLUMNS.map((name) => {
        const value = of[name];
        return typeof value === 'number' ? Math.round(value) : value;
      }),
    ),
  ]);

const share = (value: number): string => percentText(value, 1);
const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
const head = (cells: readonly string[]): string[] => [
  row(cells),
  `| --- |${' ---: |'.repeat(cells.length - 1)}`,
];
const unique = <One>(values: readonly One[]): One[] => [...new Set(values)];

type Ratio = (of: ForecastHour) => readonly [part: number, whole: number];
const INSIDE: Ratio = ({ inside, needs }) => [inside, needs];
const ABOVE: Ratio = ({ above, needs }) => [above, needs];
const LOSS: Ratio = ({ loss, needMinor }) => [loss, needMinor];
const LOSS_UNSCALED: Ratio = ({ lossUnscaled, needMinor }) => [lossUnscaled, needMinor];
const LOSS_DAY_BEFORE: Ratio = ({ lossDayBefore, needMinor }) => [lossDayBefore, needMinor];

/** Of each seed: sum of the parts / sum of the wholes. */
function bySeed(figures: readonly ForecastHour[], ratio: Ratio): number[] {
  return unique(figures.map(({ seed }) => seed)).map((seed) => {
    let [part, whole] = [0, 0];
    for (const of of figures) {
      if (of.seed !== seed) continue;
      const [one, all] = ratio(of);
      part += one;
      whole += all;
    }
    return part / whole;
  });
}

export function forecastTables(figures: readonly ForecastHour[]): string {
  const settings = unique(figures.map(({ setting }) => setting));
  const hours = unique(figures.map(({ hour }) => hour));
  const seeds = unique(figures.map(({ seed }) => seed));
  const text = (of: readonly ForecastHour[], ratio: Ratio) =>
    estimateText(estimate(bySeed(of, ratio)), share);
  const of = (setting: string) => figures.filter((one) => one.setting === setting);
  const difference = (setting: string, from: Ratio, to: Ratio) => {
    const [before, after] = [bySeed(of(setting), from), bySeed(of(setting), to)];
    const pairs = before.map((value, at) => [value, after[at] as number] as const);
    return signedEstimateText(pairedDifference(pairs), share);
  };
  const needs = figures.reduce((sum, one) => sum + one.needs, 0);
  return [
    `${settings.length} settings by ${seeds.length} seeds, ${needs.toLocaleString('en')} needs; ± is half the 95 % interval of the mean over the seeds (Student’s t).`,
    '### In the interval',
    [
      ...head(['dates', 'from lower to upper', 'above upper']),
      ...settings.map((one) => row([one, text(of(one), INSIDE), text(of(one), ABOVE)])),
    ].join('\n'),
    '### Pinball loss, average over lower, middle and upper, in % of the average need',
    [
      ...head(['dates', 'forecast', 'without the day’s pace', 'need of the date before']),
      ...settings.map((one) =>
        row([one, ...[LOSS, LOSS_UNSCALED, LOSS_DAY_BEFORE].map((ratio) => text(of(one), ratio))]),
      ),
    ].join('\n'),
    'Paired differences, seed by seed, in percentage points:',
    [
      ...head(['dates', 'forecast − without the pace', 'forecast − date before']),
      ...settings.map((one) =>
        row([one, difference(one, LOSS_UNSCALED, LOSS), difference(one, LOSS_DAY_BEFORE, LOSS)]),
      ),
    ].join('\n'),
    '### In the interval, by full hour after the opening',
    [
      ...head(['hour', ...settings]),
      ...hours.map((hour) => {
        const here = (setting: string) => of(setting).filter((one) => one.hour === hour);
        return row([String(hour), ...settings.map((one) => text(here(one), INSIDE))]);
      }),
    ].join('\n'),
  ].join('\n\n');
}
