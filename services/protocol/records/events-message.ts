import { EVENT_BYTES } from '../../core/settlement/events.ts';
import type { Message } from '../names/message.ts';
import type { Headers } from '../names/message-headers.ts';
import type { EventChain } from './event-chain.ts';

/** Events in one message at most: half of what a message may hold. */
const MESSAGE_EVENTS = 4096;

/**
 * A message in `pool.<pool>.events`: its value is whole events (services/core/settlement/events.ts), its headers
 * place them. A reader skips the numbers it has and takes the rest only if the digest it computed
 * itself equals `digestBefore`; the first history in the topic wins.
 */
export interface EventsMessage {
  readonly firstNumber: number;
  readonly count: number;
  readonly digestBefore: string;
  readonly digestAfter: string;
}

export function eventsHeaders(message: EventsMessage): Headers {
  return {
    firstnumber: String(message.firstNumber),
    count: String(message.count),
    digestbefore: message.digestBefore,
    digestafter: message.digestAfter,
  };
}

export function readEventsHeaders(headers: Headers): EventsMessage {
  const message = {
    firstNumber: Number(headers.firstnumber),
    count: Number(headers.count),
    digestBefore: headers.digestbefore ?? '',
    digestAfter: headers.digestafter ?? '',
  };
  if (!Number.isSafeInteger(message.firstNumber) || !Number.isSafeInteger(message.count))
    throw new Error('a message of events lacks the headers firstnumber and count');
  return message;
}

/** Whether what one record caused may go on in the next message: this one holds as much as one can. */
export const isFull = ({ value }: Pick<Message, 'value'>): boolean =>
  value.length >= MESSAGE_EVENTS * EVENT_BYTES;

/** Takes events into their pool's chain, and says what a message of them must tell. */
export function appendEvents(chain: EventChain, events: Uint8Array): EventsMessage {
  const firstNumber = chain.count + 1;
  const digestBefore = chain.digest().toString('hex');
  chain.append(events);
  const digestAfter = chain.digest().toString('hex');
  return { firstNumber, count: chain.count + 1 - firstNumber, digestBefore, digestAfter };
}

/**
 * Takes events into their pool's chain and cuts them into messages of its `events` topic: one batch,
 * or one cycle, may cause more than a message can hold.
 */
export function eventsMessages(pool: string, chain: EventChain, events: Uint8Array): Message[] {
  const messages: Message[] = [];
  for (let at = 0; at < events.length; at += MESSAGE_EVENTS * EVENT_BYTES) {
    const value = events.subarray(at, at + MESSAGE_EVENTS * EVENT_BYTES);
    messages.push({ key: pool, value, headers: eventsHeaders(appendEvents(chain, value)) });
  }
  return messages;
}

/** Events of some records, chained. */
export interface ChainedEvents extends Omit<EventsMessage, 'digestBefore'> {
  /** `count` events; empty where the records caused none. */
  readonly events: Uint8Array;
  /** The chain at the last event before: to be copied, not appended to. */
  readonly before: EventChain;
}

/** The same of a batch whose digests are known: mostly one message, and nothing to hash again. */
export function batchMessages(pool: string, batch: ChainedEvents): Message[] {
  const { events, before, firstNumber, count, digestAfter } = batch;
  if (events.length > MESSAGE_EVENTS * EVENT_BYTES)
    return eventsMessages(pool, before.copy(), events);
  const digestBefore = before.digest().toString('hex');
  const headers = eventsHeaders({ firstNumber, count, digestBefore, digestAfter });
  return [{ key: pool, value: events, headers }];
}
