/** What each option changes, seed by seed or day by day, with intervals and a correction for looking often. */
import { Cell, type ColumnOf, nothing, section, table } from '../report/elements.ts';
import { countText, ratioText } from '../report/format.ts';
import { html, type Markup } from '../report/html.ts';
import { numeric } from '../report/sections/section-input.ts';
import { lockedOf } from './cell-figures.ts';
import { CONFIDENCE, type Estimate } from './confidence-intervals.ts';
import { repeatCount, repeatNames } from './grid.ts';
import { comparisonsOf, type StudyComparison, settingWords } from './runs-paired-by-seed.ts';
import {
  COUNT,
  csvName,
  estimateCell,
  type FigureForm,
  foldedIfLong,
  lockedForm,
  moneyForm,
  RHO,
  SHARE,
  SHARE_DIFFERENCE,
  signOf,
} from './study-figure-format.ts';
import { CHAIN_FIGURES, estimateOf, meansOf, type StudyView, settledOf } from './study-view.ts';

/** A figure that is compared: its words, and how its values are written. */
interface ComparedFigure {
  readonly name: string;
  readonly words: string;
  /** The share that stands beside it. */
  readonly share: string;
  readonly form: FigureForm;
}

function comparedFigures(view: StudyView): ComparedFigure[] {
  return [
    {
      name: 'settledShare',
      words: 'Settled share, by number',
      share: 'settledShare',
      form: SHARE_DIFFERENCE,
    },
    ...(view.hasChains
      ? [
          {
            name: CHAIN_FIGURES.settled,
            words: 'Chains settled',
            share: 'settledShare',
            form: COUNT,
          },
        ]
      : []),
    ...view.earmarked.map((code) => ({
      name: lockedOf(code),
      words: `${meansOf(code)} locked × time, ${code} × hours`,
      share: settledOf(code),
      form: lockedForm(view, code),
    })),
    ...view.currencies.flatMap((code) => [
      {
        share: settledOf(code),
        name: `delay.settlementDelayIndicator.${code}`,
        words: `Settlement delay indicator ρ in ${code}`,
        form: RHO,
      },
      {
        name: `liquidity.${code}.usedMinor`,
        share: settledOf(code),
        words: `${meansOf(code)} used, ${code}`,
        form: moneyForm(view, code),
      },
    ]),
  ];
}

export function differencesSection(view: StudyView): Markup {
  const { study } = view;
  const figures = comparedFigures(view);
  const { comparisons, isWhole } = comparisonsOf(
    study,
    view.settings,
    figures.map(({ name }) => name),
  );
  const { one, many } = repeatNames(study);
  const family = comparisons.filter(({ adjusted }) => adjusted !== null).length;
  if (comparisons.length === 0) {
    const isVaried = study.dimensions.some(({ options }) => options.length > 1);
    const why = isVaried ? 'No pair of runs has a figure' : 'Nothing was varied or scaled';
    return section('differences', 'Paired differences', nothing(`${why}, so nothing is compared.`));
  }
  return section(
    'differences',
    'Paired differences',
    html`<p class="def">Each option against the first of its kind, all else the same: the figure with the option less the figure with the
first one, ${one} by ${one}. Both runs of a pair ${study.days ? 'have the same payments of the day' : 'draw the same payments where the option moves no draw'}, so what the ${many} have in common
cancels.${
      family > 0 &&
      html` The interval holds the mean difference with ${CONFIDENCE * 100} % (Student’s t, paired), each by itself.
<b>p (Holm)</b> is the two-sided p of the paired t test after the correction of Holm (1979) for all ${countText(family)} comparisons of
this page that have one: the chance that any of those below 0.05 differs by luck alone is at most 5 %.`
    } Where all pairs differ by the same, or there is only one, there is neither interval nor p.${
      repeatCount(study) < 2 ? ` With one ${one} there is none at all: add ${many}.` : null
    }</p>`,
    html`<p class="def">A ${one} of which one run of the pair failed or has no such figure is left out of the whole row, of the settled shares too.
Rows that lack some say how many pairs are left, and of a row without any pair there is none.</p>`,
    !isWhole &&
      html`<p class="def">The study has too many combinations to list: options are compared where all else has its first option.
<code>cells.csv</code> has what the others need.</p>`,
    figures.map((figure) => {
      const rows = comparisons.filter((one) => one.figure === figure.name);
      return foldedIfLong(figure.words, rows.length, differenceTable(view, figure, rows));
    }),
  );
}

function differenceTable(
  view: StudyView,
  figure: ComparedFigure,
  rows: readonly StudyComparison[],
): Markup {
  const { study } = view;
  const { form } = figure;
  const named = (...names: string[]) => names.map((name) => csvName(name, form));
  const label = ({ dimension, from, to }: StudyComparison) => {
    const { name = '', options = [] } = study.dimensions[dimension] ?? {};
    return `${name}: ${options[from]?.label} → ${options[to]?.label}`;
  };
  const settled = (setting: number, { repeats }: StudyComparison) => {
    const share = estimateOf(view, setting, figure.share, repeats);
    if (share === null) return new Cell('–', '');
    const { shown } = estimateCell({ ...share, halfWidth: null }, SHARE, repeats.length);
    return new Cell(shown, String(share.mean));
  };
  const all = repeatCount(study);
  return table(
    `${figure.words}: difference, ${CONFIDENCE * 100} % interval, and the settled share of both`,
    rows,
    [
      [{ head: 'Option', wraps: true }, label],
      [
        { head: 'All else', wraps: true },
        (row) =>
          study.dimensions.length > 1
            ? settingWords(study, row.setting, row.dimension)
            : 'as it is',
      ],
      [
        { ...numeric('Difference'), csvHead: named('Difference') },
        ({ difference: { mean } }) => new Cell(signedText(mean, form), String(form.csv(mean))),
      ],
      // Where cells failed or do not have the figure.
      ...(rows.some(({ repeats }) => repeats.length < all)
        ? [
            [
              numeric('Pairs'),
              ({ repeats }) => new Cell(`${repeats.length} of ${all}`, String(repeats.length)),
            ] as ColumnOf<StudyComparison>,
          ]
        : []),
      [
        { ...numeric('Interval'), csvHead: named('Interval from', 'Interval to') },
        ({ difference }) => intervalCell(difference, form),
      ],
      [numeric('p (Holm)'), ({ adjusted }) => pCell(adjusted)],
      [numeric('Settled before'), (row) => settled(row.setting, row)],
      [numeric('after'), (row) => settled(row.other, row)],
    ],
  );
}

const signedText = (value: number, { text }: FigureForm): string =>
  signOf(value) + text(Math.abs(value));

/** Each end stays on a line. */
function intervalCell({ mean, halfWidth }: Estimate, form: FigureForm): Cell {
  if (halfWidth === null) return new Cell('–', ['', '']);
  const [low, high] = [mean - halfWidth, mean + halfWidth];
  return new Cell(
    html`<span class="estimate"><span>${signedText(low, form)}</span> <span>to ${signedText(high, form)}</span></span>`,
    [low, high].map((end) => String(form.csv(end))),
  );
}

function pCell(p: number | null): Cell {
  if (p === null) return new Cell('–', '');
  const text = p < 0.0001 ? '< 0.0001' : ratioText(p, 4);
  return new Cell(p < 0.05 ? html`<b>${text}</b>` : text, String(p));
}
