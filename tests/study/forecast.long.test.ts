import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { packageFolder } from '../../services/platform/service/build-info.ts';
import { forecastStudy } from '../../services/study/forecast-study.ts';

test('docs/studies/forecast.md and its table are what npm run study:forecast writes', async () => {
  const { table, page } = await forecastStudy(packageFolder);
  const file = (name: string) => readFileSync(join(packageFolder, 'docs/studies', name), 'utf8');
  assert.equal(table, file('forecast.csv'));
  assert.equal(page, file('forecast.md'));
});
