import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { ClickHouseClient } from '@clickhouse/client';
import { type FormedTable, TABLE_FORMS } from '../export/table-column-types.ts';
import { verifierRow } from '../metrics/telemetry-rows.ts';
import { connectClickHouse } from '../platform/clickhouse/client.ts';
import {
  type EmbeddedClickHouse,
  type EmbeddedClickHouseOptions,
  type LaunchedEngine,
  startEmbeddedClickHouse,
} from '../platform/clickhouse/embedded.ts';
import { insertRows } from '../platform/clickhouse/insert-once.ts';
import { schemaFolder } from '../platform/service/shipped-files.ts';
import { TELEMETRY } from '../protocol/names/topic-plan.ts';
import { isBatchTelemetry, readTelemetry } from '../protocol/records/telemetry.ts';
import type { LiquidityChange } from '../report/figures/run-books.ts';
import type { Indicators } from '../report/figures/run-indicators.ts';
import { runName } from '../report/figures/run-name-in-store.ts';
import { differences } from '../report/figures/store-against-summary.ts';
import type { Summary } from '../report/figures/summary.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { TopicReader } from '../simulator/run-topic-reader.ts';
import type { LoggedSlice, SimulatedRun } from '../simulator/simulated-run.ts';
import type { SimulationLog } from '../simulator/simulation-log.ts';
import type { RunFolder } from './run-folder.ts';
import { RunTables } from './run-tables.ts';
import type { WholeTables } from './tables-worker.ts';

/** The time in which the simulation does not look at its sockets counts too. */
const REQUEST_TIMEOUT_MS = 600_000;

export interface AnalysedRun {
  readonly scenario: Scenario;
  readonly simulation: SimulatedRun;
  /** With the verifier's telemetry; `forgets` as the simulation has it. Null: nothing is verified. */
  readonly log: { readonly log: SimulationLog; readonly forgets: boolean } | null;
  /** Whether the certificate of each cycle goes in too. */
  readonly certificates: boolean;
  /** One that loads already. */
  readonly engine: LaunchedEngine | null;
}

interface Store {
  readonly server: EmbeddedClickHouse;
  readonly client: ClickHouseClient;
}

/** With what draws its figures it is a third of what a run would load, and most runs have none. */
const loadReport = () => import('../report/report.ts');

async function opened(options: EmbeddedClickHouseOptions): Promise<Store> {
  const server = await startEmbeddedClickHouse(options);
  return { server, client: connectClickHouse(server, REQUEST_TIMEOUT_MS) };
}

/**
 * The metrics of a run in an embedded ClickHouse: a thread makes the tables as the run goes on, the store
 * takes them at its end, and the report's figures come out. A failure stops the run.
 */
export class Analytics {
  readonly #scenario: Scenario;
  readonly #store: Promise<Store>;
  readonly #telemetry: TopicReader | null;
  readonly #folder: string;
  /** A folder with a link to the tables, where the engine would take their path for a pattern. */
  #links: string | null = null;
  readonly #tables: RunTables;
  readonly #batches: object[] = [];
  /** The store has the rows of events. */
  #taken: Promise<void> | null = null;

