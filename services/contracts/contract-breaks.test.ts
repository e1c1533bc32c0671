import assert from 'node:assert/strict';
import { test } from 'node:test';
import { asyncApi } from './asyncapi.ts';
import { bankTopics } from './bank-topics.ts';
import { type BankContract, breaks, versionFault } from './contract-breaks.ts';
import type { JsonObject, JsonValue } from './json-schema.ts';
import { JUDGED_BY_STANDARD } from './standard-schema.ts';

/** What is changed by each case, which knows what stands there. */
// biome-ignore lint/suspicious/noExplicitAny: a document
type Document = Record<string, any>;

const text = { type: 'string' };
const closed = (properties: JsonObject, required: readonly string[] = []) => ({
  ...{ type: 'object', additionalProperties: false, properties },
  required,
});
const item = closed({ document: { anyOf: [closed({ A: text }), closed({ B: text })] } }, [
  'document',
]);
const answer = (schema: JsonValue) => ({ content: { 'application/json': { schema } } });

/** A small contract: a bank sends Pay and is told Status, and asks GET /statuses. */
const small = () => ({
  asyncApi: {
    channels: {
      payments: { address: 'payments', messages: { pay: { $ref: '#/components/messages/pay' } } },
      statuses: {
        address: 'statuses.{bic}',
        messages: { told: { $ref: '#/components/messages/told' } },
      },
    },
    operations: {
      'send-payments': { action: 'send', channel: { $ref: '#/channels/payments' } },
      'receive-statuses': { action: 'receive', channel: { $ref: '#/channels/statuses' } },
    },
    components: {
      messages: {
        pay: {
          payload: { $ref: '#/components/schemas/Pay' },
          headers: { type: 'object', properties: { id: text }, required: ['id'] },
          bindings: { kafka: { key: { ...text, pattern: '^a$' } } },
        },
        told: {
          payload: closed({ Sts: { enum: ['A', 'B'] }, Txt: text }, ['Sts']),
          headers: { type: 'object' },
        },
      },
      schemas: { Pay: closed({ Amt: text, Prty: { enum: ['X', 'Y'] }, Nm: text }, ['Amt']) },
    },
  } as Document,
  openApi: {
    paths: {
      '/statuses': {
        get: {
          security: [{ reading: [] }],
          parameters: [{ $ref: '#/components/parameters/from' }],
          responses: {
            200: answer(closed({ items: { type: 'array', items: item } }, ['items'])),
            404: answer({
              type: 'object',
              properties: { type: { enum: ['a'] }, title: text },
              required: ['title'],
            }),
          },
        },
        post: {
          security: [],
          requestBody: answer(closed({ A: text })),
          responses: { 202: answer(text) },
        },
      },
    },
    components: { parameters: { from: { name: 'from', in: 'query', schema: text } } },
  } as Document,
});
type Small = ReturnType<typeof small>;

/** An item of the page, to be changed. */
const itemOf = (openApi: Document): Document => {
  const page = openApi.paths['/statuses'].get.responses[200].content['application/json'].schema;
  page.properties.items.items = structuredClone(item);
  return page.properties.items.items;
};

