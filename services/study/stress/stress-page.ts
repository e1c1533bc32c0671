/** `stress.html`: what each failure did, bank by hour, without and with the others' reaction. */
import { shellWord } from '../../platform/shell-word.ts';
import { amountText } from '../../protocol/names/minor-units.ts';
import { durationText } from '../../protocol/names/vocabulary.ts';
import {
  HEAT_LESS,
  HEAT_MORE,
  type HeatPanel,
  heatHeights,
  heatMap,
} from '../../report/charts/heat-map.ts';
import { drawBoth } from '../../report/charts/render.ts';
import {
  Cell,
  type ColumnOf,
  facts,
  figure,
  legend,
  nothing,
  section,
  table,
  tiles,
} from '../../report/elements.ts';
import { compact, countText, ratioText } from '../../report/format.ts';
import { type Content, html, type Markup } from '../../report/html.ts';
import { contentsNav, page } from '../../report/page.ts';
import { numeric } from '../../report/sections/section-input.ts';
import { cellAt, optionsOf } from '../grid.ts';
import { csvName, foldedIfLong, moneyForm } from '../study-figure-format.ts';
import type { StressStudy } from '../study-file.ts';
import type { StudyHeader, StudyResults } from '../study-folder.ts';
import { failedSection, producedSection } from '../study-sections.ts';
import { REACTIONS } from './stress-dimensions.ts';
import {
  byHarm,
  type Failure,
  failureAt,
  type LossRange,
  type Reaction,
  type StressFigure,
  type StressView,
  stressView,
} from './stress-view.ts';

const NOT_RUN = 'Failures that did not run';
const CONTENTS = [
  ['harm', 'Most harmful failures'],
  ['unsettled', 'Newly unsettled'],
  ['later', 'Later rounds'],
  ['losses', 'Losses of liquidity'],
  ['failed', NOT_RUN],
  ['provenance', 'What produced this'],
] as const;

const REACTION_WORDS: Readonly<Record<Reaction, string>> = {
  without: 'The others go on paying',
  with: 'The others stop paying',
};

export function stressPage(header: StudyHeader, study: StressStudy, results: StudyResults): string {
  const view = stressView(header, study, results);
  return page({
    version: header.version,
    title: `${study.name}: Corridor stress test`,
    running: `stress test ${study.name}, ${header.digest.slice(0, 12)}`.replace(/[^\w ,.-]/g, ' '),
    fileName: study.name,
    content: [
      head(view),
      contentsNav(CONTENTS),
      harmSection(view),
      heatSection(view, 'unsettled', 'newlyUnsettled', 'Newly unsettled', UNSETTLED),
      heatSection(view, 'later', 'laterRounds', 'Later rounds', LATER),
      lossSection(view),
      failedSection(NOT_RUN, study, results),
      producedSection(
        header,
        html`<code>stress.csv</code> and <code>stress.parquet</code> have a row for each failure, <code>losses</code> one for each
account of another bank in each failure. docs/stress.md defines their columns.`,
      ),
    ],
  }).text;
}

const UNSETTLED =
  'Payments that settle on the day without failure and do not settle with it, whoever pays whom.';
const LATER =
  'The same of payments in which the failed bank has no part: they wait for what it, or another that waits, does not bring.';

function head({ study, banks, hours }: StressView): Markup {
  const { date, zone, lengthSeconds, reactionAfterSeconds, queued, set } = study.stress;
  const length = lengthSeconds === null ? 'for good' : `for ${durationText(lengthSeconds * 1000)}`;
  return html`<header>
<p class="kicker">Corridor stress test</p>
<h1>${study.name}</h1>
<p class="lead">Each bank fails at each hour: it sends nothing ${length}, and still receives.</p>
${facts([
  ['Scenario', html`<code>${study.scenarioFile}</code>`],
  ...(set.length > 0 ? [['Changed by', html`<code>${set.join(' ')}</code>`] as const] : []),
  ['Banks', `${banks.length}`],
  ['Hours', `${hours.join(', ')} (${zone}), ${date}${daysText(hours)}`],
  [
    'Reaction',
    `after ${durationText(reactionAfterSeconds * 1000)} the others stop paying it; what is queued to it is ${queued}`,
  ],
])}
</header>`;
}

/** What +1 and -1 behind an hour say, where one has them. */
function daysText(hours: readonly string[]): string {
  const words = [
    ...(hours.some((hour) => hour.includes('+')) ? ['+1: on the calendar day after'] : []),
    ...(hours.some((hour) => hour.includes('-')) ? ['-1: on the calendar day before'] : []),
  ];
  return words.map((one) => `; ${one}`).join('');
}

