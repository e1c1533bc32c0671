import { IDLE_WAIT_MS, type Persistently } from '../live/retry-loop.ts';
import type { ConsumerProgress, LoggedMessage, ServiceContext } from '../live/service-context.ts';
import { progressIn, recordsOf } from '../live/topic-reader.ts';
import { type AnalysisStore, put } from './analysis-store.ts';
import { CutPositions } from './same-blocks-after-a-crash.ts';
import { insertionRow } from './store-rows.ts';

type Tables = readonly { readonly table: string; readonly rows: readonly object[] }[];

/** A topic of one partition, and what its records become. */
interface TopicOfRows {
  readonly run: string;
  readonly store: AnalysisStore;
  /** Points name its reader so too. */
  readonly topic: string;
  /** Records of a block at most. */
  readonly recordsMax: number;
  tablesOf(records: readonly LoggedMessage[], persistently: Persistently): Promise<Tables>;
  /** Takes a record whose rows are in the store already; left out: these are not read again. */
  known?(message: LoggedMessage): Promise<unknown>;
}

/**
 * Inserts the rows of a topic block by block, each once (same-blocks-after-a-crash.ts); those of events:
 * metrics-service.ts. What the log has forgotten before it was read has no rows.
 */
export class TopicRows {
  /** Its position: after the last record whose rows are in the store. */
  readonly progress: ConsumerProgress;
  readonly #context: ServiceContext;
  readonly #of: TopicOfRows;
  readonly #positions: CutPositions;
  #next: number | null = null;

  constructor(context: ServiceContext, of: TopicOfRows) {
    const { run, store, topic } = of;
    this.#context = context;
    this.#of = of;
    const reader = { run, reader: topic, service: topic, topic };
    this.#positions = new CutPositions(store, reader, context);
    context.probes.readiness('store', () => this.#positions.fault);
    this.progress = progressIn(context.log, topic, 0, () => this.#next);
  }

  /** Inserts the rows of what has come, a block at most. @returns of how many records */
  async step(persistently: Persistently): Promise<number> {
    const { topic, recordsMax } = this.#of;
    if (this.#next === null) this.#next = await this.#recovered(persistently);
    const from = this.#next;
    const records = await this.#context.log.read(topic, 0, from, recordsMax, {
      waitMs: IDLE_WAIT_MS,
    });
    const last = records[records.length - 1];
    if (!last) return 0;
    const next = last.logOffset + 1;
    await persistently(() => this.#positions.begin(from, next));
    await this.#insert(from, next, records, persistently);
    this.#next = next;
    return records.length;
  }

  /** Ends the block that a crash left unfinished. @returns offset after all that is in the store then */
  async #recovered(persistently: Persistently): Promise<number> {
    const { log } = this.#context;
    const { topic } = this.#of;
    const { begun, done } = await persistently(() => this.#positions.last());
    const started = await persistently(() => log.startOffset(topic, 0));
    const from = Math.max(started, done);
    const block: LoggedMessage[] = [];
    for await (const message of recordsOf(log, topic, 0, {
      from: this.#of.known ? started : from,
      end: Math.max(begun, done),
    }))
      if (message.logOffset < done) await this.#of.known?.(message);
      else block.push(message);
    if (block.length === 0) return from;
    await this.#insert(from, begun, block, persistently);
    return begun;
  }

  async #insert(
    from: number,
    next: number,
    records: readonly LoggedMessage[],
    persistently: Persistently,
  ): Promise<void> {
    const { run, store, topic } = this.#of;
    const { nowMs, reached } = this.#context;
    const tables = await this.#of.tablesOf(records, persistently);
    const counted = insertionRow(run, topic, nowMs(), records.length, tables);
    for (const { table, rows } of [...tables, counted]) {
      const token = `${run}/${table}/${topic}/${from}-${next}`;
      reached(`${topic}.beforeInsert`);
      await persistently(() => put(store, table, rows, token));
      reached(`${topic}.afterInsert`);
    }
    await persistently(() => this.#positions.end(next));
  }
}
