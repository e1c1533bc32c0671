import { readEvent, readEvents } from '../core/settlement/event-reader.ts';
import { EVENT_BYTES } from '../core/settlement/events.ts';
import { EventsFollower } from '../live/events-follower.ts';
import { IDLE_WAIT_MS, type Persistently, startLoop } from '../live/retry-loop.ts';
import type { LoggedMessage, RunningService, ServiceContext } from '../live/service-context.ts';
import { progressIn } from '../live/topic-reader.ts';
import type { Currencies } from '../protocol/messages/instruction.ts';
import type { Bic } from '../protocol/names/bic-and-uetr.ts';
import type { BankSignature } from '../protocol/names/signed-message.ts';
import { PAYMENTS, poolEvents, poolInput } from '../protocol/names/topic-plan.ts';
import { OrdersSaid, orderMessage, TwoPoolChains } from './two-pool-chains.ts';

/**
 * The synchronisation operator of a network, live: follows the inputs and events of all pools and attests of chains over
 * two of them what is due (two-pool-chains.ts). It holds no money and remembers nothing: what it knows it reads again
 * from the topics at each start, and what it says twice counts once.
 */
export interface SynchronisationOptions extends Required<BankSignature> {
  readonly bic: Bic;
  readonly pools: readonly string[];
  readonly currencies: Currencies;
  /** A chain that waits so long for its decision is told. */
  readonly stuckMs?: number;
}

const READ_MESSAGES = 64;
const READ_INPUTS = 4096;
export const STUCK_MS = 60_000;

export async function startSynchronisation(
  context: ServiceContext,
  options: SynchronisationOptions,
): Promise<RunningService> {
  const operator = new Operator(context, options);
  for (const reader of operator.readers)
    context.probes.consumer(reader.topic, operator.progressOf(reader));
  return startLoop(context, (persistently) => operator.step(persistently));
}

/** How far the events and inputs of one pool are read. */
interface PoolReader {
  readonly pool: string;
  readonly topic: string;
  readonly follower: EventsFollower;
  next: number;
  nextInput: number;
}

class Operator {
  readonly readers: readonly PoolReader[];
  readonly #context: ServiceContext;
  readonly #options: SynchronisationOptions;
  readonly #chains: TwoPoolChains;
  readonly #said = new OrdersSaid();
  readonly #told = new Set<string>();
  /** Where each topic ended at the start. */
  readonly #ends = new Map<string, number>();
  readonly #sent: (by?: number) => void;
  readonly #broken: (by?: number) => void;
  readonly #undecided: (value: number) => void;
  readonly #oldest: (value: number) => void;

