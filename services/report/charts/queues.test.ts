import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Frame } from '../time-frame.ts';
import { queueChart } from './queues.ts';

/** px: as wide as "18:00" is in the widest of the usual fonts at 12 px. */
const TIME_WIDTH = 34;

test('the label of the last time has room where it stands at the end of the axis', () => {
  const frame = { startMs: 0, endMs: 36_000_000, stepMs: 3_600_000, count: 10 } as Frame;
  const panel = { currency: 'EUR', index: 0, hours: [], scale: 2, most: [1] };
  const { grid } = queueChart(frame, [], [panel, panel]);
  assert.ok(Array.isArray(grid) && grid.length === 2);
  for (const { right } of grid) assert.ok(Number(right) >= TIME_WIDTH / 2, `${right} px`);
});
