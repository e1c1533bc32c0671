/** A comparison as a page, in the report's style: all that `--json` has. */
import { version } from '../platform/service/build-info.ts';
import { amountText } from '../protocol/names/minor-units.ts';
import { Cell, type ColumnOf, foldedTable, nothing, section, table } from '../report/elements.ts';
import { countText, moneyText } from '../report/format.ts';
import { html, type Markup } from '../report/html.ts';
import { contentsNav, page } from '../report/page.ts';
import { numeric } from '../report/sections/section-input.ts';
import type { Compared } from './compare-runs.ts';
import {
  type ChangedPayment,
  type Comparison,
  FATES,
  type Figure,
  type HourFigures,
  type PaymentComparison,
  type Unit,
  type Value,
} from './comparison-json.ts';
import {
  BANK_COLUMNS,
  CORRIDOR_COLUMNS,
  changeText,
  configuredValue,
  type Decimals,
  differenceText,
  FATE_WORDS,
  fateText,
  figureOf,
  HOUR_COLUMNS,
  hourText,
  saidIn,
  shortNames,
  toldFigures,
  valueText,
} from './comparison-words.ts';
import { differs, unitOf } from './figure-differences.ts';

const CONTENTS = [
  ['configuration', 'Configuration'],
  ['indicators', 'Indicators'],
  ['banks', 'Banks'],
  ['hours', 'By bank and hour'],
  ['corridors', 'Corridors'],
  ['payments', 'Payments'],
  ['figures', 'All figures'],
] as const;

/** Figures by bank and hour that are drawn as maps, and the deepest colour, in per cent. */
const HEAT_FIGURES = ['settledValueMinor', 'weightedDelayMs', 'liquidityUsedMinor'];
const HEAT_MOST = 60;

/** What every part of the page needs. */
interface View {
  readonly comparison: Comparison;
  readonly decimals: Decimals;
  /** Of the runs, for the heads of tables. */
  readonly names: readonly [string, ...string[]];
}

export function comparisonPage({ comparison, decimals }: Compared): string {
  const names = shortNames(comparison.runs.map(({ run }) => run)) as [string, ...string[]];
  const view: View = { comparison, decimals, names };
  const title = `${names.join(', ')}: Corridor comparison`;
  return page({
    version,
    title,
    // What stands at the foot of printed pages must not end the style sheet's string.
    running: names.join(', ').replace(/[^\w ,.-]/g, ' '),
    fileName: names.join('-').replace(/[^\w.-]+/g, '-'),
    content: [
      head(view),
      contentsNav(CONTENTS),
      configurationSection(view),
      indicatorsSection(view),
      banksSection(view),
      hoursSection(view),
      corridorsSection(view),
      paymentsSection(view),
      figuresSection(view),
    ],
  }).text;
}

/** A column for each run, and after each but the first its difference. */
const figureColumns = ({ names, decimals }: View): ColumnOf<{ readonly figure: Figure }>[] =>
  names.flatMap((name, run): ColumnOf<{ readonly figure: Figure }>[] => {
    const value: ColumnOf<{ readonly figure: Figure }> = [
      { ...numeric(name), csvHead: [name, `${name}, settled share`] },
      ({ figure }) =>
        new Cell(valueText(figure, run, decimals), [
          plainValue(figure, figure.values[run], decimals),
          settledShare(figure, run),
        ]),
    ];
    if (run === 0) return [value];
    const heads = ['difference', 'relative difference'].map((of) => `${name}, ${of}`);
    return [
      value,
      [
        { ...numeric('Difference'), csvHead: heads },
        ({ figure }) =>
          new Cell(differenceText(figure, run, decimals), [
            plainDifference(figure, run, decimals),
            String(figure.differences[run - 1]?.relative ?? ''),
          ]),
      ],
    ];
  });

/** In CSV money is in units of its currency; all else is as `--json` has it. */
function plainValue(
  { unit, currency }: Pick<Figure, 'unit' | 'currency'>,
  value: Value | undefined,
  decimals: Decimals,
): string {
  if (value === null || value === undefined) return '';
  return unit === 'money' ? amountText(BigInt(value), decimals(currency ?? '')) : String(value);
}

