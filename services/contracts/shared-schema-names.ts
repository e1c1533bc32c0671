import type { TSchema } from '@sinclair/typebox';
import {
  agent,
  amount,
  currencyCode,
  id35,
  isoDate,
  messageHeader,
  originalReference,
  quantity,
  standardAgent,
  uetr,
  utcTime,
} from '../protocol/messages/document.ts';
import { groupHeader } from '../protocol/messages/transfer-parts.ts';
import { type JsonObject, published } from './json-schema.ts';
import { HEADER, withStandard } from './standard-schema.ts';

/** What the schemas of messages share, by the name under which a document has it once. */
const PIECES: Readonly<Record<string, readonly [TSchema, string]>> = {
  Agent: [agent, 'A participant, by its BIC of 8 or 11 characters: the two are two participants'],
  Amount: [amount, 'Money: both are strings, and a JSON number is refused'],
  CurrencyCode: [currencyCode, 'ISO 4217'],
  Date: [isoDate, 'A calendar date'],
  GroupHeader: [groupHeader, 'One payment a message'],
  Identifier: [id35, 'An id of the sender’s own'],
  MessageHeader: [messageHeader, 'The message’s own id is `ce_id` too'],
  Quantity: [
    quantity,
    'A decimal number as a string, with at most the decimals of its currency or security: more are refused, never rounded',
  ],
  OriginalReference: [originalReference, 'What a message says again of its transfer'],
  StandardAgent: [standardAgent, 'A participant, by its BIC; else as the standard has it'],
  Uetr: [uetr, 'A lower-case UUID of version 4'],
  UtcTime: [utcTime, 'An instant in UTC, to the millisecond'],
};

/** By name, as they stand in schemas. */
export const pieces = (): Record<string, JsonObject> => ({
  ...Object.fromEntries(
    Object.entries(PIECES).map(([name, [schema]]) => [name, withStandard(published(schema))]),
  ),
  BusinessHeader: HEADER(),
});

/** With what is told of each piece, beside it. */
export function described(named: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(named).map(([name, schema]) => {
      const description = PIECES[name]?.[1];
      return [name, description ? { description, ...(schema as JsonObject) } : schema];
    }),
  );
}
