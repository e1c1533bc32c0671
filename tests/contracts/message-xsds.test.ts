/** The XSD of each message, by libxml2: what it takes of examples and of changed documents, held against the JSON Schema and the code. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { XmlDocument, XsdValidator } from 'libxml2-wasm';
import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { bankTopics } from '../../services/contracts/bank-topics.ts';
import { messageSchemas, messageXsds } from '../../services/contracts/message-schemas.ts';
import { EXAMPLE } from '../../services/contracts/sent-messages.ts';
import { JUDGED_BY_STANDARD } from '../../services/contracts/standard-schema.ts';
import { BUSINESS_HEADER } from '../../services/protocol/messages/business-header.ts';
import { DAY_REPORT, writeDayReport } from '../../services/protocol/messages/day-report.ts';
import { isRefusal, readPayload } from '../../services/protocol/messages/payload.ts';
import { readEnvelope } from '../../services/protocol/names/message-headers.ts';
import { namespaceOf } from '../../services/protocol/xml/xml-text.ts';
import { writeXml } from '../../services/protocol/xml/xml-writer.ts';
import { atLeast } from '../support/at-least.ts';

const topics = bankTopics();
const schemas = messageSchemas(topics);
const xsds = messageXsds(schemas);
const messages = topics
  .filter(({ name }) => !['participants', 'quotes', 'deliveries'].includes(name))
  .flatMap((topic) => topic.messages)
  .flatMap((message) => (message.example ? [{ ...message, example: message.example }] : []));

/** Whether an XSD takes a document; null: it does, else what is wrong. */
function xsdFault(xsd: XsdValidator, type: string, document: object): string | null {
  const bytes = writeXml(document, {
    message: namespaceOf(type),
    header: namespaceOf(BUSINESS_HEADER),
  });
  const read = XmlDocument.fromBuffer(bytes);
  try {
    xsd.validate(read);
    return null;
  } catch (error) {
    return (error as Error).message;
  } finally {
    read.dispose();
  }
}

function withXsd(id: string, use: (xsd: XsdValidator) => void): void {
  const document = XmlDocument.fromString(xsds.get(id) as string);
  const validator = XsdValidator.fromDoc(document);
  try {
    use(validator);
  } finally {
    validator.dispose();
    document.dispose();
  }
}

const documentOf = (payload: Uint8Array) => JSON.parse(Buffer.from(payload).toString('utf8'));

test('each example is written in XML as its XSD has it', () => {
  for (const { type, schemaId, example } of atLeast(14, messages))
    withXsd(schemaId, (xsd) =>
      assert.equal(xsdFault(xsd, type as string, documentOf(example.payload)), null, schemaId),
    );
});

test('the business day of two currencies is written in XML as its XSD has it', () => {
  const currencies = ['EUR', 'USD'].map((currency) => ({ currency, day: null }));
  const open = { date: 20_528, openedMs: 1, cutOffMs: 2, closedMs: null };
  const head = { messageId: 'main-1-answer', createdAtMs: 1, queryId: 'Q-1', network: 'sandbox-1' };
  withXsd(DAY_REPORT, (xsd) => {
    for (const days of [currencies, currencies.map((one) => ({ ...one, day: open }))]) {
      const document = documentOf(writeDayReport(head, days));
      assert.equal(document.Document.RtrBizDayInf.RptOrErr.BizRpt.length, 2);
      assert.equal(xsdFault(xsd, DAY_REPORT, document), null);
      document.Document.RtrBizDayInf.RptOrErr.BizRpt = [];
      assert.match(xsdFault(xsd, DAY_REPORT, document) ?? '', /RptOrErr/);
    }
  });
});

test('in an XSD repeats what is an array in the JSON Schema, wherever it stands', () => {
  /** Names of arrays that may have several items, at any place of the document: its header has an XSD of its own. */
  const arraysIn = (at: unknown, defs: Record<string, unknown>, seen: Set<unknown>): string[] => {
    if (typeof at !== 'object' || at === null || seen.has(at)) return [];
    seen.add(at);
    const { $ref, properties = {} } = at as { $ref?: string; properties?: Record<string, object> };
    const own = Object.entries(properties)
      .filter(([, one]) => 'type' in one && one.type === 'array')
      .filter(([, one]) => !('maxItems' in one) || one.maxItems !== 1)
      .map(([name]) => name);
    const inner = Object.entries(at).filter(([name]) => name !== '$defs' && name !== 'AppHdr');
    const all = [defs[$ref?.split('/').pop() ?? ''], ...inner.map(([, one]) => one)];
    return [...own, ...all.flatMap((one) => arraysIn(one, defs, seen))];
  };
  let places = 0;
  for (const [id, schema] of schemas) {
    const xsd = xsds.get(id);
    if (xsd === undefined) continue;
    const defs = (schema.$defs ?? {}) as Record<string, unknown>;
    for (const name of new Set(arraysIn(schema, defs, new Set()))) {
      const repeated = new RegExp(`<xs:element name="${name}"[^>]* maxOccurs="[^"]+"`);
      assert.match(xsd, repeated, `${id}: ${name}`);
      places += 1;
    }
  }
  assert.ok(places > 20, `${places}`);
});

