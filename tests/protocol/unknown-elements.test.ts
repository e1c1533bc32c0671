import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import type { TSchema } from '@sinclair/typebox';
import { bankTopics } from '../../services/contracts/bank-topics.ts';
import { EXAMPLE } from '../../services/contracts/sent-messages.ts';
import { JUDGED_BY_STANDARD } from '../../services/contracts/standard-schema.ts';
import { MESSAGE_TYPES, type MessageType } from '../../services/protocol/messages/message-types.ts';
import {
  documentSchema,
  isRefusal,
  readPayload,
} from '../../services/protocol/messages/payload.ts';
import { type Envelope, readEnvelope } from '../../services/protocol/names/message-headers.ts';
import { mustNotHave } from '../../services/protocol/rules/unknown-elements-and-standard-form.ts';
import { atLeast } from '../support/at-least.ts';
import { businessHeader, xmlOf } from '../support/xml-messages.ts';

/** An element that nobody here heeds is refused wherever it stands, in every message that banks send. */
const TYPES = MESSAGE_TYPES.filter((type): type is MessageType => type !== 'none');
const currencies = new Map(
  ['EUR', 'USD', 'CNY'].map((code) => [code, { minorUnits: 2, pool: 'main' }]),
);

type Node = TSchema & {
  readonly properties?: Readonly<Record<string, Node>>;
  readonly items?: Node;
  readonly anyOf?: readonly Node[];
};

/** Places of a schema that take an element of any name. */
function openPlaces(schema: Node, path: string): string[] {
  if (schema.standard !== undefined) return [];
  const own = schema.type === 'object' && schema.additionalProperties !== false ? [path] : [];
  const inside = Object.entries(schema.properties ?? {}).flatMap(([name, one]) =>
    openPlaces(one, `${path}/${name}`),
  );
  const items = schema.items ? openPlaces(schema.items, `${path}/0`) : [];
  return [
    ...own,
    ...inside,
    ...items,
    ...(schema.anyOf ?? []).flatMap((one) => openPlaces(one, path)),
  ];
}

test('no schema leaves a place open that the standard does not judge', () => {
  for (const type of atLeast(14, TYPES)) {
    if (JUDGED_BY_STANDARD.has(type)) continue;
    assert.deepEqual(openPlaces(documentSchema(type) as Node, ''), [], type);
  }
});

/** Places of a schema in which the standard judges what else stands there. */
function standardPlaces(schema: Node, path: string): string[] {
  if (schema.standard !== undefined) return [path];
  const inside = Object.entries(schema.properties ?? {}).flatMap(([name, one]) =>
    standardPlaces(one, `${path}/${name}`),
  );
  const others = [...(schema.items ? [schema.items] : []), ...(schema.anyOf ?? [])];
  return [...inside, ...others.flatMap((one) => standardPlaces(one, path))];
}

test('the page prints what goes on to another bank', () => {
  const rows = TYPES.flatMap((type) => {
    if (JUDGED_BY_STANDARD.has(type)) return [[`\`${type}\``, 'all that the standard has']];
    const places = standardPlaces(documentSchema(type) as Node, '').map(
      // Below the message itself.
      (path) =>
        `\`${path
          .split('/')
          .slice(type.startsWith('corridor.') ? 2 : 3)
          .join('/')}\``,
    );
    return places.length === 0 ? [] : [[`\`${type}\``, places.join(', ')]];
  });
  const page = readFileSync(new URL('../../../docs/messages.md', import.meta.url), 'utf8');
  const printed = page
    .slice(page.indexOf('| kept for the receiver'), page.indexOf('Refused (FF01) is'))
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .map((line) =>
      line
        .slice(1, -1)
        .split('|')
        .map((cell) => cell.trim()),
    );
  assert.deepEqual(printed, rows);
});

const sent = bankTopics().find(({ action }) => action === 'send')?.messages ?? [];
type Objects = [path: string, object: Record<string, unknown>][];

/** The objects of a document, the outermost among them. */
function objectsIn(value: unknown, path = ''): Objects {
  if (typeof value !== 'object' || value === null) return [];
  const inside = Object.entries(value).flatMap(([name, one]) => objectsIn(one, `${path}/${name}`));
  return Array.isArray(value) ? inside : [[path, value as Record<string, unknown>], ...inside];
}

