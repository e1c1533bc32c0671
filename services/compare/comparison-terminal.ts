/** A comparison for the terminal: what differs, shortened; the page and --json have all of it. */
import Table from 'cli-table3';
import { countText, moneyText } from '../report/format.ts';
import type { Compared } from './compare-runs.ts';
import {
  type AccountFigures,
  type Comparison,
  FATES,
  type Figure,
  type PaymentComparison,
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

/** Rows of a table; more are counted. */
const ROWS_MAX = 12;

export function terminalText({ comparison, decimals }: Compared): string {
  const { runs, sameEvents, lacking, payments } = comparison;
  const names = shortNames(runs.map(({ run }) => run));
  return [
    ...runs.map(({ run, scenario, seed, version, isObserved }, index) => {
      const base = index === 0 ? ', with which the others are compared' : '';
      const how = isObserved ? ', observed' : '';
      return `${run}: scenario ${scenario}, seed ${seed}, version ${version}${how}${base}`;
    }),
    ...(sameEvents ? ['the runs have the same events'] : []),
    ...lacking,
    ...configurationPart(comparison, names),
    ...figuresPart(comparison, names, decimals),
    ...banksPart(comparison, names, decimals),
    ...hoursPart(comparison, names, decimals),
    ...corridorsPart(comparison, names, decimals),
    ...(payments ?? []).flatMap((one, index) =>
      paymentsPart(one, [names[0] as string, names[index + 1] as string], decimals),
    ),
    '',
  ].join('\n');
}

/** Without lines between rows: a comparison is long. */
function tableText(
  title: string,
  head: readonly string[],
  rows: readonly (readonly string[])[],
): string[] {
  if (rows.length === 0) return [];
  const table = new Table({
    head: [...head],
    style: { head: [], border: [], compact: true },
  });
  table.push(...rows.slice(0, ROWS_MAX).map((row) => [...row]));
  const more = rows.length - ROWS_MAX;
  return [
    '',
    title,
    table.toString(),
    ...(more > 0 ? [`and ${countText(more)} more: --json and --html have all`] : []),
  ];
}

function configurationPart({ configuration }: Comparison, names: readonly string[]): string[] {
  if (configuration.length === 0) return ['', 'Configuration: the same'];
  const rows = configuration.map((difference) => [
    difference.path,
    ...names.map((_, run) => configuredValue(difference, run)),
  ]);
  return tableText('Configuration', ['path', ...names], rows);
}

/** A table over all currencies, then one of each. */
function figuresPart(
  { figures }: Comparison,
  names: readonly string[],
  decimals: Decimals,
): string[] {
  const told = toldFigures(figures);
  const groups = new Set(told.map(({ figure }) => figure.currency));
  const [first = '', ...others] = names;
  const head = ['', first, ...others.flatMap((other) => [other, 'difference'])];
  return [...groups].flatMap((currency) => {
    const rows = told
      .filter(({ figure }) => figure.currency === currency)
      .map(({ name, figure }) => [name, ...valuesText(figure, names, decimals)]);
    const title = currency === null ? 'Indicators, all currencies' : `Indicators, ${currency}`;
    return wholeTable(title, head, rows);
  });
}

/** Indicators are not shortened: they are few. */
function wholeTable(
  title: string,
  head: readonly string[],
  rows: readonly (readonly string[])[],
): string[] {
  const table = new Table({
    head: [...head],
    style: { head: [], border: [], compact: true },
    colAligns: head.map((_, index) => (index === 0 ? 'left' : 'right')),
  });
  table.push(...rows.map((row) => [...row]));
  return ['', title, table.toString()];
}

const valuesText = (figure: Figure, names: readonly string[], decimals: Decimals): string[] =>
  names.flatMap((_, run) =>
    run === 0
      ? [valueText(figure, run, decimals)]
      : [valueText(figure, run, decimals), differenceText(figure, run, decimals)],
  );

const differsIn = (figures: readonly Figure[], run: number): boolean =>
  figures.some(({ values }) => values[0] !== values[run]);

function banksPart({ banks }: Comparison, names: readonly string[], decimals: Decimals): string[] {
  const [first = '', ...others] = names;
  return others.flatMap((other, index) => {
    const run = index + 1;
    const rows = largestFirst(banks ?? [], run).map(({ participant, currency, figures }) => [
      ...[participant, currency || '–'],
      ...BANK_COLUMNS.map(([, path]) => changeText(figureOf(figures, path), run, decimals)),
    ]);
    const head = ['bank', '', ...BANK_COLUMNS.map(([name]) => name.toLowerCase())];
    return tableText(`Banks, ${first} → ${other}`, head, rows);
  });
}

function hoursPart({ hours }: Comparison, names: readonly string[], decimals: Decimals): string[] {
  const [first = '', ...others] = names;
  return others.flatMap((other, index) => {
    const run = index + 1;
    const rows = largestFirst(hours ?? [], run).map(
      ({ participant, currency, hourMs, figures }) => [
        ...[participant, currency || '–', hourText(hourMs)],
        ...HOUR_COLUMNS.map(([, path]) => changeText(figureOf(figures, path), run, decimals)),
      ],
    );
    const head = ['bank', '', 'hour', ...HOUR_COLUMNS.map(([name]) => name.toLowerCase())];
    return tableText(`Banks by hour (UTC), ${first} → ${other}`, head, rows);
  });
}

/** Those first whose number of settled payments changed most. */
function largestFirst<Row extends AccountFigures>(banks: readonly Row[], run: number): Row[] {
  const change = ({ figures }: Row) => {
    const [from, to] = [0, run].map((of) => Number(figureOf(figures, 'settled')?.values[of]));
    return Math.abs((to as number) - (from as number));
  };
  return banks
    .filter(({ figures }) => differsIn(figures, run))
    .sort((a, b) => change(b) - change(a));
}

function corridorsPart(
  { corridors }: Comparison,
  names: readonly string[],
  decimals: Decimals,
): string[] {
  const [first = '', ...others] = names;
  return others.flatMap((other, index) => {
    const run = index + 1;
    const rows = corridors
      .filter(({ figures }) => differsIn(figures, run))
      .map(({ corridor, figures }) => [
        corridor,
        ...CORRIDOR_COLUMNS.map(([, path]) => changeText(figureOf(figures, path), run, decimals)),
      ]);
    const head = ['corridor', ...CORRIDOR_COLUMNS.map(([name]) => name.toLowerCase())];
    return tableText(`Corridors, ${first} → ${other}`, head, rows);
  });
}

function paymentsPart(
  {
    unmatched,
    matched,
    sentAtAnotherTime,
    otherTerms,
    matrix,
    settledInBoth,
    changed,
    order,
    largest,
  }: PaymentComparison,
  [first, other]: readonly [string, string],
  decimals: Decimals,
): string[] {
  if (unmatched !== null)
    return ['', `Payments of ${first} and ${other} cannot be matched: ${unmatched}`];
  const used = FATES.filter((fate) =>
    FATES.some((one) => matrix[fate][one] > 0 || matrix[one][fate] > 0),
  );
  const rows = used.map((fate) => [
    FATE_WORDS[fate],
    ...used.map((to) => countText(matrix[fate][to])),
  ]);
  const { sameTime, earlier, later } = settledInBoth;
  return [
    ...wholeTable(
      `Payments by what became of them, ${first} (rows) → ${other} (columns)`,
      ['', ...used.map((fate) => FATE_WORDS[fate])],
      rows,
    ),
    `${countText(matched)} payments are in both${otherTerms > 0 ? `, ${countText(otherTerms)} have other terms` : ''}; settled in both: ${countText(sameTime)} at the same time, ${countText(earlier)} earlier in ${other}, ${countText(later)} later`,
    ...(sentAtAnotherTime > 0
      ? [
          `${countText(sentAtAnotherTime)} of those in both were sent at another time: what became of them may differ for that alone`,
        ]
      : []),
    `${countText(changed)} changed their fate`,
    ...tableText(
      `The largest of them, by ${order}; times UTC`,
      ['payment', 'from', 'to', 'amount', first, other],
      largest.map((payment) => [
        ...[payment.uetr, payment.debtorAgent, payment.creditorAgent || '–'],
        amountOf(payment, decimals),
        ...payment.fates.map(fateText),
      ]),
    ),
    ...largest.flatMap((payment) => {
      const lines = [first, other].flatMap((run, index) =>
        (saidIn(payment, index as 0 | 1) ?? []).map((said) => `  ${run}: ${said}`),
      );
      return lines.length === 0 ? [] : ['', payment.uetr, ...lines];
    }),
  ];
}

const amountOf = (
  { currency, amountMinor }: { readonly currency: string; readonly amountMinor: string },
  decimals: Decimals,
): string =>
  currency === '' ? '–' : `${currency} ${moneyText(BigInt(amountMinor), decimals(currency))}`;
