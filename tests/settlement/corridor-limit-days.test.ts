/** Random days on which corridors have limits: the core against the slow reference, byte by byte. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readFlatEvent } from '../core/flat-events.ts';
import { compared } from './core-against-reference.ts';
import { type ChainsOfDay, randomDay } from './random-day.ts';

const KINDS: readonly ChainsOfDay[] = [
  'none',
  'none',
  'plain',
  'conditional',
  'netted',
  'promised',
];
const DAYS = process.env.CORRIDOR_LONG_TESTS ? 3000 : 14;

/** What limits of corridors can meet. */
const REACHED = [
  ...['corridorLimitSet none', 'refused limitReached', 'refused recordInvalid'],
  ...['rejected corridorLimitReached', 'rejected corridorLimitReached, in a chain'],
  ...['settled none', 'cancelled none', 'carriedOver none', 'unwound participantDefaulted'],
];

test(`${DAYS} random days with limits of corridors: the core's events are the reference's, byte for byte`, () => {
  const seen = new Map<string, number>();
  for (let seed = 1; seed <= DAYS; seed += 1) {
    const kind = KINDS[seed % KINDS.length] as ChainsOfDay;
    const day = randomDay(seed, seed % 5 === 0, true, kind, undefined, true);
    for (const events of compared(seed, day, 7))
      for (const event of events) {
        const { kind: told, reason, count } = readFlatEvent(event, 0);
        const isChain = told === 'rejected' && count > 0;
        const name = `${told} ${told === 'cancelled' ? 'none' : reason}${isChain ? ', in a chain' : ''}`;
        seen.set(name, (seen.get(name) ?? 0) + 1);
      }
  }
  assert.deepEqual(
    REACHED.filter((name) => !seen.has(name)),
    [],
  );
});
