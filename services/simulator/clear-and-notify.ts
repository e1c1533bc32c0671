import {
  type ClearedBatch,
  type Clearing,
  createClearing,
  type SettlementCore,
} from '../clearing/clearing.ts';
import { readEvents } from '../core/settlement/event-reader.ts';
import { createNotifier, type Notifier, type NotifierOptions } from '../notifier/notifier.ts';
import type { AddressedMessage } from '../protocol/names/message.ts';
import { poolEvents, poolInput } from '../protocol/names/topic-plan.ts';
import { batchMessages, readEventsHeaders } from '../protocol/records/events-message.ts';
import { TopicReader } from './run-topic-reader.ts';
import type { LoggedStep } from './simulated-run.ts';
import type { SimulationLog } from './simulation-log.ts';

export interface PoolStep extends LoggedStep {
  /** Statuses, deliveries and participant records, in the order of the events. */
  readonly messages: AddressedMessage[];
}

/**
 * Clearing and notifier of one pool between their topics: what stands in the pool's input becomes
 * events, what stands in its events becomes messages. Both go on from the position after the last.
 */
export class PoolPath {
  readonly name: string;
  readonly clearing: Clearing;
  readonly #notifier: Notifier;
  readonly #log: SimulationLog;
  readonly #input: TopicReader;
  readonly #events: TopicReader;

  constructor(
    network: string,
    name: string,
    core: SettlementCore,
    log: SimulationLog,
    forgets: boolean,
    notifies: NotifierOptions = {},
  ) {
    this.name = name;
    this.#input = new TopicReader(log, poolInput(name), 0, forgets);
    this.#events = new TopicReader(log, poolEvents(name), 0, forgets);
    this.clearing = createClearing(core);
    this.#notifier = createNotifier(network, name, notifies);
    this.#log = log;
  }

  get inputRecords(): number {
    return this.#input.next;
  }

  /** Takes in what was appended to the pool's input since the last step. */
  async step(): Promise<PoolStep> {
    const records = await this.#input.readNew();
    const inputs = records.map(({ logOffset, value }) => ({ position: logOffset, value }));
    const batch = this.clearing.apply(inputs);
    if (batch.count > 0)
      await this.#log.produce(poolEvents(this.name), batchMessages(this.name, batch));
    for (const { position, value } of inputs) this.#notifier.takeInput(position, value);
    const events = readEvents(batch.events);
    await this.#readBack(batch);
    return {
      batch,
      events,
      messages: this.#notifier.project(events),
      inputs: inputs.map(({ value }) => value),
    };
  }

  /** The topic has what clearing made, from its first event on. */
  async #readBack({ firstNumber, events }: ClearedBatch): Promise<void> {
    let next = firstNumber;
    let at = 0;
    for (const { value, headers } of await this.#events.readNew()) {
      const placed = readEventsHeaders(headers);
      const made = events.subarray(at, at + value.length);
      if (placed.firstNumber !== next || Buffer.compare(value, made) !== 0)
        throw new Error(
          `pool ${this.name}: events begin at ${placed.firstNumber}, expected ${next}, as cleared`,
        );
      next += placed.count;
      at += value.length;
    }
    if (at !== events.length)
      throw new Error(
        `pool ${this.name}: ${events.length - at} bytes of events were not read back`,
      );
  }
}