const plainDifference = (figure: Figure, run: number, decimals: Decimals): string =>
  plainValue(figure, figure.differences[run - 1]?.absolute, decimals);

/** Beside a delay, or a time of what settled. */
const settledShare = ({ settledShares }: Figure, run: number): string =>
  String(settledShares?.[run] ?? '');

/** In what the values of a unit are in CSV; a share, a ratio and a number are in none. */
function unitText(unit: Unit, currency: string): string {
  if (unit === 'money') return currency;
  return unit === 'ms' || unit === 'delayMs' || unit === 'timeOfDay' ? 'ms' : '';
}

function head({ comparison: { runs, sameEvents, lacking }, names }: View): Markup {
  return html`<header>
<p class="kicker">Corridor comparison</p>
<h1>${names.join(', ')}</h1>
<p class="lead">${
    sameEvents
      ? 'The runs have the same events: nothing that clearing decided differs.'
      : `What differs from ${names[0]}: configuration, figures, banks, corridors, and the payments that changed their fate.`
  }</p>
<div style="margin-top:28px">${table('The runs; the others are held against the first', runs, [
    ['Run', ({ run }) => run],
    ['Scenario', ({ scenario }) => scenario],
    [numeric('Seed'), ({ seed }) => String(seed)],
    ['Version', ({ version: by }) => by],
    ['Signatures', ({ signatures }) => (signatures ? 'signed and verified' : 'off')],
    ['Settled', ({ isObserved }) => (isObserved ? 'as observed' : 'by the core')],
    [
      { head: 'Overrides', wraps: true },
      ({ overrides }) => (overrides.length === 0 ? 'none' : overrides.join(' ')),
    ],
    [
      'eventsHash',
      ({ eventsHash }) => new Cell(html`<code>${eventsHash.slice(0, 12)}</code>`, eventsHash),
    ],
  ])}</div>
${lacking.map((words) => html`<p class="def">${words}.</p>`)}
<p class="def">A delay, and a time of what settled, stands with the share that settled: what was rejected, left or never sent is
in no such time. All times are in UTC. Amounts are exact, in units of their currency.</p>
</header>
`;
}

function configurationSection({ comparison: { configuration }, names }: View): Markup {
  return section(
    'configuration',
    'Configuration',
    html`<p class="def">Fields in which the scenarios differ as they were run, with defaults and overrides filled in. The paths are those of
<code style="white-space:nowrap">--set</code>.</p>`,
    configuration.length === 0
      ? nothing('The configurations are the same.')
      : table('Configuration, by run', configuration, [
          [{ head: 'Path', wraps: true }, ({ path }) => html`<code>${path}</code>`],
          ...names.map(
            (name, run): ColumnOf<(typeof configuration)[number]> => [
              { head: name, wraps: true },
              (difference) => configuredValue(difference, run),
            ],
          ),
        ]),
  );
}

/** What all currencies have together, then each currency. */
function indicatorsSection(view: View): Markup {
  const told = toldFigures(view.comparison.figures);
  const groups = [...new Set(told.map(({ figure }) => figure.currency))];
  return section(
    'indicators',
    'Indicators',
    html`<p class="def">Key figures that differ, and always the settled share and the settlement delay indicator. Differences are to
${view.names[0]}, in brackets relative to its value; pp are percentage points. docs/indicators.md defines each figure.</p>`,
    groups.map((currency) =>
      table(
        currency === null ? 'All currencies' : `${currency}; amounts in ${currency}`,
        told.filter(({ figure }) => figure.currency === currency),
        [
          [
            { head: 'Figure', wraps: true, csvHead: ['Figure', 'Unit'] },
            ({ name, figure }) => new Cell(name, [name, unitText(figure.unit, currency ?? '')]),
          ],
          ...figureColumns(view),
        ],
      ),
    ),
  );
}

/** For each run but the first: its number and name. */
const others = ({ names }: View) => names.slice(1).map((name, index) => ({ name, run: index + 1 }));

function banksSection(view: View): Markup {
  const { banks } = view.comparison;
  return section(
    'banks',
    'Banks',
    html`<p class="def">By bank and currency debited; each leg of a trade counts with the bank that delivers it. A row stands where a
figure differs.</p>`,
    banks === null
      ? nothing('Not compared: a run lacks the payments or the input that banks are counted from.')
      : others(view).map(({ name, run }) =>
          changesTable(
            view,
            `Banks, ${view.names[0]} → ${name}`,
            run,
            banks.map((one) => ({ ...one, label: [one.participant, one.currency] })),
            ['Bank', ['Bank', 'Currency'], BANK_COLUMNS],
          ),
        ),
  );
}

