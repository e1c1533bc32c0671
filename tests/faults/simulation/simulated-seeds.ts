/**
 * Networks under faults, simulated: the services' own code over a log and a clock of which a seed
 * decides every answer, every death and every delay. A seed that fails is named; with
 * CORRIDOR_SIMULATION_SEED=<seed> it runs alone and tells each step.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createVerification } from '../../../services/core/verification/verification.ts';
import { coreModule } from '../../../services/platform/service/shipped-files.ts';
import { networkOf } from '../../../services/sandbox/sandbox-folder.ts';
import { load } from '../../support/run.ts';
import { runSeed } from './run-seed.ts';

const scenario = load('smoke');
const core = coreModule();
const ground = {
  scenario,
  network: networkOf(scenario),
  core,
  verification: createVerification(core.module),
};

const only = process.env.CORRIDOR_SIMULATION_SEED;
/** Seeds of one test. */
const PORTION = 250;

async function run(seed: number) {
  try {
    return await runSeed(ground, seed);
  } catch (error) {
    const again = `CORRIDOR_SIMULATION_SEED=${seed} node scripts/test.mjs simulation.test`;
    throw new Error(`seed ${seed} fails; ${again} tells each step`, { cause: error });
  }
}

export function repeatsItself(seeds: readonly number[]): void {
  test('a seed gives the same run again, to the last step', async () => {
    for (const seed of seeds) assert.deepEqual(await run(seed), await run(seed));
  });
}

/** Makes the tests of the seeds from `first` up to `end`, without it; or of the one that is named. */
export function simulatedFaults(first: number, end: number): void {
  if (only !== undefined) {
    test(`simulated faults, seed ${only}`, async () => {
      await runSeed(ground, Number(only), (line) => process.stderr.write(`${line}\n`));
    });
    return;
  }
  for (let from = first; from < end; from += PORTION) {
    const to = Math.min(from + PORTION, end);
    test(`simulated faults, seeds ${from} to ${to - 1}`, async (t) => {
      const total = { steps: 0, kills: 0 };
      for (let seed = from; seed < to; seed++) {
        const { steps, kills } = await run(seed);
        total.steps += steps;
        total.kills += kills;
      }
      assert.ok(total.steps > to - from);
      t.diagnostic(`${total.steps} steps, ${total.kills} kills`);
    });
  }
}