  /**
   * The engine starts beside the run: that it does not is thrown by what needs it first.
   * @param folder gets the store in one folder, and the tables in another until the store has them
   */
  constructor(folder: RunFolder, { scenario, simulation, log, certificates, engine }: AnalysedRun) {
    this.#scenario = scenario;
    // Before the engine: where a folder or a thread cannot be had, none is left behind.
    this.#folder = folder.file('tables');
    // Over messages, as where they are verified, a run has more to do than its tables.
    const isBehind = log !== null;
    this.#tables = new RunTables(this.#folder, scenario, simulation, certificates, { isBehind });
    this.#store = opened({
      folder: folder.file('clickhouse'),
      schema: schemaFolder(),
      ...(engine && { engine }),
    });
    // Awaited, with its error, at the end.
    this.#store.catch(() => {});
    this.#telemetry = log && new TopicReader(log.log, TELEMETRY, 0, log.forgets);
  }

  /** Takes in what a slice of the run caused. */
  async take(slice: LoggedSlice): Promise<void> {
    await this.#tables.take(slice);
    for (const { value } of (await this.#telemetry?.readNew()) ?? []) {
      const telemetry = readTelemetry(value);
      if (isBatchTelemetry(telemetry))
        this.#batches.push(verifierRow(runName(this.#scenario), telemetry));
    }
  }

  /** No slice follows. */
  last(): Promise<void> {
    return this.#tables.last();
  }

  /** As of RunTables; the store takes the rows of events from then on, beside all that follows. */
  async events(): Promise<WholeTables> {
    const whole = await this.#tables.events();
    this.#taken = this.#take(whole.filled);
    // Awaited, with its error, at the end.
    this.#taken.catch(() => {});
    return whole;
  }

  /** Has the store take the rest of the rows. */
  async finish(summary: Summary, changes: readonly LiquidityChange[]): Promise<void> {
    const { filled } = await this.#tables.finish(summary, changes);
    const { client } = await this.#store;
    const token = `${runName(this.#scenario)}/verifier_batches`;
    const rest = [
      this.#take(filled),
      insertRows(client, 'verifier_batches', this.#batches, token),
      // The store works: who draws the report can be loaded.
      loadReport(),
    ];
    await Promise.all([this.#taken, ...rest]);
    rmSync(this.#folder, { recursive: true });
  }

  async #take(tables: readonly FormedTable[]): Promise<void> {
    const { client } = await this.#store;
    await Promise.all(
      tables.map((table) =>
        // The payments feed a dozen views: one after the other these leave a core idle.
        client.command({
          query: this.#takeSql(table),
          clickhouse_settings: { parallel_view_processing: 1 },
        }),
      ),
    );
  }

  /** Holds what the store says of the run against its summary; throws where they differ. */
  async check(summary: Summary): Promise<void> {
    const run = runName(this.#scenario);
    const found = await differences((sql, params) => this.query(sql, params), run, summary);
    if (found.length > 0) throw new Error(`ClickHouse and the summary differ: ${found.join('; ')}`);
  }

  async report(
    summary: Summary,
    indicators: Indicators,
    changes: readonly LiquidityChange[],
  ): Promise<string> {
    const { renderReport } = await loadReport();
    return renderReport({
      query: (sql, params) => this.query(sql, params),
      run: runName(this.#scenario),
      summary,
      indicators,
      scenario: this.#scenario,
      changes,
    });
  }

  async query<Row>(sql: string, params?: Readonly<Record<string, unknown>>): Promise<Row[]> {
    const { client } = await this.#store;
    const result = await client.query({
      query: sql,
      format: 'JSONEachRow',
      ...(params && { query_params: params }),
    });
    return result.json<Row>();
  }

  async stop(): Promise<void> {
    await this.#tables.stop();
    // One that did not start has nothing to end.
    const store = await this.#store.catch(() => null);
    await store?.client.close();
    await store?.server.stop();
    if (this.#links !== null) rmSync(this.#links, { recursive: true, force: true });
  }

  /** The engine reads the file itself: it is a process of this machine. */
  #takeSql(table: FormedTable): string {
    const columns = Object.keys(TABLE_FORMS[table]).join(', ');
    const file = join(this.#readable(), `${table}.parquet`).replace(/[\\']/g, '\\$&');
    return `INSERT INTO ${table} (${columns}) SELECT ${columns} FROM file('${file}', Parquet)`;
  }

  /** The engine takes these for a pattern, or for a part of an archive, which may find nothing or another's files, and knows no sign that says otherwise. */
  #readable(): string {
    if (!/[*?{]|::/.test(resolve(this.#folder))) return this.#folder;
    if (this.#links === null) {
      this.#links = mkdtempSync(join(tmpdir(), 'corridor-tables-'));
      symlinkSync(resolve(this.#folder), join(this.#links, 'tables'));
    }
    return join(this.#links, 'tables');
  }
}
