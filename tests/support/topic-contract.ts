import { Ajv2020 } from 'ajv/dist/2020.js';
import { published } from '../../services/contracts/json-schema.ts';
import { messageSchemas } from '../../services/contracts/message-schemas.ts';
import { type BankTopic, bankTopics, type TopicMessage } from '../../services/contracts/topics.ts';
import { businessHeaderForm } from '../../services/protocol/messages/business-header.ts';
import { syntaxOf } from '../../services/protocol/names/content-type.ts';
import type { Message } from '../../services/protocol/names/message.ts';
import { messageForm } from '../../services/protocol/xml/xml-form.ts';
import { readXml } from '../../services/protocol/xml/xml-reader.ts';
import { namespaceOf } from '../../services/protocol/xml/xml-text.ts';

const topics = bankTopics();
const schemas = messageSchemas(topics);
const ajv = new Ajv2020({ strict: false });
const checks = new Map<string, ReturnType<typeof ajv.compile>>();

function fault(name: string, schema: () => object, value: unknown): string[] {
  const check = checks.get(name) ?? ajv.compile(schema());
  checks.set(name, check);
  return check(value) ? [] : [ajv.errorsText(check.errors, { dataVar: name })];
}

/** The topic of the contract that a name is one of; undefined: banks have no part in it. */
export const contractTopic = (name: string): BankTopic | undefined =>
  topics.find(({ address }) => {
    const [start = '', end] = address.split('{bic}');
    return end === undefined ? name === address : name.startsWith(start);
  });

/** What of a record in a bank's topic the contract does not say; a topic of others is not looked at. */
export function topicFaults(name: string, record: Omit<Message, 'timestampMs'>): string[] {
  const topic = contractTopic(name);
  if (!topic) return [];
  const { ce_type: type, 'content-type': contentType } = record.headers;
  const message = topic.messages.find((one) => one.type === null || one.type === type);
  if (!message)
    return [`${name}: ${type} has no row in services/contracts (told-messages.ts, topics.ts)`];
  const id = `${topic.name} ${message.schemaId}`;
  const { pattern } = topic.key;
  const isKey = record.key !== null && new RegExp(pattern).test(record.key);
  return [
    ...(isKey ? [] : [`${id}: key ${record.key} is not ${pattern}`]),
    ...fault(`${id} headers`, () => published(message.headers), record.headers),
    ...fault(
      message.schemaId,
      () => schemas.get(message.schemaId) as object,
      documentIn(message, record.value, contentType),
    ),
  ];
}

/** The document in a record, without the header that XML has before it. */
function documentIn(message: TopicMessage, value: Uint8Array, contentType?: string): unknown {
  if (syntaxOf(contentType) === 'json') return JSON.parse(Buffer.from(value).toString('utf8'));
  const form = messageForm(namespaceOf(message.type as string), message.payload);
  const { AppHdr: _, ...document } = readXml(value, form, businessHeaderForm);
  return document;
}
