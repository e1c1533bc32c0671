import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FAULTS, OUTCOMES, playTwoPools } from './random-two-pools.ts';

/**
 * Days of two pools and their operators, until there were so many faults: no chain has settled in one of them alone.
 * @param least how often each fault must have been met
 */
export function noPartialChain(firstSeed: number, faults: number, least: number): void {
  test(`${faults} faults of two pools, their operators and what lies between: no partial chain`, async (t) => {
    const met = new Map<string, number>();
    const count = () => FAULTS.reduce((sum, fault) => sum + (met.get(fault) ?? 0), 0);
    for (let seed = firstSeed; count() < faults; seed += 1)
      for (const [what, times] of await playTwoPools(seed))
        met.set(what, (met.get(what) ?? 0) + times);
    for (const [what, times] of [...met].sort())
      t.diagnostic(`${String(times).padStart(7)} ${what}`);
    for (const what of [...FAULTS, ...OUTCOMES])
      assert.ok((met.get(what) ?? 0) >= least, `${what}: ${met.get(what) ?? 0}, not ${least}`);
  });
}
