/**
 * Each option of a study against the first of its dimension: all else is the same in both of a pair. The difference
 * with its interval and p value: paired-t-test.ts; the correction for many: confidence-intervals.ts.
 */
import { type Figures, isTally } from './cell-figures.ts';
import { holmAdjusted } from './confidence-intervals.ts';
import { optionsOf, picksAt, repeatCount, settingCount, settingOf } from './grid.ts';
import { type PairedDifference, pairedDifference } from './paired-t-test.ts';
import type { Study } from './study-file.ts';
import type { StudyResults } from './study-folder.ts';

/** Of each setting, the figures of its cells by seed or day; undefined: the cell has none. */
export type SettingFigures = readonly (readonly (Figures | undefined)[])[];

/** @param names of the figures that are wanted: a study has too many to hold all */
export function settingFigures(
  study: Study,
  results: StudyResults,
  names: readonly string[],
): SettingFigures {
  const repeats = repeatCount(study);
  return Array.from({ length: settingCount(study) }, (_, setting) =>
    Array.from({ length: repeats }, (_, repeat) => {
      const result = results.result(setting * repeats + repeat + 1);
      if (result === undefined || result.error !== null) return undefined;
      const absent = (name: string) => (isTally(name) ? 0 : null);
      return Object.fromEntries(names.map((name) => [name, result.figures[name] ?? absent(name)]));
    }),
  );
}

/** The values of a figure over the seeds or days, of those cells that have it. */
export const valuesOf = (cells: readonly (Figures | undefined)[], name: string): number[] =>
  cells.flatMap((cell) => numberOf(cell, name) ?? []);

const numberOf = (cell: Figures | undefined, name: string): number | null => {
  const value = cell?.[name] ?? null;
  return value === null ? null : Number(value);
};

export interface StudyComparison {
  readonly figure: string;
  /** The dimension that differs, and the options compared; the first is what others are held against. */
  readonly dimension: number;
  readonly from: number;
  readonly to: number;
  /** The settings with `from` and with `to`. */
  readonly setting: number;
  readonly other: number;
  /** The places of the seeds or days in which both have the figure: the difference is over these alone. */
  readonly repeats: readonly number[];
  readonly difference: PairedDifference;
  /** p after Holm, over all comparisons that have one. */
  readonly adjusted: number | null;
}

/** Beyond so many, options are compared only where all other dimensions have their first one. */
const COMPARISONS_MAX = 2000;

/** Each option against the first of its dimension, at each combination of the other dimensions. */
export function comparisonsOf(
  study: Study,
  settings: SettingFigures,
  figures: readonly string[],
): { readonly comparisons: readonly StudyComparison[]; readonly isWhole: boolean } {
  const all = [...pairsOf(study)];
  const isWhole = all.length * figures.length <= COMPARISONS_MAX;
  const pairs = isWhole ? all : all.filter(({ isFirst }) => isFirst);
  const found = figures.flatMap((figure) =>
    pairs.flatMap(({ dimension, to, setting, other }) => {
      const both = (settings[setting] ?? []).flatMap((cell, repeat) => {
        const before = numberOf(cell, figure);
        const after = numberOf(settings[other]?.[repeat], figure);
        return before === null || after === null ? [] : { repeat, pair: [before, after] as const };
      });
      const difference = pairedDifference(both.map(({ pair }) => pair));
      if (difference === null) return [];
      const repeats = both.map(({ repeat }) => repeat);
      return [{ figure, dimension, from: 0, to, setting, other, repeats, difference }];
    }),
  );
  const ps = found.flatMap(({ difference }) => difference.p ?? []);
  const adjusted = holmAdjusted(ps).values();
  return {
    isWhole,
    comparisons: found.map((one) => ({
      ...one,
      adjusted: one.difference.p === null ? null : (adjusted.next().value as number),
    })),
  };
}

function* pairsOf(study: Study) {
  for (const [dimension, { options }] of study.dimensions.entries())
    for (let setting = 0; setting < settingCount(study); setting++) {
      const picks = picksAt(study, setting);
      if (picks[dimension] !== 0) continue;
      const isFirst = picks.every((pick) => pick === 0);
      for (let to = 1; to < options.length; to++) {
        const other = settingOf(study, picks.with(dimension, to));
        yield { dimension, to, setting, other, isFirst };
      }
    }
}

/** `settlement.cycle=off, scale.liquidity=1`, without one dimension. */
export function settingWords(study: Study, setting: number, without?: number): string {
  const options = optionsOf(study, picksAt(study, setting));
  const words = options.flatMap(({ label }, at) =>
    at === without ? [] : [`${study.dimensions[at]?.name}=${label}`],
  );
  return words.length === 0 ? 'the scenario as it is' : words.join(', ');
}
