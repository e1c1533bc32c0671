import { IDLE_WAIT_MS, type Persistently, startLoop } from '../live/loop.ts';
import type {
  ConsumerProgress,
  LoggedMessage,
  RunningService,
  ServiceContext,
} from '../live/ports.ts';
import { progressIn } from '../live/topic-reader.ts';
import { TELEMETRY } from '../protocol/names/topic-plan.ts';
import { readTelemetry } from '../protocol/records/telemetry.ts';
import { type AnalysisStore, put } from './analysis-store.ts';
import { CutPositions } from './insert-once.ts';
import { insertionRow } from './rows.ts';
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
): Promise<RunningService & { readonly progress: ConsumerProgress }> {
  const reader = new TelemetryReader(context, options);
  const progress = progressIn(context.log, TELEMETRY, 0, () => reader.inserted);
  const loop = startLoop(
    context,
    (persistently) => reader.step(persistently),
    async () => {},
    progress,
  );
  return {
    ...loop,
    progress,
    /** With the last words of services that are shut down together with it. */
    async stop() {
      await loop.caughtUp?.().finally(() => loop.stop());
      await loop.stop();
    },
  };
}

class TelemetryReader {
  readonly #context: ServiceContext;
  readonly #options: TelemetryOptions;
  readonly #positions: CutPositions;
  #next: number | null = null;

  constructor(context: ServiceContext, options: TelemetryOptions) {
    this.#context = context;
    this.#options = options;
    const { run, store } = options;
    const of = { run, reader: TELEMETRY, service: 'telemetry' };
    this.#positions = new CutPositions(store, of, context.reached);
  }

  /** Offset after the last record whose rows are in the store; null: not known yet. */
  get inserted(): number | null {
    return this.#next;
  }

  async step(persistently: Persistently): Promise<void> {
    const { log, pause } = this.#context;
    if (this.#next === null) await this.#recover(persistently);
    const from = this.#next ?? 0;
    const records = await log.read(TELEMETRY, 0, from, READ_RECORDS, { waitMs: IDLE_WAIT_MS });
    const last = records[records.length - 1] as LoggedMessage | undefined;
    if (!last) return;
    const next = last.logOffset + 1;
    await persistently(() => this.#positions.begin(from, next));
    await this.#insert(from, next, records, persistently);
    if (records.length < READ_RECORDS) await pause(GATHER_MS);
  }

  /** Ends the block that a crash left unfinished. */
  async #recover(persistently: Persistently): Promise<void> {
    const { begun, done } = await persistently(() => this.#positions.last());
    // What was forgotten by the log is lost to telemetry, and nothing else.
    const from = Math.max(await this.#context.log.startOffset(TELEMETRY, 0), done);
    const records: LoggedMessage[] = [];
    for (let next = from; next < begun; ) {
      const more = await this.#context.log.read(TELEMETRY, 0, next, begun - next);
      if (more.length === 0) break;
      records.push(...more);
      next = (more[more.length - 1] as LoggedMessage).logOffset + 1;
    }
    if (records.length > 0) await this.#insert(from, begun, records, persistently);
    else this.#next = from;
  }

  async #insert(
    from: number,
    next: number,
    records: readonly LoggedMessage[],
    persistently: Persistently,
  ): Promise<void> {
    const { run, store } = this.#options;
    const { nowMs, reached } = this.#context;
    const telemetry = records.map(({ value }) => readTelemetry(value));
    const tables = telemetryTables(run, telemetry);
    const counted = insertionRow(run, TELEMETRY, nowMs(), records.length, tables);
    for (const { table, rows } of [...tables, counted]) {
      const token = `${run}/${table}/${TELEMETRY}/${from}-${next}`;
      reached('telemetry.beforeInsert');
      await persistently(() => put(store, table, rows, token));
      reached('telemetry.afterInsert');
    }
    await persistently(() => this.#positions.end(next));
    this.#next = next;
  }
}
