import { type Static, Type } from '@sinclair/typebox';
import { TOLD } from '../contracts/told-messages.ts';
import type { LoggedMessage } from '../live/service-context.ts';
import {
  readStatusReport,
  type StatusCode,
  TRANSACTION_STATUSES,
} from '../protocol/messages/status-report.ts';
import { isUetr } from '../protocol/names/bic-and-uetr.ts';
import { syntaxOf } from '../protocol/names/content-type.ts';
import { OPENING_HEADER } from '../protocol/names/message-headers.ts';
import { mailPosition } from './mail-resume-position.ts';

const Placed = {
  position: Type.String({ description: 'Where to go on from: `from`, or Last-Event-ID.' }),
  pool: Type.String(),
  eventNumber: Type.Integer({
    description: 'Number of the event in its pool. One event may tell several things.',
  }),
  id: Type.String({ description: 'Drop what you have by (pool, eventNumber, id).' }),
  type: Type.String({
    description: 'Type of what lies in the topic (its ce_type): of a delivery that of the message',
  }),
};

/** The headers ce_repeat and ce_firsteventnumber. */
const Repeated = {
  repeat: Type.Boolean({
    description: 'Whether it tells once more what was told before, as its message came again.',
  }),
  firstEventNumber: Type.Union([Type.Integer(), Type.Null()], {
    description:
      'Of a repeat: the number of the event that told it first; null of a request, where that lies far back, and of what is no repeat.',
  }),
};

const told = (topic: string) =>
  Type.Unsafe<unknown>(
    Type.Union(
      [
        ...Object.values(TOLD)
          .filter((one) => one.topic === topic)
          .map(({ schema }) => schema),
        Type.String({ description: 'What is told in XML' }),
      ],
      { description: 'The message as it lies in the topic: `type` says which.' },
    ),
  );

/** What of a message the node signed, to the byte. */
const Signed = Type.Object(
  {
    headers: Type.Record(Type.String(), Type.String(), {
      description: 'Those of the topic: ce_keyid, ce_issuedatms and ce_signature beside the others',
    }),
    payload: Type.String({ description: 'The bytes that were signed, in base64' }),
  },
  {
    description:
      'Where the clearing node signed it (docs/messages.md, "What the node signs"): the same message, as its signature can be verified',
  },
);

export const StatusItem = Type.Object({
  ...Placed,
  ...Repeated,
  uetr: Type.Union([Type.String(), Type.Null()], {
    description:
      'Null in a notice of a message that failed authentication, and in an answer to a request that is no status of a payment (pacs.002). Where a recall ends unanswered (camt.029, NOAS) that of its payment.',
  }),
  messageType: Type.Union([Type.String(), Type.Null()], {
    description:
      'Type of the message that the status is about; null in a notice and in an answer that is no pacs.002.',
  }),
  status: Type.Unsafe<StatusCode | ''>({
    type: 'string',
    enum: [...TRANSACTION_STATUSES, ''],
    description:
      'TxSts; empty in an answer to a request that is no pacs.002, and in what no message asked for. ACTC is of quotes alone. ACSP with the reason QUORUM: it has settled, and the final status follows once the network’s auditors agree.',
  }),
  document: told('statuses'),
  opening: Type.Optional(
    Type.String({
      description:
        'What shows that the entry of the pool’s transparency log is of this event, in base64 (docs/evidence.md); where the pool has a log and the event names the bank',
    }),
  ),
  signed: Type.Optional(Signed),
});
export type StatusItem = Static<typeof StatusItem>;

export const DeliveryItem = Type.Object({
  ...Placed,
  uetr: Type.String(),
  settledAtMs: Type.Union([Type.Integer(), Type.Null()], {
    description:
      'When it settled, ms since 1970; null for what another bank says of a settled payment.',
  }),
  headers: Type.Record(Type.String(), Type.String(), {
    description: "The sender's headers, with its signature.",
  }),
  payload: Type.String({ description: "The sender's payload to the byte, in base64." }),
});
export type DeliveryItem = Static<typeof DeliveryItem>;

export const StatementItem = Type.Object({
  ...Placed,
  ...Repeated,
  id: Type.String({ description: 'Its own: drop what you have by it.' }),
  document: told('statements'),
  signed: Type.Optional(Signed),
});
export type StatementItem = Static<typeof StatementItem>;

const placed = (record: LoggedMessage) => ({
  position: mailPosition(record),
  pool: record.headers.ce_pool ?? '',
  eventNumber: Number(record.headers.ce_eventnumber),
  id: record.headers.ce_id ?? '',
  type: record.headers.ce_type ?? '',
});

function repeated({ headers: { ce_repeat, ce_firsteventnumber: first } }: LoggedMessage) {
  return {
    repeat: ce_repeat === 'true',
    firstEventNumber: first === undefined ? null : Number(first),
  };
}

/** What lies in the topic: an object, or XML as a text. */
function documentOf({ value, headers }: LoggedMessage): unknown {
  const text = Buffer.from(value).toString('utf8');
  return syntaxOf(headers['content-type']) === 'xml' ? text : JSON.parse(text);
}

/** Headers and bytes of what the node signed; nothing of anything else. */
const signedOf = ({ headers, value }: LoggedMessage): Pick<StatusItem, 'signed'> =>
  headers.ce_signature === undefined
    ? {}
    : { signed: { headers: { ...headers }, payload: Buffer.from(value).toString('base64') } };

export function statementItem(record: LoggedMessage): StatementItem {
  const id = record.headers.ce_id ?? '';
  return {
    ...placed(record),
    ...{ id, ...repeated(record), document: documentOf(record) },
    ...signedOf(record),
  };
}

export function statusItem(record: LoggedMessage): StatusItem {
  const report = readStatusReport(record.value);
  // An answer to a request is of its own type, and about no payment alone. What no message asked for is, and goes by its UETR.
  const { status, uetr, messageType } = report ?? {
    status: '' as const,
    uetr: record.key !== null && isUetr(record.key) ? record.key : null,
    messageType: null,
  };
  const opening = record.headers[OPENING_HEADER];
  const about = {
    ...{ uetr, messageType, status, document: documentOf(record) },
    ...(opening !== undefined && { opening }),
  };
  return { ...placed(record), ...repeated(record), ...about, ...signedOf(record) };
}

export function deliveryItem(record: LoggedMessage): DeliveryItem {
  const settled = record.headers.ce_settledatms;
  return {
    ...placed(record),
    uetr: record.headers.ce_uetr ?? record.headers.ce_id ?? '',
    settledAtMs: settled === undefined ? null : Number(settled),
    headers: { ...record.headers },
    payload: Buffer.from(record.value).toString('base64'),
  };
}
