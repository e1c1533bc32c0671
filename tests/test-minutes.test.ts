import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
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

test('every area with tests of a kind has its row in the table of minimum tests', () => {
  const file = join(root, 'scripts/test-minimum.json');
  const minimum = JSON.parse(readFileSync(file, 'utf8')) as Record<string, Record<string, number>>;
  const tests = ['scripts', 'services', 'load-tests', 'tests'].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((path) => path.endsWith('.test.ts'))
      .map((path) => `${folder}/${path}`),
  );
  const without = tests.filter((path) => {
    const [, kind = 'plain'] = /\.(system|long)\.test\.ts$/.exec(path) ?? [];
    const area = dirname(path).split('/').slice(0, 2).join('/');
    return kind !== 'long' && minimum[kind]?.[area] === undefined;
  });
  assert.deepEqual(without, []);
});

/** Types do not reach them: a name that moved, or is no export any more, ends them when they run. */
