import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import type { JsonObject, JsonValue } from './json-schema.ts';
import { type NarrowingKind, narrowings } from './schema-narrowing.ts';

const between = (from: JsonValue, to: JsonValue, document: JsonObject = {}) =>
  narrowings({ schema: from, document }, { schema: to, document });

const text = { type: 'string' };
const closed = (properties: JsonObject, required: string[] = []): JsonObject => ({
  type: 'object',
  additionalProperties: false,
  properties,
  ...(required.length > 0 && { required }),
});

/** From, to, and the kind and place of the narrowing; null: there is none. */
const CASES: [string, JsonValue, JsonValue, [NarrowingKind, string] | null][] = [
  ['the same', closed({ A: text }), closed({ A: text }), null],
  [
    'an element that may be left out is added',
    closed({ A: text }),
    closed({ A: text, B: text }),
    null,
  ],
  ['an element is removed', closed({ A: text, B: text }), closed({ A: text }), ['element', '/B']],
  ['an element is renamed', closed({ A: text }), closed({ B: text }), ['element', '/A']],
  ['an element must be there', closed({ A: text }), closed({ A: text }, ['A']), ['required', '/A']],
  ['an element may be left out', closed({ A: text }, ['A']), closed({ A: text }), null],
  ['a type changes', closed({ A: text }), closed({ A: { type: 'integer' } }), ['type', '/A']],
  ['an integer is a number', { type: 'integer' }, { type: 'number' }, null],
  ['a number is no integer', { type: 'number' }, { type: 'integer' }, ['type', '']],
  ['a value is removed', { enum: ['a', 'b'] }, { enum: ['a'] }, ['value', '']],
  ['a value is added', { enum: ['a'] }, { enum: ['a', 'b'] }, null],
  ['any text becomes a choice', text, { type: 'string', enum: ['a'] }, ['anyValue', '']],
  ['a choice becomes any text', { type: 'string', enum: ['a'] }, text, null],
  [
    'a choice becomes texts of a form that has it',
    { enum: ['ab'] },
    { ...text, pattern: '^a' },
    null,
  ],
  [
    'a choice becomes texts of a form that has it not',
    { enum: ['b'] },
    { ...text, pattern: '^a' },
    ['value', ''],
  ],
  ['a form comes', text, { ...text, pattern: '^a' }, ['form', '']],
  ['a form goes', { ...text, pattern: '^a' }, text, null],
  [
    'a text may be shorter only',
    { ...text, maxLength: 9 },
    { ...text, maxLength: 8 },
    ['bound', ''],
  ],
  ['a text may be longer', { ...text, maxLength: 8 }, { ...text, maxLength: 9 }, null],
  ['a text may not be empty', text, { ...text, minLength: 1 }, ['bound', '']],
  ['at least none', text, { ...text, minLength: 0 }, null],
  ['a number is bounded', { type: 'integer' }, { type: 'integer', maximum: 9 }, ['bound', '']],
  [
    'fewer may stand there',
    { type: 'array', items: text },
    { type: 'array', items: text, maxItems: 1 },
    ['bound', ''],
  ],
  [
    'another kind stands there',
    { type: 'array', items: text },
    { type: 'array', items: { ...text, maxLength: 1 } },
    ['bound', '/*'],
  ],
  ['it is closed', { type: 'object' }, closed({}), ['open', '']],
  ['it is opened', closed({ A: text }), { type: 'object', properties: { A: text } }, null],
  [
    'what was anything is judged',
    { type: 'object' },
    { type: 'object', properties: { A: text } },
    ['type', '/A'],
  ],
  ['an alternative comes', text, { anyOf: [text, { type: 'null' }] }, null],
  ['an alternative goes', { anyOf: [text, { type: 'null' }] }, text, ['type', '']],
  [
    'one alternative of several',
    { type: 'integer' },
    { anyOf: [text, { type: 'null' }] },
    ['alternative', ''],
  ],
  ['nothing is allowed', text, { not: {} }, ['element', '']],
  ['nothing was allowed', { not: {} }, text, null],
  [
    'members of any name',
    { type: 'object', additionalProperties: text },
    { type: 'object', additionalProperties: { ...text, maxLength: 1 } },
    ['bound', '/*'],
  ],
];
for (const [name, from, to, expected] of CASES)
  test(`${name}: ${expected ? expected[0] : 'no narrowing'}`, () => {
    assert.deepEqual(
      between(from, to).map(({ kind, place }) => [kind, place]),
      expected ? [expected] : [],
    );
  });

