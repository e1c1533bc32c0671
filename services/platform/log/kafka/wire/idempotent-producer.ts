/**
 * Producing to Kafka: with acks=all and idempotently, without transactions.
 *
 * Invariants:
 * - One request at a time is under way, with all that was handed over until then; it is sent again,
 *   unchanged and with the same sequence numbers, until the broker answers or the patience of all
 *   its calls is over. So records keep their order inside a partition, through retries, and a retry
 *   is not stored twice.
 * - Once a request was given up nobody knows what of it is stored, or will be, from a connection that
 *   still hangs. The next one has the next epoch, which makes the broker refuse what is late of the
 *   one before (KIP-360: an idempotent producer raises its epoch by itself). So what was given up
 *   does not come to lie behind what was acknowledged later, unless the broker has lost who sent it.
 * - An attempt goes on when it was given up, as when it waited for a connection. It has the numbers that it
 *   had, sends nothing any more, and takes no new ones: under those of the next request the broker would
 *   take that for a repeat.
 * This is why kafkajs' own producer is not used: it reuses sequence numbers after it gave up, and the
 * broker then takes new messages for repeated ones.
 */
import type { Cluster } from 'kafkajs';
import { LogError, type LogMessage, type Placement } from '../../log.ts';
import { type KafkaSettings, REQUEST_TIMEOUT_MS } from '../connection-tls-and-timeouts.ts';
import { partitionText } from '../create-and-check-topics.ts';
import { brokerOf, failureOf, type Link, leaderOf, unavailable } from './broker-retries.ts';
import {
  type Batch,
  type Call,
  type CallPart,
  messagesIn,
  split,
  takeBatches,
} from './produce-batches.ts';
import { answered, type MeasuredMessage } from './request-encoding.ts';

const EPOCH_MAX = 0x7fff;
/** Half of what there is: then the next epoch begins. */
const SEQUENCE_MAX = 0x3fffffff;
/** Of transactions, which there are none of; the request asks for it. */
const TRANSACTION_TIMEOUT_MS = 60_000;

export interface KafkaProducer {
  /** @param partitions of each message, by index */
  produce(
    topic: string,
    messages: readonly LogMessage[],
    partitions: readonly number[],
  ): Promise<Placement[]>;
  /** Resolves once what was handed over is settled; nothing more may be. */
  close(): Promise<void>;
}

interface ProduceResponse {
  readonly topics: readonly {
    readonly topicName: string;
    readonly partitions: readonly { readonly partition: number; readonly baseOffset: string }[];
  }[];
}

/** The producer as the broker knows it. */
interface Identity {
  readonly id: string;
  epoch: number;
  /** By place: the sequence number of the next record. */
  readonly sequences: Map<string, number>;
}

interface PartitionData {
  readonly partition: number;
  readonly firstSequence: number;
  readonly messages: MeasuredMessage[];
}

function getOr<K, V>(map: Map<K, V>, key: K, create: () => V): V {
  let value = map.get(key);
  if (value === undefined) {
    value = create();
    map.set(key, value);
  }
  return value;
}

/** What a request says of who sends it: taken once, and the same each time that it is sent. */
interface Numbers {
  readonly id: string;
  readonly epoch: number;
  /** By place: that of the request's first record. */
  readonly first: ReadonlyMap<string, number>;
}

/** What one request carries, and the numbers of all of it, once they are taken. */
interface ProduceNumbers {
  readonly batches: readonly Batch[];
  numbers?: Numbers;
}

/** Nobody hears of it. */
const givenUp = () => new Error('the request was given up');

const topicsOf = (batches: readonly Batch[]) => [...new Set(batches.map(({ topic }) => topic))];

/** One request to each leader, unless it is over by then; resolves with the first offset of each place. */
async function send(
  cluster: Cluster,
  batches: readonly Batch[],
  numbers: Numbers,
  isOver: () => boolean,
): Promise<Map<string, number>> {
  await cluster.addMultipleTargetTopics(topicsOf(batches));
  const byLeader = new Map<string, Map<string, PartitionData[]>>();
  for (const batch of batches) {
    const { topic, partition } = batch;
    const theirs = getOr(
      byLeader,
      leaderOf(cluster, topic, partition),
      () => new Map<string, PartitionData[]>(),
    );
    getOr(theirs, topic, () => []).push({
      partition,
      firstSequence: numbers.first.get(partitionText(topic, partition)) as number,
      messages: messagesIn(batch),
    });
  }
  const offsets = new Map<string, number>();
  const requests = [...byLeader].map(async ([leader, theirs]) => {
    const broker = await brokerOf(cluster, leader);
    if (isOver()) throw givenUp();
    const topicData = [...theirs].map(([topic, partitions]) => ({ topic, partitions }));
    const response: ProduceResponse = await broker.produce({
      acks: -1,
      timeout: REQUEST_TIMEOUT_MS,
      producerId: numbers.id as unknown as number, // a decimal string: it has 64 bits
      producerEpoch: numbers.epoch,
      topicData,
    });
    answered(topicData);
    for (const { topicName, partitions } of response.topics)
      for (const { partition, baseOffset } of partitions)
        offsets.set(partitionText(topicName, partition), Number(baseOffset));
  });
  for (const outcome of await Promise.allSettled(requests))
    if (outcome.status === 'rejected') throw outcome.reason;
  return offsets;
}

/** The broker knows these numbers no longer, or otherwise: it has stored nothing of the batch. */
const LOST_IDENTITY = new Set([
  'OUT_OF_ORDER_SEQUENCE_NUMBER',
  'INVALID_PRODUCER_EPOCH',
  'INVALID_PRODUCER_ID_MAPPING',
  'UNKNOWN_PRODUCER_ID',
]);

