/**
 * A whole network in a World: clearing with a standby, two verifiers, a notifier, metrics, a gateway's
 * clock, a bank and its traffic, each a process that is killed, hangs and is started anew.
 */
import { participantsNow, startBank } from '../../../services/bank/bank-service.ts';
import type { Order } from '../../../services/bank/payment-orders-csv.ts';
import { startClearing } from '../../../services/clearing/clearing-service.ts';
import type { InstanceState } from '../../../services/core/settlement/core-snapshot.ts';
import { createSettlement } from '../../../services/core/settlement/settlement.ts';
import type { Verification } from '../../../services/core/verification/verification.ts';
import { PoolInput } from '../../../services/gateway/pool-input-and-clock.ts';
import { startBusinessDays } from '../../../services/gateway/sandbox-business-days.ts';
import { currenciesOf, type Network } from '../../../services/live/network.ts';
import { createTopics } from '../../../services/live/network-against-log.ts';
import { isPassing } from '../../../services/live/passing-faults.ts';
import { startLoop } from '../../../services/live/retry-loop.ts';
import type {
  LogPort,
  RunningService,
  ServiceContext,
} from '../../../services/live/service-context.ts';
import { startMetrics } from '../../../services/metrics/metrics-service.ts';
import { GENERATION_SQL } from '../../../services/metrics/run-generations.ts';
import { POSITION_SQL } from '../../../services/metrics/same-blocks-after-a-crash.ts';
import { startNotifier } from '../../../services/notifier/notifier-service.ts';
import { createMemoryLog } from '../../../services/platform/log/embedded/memory.ts';
import type { CoreFile } from '../../../services/platform/service/shipped-files.ts';
import type { Bic } from '../../../services/protocol/names/bic-and-uetr.ts';
import { PARTICIPANTS, PAYMENTS } from '../../../services/protocol/names/topic-plan.ts';
import { writeGenesis } from '../../../services/sandbox/genesis.ts';
import type { Scenario } from '../../../services/scenario/scenario.ts';
import { KEY_ID } from '../../../services/simulator/keys-and-genesis.ts';
import { startVerifier } from '../../../services/verifier/verifier-service.ts';
import { FaultBanks, signerOf, uetrOf } from '../traffic.ts';
import { Broker, connect } from './faulty-log.ts';
import { NO_HAZARDS, type SimulatedProcess, World } from './hazards-and-virtual-time.ts';
import { MemoryStore, snapshotsOn } from './stores.ts';

/** What all runs of a process share, since it does not change. */
export interface Ground {
  readonly scenario: Scenario;
  readonly network: Network;
  readonly core: CoreFile;
  readonly verification: Verification;
}

export const POOL = 'main';
const BANK = 'ALFADE00' as Bic;
const START_MS = Date.UTC(2026, 2, 16, 8);
const DATE = '2026-03-16';
const LIMITS = { participants: 8, currencies: 4, livePayments: 500, identities: 500, quotes: 4 };
/** Of the bank's own orders; the traffic's follow from the seed. */
const BANK_SEED = 500_000;
const TICK_MS = 1_000;
const SNAPSHOT_RECORDS = 25;

interface Job {
  readonly process: string;
  readonly start: (context: ServiceContext) => Promise<RunningService>;
  /** Whether it may go on in one process while another has taken its place. */
  readonly mayHang: boolean;
}

export class SimulatedNetwork {
  readonly world: World;
  readonly broker: Broker;
  readonly store = new MemoryStore();
  /** What went wrong, where something did. */
  fault: Error | undefined;
  /** Payments whose message the log has acknowledged. */
  readonly sent: number;
  readonly orders: readonly Order[];
  /** Banks send from then on: verifiers know them. */
  isOpen = false;
  #allSent = false;
  #kills = 0;
  readonly #ground: Ground;
  readonly #seed: number;
  readonly #jobs: readonly Job[];
  readonly #alive = new Map<Job, SimulatedProcess>();
  /** Also those in whose place another was started. */
  readonly #processes: SimulatedProcess[] = [];
  readonly #takeoverMs: number;
  readonly #disks = new Map<string, Map<string, Uint8Array>>();
  readonly #figures = new Map<string, number>();

  constructor(ground: Ground, seed: number, tell?: (line: string) => void) {
    this.#ground = ground;
    this.#seed = seed;
    this.world = new World(seed, START_MS, tell);
    const { world } = this;
    this.broker = new Broker(world, createMemoryLog({ now: () => world.nowMs }));
    this.sent = 20 + world.draw(25);
    this.orders = Array.from({ length: world.draw(12) }, (_, index) => ({
      uetr: uetrOf(BANK_SEED + seed, index),
      creditorAgent: 'BETASG00' as Bic,
      currency: 'EUR',
      amountMinor: BigInt(1 + world.draw(world.chance(0.2) ? 6_000_000 : 100_000)),
      priority: 'normal',
    }));
    this.#takeoverMs = [0, 100, 500][world.draw(3)] as number;
    this.#jobs = this.#plan();
  }

