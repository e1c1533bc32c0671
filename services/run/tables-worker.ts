/**
 * The thread of run-tables.ts: folds events into the rows of the tables, and writes them as Parquet; and over the ledger
 * of these rows into what accounts come to and what holds payments up. The run's own thread has as much to do without.
 */
import { join } from 'node:path';
import { parentPort } from 'node:worker_threads';
import { CycleCertifier, type RunToCertify } from '../analysis/certificates/cycle-certificates.ts';
import { RunCertificateText } from '../analysis/certificates/run-certificate-text.ts';
import type { CapturedQueues } from '../core/settlement/queue-state.ts';
import type { CycleStep, TakeStep } from '../core/settlement/settlement.ts';
import { ParquetTable } from '../export/parquet-table.ts';
import { type FormedTable, TABLE_FORMS } from '../export/table-column-types.ts';
import { type Block, EventFold } from '../metrics/event-rows.ts';
import {
  LABEL_TABLES,
  type LabelTable,
  SCENARIO_TABLES,
  type ScenarioTable,
  TABLES,
} from '../metrics/store-rows.ts';
import type { DirectoryNames } from '../protocol/names/handles-to-names.ts';
import { type ChainState, EventChain } from '../protocol/records/event-chain.ts';
import { BooksOverLedger, type LedgerFigures } from '../report/figures/books-over-ledger.ts';
import { TableColumns } from './rows-by-column.ts';
import { standBehindTheRun } from './thread-behind-the-run.ts';

export interface TablesPlace {
  /** Where the files go. */
  readonly folder: string;
  /** The name under which the rows stand. */
  readonly run: string;
  readonly pools: readonly string[];
  /** Whether there is a table of them. */
  readonly certificates: boolean;
  /** Whether it folds what accounts come to, and what holds payments up. */
  readonly foldsLedger: boolean;
  /** Whether the last answer has the digests of the files. */
  readonly digests: boolean;
  /** Whether its run has far more to do than it has. */
  readonly isBehind: boolean;
}

/** A step of a cycle, and the core right before it. */
export interface WatchedStep {
  readonly step: CycleStep;
  readonly before: CapturedQueues;
}

export type TablesTask =
  /**
   * Events of a pool, by its number, and the names that were given since those before. With steps of its
   * cycles the chain at the event before the first.
   */
  | {
      readonly kind: 'events';
      readonly pool: number;
      readonly events: Uint8Array;
      readonly firstNumber: number;
      readonly count: number;
      readonly steps: readonly WatchedStep[];
      readonly chain: ChainState | null;
      readonly names: DirectoryNames;
    }
  /** No events follow. */
  | { readonly kind: 'last' }
  | {
      readonly kind: 'rows';
      readonly table: ScenarioTable | LabelTable;
      readonly rows: readonly object[];
    }
  | { readonly kind: 'end' };

/** SHA-256 of files, hex, by their names. */
export type Digests = Readonly<Record<string, string>>;

/** The answer to `last` and to `end`. */
export interface WholeTables {
  /** Those whose files are whole now and have rows. */
  readonly filled: readonly FormedTable[];
  /** By pool, where it folds them; after `last` alone. */
  readonly ledger: readonly LedgerFigures[];
  /** Of all files; after `end` alone, where they are asked for. */
  readonly digests: Digests;
}

type EventsTask = Extract<TablesTask, { readonly kind: 'events' }>;

/** The thread is begun before its run is known: loading all of this takes as long as reading a scenario. */
const place = await new Promise<TablesPlace>((resolve) => parentPort?.once('message', resolve));
const { folder, run, pools, certificates, foldsLedger } = place;
if (place.isBehind) standBehindTheRun();
const tables = new Map(
  Object.entries(TABLE_FORMS).map(([name, form]) => [
    name,
    new ParquetTable(join(folder, `${name}.parquet`), form, place.digests),
  ]),
);
const columns = new TableColumns(run, (name) => tables.get(name) as ParquetTable);
const folds = pools.map((pool) => {
  const names: DirectoryNames = { participants: [], currencies: [] };
  const fold = new EventFold(run, pool, names, columns.takers(pool, names));
  const books = foldsLedger ? new BooksOverLedger(names, { told: fold }) : null;
  return { names, fold, books, certifier: certificates ? certifierOf(pool, names) : null };
});

/** A certifier that is told of the steps which a core took in another thread. */
function certifierOf(pool: string, names: DirectoryNames) {
  let told: TakeStep = () => {};
  const heard = {
    watchCycle(_: 'every', take: TakeStep) {
      told = take;
    },
  };
  const text = new RunCertificateText();
  const writes = ({ event, before, run, place, names }: RunToCertify): boolean => {
    const written = text.write(before, run, place, names);
    if (written !== null) columns.certificateText(pool, event, written);
    return written !== null;
  };
  const certifier = new CycleCertifier(heard, pool, names, () => true, writes);
  return {
    take({ steps, chain, ...batch }: EventsTask): void {
      for (const { step, before } of steps) told(step, () => before);
      // Where there are no steps nobody asks for a digest.
      const before = chain ? EventChain.from(chain) : new EventChain();
      certifier.each({ ...batch, before }, (step) => columns.certificate(step));
    },
  };
}

function write({ rows }: Block): void {
  for (const table of TABLES) for (const row of rows[table]) tables.get(table)?.add(row);
}

const SCENARIO_FILES: ReadonlySet<string> = new Set([...SCENARIO_TABLES, ...LABEL_TABLES]);

/** @param ofScenario whether it is those of the scenario that get no more rows */
function endTables(ofScenario: boolean): FormedTable[] {
  const filled: FormedTable[] = [];
  for (const [name, table] of tables) {
    if (SCENARIO_FILES.has(name) !== ofScenario) continue;
    table.end();
    if (table.isFilled) filled.push(name as FormedTable);
  }
  return filled;
}

const digestsOf = (): Digests =>
  Object.fromEntries([...tables].map(([name, table]) => [`${name}.parquet`, table.digest()]));

function work(task: TablesTask): WholeTables | null {
  if (task.kind === 'events') {
    const { names, fold, books, certifier } = folds[task.pool] as (typeof folds)[number];
    (names.participants as unknown[]).push(...task.names.participants);
    (names.currencies as unknown[]).push(...task.names.currencies);
    certifier?.take(task);
    for (const block of fold.fold(task.events, books)) write(block);
  } else if (task.kind === 'last') {
    for (const { fold } of folds) write(fold.end());
    columns.end();
    const ledger = folds.flatMap(({ books }) => books?.end() ?? []);
    return { filled: endTables(false), ledger, digests: {} };
  } else if (task.kind === 'rows') for (const row of task.rows) tables.get(task.table)?.add(row);
  else return { filled: endTables(true), ledger: [], digests: place.digests ? digestsOf() : {} };
  return null;
}

parentPort?.on('message', (task: TablesTask) => {
  const answer = work(task);
  // It is done: more may come.
  parentPort?.postMessage(answer);
  if (task.kind === 'end') parentPort?.close();
});