function hoursSection(view: View): Markup {
  const { hours } = view.comparison;
  return section(
    'hours',
    'By bank and hour',
    html`<p class="def">By bank and currency debited, and by hour of UTC: what was submitted in it; what settled in it, with its value and
its delays from submission; and the most by which payments had drawn the account in it. A payment may settle in another hour than
it was submitted in, so an hour has no settled share: beside delays the bank’s stands, over all hours. A row stands where a figure
differs. Colours: more than in ${view.names[0]}, or less, as a share of the largest difference of the map.</p>`,
    hours === null
      ? nothing('Not compared: a run lacks the payments or the input that banks are counted from.')
      : others(view).map(({ name, run }) => {
          const caption = `${view.names[0]} → ${name}`;
          return html`${hourMaps(view, caption, run, hours)}${foldedTable(
            `All figures by bank and hour, ${caption}`,
            changesTable(
              view,
              `Banks by hour, ${caption}`,
              run,
              hours.map((one) => ({
                ...one,
                label: [one.participant, one.currency, hourText(one.hourMs)],
                csvLabel: [one.participant, one.currency, new Date(one.hourMs).toISOString()],
              })),
              ['Bank and hour', ['Bank', 'Currency', 'Hour'], HOUR_COLUMNS],
            ),
          )}`;
        }),
  );
}

/** A map of each currency and figure in which an hour differs. */
function hourMaps(view: View, caption: string, run: number, hours: readonly HourFigures[]) {
  const currencies = [...new Set(hours.map(({ currency }) => currency))].sort();
  return currencies.flatMap((currency) =>
    HEAT_FIGURES.flatMap((path) => {
      const cells = hours
        .filter((one) => one.currency === currency)
        .flatMap(({ participant, hourMs, figures }) => {
          const figure = figureOf(figures, path);
          return figure?.differences[run - 1] ? [{ participant, hourMs, figure }] : [];
        });
      const [name = ''] = HOUR_COLUMNS.find(([, of]) => of === path) ?? [];
      return hourMap(`${currency}: ${name}, ${caption}`, cells, run, {
        decimals: view.decimals,
        csv: [currency, name, unitText(unitOf(path), currency)],
        beside: path === 'weightedDelayMs' ? [settledColumn(view, currency, run)] : [],
      });
    }),
  );
}

/** Beside delays: what settled of each bank's payments, over all hours. */
function settledColumn({ comparison, decimals, names }: View, currency: string, run: number) {
  const settledOf = (bank: string) => {
    const of = comparison.banks?.find(
      (one) => one.participant === bank && one.currency === currency,
    );
    return figureOf(of?.figures ?? [], 'settledOfSubmitted');
  };
  const csvHead = [0, run].map((one) => `Settled share, ${names[one]}`);
  return [
    { ...numeric('Settled share'), csvHead },
    (bank: string) => {
      const settled = settledOf(bank);
      const plain = [0, run].map((one) => String(settled?.values[one] ?? ''));
      return new Cell(changeText(settled, run, decimals), plain);
    },
  ] as const;
}

interface HeatCell {
  readonly participant: string;
  readonly hourMs: number;
  readonly figure: Figure;
}

