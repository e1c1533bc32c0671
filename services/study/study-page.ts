/** `study.html`: what a study found, in the report's style, from its results alone. */

import { type ColumnOf, facts, section, type Tile, table, tiles } from '../report/elements.ts';
import { DEFINITIONS } from '../report/figure-definitions.ts';
import { countText } from '../report/format.ts';
import { html, type Markup } from '../report/html.ts';
import { contentsNav, page } from '../report/page.ts';
import { lockedOf } from './cell-figures.ts';
import { CONFIDENCE } from './confidence-intervals.ts';
import { differencesSection } from './differences-section.ts';
import { frontierSection } from './frontier-section.ts';
import { cellCount, picksAt, repeatCount, repeatNames, settingCount } from './grid.ts';
import { settingFigures } from './runs-paired-by-seed.ts';
import {
  COUNT,
  DURATION,
  estimateCell,
  estimateColumn,
  type FigureForm,
  foldedIfLong,
  lockedForm,
  moneyForm,
  RHO,
  SHARE,
} from './study-figure-format.ts';
import type { Study } from './study-file.ts';
import type { StudyHeader, StudyResults } from './study-folder.ts';
import { failedSection, producedSection, ROWS_MAX } from './study-sections.ts';
import {
  CHAIN_FIGURES,
  estimateOf,
  figureNames,
  MEANS,
  meansOf,
  type StudyView,
  settingsCaption,
  settledOf,
} from './study-view.ts';

const FAILED = 'Cells that failed';
const CONTENTS = [
  ['frontiers', 'Delay against liquidity'],
  ['settings', 'Settings'],
  ['chains', 'Chains and earmarks'],
  ['differences', 'Paired differences'],
  ['failed', FAILED],
  ['provenance', 'What produced this'],
] as const;

export function studyPage(header: StudyHeader, results: StudyResults): string {
  const { study } = header;
  const names = figureNames(header, results);
  const view: StudyView = {
    header,
    study,
    ...names,
    settings: settingFigures(study, results, names.all),
  };
  return page({
    version: header.version,
    title: `${study.name}: Corridor study`,
    running: `study ${study.name}, ${header.digest.slice(0, 12)}`.replace(/[^\w ,.-]/g, ' '),
    fileName: study.name,
    content: [
      head(view, results),
      contentsNav(CONTENTS.filter(([id]) => id !== 'chains' || view.hasChains)),
      frontierSection(view),
      settingsSection(view),
      view.hasChains ? chainsSection(view) : html``,
      differencesSection(view),
      failedSection(FAILED, study, results),
      producedSection(
        header,
        html`<code>cells.csv</code> and <code>cells.parquet</code> have a row for each cell,
<code>banks</code> one for each account in each cell, <code>corridors</code> one for each corridor in each. A figure’s name is its place in
<code>summary.json</code>; docs/indicators.md defines it, and docs/studies.md says how cells are numbered.`,
      ),
    ],
  }).text;
}

function head({ header, study }: StudyView, results: StudyResults): Markup {
  const failed = results.failed.size;
  const { one, many } = repeatNames(study);
  const repeats = many.charAt(0).toUpperCase() + many.slice(1);
  const items: Tile[] = [
    {
      name: 'Cells',
      value: countText(cellCount(study)),
      definition: `Each is a whole run: a setting with a ${one}.`,
    },
    {
      name: 'Settings',
      value: countText(settingCount(study)),
      definition: 'Every combination of what is varied and scaled.',
    },
    {
      name: repeats,
      value: countText(repeatCount(study)),
      definition: `The same in each setting${repeatCount(study) > 1 && settingCount(study) > 1 ? `, so that settings are compared ${one} by ${one}` : ''}.`,
    },
    {
      name: 'Failed',
      value: countText(failed),
      definition: 'Cells without figures: they are listed below.',
    },
  ];
  return html`<header>
<p class="kicker">Corridor study</p>
<h1>${study.name}</h1>
${study.description !== '' && html`<p class="lead">${study.description}</p>`}
${facts([
  ['Scenario', html`<code>${study.scenarioFile}</code>`],
  ...study.dimensions.map(
    ({ name, options }) => [name, options.map(({ label }) => label).join(', ')] as const,
  ),
  [repeats, repeatWords(study)],
  ['Version', header.version],
])}
${hasOwnMechanism(study) && html`<p class="def">${OWN_MECHANISM_NOTE}</p>`}
</header>
${section('size', 'Size', tiles('Size of the study', items))}`;
}

const hasOwnMechanism = ({ dimensions }: Study): boolean =>
  dimensions.some(({ options }) => options.some(({ mechanism }) => mechanism !== undefined));
const OWN_MECHANISM_NOTE =
  'A mechanism of one’s own may take payments from anywhere in a queue. Corridor’s own cycles keep the order of the queues, so that they may settle less with the same money.';

