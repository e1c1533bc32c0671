import type { InstanceState } from '../core/settlement/core-snapshot.ts';
import { HistoryFault } from '../live/events-follower.ts';
import { IDLE_WAIT_MS, startLoop } from '../live/retry-loop.ts';
import type { RunningService, ServiceContext } from '../live/service-context.ts';
import { progressIn } from '../live/topic-reader.ts';
import { poolEvents, poolInput } from '../protocol/names/topic-plan.ts';
import { EventChain } from '../protocol/records/event-chain.ts';
import { RULES_VERSION } from '../protocol/records/rules-version.ts';
import { type Clearing, createClearing, type SettlementCore } from './clearing.ts';
import { WrittenHistory } from './first-written-history-wins.ts';
import type { SnapshotStore } from './snapshot-format.ts';
import { Snapshots } from './snapshots.ts';
import { STANDBY_WAIT_MS, StandbyTakeover } from './standby-takeover.ts';

/**
 * Clearing of one pool, live: reads the pool's input from the start (or a snapshot), holds what it computes against
 * the events topic, and writes what the topic lacks. Which snapshot a start begins from: snapshots.ts.
 *
 * Any number of writers may run for a pool, and no lock keeps them apart: what each computes from
 * the same input is the same, the first history in the topic is the only one that readers see, and a
 * writer that disagrees with it stops. One of them is enough, so the others stand by: a standby
 * computes all, writes nothing, and takes over when an event that it has computed is still missing in
 * the topic after `takeoverMs` (standby-takeover.ts). A writer that finds that another was faster steps back. So a writer
 * that hangs is replaced like one that ended, and it works on every log.
 */
export interface ClearingServiceOptions {
  readonly pool: string;
  /** From a snapshot's state, or new. */
  readonly createCore: (from?: InstanceState) => SnapshotCore;
  /** 0 where the log admits one process only. */
  readonly takeoverMs: number;
  readonly snapshots?: SnapshotOptions;
}

interface SnapshotOptions {
  readonly store: SnapshotStore;
  readonly network: string;
  /** SHA-256 of the core's module, hex. */
  readonly module: string;
  /** Input records between two snapshots. */
  readonly everyRecords: number;
}

/** The settlement core where snapshots are made of it. */
export interface SnapshotCore extends SettlementCore {
  capture(): InstanceState;
}

interface Start {
  readonly core: SnapshotCore;
  readonly clearing: Clearing;
  readonly history: WrittenHistory;
}

const READ_RECORDS = 4096;
/** What a standby computes ahead of the topic at most, in events. */
const PENDING_EVENTS_MAX = 500_000;
const RECORDS_AT_END = 10_000;

/** What the operator, or the gateway's hours, should have done in another order. */
const DATE_REFUSED = {
  open: 'the opening was refused: a date is open still, or this date is not later than the last',
  close: 'the close was refused: this date is not open',
} as const;

export async function startClearing(
  context: ServiceContext,
  options: ClearingServiceOptions,
): Promise<RunningService> {
  const { pool } = options;
  const snapshots =
    options.snapshots &&
    new Snapshots(context, options.snapshots.store, {
      network: options.snapshots.network,
      pool,
      module: options.snapshots.module,
    });
  const writer = new PoolWriter(
    context,
    options,
    await begin(context, options, snapshots),
    snapshots,
  );
  context.reached('clearing.afterStart');
  const caughtUpAt = await context.log.endOffset(poolInput(pool), 0);
  context.probes.readiness('input', () =>
    writer.isAtEnd || writer.position >= caughtUpAt
      ? null
      : `at position ${writer.position} of ${caughtUpAt}`,
  );
  const progress = progressIn(context.log, poolInput(pool), 0, () => writer.position);
  context.probes.consumer('input', progress);
  return startLoop(
    context,
    () => writer.step(),
    () => writer.end(),
    progress,
  );
}

/** The newest snapshot that the topics confirm, else the genesis. */
async function begin(
  { log }: ServiceContext,
  { pool, createCore }: ClearingServiceOptions,
  snapshots: Snapshots | undefined,
): Promise<Start> {
  const snapshot = await snapshots?.newest();
  if (!snapshot) {
    const core = createCore();
    return { core, clearing: createClearing(core), history: new WrittenHistory(pool, log) };
  }
  const core = createCore(snapshot.core);
  const chain = EventChain.from(snapshot.clearing.chain);
  const history = new WrittenHistory(pool, log, { chain, offset: snapshot.head.eventsOffset });
  return { core, clearing: createClearing(core, snapshot.clearing), history };
}

class PoolWriter {
  readonly #context: ServiceContext;
  readonly #pool: string;
  readonly #takeover: StandbyTakeover;
  readonly #core: SnapshotCore;
  readonly #clearing: Clearing;
  readonly #history: WrittenHistory;
  readonly #figures: ReturnType<typeof figuresOf>;
  #active = false;
  #isAtEnd = false;
  /** A write failed: nobody knows whether its messages are in the topic. */
  #unsure = false;
  readonly #snapshots: Snapshots | undefined;
  readonly #everyRecords: number;
  #snapshotPosition: number;

