// It calls no bank: it writes to topics, which banks read, by the gateway (gateway/bank-mailbox.ts) or themselves.

import { eventsOf, readEvent, readEvents } from '../core/settlement/event-reader.ts';
import { EVENT_BYTES } from '../core/settlement/events.ts';
import type { Signer } from '../core/verification/signing.ts';
import { EventsFollower } from '../live/events-follower.ts';
import { genesisOf } from '../live/network-against-log.ts';
import { IDLE_WAIT_MS, inOrder, type Persistently, startLoop } from '../live/retry-loop.ts';
import type { LoggedMessage, RunningService, ServiceContext } from '../live/service-context.ts';
import { progressIn } from '../live/topic-reader.ts';
import { type AddressedMessage, byTopic, type Message } from '../protocol/names/message.ts';
import { INTERIM_HEADER } from '../protocol/names/message-headers.ts';
import { poolEvents, poolInput, topicsOf } from '../protocol/names/topic-plan.ts';
import { USUAL_STATEMENTS } from '../protocol/records/control-record.ts';
import { isFull } from '../protocol/records/events-message.ts';
import { NodeSecrets } from './node-signer.ts';
import { createNotifier, type Notifier } from './notifier.ts';
import { DELAY_MS } from './openings-and-late-closes-told.ts';
import { PoolSeal, type PoolSealOptions } from './pool-seal.ts';
import { QuorumFinality } from './quorum-finality.ts';
import { type NotifiedPool, resumeNotifier } from './rebuild-notifier-state.ts';
import { SealFault } from './seal-fault.ts';
import { type SealLoop, startSealing } from './seal-loop.ts';
import { RememberedPlace } from './told-again-after-a-crash.ts';
import { type OpeningFor, openingFor } from './told-commitment-openings.ts';

/**
 * The notifier of one pool, live: follows the pool's events and writes what each causes for banks and
 * verifiers, then remembers its position. After a crash it writes again what it had not remembered;
 * every message carries (pool, event number), so that its reader drops the repeat.
 */
export interface NotifierServiceOptions extends NotifiedPool {
  /** The node's secret keys, PEM, one after the other; read again when the log names another. */
  readonly nodeKeys?: () => string;
  /** Its public keys, hex, whose secrets are lost for good. */
  readonly lostNodeKeys?: readonly string[];
  /** The key at a `pkcs11:` address, which may stand in `nodeKeys` in place of PEM. */
  readonly openToken?: (address: string) => Signer;
  /** The pool's transparency log; without it the pool is not sealed. */
  readonly seal?: SealedBy;
  /**
   * The policy (tlog-policy) of whose auditors so many have to have cosigned what banks are told as final; it needs `seal`.
   * Default: what settles is told as final at once.
   */
  readonly finality?: string;
}

export interface SealedBy extends PoolSealOptions {
  /** Between two seals, ms. */
  readonly everyMs: number;
}

const READ_MESSAGES = 16;
const READ_INPUTS = 4096;
/**
 * Between two looks at the events where what is final waits for a quorum, ms: what is told together is written
 * together, and a checkpoint is not sealed more often.
 */
const FINAL_LOOK_MS = 100;
const FINAL_READ_MESSAGES = 64;
/** Between two looks whether there is room again for what the quorum has not cosigned, ms. */
const FULL_PAUSE_MS = 20;

export async function startNotifier(
  context: ServiceContext,
  options: NotifierServiceOptions,
): Promise<RunningService> {
  const projection = new Projection(context, options);
  const place = await projection.takePlace();
  try {
    await projection.recover();
  } catch (error) {
    await place.stop();
    throw error;
  }
  const progress = progressIn(context.log, poolEvents(options.pool), 0, () => projection.next);
  context.probes.consumer('events', progress);
  const sealing = projection.startSealing();
  const telling = projection.startTelling();
  const loop = startLoop(
    context,
    (persistently) => projection.step(persistently),
    () => projection.commit(),
    progress,
  );
  return inOrder([loop, sealing, telling, place].filter((one) => one !== null));
}

/** The transparency log of a pool whose topic has all that was sealed. @throws SealFault */
export async function openComparedSeal(
  context: ServiceContext,
  options: PoolSealOptions,
): Promise<PoolSeal> {
  const seal = await PoolSeal.open(context, options);
  await seal.compareWithTopic();
  return seal;
}

