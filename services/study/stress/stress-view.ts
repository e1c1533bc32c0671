/** What a stress test came to, read once for its page. */
import type { Figures } from '../cell-figures.ts';
import { cellAt, optionsOf, settingOf } from '../grid.ts';
import type { StressStudy } from '../study-file.ts';
import type { StudyHeader, StudyResults } from '../study-folder.ts';
import { BANK, HOUR, REACTION, REACTIONS } from './stress-dimensions.ts';

export type Reaction = (typeof REACTIONS)[number];

/** A failure and its figures. */
export interface Failure {
  readonly cell: number;
  readonly bank: string;
  readonly hour: string;
  readonly reaction: Reaction;
  /** Null: it could not be run. */
  readonly figures: Figures | null;
}

/** What a bank lost in a currency at worst, by whose failure. */
export interface Loss {
  readonly minor: bigint;
  readonly failure: Failure;
}

/** Over all failures of others, by the others' reaction. */
export interface LossRange {
  readonly participant: string;
  readonly currency: string;
  readonly by: Readonly<Record<Reaction, { largest: Loss; smallest: Loss } | null>>;
}

export interface StressView {
  readonly header: StudyHeader;
  readonly study: StressStudy;
  readonly banks: readonly string[];
  readonly hours: readonly string[];
  /** In the order of their cells. */
  readonly failures: readonly Failure[];
  readonly losses: readonly LossRange[];
  /** What failures are ranked by, and how much of it there is. */
  readonly measure: Measure;
}

/** Value at the reference rates where there are some, else the number of payments. */
export interface Measure {
  /** Null: numbers of payments. */
  readonly currency: string | null;
  /** Of several currencies: values are at the reference rates. */
  readonly isConverted: boolean;
  /** In major units, or payments; null: there is no figure. */
  of(failure: Failure | undefined, what: StressFigure): number | null;
}

export type StressFigure = 'newlyUnsettled' | 'firstRound' | 'laterRounds' | 'trapped';

export function stressView(
  header: StudyHeader,
  study: StressStudy,
  results: StudyResults,
): StressView {
  const labels = (at: number) => (study.dimensions[at]?.options ?? []).map(({ label }) => label);
  const failures: Failure[] = [];
  const losses = new Map<string, LossRange & { by: Record<Reaction, LossRange['by'][Reaction]> }>();
  for (const result of results.results()) {
    const { number, picks } = cellAt(study, result.cell);
    const [bank = '', hour = '', reaction] = optionsOf(study, picks).map(({ label }) => label);
    const figures = result.error === null ? result.figures : null;
    const failure = { cell: number, bank, hour, reaction: reaction as Reaction, figures };
    failures.push(failure);
    for (const { participant, currency, lossMinor } of result.error === null ? result.banks : []) {
      const key = `${participant} ${currency}`;
      const range = losses.get(key) ?? {
        participant: String(participant),
        currency: String(currency),
        by: { without: null, with: null },
      };
      losses.set(key, range);
      const loss = { minor: BigInt(String(lossMinor)), failure };
      const { largest = loss, smallest = loss } = range.by[failure.reaction] ?? {};
      range.by[failure.reaction] = {
        largest: loss.minor > largest.minor ? loss : largest,
        smallest: loss.minor < smallest.minor ? loss : smallest,
      };
    }
  }
  const banks = labels(BANK);
  // As in the scenario; those that never fail come last.
  const place = ({ participant }: LossRange) => banks.indexOf(participant) + 1 || Infinity;
  return {
    ...{ header, study, failures, banks, hours: labels(HOUR) },
    losses: [...losses.values()].sort((a, b) =>
      place(a) < place(b) ? -1 : Number(place(a) > place(b)),
    ),
    measure: measureOf(header, study),
  };
}

function measureOf({ decimals }: StudyHeader, { stress }: StressStudy): Measure {
  const currency = stress.referenceCurrency;
  const unit = currency === null ? 1 : Number(`1e${decimals[currency] ?? 0}`);
  return {
    currency,
    isConverted: currency !== null && Object.keys(decimals).length > 1,
    of(failure, what) {
      const value =
        failure?.figures?.[`${what}.${currency === null ? 'payments' : 'referenceMinor'}`];
      return value === undefined || value === null ? null : Number(value) / unit;
    },
  };
}

/** Undefined: it did not run. */
export function failureAt(
  { study, failures }: StressView,
  bank: number,
  hour: number,
  reaction: Reaction,
): Failure | undefined {
  const picks: number[] = [];
  picks[BANK] = bank;
  picks[HOUR] = hour;
  picks[REACTION] = REACTIONS.indexOf(reaction);
  const cell = settingOf(study, picks) + 1;
  return failures.find((failure) => failure.cell === cell);
}

/** From the most harmful on; of equal ones the first. */
export const byHarm = (
  { failures, measure }: StressView,
  reaction: Reaction,
  what: StressFigure,
): Failure[] =>
  failures
    .filter((failure) => failure.reaction === reaction && failure.figures !== null)
    .sort((a, b) => (measure.of(b, what) ?? 0) - (measure.of(a, what) ?? 0) || a.cell - b.cell);
