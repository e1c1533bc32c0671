import { EVENT_BYTES, EVENT_OFFSETS, kindNumbers } from '../core/settlement/events.ts';
import { asBuffer } from '../protocol/names/as-buffer.ts';
import type { AddressedMessage } from '../protocol/names/message.ts';
import { INTERIM_HEADER, OPENING_HEADER } from '../protocol/names/message-headers.ts';

/** The first words of their topics. */
const OPENED = ['statuses.', 'deliveries.'] as const;

/**
 * Events of which byte 60 has a bank that they are for too: the creditor's, or whom something is passed on to. Of any
 * other kind it is whom a limit, a cap or a share of a loss is against, and what stands there is not for it to know.
 */
const OF_BOTH = kindNumbers([
  ...(['queued', 'carriedOver', 'matched', 'accepted', 'settled'] as const),
  ...(['rejected', 'cancelled', 'unwound', 'repeated'] as const),
  ...(['triggered', 'earmarked', 'notEarmarked', 'promised', 'released'] as const),
  ...(['passedOn', 'recallEnded'] as const),
]);

/**
 * Messages with the openings of their events, each for a bank that its event names: what else a bank is told of an
 * event, such as of the business day, is not its own.
 * @param events consecutive
 * @param messages of whom it takes the headers over, where they are not those of another too: a copy takes as long as to
 *   hash the event
 * @param handleOf of a bank, as events name it
 * @param openings of each of the events; null: it can be opened no more
 */
export function withOpenings(
  events: Uint8Array,
  messages: readonly AddressedMessage[],
  handleOf: (bic: string) => number | undefined,
  openings: readonly (Uint8Array | null)[],
): AddressedMessage[] {
  if (events.length === 0) return [...messages];
  const bytes = asBuffer(events);
  const first = Number(bytes.readBigUInt64LE(EVENT_OFFSETS.number));
  const isOwn = new Set(messages.map(({ message }) => message.headers)).size === messages.length;
  /** Two banks are told of most events. */
  const texts: string[] = [];
  const textOf = (event: number): string | undefined => {
    const opening = openings[event];
    if (!opening) return undefined;
    texts[event] ??= asBuffer(opening).toString('base64');
    return texts[event];
  };
  return messages.map((addressed) => {
    const { topic, message } = addressed;
    const prefix = OPENED.find((one) => topic.startsWith(one));
    if (prefix === undefined) return addressed;
    // The final status of the same event has it.
    if (message.headers[INTERIM_HEADER] !== undefined) return addressed;
    const at = (Number(message.headers.ce_eventnumber) - first) * EVENT_BYTES;
    if (!(at >= 0 && at < bytes.length)) return addressed;
    const handle = handleOf(topic.slice(prefix.length));
    const isNamed =
      bytes.readUInt32LE(at + EVENT_OFFSETS.debtorAgent) === handle ||
      (bytes.readUInt32LE(at + EVENT_OFFSETS.creditorAgent) === handle &&
        OF_BOTH.has(bytes.readUInt16LE(at + EVENT_OFFSETS.kind)));
    const text = isNamed ? textOf(at / EVENT_BYTES) : undefined;
    if (text === undefined) return addressed;
    const headers: Record<string, string> = isOwn ? message.headers : { ...message.headers };
    headers[OPENING_HEADER] = text;
    return isOwn ? addressed : { topic, message: { ...message, headers } };
  });
}
