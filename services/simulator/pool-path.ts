import {
  type ClearedBatch,
  type Clearing,
  createClearing,
  type SettlementCore,
} from '../clearing/clearing.ts';
import { createNotifier, type Notifier } from '../notifier/notifier.ts';
import type { AddressedMessage } from '../protocol/names/message.ts';
import { poolEvents, poolInput } from '../protocol/names/topics.ts';
import { EventChain } from '../protocol/records/event-chain.ts';
import { eventsMessages, readEventsHeaders } from '../protocol/records/events-message.ts';
import type { SimulationLog } from './ports.ts';
import { TopicReader } from './topic-reader.ts';

export interface PoolStep {
  readonly batch: ClearedBatch;
  /** Statuses, deliveries and participant records, in the order of the events. */
  readonly messages: AddressedMessage[];
  /** The values of the input records of this step. */
  readonly inputs: readonly Uint8Array[];
}

/**
 * Clearing and notifier of one pool between their topics: what stands in the pool's input becomes
 * events, what stands in its events becomes messages. Both go on from the position after the last.
 */
export class PoolPath {
  readonly name: string;
  readonly clearing: Clearing;
  readonly #notifier: Notifier;
  /** Clearing's own is at the end of a batch, and a batch may be several messages. */
  readonly #chain = new EventChain();
  readonly #log: SimulationLog;
  readonly #input: TopicReader;
  readonly #events: TopicReader;

  constructor(
    network: string,
    name: string,
    core: SettlementCore,
    log: SimulationLog,
    forgets: boolean,
  ) {
    this.name = name;
    this.#input = new TopicReader(log, poolInput(name), 0, forgets);
    this.#events = new TopicReader(log, poolEvents(name), 0, forgets);
    this.clearing = createClearing(core);
    this.#notifier = createNotifier(network, name);
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
      await this.#log.produce(
        poolEvents(this.name),
        eventsMessages(this.name, this.#chain, batch.events),
      );
    for (const { position, value } of inputs) this.#notifier.takeInput(position, value);
    const messages = await this.#project(batch.firstNumber);
    return { batch, messages, inputs: inputs.map(({ value }) => value) };
  }

  async #project(firstNumber: number): Promise<AddressedMessage[]> {
    const messages: AddressedMessage[] = [];
    let next = firstNumber;
    for (const { value, headers } of await this.#events.readNew()) {
      const placed = readEventsHeaders(headers);
      if (placed.firstNumber !== next)
        throw new Error(
          `pool ${this.name}: events begin at ${placed.firstNumber}, expected ${next}`,
        );
      next += placed.count;
      for (const message of this.#notifier.project(value)) messages.push(message);
    }
    return messages;
  }
}
