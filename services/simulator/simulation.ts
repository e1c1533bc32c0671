/**
 * A run over messages: each slice of its plan goes through the whole path. What comes next in virtual time:
 * scenario/run-plan.ts; how much of it is a slice: time-slices.ts.
 */
import type { BankBook } from '../bank/bank.ts';
import type { Settlement } from '../core/settlement/settlement.ts';
import type { BatchSigning } from '../core/verification/signing-thread.ts';
import type { Bic } from '../protocol/names/identifiers.ts';
import { byTopic, type Message, type ReceivedMessage } from '../protocol/names/message.ts';
import {
  PARTICIPANTS,
  PAYMENT_PARTITIONS,
  PAYMENTS,
  PAYMENTS_REJECTED,
  poolInput,
  TELEMETRY,
  topicPlan,
} from '../protocol/names/topic-plan.ts';
import { writeControl } from '../protocol/records/input-record.ts';
import { readParticipantMessage } from '../protocol/records/participant-message.ts';
import { type BatchTelemetry, telemetryMessage } from '../protocol/records/telemetry.ts';
import { genesisTimeMs } from '../scenario/genesis-time.ts';
import { noTraffic, type TrafficTotals } from '../scenario/planned-payment.ts';
import { planQuotes } from '../scenario/rates.ts';
import { type PlannedAction, planRun } from '../scenario/run-plan.ts';
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
import { type CycleAsk, withAsks } from './cycle-asks.ts';
import type { Proposer } from './own-mechanism.ts';
import { genesisRecords, poolsOfControl, simulatedCurrencies } from './setup.ts';
import { SimulatedBanks } from './simulated-banks.ts';
import type { RunSlice, SimulatedRun } from './simulated-run.ts';
import type { SimulationLog } from './simulation-log.ts';
import { isMessage, slices } from './time-slices.ts';
import { TopicReader } from './topic-reader.ts';

export interface SimulationOptions {
  readonly scenario: Scenario;
  readonly log: SimulationLog;
  readonly verification: SignatureVerification;
  /** One core for each pool. */
  readonly createSettlement: () => Settlement;
  /** False: nothing is signed or verified. */
  readonly signatures: boolean;
  /** Signs for the participants, by their numbers; absent: each message is signed as it is written. */
  readonly signing?: BatchSigning | null;
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

/** A slice whose messages are written, and signed as they can be. */
interface WrittenSlice {
  readonly actions: readonly PlannedAction[];
  readonly sent: Promise<readonly Message[]>;
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
  readonly banks: SimulatedBanks;
  readonly totals: TrafficTotals = noTraffic();
  readonly #options: SimulationOptions;
  readonly #verifier: Verifier;
  readonly #payments: readonly TopicReader[];
  readonly #participants: TopicReader;

  constructor(options: SimulationOptions) {
    const { scenario, log, forgets, signatures, signing = null } = options;
    this.#options = options;
    this.banks = new SimulatedBanks(scenario, log, signatures, signing, forgets);
    this.#payments = Array.from(
      { length: PAYMENT_PARTITIONS },
      (_, partition) => new TopicReader(log, PAYMENTS, partition, forgets),
    );
    this.#participants = new TopicReader(log, PARTICIPANTS, 0, forgets);
    this.settlements = scenario.pools.map(() => options.createSettlement());
    this.pools = scenario.pools.map(
      ({ name }, index) =>
        new PoolPath(scenario.network, name, this.settlements[index] as Settlement, log, forgets),
    );
    this.#verifier = createVerifier(
      {
        network: scenario.network,
        currencies: simulatedCurrencies(scenario),
        defaultPool: scenario.pools[0]?.name as string,
        checkSignatures: options.signatures,
      },
      options.verification,
    );
  }

  bankBook(): BankBook {
    return this.banks.books();
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
    const { scenario } = this.#options;
    yield await this.#genesis();
    // One slice is signed while the one before it goes through the path.
    let next: WrittenSlice | null = null;
    const plan = planRun(scenario, this.totals);
    const asked = this.#options.proposer ? withAsks(plan, scenario) : plan;
    for (const slice of slices(asked, scenario.batchSize)) {
      const isAsk = !Array.isArray(slice);
      const written = isAsk
        ? null
        : { actions: slice, sent: this.banks.signed(this.#write(slice)) };
      // It is awaited after the slice before; until then, or where that fails, nobody hears of it.
      written?.sent.catch(() => {});
      if (next !== null) yield await this.#slice(next);
      next = written;
      if (isAsk) yield* this.#ask(slice);
    }
    if (next !== null) yield await this.#slice(next);
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

  #write(actions: readonly PlannedAction[]): Message[] {
    const { messages } = this.banks;
    return actions.flatMap((action) => {
      if (action.kind === 'payment') return [messages.pay(action.payment)];
      if (action.kind === 'request') return [messages.request(action.request)];
      return action.kind === 'quote' ? [messages.quote(action)] : [];
    });
  }

  async #genesis(): Promise<SliceOutcome> {
    const { scenario } = this.#options;
    const quotes = planQuotes(scenario).length;
    const inputs: InputForPool[] = scenario.pools.flatMap((pool) =>
      genesisRecords(
        scenario,
        pool,
        quotes,
        (bic) => this.banks.publicKeys.get(bic) as Uint8Array,
      ).map((record) => ({ pool: pool.name, value: writeControl(record) })),
    );
    return this.#controls(inputs, genesisTimeMs(scenario));
  }

  /** Control records without messages. */
  #controls(inputs: readonly InputForPool[], atMs: number): Promise<SliceOutcome> {
    const telemetry = { ...UNTHREADED, batchSize: 0, valid: 0, invalid: 0, durationNs: 0n, atMs };
    return this.#settle(inputs, { atMs, payments: 0, rejected: [], telemetry });
  }

  async #slice({ actions, sent }: WrittenSlice): Promise<SliceOutcome> {
    const atMs = actions[actions.length - 1]?.atMs ?? 0;
    const received = await this.#send(await sent);
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
    const inputs = this.#inOrder(actions, received, verified.inputs);
    const payments = actions.filter(
      (action) => action.kind === 'payment' && !action.payment.isRepeat,
    ).length;
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
  #inOrder(
    actions: readonly PlannedAction[],
    received: readonly ReceivedMessage[],
    verified: readonly InputForPool[],
  ): InputForPool[] {
    // Simulated messages are never dead letters, so verified records match messages one to one.
    if (verified.length !== received.length)
      throw new Error(`${received.length} messages gave ${verified.length} verified records`);
    let next = 0;
    return actions.flatMap((action) =>
      isMessage(action) ? [verified[next++] as InputForPool] : this.#control(action),
    );
  }

  #control(action: PlannedAction): InputForPool[] {
    const { scenario } = this.#options;
    const record = controlRecord(scenario, action);
    const value = writeControl(record);
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
    for (const path of this.pools) {
      const values = inputs.filter(({ pool }) => pool === path.name);
      if (values.length > 0)
        await log.produce(
          poolInput(path.name),
          values.map(({ value }) => ({ key: path.name, value, headers: {} })),
        );
      const step = await path.step();
      for (const [topic, messages] of byTopic(step.messages)) await log.produce(topic, messages);
      steps.push(step);
    }
    await this.#learnKeys();
    await this.banks.receive();
    return { ...outcome, steps };
  }

  async #learnKeys(): Promise<void> {
    for (const { value } of await this.#participants.readNew()) {
      const key = readParticipantMessage(value);
      if (key) this.#verifier.learn(key);
    }
  }
}
