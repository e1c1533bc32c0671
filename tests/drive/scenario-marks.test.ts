import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ScenarioMarks } from '../../services/drive/scenario-marks.ts';
import { TELEMETRY } from '../../services/protocol/names/topic-plan.ts';
import { scenarioMessage } from '../../services/protocol/records/telemetry.ts';
import { scenarioEvents } from '../../services/report/figures/scenario-tables.ts';
import { memoryLog } from '../support/live.ts';
import { load } from '../support/run.ts';

const scenario = load('smoke');
const planned = [...scenarioEvents(scenario, scenario.liquidityEvents)].sort(
  (one, other) => one.fromMs - other.fromMs,
);

test('wherever a drive was stopped, its clock ahead of or behind what is sent next, each mark is told once', async () => {
  assert.ok(planned.length > 3);
  for (const { fromMs: toldToMs } of planned)
    for (const { fromMs: nextMs } of planned) {
      const log = memoryLog();
      await log.createTopics([{ name: TELEMETRY, partitions: 1, timestamps: 'create' }]);
      const first = new ScenarioMarks(scenario);
      first.begin(0);
      const before = first.due(toldToMs, 0, 1);
      await log.produce(TELEMETRY, [
        scenarioMessage({ kind: 'scenario', atMs: 0, events: before }),
      ]);
      const second = new ScenarioMarks(scenario);
      await second.recall(log);
      second.begin(nextMs);
      const after = second.due(Number.MAX_SAFE_INTEGER, 0, 1);
      assert.deepEqual(
        [...before, ...after].map(({ text }) => text),
        planned.map(({ text }) => text),
        `told to ${toldToMs}, sent next at ${nextMs}`,
      );
    }
});
