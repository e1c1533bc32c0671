/**
 * What a pool's events topic has where its sealed log ends. A topic that has less was restored from an earlier time: who
 * goes on behind it gives the numbers of lost events, of which banks have receipts, to others.
 */
import { EVENT_BYTES } from '../core/settlement/events.ts';
import type { LogPort } from '../live/service-context.ts';
import { recordsOf } from '../live/topic-reader.ts';
import { asBuffer } from '../protocol/names/as-buffer.ts';
import { poolEvents } from '../protocol/names/topic-plan.ts';
import { readEventsHeaders } from '../protocol/records/events-message.ts';
import { openedEntry, openingOf } from './event-commitment.ts';

/** Messages that are looked at together, from the topic's end backwards. */
const LOOK_MESSAGES = 16;

interface EventInTopic {
  /** Number of the last event; where it is `least` or more, there may be later ones. */
  readonly count: number;
  /** 128 bytes; null: the topic has none of this number. */
  readonly event: Buffer | null;
}

/** @param number of the event; 0: of none */
export async function eventInTopic(
  log: Pick<LogPort, 'read' | 'startOffset' | 'endOffset'>,
  pool: string,
  number: number,
  least: number,
): Promise<EventInTopic> {
  const topic = poolEvents(pool);
  const start = await log.startOffset(topic, 0);
  let end = await log.endOffset(topic, 0);
  let count = 0;
  let event: Buffer | null = null;
  // A second writer's messages repeat numbers: the last message need not have the last event.
  while (end > start && (count < least || (number > 0 && event === null))) {
    const from = Math.max(start, end - LOOK_MESSAGES);
    for await (const { headers, value } of recordsOf(log, topic, 0, { from, end })) {
      const { firstNumber, count: events } = readEventsHeaders(headers);
      count = Math.max(count, firstNumber + events - 1);
      const at = (number - firstNumber) * EVENT_BYTES;
      if (number > 0 && at >= 0 && at < value.length)
        event = asBuffer(value).subarray(at, at + EVENT_BYTES);
    }
    end = from;
  }
  return { count, event };
}

/** Whether an event is what a log has an entry of. @param key of its day */
export const isEntryOf = (event: Uint8Array, key: Uint8Array, entry: Uint8Array): boolean =>
  Buffer.compare(openedEntry(openingOf(event, key, 'closed')), entry) === 0;

export interface SealedEnd {
  /** Of the log. */
  readonly origin: string;
  readonly pool: string;
  /** Events of its last checkpoint. */
  readonly size: number;
  /** Where that is. */
  readonly where: string;
  /** What the log of the topics is called. */
  readonly logName: string;
}

const REMEDY =
  'restore the newer log, or begin another one (docs/operations.md, Keys of the logs): banks may hold receipts of what is missing';

export const shortLogText = (
  { origin, pool, size, where, logName }: SealedEnd,
  count: number,
): string =>
  `${logName} has ${count} events in topic ${poolEvents(pool)}, and ${where} a signed checkpoint of log ${origin} of ${size}: the topics are of an earlier time; ${REMEDY}`;

export const otherEventText = ({ origin, pool, size, where, logName }: SealedEnd): string =>
  `${logName} has another event ${size} in topic ${poolEvents(pool)} than ${where} has of log ${origin}: the topics were restored from an earlier time and went on, or one of the two is of another network; ${REMEDY}`;
