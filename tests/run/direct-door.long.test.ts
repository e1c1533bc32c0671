import { test } from 'node:test';
import { compareDoors } from './doors.ts';

test('a thousand random scenarios come to the same by both doors', async () => {
  await compareDoors(1_000, 1_000);
});
