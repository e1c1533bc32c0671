import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { JsonFault, parseStrictJson } from './strict-json.ts';

const parse = (text: string) => parseStrictJson(Buffer.from(text));

test('JSON that every parser reads alike is taken', () => {
  for (const text of [
    '{"a":1,"b":{"a":[{"a":":"},{"a":"\\":"}]},"c":"{\\"x\\":1}"}',
    '[]',
    '"a:b"',
    '{"a\\u003a":":\\\\"}',
    '{"":{"":0}}',
  ])
    assert.deepEqual(parse(text), JSON.parse(text));
});

test('repeated keys are refused, also where escapes hide them or the values are equal', () => {
  for (const text of [
    '{"Amt":"1","Amt":"2"}',
    '{"Amt":"1","Amt":"1"}',
    '{"x":{"Amt":"1","\\u0041mt":"2"}}',
    '[{"a":{"b":1,"b":{}}}]',
  ])
    assert.throws(() => parse(text), /must stand once in its object/);
});

test('a __proto__ key, bytes that are no UTF-8 and truncated JSON are refused', () => {
  assert.throws(() => parse('{"__proto__":{"Amt":"1"}}'), /__proto__/);
  assert.throws(() => parseStrictJson(Buffer.from([0x22, 0xc3, 0x28, 0x22])), /UTF-8: byte 2 is/);
  // A replacement character that was sent is one.
  const sent = Buffer.concat([Buffer.from('"\ufffdä'), Buffer.from([0xe4, 0x22])]);
  assert.throws(() => parseStrictJson(sent), /UTF-8: byte 7 is/);
  assert.throws(() => parse('{"a":'), JsonFault);
  assert.throws(() => parse(''), JsonFault);
  assert.throws(() => parse('\ufeff{}'), /must be JSON without a byte order mark before it$/);
});

test('a name that must not be there is told with its place, and what stands there', () => {
  for (const [text, path, found, expected] of [
    [
      '{"x":[1,{"y":{}},{"A/t":"1","A\\u002ft":"2"}]}',
      '/x/2/A~1t',
      '2',
      'must stand once in its object',
    ],
    ['[[],{"a":[{"a":1},"a","{,"],"b":2,"a":null}]', '/1/a', null, 'must stand once in its object'],
    [
      '{"a":{"__proto__":{"b":1}},"a":2}',
      '/a/__proto__',
      undefined,
      'must not have the name __proto__',
    ],
    [
      '{"b":[{},"}"], "__proto__":{"b":1e3}}',
      '/__proto__',
      { b: 1000 },
      'must not have the name __proto__',
    ],
  ] as const)
    assert.throws(
      () => parse(text),
      (error) => {
        assert.ok(error instanceof JsonFault);
        const { rule, path: at, found: value, message } = error;
        assert.deepEqual([rule, at, value, message], ['json-keys', path, found, expected], text);
        return true;
      },
    );
});

test('nesting is bounded, so that no message can exhaust the stack', () => {
  assert.doesNotThrow(() => parse('['.repeat(64) + ']'.repeat(64)));
  for (const depth of [65, 6_000, 30_000])
    assert.throws(
      () => parse('['.repeat(depth) + ']'.repeat(depth)),
      /must be nested at most 64 deep/,
    );
  // That is told first, whatever else is wrong.
  assert.throws(() => parse('{"a":'.repeat(9_000)), /must be nested at most 64 deep/);
  const noUtf8 = Buffer.concat([Buffer.from('['.repeat(65)), Buffer.from([0xc3, 0x28])]);
  assert.throws(() => parseStrictJson(noUtf8), /must be nested at most 64 deep/);
});

/** As JSON without blanks; one of its members stands twice, where it has so many. */
function writtenTwice(value: fc.JsonValue, place: number): { text: string; members: number } {
  let members = 0;
  const write = (one: fc.JsonValue): string => {
    if (typeof one !== 'object' || one === null) return JSON.stringify(one);
    if (Array.isArray(one)) return `[${one.map(write).join()}]`;
    return `{${Object.entries(one)
      .map(([key, inside]) => {
        const isTwice = members++ === place;
        const member = `${JSON.stringify(key)}:${write(inside as fc.JsonValue)}`;
        return isTwice ? `${member},${member}` : member;
      })
      .join()}}`;
  };
  return { text: write(value), members };
}

test('however a value is written it is read as it is, and refused where one of its members stands twice', () => {
  let refused = 0;
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 6 }), fc.nat({ max: 6 }), (drawn, place) => {
      const plain = JSON.stringify(drawn);
      fc.pre(!plain.includes('__proto__'));
      // No text of -0 is read back as it was.
      const value = JSON.parse(plain);
      const escaped = plain.replaceAll('o', '\\u006f');
      for (const text of [plain, JSON.stringify(drawn, null, 2), ` ${plain}\n`, escaped])
        assert.deepEqual(parse(text), value, text);
      const twice = writtenTwice(value, place);
      if (place >= twice.members) return;
      refused += 1;
      assert.throws(() => parse(twice.text), /must stand once in its object/, twice.text);
    }),
    { seed: 20, numRuns: 300 },
  );
  assert.ok(refused > 50, `${refused}`);
});

test('no other character makes up for a member that stands twice', () => {
  // A number, a literal or an escape whose value is written longer or shorter than it stands there: 1E8 has as
  // many more digits as a second member has characters.
  for (const one of ['1e21', '1E8', '-0', '0.0000001', '100000000000000000000000', 'false', 'null'])
    for (const text of [`{"a":0,"a":${one}}`, `{"a":${one},"a":0}`, `{"a":[],"a":[${one}]}`])
      assert.throws(() => parse(text), /must stand once in its object/, text);
  assert.throws(() => parse('{"":"","":"\\u00e9\\ud83d\\ude00"}'), /must stand once in its object/);
});

test('a text that XML cannot carry is told with its place, and a name with that of its object', () => {
  for (const [text, path, found] of [
    ['{"a":[{"b":"x"},{"c/d":"\\ud800"}]}', '/a/1/c~1d', '\ud800'],
    ['{"a":[{"b":"x"},{"\\u0007":"y"}]}', '/a/1', '\u0007'],
    ['"\\ufffe"', '/', '\ufffe'],
    ['{"a":"\uffff"}', '/a', '\uffff'],
  ] as const)
    assert.throws(
      () => parse(text),
      (error) => {
        assert.ok(error instanceof JsonFault);
        assert.deepEqual([error.rule, error.path, error.found], ['text-characters', path, found]);
        return true;
      },
    );
  for (const text of ['{"a":"\u00fc\ud83d\ude00"}', '{"\\u00fc":"\\ud83d\\ude00\\n\\t"}'])
    assert.deepEqual(parse(text), JSON.parse(text));
});
