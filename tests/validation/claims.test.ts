/** How claims are marked and told, and that the page of the docs has every one; what they find: the system test. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { packageFolder } from '../../services/platform/service/build-info.ts';
import { type Claim, validated, WHOLE } from '../../services/validation/claim-and-finding.ts';
import { CLAIM_GROUPS } from '../../services/validation/validate.ts';
import {
  countsText,
  terminalTable,
  validationPage,
} from '../../services/validation/validation-page.ts';
import { atLeast } from '../support/at-least.ts';

const of = { claim: 'a | b', source: 'a book', expected: '1' };
const CLAIMS: readonly (readonly [Claim, holds: boolean, line: string])[] = [
  [
    { ...of, mark: 'exact', find: async () => ({ found: '1', detail: 'of 3' }) },
    true,
    '| a \\| b | a book | 1 | 1 (of 3) | exact |',
  ],
  [
    { ...of, mark: 'exact', find: async () => ({ found: '2' }) },
    false,
    '| a \\| b | a book | 1 | 2 | exact: DIFFERS |',
  ],
  [
    { ...of, mark: 'exact', elsewhere: '3', find: async () => ({ found: '1' }) },
    true,
    '| a \\| b | a book | here: 1; there: 3 | 1 | exact |',
  ],
  [
    { ...of, mark: 'shape', judge: async () => ({ found: '7 ± 9', holds: false }) },
    false,
    '| a \\| b | a book | 1 | 7 ± 9 | shape: DIFFERS |',
  ],
  [
    { ...of, mark: 'data missing', why: 'no data' },
    true,
    '| a \\| b | a book | 1 | no data | data missing |',
  ],
];

test('a claim is marked by what it is, and differs where it is not found', async () => {
  const rows = await Promise.all(CLAIMS.map(([claim]) => validated(claim, WHOLE)));
  assert.deepEqual(
    rows.map(({ holds }) => holds),
    CLAIMS.map(([, holds]) => holds),
  );
  const groups = [{ title: 'Some', text: ['Why.'], rows }];
  const page = validationPage(groups).split('\n');
  for (const [, , line] of atLeast(5, CLAIMS)) assert.ok(page.includes(line), line);
  assert.equal(countsText(groups), '5 claims: 3 exact, 1 shape, 1 data missing; 2 differ');
  const printed = terminalTable(groups, 160);
  assert.match(printed, /exact:.*DIFFERS/s);
  for (const line of printed.split('\n')) assert.ok(line.length <= 160, line);
});

test('docs/validation.md has each claim, its source and its expectation', () => {
  const page = readFileSync(join(packageFolder, 'docs/validation.md'), 'utf8');
  const claims = CLAIM_GROUPS.flatMap((group) => group.claims);
  for (const { claim, source, expected, elsewhere } of atLeast(50, claims)) {
    const told = elsewhere === undefined ? expected : `here: ${expected}; there: ${elsewhere}`;
    assert.ok(page.includes(`\n| ${claim} | ${source} | ${told} | `), claim);
  }
  for (const { title, text } of atLeast(5, CLAIM_GROUPS))
    assert.ok(page.includes([`## ${title}`, ...text].join('\n\n')), title);
  assert.doesNotMatch(page, /DIFFERS/);
  const lines = page.split('\n').filter((line) => /\| (exact|shape|data missing) \|$/.test(line));
  assert.equal(lines.length, claims.length, 'and no other');
});
