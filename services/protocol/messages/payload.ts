import type { TSchema } from '@sinclair/typebox';
import { syntaxOfPayload } from '../names/content-type.ts';
import { type Refusal, refuse } from '../rules/refusal.ts';
import { type AskedForm, standardJsonReader } from '../rules/standard-json.ts';
import { type MessageForm, messageForm, standardXmlForm } from '../xml/xml-form.ts';
import { readXml } from '../xml/xml-reader.ts';
import { namespaceOf, XmlFault } from '../xml/xml-text.ts';
import { AttestationSchema, readAttestation } from './attestation.ts';
import { BankTransferSchema, readBankTransfer } from './bank-transfer.ts';
import { businessHeaderForm, hasHeader, headerFault } from './business-header.ts';
import { CancellationSchema, readCancellation } from './cancellation.ts';
import { ChainSchema, readChainLeg } from './chain.ts';
import { CreditTransferSchema, readCreditTransfer } from './credit-transfer.ts';
import {
  CreditorStatusSchema,
  RecallAnswerSchema,
  readCreditorStatus,
  readRecallAnswer,
} from './creditor-replies.ts';
import { DayQuerySchema, readDayQuery } from './day-query.ts';
import { isRefusal } from './document.ts';
import type {
  AttestationInstruction,
  CancellationRequest,
  ChainLegInstruction,
  Currencies,
  LegInstruction,
  LimitRequest,
  PaymentInstruction,
  QueryRequest,
  ReorderingRequest,
  ReplyInstruction,
  ReservationRequest,
  ReturnInstruction,
  StatusRequest,
} from './instruction.ts';
import { LimitRemovalSchema, LimitSchema, readLimit, readLimitRemoval } from './limit.ts';
import {
  ATTESTATION,
  BANK_TRANSFER,
  CANCELLATION,
  CHAIN,
  CREDIT_TRANSFER,
  CREDITOR_STATUS,
  DAY_QUERY,
  LEG,
  LIMIT,
  LIMIT_REMOVAL,
  type MessageType,
  QUEUE_QUERY,
  QUOTE,
  RECALL_ANSWER,
  REORDERING,
  REPORT_REQUEST,
  RESERVATION,
  RETURN,
  STATUS_REQUEST,
} from './message-types.ts';
import { PaymentReturnSchema, readPaymentReturn } from './payment-return.ts';
import { LegSchema, readLeg } from './pvp-leg.ts';
import { QueueQuerySchema, readQueueQuery } from './queue-query.ts';
import { type Quote, QuoteSchema, readQuote } from './quote.ts';
import { ReorderingSchema, readReordering } from './reordering.ts';
import { type ReportRequest, ReportRequestSchema, readReportRequest } from './report-request.ts';
import { ReservationSchema, readReservation } from './reservation.ts';
import { readStatusRequest, StatusRequestSchema } from './status-request.ts';
import { JsonFault, parseStrictJson } from './strict-json.ts';

/** What a message that can be cleared says, by the kind of record that it becomes. */
export type Instruction =
  | ({ readonly kind: 'payment' } & PaymentInstruction)
  | ({ readonly kind: 'quote' } & Quote)
  | ({ readonly kind: 'pvpLeg' } & LegInstruction)
  | ({ readonly kind: 'chainLeg' } & ChainLegInstruction)
  | ({ readonly kind: 'attestation' } & AttestationInstruction)
  | ({ readonly kind: 'cancellation' } & CancellationRequest)
  | ({ readonly kind: 'reordering' } & ReorderingRequest)
  | ({ readonly kind: 'limit' } & LimitRequest)
  | ({ readonly kind: 'reservation' } & ReservationRequest)
  | ({ readonly kind: 'query' } & (QueryRequest | ReportRequest | StatusRequest))
  | ({ readonly kind: 'return' } & ReturnInstruction)
  | ({ readonly kind: 'reply' } & ReplyInstruction);

/** What a message's payload says, or why it cannot be cleared. */
export type Payload = Instruction | Refusal;

export { isRefusal };

interface TypeReader {
  readonly kind: Instruction['kind'];
  /** Checks the document. */
  readonly schema: TSchema;
  /** What the document says, marked with its kind. */
  readonly read: Read<Instruction>;
}

