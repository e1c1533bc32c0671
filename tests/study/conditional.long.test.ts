import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { packageFolder } from '../../services/platform/service/build-info.ts';
import { conditionalStudy } from '../../services/study/conditional-study.ts';

test('docs/studies/conditional.md and its table are what npm run study:conditional writes', async () => {
  const { table, page } = await conditionalStudy(packageFolder, availableParallelism());
  const file = (name: string) => readFileSync(join(packageFolder, 'docs/studies', name), 'utf8');
  assert.equal(table, file('conditional.csv'));
  assert.equal(page, file('conditional.md'));
});
