/** What every section of a study's page needs. */
import { CURRENCY_PATTERN } from '../protocol/names/currency-and-isin.ts';
import { lockedOf } from './cell-figures.ts';
import { type Estimate, estimate } from './confidence-intervals.ts';
import { type SettingFigures, valuesOf } from './runs-paired-by-seed.ts';
import type { Study } from './study-file.ts';
import type { StudyHeader, StudyResults } from './study-folder.ts';

export interface StudyView {
  readonly header: StudyHeader;
  readonly study: Study;
  /** Those in which some cell has a delay. */
  readonly currencies: readonly string[];
  /** Whether all legs of a chain came in some cell. */
  readonly hasChains: boolean;
  /** Those in which some cell had money set aside. */
  readonly earmarked: readonly string[];
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

/** Of chains, by what the page says of them. */
export const CHAIN_FIGURES = {
  complete: 'chains.matched',
  settled: 'chains.settled',
  refused: 'conditions.chains.refused',
  deadline: 'conditions.chains.deadline',
  expired: 'conditions.chains.expired',
  capped: 'conditions.chains.capped',
  toSettlement: 'conditions.attestationToSettlement.p95Ms',
};

/** Figures that the page shows. */
export function figureNames({ decimals }: StudyHeader, results: StudyResults) {
  const seen = new Set<string>();
  for (const result of results.results())
    if (result.error === null)
      for (const [name, value] of Object.entries(result.figures))
        if (value !== null) seen.add(name);
  const codes = Object.keys(decimals);
  const currencies = codes.filter((code) => seen.has(delayOf(code)));
  const earmarked = codes.filter((code) => seen.has(lockedOf(code)));
  return {
    currencies,
    earmarked,
    hasChains: seen.has(CHAIN_FIGURES.complete),
    all: [
      'settledShare',
      ...Object.values(CHAIN_FIGURES),
      ...earmarked.map(lockedOf),
      ...currencies.flatMap(figuresOf),
    ],
  };
}

/** What accounts hold: money is liquidity, and securities are none. */
export const MEANS = ['Liquidity', 'Holdings'] as const;
export const meansOf = (code: string): (typeof MEANS)[number] =>
  new RegExp(CURRENCY_PATTERN).test(code) ? 'Liquidity' : 'Holdings';

/** Of the table of a currency, which has what is drawn. */
export const settingsCaption = (code: string): string =>
  `Delay and ${meansOf(code).toLowerCase()} in ${code}, by setting; amounts in ${code}`;

/**
 * Over the seeds or days of a setting.
 * @param repeats the places of those that count; absent: all
 */
export function estimateOf(
  { settings }: Pick<StudyView, 'settings'>,
  setting: number,
  name: string,
  repeats?: readonly number[],
): Estimate | null {
  const cells = settings[setting] ?? [];
  return estimate(valuesOf(repeats?.map((repeat) => cells[repeat]) ?? cells, name));
}
