import type { TSchema } from '@sinclair/typebox';
import { BankTransferSchema, readBankTransfer } from './bank-transfer.ts';
import { CancellationSchema, readCancellation } from './cancellation.ts';
import { CreditTransferSchema, readCreditTransfer } from './credit-transfer.ts';
import { isRefusal } from './document.ts';
import {
  BANK_TRANSFER,
  CANCELLATION,
  type CancellationRequest,
  CREDIT_TRANSFER,
  type Currencies,
  LEG,
  type LegInstruction,
  LIMIT,
  LIMIT_REMOVAL,
  type LimitRequest,
  MESSAGE_TYPES,
  type MessageType,
  type PaymentInstruction,
  QUOTE,
  REORDERING,
  RESERVATION,
  type Refusal,
  type ReorderingRequest,
  type ReservationRequest,
} from './instruction.ts';
import { LegSchema, readLeg } from './leg.ts';
import { LimitRemovalSchema, LimitSchema, readLimit, readLimitRemoval } from './limit.ts';
import { type Quote, QuoteSchema, readQuote } from './quote.ts';
import { ReorderingSchema, readReordering } from './reordering.ts';
import { ReservationSchema, readReservation } from './reservation.ts';
import { JsonFault, parseStrictJson } from './strict-json.ts';

/** What a message that can be cleared says, by the kind of record that it becomes. */
export type Instruction =
  | ({ readonly kind: 'payment' } & PaymentInstruction)
  | ({ readonly kind: 'quote' } & Quote)
  | ({ readonly kind: 'pvpLeg' } & LegInstruction)
  | ({ readonly kind: 'cancellation' } & CancellationRequest)
  | ({ readonly kind: 'reordering' } & ReorderingRequest)
  | ({ readonly kind: 'limit' } & LimitRequest)
  | ({ readonly kind: 'reservation' } & ReservationRequest);

/** What a message's payload says, or why it cannot be cleared. */
export type Payload = Instruction | Refusal;

export { isRefusal };

interface TypeReader {
  readonly kind: Instruction['kind'];
  /** Checks the document. */
  readonly schema: TSchema;
  /** What the document says, marked with its kind. */
  readonly read: (document: unknown, currencies: Currencies) => Payload;
}

const of = <K extends Instruction['kind'], T extends object>(
  kind: K,
  schema: TSchema,
  read: (document: unknown, currencies: Currencies) => T | Refusal,
) => ({
  kind,
  schema,
  read: (document: unknown, currencies: Currencies) => {
    const result = read(document, currencies);
    // A spread would take a microsecond more.
    return isRefusal(result) ? result : Object.assign(result, { kind });
  },
});

/** By message type; a new type does not compile until it has its reader. */
const READERS: Readonly<Record<MessageType, TypeReader>> = {
  [CREDIT_TRANSFER]: of('payment', CreditTransferSchema, readCreditTransfer),
  [BANK_TRANSFER]: of('payment', BankTransferSchema, readBankTransfer),
  [QUOTE]: of('quote', QuoteSchema, readQuote),
  [LEG]: of('pvpLeg', LegSchema, readLeg),
  [CANCELLATION]: of('cancellation', CancellationSchema, readCancellation),
  [REORDERING]: of('reordering', ReorderingSchema, readReordering),
  [LIMIT]: of('limit', LimitSchema, readLimit),
  [LIMIT_REMOVAL]: of('limit', LimitRemovalSchema, readLimitRemoval),
  [RESERVATION]: of('reservation', ReservationSchema, readReservation),
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
}

/**
 * Reads the payload and holds it against the headers: type, sender and id were signed with the
 * headers' text, so a payload that names others is refused.
 */
export function readPayload(
  envelope: SignedNames,
  payload: Uint8Array,
  currencies: Currencies,
): Payload {
  let document: unknown;
  try {
    document = parseStrictJson(payload);
  } catch (error) {
    if (error instanceof JsonFault) return { reason: 'formatInvalid', detail: error.message };
    throw error;
  }
  const { messageType } = envelope;
  if (!Object.hasOwn(READERS, messageType)) return unknownType(messageType);
  const read = READERS[messageType as MessageType].read(document, currencies);
  if (isRefusal(read)) return read;
  const sender = senderOf(read);
  const id = 'uetr' in read && !('id' in read) ? read.uetr : read.id;
  if (sender !== null && sender !== envelope.sender)
    return { reason: 'formatInvalid', detail: `ce_source ${envelope.sender} is not ${sender}` };
  if (id !== envelope.id)
    return { reason: 'formatInvalid', detail: `ce_id ${envelope.id} is not ${id}` };
  return read;
}

/** Who the document says sent it; null where its type has no element for that. */
function senderOf(read: Instruction): string | null {
  switch (read.kind) {
    case 'payment':
    case 'pvpLeg':
      return read.instructingAgent;
    case 'quote':
      return read.dealer;
    case 'reordering':
      return null;
    default:
      return read.sender;
  }
}

const unknownType = (messageType: string): Refusal => ({
  reason: 'formatInvalid',
  detail: `ce_type ${messageType}: expected one of ${MESSAGE_TYPES.slice(1).join(', ')}`,
});
