/** The claims, computed over fewer days than the page has: what is exact does not depend on how many. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';
import { packageFolder } from '../../services/platform/service/build-info.ts';
import type { Validated } from '../../services/validation/claim-and-finding.ts';
import { validate } from '../../services/validation/validate.ts';
import { atLeast } from '../support/at-least.ts';

describe('npm run validate', () => {
  let rows: readonly Validated[] = [];
  before(async () => {
    const groups = await validate({ seeds: 2, days: 3, levels: 5 });
    rows = groups.flatMap((group) => group.rows);
  });

  test('finds what is exact, and what docs/validation.md says', () => {
    const page = readFileSync(join(packageFolder, 'docs/validation.md'), 'utf8');
    const exact = rows.filter(({ mark }) => mark === 'exact');
    for (const { claim, source, expected, found, holds } of atLeast(45, exact)) {
      assert.equal(found, expected, claim);
      assert.ok(holds);
      const line = page.split('\n').find((one) => one.startsWith(`| ${claim} | ${source} | `));
      assert.ok(line?.includes(` | ${found}`), `${claim}: ${found}, on the page ${line}`);
    }
  });

  test('finds in every comparison a figure for each level, and nothing to save at the upper bound', () => {
    const shape = rows.filter(({ mark }) => mark === 'shape');
    for (const { claim, found } of atLeast(6, shape)) {
      assert.match(found, /-?\d+\.\d\d ± \d+\.\d\d/, claim);
      assert.doesNotMatch(found, /NaN|Infinity|undefined/, claim);
    }
    const bounded = shape.filter(({ found }) => found.includes('100 %'));
    for (const { found } of atLeast(2, bounded)) assert.match(found, /; 100 %: 0\.00 ± 0\.00$/);
  });

  test('says of each row without data what is missing', () => {
    const missing = rows.filter(({ mark }) => mark === 'data missing');
    for (const { found } of atLeast(4, missing)) assert.ok(found.length > 40, found);
  });

  test('an option that the command does not know ends it before anything is computed', () => {
    const { status, stderr } = spawnSync(
      process.execPath,
      [join(packageFolder, 'scripts/validate.mjs'), '--wirte'],
      { encoding: 'utf8' },
    );
    assert.equal(status, 2);
    assert.equal(stderr, 'usage: npm run validate [-- --write | --check]\n');
  });
});