/** Every object of a document, with where it stands. */
function objectsIn(value: unknown, path = ''): [string, Record<string, unknown>][] {
  if (Array.isArray(value))
    return value.flatMap((one, index) => objectsIn(one, `${path}/${index}`));
  if (typeof value !== 'object' || value === null) return [];
  const object = value as Record<string, unknown>;
  const inner = Object.entries(object).flatMap(([name, one]) => objectsIn(one, `${path}/${name}`));
  return [[path, object], ...inner];
}

test('what is changed in an example is judged alike by the XSD and by the JSON Schema', () => {
  const SEED = 16;
  const random = xoroshiro128plus(SEED);
  const pick = <T>(list: readonly T[]): T => list[uniformInt(random, 0, list.length - 1)] as T;
  const ajv = new Ajv2020({ strict: false });
  const counts = { taken: 0, refused: 0 };
  for (const { type, schemaId, example } of messages) {
    const isValid = ajv.compile(schemas.get(schemaId) as object);
    withXsd(schemaId, (xsd) => {
      for (let turn = 0; turn < 40; turn++) {
        const document = documentOf(example.payload);
        // The outermost element says which message it is, and of amounts XML has no elements.
        const [path, object] = pick(
          objectsIn(document).filter(
            ([at, one]) => at !== '' && !('Ccy' in one) && !('ISIN' in one),
          ),
        );
        const names = Object.keys(object);
        const name = pick(names);
        const what = pick(['remove', 'text', 'empty', 'misspell'] as const);
        if (what === 'remove') delete object[name];
        else if (what === 'misspell') object[`${name}x`] = 'a';
        else if (typeof object[name] === 'string') object[name] = what === 'text' ? '"&<*' : '';
        if (Object.keys(object).length === 0) continue;
        const said = isValid(document);
        const fault = xsdFault(xsd, type as string, document);
        const where = `seed ${SEED}, turn ${turn}: ${schemaId}${path} ${what} ${name}`;
        assert.equal(fault === null, said, `${where}: ${fault} ${ajv.errorsText(isValid.errors)}`);
        counts[said ? 'taken' : 'refused'] += 1;
      }
    });
  }
  assert.ok(counts.taken > 40 && counts.refused > 200, JSON.stringify(counts));
});

test('an element that no message has is refused by the schemas where the code refuses it, and nowhere else', () => {
  const ajv = new Ajv2020({ strict: false });
  const currencies = new Map(
    ['EUR', 'USD', 'CNY'].map((code) => [code, { minorUnits: 2, pool: 'main' }]),
  );
  const sent = topics.find(({ action }) => action === 'send')?.messages ?? [];
  const judged = new Set<string>();
  let places = 0;
  for (const { type, schemaId, example } of sent) {
    if (!example) continue;
    const envelope = readEnvelope(example.headers);
    if ('header' in envelope) throw new Error(`${type}: ${envelope.header}`);
    const isValid = ajv.compile(schemas.get(schemaId) as object);
    const count = objectsIn(documentOf(example.payload)).length;
    for (let at = 0; at < count; at++) {
      const document = documentOf(example.payload);
      const [path, object] = objectsIn(document)[at] as [string, Record<string, unknown>];
      object.Nonsense = 'x';
      const read = readPayload(
        envelope,
        Buffer.from(JSON.stringify(document)),
        currencies,
        EXAMPLE.network,
      );
      assert.equal(isValid(document), !isRefusal(read), `${type} ${path || '/'}`);
      if (isRefusal(read)) judged.add(type as string);
      places += 1;
    }
  }
  for (const type of JUDGED_BY_STANDARD) assert.ok(judged.has(type), type);
  assert.ok(places > 80, `${places}`);
});
