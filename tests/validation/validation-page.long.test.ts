import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { packageFolder } from '../../services/platform/service/build-info.ts';
import { WHOLE } from '../../services/validation/claim-and-finding.ts';
import { validate } from '../../services/validation/validate.ts';
import { validationPage } from '../../services/validation/validation-page.ts';

test('docs/validation.md is what npm run validate prints, and every claim holds', async () => {
  const groups = await validate(WHOLE);
  const page = readFileSync(join(packageFolder, 'docs/validation.md'), 'utf8');
  assert.equal(validationPage(groups), page);
  assert.ok(groups.every(({ rows }) => rows.every(({ holds }) => holds)));
});