const measureText = ({ measure }: StressView, value: number): string =>
  (measure.currency === null ? countText(value) : ratioText(value, 0)).replace('-', '−');
const measureWords = ({ measure }: StressView): string =>
  measure.currency === null ? 'number of payments' : `value in ${measure.currency}`;

/** At most so many of each reaction stand in the list of the most harmful. */
const SHOWN_MAX = 10;

function harmSection(view: StressView): Markup {
  const harmOf = (failure: Failure, what: StressFigure) => view.measure.of(failure, what) ?? 0;
  const shown = (reaction: Reaction) =>
    byHarm(view, reaction, 'newlyUnsettled')
      .filter((failure) => harmOf(failure, 'newlyUnsettled') > 0)
      .slice(0, SHOWN_MAX);
  const [without, withReaction] = [shown('without'), shown('with')];
  const ranked = [...without, ...withReaction];
  const items = REACTIONS.flatMap((reaction) =>
    (['newlyUnsettled', 'laterRounds'] as const).flatMap((what) => {
      const [worst] = byHarm(view, reaction, what);
      if (worst === undefined) return [];
      const harm = harmOf(worst, what);
      const unit = view.measure.currency ?? 'payments';
      return [
        {
          name: what === 'newlyUnsettled' ? 'Most newly unsettled' : 'Most in later rounds',
          value: harm === 0 ? 'none' : `${worst.bank} ${worst.hour}`,
          note: harm === 0 ? '' : `${measureText(view, harm)} ${unit}`,
          definition: `${REACTION_WORDS[reaction]}.`,
        },
      ];
    }),
  );
  const count = (name: string): ColumnOf<Failure>[1] => {
    return ({ figures }) => countText(Number(figures?.[name] ?? 0));
  };
  const value = (what: StressFigure): ColumnOf<Failure>[1] => {
    return (failure) => measureCell(view, view.measure.of(failure, what));
  };
  const columns: ColumnOf<Failure>[] = [
    ['Bank', ({ bank }) => bank],
    ['Hour', ({ hour }) => hour],
    ['Reaction', ({ reaction }) => reaction],
    [numeric('Newly unsettled'), count('newlyUnsettled.payments')],
    [numeric('First round'), count('firstRound.payments')],
    [numeric('Later rounds'), count('laterRounds.payments')],
    [numeric('Last round'), count('rounds.last')],
    ...(view.measure.currency === null
      ? []
      : ([
          [numeric('Value'), value('newlyUnsettled')],
          [numeric('in later rounds'), value('laterRounds')],
          [numeric('Trapped'), value('trapped')],
        ] as ColumnOf<Failure>[])),
  ];
  const [worst] = without;
  return section(
    'harm',
    'Most harmful failures',
    tiles('Most harmful failures', items),
    ranked.length === 0
      ? nothing('No failure that ran keeps a payment from settling.')
      : table(
          `Most harmful failures, ${without.length} without the others’ reaction and ${withReaction.length} with it, by ${measureWords(view)}; payments${view.measure.currency === null ? '' : `, and values in ${view.measure.currency}${view.measure.isConverted ? ' at the scenario’s reference rates' : ''}`}`,
          ranked,
          columns,
        ),
    worst !== undefined &&
      html`<p class="def">The most harmful one as a run of its own: <code>${runCommand(view.study, worst)}</code></p>`,
  );
}

function runCommand(study: StressStudy, { cell }: Failure): string {
  const { picks, seed } = cellAt(study, cell);
  const set = optionsOf(study, picks).flatMap((option) => option.set);
  const words = ['corridor', 'run', study.scenarioFile, ...set.flatMap((one) => ['--set', one])];
  return [...words, '--seed', String(seed)].map(shellWord).join(' ');
}