/** @param sequenceMax records to one place under one epoch, for tests */
export function createProducer(
  settings: KafkaSettings,
  link: Link,
  sequenceMax = SEQUENCE_MAX,
): KafkaProducer {
  let queue: CallPart[] = [];
  let identity: Identity | undefined;
  let pumping: Promise<void> | undefined;

  async function identify(cluster: Cluster, isOver: () => boolean): Promise<Identity> {
    if (isOver()) throw givenUp();
    if (identity !== undefined) return identity;
    const [nodeId] = cluster.getNodeIds();
    const broker = await brokerOf(cluster, String(nodeId));
    const given = await broker.initProducerId({ transactionTimeout: TRANSACTION_TIMEOUT_MS });
    if (isOver()) throw givenUp();
    identity = { id: given.producerId, epoch: given.producerEpoch, sequences: new Map() };
    return identity;
  }

  const numbersOf = ({ id, epoch, sequences }: Identity, batches: readonly Batch[]): Numbers => {
    const places = batches.map(({ topic, partition }) => partitionText(topic, partition));
    return { id, epoch, first: new Map(places.map((place) => [place, sequences.get(place) ?? 0])) };
  };

  /** After an outcome that nobody knows, or a refusal: see the invariants. */
  function nextEpoch(): void {
    if (identity === undefined) return;
    identity.sequences.clear();
    identity.epoch += 1;
    if (identity.epoch > EPOCH_MAX) identity = undefined;
  }

  function settle(
    batches: readonly Batch[],
    offsets: ReadonlyMap<string, number>,
    { id, epoch, first: firsts }: Numbers,
  ): void {
    const isPresent = identity?.id === id && identity.epoch === epoch;
    let isFull = false;
    for (const { topic, partition, parts } of batches) {
      const place = partitionText(topic, partition);
      let logOffset = offsets.get(place) as number;
      const first = logOffset;
      for (const { call, indices } of parts) {
        for (const index of indices) call.placements[index] = { partition, logOffset: logOffset++ };
        call.left -= 1;
        if (call.left === 0) call.resolve();
      }
      const next = (firsts.get(place) as number) + (logOffset - first);
      if (isPresent) identity?.sequences.set(place, next);
      isFull ||= next > sequenceMax;
    }
    if (isPresent && isFull) nextEpoch();
  }

  /** @param request of which these are a part, or all: what of it is stored already is known by its numbers */
  async function store(batches: readonly Batch[], request: ProduceNumbers): Promise<void> {
    const deadlines = batches.flatMap(({ parts }) => parts.map(({ call }) => call.deadline));
    let isRenewed = false;
    let numbers = request.numbers;
    const attempt = async (
      cluster: Cluster,
      isOver: () => boolean,
    ): Promise<Map<string, number>> => {
      if (!numbers) {
        numbers = numbersOf(await identify(cluster, isOver), request.batches);
        if (!isRenewed) request.numbers = numbers;
      }
      try {
        return await send(cluster, batches, numbers, isOver);
      } catch (error) {
        const isLost = LOST_IDENTITY.has(failureOf(error).type ?? '');
        // Beside others it is not known which is refused: the others are stored already.
        if (isOver() || isRenewed || !isLost || batches.length > 1) throw error;
        isRenewed = true;
        if (identity?.id === numbers.id) identity = undefined;
        numbers = undefined;
        return attempt(cluster, isOver);
      }
    };
    const patienceMs = Math.max(...deadlines) - Date.now();
    const offsets = await link.run(attempt, patienceMs, topicsOf(batches));
    settle(batches, offsets, numbers as unknown as Numbers);
  }

  async function flush(batches: readonly Batch[]): Promise<void> {
    const reject = (theirs: readonly Batch[], error: unknown) => {
      for (const { parts } of theirs) for (const { call } of parts) call.reject(error);
    };
    const request: ProduceNumbers = { batches };
    try {
      await store(batches, request);
    } catch (error) {
      const refused = error instanceof LogError && error.kind === 'storeFailed';
      if (!refused || batches.length === 1) reject(batches, error);
      // One's refusal is not the others'; what they have stored already is recognised by its numbers.
      else
        for (const batch of batches)
          await store([batch], request).catch((reason) => reject([batch], reason));
      nextEpoch();
    }
  }

  async function pump(): Promise<void> {
    // What is handed over in this turn of the event loop shares the first request.
    await new Promise(setImmediate);
    while (queue.length > 0) {
      const { batches, rest } = takeBatches(queue);
      queue = rest;
      if (batches.length > 0) await flush(batches);
    }
    pumping = undefined;
  }

  return {
    produce(topic, messages, partitions) {
      return new Promise((resolve, reject) => {
        const placements: Placement[] = new Array(messages.length);
        const late = () =>
          call.reject(unavailable(settings, `no answer in ${settings.patienceMs} ms`));
        let timer: NodeJS.Timeout | undefined;
        const end = (outcome: () => void) => {
          clearTimeout(timer);
          call.over = true;
          outcome();
        };
        const call: Call = {
          placements,
          deadline: Date.now() + settings.patienceMs,
          left: 0,
          over: false,
          resolve: () => end(() => resolve(placements)),
          reject: (error) => end(() => reject(error)),
        };
        const parts = split(call, topic, messages, partitions, settings.prefix);
        timer = setTimeout(late, settings.patienceMs);
        call.left = parts.length;
        queue.push(...parts);
        pumping ??= pump();
      });
    },
    async close() {
      await pumping;
    },
  };
}
