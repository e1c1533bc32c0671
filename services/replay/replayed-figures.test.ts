import assert from 'node:assert/strict';
import { test } from 'node:test';
import { summaryDifferences } from './replayed-figures.ts';

const replayed = {
  settled: 2,
  rejectedValueMinor: { EUR: '5' },
  defaults: [{ participant: 'A', shortfallMinor: '7' }],
  delay: { p50Ms: 1, settlementDelayIndicatorSubmitted: { EUR: 0.5 } },
};

test('what a summary has of defaults and outcomes is held against the replay', () => {
  assert.deepEqual(summaryDifferences(replayed, replayed), []);
  assert.deepEqual(
    summaryDifferences(
      {
        ...replayed,
        rejectedValueMinor: { EUR: '4' },
        defaults: [{ participant: 'A', shortfallMinor: '8' }],
        delay: { p50Ms: 1, settlementDelayIndicatorSubmitted: { EUR: 0.4 } },
      },
      replayed,
    ),
    [
      'rejectedValueMinor.EUR "4", by the replay "5"',
      'defaults.0.shortfallMinor "8", by the replay "7"',
      'delay.settlementDelayIndicatorSubmitted.EUR 0.4, by the replay 0.5',
    ],
  );
});

test('a summary of 0.1.0 is not held to have members that came later, and to have all others', () => {
  assert.deepEqual(summaryDifferences({ settled: 2, delay: { p50Ms: 1 } }, replayed), []);
  assert.deepEqual(summaryDifferences({ delay: {} }, replayed), [
    'settled undefined, by the replay 2',
    'delay.p50Ms undefined, by the replay 1',
  ]);
});
