/**
 * The generated part of docs/studies/conditional.md: what its study found, as narrow tables, from its cells alone. The cells
 * stand beside the page as CSV, with the columns below.
 */
import { stringify } from 'csv-stringify/sync';
import { ratioText } from '../report/format.ts';
import { type Figures, lockedOf } from './cell-figures.ts';
import { estimate, holmAdjusted } from './confidence-intervals.ts';
import { cellAt, cellCount, settingCount } from './grid.ts';
import { pairedDifference } from './paired-t-test.ts';
import { estimateText, signedEstimateText } from './study-figure-format.ts';
import type { Study } from './study-file.ts';
import { CHAIN_FIGURES } from './study-view.ts';

/** Of the cells of the study; what a cell does not have is 0. */
const LOCKED = ['EUR', 'USD', 'JPY'] as const;
const [P50, P95] = ['delay.p50Ms', 'delay.p95Ms'];
const SUBMITTED = 'delay.settlementDelayIndicatorSubmitted.EUR';
const { complete, settled, refused } = CHAIN_FIGURES;
const COLUMNS = [complete, settled, refused, ...LOCKED.map(lockedOf), P50, P95, SUBMITTED] as const;

/** Figures of each cell, in the order of the cells. */
export type ConditionalCells = readonly Readonly<Record<string, number>>[];

export const conditionalColumns = (figures: Figures): Record<string, number> =>
  Object.fromEntries(COLUMNS.map((name) => [name, Number(figures[name] ?? 0)]));

export function conditionalCsv(study: Study, cells: ConditionalCells): string {
  const [rule, level] = study.dimensions;
  const rows = cells.map((cell, index) => {
    const { number, picks, seed } = cellAt(study, index + 1);
    const labels = [rule, level].map((of, at) => of?.options[picks[at] as number]?.label);
    return [number, ...labels, seed, ...COLUMNS.map((name) => cell[name])];
  });
  return stringify([['cell', rule?.name, level?.name, 'seed', ...COLUMNS], ...rows]);
}

interface Measure {
  readonly title: string;
  readonly of: (cell: Readonly<Record<string, number>>) => number;
  readonly decimals: number;
}

const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;

/** @param perEur units of each currency for one euro, at the scenario's reference rates */
const measures = (perEur: Readonly<Record<string, number>>): readonly Measure[] => [
  {
    title: 'Failures: chains that nobody refused and that did not settle',
    of: (cell) => (cell[complete] ?? 0) - (cell[settled] ?? 0) - (cell[refused] ?? 0),
    decimals: 1,
  },
  {
    title: 'Liquidity locked × time, million EUR × hours, all currencies at the reference rates',
    of: (cell) =>
      LOCKED.reduce(
        (sum, code) => sum + (cell[lockedOf(code)] ?? 0) / MINOR[code] / (perEur[code] ?? 1),
        0,
      ) /
      (1e6 * HOUR_MS),
    decimals: 2,
  },
  {
    title: 'Time to finality, median, minutes',
    of: (cell) => (cell[P50] ?? 0) / MINUTE_MS,
    decimals: 1,
  },
  {
    title: 'Time to finality, p95, minutes',
    of: (cell) => (cell[P95] ?? 0) / MINUTE_MS,
    decimals: 1,
  },
  {
    title: 'Settlement delay indicator ρ over all submitted, EUR',
    of: (cell) => cell[SUBMITTED] ?? 0,
    decimals: 3,
  },
];
const MINOR = { EUR: 100, USD: 100, JPY: 1 } as const;

/** Rules that are compared at each level, by their place: the second less the first. */
const PAIRS = [
  [0, 1],
  [0, 2],
  [0, 3],
  [0, 4],
  [0, 5],
  [2, 4],
  [3, 5],
  [3, 2],
] as const;

export function conditionalTables(
  study: Study,
  cells: ConditionalCells,
  perEur: Readonly<Record<string, number>>,
): string {
  const [rules = [], levels = []] = study.dimensions.map(({ options }) =>
    options.map(({ label }) => label),
  );
  const repeats = study.seeds.length;
  const all = measures(perEur);
  const valuesAt = (measure: Measure, rule: number, level: number) => {
    const setting = rule * levels.length + level;
    return cells.slice(setting * repeats, (setting + 1) * repeats).map(measure.of);
  };
  const differences = all.map((measure) =>
    PAIRS.map(([from, to]) =>
      levels.map((_, level) => {
        const before = valuesAt(measure, from, level);
        const after = valuesAt(measure, to, level);
        return pairedDifference(before.map((value, seed) => [value, after[seed] as number]));
      }),
    ),
  );
  const tested = differences.flat(2).flatMap((one) => one?.p ?? []);
  const adjusted = holmAdjusted(tested).values();
  const head = (first: string) => [
    `| ${[first, ...levels.map((level) => `× ${level}`)].join(' | ')} |`,
    `| --- |${' ---: |'.repeat(levels.length)}`,
  ];
  const row = (cellsOfRow: readonly string[]) => `| ${cellsOfRow.join(' | ')} |`;
  const tables = all.map((measure, place) => {
    const { title, decimals } = measure;
    const text = (value: number) => ratioText(value, decimals);
    const means = rules.map((rule, at) =>
      row([
        rule,
        ...levels.map((_, level) => estimateText(estimate(valuesAt(measure, at, level)), text)),
      ]),
    );
    const compared = PAIRS.map(([from, to], pair) =>
      row([
        `${rules[to]} − ${rules[from]}`,
        ...(differences[place]?.[pair] ?? []).map((one) => {
          const isClear = one?.p == null || (adjusted.next().value as number) < 0.05;
          const words = signedEstimateText(one, text);
          return isClear ? words : `(${words})`;
        }),
      ]),
    );
    return [
      `### ${title}`,
      ['Means over the seeds:', '', ...head('rule'), ...means].join('\n'),
      ['Paired differences, seed by seed:', '', ...head('rules'), ...compared].join('\n'),
    ].join('\n\n');
  });
  return [
    `${settingCount(study)} settings by ${repeats} seeds, ${cellCount(study)} runs; ± is half the 95 % interval (Student’s t); columns: liquidity. A difference in
brackets has p ≥ 0.05 after the correction of Holm over all ${tested.length} comparisons of this page. Where all seeds give one figure there is no interval.`,
    ...tables,
  ].join('\n\n');
}