type Read<T> = (
  document: unknown,
  currencies: Currencies,
  network: string,
  isJudged?: boolean,
) => T | Refusal;

const of = <K extends Instruction['kind'], T extends object>(
  kind: K,
  schema: TSchema,
  read: Read<T>,
) => ({
  kind,
  schema,
  read: (...given: Parameters<Read<T>>) => {
    const result = read(...given) as (T & { kind: K }) | Refusal;
    if (isRefusal(result)) return result;
    // A spread would take a microsecond more.
    result.kind = kind;
    return result;
  },
});

/** By message type; a new type does not compile until it has its reader. */
const READERS: Readonly<Record<MessageType, TypeReader>> = {
  [CREDIT_TRANSFER]: of('payment', CreditTransferSchema, readCreditTransfer),
  [BANK_TRANSFER]: of('payment', BankTransferSchema, readBankTransfer),
  [QUOTE]: of('quote', QuoteSchema, readQuote),
  [LEG]: of('pvpLeg', LegSchema, readLeg),
  [CHAIN]: of('chainLeg', ChainSchema, readChainLeg),
  [ATTESTATION]: of('attestation', AttestationSchema, readAttestation),
  [CANCELLATION]: of('cancellation', CancellationSchema, readCancellation),
  [REORDERING]: of('reordering', ReorderingSchema, readReordering),
  [LIMIT]: of('limit', LimitSchema, readLimit),
  [LIMIT_REMOVAL]: of('limit', LimitRemovalSchema, readLimitRemoval),
  [RESERVATION]: of('reservation', ReservationSchema, readReservation),
  [REPORT_REQUEST]: of('query', ReportRequestSchema, readReportRequest),
  [QUEUE_QUERY]: of('query', QueueQuerySchema, readQueueQuery),
  [DAY_QUERY]: of('query', DayQuerySchema, readDayQuery),
  [RETURN]: of('return', PaymentReturnSchema, readPaymentReturn),
  [STATUS_REQUEST]: of('query', StatusRequestSchema, readStatusRequest),
  [RECALL_ANSWER]: of('reply', RecallAnswerSchema, readRecallAnswer),
  [CREDITOR_STATUS]: of('reply', CreditorStatusSchema, readCreditorStatus),
};

/** The schema that checks the document of a message type. */
export const documentSchema = (type: MessageType): TSchema => READERS[type].schema;

/** The kind of record of a message type; an unknown type is refused as a payment. */
export const kindOfType = (messageType: string): Instruction['kind'] =>
  Object.hasOwn(READERS, messageType) ? READERS[messageType as MessageType].kind : 'payment';

/** What the headers say of the payload, and the signature covers. */
export interface SignedNames {
  readonly messageType: string;
  readonly sender: string;
  readonly id: string;
  readonly issuedAtMs: number;
}

/** Whose documents may have all that the standard has, whether Corridor heeds it or not. */
const STANDARD: ReadonlySet<MessageType> = new Set([CREDIT_TRANSFER, BANK_TRANSFER]);
const PASSES = new Map<string, (payload: Uint8Array) => object | undefined>();

/** Reads and judges a document of these in one pass; null: it has to be parsed first. */
function onePass(messageType: string): ((payload: Uint8Array) => object | undefined) | null {
  const known = PASSES.get(messageType);
  if (known) return known;
  if (!STANDARD.has(messageType as MessageType)) return null;
  const read = standardJsonReader(
    messageType,
    documentSchema(messageType as MessageType) as AskedForm,
  );
  PASSES.set(messageType, read);
  return read;
}

const FORMS = new Map<MessageType, MessageForm>();

/** How the document of a message type is written in XML. */
export function xmlForm(type: MessageType): MessageForm {
  const known = FORMS.get(type);
  if (known) return known;
  const form = STANDARD.has(type)
    ? standardXmlForm(type)
    : messageForm(namespaceOf(type), documentSchema(type));
  FORMS.set(type, form);
  return form;
}

/**
 * The document, alike in both syntaxes, with the header where it has one; or why it is none.
 * @param isTaken as in `readPayload`
 */
