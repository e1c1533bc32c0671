import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DriveClock } from './drive-speed-and-clock.ts';

test('a drive’s clock goes at its speed, and stands while paused or held', () => {
  let machineMs = 500;
  const clock = new DriveClock(() => machineMs, 60);
  const after = (ms: number) => {
    machineMs += ms;
    return clock.nowMs();
  };
  clock.start(1_000_000);
  assert.equal(after(100), 1_006_000);
  clock.setSpeed(10);
  assert.equal(after(100), 1_007_000);
  clock.pause();
  assert.equal(after(5_000), 1_007_000);
  clock.setSpeed(1);
  assert.equal(after(5_000), 1_007_000, 'another speed does not end a pause');
  clock.resume();
  assert.equal(after(50), 1_007_050);
  // The log was away since 1,007,020, and the clock is paused meanwhile.
  clock.hold(1_007_020);
  clock.pause();
  clock.resume();
  assert.equal(after(5_000), 1_007_020, 'held whoever resumes');
  clock.release();
  assert.equal(after(5), 1_007_025);
});
