import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Summary } from './summary.ts';
import { differences } from './summary-check.ts';

const summary = {
  settled: 2,
  rejected: 1,
  cancelled: 0,
  queuedAtClose: 0,
  settledValueMinor: { EUR: '300', USD: '0' },
  rejectedByReason: { DS0B: 1 },
  indicators: {
    currencies: [
      {
        currency: 'EUR',
        queuePeak: { payments: 1, valueMinor: '200' },
        settledByMechanism: {
          queue: { payments: 1, valueMinor: '200' },
          entry: { payments: 1, valueMinor: '100' },
        },
      },
      { currency: 'USD', queuePeak: { payments: 0, valueMinor: '0' }, settledByMechanism: {} },
    ],
  },
} as unknown as Summary;

/** Answers the questions in their order: counts, values, reasons, peaks of queues, mechanisms. */
function store(...answers: object[][]) {
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
const peaks = [{ currency: 'EUR', payments: '1', value: '200' }];
const mechanisms = [
  { currency: 'EUR', mechanism: 'entry', tally: '1 of 100' },
  { currency: 'EUR', mechanism: 'queue', tally: '1 of 200' },
];

test('a store that agrees to the payment and the minor unit has no differences', async () => {
  assert.deepEqual(
    await differences(store(counts, values, reasons, peaks, mechanisms), 'r', summary),
    [],
  );
});

test('a payment, a minor unit or a reason that differs is named', async () => {
  const found = await differences(
    store(
      [{ status: 'ACSC', number: '3' }],
      [{ currency: 'EUR', value: '301' }],
      [],
      [{ currency: 'EUR', payments: '2', value: '201' }],
      mechanisms.slice(1),
    ),
    'r',
    summary,
  );
  assert.deepEqual(found, [
    'payments with status ACSC: 3 stored, 2 summarized',
    'payments with status RJCT: 0 stored, 1 summarized',
    'settled value in EUR: 301 stored, 300 summarized',
    'rejects by reason:  stored, DS0B 1 summarized',
    'most payments in the queue in EUR: 2 stored, 1 summarized',
    'most value in the queue in EUR: 201 stored, 200 summarized',
    'settled by mechanism in EUR: queue 1 of 200 stored, entry 1 of 100, queue 1 of 200 summarized',
  ]);
});
