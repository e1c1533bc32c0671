import { join } from 'node:path';
import type { ClickHouseClient } from '@clickhouse/client';
import { CycleCertifier } from '../analysis/certificates/cycle-certificates.ts';
import type { Settlement } from '../core/settlement/settlement.ts';
import { CertificateBlocks, certificateRow } from '../metrics/certificate-rows.ts';
import { EventFold, type Insertion, insertions } from '../metrics/event-rows.ts';
import { verifierRow } from '../metrics/telemetry-rows.ts';
import { connectClickHouse } from '../platform/clickhouse/client.ts';
import {
  type EmbeddedClickHouse,
  type EmbeddedClickHouseOptions,
  type LaunchedEngine,
  startEmbeddedClickHouse,
} from '../platform/clickhouse/embedded.ts';
import { insertRows } from '../platform/clickhouse/insert.ts';
import { migrate } from '../platform/clickhouse/migrate.ts';
import { packageFolder } from '../platform/service/build-info.ts';
import { TELEMETRY } from '../protocol/names/topic-plan.ts';
import { isBatchTelemetry, readTelemetry } from '../protocol/records/telemetry.ts';
import type { Indicators } from '../report/figures/run-indicators.ts';
import type { LiquidityChange } from '../report/figures/run-results.ts';
import { runName, scenarioTables } from '../report/figures/scenario-tables.ts';
import type { Summary } from '../report/figures/summary.ts';
import { differences } from '../report/figures/summary-check.ts';
import { renderReport } from '../report/report.ts';
import type { Scenario } from '../scenario/scenario.ts';
import type { SimulationLog } from '../simulator/ports.ts';
import type { LoggedSlice, LoggedStep, SimulatedRun } from '../simulator/simulated-run.ts';
import { TopicReader } from '../simulator/topic-reader.ts';

/** The time in which the simulation does not look at its sockets counts too. */
const REQUEST_TIMEOUT_MS = 600_000;
const SCHEMA = join(packageFolder, 'infra/clickhouse');
/** Telemetry rows inserted together. */
const TELEMETRY_ROWS = 1000;

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

interface PoolCertificates {
  readonly certifier: CycleCertifier;
  readonly blocks: CertificateBlocks;
}

interface Store {
  readonly server: EmbeddedClickHouse;
  readonly client: ClickHouseClient;
}

async function opened(options: EmbeddedClickHouseOptions): Promise<Store> {
  const server = await startEmbeddedClickHouse(options);
  return { server, client: connectClickHouse(server, REQUEST_TIMEOUT_MS) };
}

/**
 * The metrics of a run in an embedded ClickHouse: events and telemetry go in as the run goes on, and
 * the report's figures come out. Insertion runs beside the simulation; a failure stops the run.
 */
export class Analytics {
  readonly #scenario: Scenario;
  readonly #store: Promise<Store>;
  readonly #telemetry: TopicReader | null;
  readonly #folds: readonly EventFold[];
  readonly #certifiers: readonly PoolCertificates[];
  #batches: object[] = [];
  #batchBlocks = 0;
  /** The tables, then insertions one after the other; at most one waits while the simulation goes on. */
  #inserting: Promise<void>;

  /** The engine starts beside the run: that it does not is thrown by what needs it first. */
  constructor(folder: string, { scenario, simulation, log, certificates, engine }: AnalysedRun) {
    this.#scenario = scenario;
    this.#store = opened({ folder, schema: SCHEMA, ...(engine && { engine }) });
    this.#telemetry = log && new TopicReader(log.log, TELEMETRY, 0, log.forgets);
    this.#inserting = this.#store.then(async ({ client }) => {
      await migrate(client, SCHEMA);
    });
    // Awaited, with its error, before the first block.
    this.#inserting.catch(() => {});
    this.#folds = simulation.pools.map(
      ({ name, clearing }) => new EventFold(runName(scenario), name, clearing.directory),
    );
    this.#certifiers = (certificates ? simulation.pools : []).map(({ name, clearing }, pool) => ({
      certifier: new CycleCertifier(
        simulation.settlements[pool] as Settlement,
        name,
        clearing.directory,
      ),
      blocks: new CertificateBlocks(),
    }));
  }

  /** Takes in what a slice of the run caused. */
  async take(slice: LoggedSlice): Promise<void> {
    const blocks = slice.steps.flatMap(
      ({ batch }, pool) => this.#folds[pool]?.fold(batch.events) ?? [],
    );
    const inserts = [
      ...blocks.map(insertions),
      ...slice.steps.flatMap((step, pool) =>
        this.#certificates(pool, step).map((insertion) => [insertion]),
      ),
    ].filter((some) => some.length > 0);
    for (const { value } of (await this.#telemetry?.readNew()) ?? []) {
      const telemetry = readTelemetry(value);
      if (isBatchTelemetry(telemetry))
        this.#batches.push(verifierRow(runName(this.#scenario), telemetry));
    }
    if (inserts.length > 0) {
      await this.#inserting;
      this.#inserting = this.#insertAll(inserts);
      // Awaited, with its error, before the next block or at the end.
      this.#inserting.catch(() => {});
    }
    if (this.#batches.length >= TELEMETRY_ROWS) await this.#insertTelemetry();
  }

  /** Inserts the rest, then holds what ClickHouse says of the run against its summary. */
  async finish(summary: Summary, changes: readonly LiquidityChange[]): Promise<void> {
    await this.#inserting;
    await this.#insertAll([
      ...this.#folds.map((fold) => insertions(fold.end())),
      ...this.#certifiers.map(({ blocks }) => blocks.end()),
    ]);
    await this.#insertTelemetry();
    const tables = Object.entries(scenarioTables(this.#scenario, summary, changes));
    await Promise.all(
      tables
        .filter(([, values]) => values.length > 0)
        .map(([table, values]) =>
          this.#insert(table, values, `${runName(this.#scenario)}/${table}`),
        ),
    );
    const found = await differences(
      (sql, params) => this.query(sql, params),
      runName(this.#scenario),
      summary,
    );
    if (found.length > 0) throw new Error(`ClickHouse and the summary differ: ${found.join('; ')}`);
  }

  report(
    summary: Summary,
    indicators: Indicators,
    changes: readonly LiquidityChange[],
  ): Promise<string> {
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
    await this.#inserting.catch(() => {});
    // One that did not start has nothing to end.
    const store = await this.#store.catch(() => null);
    await store?.client.close();
    await store?.server.stop();
  }

  /** Those of the cycles that a pool's events tell of, once there are enough. */
  #certificates(pool: number, { batch }: LoggedStep): Insertion[] {
    const own = this.#certifiers[pool];
    if (own === undefined) return [];
    const { certifier, blocks } = own;
    const run = runName(this.#scenario);
    return blocks.take(certifier.take(batch).map((step) => certificateRow(run, step)));
  }

  async #insertAll(blocks: readonly (readonly Insertion[])[]): Promise<void> {
    for (const block of blocks)
      await Promise.all(block.map(({ table, rows, token }) => this.#insert(table, rows, token)));
  }

  async #insertTelemetry(): Promise<void> {
    if (this.#batches.length === 0) return;
    await this.#inserting;
    const rows = this.#batches;
    this.#batches = [];
    const token = `${runName(this.#scenario)}/verifier_batches/${this.#batchBlocks++}`;
    await this.#insert('verifier_batches', rows, token);
  }

  async #insert(table: string, rows: readonly object[], token: string): Promise<void> {
    await insertRows((await this.#store).client, table, rows, token);
  }
}
