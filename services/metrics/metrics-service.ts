/** Fills the analysis store from the topics: how often is here, how many events make a block in event-rows.ts. */
import type { WatchModel } from '../analysis/watch/watch-model.ts';
import { EventCursor } from '../core/settlement/event-cursor.ts';
import { readEvents } from '../core/settlement/event-reader.ts';
import { EventsFollower } from '../live/events-follower.ts';
import { NamingRecords } from '../live/naming-records.ts';
import type { FoundingScenario } from '../live/network.ts';
import { IDLE_WAIT_MS, type Persistently, startLoop, together } from '../live/retry-loop.ts';
import type {
  ConsumerProgress,
  LoggedMessage,
  RunningService,
  ServiceContext,
} from '../live/service-context.ts';
import { progressIn } from '../live/topic-reader.ts';
import { Directory } from '../protocol/names/handles-to-names.ts';
import { poolEvents, TELEMETRY } from '../protocol/names/topic-plan.ts';
import type { NamingRecord } from '../protocol/records/control-record.ts';
import { type AnalysisStore, put } from './analysis-store.ts';
import type { AlertRule } from './ask-alert-rules.ts';
import { startCases } from './case-service.ts';
import { BLOCK_EVENTS, type Block, EventFold, type Insertion, insertions } from './event-rows.ts';
import { PoolTotals } from './pool-totals.ts';
import { inGeneration } from './run-generations.ts';
import { CutPositions } from './same-blocks-after-a-crash.ts';
import { ScheduledChecks } from './scheduled-reconciliation.ts';
import { LiveWatch, WATCH_HELD_MAX } from './score-live-payments.ts';
import { insertionRow } from './store-rows.ts';
import { startTelemetry } from './telemetry-service.ts';
import { startWaitSnapshots } from './wait-snapshots.ts';
import { type ScoredPayment, scoreRow } from './watch-score-rows.ts';

/**
 * Metrics of a network, live: folds each pool's events into rows for the analysis store. While the store is away it
 * waits, and catches up from the log afterwards, without gaps or doubles. Which rows an event becomes:
 * event-rows.ts. Rows once: same-blocks-after-a-crash.ts.
 */
export interface MetricsServiceOptions {
  /** The name under which the rows stand. */
  readonly run: string;
  readonly pools: readonly string[];
  readonly scenario?: FoundingScenario;
  readonly store: AnalysisStore;
  /** For which alerts cases are opened; default: none. */
  readonly rules?: readonly AlertRule[];
  /** By which payments are scored as they come in; default: none is. */
  readonly watch?: WatchModel;
  /** What the watches of all pools hold at most (FlowWatch.held). */
  readonly watchHeldMax?: number;
}

/** Of a store that is waited for since the start. */
export const NOT_ANSWERED = 'it has not answered yet';

const READ_MESSAGES = 64;
/** A block that is not full is inserted after so long, so that dashboards keep up. */
const FLUSH_MS = 1_000;

export async function startMetrics(
  contextOf: (pool: string) => ServiceContext,
  { store, ...named }: MetricsServiceOptions,
): Promise<RunningService> {
  const options = { ...named, store: inGeneration(store, named.run) };
  const telemetry = await startTelemetry(contextOf(''), options);
  const services: RunningService[] = [telemetry];
  const sources = new Map<string, ConsumerProgress>([[TELEMETRY, telemetry.progress]]);
  for (const pool of options.pools) {
    const context = contextOf(pool);
    const reader = new PoolMetrics(context, pool, options);
    const progress = progressIn(context.log, poolEvents(pool), 0, () => reader.inserted);
    sources.set(eventsReader(pool), progress);
    context.probes.consumer('events', progress);
    context.probes.readiness('store', () => reader.storeFault);
    services.push(
      startLoop(
        context,
        (persistently) => reader.step(persistently),
        () => reader.settled(),
        progress,
      ),
      startWaitSnapshots(context, { run: options.run, pool, store: options.store }),
    );
  }
  services.push(await startCases(contextOf(''), { ...options, sources }));
  return together(services);
}

/** The name of a pool's reader in `reader_positions` and `insertions`. */
export const eventsReader = (pool: string): string => `events/${pool}`;

