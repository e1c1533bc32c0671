import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '../..');

/** Seconds on two cores that a command may take, less what the runner, a slower machine and new tests take. */
const BUDGETS_S = { plain: 232, system: 840 };

test('the recorded seconds of the tests fit the minutes of their commands', () => {
  const file = join(root, 'scripts/test-durations.json');
  const durations = Object.entries(
    JSON.parse(readFileSync(file, 'utf8')) as Record<string, number>,
  );
  assert.ok(durations.length > 20, 'the table is that of whole runs');
  const taken = { plain: 0, system: 0, long: 0 };
  for (const [path, seconds] of durations) {
    if (!existsSync(join(root, path))) continue;
    const [, kind = 'plain'] = /\.(system|long)\.test\.ts$/.exec(path) ?? [];
    taken[kind as keyof typeof taken] += seconds;
  }
  // Of processors, of which there are two; of the clock, recorded where two ran side by side.
  assert.ok(taken.plain < 2 * BUDGETS_S.plain, `npm test: ${taken.plain} s of processors`);
  assert.ok(taken.system < 2 * BUDGETS_S.system, `npm run test:system: ${taken.system / 2} s`);
});

/** Types do not reach them: a name that moved, or is no export any more, ends them when they run. */
