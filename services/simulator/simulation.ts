/**
 * A run over messages: each slice of its plan goes through the whole path. What comes next in virtual time:
 * simulated-banks.ts, by scenario/run-plan.ts; how much of it is a slice: time-slices.ts.
 * Nothing takes time on the way: a message is in the log at the instant at which it is sent (planned-messages.ts).
 */
import type { BankBook } from '../bank/bank.ts';
import type { Settlement } from '../core/settlement/settlement.ts';
import type { Bic } from '../protocol/names/bic-and-uetr.ts';
import { byTopic, type Message, type ReceivedMessage } from '../protocol/names/message.ts';
import {
  deliveriesOf,
  PARTICIPANTS,
  PAYMENT_PARTITIONS,
  PAYMENTS,
  PAYMENTS_REJECTED,
  poolInput,
  statusesOf,
  TELEMETRY,
  topicPlan,
} from '../protocol/names/topic-plan.ts';
import { writeControl } from '../protocol/records/input-record.ts';
import { readParticipantMessage } from '../protocol/records/participant-message.ts';
import { type BatchTelemetry, telemetryMessage } from '../protocol/records/telemetry.ts';
import { genesisTimeMs } from '../scenario/genesis-time.ts';
import type { TrafficTotals } from '../scenario/planned-payment.ts';
import { planQuotes } from '../scenario/rates-and-rounding.ts';
import type { PlannedAction } from '../scenario/run-plan.ts';
import type { Scenario } from '../scenario/scenario.ts';
import {
  createVerifier,
  type InputForPool,
  type SignatureVerification,
  type Verifier,
} from '../verifier/verifier.ts';
import { ProposalDesk } from './ask-own-mechanism.ts';
import { PoolPath, type PoolStep } from './clear-and-notify.ts';
import { controlRecord } from './control-records.ts';
import type { CycleAsk, OperatorTurn } from './cycle-and-operator-turns.ts';
import {
  genesisRecords,
  poolsOfControl,
  simulatedCurrencies,
  simulatedPublicKeys,
} from './keys-and-genesis.ts';
import { OperatorsBetweenPools } from './operators-between-pools.ts';
import type { Proposer } from './own-mechanism.ts';
import type { BankMail, BanksEnd, RunBanks, WrittenSlice } from './run-banks.ts';
import { TopicReader } from './run-topic-reader.ts';
import type { RunSlice, SimulatedRun } from './simulated-run.ts';
import type { SimulationLog } from './simulation-log.ts';

export interface SimulationOptions {
  readonly scenario: Scenario;
  readonly log: SimulationLog;
  /** The scenario's, which sign where signatures are checked, and ask where there is a proposer. */
  readonly banks: RunBanks;
  readonly verification: SignatureVerification;
  /** One core for each pool. */
  readonly createSettlement: () => Settlement;
  /** False: nothing is verified. */
  readonly signatures: boolean;
  /** Let the log drop what every reader has read: for topics in memory. */
  readonly forgets: boolean;
  /** A mechanism of one's own, where the scenario's cycles settle what it proposes. */
  readonly proposer?: Proposer;
  /** Wall clock in ns, for telemetry alone: it enters no event. */
  readonly clockNs: () => bigint;
}

/** What one slice of virtual time did on its way through the topics. */
export interface SliceOutcome extends RunSlice {
  readonly steps: readonly PoolStep[];
  /** What went to `payments.rejected`. */
  readonly rejected: readonly Message[];
  readonly telemetry: BatchTelemetry;
}

/** A simulation verifies on its own thread, and its verifier has room for all its keys. */
const UNTHREADED = { threads: 0, keysWithoutRoom: 0 };

/**
 * A run in virtual time: the banks of the scenario, a verifier, and clearing and notifier of each
 * pool, driven slice by slice over the topics of a log. Same scenario and seed, same events.
 */
export class Simulation implements SimulatedRun<SliceOutcome> {
  readonly pools: readonly PoolPath[];
  readonly settlements: readonly Settlement[];
  readonly #options: SimulationOptions;
  readonly #verifier: Verifier;
  readonly #payments: readonly TopicReader[];
  readonly #participants: TopicReader;
  /** By participant, the topics that its bank reads. */
  readonly #mailboxes: readonly { statuses: TopicReader; deliveries: TopicReader }[];
  /** By topic, which participant's it is. */
  readonly #readerOf: ReadonlyMap<string, number>;
  readonly #operators: OperatorsBetweenPools;
  /** Messages of operators between pools, which are answered as requests of banks are. */
  #ordered = 0;
  #end: BanksEnd | null = null;

