import assert from 'node:assert/strict';
import { test } from 'node:test';
import { drawnInterval, type FrontierPoint, frontierChart } from './frontier.ts';

const point = (changed: Partial<FrontierPoint>): FrontierPoint => ({
  ...{ liquidity: 10, delay: 0.5, halfWidth: 0, settled: 1, isWhole: true },
  ...changed,
});

function drawnFrom(points: readonly FrontierPoint[]) {
  const { series, yAxis } = frontierChart('ρ', [{ colour: 'blue', dash: [], points }]);
  type Datum = { value: number[]; symbol?: string; itemStyle?: { color?: string } };
  const [delays, shares, ...bars] = (series as { data: Datum[] }[]).map(({ data }) => data);
  const [{ max }] = yAxis as [{ max: number }];
  return { delays, shares, bars, max };
}

test('the axis of ρ ends at 1, and a bar that goes beyond a bound ends there in a triangle', () => {
  const { bars, max } = drawnFrom([
    point({ delay: 0.5, halfWidth: 5 }),
    point({ delay: 0.95, halfWidth: 0.1 }),
    point({ delay: 0.2, halfWidth: 0.1 }),
    point({ delay: 0.4 }),
  ]);
  assert.equal(max, 1);
  assert.deepEqual(
    bars.map((ends) => ends?.map(({ value: [, end], symbol }) => [end?.toFixed(2), symbol])),
    [
      [
        ['0.00', 'triangle'],
        ['1.00', 'triangle'],
      ],
      [
        ['0.85', 'none'],
        ['1.00', 'triangle'],
      ],
      [
        ['0.10', 'none'],
        ['0.30', 'none'],
      ],
    ],
  );
  assert.deepEqual(drawnInterval({ delay: 0, halfWidth: 0 }).isCut, [false, false]);
  assert.equal(drawnFrom([point({ delay: 0.05, halfWidth: 0.005 })]).max, 0.06);
});

test('a point over fewer seeds is hollow in both charts', () => {
  const { delays, shares } = drawnFrom([point({}), point({ isWhole: false })]);
  for (const points of [delays, shares])
    assert.deepEqual(
      points?.map(({ itemStyle }) => itemStyle?.color),
      [undefined, 'var(--bg)'],
    );
});