  constructor(context: ServiceContext, options: SynchronisationOptions) {
    this.#context = context;
    this.#options = options;
    const { network, bic, currencies, pools } = options;
    this.#chains = new TwoPoolChains(network, bic, currencies);
    this.readers = pools.map((pool) => ({
      ...{ pool, topic: poolEvents(pool), follower: new EventsFollower(pool) },
      ...{ next: 0, nextInput: 0 },
    }));
    const { figures } = context;
    this.#sent = figures.counter(
      'corridor_synchronisation_attestations_total',
      'Attestations sent, with those sent again',
    );
    this.#broken = figures.counter(
      'corridor_synchronisation_breaches_total',
      'Chains of which one pool has settled its part and the other has not, with those read again at a start',
    );
    this.#undecided = figures.gauge(
      'corridor_synchronisation_undecided',
      'Chains that one pool has promised and whose decision it does not have yet',
    );
    this.#oldest = figures.gauge(
      'corridor_synchronisation_undecided_seconds',
      'For how long the oldest of them has waited',
    );
  }

  progressOf(reader: PoolReader) {
    return progressIn(this.#context.log, reader.topic, 0, () => reader.next);
  }

  /** Reads what each pool has written, then says what is due by it. */
  async step(persistently: Persistently): Promise<void> {
    let isIdle = true;
    for (const reader of this.readers) if (await this.#read(reader, persistently)) isIdle = false;
    this.#tellBreaches();
    // What is behind would say again what it has said before it was started anew.
    if (!(await this.#isAbreast(persistently))) return;
    await this.#attest(persistently);
    this.#chains.forget();
    this.#tellStuck();
    if (isIdle) await this.#context.pause(IDLE_WAIT_MS);
  }

  /** Whether all is read that was there at the start: there may be something new at each pass. */
  async #isAbreast(persistently: Persistently): Promise<boolean> {
    const { log } = this.#context;
    await persistently(async () => {
      for (const { topic } of this.readers)
        if (!this.#ends.has(topic)) this.#ends.set(topic, await log.endOffset(topic, 0));
    });
    return this.readers.every(({ topic, next }) => next >= (this.#ends.get(topic) as number));
  }

  /** Whether there was anything. */
  async #read(reader: PoolReader, persistently: Persistently): Promise<boolean> {
    const { log } = this.#context;
    const records = await log.read(reader.topic, 0, reader.next, READ_MESSAGES);
    const last = records[records.length - 1] as LoggedMessage | undefined;
    if (!last) return false;
    const events = Buffer.concat(records.map((record) => reader.follower.take(record)));
    if (events.length > 0) {
      const { position } = readEvent(events, events.length / EVENT_BYTES - 1);
      await persistently(() => this.#feed(reader, position));
      for (const event of readEvents(events)) this.#chains.takeEvent(reader.pool, event);
    }
    reader.next = last.logOffset + 1;
    return true;
  }

  /** Takes in the inputs up to a position of an event: they are durable since before it. */
  async #feed(reader: PoolReader, position: number): Promise<void> {
    const topic = poolInput(reader.pool);
    while (reader.nextInput <= position) {
      const count = Math.min(READ_INPUTS, position + 1 - reader.nextInput);
      const records = await this.#context.log.read(topic, 0, reader.nextInput, count);
      if (records.length === 0)
        throw new Error(`${topic} ends before position ${position} of an event`);
      for (const { logOffset, value } of records)
        this.#chains.takeInput(reader.pool, logOffset, value);
      reader.nextInput = (records[records.length - 1] as LoggedMessage).logOffset + 1;
    }
  }

  /** One by one: after a crash between two of them the others are due still. */
  async #attest(persistently: Persistently): Promise<void> {
    const { log, elapsedMs, nowMs, reached } = this.#context;
    for (const order of this.#said.unsaid(this.#chains.due(nowMs()), elapsedMs())) {
      const message = orderMessage(this.#options, order, nowMs());
      const part = order.isHome ? 'Home' : 'Other';
      reached(`synchronisation.before${part}`);
      await persistently(() => log.produce(PAYMENTS, [message]));
      reached(`synchronisation.after${part}`);
      this.#said.say(order, elapsedMs());
      this.#sent();
    }
  }

  #tellBreaches(): void {
    for (const { chainId: chain, settledIn, endedIn } of this.#chains.takeBreaches()) {
      this.#broken();
      this.#context.logger.error(
        { chain, settledIn, endedIn },
        'a chain settled in one pool alone',
      );
    }
  }

  #tellStuck(): void {
    const { logger, nowMs } = this.#context;
    const { stuckMs = STUCK_MS } = this.#options;
    const undecided = this.#chains.undecided();
    const ages = undecided.map(({ sinceMs }) => nowMs() - sinceMs);
    this.#undecided(undecided.length);
    this.#oldest(Math.max(0, ...ages) / 1000);
    const stuck = undecided.filter((_, at) => (ages[at] as number) >= stuckMs);
    const names = new Map(stuck.map((one) => [`${one.pool} ${one.chainId}`, one]));
    for (const [name, { pool, chainId, sinceMs }] of names) {
      if (this.#told.has(name)) continue;
      this.#told.add(name);
      logger.warn({ pool, chain: chainId, since: sinceMs }, 'a promised chain waits for its home');
    }
    for (const name of this.#told) if (!names.has(name)) this.#told.delete(name);
  }
}
