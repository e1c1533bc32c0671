import { randomUUID } from 'node:crypto';
import { readEvents } from '../core/settlement/event-reader.ts';
import type { EventKind } from '../core/settlement/events.ts';
import type { SettlementEvent } from '../core/settlement/settlement-event.ts';
import type { Signer } from '../core/verification/signing.ts';
import { CaseFollower } from '../live/case-follower.ts';
import type { DrivePort } from '../live/drive-port.ts';
import { EventsFollower, HistoryFault } from '../live/events-follower.ts';
import { NamingRecords } from '../live/naming-records.ts';
import { type Network, poolNames } from '../live/network.ts';
import { IDLE_WAIT_MS, type Persistently, startLoop, together } from '../live/retry-loop.ts';
import type { LoggedMessage, RunningService, ServiceContext } from '../live/service-context.ts';
import { nextRecord, progressIn } from '../live/topic-reader.ts';
import { PRIORITIES } from '../protocol/messages/priorities.ts';
import { Directory } from '../protocol/names/handles-to-names.ts';
import { BLOCKS, CASES, poolEvents, poolInput, TELEMETRY } from '../protocol/names/topic-plan.ts';
import type { CurrencyRules, Genesis } from '../protocol/records/control-record.ts';
import { isControl, readControl, readVerified } from '../protocol/records/input-record.ts';
import { CaseDecisions } from './case-decisions.ts';
import { ChainLinks } from './hash-chain-links.ts';
import { wantsRecord } from './leg-chains-book.ts';
import type { Reordering } from './open-payments-and-queues.ts';
import { Publisher, publishing } from './page-updates.ts';
import { History } from './payment-history.ts';
import { RELEASE_PAUSE_MS, Releases } from './payment-releases.ts';
import { Series } from './per-second-series.ts';
import { PoolView, type RecordNotes } from './pool-view.ts';
import { SenderBook } from './silent-banks.ts';
import { UetrPlaces } from './uetr-places.ts';
import { ViewModel } from './view-model.ts';
import { createViewApp, type PageFile } from './view-routes.ts';

export interface LiveViewOptions {
  readonly network: Network;
  readonly version: string;
  /** Who has it sees everything: at least 128 random bits. */
  readonly token: string;
  /** On 127.0.0.1, and nowhere else; 0: one that is free. */
  readonly port: number;
  readonly files: ReadonlyMap<string, PageFile>;
  /** The log as `corridor explain --log` takes it; left out: it cannot be read so. */
  readonly logName?: string;
  /** Who signs what the page decides on cases; left out: nobody does. */
  readonly operator?: Signer;
}

export interface LiveView extends RunningService {
  readonly url: string;
  /** Gives the page the hand on a scenario that is driven through the network. */
  drive(port: DrivePort): void;
}

const READ_MESSAGES = 64;
const FAULT_PAUSE_MS = 1_000;

/** Follows one pool's events for the view. */
class FollowedEvents {
  readonly view: PoolView;
  readonly history: History;
  readonly releases: Releases;
  readonly #context: ServiceContext;
  readonly #follower: EventsFollower;
  readonly #naming: NamingRecords;
  readonly #directory = new Directory();
  readonly #places = new UetrPlaces();
  readonly #links = new ChainLinks();
  readonly #taken: (message: LoggedMessage) => void;
  #next = 0;
  #fault: string | null = null;