/** Bank by hour without and with the reaction, and the second less the first. */
function heatSection(
  view: StressView,
  id: string,
  what: StressFigure,
  title: string,
  definition: string,
): Markup {
  const { banks, hours, measure } = view;
  const matrix = (reaction: Reaction) =>
    banks.map((_, bank) =>
      hours.map((__, hour) => measure.of(failureAt(view, bank, hour, reaction), what)),
    );
  const [without, reaction] = [matrix('without'), matrix('with')];
  const difference = without.map((row, bank) =>
    row.map((value, hour) => {
      const other = reaction[bank]?.[hour] ?? null;
      return value === null || other === null ? null : other - value;
    }),
  );
  // One scale, so that colours compare.
  const most = Math.max(...[without, reaction, difference].map(mostOf));
  const panels: HeatPanel[] = [
    { title: REACTION_WORDS.without, values: without, most },
    { title: REACTION_WORDS.with, values: reaction, most },
    { title: 'Difference', values: difference, most },
  ];
  const parts = { rows: banks, columns: hours, panels };
  const words = measureWords(view);
  const captionOf = (panel: HeatPanel) =>
    `${title}, ${words}: ${panel.title.toLowerCase()}, by bank and hour`;
  return section(
    id,
    title,
    figure({
      title: `${title} by bank that fails and hour, ${words}`,
      text: `${definition} The difference is with the reaction less without it. Colours deepen with the square root of the figure.`,
      unit: words,
      source: captionOf(panels[0] as HeatPanel),
      legend: legend([
        { text: `more, up to ${compact(most)}`, colour: HEAT_MORE, shape: 'square' },
        { text: 'difference: less with the reaction', colour: HEAT_LESS, shape: 'square' },
        { text: 'none', colour: 'var(--track)', shape: 'square' },
      ]),
      chart: drawBoth(
        `heat-${id}`,
        `${title} by bank and hour, ${words}: the tables below have the figures`,
        heatHeights(banks.length, panels.length),
        (size) => heatMap(parts, size),
      ),
    }),
    panels.map((panel) => {
      const caption = captionOf(panel);
      return foldedIfLong(caption, banks.length, heatTable(view, caption, panel.values));
    }),
  );
}

const mostOf = (values: readonly (readonly (number | null)[])[]): number =>
  values.flat().reduce<number>((most, value) => Math.max(most, Math.abs(value ?? 0)), 0);

function heatTable(
  view: StressView,
  caption: string,
  values: readonly (readonly (number | null)[])[],
): Markup {
  return table(caption, view.banks, [
    ['Bank', (bank) => bank],
    ...view.hours.map(
      (hour, column): ColumnOf<string> => [
        numeric(hour),
        (_, row) => measureCell(view, values[row]?.[column] ?? null),
      ],
    ),
  ]);
}

const measureCell = (view: StressView, value: number | null): Content | Cell =>
  value === null ? '–' : new Cell(measureText(view, value), String(value));

function lossSection(view: StressView): Markup {
  const currencies = Object.keys(view.header.decimals).filter((code) =>
    view.losses.some(({ currency }) => currency === code),
  );
  return section(
    'losses',
    'Losses of liquidity',
    html`<p class="def"><b>Loss of liquidity</b>: by how much a bank’s balance and available credit are below those of the day without
failure, at the worst instant. Largest and smallest are over all failures of other banks, as in the stress tester of the Bank of
Finland’s simulator (Leinonen and Soramäki, BoF-PSS2). Of equal ones the first is named.</p>`,
    currencies.length === 0
      ? nothing('No failure of another bank ran.')
      : currencies.map((code) => {
          const rows = view.losses.filter(({ currency }) => currency === code);
          const caption = `Largest and smallest loss of liquidity by bank, and whose failure gave it; ${code}`;
          return foldedIfLong(caption, rows.length, lossTable(view, caption, code, rows));
        }),
  );
}

function lossTable(
  { header }: StressView,
  caption: string,
  code: string,
  rows: readonly LossRange[],
): Markup {
  const form = moneyForm({ header }, code);
  const columns = REACTIONS.flatMap((reaction) =>
    (['largest', 'smallest'] as const).flatMap((end): ColumnOf<LossRange>[] => {
      const head = `${end === 'largest' ? 'Largest' : 'Smallest'} ${reaction}`;
      return [
        [
          { ...numeric(head), csvHead: csvName(head, form) },
          ({ by }) => {
            const loss = by[reaction]?.[end];
            if (loss === undefined) return '–';
            const csv = amountText(loss.minor, header.decimals[code] ?? 0);
            return new Cell(form.text(Number(loss.minor)), csv);
          },
        ],
        [
          { head: 'by', csvHead: `${head}, by` },
          ({ by }) => {
            const loss = by[reaction]?.[end];
            return loss === undefined || loss.minor === 0n
              ? '–'
              : `${loss.failure.bank} ${loss.failure.hour}`;
          },
        ],
      ];
    }),
  );
  return table(caption, rows, [['Bank', ({ participant }) => participant], ...columns]);
}
