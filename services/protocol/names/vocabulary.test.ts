import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GROSS_OUTCOMES, MECHANISMS, NETTING_OUTCOMES } from '../../core/settlement/events.ts';
import {
  durationText,
  mechanismWords,
  OUTCOME_WORDS,
  SETTLED_WORDS,
  settledWords,
} from './vocabulary.ts';

test('every mechanism and every outcome has its words', () => {
  assert.deepEqual(['none', ...Object.keys(SETTLED_WORDS)], [...MECHANISMS]);
  assert.deepEqual(Object.keys(OUTCOME_WORDS), [...GROSS_OUTCOMES, ...NETTING_OUTCOMES]);
  assert.equal(settledWords('gridlockResolution'), 'by gridlock resolution');
  assert.equal(mechanismWords('gridlockResolution'), 'gridlock resolution');
  assert.equal(mechanismWords('entry'), 'at entry');
});

test('durations by their size, rounded where they end', () => {
  for (const [ms, text] of [
    [0, '0 ms'],
    [849.6, '850 ms'],
    [12_340, '12.3 s'],
    [59_949, '59.9 s'],
    [59_950, '1 min 00 s'],
    [200_000, '3 min 20 s'],
    [3_599_499, '59 min 59 s'],
    [3_599_500, '1 h 00 min'],
    [7_500_000, '2 h 05 min'],
    [172_770_000, '2 d 0 h'],
    [273_600_000, '3 d 4 h'],
  ] as const)
    assert.equal(durationText(ms), text, String(ms));
});