/** What is done to the contract, and the one break that it is; null: it breaks nobody. */
const CHANGES: [string, (contract: Small) => void, RegExp | null][] = [
  ['nothing', () => {}, null],
  [
    'a topic is removed',
    ({ asyncApi }) => delete asyncApi.channels.statuses,
    /^topic statuses: is gone$/,
  ],
  [
    'a topic is renamed',
    ({ asyncApi }) => {
      asyncApi.channels.statuses.address = 'status.{bic}';
    },
    /^topic statuses: is status\.\{bic\} now$/,
  ],
  [
    'a topic is added',
    ({ asyncApi }) => {
      asyncApi.channels.quotes = { address: 'quotes', messages: {} };
    },
    null,
  ],
  [
    'a type is removed',
    ({ asyncApi }) => delete asyncApi.channels.payments.messages.pay,
    /^topic payments, pay: is gone$/,
  ],
  [
    'a type is added',
    ({ asyncApi }) => {
      asyncApi.channels.statuses.messages.more = { $ref: '#/components/messages/told' };
    },
    null,
  ],
  [
    'an element that is sent is removed',
    ({ asyncApi }) => delete asyncApi.components.schemas.Pay.properties.Nm,
    /pay, payload \/Nm: is refused now$/,
  ],
  [
    'an element that may be sent is added',
    ({ asyncApi }) => {
      asyncApi.components.schemas.Pay.properties.More = text;
    },
    null,
  ],
  [
    'an element must be sent',
    ({ asyncApi }) => asyncApi.components.schemas.Pay.required.push('Nm'),
    /pay, payload \/Nm: must be there now$/,
  ],
  [
    'an element need not be sent',
    ({ asyncApi }) => {
      asyncApi.components.schemas.Pay.required = [];
    },
    null,
  ],
  [
    'a value is refused',
    ({ asyncApi }) => asyncApi.components.schemas.Pay.properties.Prty.enum.pop(),
    /pay, payload \/Prty: "Y" is refused now$/,
  ],
  [
    'a value is taken',
    ({ asyncApi }) => asyncApi.components.schemas.Pay.properties.Prty.enum.push('Z'),
    null,
  ],
  [
    'a text is bounded',
    ({ asyncApi }) => {
      asyncApi.components.schemas.Pay.properties.Nm = { ...text, maxLength: 9 };
    },
    /\/Nm: is bounded by maxLength 9 now$/,
  ],
  [
    'a header must be sent',
    ({ asyncApi }) => {
      Object.assign(asyncApi.components.messages.pay.headers, {
        properties: { id: text, key: {} },
        required: ['id', 'key'],
      });
    },
    /pay, headers \/key/,
  ],
  [
    'a key has another form',
    ({ asyncApi }) => {
      asyncApi.components.messages.pay.bindings.kafka.key.pattern = '^b$';
    },
    /pay, key : must have the form \^b\$ now$/,
  ],
  [
    'an element that is told is removed',
    ({ asyncApi }) => {
      asyncApi.components.messages.told.payload = closed({ Txt: text });
    },
    /told, payload \/Sts: may be left out now$/,
  ],
  [
    'an element that may be told is removed',
    ({ asyncApi }) => {
      asyncApi.components.messages.told.payload = closed({ Sts: { enum: ['A', 'B'] } }, ['Sts']);
    },
    null,
  ],
  [
    'an element is told that was not',
    ({ asyncApi }) => {
      asyncApi.components.messages.told.payload.properties.More = text;
    },
    /told, payload \/More: may stand there now, and did not$/,
  ],
  [
    'a value is told that was not',
    ({ asyncApi }) => asyncApi.components.messages.told.payload.properties.Sts.enum.push('C'),
    /told, payload \/Sts: "C" may stand there now$/,
  ],
  [
    'a value is told no more',
    ({ asyncApi }) => asyncApi.components.messages.told.payload.properties.Sts.enum.pop(),
    null,
  ],
  [
    'a topic turns round',
    ({ asyncApi }) => {
      asyncApi.operations['send-payments'].action = 'receive';
    },
    /^topic payments: send no more$/,
  ],
  [
    'a route is removed',
    ({ openApi }) => delete openApi.paths['/statuses'].post,
    /^POST \/statuses: is gone$/,
  ],
  [
    'a route is added',
    ({ openApi }) => {
      openApi.paths['/more'] = openApi.paths['/statuses'];
    },
    null,
  ],
  [
    'a parameter is removed',
    ({ openApi }) => {
      openApi.paths['/statuses'].get.parameters = [];
    },
    /^GET \/statuses, query from: is gone$/,
  ],
  [
    'a parameter must be there',
    ({ openApi }) => {
      openApi.components.parameters.from.required = true;
    },
    /^GET \/statuses, query from: must be there now$/,
  ],
  [
    'a parameter may be there',
    ({ openApi }) =>
      openApi.paths['/statuses'].get.parameters.push({ name: 'more', in: 'query', schema: text }),
    null,
  ],
  [
    'a parameter is bounded',
    ({ openApi }) => {
      openApi.components.parameters.from.schema = { ...text, maxLength: 1 };
    },
    /query from: is bounded by maxLength 1 now$/,
  ],
  [
    'a body must have more',
    ({ openApi }) => {
      openApi.paths['/statuses'].post.requestBody = answer(closed({ A: text }, ['A']));
    },
    /^POST \/statuses, body\/A: must be there now$/,
  ],
  [
    'a type of body is removed',
    ({ openApi }) => {
      openApi.paths['/statuses'].post.requestBody.content = {};
    },
    /^POST \/statuses, body: application\/json is gone$/,
  ],
  [
    'an answer has less',
    ({ openApi }) => {
      openApi.paths['/statuses'].get.responses[200] = answer(
        closed({ items: { type: 'array', items: item } }),
      );
    },
    /^GET \/statuses, 200\/items: may be left out now$/,
  ],
  [
    'an answer is gone',
    ({ openApi }) => delete openApi.paths['/statuses'].get.responses[200],
    /^GET \/statuses: answers 200 no more$/,
  ],
  [
    'a problem comes',
    ({ openApi }) =>
      openApi.paths['/statuses'].get.responses[404].content[
        'application/json'
      ].schema.properties.type.enum.push('b'),
    null,
  ],
  [
    'a problem has less',
    ({ openApi }) => {
      openApi.paths['/statuses'].get.responses[404].content['application/json'].schema.required =
        [];
    },
    /^GET \/statuses, 404\/title: may be left out now$/,
  ],
  [
    'an item may have another message as its document',
    ({ openApi }) => {
      itemOf(openApi).properties.document = {
        anyOf: [closed({ A: text }), closed({ B: text }), closed({ C: text })],
      };
    },
    null,
  ],
  [
    'an item may have no document',
    ({ openApi }) => {
      itemOf(openApi).required = [];
    },
    /^GET \/statuses, 200\/items\/\*\/document: may be left out now$/,
  ],
  [
    'a problem is gone',
    ({ openApi }) => delete openApi.paths['/statuses'].get.responses[404],
    null,
  ],
  [
    'another signature',
    ({ openApi }) => {
      openApi.paths['/statuses'].get.security = [];
    },
    /^GET \/statuses: is signed in another way now$/,
  ],
];
for (const [name, change, expected] of CHANGES)
  test(`${name}: ${expected ? 'a break' : 'no break'}`, () => {
    const after = small();
    change(after);
    const found = breaks(small() as unknown as BankContract, after as unknown as BankContract);
    if (expected === null) assert.deepEqual(found, []);
    else {
      assert.equal(found.length, 1, found.join('\n'));
      assert.match(found[0] as string, expected);
    }
  });

