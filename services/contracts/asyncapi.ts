import type { BankTopic, TopicMessage } from './bank-topics.ts';
import type { JsonObject } from './json-schema.ts';
import { published, SharedSchemas } from './json-schema.ts';
import { EXAMPLE } from './sent-messages.ts';
import { described, pieces } from './shared-schema-names.ts';
import { judgedSchema, standardSchema } from './standard-schema.ts';

const KAFKA_BINDING = '0.5.0';
const SCHEMAS = '#/components/schemas/';

/**
 * The topics of a bank as AsyncAPI 3, from the bank's side: what it may send, and what it receives. An
 * application that does what the document says is a bank of the network.
 */
export function asyncApi(topics: readonly BankTopic[], version: string): JsonObject {
  const payloads = new Map<string, JsonObject>();
  for (const { messages } of topics)
    for (const { schemaId, payload } of messages)
      payloads.set(schemaId, judgedSchema(schemaId, payload));
  const shared = new SharedSchemas(
    SCHEMAS,
    { ...pieces(), ...Object.fromEntries(payloads) },
    standardSchema,
  );
  const messages: Record<string, JsonObject> = {};
  const channels: Record<string, JsonObject> = {};
  const operations: Record<string, JsonObject> = {};
  for (const topic of topics) {
    for (const message of topic.messages)
      messages[messageName(topic, message)] = messageObject(topic, message, shared);
    channels[topic.name] = channelObject(topic);
    operations[`${topic.action}-${topic.name}`] = {
      action: topic.action,
      channel: { $ref: `#/channels/${topic.name}` },
      summary: topic.description,
    };
  }
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'Corridor: a bank’s topics',
      version,
      description:
        'Seen from a bank: it sends to `payments` and receives the other topics. Examples of what banks sign, and of camt.052 and camt.053, which the node signs, have signatures that can be verified: they are made for the network `sandbox-1` with the first secret key of RFC 8032, section 7.1, over the payload as compact JSON in the order of this document (no blanks between tokens, UTF-8). docs/messages.md explains the messages.',
      license: { name: 'Apache-2.0', url: 'https://www.apache.org/licenses/LICENSE-2.0.html' },
      tags: [{ name: 'payments' }, { name: 'iso20022' }],
    },
    defaultContentType: 'application/json',
    servers: SERVERS,
    channels,
    operations,
    components: {
      securitySchemes: SECURITY,
      messages,
      schemas: described(shared.used()),
    },
  };
}

const SECURITY = {
  certificate: {
    type: 'X509',
    description: 'A client certificate whose subject is CN=<BIC>: docs/integration.md',
  },
  scram: {
    type: 'scramSha512',
    description: 'Over TLS, with the BIC as the user’s name: where the operator has set it up',
  },
};
const SERVERS = {
  kafka: {
    host: '{broker}',
    protocol: 'kafka-secure',
    description:
      'The banks’ listener of the network’s Kafka. Each record is signed by its sender beside that: who connects may read its own topics, and a payment is its bank’s by its signature.',
    variables: {
      broker: {
        default: 'kafka.example.com:9094',
        description: 'Host and port, from the operator',
      },
    },
    security: [
      { $ref: '#/components/securitySchemes/certificate' },
      { $ref: '#/components/securitySchemes/scram' },
    ],
  },
};

const messageName = ({ name }: BankTopic, { type }: TopicMessage): string =>
  type === null ? name : `${name}-${type}`;

function messageObject(
  topic: BankTopic,
  { type, schemaId, title, headers, example }: TopicMessage,
  shared: SharedSchemas,
): JsonObject {
  return {
    name: type ?? topic.name,
    title,
    ...(type !== null && {
      description: `In XML (content-type application/xml) the same elements, by schemas/${schemaId}.xsd; with a header head.001.001.02 both stand in an envelope.`,
    }),
    contentType: 'application/json',
    headers: shared.refer(published(headers)),
    payload: shared.reference(schemaId),
    ...(example && {
      examples: [
        {
          name: 'example',
          headers: { ...example.headers },
          payload: JSON.parse(Buffer.from(example.payload).toString('utf8')),
        },
      ],
    }),
    bindings: {
      kafka: {
        key: { type: 'string', ...topic.key },
        bindingVersion: KAFKA_BINDING,
      },
    },
  };
}

function channelObject(topic: BankTopic): JsonObject {
  const { address, description, messages } = topic;
  return {
    address,
    description,
    ...(address.includes('{bic}') && {
      parameters: {
        bic: { description: 'The BIC of the bank', examples: [EXAMPLE.bank] },
      },
    }),
    messages: Object.fromEntries(
      messages.map((message) => [
        message.type ?? topic.name,
        { $ref: `#/components/messages/${messageName(topic, message)}` },
      ]),
    ),
  };
}
