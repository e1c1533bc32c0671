import assert from 'node:assert/strict';
import { test } from 'node:test';
import { drawnIntervals, type FrontierPoint, frontierChart } from './frontier.ts';

const point = (changed: Partial<FrontierPoint>): FrontierPoint => ({
  ...{ liquidity: 10, liquidityHalfWidth: 0, delay: 0.5, delayHalfWidth: 0 },
  ...{ settled: 1, isWhole: true },
  ...changed,
});

function drawnFrom(points: readonly FrontierPoint[]) {
  const { series, xAxis, yAxis } = frontierChart('ρ', [{ colour: 'blue', dash: [], points }]);
  type Datum = {
    value: [number, number];
    symbol?: string;
    symbolRotate?: number;
    itemStyle?: { color?: string };
  };
  const [delays, shares, ...bars] = (series as { data: Datum[] }[]).map(({ data }) => data);
  const [{ max }] = yAxis as [{ max: number }];
  const across = (xAxis as { max: number }[]).map((axis) => axis.max);
  return { delays, shares, bars, max, across };
}

test('the axis of ρ ends at 1, and a bar that goes beyond a bound ends there in a triangle', () => {
  const { bars, max } = drawnFrom([
    point({ delay: 0.5, delayHalfWidth: 5 }),
    point({ delay: 0.95, delayHalfWidth: 0.1 }),
    point({ delay: 0.2, delayHalfWidth: 0.1 }),
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
  assert.deepEqual(
    drawnIntervals(point({ delay: 0 })).map(({ isCut }) => isCut),
    [],
  );
  assert.equal(drawnFrom([point({ delay: 0.05, delayHalfWidth: 0.005 })]).max, 0.06);
});

test('where liquidity differs by seed its bar lies across, within the axis, and ends at 0 in a triangle', () => {
  const { bars, across } = drawnFrom([
    point({ liquidity: 50, liquidityHalfWidth: 60, delay: 0.2, delayHalfWidth: 0.1 }),
    point({ liquidity: 70, liquidityHalfWidth: 5 }),
    point({ liquidity: 90 }),
  ]);
  const ends = (bar: (typeof bars)[number]) =>
    bar?.map(({ value, symbol, symbolRotate }) => [
      ...value.map((one) => Math.round(one * 10) / 10),
      symbol === 'triangle' ? symbolRotate : symbol,
    ]);
  assert.deepEqual(bars.map(ends), [
    [
      [50, 0.1, 'none'],
      [50, 0.3, 'none'],
    ],
    [
      [0, 0.2, 90],
      [110, 0.2, 'none'],
    ],
    [
      [65, 0.5, 'none'],
      [75, 0.5, 'none'],
    ],
  ]);
  assert.deepEqual(across, [200, 200]);
});

test('a point over fewer seeds is hollow in both charts', () => {
  const { delays, shares } = drawnFrom([point({}), point({ isWhole: false })]);
  for (const points of [delays, shares])
    assert.deepEqual(
      points?.map(({ itemStyle }) => itemStyle?.color),
      [undefined, 'var(--bg)'],
    );
});