/** Each message as banks send it, with its business header. */
const messages = sent.flatMap(({ type, example }) => {
  if (!example || !TYPES.includes(type as MessageType)) return [];
  const envelope = readEnvelope(example.headers) as Envelope;
  const document = JSON.parse(Buffer.from(example.payload as never).toString());
  const messageId = /"(?:MsgId|Id)":"([^"]*)"/.exec(JSON.stringify(document))?.[1] ?? '';
  const words = { from: envelope.sender, to: 'BANKFRP0', messageId };
  return [{ type: type as MessageType, envelope, document, words }];
});

test('each message stands alone and behind its header, in both syntaxes, but for a quote', () => {
  assert.deepEqual(new Set(messages.map(({ type }) => type)), new Set(TYPES));
  for (const { type, envelope, document, words } of atLeast(14, messages)) {
    const AppHdr = businessHeader(type, words);
    const json = Buffer.from(JSON.stringify(document));
    const found = [
      json,
      xmlOf(type, json),
      xmlOf(type, json, words),
      Buffer.from(JSON.stringify({ AppHdr, ...document })),
    ].map((payload) => {
      const read = readPayload(envelope, payload, currencies, EXAMPLE.network);
      return isRefusal(read) ? `${read.rule} ${read.path}` : 'taken';
    });
    // BizMsgIdr has 35 characters, and a quote's id 36.
    const behind = type === 'corridor.quote.1' ? 'element-known /AppHdr' : 'taken';
    assert.deepEqual(found, ['taken', 'taken', behind, behind], type);
  }
});

for (const { type, envelope, document, words } of atLeast(14, messages))
  test(`${type}: a misspelt element is refused wherever it stands, with the nearest name`, () => {
    const header = type === 'corridor.quote.1' ? {} : { AppHdr: businessHeader(type, words) };
    const whole = () => ({ ...structuredClone(header), ...structuredClone(document) });
    let places = 0;
    for (let at = 0; at < objectsIn(whole()).length; at++) {
      const changed = whole();
      const [path, object] = objectsIn(changed)[at] as Objects[number];
      const [name = 'Nm'] = Object.keys(object);
      object[`${name}2`] = 'x';
      const read = readPayload(
        envelope,
        Buffer.from(JSON.stringify(changed)),
        currencies,
        EXAMPLE.network,
      );
      const where = `${type} ${path}/${name}2`;
      assert.ok(isRefusal(read), `${where} was taken`);
      assert.equal(read.rule, 'element-known', `${where}: ${read.detail}`);
      assert.match(read.expected, new RegExp(`"${name}2": the nearest name is "`), where);
      assert.ok(read.path.startsWith(path || '/'), `${read.path} of ${where}`);
      places += 1;
    }
    assert.ok(places >= 3, `${places}`);
  });

test('no name is called near that shares less than half with the one that is unknown', () => {
  const names = ['Nm', 'PstlAdr', 'BICFI'];
  assert.equal(mustNotHave('BIC', names), 'must not have "BIC": the nearest name is "BICFI"');
  assert.equal(
    mustNotHave('PstlAdd', names),
    'must not have "PstlAdd": the nearest name is "PstlAdr"',
  );
  assert.equal(mustNotHave('Foo', names), 'must not have "Foo"');
  assert.equal(mustNotHave('Foo', []), 'must not have "Foo"');
});

test('a time that a leg cannot heed is refused, with the nearest name', () => {
  const leg = messages.find(({ type }) => type === 'corridor.pvp.1');
  assert.ok(leg);
  const judged = (SttlmTmReq: object) => {
    const document = structuredClone(leg.document);
    document.Leg.SttlmTmReq = SttlmTmReq;
    const read = readPayload(
      leg.envelope,
      Buffer.from(JSON.stringify(document)),
      currencies,
      EXAMPLE.network,
    );
    return isRefusal(read) ? `${read.rule} ${read.path} ${read.expected}` : 'taken';
  };
  assert.equal(judged({ FrTm: '09:00:00Z', RjctTm: '10:00:00Z', TillTm: '10:00:00Z' }), 'taken');
  for (const name of ['RjctTm2', 'RjctTime', 'RjctTn'])
    assert.match(
      judged({ [name]: '10:00:00Z' }),
      new RegExp(
        `^element-known /Leg/SttlmTmReq/${name} .*"${name}": the nearest name is "RjctTm"`,
      ),
    );
});
