import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { createSignatureCheck, createSigner } from '../core/verification/signing.ts';
import { isRefusal, readPayload } from '../protocol/messages/payload.ts';
import { isFault, readEnvelope } from '../protocol/names/message-headers.ts';
import { payloadDigestHex, signingText } from '../protocol/names/signing-text.ts';
import { bankTopics } from './bank-topics.ts';
import {
  isObject,
  type JsonValue,
  KEYWORDS,
  normalised,
  published,
  SharedSchemas,
} from './json-schema.ts';
import { messageSchemas } from './message-schemas.ts';
import { EXAMPLE } from './sent-messages.ts';
import { TOLD } from './told-messages.ts';

const topics = bankTopics();
const schemas = messageSchemas(topics);
const ajv = new Ajv2020({ strict: true });
const all = topics.flatMap((topic) => topic.messages.map((message) => ({ topic, message })));

test('every example has the form that its schemas say, and its topic’s key', () => {
  for (const { topic, message } of all) {
    if (!message.example) continue;
    const { headers, payload } = message.example;
    const where = `${topic.name} ${message.type}`;
    const isPayload = ajv.compile(schemas.get(message.schemaId) as object);
    assert.ok(
      isPayload(JSON.parse(Buffer.from(payload).toString())),
      `${where}: ${ajv.errorsText(isPayload.errors)}`,
    );
    const areHeaders = ajv.compile(published(message.headers));
    assert.ok(areHeaders(headers), `${where}: ${ajv.errorsText(areHeaders.errors)}`);
    ajv.removeSchema(`urn:corridor:schema:${message.schemaId}`);
  }
  assert.ok(all.filter(({ message }) => message.example).length > 15);
});

test('what examples say is taken: the signature verifies, and the document can be cleared', () => {
  const currencies = new Map(
    ['EUR', 'USD', 'CNY'].map((code) => [code, { minorUnits: 2, pool: EXAMPLE.pool }]),
  );
  const isSigned = createSignatureCheck(createSigner(EXAMPLE.secretKey).publicKey);
  const signed = all
    .flatMap(({ message }) => message.example ?? [])
    .filter(({ headers }) => 'ce_signature' in headers);
  const byNode: string[] = [];
  for (const { headers, payload } of signed) {
    const envelope = readEnvelope(headers);
    assert.ok(!isFault(envelope));
    const { messageType, sender, keyId, id, issuedAtMs, signature } = envelope;
    const isNodes = sender === EXAMPLE.network;
    const topic = isNodes ? `statements.${EXAMPLE.bank}` : 'payments';
    const text = signingText({
      ...{ network: EXAMPLE.network, topic, messageType, sender, keyId, id },
      issuedAtMs: String(issuedAtMs),
      payloadDigest: payloadDigestHex(payload),
    });
    assert.ok(isSigned(text, signature), messageType);
    // What a reader of the document has of the bytes that were signed.
    const compact = JSON.stringify(JSON.parse(Buffer.from(payload).toString('utf8')));
    assert.equal(Buffer.from(payload).toString('utf8'), compact, messageType);
    if (isNodes) byNode.push(messageType);
    if (isNodes) continue;
    const read = readPayload(envelope, payload, currencies, EXAMPLE.network);
    assert.ok(!isRefusal(read), `${messageType}: ${'detail' in read && read.detail}`);
  }
  assert.ok(signed.length >= 10);
  assert.deepEqual(byNode.sort(), ['camt.052.001.08', 'camt.053.001.08']);
});

test('what tells an outcome once more has its headers in the document', () => {
  for (const { topic, message } of all) {
    const { properties } = published(message.headers) as { properties: object };
    const isTold = topic.name === 'statuses' || topic.name === 'statements';
    for (const header of ['ce_repeat', 'ce_firsteventnumber'])
      assert.equal(header in properties, isTold, `${topic.name} ${message.type}`);
  }
});

test('schemas have keywords that JSON Schema, OpenAPI and AsyncAPI understand alike, and no other', () => {
  const others = new Set<string>();
  const look = (schema: JsonValue): void => {
    if (!isObject(schema)) return;
    for (const [keyword, value] of Object.entries(schema)) {
      // What the standard has is published in its place.
      if (!KEYWORDS.has(keyword) && keyword !== 'standard') others.add(keyword);
      if (keyword === 'properties') for (const one of Object.values(value as object)) look(one);
      else if (keyword === 'anyOf') for (const one of value as readonly JsonValue[]) look(one);
      else if (keyword !== 'enum') look(value);
    }
  };
  for (const { message } of all) {
    look(published(message.payload));
    look(published(message.headers));
  }
  assert.deepEqual([...others], []);
});

test('one value and a choice of values are written as an enumeration, what says more stays', () => {
  const written: [JsonValue, JsonValue][] = [
    [
      { const: 'a', type: 'string' },
      { type: 'string', enum: ['a'] },
    ],
    [
      {
        anyOf: [
          { const: 'a', type: 'string' },
          { const: 'b', type: 'string' },
        ],
        title: 't',
      },
      { title: 't', type: 'string', enum: ['a', 'b'] },
    ],
    [
      { anyOf: [{ const: 'a', type: 'string' }, { type: 'null' }] },
      { anyOf: [{ type: 'string', enum: ['a'] }, { type: 'null' }] },
    ],
    [{ anyOf: [{}, { type: 'null' }], description: 'd' }, { description: 'd' }],
    [
      { type: 'integer', minimum: 1 },
      { type: 'integer', minimum: 1, maximum: Number.MAX_SAFE_INTEGER, format: 'int64' },
    ],
    [
      { type: 'integer', maximum: 2 ** 31 - 1 },
      { type: 'integer', maximum: 2 ** 31 - 1 },
    ],
    [
      { type: 'object', patternProperties: { '^(.*)$': { type: 'string' } } },
      { type: 'object', additionalProperties: { type: 'string' } },
    ],
  ];
  for (const [schema, expected] of written) assert.deepEqual(normalised(schema), expected);
});

test('what has a name stands once, whatever the order of its members, and what it refers to as well', () => {
  const inner = { type: 'string', pattern: '^a$' };
  const outer = { type: 'object', properties: { inner } };
  const shared = new SharedSchemas('#/$defs/', {
    Inner: inner,
    Outer: outer,
    Unused: { type: 'null' },
  });
  const document = {
    type: 'array',
    items: { properties: { inner: { pattern: '^a$', type: 'string' } }, type: 'object' },
  };
  assert.deepEqual(shared.refer(document), { type: 'array', items: { $ref: '#/$defs/Outer' } });
  assert.deepEqual(shared.used(), {
    Inner: inner,
    Outer: { type: 'object', properties: { inner: { $ref: '#/$defs/Inner' } } },
  });
});

test('what banks are told is closed, at every place', () => {
  const open: string[] = [];
  const look = (schema: JsonValue, path: string): void => {
    if (Array.isArray(schema)) for (const one of schema) look(one, path);
    if (!isObject(schema)) return;
    if (schema.type === 'object' && schema.additionalProperties !== false) open.push(path);
    for (const [name, one] of Object.entries(schema)) look(one, `${path}/${name}`);
  };
  for (const [type, { schema }] of Object.entries(TOLD)) look(published(schema), type);
  assert.deepEqual(open, []);
});