/** How points name what is written, by the first word of its topic. */
const POINTS: Readonly<Record<string, string>> = {
  statuses: 'Statuses',
  deliveries: 'Deliveries',
  commands: 'Commands',
  statements: 'Statements',
};

class Projection {
  readonly #context: ServiceContext;
  readonly #of: NotifiedPool;
  readonly #pool: string;
  readonly #remembered: RememberedPlace;
  #follower: EventsFollower;
  /** So many of the directory's participants have their topics. */
  #withTopics = 0;
  readonly #secrets: NodeSecrets;
  #notifier: Notifier;
  #nextInput = 0;
  #next = 0;
  /** Whether the record of the last event may have more events to come. */
  #goesOn = false;
  /** When events were read last. */
  #lookedMs = Number.NEGATIVE_INFINITY;
  readonly #messages: (by?: number) => void;
  readonly #statements: (by?: number) => void;
  readonly #ahead: (by?: number) => void;
  readonly #waiting: (value: number) => void;
  readonly #lateCloses: (value: number) => void;
  #late: readonly string[] = [];
  readonly #sealedBy: SealedBy | undefined;
  #seal: PoolSeal | null = null;
  #sealing: SealLoop | null = null;
  readonly #finality: QuorumFinality | null;
  /** Number of the last event that was projected. */
  #through = 0;
  /** Offset behind the events that were told. */
  #told = 0;
  #telling: Promise<void> = Promise.resolve();

