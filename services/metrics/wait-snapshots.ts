import { WaitingRecords } from '../analysis/waits/waiting-records.ts';
import { readEvents } from '../core/settlement/event-reader.ts';
import { EventsFollower } from '../live/events-follower.ts';
import { placedRecords } from '../live/input-records-by-position.ts';
import { NamingRecords } from '../live/naming-records.ts';
import { type Persistently, startLoop } from '../live/retry-loop.ts';
import type { LoggedMessage, RunningService, ServiceContext } from '../live/service-context.ts';
import { progressIn } from '../live/topic-reader.ts';
import { Directory } from '../protocol/names/handles-to-names.ts';
import { poolEvents } from '../protocol/names/topic-plan.ts';
import { type AnalysisStore, put } from './analysis-store.ts';
import { type WaitRecord, waitRows } from './wait-rows.ts';

const READ_MESSAGES = 32;
/** Between two looks: a snapshot has no haste, and what came meanwhile is taken in together. */
const LOOK_MS = 500;
/** Between two snapshots at least. */
const SNAPSHOT_MS = 5_000;

export interface WaitSnapshotOptions {
  readonly run: string;
  readonly pool: string;
  readonly store: AnalysisStore;
}

/**
 * Writes what waits in a pool, and why, into the analysis store: where it has read all that there is, so that no
 * record is half taken in, and another thing waits than in the last snapshot. A snapshot is whole, so one that is
 * missing after a crash is made up for by the next.
 */
export function startWaitSnapshots(
  context: ServiceContext,
  options: WaitSnapshotOptions,
): RunningService {
  const snapshots = new WaitSnapshots(context, options);
  const progress = progressIn(context.log, poolEvents(options.pool), 0, () => snapshots.next);
  return startLoop(
    context,
    (persistently) => snapshots.step(persistently),
    async () => {},
    progress,
  );
}

class WaitSnapshots {
  readonly #context: ServiceContext;
  readonly #options: WaitSnapshotOptions;
  readonly #follower: EventsFollower;
  readonly #naming: NamingRecords;
  readonly #directory = new Directory();
  readonly #waiting: WaitingRecords;
  #next = 0;
  /** What the last snapshot said, and when it was made. */
  #said = '';
  #saidMs = Number.NEGATIVE_INFINITY;

  constructor(context: ServiceContext, options: WaitSnapshotOptions) {
    this.#context = context;
    this.#options = options;
    const { pool } = options;
    this.#follower = new EventsFollower(pool);
    this.#naming = new NamingRecords(context.log, pool);
    this.#waiting = new WaitingRecords((positions) => placedRecords(context.log, pool, positions));
  }

  /** Offset of the next message of events. */
  get next(): number {
    return this.#next;
  }

  async step(persistently: Persistently): Promise<void> {
    const { log, elapsedMs, pause } = this.#context;
    const { pool } = this.#options;
    const records = await log.read(poolEvents(pool), 0, this.#next, READ_MESSAGES);
    const last = records[records.length - 1] as LoggedMessage | undefined;
    if (last) {
      const events = records.flatMap((record) => readEvents(this.#follower.take(record)));
      const named = await persistently(() => this.#naming.of(events));
      for (const record of named) this.#directory.fold(record);
      await persistently(() => this.#waiting.take(events));
      this.#next = last.logOffset + 1;
      if (records.length === READ_MESSAGES) return;
    }
    if (this.#follower.count > 0 && elapsedMs() - this.#saidMs >= SNAPSHOT_MS)
      await this.#write(persistently);
    await pause(LOOK_MS);
  }

  async #write(persistently: Persistently): Promise<void> {
    const { run, pool, store } = this.#options;
    const rows = waitRows(this.#waiting, this.#directory, { run, pool });
    const said = JSON.stringify(rows.map(({ event_number, time, ...what }: WaitRecord) => what));
    if (said === this.#said) return;
    const token = `${run}/${pool}/waits/${this.#follower.count}`;
    await persistently(() => put(store, 'waits', rows, token));
    this.#said = said;
    this.#saidMs = this.#context.elapsedMs();
  }
}
