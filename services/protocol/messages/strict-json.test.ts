import assert from 'node:assert/strict';
import { test } from 'node:test';
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
    assert.throws(() => parse(text), /repeats a key/);
});

test('a __proto__ key, bytes that are no UTF-8 and truncated JSON are refused', () => {
  assert.throws(() => parse('{"__proto__":{"Amt":"1"}}'), /__proto__/);
  assert.throws(() => parseStrictJson(Buffer.from([0x22, 0xc3, 0x28, 0x22])), /UTF-8/);
  assert.throws(() => parse('{"a":'), JsonFault);
  assert.throws(() => parse(''), JsonFault);
  assert.throws(() => parse('\ufeff{}'), JsonFault, 'a byte order mark');
});

test('nesting is bounded, so that no message can exhaust the stack', () => {
  assert.doesNotThrow(() => parse('['.repeat(64) + ']'.repeat(64)));
  for (const depth of [65, 6_000, 30_000])
    assert.throws(() => parse('['.repeat(depth) + ']'.repeat(depth)), /nested more than 64 deep/);
  assert.throws(() => parse('{"a":'.repeat(9_000)), JsonFault);
});