function hourMap(
  caption: string,
  cells: readonly HeatCell[],
  run: number,
  {
    decimals,
    csv,
    beside,
  }: {
    readonly decimals: Decimals;
    readonly csv: readonly string[];
    readonly beside: readonly ColumnOf<string>[];
  },
): Markup[] {
  const size = ({ figure }: HeatCell) => Number(figure.differences[run - 1]?.absolute ?? 0);
  const most = cells.reduce((max, cell) => Math.max(max, Math.abs(size(cell))), 0);
  if (most === 0) return [];
  // Hours and banks in which nothing differs would hide where something does.
  const differing = cells.filter((cell) => size(cell) !== 0);
  const columns = [...new Set(differing.map(({ hourMs }) => hourMs))].sort((a, b) => a - b);
  const at = new Map(cells.map((cell) => [`${cell.participant} ${cell.hourMs}`, cell]));
  const banks = [...new Set(differing.map(({ participant }) => participant))];
  return [
    table(caption, banks, [
      [
        { head: 'Bank', csvHead: ['Bank', 'Currency', 'Figure', 'Unit'] },
        (bank) => new Cell(bank, [bank, ...csv]),
      ],
      ...beside,
      ...columns.map((hourMs): ColumnOf<string> => {
        const head = { ...numeric(hourText(hourMs)), csvHead: new Date(hourMs).toISOString() };
        return [
          head,
          (bank) => {
            const cell = at.get(`${bank} ${hourMs}`);
            if (cell === undefined) return new Cell('', '');
            const share = Math.round((HEAT_MOST * Math.abs(size(cell))) / most);
            const tint = `color-mix(in srgb,var(${size(cell) > 0 ? '--c1' : '--c0'}) ${share}%,transparent)`;
            const text = differenceText(cell.figure, run, decimals);
            return new Cell(
              html`<span class="heat" style="background:${tint}">${text}</span>`,
              plainDifference(cell.figure, run, decimals),
            );
          },
        ];
      }),
    ]),
  ];
}

function corridorsSection(view: View): Markup {
  return section(
    'corridors',
    'Corridors',
    html`<p class="def">By currency debited and credited; ⇄ are trades between two banks. A row stands where a figure differs.</p>`,
    others(view).map(({ name, run }) =>
      changesTable(
        view,
        `Corridors, ${view.names[0]} → ${name}`,
        run,
        view.comparison.corridors.map((one) => ({ ...one, label: [one.corridor] })),
        ['Corridor', ['Corridor'], CORRIDOR_COLUMNS],
      ),
    ),
  );
}

interface ChangedRow {
  /** What the row is of. */
  readonly label: readonly string[];
  /** The same in CSV, where that says it otherwise. */
  readonly csvLabel?: readonly string[];
  readonly figures: readonly Figure[];
}

/** @param parts the first column's name, its names in CSV, and columns by the path of a figure */
function changesTable(
  { decimals, names }: View,
  caption: string,
  run: number,
  all: readonly ChangedRow[],
  [first, csvHead, columns]: readonly [
    string,
    readonly string[],
    readonly (readonly [string, string])[],
  ],
): Markup {
  const rows = all.filter(({ figures }) => figures.some(({ values }) => values[0] !== values[run]));
  if (rows.length === 0) return nothing(`${caption}: no figure differs.`);
  return table(caption, rows, [
    [
      { head: first, csvHead },
      ({ label, csvLabel = label }) => new Cell(label.join(' '), csvLabel),
    ],
    ...columns.map(([name, path]): ColumnOf<ChangedRow> => {
      const unit = unitOf(path);
      // Of money each row has its own currency.
      const inUnit = unitText(unit, '') === '' ? name : `${name} (${unitText(unit, '')})`;
      const compared = [0, run];
      const heads = compared.map((one) => `${inUnit}, ${names[one]}`);
      const shares = all.some(({ figures }) => figureOf(figures, path)?.settledShares)
        ? compared.map((one) => `${name}, settled share, ${names[one]}`)
        : [];
      return [
        { ...numeric(name), csvHead: [...heads, ...shares] },
        ({ figures }) => {
          const figure = figureOf(figures, path);
          const text = changeText(figure, run, decimals);
          if (figure === undefined)
            return new Cell(
              text,
              [...heads, ...shares].map(() => ''),
            );
          return new Cell(text, [
            ...compared.map((one) => plainValue(figure, figure.values[one], decimals)),
            ...(shares.length > 0 ? compared.map((one) => settledShare(figure, one)) : []),
          ]);
        },
      ];
    }),
  ]);
}

function paymentsSection(view: View): Markup {
  const { payments } = view.comparison;
  return section(
    'payments',
    'Payments that changed their fate',
    payments === null
      ? nothing('Not compared: a run lacks payments.csv.')
      : payments.map((one, index) => paymentsPart(view, one, view.names[index + 1] as string)),
  );
}

