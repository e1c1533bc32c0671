import { EVENT_BYTES, EVENT_OFFSETS, kindNumbers } from '../core/settlement/events.ts';
import { asBuffer } from '../protocol/names/as-buffer.ts';
import type { AddressedMessage } from '../protocol/names/message.ts';
import { INTERIM_HEADER, OPENING_HEADER } from '../protocol/names/message-headers.ts';

/** The first words of their topics. */
const OPENED: ReadonlySet<string> = new Set(['statuses', 'deliveries']);

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
  /** Two banks are told of most events. */
  const texts: string[] = [];
  const textOf = (event: number): string | undefined => {
    const opening = openings[event];
    if (!opening) return undefined;
    texts[event] ??= asBuffer(opening).toString('base64');
    return texts[event];
  };
  return messages.map(({ topic, message }) => {
    const [kind = '', bic = ''] = topic.split('.');
    const at = (Number(message.headers.ce_eventnumber) - first) * EVENT_BYTES;
    // The final status of the same event has it.
    if (message.headers[INTERIM_HEADER] !== undefined) return { topic, message };
    if (!OPENED.has(kind) || !(at >= 0 && at < bytes.length)) return { topic, message };
    const handle = handleOf(bic);
    const isNamed =
      bytes.readUInt32LE(at + EVENT_OFFSETS.debtorAgent) === handle ||
      (bytes.readUInt32LE(at + EVENT_OFFSETS.creditorAgent) === handle &&
        OF_BOTH.has(bytes.readUInt16LE(at + EVENT_OFFSETS.kind)));
    const text = isNamed ? textOf(at / EVENT_BYTES) : undefined;
    if (text === undefined) return { topic, message };
    return {
      topic,
      message: { ...message, headers: { ...message.headers, [OPENING_HEADER]: text } },
    };
  });
}
