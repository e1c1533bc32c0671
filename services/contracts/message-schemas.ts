import { PARTICIPANTS, QUOTES } from '../protocol/names/topic-plan.ts';
import type { BankTopic } from './bank-topics.ts';
import { type JsonObject, SharedSchemas } from './json-schema.ts';
import { described, pieces } from './shared-schema-names.ts';
import { judgedSchema, standardSchema } from './standard-schema.ts';
import { xsdOf } from './xsd.ts';

const DIALECT = 'https://json-schema.org/draft/2020-12/schema';

/** By type, the JSON Schema of a message's payload: a document of its own. */
export function messageSchemas(topics: readonly BankTopic[]): Map<string, JsonObject> {
  const schemas = new Map<string, JsonObject>();
  const named = pieces();
  for (const { messages } of topics)
    for (const { schemaId: id, title, payload } of messages) {
      if (schemas.has(id)) continue;
      const shared = new SharedSchemas('#/$defs/', named, standardSchema);
      const schema = shared.refer(judgedSchema(id, payload)) as JsonObject;
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

/** Without the topic that stands before a type that has two forms. */
const typeOf = (id: string): string => id.replace(/^(payments|statuses|deliveries)\./, '');

/** Topics that have one kind of record, in JSON alone. */
const VIEWS: ReadonlySet<string> = new Set([PARTICIPANTS, QUOTES]);

/** By type, the XSD of each message that is written in XML too. */
export const messageXsds = (schemas: ReadonlyMap<string, JsonObject>): Map<string, string> =>
  new Map(
    [...schemas].flatMap(([type, schema]) =>
      VIEWS.has(type) ? [] : [[type, xsdOf(typeOf(type), schema)] as [string, string]],
    ),
  );
