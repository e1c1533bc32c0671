import assert from 'node:assert/strict';
import { test } from 'node:test';
import { differences } from './reconciliation.ts';
import type { Summary } from './summary.ts';

const summary = {
  settled: 2,
  rejected: 1,
  cancelled: 0,
  queuedAtClose: 0,
  settledValueMinor: { EUR: '300', USD: '0' },
  rejectedByReason: { DS0B: 1 },
} as unknown as Summary;

/** Answers the three questions in their order: counts, values, reasons. */
function store(counts: object[], values: object[], reasons: object[]) {
  const answers = [counts, values, reasons];
  return async <Row>(_: string, params: Record<string, unknown>) => {
    assert.deepEqual(params, { run: 'r' });
    return answers.shift() as Row[];
  };
}
const counts = [
  { status: 'ACSC', number: '2' },
  { status: 'RJCT', number: '1' },
];
const values = [{ currency: 'EUR', value: '300' }];
const reasons = [{ reason: 'DS0B', number: '1' }];

test('a store that agrees to the payment and the minor unit has no differences', async () => {
  assert.deepEqual(await differences(store(counts, values, reasons), 'r', summary), []);
});

test('a payment, a minor unit or a reason that differs is named', async () => {
  const found = await differences(
    store([{ status: 'ACSC', number: '3' }], [{ currency: 'EUR', value: '301' }], []),
    'r',
    summary,
  );
  assert.deepEqual(found, [
    'payments with status ACSC: 3 stored, 2 summarized',
    'payments with status RJCT: 0 stored, 1 summarized',
    'settled value in EUR: 301 stored, 300 summarized',
    'rejects by reason:  stored, DS0B 1 summarized',
  ]);
});
