import assert from 'node:assert/strict';
import { test } from 'node:test';
import { differences } from './store-against-summary.ts';
import type { Summary } from './summary.ts';

const summary = {
  settled: 2,
  rejected: 1,
  cancelled: 0,
  queuedAtClose: 0,
  settledValueMinor: { EUR: '300', USD: '0' },
  rejectedValueMinor: { EUR: '40', USD: '0' },
  cancelledValueMinor: { EUR: '0', USD: '0' },
  queuedValueMinor: { EUR: '5', USD: '0' },
  defaults: [
    {
      ...{ participant: 'A', currency: 'EUR', shortfallMinor: '9' },
      borneBy: [
        { participant: 'B', how: 'lossShared', amountMinor: '5' },
        { participant: 'C', how: 'lossShared', amountMinor: '4' },
      ],
    },
    {
      ...{ participant: 'D', currency: 'EUR', shortfallMinor: '7' },
      borneBy: [{ participant: 'B', how: 'unwound', amountMinor: '7' }],
    },
  ],
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

/** Answers in order: counts, values, reasons, peaks of queues, mechanisms, defaults. */
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
const value = (outcome: string, amount: string) => ({ outcome, currency: 'EUR', value: amount });
const values = [value('ACSC', '300'), value('RJCT', '40'), value('PDNG', '5')];
const reasons = [{ reason: 'DS0B', number: '1' }];
const peaks = [{ currency: 'EUR', payments: '1', value: '200' }];
const mechanisms = [
  { currency: 'EUR', mechanism: 'entry', tally: '1 of 100' },
  { currency: 'EUR', mechanism: 'queue', tally: '1 of 200' },
];
const defaults = [
  { kind: 'defaulted', line: 'D EUR 7' },
  { kind: 'defaulted', line: 'A EUR 9' },
  { kind: 'lossShared', line: 'A EUR 9' },
];

test('a store that agrees to the payment and the minor unit has no differences', async () => {
  assert.deepEqual(
    await differences(store(counts, values, reasons, peaks, mechanisms, defaults), 'r', summary),
    [],
  );
});

test('a payment, a minor unit or a reason that differs is named', async () => {
  const found = await differences(
    store(
      [{ status: 'ACSC', number: '3' }],
      [value('ACSC', '301'), value('RJCT', '41'), value('CANC', '1')],
      [],
      [{ currency: 'EUR', payments: '2', value: '201' }],
      mechanisms.slice(1),
      [defaults[0], { kind: 'lossShared', line: 'A EUR 8' }] as object[],
    ),
    'r',
    summary,
  );
  assert.deepEqual(found, [
    'payments with status ACSC: 3 stored, 2 summarized',
    'payments with status RJCT: 0 stored, 1 summarized',
    'settled value in EUR: 301 stored, 300 summarized',
    'rejected value in EUR: 41 stored, 40 summarized',
    'cancelled value in EUR: 1 stored, 0 summarized',
    'queued value in EUR: 0 stored, 5 summarized',
    'rejects by reason:  stored, DS0B 1 summarized',
    'most payments in the queue in EUR: 2 stored, 1 summarized',
    'most value in the queue in EUR: 201 stored, 200 summarized',
    'settled by mechanism in EUR: queue 1 of 200 stored, entry 1 of 100, queue 1 of 200 summarized',
    'defaults: D EUR 7 stored, A EUR 9, D EUR 7 summarized',
    'shares of losses: A EUR 8 stored, A EUR 9 summarized',
  ]);
});