  constructor(
    context: ServiceContext,
    { nodeKeys, lostNodeKeys, openToken, seal, finality, ...rest }: NotifierServiceOptions,
  ) {
    const of = { ...rest, tellsInterim: finality !== undefined };
    const { network, pool, currencies } = of;
    if (finality !== undefined && !seal)
      throw new SealFault(
        `pool ${pool} has no log: finality by a quorum needs one (logKey in the network file)`,
      );
    this.#finality =
      finality !== undefined && seal ? new QuorumFinality(context, finality, seal.logKey) : null;
    this.#sealedBy = seal;
    this.#context = context;
    this.#of = of;
    this.#pool = pool;
    this.#follower = new EventsFollower(pool);
    this.#remembered = new RememberedPlace(context, pool);
    this.#secrets = new NodeSecrets(nodeKeys ?? (() => ''), lostNodeKeys, openToken);
    this.#notifier = createNotifier(network, pool, { currencies });
    const { figures } = context;
    this.#messages = figures.counter('corridor_notifications_total', 'Messages written for banks');
    this.#statements = figures.counter(
      'corridor_statements_total',
      'Of these, reports, statements and notifications of accounts',
    );
    this.#ahead = figures.counter(
      'corridor_interim_statuses_total',
      'Of these, told ahead of the final status',
    );
    this.#lateCloses = figures.gauge(
      'corridor_late_closes',
      `Currencies that are open ${DELAY_MS / 1000} s and more behind the cut-off of their date`,
    );
    this.#waiting = figures.gauge('corridor_payments_waiting', 'Payments without a final status');
  }

  /** Offset of the next message of events. */
  get next(): number {
    return this.#next;
  }

  /** As of RememberedPlace. */
  takePlace(): Promise<RunningService> {
    return this.#remembered.take();
  }

  /** Reads the events up to the remembered position without writing anything. */
  async recover(): Promise<void> {
    const { log, logger } = this.#context;
    if (this.#sealedBy) this.#seal = await openComparedSeal(this.#context, this.#sealedBy);
    const genesis = await genesisOf(log, this.#pool);
    const { notifier, position } = await resumeNotifier(
      log,
      this.#of,
      genesis && (genesis.statements ?? USUAL_STATEMENTS),
      () => this.#written(),
      USUAL_STATEMENTS,
      { nodeKey: genesis?.nodeKey ?? null, secrets: this.#secrets },
    );
    this.#notifier = notifier;
    this.#next = this.#remembered.logOffset;
    this.#told = this.#next;
    this.#through = this.#follower.count;
    if (this.#seal) await this.#finality?.begin(this.#through, this.#seal);
    // The record behind the last event may have more events to come.
    this.#nextInput = position;
    logger.info(
      { number: this.#follower.count, waiting: this.#notifier.waiting() },
      'goes on behind event',
    );
    await this.#createTopics();
    this.#context.reached('notifier.afterRecovery');
  }

  /** From here on what is taken is sealed by time; null: the pool has no log. */
  startSealing(): SealLoop | null {
    if (!this.#seal || !this.#sealedBy) return null;
    this.#sealing = startSealing(this.#context, this.#seal, this.#sealedBy.everyMs);
    return this.#sealing;
  }

  /** From here on what the quorum has cosigned is told as final; null: that waits for nobody. */
  startTelling(): RunningService | null {
    const finality = this.#finality;
    if (!finality) return null;
    return startLoop(
      this.#context,
      async (persistently) => {
        await finality.follow(IDLE_WAIT_MS);
        await this.#tellFinal(persistently);
        finality.look();
      },
      () => this.commit(),
    );
  }

  /** The events up to the remembered position, by message. */
  async *#written(): AsyncGenerator<Uint8Array> {
    this.#follower = new EventsFollower(this.#pool);
    const topic = poolEvents(this.#pool);
    const { logOffset } = this.#remembered;
    for (let next = 0; next < logOffset; ) {
      const count = Math.min(READ_MESSAGES, logOffset - next);
      const records = await this.#context.log.read(topic, 0, next, count);
      if (records.length === 0) throw new Error(`${topic} ends before a position remembered in it`);
      for (const record of records) {
        const events = this.#follower.take(record);
        await this.#seal?.take(events);
        yield events;
      }
      next = (records[records.length - 1] as LoggedMessage).logOffset + 1;
    }
  }

  async step(persistently: Persistently): Promise<void> {
    const { log, elapsedMs, pause } = this.#context;
    if (this.#finality?.isFull) {
      await pause(FULL_PAUSE_MS);
      await persistently(() => this.commit());
      return;
    }
    if (this.#finality) {
      await pause(Math.max(0, this.#lookedMs + FINAL_LOOK_MS - elapsedMs()));
      this.#lookedMs = elapsedMs();
    }
    const count = this.#finality ? FINAL_READ_MESSAGES : READ_MESSAGES;
    const records = await log.read(poolEvents(this.#pool), 0, this.#next, count, {
      waitMs: IDLE_WAIT_MS,
    });
    const last = records[records.length - 1] as LoggedMessage | undefined;
    if (last) {
      const runs = records.map((record) => this.#follower.take(record));
      await persistently(() => this.#feed(Buffer.concat(runs)));
      const events = runs.map((run) => (run.length > 0 ? readEvents(run) : []));
      await persistently(async () => {
        for (const run of events) this.#notifier.needKeys(run);
      });
      const taken = Buffer.concat(runs);
      await persistently(async () => this.#seal?.needKeys(taken));
      const openings = this.#openings(taken);
      // Run by run: what is told together is what the log has together, after a crash too.
      const messages = events.flatMap((run, at) =>
        run.length > 0
          ? this.#notifier.project(run, isFull(records[at] as LoggedMessage), openings)
          : [],
      );
      this.#next = last.logOffset + 1;
      this.#through = this.#follower.count;
      // Behind what is told, where nobody waits for it.
      if (!this.#finality) await this.#tell(persistently, messages, isFull(last));
      await persistently(async () => this.#seal?.take(taken));
      if (eventsOf(taken, 'closed').length > 0) this.#sealing?.soon();
      if (this.#finality) await this.#tell(persistently, messages, isFull(last));
    } else await this.#tell(persistently, this.#notifier.conclude(), false);
    this.#tellLateCloses();
    if (!last || this.#remembered.isDue) await persistently(() => this.commit());
  }

  /** The operator's word: banks are told by DLAY. */
  #tellLateCloses(): void {
    const late = this.#notifier.lateCloses();
    this.#lateCloses(late.length);
    for (const close of late)
      if (!this.#late.includes(close))
        this.#context.logger.warn(
          { pool: this.#pool, close },
          'a close is late: its cut-off has passed, and the currency settles until the command close',
        );
    this.#late = late;
  }

  /** What opens events to the banks that they name; null: the pool has no log. */
  #openings(events: Uint8Array): OpeningFor | null {
    if (!this.#seal) return null;
    const { directory } = this.#notifier;
    const handleOf = (bic: string) => directory.participantHandle(bic);
    return openingFor(events, handleOf, this.#seal.openings(events));
  }

  /** Tells it now, or once the quorum has cosigned the events up to here. */
  async #tell(
    persistently: Persistently,
    messages: readonly AddressedMessage[],
    goesOn: boolean,
  ): Promise<void> {
    const next = this.#next;
    if (!this.#finality) {
      await this.#write(persistently, messages);
      this.#told = next;
      this.#goesOn = goesOn;
      return;
    }
    // Idle, it is called again and again.
    if (messages.length === 0 && this.#told === next && this.#goesOn === goesOn) return;
    if (messages.length === 0 && this.#finality.isHeldTo(next, goesOn)) return;
    const through = this.#through;
    await this.#write(persistently, this.#finality.early(messages));
    this.#finality.hold({ through, next, goesOn, messages });
    await this.#tellFinal(persistently);
  }

  /** One after the other: in the order of the events. */
  #tellFinal(persistently: Persistently): Promise<void> {
    const finality = this.#finality;
    if (!finality) return this.#telling;
    this.#telling = this.#telling
      .catch(() => {})
      .then(async () => {
        const due = finality.due();
        const last = due.at(-1);
        if (!last) return;
        const count = due.length;
        await this.#write(
          persistently,
          due.flatMap(({ messages }) => messages),
        );
        this.#told = last.next;
        this.#goesOn = last.goesOn;
        finality.drop(count);
      });
    return this.#telling;
  }

  async #write(persistently: Persistently, messages: readonly AddressedMessage[]): Promise<void> {
    if (messages.length === 0) return;
    const { reached } = this.#context;
    await persistently(() => this.#createTopics());
    reached('notifier.beforeMessages');
    const topics = byTopic(messages);
    await persistently(() => this.#produce(topics));
    reached('notifier.afterMessages');
    this.#messages(messages.length);
    let statements = 0;
    for (const [topic, list] of topics)
      if (topic.startsWith('statements.')) statements += list.length;
    this.#statements(statements);
    this.#ahead(messages.filter(({ message }) => message.headers[INTERIM_HEADER]).length);
    this.#waiting(this.#notifier.waiting());
  }

  async commit(): Promise<void> {
    // Inside a record it is not known yet what is left to tell of it.
    if (!this.#goesOn) await this.#remembered.moveTo(this.#told);
  }

  /** Takes in the input records that caused the events; they are durable since before these. */
  async #feed(events: Uint8Array): Promise<void> {
    if (events.length === 0) return;
    const { position } = readEvent(events, events.length / EVENT_BYTES - 1);
    while (this.#nextInput <= position) {
      const count = Math.min(READ_INPUTS, position + 1 - this.#nextInput);
      const records = await this.#context.log.read(
        poolInput(this.#pool),
        0,
        this.#nextInput,
        count,
      );
      if (records.length === 0)
        throw new Error(`${poolInput(this.#pool)} ends before position ${position} of an event`);
      for (const { logOffset, value } of records) this.#notifier.takeInput(logOffset, value);
      this.#nextInput = (records[records.length - 1] as LoggedMessage).logOffset + 1;
    }
  }

  /** Topics of participants that are new. */
  async #createTopics(): Promise<void> {
    const { participants } = this.#notifier.directory;
    const { length } = participants;
    const missing = participants.slice(this.#withTopics).flatMap(({ bic }) => topicsOf(bic));
    if (missing.length === 0) return;
    this.#context.reached('notifier.beforeTopics');
    await this.#context.log.createTopics(missing);
    this.#context.reached('notifier.afterTopics');
    this.#withTopics = length;
  }

  async #produce(topics: ReadonlyMap<string, readonly Message[]>): Promise<void> {
    const { log, reached } = this.#context;
    const produce = async (topic: string, list: readonly Message[]) => {
      const name = POINTS[topic.split('.')[0] as string] ?? 'Participants';
      reached(`notifier.before${name}`);
      await log.produce(topic, list);
      reached(`notifier.after${name}`);
    };
    await Promise.all([...topics].map(([topic, list]) => produce(topic, list)));
  }
}
