import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fuzzPayloads } from './fuzz-payloads.ts';

/** A million of them: fuzz-payloads.long.test.ts. */
test('5,000 changed messages over both parsers: each is refused, or taken and written again', () => {
  const { taken, refused } = fuzzPayloads(5_000, 3);
  assert.ok(taken > 250, `${taken} were taken`);
  assert.ok(refused > 2_500, `${refused} were refused`);
});
