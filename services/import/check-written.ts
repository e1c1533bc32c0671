/** What an import wrote, once more, as `corridor run` reads it. */
import { type ListedColumn, type ListedRow, rowChecker } from '../scenario/listed-payments.ts';
import { loadScenario } from '../scenario/load-scenario.ts';
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
 * @throws ScenarioError where the scenario itself is not one
 */
export function checkWritten(
  folder: ImportFolder,
  document: Readonly<Record<string, unknown>>,
  columns: readonly ListedColumn[],
  extremes: NumberedRows,
  onFault: (row: number, fault: RowFault) => void,
  name: string,
): void {
  const text = scenarioText(document);
  const header = `${columns.join(',')}\n`;
  const scenario = loadScenario(name, { readFile: (path) => (path === name ? text : header) });
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