function parse(
  messageType: string,
  payload: Uint8Array,
  isTaken: boolean,
): { readonly document: unknown } | Refusal {
  try {
    if (syntaxOfPayload(payload) === 'json') {
      const document = parseStrictJson(payload);
      return Object.hasOwn(READERS, messageType) ? { document } : unknownType(messageType);
    }
    // What is looked for in it follows from the type.
    if (!Object.hasOwn(READERS, messageType)) return unknownType(messageType);
    const form = xmlForm(messageType as MessageType);
    return { document: readXml(payload, form, businessHeaderForm, isTaken) };
  } catch (error) {
    if (error instanceof JsonFault) return jsonRefusal(error, payload);
    if (error instanceof XmlFault) return xmlRefusal(error, payload);
    throw error;
  }
}

/**
 * A document of which nothing is known, not even that it has the form of its type; null where it cannot be read.
 * Of a log it may be under older rules, and what clearing makes of it must stay as it was.
 */
export function documentOf(messageType: string, payload: Uint8Array): unknown {
  try {
    if (syntaxOfPayload(payload) === 'json')
      return JSON.parse(Buffer.from(payload).toString('utf8'));
  } catch {
    return null;
  }
  const parsed = parse(messageType, payload, true);
  return isRefusal(parsed) ? null : parsed.document;
}

/**
 * Reads the payload and holds it against the headers: type, sender and id were signed with the
 * headers' text, so a payload that names others is refused.
 */
export function readPayload(
  envelope: SignedNames,
  payload: Uint8Array,
  currencies: Currencies,
  /** To which the terms of a chain are bound: what else is read needs none. */
  network = '',
  /** It is read again out of a log that took it, maybe by rules that let an instruction stand before it. */
  isTaken = false,
): Payload {
  const { messageType } = envelope;
  // Nearly all documents are read like this; of what is refused the parsed document tells where and why.
  const document = onePass(messageType)?.(payload);
  if (document) {
    const read = READERS[messageType as MessageType].read(document, currencies, '', true);
    if (!isRefusal(read)) return heldAgainst(envelope, document, read);
  }
  const parsed = parse(messageType, payload, isTaken);
  if (isRefusal(parsed)) return parsed;
  const read = READERS[messageType as MessageType].read(parsed.document, currencies, network);
  return isRefusal(read) ? read : heldAgainst(envelope, parsed.document, read);
}

/** What a document says, where headers say nothing else. */
function heldAgainst(envelope: SignedNames, document: unknown, read: Instruction): Payload {
  const sender = senderOf(read);
  const id = 'uetr' in read && !('id' in read) ? read.uetr : read.id;
  if (sender !== null && sender !== envelope.sender)
    return refuse('header-sender', 'ce_source', envelope.sender, `must be ${sender}`);
  if (id !== envelope.id) return refuse('header-id', 'ce_id', envelope.id, `must be ${id}`);
  if (!hasHeader(document)) return read;
  const messageId = 'messageId' in read ? read.messageId : read.id;
  return headerFault(document, { ...envelope, messageId }) ?? read;
}

/** A fault of JSON that has no place is one of all that was sent. */
const jsonRefusal = ({ rule, path, found, message }: JsonFault, payload: Uint8Array): Refusal =>
  refuse(rule, path, found === undefined && path === '/' ? beginning(payload) : found, message);

/** A fault of XML says what stands at its place, but for one where nothing was read. */
const xmlRefusal = ({ path, found, expected }: XmlFault, payload: Uint8Array): Refusal =>
  refuse('xml-form', path, found ?? beginning(payload), expected);

/** What is told of a payload that has no places: its first characters. */
const beginning = (payload: Uint8Array): string =>
  Buffer.from(payload.buffer, payload.byteOffset, Math.min(payload.length, 128)).toString('latin1');

/** Who the document says sent it; null where its type has no element for that. */
function senderOf(read: Instruction): string | null {
  switch (read.kind) {
    case 'payment':
    case 'pvpLeg':
    case 'chainLeg':
      return read.instructingAgent;
    case 'quote':
      return read.dealer;
    case 'reordering':
      return null;
    default:
      return read.sender;
  }
}

const unknownType = (messageType: string): Refusal =>
  refuse(
    'message-type',
    'ce_type',
    messageType,
    `must be one of ${Object.keys(READERS).join(', ')}`,
  );
