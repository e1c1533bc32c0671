/**
 * What a member does with what kafkajs fetched: hands it to the subscription's handler, in pieces.
 *
 * kafkajs has one fetcher for each broker, and where one of them has its group shared out anew it waits for
 * none of the others: what they asked for before comes back after it, is handed as if it had been
 * asked for since, and moves the new share's position. So here each partition has an offset that is to be fetched next: since
 * the group was shared out last the group's committed one, then the one behind what was handed. A batch
 * that was asked for from another is not handed, and the partition is read from the right one.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { EachBatchPayload, OffsetsByTopicPartition } from 'kafkajs';
import { LogError, type SubscribeOptions } from '../log.ts';
import type { KafkaSettings } from './connection-tls-and-timeouts.ts';
import { partitionText } from './create-and-check-topics.ts';
import { toRecord, unreadableError } from './messages-to-records.ts';
import { failureOf } from './wire/broker-retries.ts';
import type { RangeOf } from './wire/offset-reader.ts';

const MAX_RECORDS_DEFAULT = 500;
export const HEARTBEAT_MS = 1_000;

/** The partition has another holder by now. */
const LOST = new Set(['ILLEGAL_GENERATION', 'UNKNOWN_MEMBER_ID', 'REBALANCE_IN_PROGRESS']);
export const isLost = (error: unknown): boolean => LOST.has(failureOf(error).type ?? '');

/** Commits through a member, as long as it is in its group. */
export type Commit = (offsets: OffsetsByTopicPartition) => Promise<void>;

/** What the broker says of a partition now. */
export interface OffsetPorts {
  readonly committed: (group: string, topic: string, partition: number) => Promise<number | null>;
  readonly rangeOf: RangeOf;
  /** Of the first record from there on; null: there is none. */
  readonly firstFrom: (topic: string, partition: number, from: number) => Promise<number | null>;
}

type Seek = (place: { topic: string; partition: number; offset: string }) => void;

interface Handling {
  readonly handed: Map<string, Commit>;
  readonly released: Set<string>;
  /** How often the group was shared out anew, or the consumer has ended. */
  readonly generation: () => number;
  /** Either happens now. */
  readonly release: () => void;
  /** Handlers that run. */
  readonly hands: Set<Promise<void>>;
  readonly eachBatch: (payload: EachBatchPayload, seek: Seek) => Promise<void>;
}

/** Hands batches to the subscription's handler, in pieces of at most `maxRecords`. */
export function createHandling(
  settings: Pick<KafkaSettings, 'prefix' | 'logger' | 'paceMs'>,
  offsets: OffsetPorts,
  { handle, released: tell, maxRecords = MAX_RECORDS_DEFAULT, ...options }: SubscribeOptions,
  stopping: AbortSignal,
  fail: (error: unknown) => void,
): Handling {
  const { group, handsUnreadable = false } = options;
  const handed = new Map<string, Commit>();
  const released = new Set<string>();
  const hands = new Set<Promise<void>>();
  let generation = 0;
  /** By partition: what is to be fetched next, as far as it is known in this generation. */
  const next = new Map<string, number>();
  const stopped = new Promise<null>((resolve) => {
    stopping.addEventListener('abort', () => resolve(null), { once: true });
  });

  /** What is to be fetched next, where that may be `fetched`. */
  async function nextOf(topic: string, partition: number, fetched: number): Promise<number> {
    const wanted =
      next.get(partitionText(topic, partition)) ??
      (await offsets.committed(group, topic, partition)) ??
      (await offsets.rangeOf(topic, partition)).start;
    if (wanted === fetched) return wanted;
    const { start, end } = await offsets.rangeOf(topic, partition);
    // The topic has lost its end: kafkajs begins anew as well.
    if (wanted > end) return start;
    const from = Math.max(wanted, start);
    if (fetched <= from) return from;
    // kafkajs passes over marks of transactions, and what compaction left of a batch, by itself.
    const first = await offsets.firstFrom(topic, partition, from);
    return first !== null && first >= fetched ? fetched : from;
  }

  async function handlePieces(payload: EachBatchPayload, topic: string, isOver: () => boolean) {
    const born = generation;
    const { partition, messages } = payload.batch;
    const resolve = (offset: string) => {
      next.set(partitionText(topic, partition), Number(offset) + 1);
      payload.resolveOffset(offset);
    };
    for (let from = 0; from < messages.length; from += maxRecords) {
      if (isOver()) return;
      const piece = messages.slice(from, from + maxRecords);
      try {
        const records = piece.map((message) => toRecord(topic, partition, message));
        const unreadable = records.find((record) => record.unreadable !== undefined);
        if (unreadable !== undefined && !handsUnreadable) throw unreadableError(unreadable);
        await handle({ topic, partition, records });
      } catch (error) {
        fail(error);
        return;
      }
      // What was handed before comes again.
      if (born !== generation) return;
      resolve((piece.at(-1) as (typeof piece)[0]).offset);
    }
    // Also what compaction left of the end.
    resolve(payload.batch.lastOffset());
  }

  async function holdBatch(payload: EachBatchPayload, seek: Seek): Promise<void> {
    const { topic: name, partition } = payload.batch;
    const topic = name.slice(settings.prefix.length);
    const place = partitionText(topic, partition);
    // Its published type leaves out what the fetch asked for.
    const fetched = Number((payload.batch as unknown as { fetchedOffset: string }).fetchedOffset);
    const born = generation;
    let lost = false;
    const isOver = () => lost || born !== generation || stopping.aborted;
    const beating = setInterval(() => {
      payload.heartbeat().catch((error) => {
        lost ||= isLost(error);
      });
    }, HEARTBEAT_MS);
    try {
      const wanted = await Promise.race([nextOf(topic, partition, fetched), stopped]);
      if (wanted === null || isOver()) return;
      if (wanted !== fetched) {
        settings.logger?.info({ group, topic, partition, fetched, wanted }, 'kafka: read again');
        seek({ topic: name, partition, offset: String(wanted) });
        return;
      }
      handed.set(place, payload.commitOffsetsIfNecessary);
      released.delete(place);
      await handlePieces(payload, topic, isOver);
    } catch (error) {
      // It is fetched again, and the broker asked again; a log that closes ends its members.
      if (!(error instanceof LogError)) throw error;
      settings.logger?.warn({ group, topic, partition, reason: error.message }, 'kafka: not read');
    } finally {
      clearInterval(beating);
    }
  }

  return {
    handed,
    released,
    hands,
    generation: () => generation,
    release() {
      generation += 1;
      next.clear();
      for (const place of handed.keys()) released.add(place);
      handed.clear();
      tell?.();
    },
    async eachBatch(payload, seek) {
      const startedMs = performance.now();
      const work = holdBatch(payload, seek);
      hands.add(work);
      await work.finally(() => hands.delete(work));
      // kafkajs fetches again once all that a fetch brought is handled.
      const pauseMs = startedMs + settings.paceMs - performance.now();
      if (pauseMs > 0 && !stopping.aborted) await sleep(pauseMs);
    },
  };
}
