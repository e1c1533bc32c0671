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

/** What opens a message's event to whom it is told; null: it is nothing for that bank. */
export type OpeningFor = (addressed: AddressedMessage) => string | null;

/**
 * What is told of events with their openings, each for a bank that its event names: what else a bank is told of an
 * event, such as of the business day, is not its own.
 * @param events consecutive
 * @param handleOf of a bank, as events name it
 */
export function openingFor(
  events: Uint8Array,
  handleOf: (bic: string) => number | undefined,
  openings: Openings,
): OpeningFor {
  if (events.length === 0) return () => null;
  const view = new DataView(events.buffer, events.byteOffset, events.length);
  const first = Number(view.getBigUint64(EVENT_OFFSETS.number, true));
  /** Of topics; null: what is told there is opened to nobody. */
  const handles = new Map<string, number | null>();
  const handleAt = (topic: string): number | null => {
    const known = handles.get(topic);
    if (known !== undefined) return known;
    const prefix = OPENED.find((one) => topic.startsWith(one));
    const handle = prefix === undefined ? null : handleOf(topic.slice(prefix.length));
    // A bank may get its handle by one of the events.
    if (handle !== undefined) handles.set(topic, handle);
    return handle ?? null;
  };
  return ({ topic, message: { headers } }) => {
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
}

/**
 * Gives the messages from a place on their openings. It takes their headers over, and soon after they were made: to come
 * back to a thousand messages takes longer than to hash their events.
 */
export function addOpenings(messages: AddressedMessage[], from: number, of: OpeningFor): void {
  let others = 0;
  for (let at = from; at < messages.length; at += 1) {
    const addressed = messages[at] as AddressedMessage;
    const text = of(addressed);
    if (text === null) others += 1;
    else (addressed.message.headers as Record<string, string>)[OPENING_HEADER] = text;
  }
  // Headers may be of several messages, of which not all are for a bank that the event names.
  if (others === 0) return;
  for (let at = from; at < messages.length; at += 1) {
    const addressed = messages[at] as AddressedMessage;
    if (addressed.message.headers[OPENING_HEADER] !== undefined && of(addressed) === null)
      messages[at] = withoutOpening(addressed);
  }
}

function withoutOpening({ topic, message }: AddressedMessage): AddressedMessage {
  const { [OPENING_HEADER]: _, ...headers } = message.headers;
  return { topic, message: { ...message, headers } };
}
