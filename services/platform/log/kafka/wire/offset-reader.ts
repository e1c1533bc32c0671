/**
 * Reading by offset: single fetch requests, without a consumer group that would have to be joined and
 * deleted again.
 *
 * Reading on where the last read ended is fast: a reader keeps what a fetch brought beyond what was
 * asked for, and fetches the next piece while its caller works on this one. It has connections of
 * its own, since a fetch that waits for records holds up what comes behind it on a connection.
 */

import { setTimeout as sleep } from 'node:timers/promises';
import type { Cluster } from 'kafkajs';
import { checkRange } from '../../embedded/topic-catalogue.ts';
import type { LogRecord, ReadOptions } from '../../log.ts';
import type { KafkaSettings } from '../connection-tls-and-timeouts.ts';
import type { KafkaTopics } from '../create-and-check-topics.ts';
import { toRecord, unreadableError } from '../messages-to-records.ts';
import type { FetchedMessage } from './batch-decoding.ts';
import { brokerOf, failureOf, heldBack, type Link, leaderOf, openLink } from './broker-retries.ts';

const FETCH_BYTES = 4 * 1_048_576;
/** A fetch waits at most so long at the broker, so that closing need not wait longer. */
const WAIT_MAX_MS = 500;
/** So often nothing may come although the partition goes on: then it is a batch that compaction emptied. */
const EMPTY_MAX = 3;
/** A reader unused for so long goes, with its connections. */
const IDLE_MS = 60_000;

/** The offsets that a partition has. */
export type RangeOf = (
  topic: string,
  partition: number,
) => Promise<{ readonly start: number; readonly end: number }>;

interface Fetched {
  readonly records: LogRecord[];
  /** Where to go on: beyond what was read, or what compaction left of it. */
  readonly next: number;
  /** More lies there already. */
  readonly more: boolean;
}

interface FetchResponse {
  readonly clientSideThrottleTime: number;
  readonly responses: readonly {
    readonly partitions: readonly {
      readonly highWatermark: string;
      readonly messages: readonly FetchedMessage[];
    }[];
  }[];
}

interface Reader {
  readonly link: Link;
  busy: boolean;
  usedAtMs: number;
  /** When a fetch brought it something last. */
  fetchedAtMs: number;
  /** What was fetched and not yet read; begins at `next`, or at the first record after it. */
  kept: LogRecord[];
  next: number;
  ahead: Promise<Fetched> | undefined;
}

export interface KafkaReaders {
  /** As `Log.read`, of a partition that exists. */
  read(
    topic: string,
    partition: number,
    fromOffset: number,
    maxRecords: number,
    options: Required<ReadOptions>,
  ): Promise<LogRecord[]>;
  close(): Promise<void>;
}

/**
 * Whether a quota is used up: Kafka then answers without the partition, as if there were neither records nor
 * refusal, and kafkajs holds the next request back for as long as Kafka says.
 */
const isHeldUp = ({ clientSideThrottleTime, responses }: FetchResponse): boolean =>
  clientSideThrottleTime > 0 && responses.length === 0;

function toFetched(
  topic: string,
  partition: number,
  fromOffset: number,
  response: FetchResponse,
): Fetched {
  const data = response.responses[0]?.partitions[0];
  const end = Number(data?.highWatermark ?? fromOffset);
  const messages = data?.messages ?? [];
  const records = messages
    .filter(({ offset, isControlRecord }) => Number(offset) >= fromOffset && !isControlRecord)
    .map((message) => toRecord(topic, partition, message));
  const last = messages.at(-1);
  const batchEnd =
    last?.batchContext === undefined
      ? Number(last?.offset ?? -1)
      : Number(last.batchContext.firstOffset) + last.batchContext.lastOffsetDelta;
  // Where compaction took the rest of a batch, it is passed over.
  const lastOffset = records.at(-1)?.logOffset ?? batchEnd;
  const next = Math.max(lastOffset + 1, fromOffset);
  return { records, next, more: next < end };
}

/** What comes before one that cannot be read. @throws LogError where that is the first */
function readable(records: LogRecord[]): LogRecord[] {
  const index = records.findIndex((record) => record.unreadable !== undefined);
  if (index === 0) throw unreadableError(records[0] as LogRecord);
  return index < 0 ? records : records.slice(0, index);
}

