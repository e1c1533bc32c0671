import { type JsonObject, published, SharedSchemas } from './json-schema.ts';
import { described, pieces } from './pieces.ts';
import type { BankTopic } from './topics.ts';

const DIALECT = 'https://json-schema.org/draft/2020-12/schema';

/** By type, the JSON Schema of a message's payload: a document of its own. */
export function messageSchemas(topics: readonly BankTopic[]): Map<string, JsonObject> {
  const schemas = new Map<string, JsonObject>();
  for (const { name, messages } of topics)
    for (const { type, title, payload } of messages) {
      const shared = new SharedSchemas('#/$defs/', pieces());
      const schema = shared.refer(published(payload)) as JsonObject;
      const id = type ?? name;
      const $defs = described(shared.used());
      schemas.set(id, {
        $schema: DIALECT,
        $id: `urn:corridor:schema:${id}`,
        title: `${id}: ${title}`,
        ...schema,
        ...(Object.keys($defs).length > 0 && { $defs }),
      });
    }
  return schemas;
}
