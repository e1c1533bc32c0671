/** The thread of run-tables.ts: folds events into the rows of the tables, and writes them as Parquet. */
import { join } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import { ParquetTable } from '../export/parquet-table.ts';
import { type FormedTable, TABLE_FORMS } from '../export/table-forms.ts';
import { type Block, EventFold } from '../metrics/event-rows.ts';
import { TABLES } from '../metrics/rows.ts';
import type { DirectoryNames } from '../protocol/names/directory.ts';
import { TableColumns } from './table-columns.ts';

export interface TablesPlace {
  /** Where the files go. */
  readonly folder: string;
  /** The name under which the rows stand. */
  readonly run: string;
  readonly pools: readonly string[];
}

export type TablesTask =
  /** Events of a pool, by its number, and the names that were given since those before. */
  | {
      readonly kind: 'events';
      readonly pool: number;
      readonly events: Uint8Array;
      readonly names: DirectoryNames;
    }
  | { readonly kind: 'rows'; readonly table: FormedTable; readonly rows: readonly object[] }
  | { readonly kind: 'end' };

const { folder, run, pools } = workerData as TablesPlace;
const tables = new Map(
  Object.entries(TABLE_FORMS).map(([name, form]) => [
    name,
    new ParquetTable(join(folder, `${name}.parquet`), form),
  ]),
);
const columns = new TableColumns(run, (name) => tables.get(name) as ParquetTable);
const folds = pools.map((pool) => {
  const names: DirectoryNames = { participants: [], currencies: [] };
  const fold = new EventFold(run, pool, names, columns.takers(pool, names));
  return { names, fold };
});

function write({ rows }: Block): void {
  for (const table of TABLES) for (const row of rows[table]) tables.get(table)?.add(row);
}

function work(task: TablesTask): void {
  if (task.kind === 'events') {
    const { names, fold } = folds[task.pool] as (typeof folds)[number];
    (names.participants as unknown[]).push(...task.names.participants);
    (names.currencies as unknown[]).push(...task.names.currencies);
    for (const block of fold.fold(task.events)) write(block);
  } else if (task.kind === 'rows') for (const row of task.rows) tables.get(task.table)?.add(row);
  else {
    for (const { fold } of folds) write(fold.end());
    columns.end();
    for (const table of tables.values()) table.end();
  }
}

parentPort?.on('message', (task: TablesTask) => {
  work(task);
  // It is done: more may come.
  parentPort?.postMessage(null);
  if (task.kind === 'end') parentPort?.close();
});
