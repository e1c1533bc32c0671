/** What an import wrote, once more, as `corridor run` reads it. */
import { closeSync, openSync, readSync } from 'node:fs';
import { type ListedColumn, type ListedRow, paymentResolver } from '../scenario/listed-payments.ts';
import { loadScenario } from '../scenario/load.ts';
import { RowFault } from './bad-rows.ts';
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
  const resolve = paymentResolver(tables, scenario.quotes, (column, expected, value) => {
    throw new RowFault(column, expected, value);
  });
  const isPlain = !columns.some((column) => RULED_BY_SCENARIO.includes(column));
  const rows = isPlain ? extremes : rowsOf(folder.file('payments.csv'), columns);
  for (const [number, row] of rows)
    try {
      resolve(row);
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
  for (const line of linesOf(path)) {
    if (number++ === -1) continue;
    const cells = line.split(',');
    const row: ListedRow = {};
    for (let at = 0; at < columns.length; at++)
      row[columns[at] as ListedColumn] = cells[at] as string;
    yield [number - 1, row];
  }
}

const CHUNK_BYTES = 1 << 17;

function* linesOf(path: string): Generator<string, void> {
  const file = openSync(path, 'r');
  try {
    const chunk = Buffer.alloc(CHUNK_BYTES);
    let rest = '';
    for (let count = readSync(file, chunk); count > 0; count = readSync(file, chunk)) {
      // What an import writes is ASCII.
      const lines = (rest + chunk.toString('latin1', 0, count)).split('\n');
      rest = lines.pop() ?? '';
      yield* lines;
    }
  } finally {
    closeSync(file);
  }
}
