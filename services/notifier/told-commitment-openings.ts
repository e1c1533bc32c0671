import { EVENT_BYTES, EVENT_OFFSETS, kindNumbers } from '../core/settlement/events.ts';
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

/** What opens an event, as a header has it. */
export interface Openings {
  /** @param index of the event among them; null: it can be opened no more */
  of(index: number): string | null;
}

/**
 * Messages with the openings of their events, each for a bank that its event names: what else a bank is told of an
 * event, such as of the business day, is not its own.
 * @param events consecutive
 * @param messages whose headers it takes over: a copy takes as long as to hash the event
 * @param handleOf of a bank, as events name it
 */
export function withOpenings(
  events: Uint8Array,
  messages: readonly AddressedMessage[],
  handleOf: (bic: string) => number | undefined,
  openings: Openings,
): readonly AddressedMessage[] {
  if (events.length === 0) return messages;
  const view = new DataView(events.buffer, events.byteOffset, events.length);
  const first = Number(view.getBigUint64(EVENT_OFFSETS.number, true));
  /** Of topics; null: what is told there is opened to nobody. */
  const handles = new Map<string, number | null>();
  const handleAt = (topic: string): number | null => {
    let handle = handles.get(topic);
    if (handle === undefined) {
      const prefix = OPENED.find((one) => topic.startsWith(one));
      handle = prefix === undefined ? null : (handleOf(topic.slice(prefix.length)) ?? null);
      handles.set(topic, handle);
    }
    return handle;
  };
  const openingFor = ({ topic, message: { headers } }: AddressedMessage): string | null => {
    const handle = handleAt(topic);
    // The final status of the same event has it.
    if (handle === null || headers[INTERIM_HEADER] !== undefined) return null;
    const at = (Number(headers.ce_eventnumber) - first) * EVENT_BYTES;
    if (!(at >= 0 && at < events.length)) return null;
    const isNamed =
      view.getUint32(at + EVENT_OFFSETS.debtorAgent, true) === handle ||
      (view.getUint32(at + EVENT_OFFSETS.creditorAgent, true) === handle &&
        OF_BOTH.has(view.getUint16(at + EVENT_OFFSETS.kind, true)));
    return isNamed ? openings.of(at / EVENT_BYTES) : null;
  };
  const others: number[] = [];
  messages.forEach((addressed, at) => {
    const text = openingFor(addressed);
    if (text === null) others.push(at);
    else (addressed.message.headers as Record<string, string>)[OPENING_HEADER] = text;
  });
  // Headers may be of several messages, of which not all are for a bank that the event names.
  const isShown = (at: number) => messages[at]?.message.headers[OPENING_HEADER] !== undefined;
  if (!others.some(isShown)) return messages;
  const hidden = new Set(others.filter(isShown));
  return messages.map((addressed, at) => (hidden.has(at) ? withoutOpening(addressed) : addressed));
}

function withoutOpening({ topic, message }: AddressedMessage): AddressedMessage {
  const { [OPENING_HEADER]: _, ...headers } = message.headers;
  return { topic, message: { ...message, headers } };
}
