import type { TSchema } from '@sinclair/typebox';
import { bankTopics } from '../contracts/bank-topics.ts';
import { canonical, type JsonObject, published } from '../contracts/json-schema.ts';
import { madeOnce } from '../contracts/made-once.ts';
import { pieces } from '../contracts/shared-schema-names.ts';
import { judgedSchema } from '../contracts/standard-schema.ts';
import { CASE_COMMAND_SCHEMAS } from '../protocol/records/case-command.ts';
import { COMMAND_SCHEMAS } from '../protocol/records/control-record.ts';
import { DeliveryItem, StatusItem } from './mail-items.ts';
import { problemSchemas } from './request-schemas.ts';

const payloads = (of: (type: string, payload: TSchema) => JsonObject): Record<string, JsonObject> =>
  Object.fromEntries(
    bankTopics().flatMap(({ messages }) =>
      messages.map(({ schemaId, payload }) => [schemaId, of(schemaId, payload)]),
    ),
  );

/** Made when a document is first asked for: each has all messages in it. */
const judged = madeOnce(() => payloads(judgedSchema));

/** Messages as routes have them, where the standard's table says more: by their types. */
export const messageForms = madeOnce((): Record<string, JsonObject> => {
  const forms = Object.entries(payloads((_, payload) => published(payload)));
  return Object.fromEntries(
    forms.filter(([type, form]) => canonical(form) !== canonical(judged()[type] as JsonObject)),
  );
});

/**
 * What the OpenAPI document names by itself: messages by their types, what they are made of, and items
 * of pages. What else a route takes or answers goes by the route.
 */
export const namedSchemas = madeOnce(
  (): Record<string, JsonObject> => ({
    ...pieces(),
    ...judged(),
    ...Object.fromEntries(
      Object.entries({ ...COMMAND_SCHEMAS, ...CASE_COMMAND_SCHEMAS }).map(([kind, schema]) => [
        `command.${kind}`,
        published(schema),
      ]),
    ),
    StatusItem: published(StatusItem),
    DeliveryItem: published(DeliveryItem),
    ...Object.fromEntries(
      [...problemSchemas()].map(([status, schema]) => [`Problem${status}`, published(schema)]),
    ),
  }),
);
