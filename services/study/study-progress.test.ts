import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startStudyProgress } from './study-progress.ts';

const CELLS = { many: 'cells', lost: 'failed' };

/** Lines of a study with two jobs, each of which starts for 10 s and then has a cell in a second. */
function linesOf(total: number, done: number): string[] {
  const lines: string[] = [];
  const write = (line: string) => lines.push(line.trim()) > 0;
  let clockMs = 5_000;
  const nowMs = () => clockMs;
  const progress = startStudyProgress(
    total,
    done,
    { isTTY: false, write },
    { jobs: 2, nowMs, names: CELLS },
  );
  clockMs += 10_000;
  for (let cell = done; cell < total; cell += 2) {
    clockMs += 1_000;
    progress.step(0);
    progress.step(0);
  }
  return lines;
}

test('the time left is by the cells behind the first of each job, and is told when each may have had another', () => {
  assert.deepEqual(linesOf(20, 0), [
    '10%  2 of 20 cells',
    '20%  4 of 20 cells, 8.0 s left',
    '30%  6 of 20 cells, 7.0 s left',
    '40%  8 of 20 cells, 6.0 s left',
    '50%  10 of 20 cells, 5.0 s left',
    '60%  12 of 20 cells, 4.0 s left',
    '70%  14 of 20 cells, 3.0 s left',
    '80%  16 of 20 cells, 2.0 s left',
    '90%  18 of 20 cells, 1.0 s left',
    '100%  20 of 20 cells',
  ]);
});

test('a stress test counts failures, and those that were not run', () => {
  const lines: string[] = [];
  const stream = { isTTY: false, write: (line: string) => lines.push(line.trim()) > 0 };
  const names = { many: 'failures', lost: 'not run' };
  const progress = startStudyProgress(2, 0, stream, { jobs: 2, nowMs: () => 0, names });
  progress.step(0);
  progress.step(1);
  assert.deepEqual(lines, ['50%  1 of 2 failures', '100%  2 of 2 failures, 1 not run']);
});

test('after a resume it is by the cells of this process', () => {
  assert.deepEqual(linesOf(20, 10).slice(0, 2), [
    '60%  12 of 20 cells',
    '70%  14 of 20 cells, 3.0 s left',
  ]);
});