  /** The bank's, in events. */
  get bankHandle(): number {
    return this.#ground.scenario.participants.findIndex(({ bic }) => bic === BANK);
  }

  get kills(): number {
    return this.#kills;
  }

  /** The last value of a gauge of the bank. */
  figure(name: string): number {
    return this.#figures.get(name) ?? Number.NaN;
  }

  #plan(): Job[] {
    const { network, core, verification } = this.#ground;
    const clearing = (name: string): Job => ({
      process: name,
      mayHang: true,
      start: (context) =>
        startClearing(context, {
          pool: POOL,
          createCore: (from?: InstanceState) => createSettlement(core.module, 512, from),
          takeoverMs: this.#takeoverMs,
          snapshots: {
            store: snapshotsOn(this.#disk(name), this.world, context),
            network: network.network,
            module: core.digest,
            everyRecords: SNAPSHOT_RECORDS,
          },
        }),
    });
    const verifier = (name: string): Job => ({
      process: name,
      mayHang: true,
      start: (context) =>
        startVerifier(context, {
          network: network.network,
          currencies: currenciesOf(network),
          defaultPool: POOL,
          paymentPartitions: network.paymentPartitions,
          verification,
        }),
    });
    return [
      clearing('clearing-1'),
      clearing('clearing-2'),
      verifier('verifier-1'),
      verifier('verifier-2'),
      {
        process: 'notifier',
        mayHang: true,
        start: (context) => startNotifier(context, { network: network.network, pool: POOL }),
      },
      { process: 'metrics', mayHang: false, start: (context) => this.#metrics(context) },
      { process: 'gateway', mayHang: false, start: async (context) => this.#clock(context) },
      { process: 'bank', mayHang: true, start: (context) => this.#bank(context) },
      { process: 'banks', mayHang: false, start: async (context) => this.#traffic(context) },
      {
        process: 'operator',
        mayHang: false,
        start: (context) => startBusinessDays(context, network),
      },
    ];
  }

  /** Found the network and start everybody. */
  async begin(): Promise<void> {
    const { scenario, network } = this.#ground;
    const { broker } = this;
    const direct = { ...broker.log, ...methodsOf(broker) };
    await createTopics(direct, network);
    await writeGenesis(direct, scenario, {
      timeMs: this.world.nowMs,
      publicKeyOf: (bic) => signerOf(scenario, bic).publicKey,
      operatorKey: new Uint8Array(32),
      limits: LIMITS,
    });
    for (const job of this.#jobs) this.#start(job);
  }

  #start(job: Job): void {
    const process = this.world.process(job.process);
    process.speed = 0.1 + this.world.draw(10);
    this.#processes.push(process);
    this.#alive.set(job, process);
    this.world.note(`starts: ${job.process}`);
    const over = (how: string, error?: unknown) => {
      if (!process.isAlive) return;
      this.world.kill(process);
      // Whoever cannot reach the log at its start ends, and is started again; nothing else may end.
      if (error !== undefined && !isPassing(error)) this.fault ??= error as Error;
      else if (how === 'ended') this.fault ??= error as Error;
    };
    job.start(this.#context(process)).then(
      (service) =>
        service.done.then(
          () => over('ended', new Error(`${job.process} ended by itself`)),
          (error) => over('ended', error),
        ),
      (error) => over('start', error),
    );
  }

  /** One step, with what may go wrong in it. */
  async step(): Promise<void> {
    const { world } = this;
    await world.step();
    const { kill, hang, rebalance } = world.hazards;
    if (world.chance(kill)) this.#kill(this.#anyJob(this.#jobs));
    if (world.chance(hang)) this.#hang(this.#anyJob(this.#jobs.filter(({ mayHang }) => mayHang)));
    if (world.chance(rebalance)) this.broker.rebalanceAll();
    // By and by the dead are missed.
    const isDue = () => world.hazards === NO_HAZARDS || world.chance(0.02);
    if (this.broker.missesMember && isDue()) this.broker.rebalanceAll();
    for (const job of this.#jobs) if (!this.#alive.get(job)?.isAlive && isDue()) this.#start(job);
  }

  #anyJob = (jobs: readonly Job[]): Job => jobs[this.world.draw(jobs.length)] as Job;

  #kill(job: Job): void {
    const process = this.#alive.get(job);
    if (!process?.isAlive) return;
    this.#kills += 1;
    this.world.kill(process);
  }

  /** It hears nothing for a while; sometimes another is started in its place meanwhile. */
  #hang(job: Job): void {
    const process = this.#alive.get(job);
    if (!process?.isAlive) return;
    process.hangsUntilMs = this.world.nowMs + 100 + this.world.draw(8_000);
    this.world.note(`hangs: ${job.process}`);
    if (this.world.chance(0.4)) this.#start(job);
    if (this.world.chance(0.7)) this.broker.rebalanceAll();
  }

  /** Everybody goes on at the same speed, and what went wrong is over. */
  calm(): void {
    this.world.hazards = NO_HAZARDS;
    for (const process of this.#processes) {
      process.speed = 1;
      process.hangsUntilMs = 0;
    }
    this.world.note('calm');
  }

  /** Whether every participant's key is where verifiers learn it. */
  get isKnown(): boolean {
    return this.broker.endOf(PARTICIPANTS, 0) >= this.#ground.scenario.participants.length;
  }

  get allSent(): boolean {
    return this.#allSent;
  }

  #context(process: SimulatedProcess): ServiceContext {
    const { world } = this;
    return {
      log: connect(world, process, this.broker),
      logger: {
        info: (_fields, text) => world.note(`${process.name}: ${text}`),
        warn: (fields, text) => world.note(`${process.name}: ${text} ${JSON.stringify(fields)}`),
        error: (fields, text) => world.note(`${process.name}: ${text} ${JSON.stringify(fields)}`),
      },
      figures: {
        counter: () => () => {},
        gauge: (name) => (value) => {
          if (process.isAlive) this.#figures.set(name, value);
        },
        duration: () => () => {},
      },
      probes: { readiness: () => () => {}, consumer() {} },
      nowMs: () => world.nowMs,
      elapsedMs: () => world.nowMs,
      pause: (ms) => world.pause(process, ms),
      reached: (point) => {
        if (!process.isAlive || !world.chance(world.hazards.killAtPoint)) return;
        world.note(`at ${point}`);
        this.#kills += 1;
        world.kill(process);
      },
    };
  }

  #disk(process: string): Map<string, Uint8Array> {
    const files = this.#disks.get(process) ?? new Map<string, Uint8Array>();
    this.#disks.set(process, files);
    return files;
  }

  #metrics(context: ServiceContext): Promise<RunningService> {
    const { world, store } = this;
    const insert = async (table: string, rows: readonly object[], token: string) => {
      await context.pause(1);
      if (world.chance(world.hazards.failBefore)) throw new Error('connect ECONNREFUSED');
      store.take(table, rows, token);
      // Rows are part of what must come to rest.
      this.broker.changedAtMs = world.nowMs;
      if (world.chance(world.hazards.failAfter)) throw new Error('socket hang up');
    };
    // It tells positions, a first generation, and nothing else: checks are put off, as while a server is away.
    const query = async <Row>(sql: string, { reader }: Readonly<Record<string, unknown>>) => {
      await context.pause(1);
      if (sql === GENERATION_SQL) return [];
      if (sql !== POSITION_SQL || world.chance(world.hazards.failBefore))
        throw new Error('connect ECONNREFUSED');
      return [store.position(String(reader))] as Row[];
    };
    const options = { run: this.#ground.network.run, pools: [POOL], store: { insert, query } };
    return startMetrics(() => context, options);
  }

  #clock(context: ServiceContext): RunningService {
    const input = new PoolInput(POOL, context.log, 600_000, context.reached);
    return startLoop(context, async () => {
      // Ticks end with the traffic, so that it can be told when all is handled.
      if (!this.#allSent) await input.tick(context.nowMs());
      await context.pause(TICK_MS);
    });
  }

  async #bank(context: ServiceContext): Promise<RunningService> {
    const { scenario, network } = this.#ground;
    while (!this.isOpen) await context.pause(TICK_MS);
    const known = await participantsNow(context);
    if (!known.some(({ bic }) => bic === BANK)) throw new Error(`${BANK} is no participant`);
    const signer = signerOf(scenario, BANK);
    return startBank(context, {
      bic: BANK,
      keyId: KEY_ID,
      network: network.network,
      sign: (text) => signer.sign(text),
      currencies: currenciesOf(network),
      orders: this.orders,
      ratePerSecond: 0,
    });
  }

  /** The banks of the traffic: what was acknowledged is not sent again, unless it is sent twice. */
  #traffic(context: ServiceContext): RunningService {
    const { scenario } = this.#ground;
    const { world } = this;
    const banks = new FaultBanks({
      scenario,
      seed: this.#seed,
      count: this.sent,
      date: DATE,
      nowMs: context.nowMs,
    });
    let index = 0;
    const send = async (log: LogPort, at: number) => {
      const copies = world.chance(0.2) ? 1 + world.draw(9) : 1;
      const messages = banks.messages(at);
      for (let copy = 0; copy < copies; copy++)
        await log.produce(PAYMENTS, copy === 0 ? messages : messages.slice(0, 1));
    };
    return startLoop(context, async () => {
      if (!this.isOpen) return context.pause(TICK_MS);
      if (index >= this.sent) {
        this.#allSent = true;
        return context.pause(10_000);
      }
      await send(context.log, index);
      index += 1;
      await context.pause(world.draw(100));
    });
  }
}

const methodsOf = (broker: Broker): Pick<LogPort, 'createTopics' | 'produce'> => ({
  createTopics: (topics) => broker.createTopics(topics),
  produce: (topic, messages) => broker.produce(topic, messages),
});
