/** What an import wrote, once more, as `corridor run` reads it. */
import { type ListedColumn, type ListedRow, rowChecker } from '../scenario/listed-payments.ts';
import { loadScenario } from '../scenario/load-scenario.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { ScenarioError } from '../scenario/scenario-error.ts';
import { RowFault } from './bad-rows.ts';
import { csvBlocks } from './csv-blocks.ts';
import { type ImportFolder, scenarioText } from './write-import.ts';

/** Columns whose rules the whole scenario knows alone. Rows without them are checked when they are read. */
const RULED_BY_SCENARIO: readonly ListedColumn[] = [
  ...(['toCurrency', 'dealer', 'kind', 'earliest', 'latest', 'cancelAfterSeconds'] as const),
  ...(['receives', 'receivesAmount'] as const),
];

/** Rows of payments.csv, from 0 on, by their number. */
export type NumberedRows = Iterable<readonly [number: number, row: ListedRow]>;

/**
 * @param extremes of rows that have no column of RULED_BY_SCENARIO: those that can lie outside of their day
 * @param onFault is told the row, from 0 on, and what is wrong in it
 * @param name as messages name the scenario's file
 * @param where the mapping has a path of the scenario: `file:line: path before it`; null: it has not
 * @returns the scenario, without payments
 * @throws ScenarioError where the scenario itself is not one
 */
export function checkWritten(
  folder: ImportFolder,
  document: Readonly<Record<string, unknown>>,
  columns: readonly ListedColumn[],
  extremes: NumberedRows,
  onFault: (row: number, fault: RowFault) => void,
  name: string,
  where: (path: readonly string[]) => string | null = () => null,
): Scenario {
  const text = scenarioText(document);
  const header = `${columns.join(',')}\n`;
  const scenario = loaded(name, (path) => (path === name ? text : header), where);
  const tables = { ...scenario, zone: scenario.document.zone };
  const check = rowChecker(tables, scenario.quotes, (column, expected, value) => {
    throw new RowFault(column, expected, value);
  });
  const isPlain = !columns.some((column) => RULED_BY_SCENARIO.includes(column));
  const rows = isPlain ? extremes : rowsOf(folder.file('payments.csv'), columns);
  for (const [number, row] of rows)
    try {
      check(row);
    } catch (error) {
      if (!(error instanceof RowFault)) throw error;
      onFault(number, error);
    }
  return scenario;
}

/** What the mapping says of the scenario is told at the mapping: the scenario's file is not written then. */
function loaded(
  name: string,
  readFile: (path: string) => string,
  where: (path: readonly string[]) => string | null,
): Scenario {
  try {
    return loadScenario(name, { readFile });
  } catch (error) {
    if (!(error instanceof ScenarioError) || !error.message.startsWith(name)) throw error;
    const [, path = '', rest = ''] =
      /^:\d+: ([\w.-]+)(.*)$/s.exec(error.message.slice(name.length)) ?? [];
    const place = where(path.split('.'));
    throw place === null ? error : new ScenarioError(`${place}${path}${rest}`);
  }
}

function* rowsOf(
  path: string,
  columns: readonly ListedColumn[],
): Generator<[number, ListedRow], void> {
  let number = -1;
  for (const { rows } of csvBlocks(path, { separator: ',', encoding: 'utf-8' }))
    for (const cells of rows) {
      // Behind the last line end there is no row.
      if ((cells.length === 1 && cells[0] === '') || number++ === -1) continue;
      const row: ListedRow = {};
      for (const [at, column] of columns.entries()) row[column] = cells[at] as string;
      yield [number - 1, row];
    }
}
