import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ScenarioTimes } from './scenario-times.ts';

test('an instant has the scenario’s time that it had: over changes of speed, and a pause', () => {
  const times = new ScenarioTimes();
  let [atMs, scenarioMs] = [10_000, 1_000_000];
  const go = (ms: number, speed: number) => {
    times.note({ atMs, scenarioMs }, true);
    for (const until = atMs + ms; atMs < until; atMs += 50, scenarioMs += 50 * speed)
      times.note({ atMs, scenarioMs });
  };
  const at = (instant: number) => times.at(instant, { atMs, scenarioMs });
  assert.equal(at(10_000), null, 'the drive has not begun');
  go(3_000, 60);
  go(1_500, 600);
  go(600_000, 0);
  go(2_020, 1);
  assert.equal(at(9_999), null);
  assert.equal(at(10_000), 1_000_000);
  assert.equal(at(11_234), 1_000_000 + 1_234 * 60);
  assert.equal(at(14_000), 1_180_000 + 1_000 * 600);
  assert.equal(at(300_000), 2_080_000, 'it stood');
  assert.equal(at(614_500), 2_080_000);
  assert.equal(at(615_500), 2_081_000);
  assert.equal(at(616_540), 2_082_040, 'after the last mark');
  assert.equal(at(999_999), scenarioMs, 'not beyond the present');
});
