import { IDLE_WAIT_MS, type Persistently, startLoop } from '../live/loop.ts';
import type { LoggedMessage, RunningService, ServiceContext } from '../live/ports.ts';
import { readTelemetry } from '../protocol/telemetry.ts';
import { TELEMETRY } from '../protocol/topics.ts';
import { type AnalysisStore, put } from './analysis-store.ts';
import { CutPositions } from './cut-positions.ts';
import { telemetryTables } from './telemetry-rows.ts';

const READ_RECORDS = 1_000;
/** Rows of a second go in together. */
const GATHER_MS = 1_000;

export interface TelemetryOptions {
  readonly run: string;
  readonly store: AnalysisStore;
}

/** Reads what services measured of themselves into the analysis store. */
export async function startTelemetry(
  context: ServiceContext,
  options: TelemetryOptions,
): Promise<RunningService> {
  const reader = new TelemetryReader(context, options);
  return startLoop(context, (persistently) => reader.step(persistently));
}

class TelemetryReader {
  readonly #context: ServiceContext;
  readonly #options: TelemetryOptions;
  readonly #positions: CutPositions;
  #next: number | null = null;

  constructor(context: ServiceContext, options: TelemetryOptions) {
    this.#context = context;
    this.#options = options;
    const { log, reached } = context;
    this.#positions = new CutPositions(log, 'metrics', TELEMETRY, 'telemetry', reached);
  }

  async step(persistently: Persistently): Promise<void> {
    const { log, pause } = this.#context;
    if (this.#next === null) await this.#recover(persistently);
    const from = this.#next ?? 0;
    const records = await log.read(TELEMETRY, 0, from, READ_RECORDS, { waitMs: IDLE_WAIT_MS });
    const last = records[records.length - 1] as LoggedMessage | undefined;
    if (!last) return;
    const next = last.logOffset + 1;
    await persistently(() => this.#positions.begin(next));
    await this.#insert(from, next, records, persistently);
    if (records.length < READ_RECORDS) await pause(GATHER_MS);
  }

  /** Ends the block that a crash left unfinished. */
  async #recover(persistently: Persistently): Promise<void> {
    const from = await this.#start();
    const begun = await this.#positions.begun();
    const records: LoggedMessage[] = [];
    for (let next = from; begun !== null && next < begun; ) {
      const more = await this.#context.log.read(TELEMETRY, 0, next, begun - next);
      if (more.length === 0) break;
      records.push(...more);
      next = (more[more.length - 1] as LoggedMessage).logOffset + 1;
    }
    if (begun !== null && records.length > 0)
      await this.#insert(from, begun, records, persistently);
    else this.#next = from;
  }

  async #insert(
    from: number,
    next: number,
    records: readonly LoggedMessage[],
    persistently: Persistently,
  ): Promise<void> {
    const { run, store } = this.#options;
    const telemetry = records.map(({ value }) => readTelemetry(value));
    for (const { table, rows } of telemetryTables(run, telemetry)) {
      const token = `${run}/${table}/${from}-${next}`;
      this.#context.reached('telemetry.beforeInsert');
      await persistently(() => put(store, table, rows, token));
      this.#context.reached('telemetry.afterInsert');
    }
    await persistently(() => this.#positions.end(next));
    this.#next = next;
  }

  /** What was forgotten by the log is lost to telemetry, and nothing else. */
  async #start(): Promise<number> {
    const first = await this.#context.log.startOffset(TELEMETRY, 0);
    return Math.max(first, (await this.#positions.done()) ?? 0);
  }
}
