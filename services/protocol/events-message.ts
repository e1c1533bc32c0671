import type { Headers } from './envelope.ts';

/**
 * A message in `pool.<pool>.events`: its value is whole events (services/core/events), its headers
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
