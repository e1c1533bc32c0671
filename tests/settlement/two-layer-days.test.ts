import assert from 'node:assert/strict';
import { test } from 'node:test';
import { randomLayers } from '../support/random-layers.ts';
import { runDirectly, runScenario } from '../support/run.ts';
import { layersAreAsTheReference } from './two-layer-days.ts';

layersAreAsTheReference(2, false);

test('a random day of two layers comes to the same by both doors', async () => {
  const scenario = randomLayers(101);
  const { summary, rows } = await runScenario(scenario, { signatures: false });
  const direct = await runDirectly(scenario, { signatures: false });
  assert.deepEqual(direct.summary, summary);
  assert.deepEqual(direct.rows, rows);
});