test('each element of what banks are told, and of what they ask, is missed when it goes', () => {
  // Without the messages that have all elements of the standard: they are many, and compared alike.
  const topics = bankTopics().map((topic) => ({
    ...topic,
    messages: topic.messages.filter(({ schemaId }) => !JUDGED_BY_STANDARD.has(schemaId)),
  }));
  const asyncApiDocument = JSON.parse(JSON.stringify(asyncApi(topics, '1.0.0')));
  const openApi = { paths: {} };
  const before = { asyncApi: asyncApiDocument, openApi };
  assert.deepEqual(breaks(before, before), []);
  const { schemas } = asyncApiDocument.components;
  // Each in the long form: a contract is read whole for it.
  const every = process.env.CORRIDOR_LONG_TESTS === '1' ? 1 : 3;
  let elements = 0;
  let seen = 0;
  for (const [name, schema] of Object.entries<Document>(schemas)) {
    // What is left out of a closed object, or may be left out, is noticed on either side.
    if (schema.additionalProperties !== false || !schema.properties) continue;
    for (const element of Object.keys(schema.properties)) {
      seen += 1;
      if (seen % every !== 0) continue;
      const { [element]: _, ...properties } = schema.properties;
      const changed = { ...schemas, [name]: { ...schema, properties, required: [] } };
      const components = { ...asyncApiDocument.components, schemas: changed };
      const after = { asyncApi: { ...asyncApiDocument, components }, openApi };
      assert.ok(breaks(before, after).length > 0, `${name}/${element}`);
      elements += 1;
    }
  }
  assert.ok(elements > 10);
});

test('the major version moves where a bank is broken, and no version goes back', () => {
  const broken = ['POST /payments: is gone'];
  const cases: [string, string, string[], RegExp | null][] = [
    ['1.2.0', '1.2.0', [], null],
    ['1.2.0', '1.3.0', [], null],
    ['1.2.0', '1.2.0', broken, /move CONTRACT_VERSION to 2\.0\.0/],
    ['1.2.0', '1.9.9', broken, /move CONTRACT_VERSION to 2\.0\.0/],
    ['1.2.0', '2.0.0', broken, null],
    ['1.2.0', '1.1.9', [], /was 1\.2\.0/],
    ['2.0.0', '1.9.9', [], /was 2\.0\.0/],
  ];
  for (const [before, after, found, expected] of cases) {
    const fault = versionFault(before, after, found);
    if (expected === null) assert.equal(fault, null);
    else assert.match(fault as string, expected);
  }
});
