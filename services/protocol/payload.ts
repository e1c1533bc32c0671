import { readCreditTransfer } from './credit-transfer.ts';
import {
  CREDIT_TRANSFER,
  type Currencies,
  type PaymentInstruction,
  QUOTE,
  type Refusal,
} from './instruction.ts';
import { type Quote, readQuote } from './quote.ts';
import { JsonFault, parseStrictJson } from './strict-json.ts';

/** What a message's payload says, or why it cannot be cleared. */
export type Payload = PaymentInstruction | Quote | Refusal;

export const isRefusal = (payload: Payload): payload is Refusal => 'reason' in payload;
export const isQuote = (payload: PaymentInstruction | Quote): payload is Quote =>
  'dealer' in payload;

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
  const read =
    envelope.messageType === CREDIT_TRANSFER
      ? readCreditTransfer(document, currencies)
      : envelope.messageType === QUOTE
        ? readQuote(document, currencies)
        : unknownType(envelope.messageType);
  if (isRefusal(read)) return read;
  const sender = isQuote(read) ? read.dealer : read.instructingAgent;
  const id = isQuote(read) ? read.id : read.uetr;
  if (sender !== envelope.sender)
    return { reason: 'formatInvalid', detail: `ce_source ${envelope.sender} is not ${sender}` };
  if (id !== envelope.id)
    return { reason: 'formatInvalid', detail: `ce_id ${envelope.id} is not ${id}` };
  return read;
}

const unknownType = (messageType: string): Refusal => ({
  reason: 'formatInvalid',
  detail: `ce_type ${messageType}: expected ${CREDIT_TRANSFER} or ${QUOTE}`,
});
