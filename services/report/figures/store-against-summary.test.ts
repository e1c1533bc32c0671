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
  delay: { settledAfterQueuing: 1 },
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

/** Answers in order: outcomes, peaks of queues, defaults. */
function store(...answers: object[][]) {
  return async <Row>(_: string, params: Record<string, unknown>) => {
    assert.deepEqual(params, { run: 'r' });
    return answers.shift() as Row[];
  };
}
const outcome = (
  status: string,
  payments: string,
  value: string,
  of: {
    readonly mechanism?: string;
    readonly isoReason?: string;
    readonly currency?: string;
    readonly queued?: string;
  } = {},
) => ({
  ...{ status, payments, value, queued: '0' },
  ...{ currency: 'EUR', mechanism: 'none', isoReason: '', ...of },
});
const queued = outcome('ACSC', '1', '200', { mechanism: 'queue', queued: '1' });
/** The later legs of pairs are in rows of their own: their value counts. */
const outcomes = [
  queued,
  outcome('ACSC', '1', '60', { mechanism: 'entry' }),
  outcome('ACSC', '0', '40', { mechanism: 'entry', isoReason: 'late' }),
  outcome('RJCT', '1', '30', { isoReason: 'DS0B' }),
  outcome('RJCT', '0', '10', { isoReason: 'AM04' }),
  outcome('PDNG', '0', '3'),
  outcome('ACSP', '0', '2'),
];
const peaks = [{ currency: 'EUR', payments: '1', value: '200' }];
const defaults = [
  { kind: 'defaulted', line: 'D EUR 7' },
  { kind: 'defaulted', line: 'A EUR 9' },
  { kind: 'lossShared', line: 'A EUR 9' },
];

test('a store that agrees to the payment and the minor unit has no differences', async () => {
  assert.deepEqual(await differences(store(outcomes, peaks, defaults), 'r', summary), []);
});

test('a payment, a minor unit or a reason that differs is named', async () => {
  const found = await differences(
    store(
      [
        queued,
        outcome('ACSC', '2', '101', { mechanism: 'offsetting', queued: '2' }),
        outcome('RJCT', '0', '41', { isoReason: 'DS0B' }),
        outcome('CANC', '0', '1', { queued: '1' }),
        outcome('ACSP', '1', '0'),
        outcome('RJCT', '1', '2', { isoReason: 'AM04', currency: 'USD' }),
      ],
      [{ currency: 'EUR', payments: '2', value: '201' }],
      [defaults[0], { kind: 'lossShared', line: 'A EUR 8' }] as object[],
    ),
    'r',
    summary,
  );
  assert.deepEqual(found, [
    'payments with status ACSC: 3 stored, 2 summarized',
    'payments with status PDNG: 1 stored, 0 summarized',
    'settled value in EUR: 301 stored, 300 summarized',
    'rejected value in EUR: 41 stored, 40 summarized',
    'rejected value in USD: 2 stored, 0 summarized',
    'cancelled value in EUR: 1 stored, 0 summarized',
    'queued value in EUR: 0 stored, 5 summarized',
    'rejects by reason: AM04 1 stored, DS0B 1 summarized',
    'settled by mechanism in EUR: offsetting 2 of 101, queue 1 of 200 stored, entry 1 of 100, queue 1 of 200 summarized',
    'settled after queuing: 3 stored, 1 summarized',
    'most payments in the queue in EUR: 2 stored, 1 summarized',
    'most value in the queue in EUR: 201 stored, 200 summarized',
    'defaults: D EUR 7 stored, A EUR 9, D EUR 7 summarized',
    'shares of losses: A EUR 8 stored, A EUR 9 summarized',
  ]);
});

test('of a run that the store does not have all differs that the summary has', async () => {
  const found = await differences(store([], peaks, defaults), 'r', summary);
  assert.deepEqual(found, [
    'payments with status ACSC: 0 stored, 2 summarized',
    'payments with status RJCT: 0 stored, 1 summarized',
    'settled value in EUR: 0 stored, 300 summarized',
    'rejected value in EUR: 0 stored, 40 summarized',
    'queued value in EUR: 0 stored, 5 summarized',
    'rejects by reason:  stored, DS0B 1 summarized',
    'settled by mechanism in EUR:  stored, entry 1 of 100, queue 1 of 200 summarized',
    'settled after queuing: 0 stored, 1 summarized',
  ]);
});
