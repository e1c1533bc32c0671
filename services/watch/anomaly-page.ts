/** The generated part of docs/studies/anomalies.md, from its cells alone. */
import { median } from 'simple-statistics';
import { BUDGETS } from '../analysis/watch/alert-budgets.ts';
import { estimate } from '../study/confidence-intervals.ts';
import { type AnomalyCell, LABELLED_KINDS, METHODS, type WatchMethod } from './anomaly-study.ts';
import { HISTORIES, SILENCE_RULES, type SilenceCell, type SilenceRule } from './outages-alerted.ts';

const GENERATED = '<!-- generated: npm run study:anomalies -->';

const TITLES: Readonly<Record<WatchMethod, string>> = {
  amount: 'rule: amount',
  amountToPayer: 'rule: amount to payer',
  velocity: 'rule: velocity',
  marks: 'rule: repeated, round, new',
  isolation: 'isolation forest',
  boosting: 'gradient boosting',
  layered: 'layered',
  together: 'both together',
};
const RULE_TITLES: Readonly<Record<SilenceRule, string>> = {
  silence: 'A bank is silent',
  outage: 'A large bank does not send',
};
const methods = Object.keys(METHODS) as WatchMethod[];
const share = (budget: number) => `${Number((100 * budget).toPrecision(3))} %`;

/** Mean and half the width of the interval, in hundredths. */
function percent(values: readonly number[]): string {
  const of = estimate(values);
  if (of === null) return '';
  const mean = (100 * of.mean).toFixed(1);
  return of.halfWidth === null ? mean : `${mean} ± ${(100 * of.halfWidth).toFixed(1)}`;
}

/** A table of Markdown below its title. */
export function tableText(
  title: string,
  head: readonly string[],
  rows: readonly (readonly string[])[],
): string {
  const widths = head.map((name, at) =>
    Math.max(name.length, ...rows.map((row) => row[at]!.length)),
  );
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, at) => cell.padEnd(widths[at]!)).join(' | ')} |`;
  const rule = line(widths.map((width) => '-'.repeat(width)));
  return [`### ${title}`, '', line(head), rule, ...rows.map(line), ''].join('\n');
}

/** Of the kind that has no payment to score. */
function silenceTable(cells: readonly SilenceCell[]): string {
  const rows = SILENCE_RULES.flatMap((rule) =>
    Object.keys(HISTORIES).map((history) => {
      const own = cells.filter((cell) => cell.rule === rule && `${cell.history}` === history);
      const after = own.flatMap(({ toldAfter }) => toldAfter ?? []);
      const others = own.reduce((sum, cell) => sum + cell.others, 0);
      const minutes =
        after.length === 0
          ? ''
          : `${Math.min(...after)} to ${Math.max(...after)}, median ${median(after)}`;
      const told = `${after.length} of ${own.length}`;
      return [RULE_TITLES[rule], history, told, minutes, `${others}`];
    }),
  );
  return tableText(
    'A silent bank (`silentOutage`), by the alerts on banks',
    ['alert', 'dates before', 'told', 'minutes after it begins', 'other banks told'],
    rows,
  );
}

function anomalyTables(cells: readonly AnomalyCell[], silences: readonly SilenceCell[]): string {
  const of = (method: WatchMethod, budget: number, withheld = '') =>
    cells.filter(
      (one) => one.method === method && one.budget === budget && one.withheld === withheld,
    );
  const figure = (title: string, read: (cell: AnomalyCell) => number) =>
    tableText(
      `${title}, %`,
      ['ranked by', ...BUDGETS.map((budget) => `budget ${share(budget)}`)],
      methods.map((method) => [
        TITLES[method],
        ...BUDGETS.map((budget) => percent(of(method, budget).map(read))),
      ]),
    );
  const [, , most] = BUDGETS;
  const kinds = (title: string, withheld: (kind: string) => string) =>
    tableText(
      `${title}, budget ${share(most)}, %`,
      ['kind', ...methods.map((method) => TITLES[method])],
      LABELLED_KINDS.map((kind, at) => [
        `\`${kind}\``,
        ...methods.map((method) =>
          percent(of(method, most, withheld(kind)).map(({ byKind }) => byKind[at]!)),
        ),
      ]),
    );
  return [
    GENERATED,
    '',
    figure('Precision', ({ precision }) => precision),
    figure('Recall', ({ recall }) => recall),
    figure('Kinds found by an alert at least', ({ kindsFound }) => kindsFound),
    kinds('Recall by kind', () => ''),
    kinds('Recall of a kind that the model was not shown', (kind) => kind),
    silenceTable(silences),
  ].join('\n');
}

/** The page with its tables anew. */
export function anomalyPage(
  page: string,
  cells: readonly AnomalyCell[],
  silences: readonly SilenceCell[],
): string {
  const at = page.indexOf(GENERATED);
  return `${page.slice(0, at < 0 ? page.length : at).trimEnd()}\n\n${anomalyTables(cells, silences).trimEnd()}\n`;
}