function paymentsPart(view: View, payments: PaymentComparison, other: string): Markup {
  const [first] = view.names;
  const {
    unmatched,
    matched,
    sentAtAnotherTime,
    otherTerms,
    settledInBoth,
    changed,
    order,
    largest,
  } = payments;
  if (unmatched !== null)
    return nothing(
      `Payments of ${first} and ${other} cannot be matched: ${unmatched}. The runs are compared by their figures.`,
    );
  const { sameTime, earlier, later } = settledInBoth;
  return html`${fateTable(payments, first, other)}
<p>${countText(matched)} payments are in both${otherTerms > 0 && `; ${countText(otherTerms)} have other banks, currency or amount and are left out`}. Of
those settled in both, ${countText(sameTime)} settled at the same time, ${countText(earlier)} earlier in ${other} and
${countText(later)} later. ${countText(changed)} changed their fate.${
    sentAtAnotherTime > 0 &&
    ` ${countText(sentAtAnotherTime)} of those in both were sent at another time: what became of them may differ for that alone.`
  }</p>
${largest.length > 0 && changedTable(view, `The largest of them, by ${order}; times UTC`, largest, [first, other])}
${reasonList(largest, [first, other])}`;
}

function fateTable({ matrix }: PaymentComparison, first: string, other: string): Markup {
  const used = FATES.filter((fate) =>
    FATES.some((one) => matrix[fate][one] > 0 || matrix[one][fate] > 0),
  );
  return table(`Number of payments: by fate in ${first} (rows) and in ${other} (columns)`, used, [
    [first, (fate) => FATE_WORDS[fate]],
    ...used.map(
      (to): ColumnOf<(typeof used)[number]> => [
        numeric(FATE_WORDS[to]),
        (fate) => new Cell(countText(matrix[fate][to]), String(matrix[fate][to])),
      ],
    ),
  ]);
}

const changedTable = (
  { decimals }: View,
  caption: string,
  largest: readonly ChangedPayment[],
  names: readonly [string, string],
): Markup =>
  table(caption, largest, [
    ['UETR', ({ uetr }) => html`<code>${uetr}</code>`],
    ['From', ({ debtorAgent }) => debtorAgent],
    ['To', ({ creditorAgent }) => creditorAgent || '–'],
    [
      { ...numeric('Amount'), csvHead: ['Currency', 'Amount'] },
      ({ currency, amountMinor }) => {
        if (currency === '') return new Cell('–', ['', '']);
        const [minor, digits] = [BigInt(amountMinor), decimals(currency)];
        const shown = `${currency} ${moneyText(minor, digits)}`;
        return new Cell(shown, [currency, amountText(minor, digits)]);
      },
    ],
    ...names.map(
      (name, index): ColumnOf<ChangedPayment> => [
        { head: name, wraps: true },
        ({ fates }) => fateText(fates[index] as ChangedPayment['fates'][number]),
      ],
    ),
  ]);

/** Why, in the words of `corridor explain`. */
function reasonList(
  largest: readonly ChangedPayment[],
  names: readonly [string, string],
): Markup | null {
  const explained = largest.filter((payment) => saidIn(payment, 0) !== null);
  if (explained.length === 0) return null;
  return html`<h3>Why: what became of each, and what held it before</h3>
${explained.map(
  (payment) => html`<section class="part"><h3><code>${payment.uetr}</code></h3>
${names.map(
  (name, run) => html`<p><b>${name}</b>: ${(saidIn(payment, run as 0 | 1) ?? []).join(' ')}</p>
`,
)}</section>
`,
)}`;
}

function figuresSection(view: View): Markup {
  const { figures } = view.comparison;
  const changed = figures.filter(differs);
  return section(
    'figures',
    'All figures',
    html`<p class="def">Every figure of <code>summary.json</code> that differs, by its path there: ${countText(changed.length)} of
${countText(figures.length)}. Those of corridors stand above; <code>--json</code> has also what is the same.</p>`,
    changed.length === 0
      ? nothing('No figure differs.')
      : foldedTable(
          'Figures that differ',
          table(
            'Figures of summary.json that differ',
            changed.map((figure) => ({ figure })),
            [
              [{ head: 'Path', wraps: true }, ({ figure }) => html`<code>${figure.path}</code>`],
              ...figureColumns(view),
            ],
          ),
        ),
  );
}