/** Of a log that is open: a broker has answered it. */
export function createReaders(
  settings: KafkaSettings,
  topics: KafkaTopics,
  rangeOf: RangeOf,
): KafkaReaders {
  const readers = new Map<string, Reader[]>();
  let closed = false;

  function fetch(reader: Reader, topic: string, partition: number, from: number, waitMs: number) {
    const name = topics.nameOf(topic);
    const attempt = async (cluster: Cluster): Promise<Fetched> => {
      await cluster.addMultipleTargetTopics([name]);
      const broker = await brokerOf(cluster, leaderOf(cluster, name, partition));
      try {
        const response: FetchResponse = await broker.fetch({
          isolationLevel: 0,
          maxWaitTime: Math.min(waitMs, WAIT_MAX_MS),
          minBytes: 1,
          maxBytes: FETCH_BYTES,
          topics: [
            {
              topic: name,
              partitions: [{ partition, fetchOffset: String(from), maxBytes: FETCH_BYTES }],
            },
          ],
        });
        if (isHeldUp(response)) throw heldBack();
        return toFetched(topic, partition, from, response);
      } catch (error) {
        if (failureOf(error).type !== 'OFFSET_OUT_OF_RANGE') throw error;
        const { start, end } = await rangeOf(topic, partition);
        checkRange({ topic, partition }, from, start, end);
        return { records: [], next: from, more: true }; // it is in range by now
      }
    };
    return reader.link.run(attempt, settings.patienceMs, [name]);
  }

  /** A reader that stands at the offset, else one that is idle, else a new one. */
  function acquire(key: string, fromOffset: number): Reader {
    const all = readers.get(key) ?? [];
    readers.set(key, all);
    const idle = all.filter((reader) => !reader.busy);
    let reader = idle.find(({ next }) => next === fromOffset) ?? idle[0];
    if (reader === undefined) {
      reader = {
        link: openLink(settings, true),
        busy: false,
        usedAtMs: 0,
        fetchedAtMs: Number.NEGATIVE_INFINITY,
        kept: [],
        next: fromOffset,
        ahead: undefined,
      };
      all.push(reader);
    }
    reader.busy = true;
    if (reader.next !== fromOffset) {
      reader.kept = [];
      reader.ahead = undefined;
      reader.next = fromOffset;
    }
    return reader;
  }

  async function fill(reader: Reader, topic: string, partition: number, waitMs: number) {
    const deadline = performance.now() + waitMs;
    let empty = 0;
    for (;;) {
      const ahead = reader.ahead;
      reader.ahead = undefined;
      const pauseMs = Math.min(reader.fetchedAtMs + settings.paceMs, deadline) - performance.now();
      if (!ahead && pauseMs > 0) await sleep(pauseMs);
      const fetched = await (ahead ??
        fetch(reader, topic, partition, reader.next, Math.max(deadline - performance.now(), 0)));
      reader.kept = fetched.records;
      const standing = fetched.more && fetched.next === reader.next;
      if (fetched.more && !standing) {
        reader.ahead = fetch(reader, topic, partition, fetched.next, 0);
        reader.ahead.catch(() => {}); // whoever reads on hears of it
      }
      if (fetched.records.length > 0) {
        reader.fetchedAtMs = performance.now();
        return;
      }
      empty = standing ? empty + 1 : 0;
      reader.next = empty < EMPTY_MAX ? fetched.next : fetched.next + 1;
      if (!fetched.more && performance.now() >= deadline) return;
    }
  }

  const sweeper = setInterval(() => {
    for (const [key, all] of readers) {
      const stale = all.filter(
        ({ busy, usedAtMs }) => !busy && usedAtMs < performance.now() - IDLE_MS,
      );
      for (const reader of stale) void reader.link.close();
      readers.set(
        key,
        all.filter((reader) => !stale.includes(reader)),
      );
    }
  }, IDLE_MS / 2);
  sweeper.unref();

  return {
    async read(topic, partition, fromOffset, maxRecords, { waitMs, handsUnreadable }) {
      if (!Number.isSafeInteger(fromOffset) || fromOffset < 0) {
        const { start, end } = await rangeOf(topic, partition);
        checkRange({ topic, partition }, fromOffset, start, end);
      }
      const reader = acquire(`${topic}/${partition}`, fromOffset);
      try {
        if (reader.kept.length === 0) await fill(reader, topic, partition, waitMs);
        const some =
          reader.kept.length <= maxRecords ? reader.kept : reader.kept.slice(0, maxRecords);
        const records = handsUnreadable ? some : readable(some);
        const { length } = records;
        reader.kept = reader.kept.length === length ? [] : reader.kept.slice(length);
        const last = records.at(-1);
        if (last !== undefined) reader.next = last.logOffset + 1;
        return records;
      } finally {
        reader.busy = false;
        reader.usedAtMs = performance.now();
        if (closed) void reader.link.close();
      }
    },
    async close() {
      closed = true;
      clearInterval(sweeper);
      await Promise.all([...readers.values()].flat().map(({ link }) => link.close()));
    },
  };
}
