import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DrivePace } from './drive-pace.ts';

test('a speed that is not reached is told, of the last seconds alone', () => {
  const pace = new DrivePace();
  let scenarioMs = 0;
  const go = (fromMs: number, toMs: number, speed: number) => {
    for (let elapsedMs = fromMs; elapsedMs < toMs; elapsedMs += 50) {
      pace.note({ elapsedMs, scenarioMs });
      scenarioMs += 50 * speed;
    }
    return pace.reached({ elapsedMs: toMs, scenarioMs }, 60);
  };
  assert.equal(go(0, 1_000, 6), null, 'too short a time to tell');
  assert.equal(go(1_000, 3_000, 6), 6);
  const mixed = go(3_000, 6_000, 60);
  assert.ok(mixed !== null && mixed > 6 && mixed < 60, `${mixed}`);
  assert.equal(go(6_000, 12_000, 60), null, 'it keeps up again');
  assert.equal(go(12_000, 20_000, 0), 0);
  pace.forget();
  assert.equal(go(20_000, 23_000, 60), null);
});
