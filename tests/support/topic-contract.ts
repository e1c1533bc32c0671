import { Ajv2020 } from 'ajv/dist/2020.js';
import { XmlDocument, XsdValidator } from 'libxml2-wasm';
import { type BankTopic, bankTopics } from '../../services/contracts/bank-topics.ts';
import { published } from '../../services/contracts/json-schema.ts';
import { messageSchemas, messageXsds } from '../../services/contracts/message-schemas.ts';
import { syntaxOfPayload } from '../../services/protocol/names/content-type.ts';
import type { Message } from '../../services/protocol/names/message.ts';
import { QUOTES } from '../../services/protocol/names/topic-plan.ts';

const topics = bankTopics();
const schemas = messageSchemas(topics);
const ajv = new Ajv2020({ strict: false, formats: { int64: true } });
const xsds = messageXsds(schemas);
const validators = new Map<string, XsdValidator>();
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
  const { ce_type: type } = record.headers;
  const message = topic.messages.find((one) => one.type === null || one.type === type);
  if (!message)
    return [`${name}: ${type} has no row in services/contracts (told-messages.ts, bank-topics.ts)`];
  const id = `${topic.name} ${message.schemaId}`;
  const { pattern } = topic.key;
  const isKey = record.key !== null && new RegExp(pattern).test(record.key);
  return [
    ...(isKey ? [] : [`${id}: key ${record.key} is not ${pattern}`]),
    ...fault(`${id} headers`, () => published(message.headers), record.headers),
    ...(isEnd(topic, record) ? [] : payloadFaults(message.schemaId, record.value)),
  ];
}

/** A record without a value, which in a view ends what its key had. */
const isEnd = (topic: BankTopic, { value }: Pick<Message, 'value'>): boolean =>
  topic.name === QUOTES && value.length === 0;

const payloadFaults = (schemaId: string, value: Uint8Array): string[] =>
  syntaxOfPayload(value) === 'xml'
    ? xmlFault(schemaId, value)
    : fault(
        schemaId,
        () => schemas.get(schemaId) as object,
        JSON.parse(Buffer.from(value).toString('utf8')),
      );

/** XML by the XSD of its type: the document alone, without the wrapper and the header before it. */
function xmlFault(id: string, value: Uint8Array): string[] {
  const [document] =
    /<(Document|Allegement)[\s>][\s\S]*<\/\1>/.exec(Buffer.from(value).toString('utf8')) ?? [];
  if (!document) return [`${id}: no document in the XML`];
  const read = XmlDocument.fromString(document);
  const xsd =
    validators.get(id) ?? XsdValidator.fromDoc(XmlDocument.fromString(xsds.get(id) as string));
  validators.set(id, xsd);
  try {
    xsd.validate(read);
    return [];
  } catch (error) {
    return [`${id}: ${(error as Error).message}`];
  } finally {
    read.dispose();
  }
}
