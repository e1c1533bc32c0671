import assert from 'node:assert/strict';
import { test } from 'node:test';
import { load, runDirectly, runScenario } from '../support/run.ts';
import { compareDoors } from './compare-doors.ts';

for (const name of ['core-periphery', 'insurance-burst', 'watched-flow'])
  test(`${name} comes to the same by both doors`, async () => {
    const { summary } = await runScenario(load(name), { signatures: false });
    const direct = await runDirectly(load(name), { signatures: false });
    assert.deepEqual(direct.summary, summary);
  });

test('a thousand random scenarios come to the same by both doors', async () => {
  await compareDoors(Array.from({ length: 1_000 }, (_, at) => 1_000 + at));
});
