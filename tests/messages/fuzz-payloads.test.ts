import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MESSAGE_TYPES } from '../../services/protocol/messages/message-types.ts';
import { fuzzPayloads } from './fuzz-payloads.ts';

/** A million of them: fuzz-payloads.long.test.ts. */
test('2,000 changed messages over both parsers: each is refused, or taken and written again', () => {
  const { taken, refused, types } = fuzzPayloads(2_000, 3);
  const all = MESSAGE_TYPES.filter((type) => type !== 'none');
  assert.deepEqual([...types].sort(), [...all].sort());
  assert.ok(taken > 40, `${taken} were taken`);
  assert.ok(refused > 1_000, `${refused} were refused`);
});
