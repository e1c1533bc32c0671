import assert from 'node:assert/strict';
import { test } from 'node:test';
import { playTwoPools, type Sabotage } from './random-two-pools.ts';
import { noPartialChain } from './two-pools.ts';

noPartialChain(1, 400, 1);

/** Each takes away one thing that the proof needs (docs/settlement.md); from which seed on it is looked for, as few days show it. */
const SABOTAGE: readonly (readonly [what: string, how: Sabotage, from: number])[] = [
  [
    'an operator that accepts before the other pool has promised',
    { acceptsUnpromised: true, opening: 60n },
    8,
  ],
  ['a pool that does not keep what it promised', { forgetsPromises: true }, 1],
  ['attestations that name no chain among those with the same terms', { namesNoRecord: true }, 33],
];
for (const [what, how, from] of SABOTAGE)
  test(`${what}: there are partial chains`, async () => {
    for (let seed = from; seed <= 60; seed += 1) {
      const found = await playTwoPools(seed, how).then(
        () => '',
        (error: Error) => error.message,
      );
      if (/partial chain|has settled its part/.test(found)) return;
    }
    assert.fail('none was found');
  });
