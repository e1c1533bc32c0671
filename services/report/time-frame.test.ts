import assert from 'node:assert/strict';
import { test } from 'node:test';
import { roundCount, roundMaximum } from './charts/axes.ts';
import { closedSpans } from './charts/time-marks.ts';
import { coarser, type Frame, frameOf, stepText } from './time-frame.ts';

const HOUR_MS = 3_600_000;
const DAY = Date.UTC(2026, 2, 16);
const open = (spans: readonly [number, number][]) => ({
  currencies: [
    {
      hours: spans.map(([opens, closes]) => ({
        opensMs: DAY + opens * HOUR_MS,
        closesMs: DAY + closes * HOUR_MS,
      })),
    },
  ],
});

test('a day has ten minutes a bucket, an hour one minute, several days half an hour', () => {
  assert.equal(stepText(frameOf(open([[1, 20]]), null)), '10 minutes');
  assert.equal(stepText(frameOf(open([[8, 9]]), null)), 'minute');
  const days = frameOf(
    open([
      [8, 10],
      [32, 34],
      [56, 58],
    ]),
    null,
  );
  assert.equal(stepText(days), '30 minutes');
  assert.equal(days.severalDates, true);
});

test('every instant from the first to the last lies in a bucket', () => {
  const bounds = { firstMs: DAY + 7.98 * HOUR_MS, lastMs: DAY + 20 * HOUR_MS };
  const frame = frameOf(open([[8, 20]]), bounds);
  const bucket = (ms: number) => Math.floor((ms - frame.startMs) / frame.stepMs);
  assert.equal(bucket(bounds.firstMs), 0);
  assert.equal(bucket(bounds.lastMs), frame.count - 1);
  const wide = coarser(frame, 3);
  assert.ok(wide.startMs <= frame.startMs && wide.endMs >= frame.endMs);
  assert.equal(wide.stepMs, 3 * frame.stepMs);
});

test('closed is what lies between the spans in which a currency is open', () => {
  const frame: Frame = { startMs: 0, endMs: 100, stepMs: 10, count: 10, severalDates: false };
  const hours = [{ opensMs: 10, closesMs: 30 }, null, { opensMs: 50, closesMs: 100 }];
  assert.deepEqual(closedSpans(hours, frame), [
    [0, 10],
    [30, 50],
  ]);
});

test('scales end at a round number that is not below the largest value', () => {
  for (const value of [0.3, 1, 3, 7, 999, 1000, 1001, 3217, 6.1e18]) {
    const max = roundMaximum(value);
    assert.ok(max >= value && max <= value * 2.01, `${value}: ${max}`);
  }
  assert.equal(roundMaximum(0), 1);
  assert.equal(roundCount(1), 2);
});
