import { type JsonObject, published } from '../contracts/json-schema.ts';
import { pieces } from '../contracts/pieces.ts';
import { bankTopics } from '../contracts/topics.ts';
import { COMMAND_SCHEMAS } from '../protocol/records/control-record.ts';
import { DeliveryItem, StatusItem } from './mail-items.ts';
import { problemSchemas } from './schemas.ts';

/**
 * What the OpenAPI document names by itself: messages by their types, what they are made of, and items
 * of pages. What else a route takes or answers goes by the route.
 */
export const namedSchemas = (): Record<string, JsonObject> => ({
  ...pieces(),
  ...Object.fromEntries(
    bankTopics().flatMap(({ name, messages }) =>
      messages.map(({ type, payload }) => [type ?? name, published(payload)]),
    ),
  ),
  ...Object.fromEntries(
    Object.entries(COMMAND_SCHEMAS).map(([kind, schema]) => [`command.${kind}`, published(schema)]),
  ),
  StatusItem: published(StatusItem),
  DeliveryItem: published(DeliveryItem),
  ...Object.fromEntries(
    [...problemSchemas()].map(([status, schema]) => [`Problem${status}`, published(schema)]),
  ),
});
