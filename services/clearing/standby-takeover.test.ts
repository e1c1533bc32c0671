import assert from 'node:assert/strict';
import { test } from 'node:test';
import { StandbyTakeover } from './standby-takeover.ts';

test('a standby takes over once something has been missing for so long, without a break', () => {
  let nowMs = 1_000;
  const takeover = new StandbyTakeover(() => nowMs, 2_000);
  const isDueAt = (atMs: number, lacks: boolean) => {
    nowMs = atMs;
    return takeover.isDue(lacks);
  };
  assert.equal(isDueAt(1_000, true), false);
  assert.equal(isDueAt(2_999, true), false);
  assert.equal(isDueAt(3_000, true), true);
  assert.equal(isDueAt(4_000, false), false);
  assert.equal(isDueAt(4_500, true), false, 'what was missing had come');
  assert.equal(isDueAt(6_499, true), false);
  takeover.waitAnew();
  assert.equal(isDueAt(6_500, true), false, 'another writer is at work');
  assert.equal(isDueAt(8_500, true), true);
});