  constructor(options: SimulationOptions) {
    const { scenario, log, forgets } = options;
    this.#options = options;
    this.#mailboxes = scenario.participants.map(({ bic }) => ({
      statuses: new TopicReader(log, statusesOf(bic as Bic), 0, forgets),
      deliveries: new TopicReader(log, deliveriesOf(bic as Bic), 0, forgets),
    }));
    this.#readerOf = new Map(
      scenario.participants.flatMap(({ bic }, participant) => [
        [statusesOf(bic as Bic), participant],
        [deliveriesOf(bic as Bic), participant],
      ]),
    );
    this.#payments = Array.from(
      { length: PAYMENT_PARTITIONS },
      (_, partition) => new TopicReader(log, PAYMENTS, partition, forgets),
    );
    this.#participants = new TopicReader(log, PARTICIPANTS, 0, forgets);
    this.#operators = new OperatorsBetweenPools(scenario, options.signatures);
    this.settlements = scenario.pools.map(() => options.createSettlement());
    const currencies = simulatedCurrencies(scenario);
    this.pools = scenario.pools.map(({ name }, index) => {
      const core = this.settlements[index] as Settlement;
      return new PoolPath(scenario.network, name, core, log, forgets, { currencies });
    });
    this.#verifier = createVerifier(
      {
        network: scenario.network,
        currencies,
        defaultPool: scenario.pools[0]?.name as string,
        checkSignatures: options.signatures,
      },
      options.verification,
    );
  }

  get totals(): TrafficTotals {
    const { totals } = this.#ended();
    return { ...totals, requests: totals.requests + this.#ordered };
  }

  bankBook(): BankBook {
    return this.#ended().books;
  }

  #ended(): BanksEnd {
    if (this.#end === null) throw new Error('the run is not over: its banks have no books yet');
    return this.#end;
  }

  /** Creates the topics of the scenario's network: the first thing to do. */
  async createTopics(): Promise<void> {
    const { scenario, log } = this.#options;
    const names = this.pools.map(({ name }) => name);
    const bics = scenario.participants.map(({ bic }) => bic as Bic);
    // In virtual time the simulator is the log's clock: it stamps `payments` itself.
    const topics = topicPlan(names, bics, PAYMENT_PARTITIONS).map((topic) => ({
      ...topic,
      timestamps: 'create' as const,
    }));
    await log.createTopics(topics);
  }

  /** Writes each pool's genesis, then takes one slice after the other through the whole path. */
  async *run(): AsyncGenerator<SliceOutcome, void> {
    const { banks } = this.#options;
    yield await this.#genesis();
    for (let next = await banks.next(); next !== null; next = await banks.next())
      if (next.kind === 'ask') yield* this.#ask(next);
      else if (next.kind === 'turn') yield* this.#turn(next);
      else yield await this.#slice(next);
    this.#end = await banks.end();
  }

  /** Lets all happen that comes before a cycle, asks what is to settle in it, and puts that into the log. */
  async *#ask(ask: CycleAsk): AsyncGenerator<SliceOutcome, void> {
    const { scenario, proposer } = this.#options;
    const desk = new ProposalDesk(scenario, proposer as Proposer, this.settlements);
    if (desk.isIdle(ask)) return;
    const pool = this.pools[ask.pool]?.name as string;
    for (const next of ['first', 'proposal'] as const) {
      const record = desk[next](ask);
      if (record !== null)
        yield await this.#controls([{ pool, value: writeControl(record) }], ask.atMs);
    }
  }

  /** What operators between pools have to say reaches the pools as what banks send does. */
  async *#turn({ atMs }: OperatorTurn): AsyncGenerator<SliceOutcome, void> {
    const messages = this.#operators.due(atMs);
    this.#ordered += messages.length;
    if (messages.length > 0)
      yield await this.#slice({ kind: 'slice', atMs, payments: 0, messages, controls: [] });
  }

  async #genesis(): Promise<SliceOutcome> {
    const { scenario } = this.#options;
    const quotes = planQuotes(scenario).length;
    const publicKeys = simulatedPublicKeys(scenario);
    const inputs: InputForPool[] = scenario.pools.flatMap((pool) =>
      genesisRecords(scenario, pool, quotes, (bic) => publicKeys.get(bic) as Uint8Array).map(
        (record) => ({ pool: pool.name, value: writeControl(record) }),
      ),
    );
    return this.#controls(inputs, genesisTimeMs(scenario));
  }

  /** Control records without messages. */
  #controls(inputs: readonly InputForPool[], atMs: number): Promise<SliceOutcome> {
    const telemetry = { ...UNTHREADED, batchSize: 0, valid: 0, invalid: 0, durationNs: 0n, atMs };
    return this.#settle(inputs, { atMs, payments: 0, rejected: [], telemetry });
  }

  async #slice({ atMs, payments, messages, controls }: WrittenSlice): Promise<SliceOutcome> {
    const received = await this.#send(messages);
    const startedNs = this.#options.clockNs();
    const verified = await this.#verifier.verify(received);
    const telemetry: BatchTelemetry = {
      ...UNTHREADED,
      atMs,
      batchSize: received.length,
      valid: verified.valid,
      invalid: verified.invalid,
      durationNs: this.#options.clockNs() - startedNs,
    };
    if (verified.rejected.length > 0)
      await this.#options.log.produce(PAYMENTS_REJECTED, verified.rejected);
    if (received.length > 0)
      await this.#options.log.produce(TELEMETRY, [telemetryMessage('verifier', telemetry)]);
    // Simulated messages are never dead letters, so verified records match messages one to one.
    if (verified.inputs.length !== received.length)
      throw new Error(
        `${received.length} messages gave ${verified.inputs.length} verified records`,
      );
    const inputs = this.#inOrder(controls, verified.inputs);
    const { rejected } = verified;
    return this.#settle(inputs, { atMs, payments, rejected, telemetry });
  }

  /** Banks send to `payments`; the verifier reads them back in the order in which they were sent. */
  async #send(sent: readonly Message[]): Promise<ReceivedMessage[]> {
    const { log } = this.#options;
    if (sent.length === 0) return [];
    await log.produce(PAYMENTS, sent);
    // Banks write side by side; how their messages interleave is the scenario's to say, so what is
    // read from the partitions is put back into the order in which it was sent.
    const queues = new Map<string, ReceivedMessage[]>();
    for (const reader of this.#payments)
      for (const record of await reader.readNew()) {
        const key = record.key ?? '';
        const queue = queues.get(key);
        if (queue) queue.push(record);
        else queues.set(key, [record]);
      }
    for (const queue of queues.values()) queue.reverse();
    return sent.map(({ key }) => {
      const record = queues.get(key ?? '')?.pop();
      if (!record) throw new Error(`a message of ${key} was produced and not read back`);
      return record;
    });
  }

  /** Control records and verified ones in the order of the plan. */
  #inOrder(controls: WrittenSlice['controls'], verified: readonly InputForPool[]): InputForPool[] {
    const inputs: InputForPool[] = [];
    let next = 0;
    for (const { after, action } of controls) {
      while (next < after) inputs.push(verified[next++] as InputForPool);
      inputs.push(...this.#control(action));
    }
    while (next < verified.length) inputs.push(verified[next++] as InputForPool);
    return inputs;
  }

  #control(action: PlannedAction): InputForPool[] {
    const { scenario } = this.#options;
    const value = writeControl(controlRecord(scenario, action));
    return poolsOfControl(scenario, action).map((pool) => ({
      pool: scenario.pools[pool]?.name as string,
      value,
    }));
  }

  async #settle(
    inputs: readonly InputForPool[],
    outcome: Omit<SliceOutcome, 'steps'>,
  ): Promise<SliceOutcome> {
    const { log } = this.#options;
    const steps: PoolStep[] = [];
    const told = new Set<number>();
    for (const path of this.pools) {
      const values = inputs.filter(({ pool }) => pool === path.name);
      if (values.length > 0)
        await log.produce(
          poolInput(path.name),
          values.map(({ value }) => ({ key: path.name, value, headers: {} })),
        );
      const step = await path.step();
      this.#operators.takeInputs(path.name, path.inputRecords - step.inputs.length, step.inputs);
      this.#operators.takeEvents(path.name, step.events);
      for (const [topic, messages] of byTopic(step.messages)) {
        await log.produce(topic, messages);
        const reader = this.#readerOf.get(topic);
        if (reader !== undefined) told.add(reader);
      }
      steps.push(step);
    }
    await this.#learnKeys();
    await this.#deliver(told);
    return { ...outcome, steps };
  }

  /**
   * Banks read what is new in their own topics.
   * @param participants in whose topics there is something: of many thousands that is few at a time
   */
  async #deliver(participants: Iterable<number>): Promise<void> {
    const mail: BankMail[] = [];
    for (const participant of participants) {
      const { statuses, deliveries } = this.#mailboxes[participant]!;
      const told = (await statuses.readNew()).map(({ value }) => value);
      const delivered = (await deliveries.readNew()).length;
      mail.push({ participant, statuses: told, deliveries: delivered });
    }
    await this.#options.banks.tell(mail);
  }

  async #learnKeys(): Promise<void> {
    for (const { value } of await this.#participants.readNew()) {
      const key = readParticipantMessage(value);
      if (key) this.#verifier.learn(key);
    }
  }
}
