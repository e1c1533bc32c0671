import { bankQueue } from '../analysis/waits/bank-queue.ts';
import type { WaitBook } from '../analysis/waits/wait-book.ts';
import type { WaitKind } from '../analysis/waits/waiting-message.ts';
import type { EventOf } from '../core/settlement/settlement-event.ts';
import { type CurrencyDay, DAY_REPORT, writeDayReport } from '../protocol/messages/day-report.ts';
import type { Currencies } from '../protocol/messages/instruction.ts';
import { DAY_QUERY, QUEUE_QUERY } from '../protocol/messages/message-types.ts';
import { isRefusal, readPayload } from '../protocol/messages/payload.ts';
import {
  type PendingCode,
  pagesOf,
  QUEUE_REPORT,
  TOLD_MAX,
  writeQueueReport,
} from '../protocol/messages/queue-report.ts';
import type { Bic } from '../protocol/names/bic-and-uetr.ts';
import type { AddressedMessage } from '../protocol/names/message.ts';
import { toldId } from '../protocol/names/message-ids.ts';
import { statusesOf } from '../protocol/names/topic-plan.ts';
import type { Original } from '../protocol/records/input-record.ts';
import type { ChainConditions } from './chain-conditions.ts';
import type { Originals } from './kept-originals.ts';
import type { BusinessDay } from './openings-and-late-closes-told.ts';
import type { StatementSender } from './statements.ts';

/** Questions whose answer stands in the bank's statuses, from what waits and from the business day. */
const ANSWERED: ReadonlySet<string> = new Set([QUEUE_QUERY, DAY_QUERY]);
export const isAnsweredQuery = (type: string | undefined): boolean => ANSWERED.has(type ?? '');

const ASSET_CODE_LENGTH = 3;
const PENDING: Readonly<Partial<Record<WaitKind, PendingCode>>> = {
  accepted: 'ACPD',
  closed: 'VALD',
  earliestTime: 'VALD',
  unmatched: 'UMAC',
};

/** What such a question is answered from: as it is after the question's event. */
export interface QueryBooks {
  readonly waits: WaitBook;
  readonly day: BusinessDay;
  readonly originals: Originals;
  readonly conditions: Pick<ChainConditions, 'waitOf'>;
}

type Answering = EventOf<'queried' | 'repeated'>;

/** Answers a camt.005 by camt.006 and a camt.018 by camt.019; again where it was sent again. */
export function answerQuery(
  event: Answering,
  { headers, payload }: Original,
  to: Bic,
  books: QueryBooks,
  sender: StatementSender,
  network: string,
  currencies: Currencies,
): AddressedMessage[] {
  const { ce_id: queryId = '', ce_type: messageType = '', ce_source: source = '' } = headers;
  const names = { messageType, sender: source, id: queryId };
  const asked = readPayload(
    { ...names, issuedAtMs: Number(headers.ce_issuedatms) },
    payload,
    currencies,
    network,
    true,
  );
  // The pool takes a request only where it can be read.
  if (isRefusal(asked) || asked.kind !== 'query')
    throw new Error(`the request of event ${event.number} cannot be read`);
  const { directory, pool } = sender;
  const participant = directory.participantHandle(to) as number;
  const currency =
    asked.currency === null ? null : (directory.currencyHandle(asked.currency) ?? null);
  const created = { createdAtMs: event.timeMs, queryId };
  const told = (id: string, type: string, value: Uint8Array): AddressedMessage => ({
    topic: statusesOf(to),
    message: {
      ...{ key: queryId, value, timestampMs: event.timeMs },
      headers: sender.headers(event, id, type),
    },
  });
  if (messageType === DAY_QUERY) {
    const id = toldId(`${pool}-${event.number}-answer`);
    const days = daysOf(books, participant, currency, sender);
    return [told(id, DAY_REPORT, writeDayReport({ messageId: id, ...created, network }, days))];
  }
  const idIn = ({ position }: { readonly position: number }) => idOf(books.originals, position);
  const awaitedOf = ({ position }: { readonly position: number }) =>
    books.conditions.waitOf(position, books.waits.timeMs) ?? [];
  const queue = bankQueue(books.waits, directory, participant, currency, TOLD_MAX, idIn, awaitedOf);
  const waiting = queue.entries.map((entry) => ({
    ...entry,
    pending: PENDING[entry.kind] ?? ('PSTL' as const),
    reason: entry.reason?.code ?? null,
    information: [
      ...(entry.reason ? [entry.reason.text, entry.reason.remedy] : []),
      ...entry.information,
    ],
  }));
  return Array.from({ length: pagesOf(waiting) }, (_, at) => {
    const page = at + 1;
    const id = toldId(`${pool}-${event.number}-answer${page > 1 ? `-${page}` : ''}`);
    return told(
      id,
      QUEUE_REPORT,
      writeQueueReport({ messageId: id, ...created, to }, waiting, queue.count, page),
    );
  });
}

/** As its sender named it: the UETR, or of a return the message id. */
const idOf = (originals: Originals, position: number): string =>
  originals.bytesOf(position)?.headers.ce_id ?? '';

/** A security has no place in a camt.019, whose currencies are codes of three letters. */
function daysOf(
  { waits, day }: QueryBooks,
  participant: number,
  asked: number | null,
  { directory }: StatementSender,
): CurrencyDay[] {
  return waits
    .accountsOf(participant)
    .filter((currency) => asked === null || asked === currency)
    .map((currency) => ({
      currency: directory.currency(currency).currency,
      day: day.of(currency) ?? null,
    }))
    .filter(({ currency }) => currency.length === ASSET_CODE_LENGTH);
}
