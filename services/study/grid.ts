/**
 * The cells of a study: every combination of its options, each with every seed or imported day. These
 * run fastest, then the last dimension, so that a cell has the same number on every machine.
 */

export const SCALES = ['liquidity', 'traffic', 'amounts'] as const;
export type ScaleKind = (typeof SCALES)[number];

/** A factor on what the scenario has; empty lists: all. */
export interface Scale {
  readonly kind: ScaleKind;
  /** A decimal, as the study has it. */
  readonly factor: string;
  readonly participants: readonly string[];
  readonly currencies: readonly string[];
  readonly flows: readonly string[];
}

export interface Option {
  /** As the tables name it. */
  readonly label: string;
  /** `path=value` as `--set` takes it. */
  readonly set: readonly string[];
  readonly scale: Scale | null;
  /** One of BCBS 248, as `--stress` takes it: of the scenario as the cell has it otherwise. */
  readonly stressScenario?: string;
  /** The file of a mechanism of one's own, as the user may type it; absent: the scenario's cycles. */
  readonly mechanism?: string;
}

export interface Dimension {
  /** A path, the name of variants, or `scale.liquidity`. */
  readonly name: string;
  readonly options: readonly Option[];
}

/** A business day whose payments a CSV file has. */
export interface StudyDay {
  readonly date: string;
  /** As `--set` takes it. */
  readonly set: readonly string[];
}

export interface Grid {
  readonly dimensions: readonly Dimension[];
  readonly seeds: readonly number[];
  /** In place of several seeds: each runs with the only one. */
  readonly days?: readonly StudyDay[];
}

export interface StudyCell {
  /** From 1. */
  readonly number: number;
  /** Of each dimension, the index of its option. */
  readonly picks: readonly number[];
  readonly seed: number;
  readonly day?: StudyDay;
}

/** What the cells of one setting differ by, and so what its figures are means over. */
export const repeatCount = ({ seeds, days }: Grid): number => (days ?? seeds).length;
export const repeatNames = ({ days }: Pick<Grid, 'days'>) =>
  days === undefined
    ? { one: 'seed', many: 'seeds', column: 'seed' }
    : { one: 'day', many: 'days', column: 'date' };
export const repeatLabel = ({ seed, day }: Pick<StudyCell, 'seed' | 'day'>): string | number =>
  day?.date ?? seed;

/** The most cells of one study, so that a slip of the keyboard is caught. */
export const CELLS_MAX = 100_000;

/** Combinations of options, without seeds or days. */
export const settingCount = ({ dimensions }: Pick<Grid, 'dimensions'>): number =>
  dimensions.reduce((product, { options }) => product * options.length, 1);

export const cellCount = (grid: Grid): number => settingCount(grid) * repeatCount(grid);

/** @param number from 1 to the number of cells */
export function cellAt(grid: Grid, number: number): StudyCell {
  const index = number - 1;
  const repeats = repeatCount(grid);
  const picks = picksAt(grid, Math.floor(index / repeats));
  const day = grid.days?.[index % repeats];
  return day === undefined
    ? { number, picks, seed: grid.seeds[index % repeats] as number }
    : { number, picks, seed: grid.seeds[0] as number, day };
}

/** @param setting from 0 */
export function picksAt({ dimensions }: Pick<Grid, 'dimensions'>, setting: number): number[] {
  const picks: number[] = [];
  let rest = setting;
  for (const { options } of dimensions.toReversed()) {
    picks.unshift(rest % options.length);
    rest = Math.floor(rest / options.length);
  }
  return picks;
}

/** The setting's number, from 0. */
export const settingOf = (
  { dimensions }: Pick<Grid, 'dimensions'>,
  picks: readonly number[],
): number =>
  dimensions.reduce((sum, { options }, at) => sum * options.length + (picks[at] as number), 0);

export const optionsOf = (
  { dimensions }: Pick<Grid, 'dimensions'>,
  picks: readonly number[],
): Option[] => dimensions.map(({ options }, at) => options[picks[at] as number] as Option);

/** The file of the mechanism that the cells with these options have in place of the scenario's cycles. */
export const ownMechanismOf = (
  grid: Pick<Grid, 'dimensions'>,
  picks: readonly number[],
): string | undefined =>
  optionsOf(grid, picks).find(({ mechanism }) => mechanism !== undefined)?.mechanism;

/** `settlement.cycle=off, scale.liquidity=0.5, seed 2`. */
export const cellWords = (grid: Grid, cell: StudyCell): string =>
  [
    ...optionsOf(grid, cell.picks).map(({ label }, at) => `${grid.dimensions[at]?.name}=${label}`),
    `${repeatNames(grid).column} ${repeatLabel(cell)}`,
  ].join(', ');

/** A part of the cells: every `of`th from the `index`th on, so that each part has some of all. */
export interface Shard {
  readonly index: number;
  readonly of: number;
}

export function* cellsOf(grid: Grid, shard: Shard | null): Generator<StudyCell, void> {
  const { index, of } = shard ?? { index: 1, of: 1 };
  for (let number = index; number <= cellCount(grid); number += of) yield cellAt(grid, number);
}