  constructor(
    context: ServiceContext,
    pool: string,
    books: ConstructorParameters<typeof PoolView>[2],
    taken: (message: LoggedMessage) => void,
    logName: string | undefined,
  ) {
    this.#context = context;
    this.#follower = new EventsFollower(pool);
    this.#naming = new NamingRecords(context.log, pool);
    this.#taken = taken;
    this.view = new PoolView(pool, this.#directory, books);
    const { view } = this;
    this.releases = new Releases({ view, nowMs: context.nowMs, logger: context.logger });
    this.history = new History({
      ...{ log: context.log, view, places: this.#places, links: this.#links },
      isBehind: async () =>
        (await nextRecord(context.log, poolEvents(pool), 0, this.#next)) !== null,
      release: (position) => this.releases.of(position),
      explainedBy: (uetr) => (logName ? `corridor explain --log ${logName} ${uetr}` : ''),
    });
  }

  get position(): number {
    return this.#next;
  }

  state() {
    const digest = this.#links.digest().toString('hex');
    return { pool: this.view.pool, events: this.#links.count, digest, fault: this.#fault };
  }

  async step(persistently: Persistently): Promise<void> {
    const { log, pause } = this.#context;
    if (this.#fault !== null) return pause(FAULT_PAUSE_MS);
    const messages = await log.read(poolEvents(this.view.pool), 0, this.#next, READ_MESSAGES, {
      waitMs: IDLE_WAIT_MS,
    });
    for (const message of messages) {
      const bytes = this.#read(message);
      if (!bytes) return;
      const events = readEvents(bytes);
      const names = await persistently(() => this.#naming.of(events));
      const notes = await persistently(() => this.#notes(events));
      for (const record of names) this.#directory.fold(record);
      this.#links.append(bytes);
      this.#places.take(
        Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length),
        message.logOffset,
      );
      this.view.take(events, message.timestampMs, notes);
      this.#taken(message);
      this.#next = message.logOffset + 1;
    }
  }

  /** The new events of a message; null where it cannot be part of the history: nothing follows then. */
  #read(message: LoggedMessage): Uint8Array | null {
    try {
      return this.#follower.take(message);
    } catch (error) {
      if (!(error instanceof HistoryFault)) throw error;
      this.#fault = error.message;
      return null;
    }
  }

  /** Reads the records whose events do not say all of them. */
  async #notes(events: readonly SettlementEvent[]): Promise<RecordNotes> {
    const reorderings = new Map<number, Reordering>();
    const rules = new Map<number, CurrencyRules | Genesis>();
    const chains = new Map<number, Uint8Array>();
    for (const event of events) {
      const { kind, position } = event;
      const isOfChain = wantsRecord(event);
      if (!NOTED.has(kind) && !isOfChain) continue;
      const [record] = await this.#context.log.read(poolInput(this.view.pool), 0, position, 1);
      if (record?.logOffset !== position) continue;
      if (isOfChain) {
        chains.set(position, record.value);
        continue;
      }
      const control = isControl(record.value) ? readControl(record.value) : null;
      const verified = control ? null : readVerified(record.value);
      if (verified?.kind === 'reordering') {
        const { move, priority } = verified.content;
        const asked = { priority: PRIORITIES.indexOf(priority), atFront: move === 'front' };
        reorderings.set(position, asked);
      }
      if (control?.kind === 'genesis' || control?.kind === 'rules') rules.set(position, control);
    }
    return { reorderings, rules, chains };
  }
}

const NOTED: ReadonlySet<EventKind> = new Set(['genesis', 'rulesSet', 'reordered']);

/** The live view of a network: follows its topics and serves the page on the loopback address. */
export async function startLiveView(
  context: ServiceContext,
  options: LiveViewOptions,
): Promise<LiveView> {
  const { network, version, token, files } = options;
  let drive: DrivePort | null = null;
  const series = new Series();
  const senders = new SenderBook();
  const books = { series, senders, scenarioMs: (atMs: number) => drive?.scenarioMs(atMs) ?? null };
  const pools: FollowedEvents[] = [];
  const waiting = () => pools.reduce((sum, { view }) => sum + view.waiting, 0);
  const taken = ({ timestampMs }: LoggedMessage) => series.waiting(timestampMs, waiting());
  for (const pool of poolNames(network))
    pools.push(new FollowedEvents(context, pool, books, taken, options.logName));
  const cases = new CaseFollower(context.log, poolNames(network));
  const signing = options.operator && {
    ...{ network: network.network, pools: poolNames(network), signer: options.operator },
  };
  const model = new ViewModel({
    ...{ network, version, pools, series, senders, cases: cases.book },
    nowMs: context.nowMs,
    drive: () => drive,
  });
  const publisher = new Publisher(randomUUID().replaceAll('-', ''), () => model.snapshot());
  const app = createViewApp({
    token,
    files,
    publisher,
    histories: new Map(pools.map(({ view, history }) => [view.pool, history])),
    drive: () => drive,
    cases: new CaseDecisions(context, cases, signing),
    logger: context.logger,
  });
  const url = await app.listen({ host: '127.0.0.1', port: options.port });
  const following = pools.map((pool) => {
    const events = poolEvents(pool.view.pool);
    context.probes.consumer(
      `${pool.view.pool}/events`,
      progressIn(context.log, events, 0, () => pool.position),
    );
    return startLoop(context, (persistently) => pool.step(persistently));
  });
  const running = together([
    ...following,
    await followTelemetry(context, model),
    await followBlocks(context, model),
    await followCases(context, cases),
    publishing(context, model, publisher),
    releasing(context, pools, publisher),
  ]);
  return {
    url,
    drive(port) {
      drive = port;
    },
    done: running.done,
    async stop() {
      // A page goes on showing what it had last: that is how things stand now.
      if (publisher.listeners > 0) publisher.publish(model.delta());
      publisher.close();
      await app.close();
      await Promise.all(pools.map(({ releases }) => releases.stop()));
      await running.stop();
    },
  };
}

/** While somebody looks, what would release the heads of queues: a quarter of a processor at most. */
function releasing(
  context: ServiceContext,
  pools: readonly FollowedEvents[],
  publisher: Publisher,
): RunningService {
  return startLoop(context, async () => {
    const begunMs = context.elapsedMs();
    if (publisher.listeners > 0) for (const { releases } of pools) await releases.tellHeads();
    await context.pause(Math.max(RELEASE_PAUSE_MS, 3 * (context.elapsedMs() - begunMs)));
  });
}

/** Hands over what stands in a topic of one partition, from a place on. */
function follow(
  context: ServiceContext,
  topic: string,
  from: number,
  take: (message: LoggedMessage, persistently: Persistently) => unknown,
): RunningService {
  let next = from;
  return startLoop(context, async (persistently) => {
    const messages = await context.log.read(topic, 0, next, READ_MESSAGES, {
      waitMs: IDLE_WAIT_MS,
    });
    for (const message of messages) {
      await take(message, persistently);
      next = message.logOffset + 1;
    }
  });
}

/** From now on: what services said before is old. */
async function followTelemetry(context: ServiceContext, model: ViewModel): Promise<RunningService> {
  const end = await context.log.endOffset(TELEMETRY, 0);
  return follow(context, TELEMETRY, end, ({ value }) => model.takeTelemetry(value));
}

/** Seals come about once a second: of a pool that nothing came to for longer than these took the next is waited for. */
const BLOCKS_AGAIN = 256;

async function followBlocks(context: ServiceContext, model: ViewModel): Promise<RunningService> {
  const { log } = context;
  const end = await log.endOffset(BLOCKS, 0);
  const from = Math.max(await log.startOffset(BLOCKS, 0), end - BLOCKS_AGAIN);
  return follow(context, BLOCKS, from, (message) => model.takeBlock(message));
}

/** From the beginning: which cases are open follows from all of it. */
async function followCases(context: ServiceContext, cases: CaseFollower): Promise<RunningService> {
  const start = await context.log.startOffset(CASES, 0);
  return follow(context, CASES, start, (message, persistently) =>
    persistently(() => cases.take(message)),
  );
}
