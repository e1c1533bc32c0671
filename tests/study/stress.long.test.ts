import { test } from 'node:test';
import { checkRandomStress } from './random-stress.ts';

test('two hundred random scenarios under stress', async () => {
  await checkRandomStress(5_000, 200);
});
