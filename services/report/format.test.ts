import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compact, countText, durationOrDash, moneyText, shareText } from './format.ts';

test('figures as they are written', () => {
  assert.equal(countText(1_234_567), '1,234,567');
  assert.equal(countText(999), '999');
  assert.equal(moneyText(-123_456_789_012_345_678_901n, 2), '-1,234,567,890,123,456,789.01');
  assert.equal(moneyText(1_234_567n, 0), '1,234,567');
  assert.equal(moneyText(5n, 3), '0.005');
});

test('durations by their size', () => {
  const cases: [number | null, string][] = [
    [null, '–'],
    [200_000, '3 min 20 s'],
  ];
  for (const [ms, written] of cases) assert.equal(durationOrDash(ms), written, String(ms));
});

test('few of many read neither as none nor as all', () => {
  assert.equal(shareText(0, 100_000), '0.00 %');
  assert.equal(shareText(1, 100_000), '< 0.01 %');
  assert.equal(shareText(1, 10_000), '0.01 %');
  assert.equal(shareText(9_999, 10_000), '99.99 %');
  assert.equal(shareText(99_999, 100_000), '> 99.99 %');
  assert.equal(shareText(100_000, 100_000), '100.00 %');
  assert.equal(shareText(1, 3), '33.33 %');
  assert.equal(shareText(0, 0), '–');
});

test('axes are rounded for reading', () => {
  assert.equal(compact(0), '0');
  assert.equal(compact(0.5), '0.5');
  assert.equal(compact(999_900), '1m');
  assert.equal(compact(121_478_971), '121m');
  assert.equal(compact(1_500), '1.5k');
  assert.equal(compact(2e12), '2t');
});