test('references are followed, and types that hold themselves end', () => {
  const document = {
    Tree: closed({ Nm: text, Sub: { type: 'array', items: { $ref: '#/Tree' } } }),
    Bush: closed({
      Nm: { ...text, maxLength: 3 },
      Sub: { type: 'array', items: { $ref: '#/Bush' } },
    }),
  };
  const [tree, bush] = [{ $ref: '#/Tree' }, { $ref: '#/Bush' }];
  assert.deepEqual(between(tree, tree, document), []);
  assert.deepEqual(between(bush, tree, document), []);
  assert.deepEqual(
    between(tree, bush, document).map(({ place }) => place),
    ['/Nm'],
  );
  // What is open has all that a type which holds itself asks for, and ends as well.
  assert.ok(between({}, tree, document).length > 0);
  // One named schema against two that are not is two comparisons.
  const twice = (A: JsonObject, B: JsonObject) => closed({ A, B });
  assert.deepEqual(
    between(twice(tree, tree), twice(closed({ Nm: text, Sub: {} }), text), document).map(
      ({ place }) => place,
    ),
    ['/B'],
  );
  assert.throws(() => between({ $ref: '#/None' }, text, document), /#\/None leads nowhere/);
});

const scalar = fc.oneof(
  fc.record(
    {
      type: fc.constant('string'),
      minLength: fc.nat(2),
      maxLength: fc.integer({ min: 1, max: 3 }),
      pattern: fc.constantFrom('^a', 'b$', '^[ab]*$'),
    },
    { requiredKeys: ['type'] },
  ),
  fc.record(
    { type: fc.constantFrom('integer', 'number'), minimum: fc.nat(2), maximum: fc.nat(4) },
    { requiredKeys: ['type'] },
  ),
  fc.record({ enum: fc.uniqueArray(fc.constantFrom('', 'a', 'ab', 'b', 1, 2), { minLength: 1 }) }),
  fc.record({ type: fc.constant('null') }),
);
const { schema } = fc.letrec<{ schema: JsonObject }>((tie) => ({
  schema: fc.oneof(
    { maxDepth: 2 },
    scalar as fc.Arbitrary<JsonObject>,
    fc.record(
      {
        type: fc.constant('array'),
        items: tie('schema'),
        minItems: fc.nat(1),
        maxItems: fc.integer({ min: 1, max: 2 }),
      },
      { requiredKeys: ['type', 'items'] },
    ) as fc.Arbitrary<JsonObject>,
    fc
      .record({
        names: fc.subarray(['A', 'B']),
        of: tie('schema'),
        required: fc.subarray(['A', 'B']),
        others: fc.oneof(fc.boolean(), tie('schema')),
      })
      .map(({ names, of, required, others }) => ({
        type: 'object',
        properties: Object.fromEntries(names.map((name) => [name, of])),
        required,
        additionalProperties: others,
      })) as fc.Arbitrary<JsonObject>,
    fc.array(tie('schema'), { minLength: 1, maxLength: 2 }).map((anyOf) => ({ anyOf })),
  ),
}));
const { document } = fc.letrec<{ document: JsonValue }>((tie) => ({
  document: fc.oneof(
    { maxDepth: 2 },
    fc.constantFrom<JsonValue>('', 'a', 'ab', 'b', 'abb', 0, 1, 2, 3, 1.5, null, true),
    fc.array(tie('document'), { maxLength: 2 }),
    fc.record({ A: tie('document'), B: tie('document'), C: tie('document') }, { requiredKeys: [] }),
  ),
}));

test('where there is no narrowing, whatever the first schema allows the second allows', () => {
  const ajv = new Ajv2020({ strict: false });
  const allows = (one: JsonObject) => {
    const validate = ajv.compile(one);
    ajv.removeSchema(one);
    return (value: JsonValue) => validate(value) as boolean;
  };
  const counts = { within: 0, allowed: 0 };
  fc.assert(
    fc.property(
      schema,
      schema,
      fc.array(document, { minLength: 60, maxLength: 60 }),
      (from, to, all) => {
        // Most pairs of random schemas have nothing to do with each other.
        for (const other of [to, { anyOf: [from, to] }, { ...from, title: 'the same' }]) {
          if (between(from, other).length > 0) continue;
          counts.within += 1;
          const [first, second] = [allows(from), allows(other)];
          for (const value of all) {
            if (!first(value)) continue;
            counts.allowed += 1;
            assert.ok(second(value), `${JSON.stringify(value)} of ${JSON.stringify(from)}`);
          }
        }
      },
    ),
    { seed: 16, numRuns: 100 },
  );
  assert.ok(counts.within > 150 && counts.allowed > 600, JSON.stringify(counts));
});