  constructor(
    context: ServiceContext,
    options: ClearingServiceOptions,
    start: Start,
    snapshots: Snapshots | undefined,
  ) {
    this.#context = context;
    this.#pool = options.pool;
    this.#takeover = new StandbyTakeover(context.elapsedMs, options.takeoverMs);
    this.#core = start.core;
    this.#clearing = start.clearing;
    this.#history = start.history;
    this.#snapshots = snapshots;
    this.#everyRecords = options.snapshots?.everyRecords ?? 0;
    this.#snapshotPosition = this.position;
    this.#figures = figuresOf(context);
  }

  get position(): number {
    return this.#clearing.position();
  }

  /** Whether the last look found nothing more to read. */
  get isAtEnd(): boolean {
    return this.#isAtEnd;
  }

  async step(): Promise<void> {
    const records = await this.#read();
    this.#isAtEnd = records.length === 0;
    if (records.length > 0) {
      this.#context.reached('clearing.beforeApplication');
      const startedMs = this.#context.elapsedMs();
      const { events, count, refusedDates } = this.#clearing.apply(
        records.map(({ logOffset, value }) => ({ position: logOffset, value })),
      );
      this.#figures.applied((this.#context.elapsedMs() - startedMs) / 1000);
      this.#figures.records(records.length);
      this.#figures.events(count);
      for (const { kind, currency, date, position } of refusedDates)
        this.#context.logger.warn(
          { pool: this.#pool, currency, date, position },
          DATE_REFUSED[kind],
        );
      this.#history.add(events);
      this.#context.reached('clearing.afterApplication');
    }
    const { aheadOf } = this.#history;
    if (!this.#active || this.#unsure || aheadOf !== null) await this.#follow();
    await this.#refuseLonger(records.length === 0);
    if (!this.#active) this.#takeOverWhereDue();
    if (this.#active) await this.#write();
    this.#keepSnapshot(this.#everyRecords);
  }

  /** A snapshot at the end spares the next start the replay, where that would take long. */
  async end(): Promise<void> {
    await this.#snapshots?.idle();
    this.#keepSnapshot(RECORDS_AT_END);
    await this.#snapshots?.idle();
  }

  /** Where the topic has all that was computed, so that it can confirm the snapshot. */
  #keepSnapshot(afterRecords: number): void {
    if (!this.#snapshots || this.#snapshots.busy || this.#history.pending > 0) return;
    if (this.position - this.#snapshotPosition < afterRecords) return;
    this.#snapshotPosition = this.position;
    this.#snapshots.write(
      { clearing: this.#clearing.state(), core: this.#core.capture() },
      {
        rulesVersion: RULES_VERSION,
        position: this.position,
        eventNumber: this.#history.confirmed,
        digest: this.#history.digest().toString('hex'),
        eventsOffset: this.#history.lastOffset,
      },
    );
  }

  async #read() {
    const { log } = this.#context;
    if (this.#history.pending >= PENDING_EVENTS_MAX) {
      await this.#context.pause(STANDBY_WAIT_MS);
      return [];
    }
    const waits = !this.#active && this.#history.pending > 0;
    return log.read(poolInput(this.#pool), 0, this.position, READ_RECORDS, {
      waitMs: waits ? STANDBY_WAIT_MS : IDLE_WAIT_MS,
    });
  }

  async #follow(): Promise<void> {
    this.#unsure = false;
    const { confirmed } = await this.#history.follow();
    if (confirmed > 0) this.#takeover.waitAnew();
  }

  /** The topic cannot hold more than its input gives. */
  async #refuseLonger(atEnd: boolean): Promise<void> {
    const cause = this.#history.aheadOf;
    if (cause === null || this.#history.pending >= PENDING_EVENTS_MAX) return;
    if (cause >= this.position) {
      if (!atEnd) return;
      // Another writer may have read input that came after this one looked.
      if ((await this.#context.log.endOffset(poolInput(this.#pool), 0)) > cause) return;
    }
    throw new HistoryFault(
      `pool ${this.#pool}: topic ${poolEvents(this.#pool)} holds events of input position ${cause}, which this writer does not compute from ${poolInput(this.#pool)} up to ${this.position}: the two topics do not belong together, or another program wrote them`,
    );
  }

  #takeOverWhereDue(): void {
    const { pending, aheadOf } = this.#history;
    if (!this.#takeover.isDue(pending > 0 && aheadOf === null)) return;
    this.#active = true;
    this.#figures.active(1);
    this.#context.logger.info(
      { position: this.position, number: this.#history.confirmed },
      'writes events',
    );
  }

  async #write(): Promise<void> {
    this.#unsure = true;
    const { foreign } = await this.#history.write(this.#context.reached);
    this.#unsure = false;
    this.#context.reached('clearing.afterConfirmation');
    if (foreign === 0) return;
    this.#active = false;
    this.#figures.active(0);
    this.#takeover.waitAnew();
    this.#context.logger.warn(
      { position: this.position, number: this.#history.confirmed },
      'another writer was first, with the same events: stands by',
    );
  }
}

function figuresOf({ figures }: ServiceContext) {
  const active = figures.gauge('corridor_clearing_active', '1 in the process that writes events');
  active(0);
  return {
    active,
    records: figures.counter('corridor_input_records_total', 'Input records applied'),
    events: figures.counter('corridor_events_total', 'Events computed'),
    applied: figures.duration('corridor_clearing_batch_seconds', 'Time to apply a batch of input'),
  };
}