function repeatWords(study: Study): string {
  const all = study.days?.map(({ date }) => date) ?? study.seeds;
  return all.length <= 8
    ? all.join(', ')
    : `${all[0]} to ${all.at(-1)} (${all.length} ${repeatNames(study).many})`;
}

/** Settings that a table lists, what names each, and columns with the estimate of a figure. */
function settingColumns(view: StudyView) {
  const { study } = view;
  const count = Math.min(settingCount(study), ROWS_MAX);
  const options = study.dimensions.map(
    ({ name, options: all }, at): ColumnOf<number> => [
      name,
      (setting) => all[picksAt(study, setting)[at] as number]?.label ?? '',
    ],
  );
  const first: ColumnOf<number>[] =
    options.length > 0 ? options : [['Setting', () => 'the scenario as it is']];
  return {
    settings: Array.from({ length: count }, (_, setting) => setting),
    first,
    of: (head: string, name: string, form: FigureForm): ColumnOf<number> => [
      estimateColumn(head, form),
      (setting) => estimateCell(estimateOf(view, setting, name), form, repeatCount(study)),
    ],
  };
}

/** What stands in a column of estimates. */
function meansText(study: Study): Markup {
  const { one, many } = repeatNames(study);
  const all = repeatCount(study);
  if (all === 1) return html`<p class="def">Of one ${one}, and so without intervals.</p>`;
  return html`<p class="def">Means over ${countText(all)} ${many}, with half the width of the ${CONFIDENCE * 100} % confidence interval of the mean (Student’s t).
A mean over fewer, where cells failed or have no such figure, says over how many: (${all - 1} of ${all}). There is no interval where all ${many}
of a mean give one figure, nor where there is only one: (1 of ${all}).</p>`;
}

function chainsSection(view: StudyView): Markup {
  const { settings, first, of } = settingColumns(view);
  const tables = [
    table('Chains, by setting', settings, [
      ...first,
      of('Complete', CHAIN_FIGURES.complete, COUNT),
      of('Settled', CHAIN_FIGURES.settled, COUNT),
      of('Refused', CHAIN_FIGURES.refused, COUNT),
      of('Deadline', CHAIN_FIGURES.deadline, COUNT),
      of('Expired', CHAIN_FIGURES.expired, COUNT),
      of('Capped', CHAIN_FIGURES.capped, COUNT),
      of('Attestation to settlement, p95', CHAIN_FIGURES.toSettlement, DURATION),
    ]),
    ...MEANS.map((means) => {
      const codes = view.earmarked.filter((code) => meansOf(code) === means);
      if (codes.length === 0) return false;
      return table(`${means} locked × time, by setting; in units × hours`, settings, [
        ...first,
        ...codes.map((code) => of(code, lockedOf(code), lockedForm(view, code))),
      ]);
    }),
  ];
  const { chainOutcomes, attestationToSettlement, locked } = DEFINITIONS;
  return section(
    'chains',
    'Chains and earmarks',
    [chainOutcomes, attestationToSettlement, locked].map(
      ({ name, definition }) => html`<p class="def"><b>${name}</b>: ${definition}</p>`,
    ),
    meansText(view.study),
    html`<p class="def">Here over the banks of each currency together. Where nothing was set aside it is 0.</p>`,
    foldedIfLong('Chains and earmarks, by setting', settings.length, html`${tables}`),
  );
}

function settingsSection(view: StudyView): Markup {
  const { study, currencies } = view;
  const count = settingCount(study);
  const { settings, first, of } = settingColumns(view);
  return section(
    'settings',
    'Settings',
    meansText(study),
    [DEFINITIONS.settledShare, DEFINITIONS.delayIndicator, DEFINITIONS.delayIndicatorSubmitted].map(
      ({ name, definition }) => html`<p class="def"><b>${name}</b>: ${definition}</p>`,
    ),
    count > ROWS_MAX &&
      html`<p class="def">The first ${ROWS_MAX} of ${countText(count)} settings; <code>cells.csv</code> has all.</p>`,
    currencies.map((code) => {
      const caption = settingsCaption(code);
      return foldedIfLong(
        caption,
        settings.length,
        table(caption, settings, [
          ...first,
          of('Settled share', settledOf(code), SHARE),
          of('Delay ρ', `delay.settlementDelayIndicator.${code}`, RHO),
          of('ρ over all submitted', `delay.settlementDelayIndicatorSubmitted.${code}`, RHO),
          of('Value-weighted delay', `delay.valueWeightedDelayMs.${code}`, DURATION),
          of(
            `${meansOf(code)} available`,
            `liquidity.${code}.availableMinor`,
            moneyForm(view, code),
          ),
          of(`${meansOf(code)} used`, `liquidity.${code}.usedMinor`, moneyForm(view, code)),
        ]),
      );
    }),
  );
}
