/** What an import wrote, once more, as `corridor run` reads it; and the same rows as Parquet. */
import { closeSync, openSync, readSync } from 'node:fs';
import { GROUP_ROWS, ParquetTable } from '../export/parquet-table.ts';
import type { TableForm } from '../export/table-forms.ts';
import { type ListedColumn, type ListedRow, paymentResolver } from '../scenario/listed-payments.ts';
import { loadScenario } from '../scenario/load.ts';
import type { ListedPayment, Scenario } from '../scenario/scenario.ts';
import { RowFault } from './bad-rows.ts';
import { type ImportFolder, scenarioText } from './write-import.ts';

/**
 * @param onFault is told the row, from 0 on, and what is wrong in it
 * @param name as messages name the scenario's file
 * @throws ScenarioError where the scenario itself is not one
 */
export function checkWritten(
  folder: ImportFolder,
  document: Readonly<Record<string, unknown>>,
  columns: readonly ListedColumn[],
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
  const parquet = new PaymentsParquet(folder.file('payments.parquet'), scenario);
  let row = -1;
  for (const line of linesOf(folder.file('payments.csv'))) {
    if (++row === 0) continue;
    const cells = line.split(',');
    const record: ListedRow = {};
    for (let at = 0; at < columns.length; at++)
      record[columns[at] as ListedColumn] = cells[at] as string;
    try {
      parquet.add(resolve(record), record.reference ?? '');
    } catch (error) {
      if (!(error instanceof RowFault)) throw error;
      onFault(row - 1, error);
    }
  }
  parquet.end();
}

const DAY_MS = 86_400_000;

const FORM = {
  ...{ row: 'u32', submitted: 'time', date: 'date', debtor: 'name', creditor: 'name' },
  ...{ currency: 'name', amount_minor: 'i64', priority: 'name', kind: 'name', reference: 'text' },
} as const satisfies TableForm;

/** Columns of a group of payments, as Parquet has their values. */
const newGroup = () => ({
  row: new Int32Array(GROUP_ROWS),
  submitted: new BigInt64Array(GROUP_ROWS),
  date: new Int32Array(GROUP_ROWS),
  debtor: [] as string[],
  creditor: [] as string[],
  currency: [] as string[],
  amount_minor: new BigInt64Array(GROUP_ROWS),
  priority: [] as string[],
  kind: [] as string[],
  reference: [] as string[],
});

class PaymentsParquet {
  readonly #table: ParquetTable;
  readonly #scenario: Scenario;
  readonly #dates: readonly number[];
  #rows = 0;
  #inGroup = 0;
  #group = newGroup();

  constructor(file: string, scenario: Scenario) {
    this.#table = new ParquetTable(file, FORM);
    this.#scenario = scenario;
    this.#dates = scenario.businessDates.map((date) => Date.parse(`${date}T00:00:00Z`) / DAY_MS);
  }

  add(payment: ListedPayment, reference: string): void {
    const { participants, currencies } = this.#scenario;
    const bicOf = (number: number) => participants[number]?.bic as string;
    const group = this.#group;
    const at = this.#inGroup++;
    group.row[at] = ++this.#rows;
    group.submitted[at] = BigInt(payment.atMs);
    group.date[at] = this.#dates[payment.dateIndex] as number;
    group.debtor.push(bicOf(payment.debtorAgent));
    group.creditor.push(bicOf(payment.creditorAgent));
    group.currency.push(currencies[payment.currency]?.code as string);
    group.amount_minor[at] = payment.amountMinor;
    group.priority.push(payment.priority);
    group.kind.push(payment.kind);
    group.reference.push(reference);
    if (this.#inGroup === GROUP_ROWS) this.#write();
  }

  end(): void {
    if (this.#inGroup > 0) this.#write();
    this.#table.end();
  }

  #write(): void {
    const rows = this.#inGroup;
    const columns = Object.entries(this.#group).map(([name, values]) => [
      name,
      values.slice(0, rows),
    ]);
    this.#table.addGroup(rows, Object.fromEntries(columns));
    this.#group = newGroup();
    this.#inGroup = 0;
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