class PoolMetrics {
  readonly #context: ServiceContext;
  readonly #pool: string;
  readonly #run: string;
  readonly #pools: readonly string[];
  readonly #scenario: FoundingScenario | undefined;
  readonly #store: AnalysisStore;
  readonly #follower: EventsFollower;
  readonly #naming: NamingRecords;
  readonly #directory = new Directory();
  readonly #fold: EventFold;
  readonly #totals: PoolTotals;
  readonly #checks: ScheduledChecks;
  readonly #positions: CutPositions;
  readonly #watch: LiveWatch | null;
  readonly #inserted: (by?: number) => void;
  /** Names that came since the last block. */
  #names: NamingRecord[] = [];
  #next = 0;
  #done = 0;
  #storeAnswered = false;
  #recovered = false;
  /** Events since the last block, and since when there are some. */
  #events = 0;
  #sinceMs = 0;
  /** The block on its way into the store, while the next is folded. */
  #inserting: Promise<void> = Promise.resolve();

  constructor(context: ServiceContext, pool: string, options: MetricsServiceOptions) {
    const { run, pools, store, watch, watchHeldMax = WATCH_HELD_MAX } = options;
    const { log, figures } = context;
    this.#context = context;
    this.#pool = pool;
    this.#run = run;
    this.#pools = pools;
    this.#scenario = options.scenario;
    this.#store = store;
    this.#follower = new EventsFollower(pool);
    this.#naming = new NamingRecords(log, pool);
    this.#fold = new EventFold(run, pool, this.#directory);
    const of = { run, reader: eventsReader(pool), service: 'metrics', topic: poolEvents(pool) };
    this.#positions = new CutPositions(store, of, context);
    this.#totals = new PoolTotals(this.#directory, this.#fold.ledger);
    this.#checks = new ScheduledChecks(context, store, { run, pool });
    this.#watch = watch
      ? new LiveWatch(context, pool, watch, Math.floor(watchHeldMax / pools.length))
      : null;
    this.#inserted = figures.counter(
      'corridor_rows_inserted_total',
      'Rows inserted into the store',
    );
  }

  /** Why nothing goes into the store; null: it has said what it has, and that is of this log. */
  get storeFault(): string | null {
    return this.#storeAnswered ? null : (this.#positions.fault ?? NOT_ANSWERED);
  }

  /** Offset after the last message whose rows are in the store. */
  get inserted(): number {
    return this.#done;
  }

  /** Resolves when the block in hand is in the store. */
  settled(): Promise<void> {
    return this.#inserting;
  }

  async step(persistently: Persistently): Promise<void> {
    await this.#watch?.say();
    if (!this.#recovered) await this.#recover(persistently);
    const taken = await this.#take(READ_MESSAGES, IDLE_WAIT_MS, persistently);
    const { elapsedMs } = this.#context;
    if (this.#events === 0) {
      await this.#inserting;
      await this.#checks.check(this.#totals, this.#done);
      return;
    }
    const isDue = !taken || elapsedMs() - this.#sinceMs >= FLUSH_MS;
    if (this.#events < BLOCK_EVENTS && !isDue) return;
    await this.#inserting;
    this.#inserting = this.#insert(persistently);
    this.#inserting.catch(() => {});
    if (!this.#checks.isDue()) return;
    // Totals are those of the last event taken: nothing more until the store has it.
    await this.#inserting;
    await this.#checks.check(this.#totals, this.#done);
  }

  /** Folds what is in the store already, and ends the block that a crash left unfinished. */
  async #recover(persistently: Persistently): Promise<void> {
    const { begun, done, sampledMs } = await persistently(() => this.#positions.last());
    this.#storeAnswered = true;
    await persistently(() => this.#insertRun());
    while (this.#next < done) {
      await this.#takeUpTo(done, persistently);
      const { payments } = this.#fold.cut().rows;
      await this.#watch?.learn(payments, persistently);
      // Its rows are in the store: who reads again what he had is not told to stand still.
      this.#done = this.#next;
    }
    if (done > 0) this.#fold.resume(sampledMs);
    this.#names = [];
    this.#events = 0;
    while (this.#next < begun) await this.#takeUpTo(begun, persistently);
    if (begun > done) await this.#insert(persistently);
    this.#recovered = true;
  }

  async #takeUpTo(end: number, persistently: Persistently): Promise<void> {
    const count = Math.min(READ_MESSAGES, end - this.#next);
    if (!(await this.#take(count, 0, persistently)))
      throw new Error(`${poolEvents(this.#pool)} ends before a position remembered in it`);
  }

  /** Folds the next messages; whether there were any. */
  async #take(count: number, waitMs: number, persistently: Persistently): Promise<boolean> {
    const { log, elapsedMs } = this.#context;
    const records = await persistently(() =>
      log.read(poolEvents(this.#pool), 0, this.#next, count, { waitMs }),
    );
    if (records.length === 0) return false;
    const bytes = Buffer.concat(records.map((record) => this.#follower.take(record)));
    const events = readEvents(bytes);
    for (const record of await persistently(() => this.#naming.of(events))) {
      this.#directory.fold(record);
      this.#names.push(record);
    }
    const cursor = new EventCursor(bytes, events);
    for (const event of events) {
      cursor.next();
      this.#totals.take(event);
      this.#fold.take(cursor);
    }
    if (this.#events === 0) this.#sinceMs = elapsedMs();
    this.#events += events.length;
    this.#next = (records[records.length - 1] as LoggedMessage).logOffset + 1;
    return true;
  }

  /** Cuts the block up to here and inserts it; where it ends is remembered before. */
  async #insert(persistently: Persistently): Promise<void> {
    const { reached } = this.#context;
    const block = this.#fold.cutHere();
    const { sampledMs } = this.#fold;
    const [from, next] = [this.#done, this.#next];
    const [events, names] = [this.#events, this.#nameRows()];
    this.#events = 0;
    this.#names = [];
    const scored = (await this.#watch?.score(block.rows.payments, persistently)) ?? [];
    const scores = this.#scoreRows(block, scored);
    const insertions = this.#insertions(block, events, [...names, ...scores]);
    await persistently(() => this.#positions.begin(from, next));
    await Promise.all(
      insertions.map(async ({ table, rows, token }) => {
        reached('metrics.beforeInsert');
        await persistently(() => this.#put(table, rows, token));
        reached('metrics.afterInsert');
        this.#inserted(rows.length);
      }),
    );
    await persistently(() => this.#positions.end(next, sampledMs));
    this.#done = next;
    await this.#watch?.tell(scored);
  }

  /** A model has its own token: another may be there when the block comes again. */
  #scoreRows({ token }: Block, scored: readonly ScoredPayment[]): Insertion[] {
    if (!this.#watch || scored.length === 0) return [];
    const { model } = this.#watch;
    const rows = scored.map((one) => scoreRow(this.#run, model, one));
    return [{ table: 'watch_scores', rows, token: `${token}/watch_scores/${model.digest}` }];
  }

  #insertions(block: Block, events: number, others: readonly Insertion[]): Insertion[] {
    const tables = [...insertions(block), ...others];
    const atMs = this.#context.nowMs();
    const reader = eventsReader(this.#pool);
    const counted = insertionRow(this.#run, reader, atMs, events, tables);
    return [...tables, { ...counted, token: `${block.token}/${counted.table}` }];
  }

  #nameRows(): Insertion[] {
    const run = this.#run;
    return this.#names.flatMap((name): Insertion[] => {
      if (name.kind === 'participant') {
        const { bic, name: called, role } = name;
        // Pools share their participants: the token has no pool.
        return [
          {
            table: 'participants',
            rows: [{ run, bic, name: called, role }],
            token: `${run}/participants/${bic}`,
          },
        ];
      }
      if (name.kind !== 'currency') return [];
      const { currency, minorUnits } = name;
      return [
        {
          table: 'currencies',
          rows: [{ run, pool: this.#pool, currency, minor_units: minorUnits }],
          token: `${run}/currencies/${currency}`,
        },
      ];
    });
  }

  async #insertRun(): Promise<void> {
    const row = {
      run: this.#run,
      scenario: this.#scenario?.name ?? this.#run,
      seed: this.#scenario?.seed ?? 0,
      version: 'live',
      pools: this.#pools,
      events_hash: '',
      summary: '{}',
    };
    this.#context.reached('metrics.beforeRun');
    await this.#put('runs', [row], `${this.#run}/runs`);
    const rates = this.#scenario?.referenceRates ?? [];
    if (rates.length > 0)
      await this.#put(
        'reference_rates',
        rates.map((rate) => ({ run: this.#run, ...rate })),
        `${this.#run}/reference_rates`,
      );
    this.#context.reached('metrics.afterRun');
  }

  #put(table: string, rows: readonly object[], token: string): Promise<void> {
    return put(this.#store, table, rows, token);
  }
}
