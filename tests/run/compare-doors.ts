import assert from 'node:assert/strict';
import { randomScenario } from '../support/random-scenario.ts';
import { runDirectly, runScenario } from '../support/run.ts';

/**
 * Runs random scenarios over messages and by the direct door, in slices of several sizes: they come to the same events, figures and
 * rows. Returns the reasons and mechanisms that were met.
 * @param changes what is set in the scenario of a seed
 */
export async function compareDoors(
  seeds: Iterable<number>,
  changes: (seed: number) => readonly string[] = () => [],
): Promise<Set<string>> {
  const met = new Set<string>();
  for (const seed of seeds) {
    const scenario = randomScenario(seed, { set: changes(seed) });
    const signatures = seed % 4 !== 0;
    const { summary, rows } = await runScenario(scenario, { signatures });
    const sliceMessages = [1, 3, 4096][seed % 3] as number;
    const direct = await runDirectly(scenario, { signatures, sliceMessages });
    assert.equal(direct.summary.eventsHash, summary.eventsHash, `seed ${seed}`);
    assert.deepEqual(direct.summary, summary, `seed ${seed}`);
    assert.deepEqual(direct.rows, rows, `seed ${seed}`);
    for (const { reason, mechanism } of rows) met.add(reason).add(mechanism);
    if (summary.repeated > 0) met.add('repeated');
    if (summary.refusedRequests > 0) met.add('refusedRequests');
  }
  return met;
}
