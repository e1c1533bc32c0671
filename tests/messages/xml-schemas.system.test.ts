import assert from 'node:assert/strict';
import { test } from 'node:test';
import { needsFixtures } from '../support/needs-fixtures.ts';
import { writtenMessages } from './xml-mutants.ts';
import { judgeMutants } from './xsd-judge.ts';

const COUNT = process.env.CORRIDOR_LONG_TESTS === '1' ? 200_000 : 20_000;

test(`${COUNT} changed messages are judged as the schemas do, or differ for a known reason`, {
  skip: needsFixtures,
}, (t) => {
  const messages = writtenMessages().filter(({ type }) => type !== 'camt.007.001.08');
  const tally = judgeMutants(messages, COUNT, 2);
  for (const [kind, count] of [...tally].sort(([, a], [, b]) => b - a))
    t.diagnostic(`${count} ${kind}`);
  assert.ok((tally.get('taken by both') ?? 0) > COUNT / 10);
  assert.ok((tally.get('refused by both') ?? 0) > COUNT / 2);
});
