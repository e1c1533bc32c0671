/** What every section of a study's page needs. */

import { type Estimate, estimate } from './confidence-intervals.ts';
import { type SettingFigures, valuesOf } from './paired-differences.ts';
import type { Study } from './study-file.ts';
import type { StudyHeader, StudyResults } from './study-folder.ts';

export interface StudyView {
  readonly header: StudyHeader;
  readonly study: Study;
  /** Those in which some cell has a delay. */
  readonly currencies: readonly string[];
  readonly settings: SettingFigures;
}

export const delayOf = (code: string) => `delay.settlementDelayIndicator.${code}`;
/** What stands beside it. */
export const settledOf = (code: string) => `settledValueShare.${code}`;
const figuresOf = (code: string) => [
  delayOf(code),
  settledOf(code),
  `delay.settlementDelayIndicatorSubmitted.${code}`,
  `delay.valueWeightedDelayMs.${code}`,
  `liquidity.${code}.availableMinor`,
  `liquidity.${code}.usedMinor`,
];

/** Figures that the page shows. */
export function figureNames({ decimals }: StudyHeader, results: StudyResults) {
  const seen = new Set<string>();
  for (const result of results.results())
    if (result.error === null)
      for (const code of Object.keys(decimals))
        if ((result.figures[delayOf(code)] ?? null) !== null) seen.add(code);
  const currencies = Object.keys(decimals).filter((code) => seen.has(code));
  return { currencies, all: ['settledShare', ...currencies.flatMap(figuresOf)] };
}

/** Of the table of a currency, which has what is drawn. */
export const settingsCaption = (code: string): string =>
  `Delay and liquidity in ${code}, by setting; amounts in ${code}`;

/** Over the seeds or days of a setting. */
export const estimateOf = (
  { settings }: Pick<StudyView, 'settings'>,
  setting: number,
  name: string,
): Estimate | null => estimate(valuesOf(settings[setting] ?? [], name));
