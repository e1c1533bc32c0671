import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fuzzPayloads } from './fuzz-payloads.ts';

test('1,000,000 changed messages over both parsers: none does more than be refused, and memory stays', (t) => {
  const { taken, refused, heapBytes } = fuzzPayloads(1_000_000, 4);
  const [early, late] = heapBytes;
  t.diagnostic(`${taken} taken, ${refused} refused; heap ${early} bytes, at the end ${late}`);
  assert.ok(taken > 45_000, `${taken} were taken`);
  assert.ok(late < early * 1.05, `${late} bytes after ${early}`);
});
