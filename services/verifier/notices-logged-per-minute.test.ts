import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { NOTICES_LOGGED_PER_MINUTE, NoticeBudget } from './notices-logged-per-minute.ts';

const MINUTE_MS = 60_000;

test('so many a minute of each bank, and as many in the next', () => {
  const budget = new NoticeBudget(2);
  const takes = (bic: string, atMs: number) => [1, 2, 3].map(() => budget.takes(bic, atMs));
  assert.deepEqual(takes('ALFADE00', 0), [true, true, false]);
  assert.deepEqual(takes('BETASG00', 0), [true, true, false], 'each bank has its own');
  assert.deepEqual(takes('ALFADE00', MINUTE_MS - 1), [false, false, false]);
  assert.deepEqual(takes('ALFADE00', MINUTE_MS), [true, true, false]);
});

test('minutes that alternate, as of partitions with different lag, share one bound', () => {
  const budget = new NoticeBudget(300);
  let letIn = 0;
  for (let message = 0; message < 2_000; message++)
    if (budget.takes('ALFADE00', message % 2 === 0 ? 5 * MINUTE_MS : 0)) letIn += 1;
  assert.equal(letIn, 300);
  assert.equal(budget.takes('ALFADE00', 6 * MINUTE_MS), true, 'a later minute begins anew');
});

test('the bound by default is the one that the documentation of messages states', () => {
  const page = fileURLToPath(new URL('../../../docs/messages.md', import.meta.url));
  const stated = /A verifier lets (\d+) such messages a minute/.exec(readFileSync(page, 'utf8'));
  assert.equal(stated?.[1], '300');
  assert.equal(NOTICES_LOGGED_PER_MINUTE, 300);
});
