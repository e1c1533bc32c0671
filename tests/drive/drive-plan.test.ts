import assert from 'node:assert/strict';
import { test } from 'node:test';
import { drivePlan, isDueCycle } from '../../services/drive/drive-plan.ts';
import { load } from '../support/run.ts';

const cyclesOf = (name: string, set: readonly string[] = []) =>
  [...drivePlan(load(name, set))].filter(isDueCycle);
const at = (ms: number) => new Date(ms).toISOString().slice(11, 16);

test('cycles are due every interval while something is open, and before each close', () => {
  // SGD is open from 06:00 to 10:30, EUR from 07:00 to 11:00, UTC.
  const cycles = cyclesOf('smoke');
  const periodic = cycles.filter(({ due }) => due === 'interval').map(({ atMs }) => at(atMs));
  assert.deepEqual([periodic.length, periodic[0], periodic.at(-1)], [59, '06:05', '10:55']);
  assert.deepEqual(
    cycles.filter(({ due }) => due === 'close').map(({ atMs, currency }) => [at(atMs), currency]),
    [
      ['10:30', 1],
      ['11:00', 0],
    ],
  );
  const times = [...drivePlan(load('smoke'))].map(({ atMs }) => atMs);
  assert.deepEqual(
    times,
    times.toSorted((a, b) => a - b),
    'in order',
  );
});

test('a scenario without cycles has none, and one that nets at fixed times those before a close', () => {
  assert.deepEqual(cyclesOf('smoke', ['settlement.cycle=off']), []);
  const nets = cyclesOf('limits-hybrid');
  assert.ok(nets.length > 0 && nets.every(({ due }) => due === 'close'));
});
