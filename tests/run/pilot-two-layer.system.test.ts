import assert from 'node:assert/strict';
import { test } from 'node:test';
import { unsettled } from '../support/two-layer-pilot.ts';

test('two-layer: who stays, or has reserves, can pay', async () => {
  const stayed = await unsettled(
    'nobody leaves (460 payments)',
    'customerPayments.leaving.paymentsPerDate=0',
  );
  assert.equal(stayed.all, 4);
  const ample = await unsettled(
    'Bank Alfa has reserves of 10 %',
    'participants.ALFADE00.accounts.EUR.balance=80000.00',
  );
  assert.equal(ample.all, 3);
});

test('two-layer: payments inside a bank need no reserves, and strict order makes them wait for some', async () => {
  for (const [variant, set, all] of [
    ['no payment inside a bank (`onUs: 0`)', 'customerPayments.retail.onUs=0', 47],
    ['nine of ten inside a bank (`onUs: 0.9`)', 'customerPayments.retail.onUs=0.9', 25],
    ['queues in strict order (`fifo`)', 'settlement.queue=fifo', 204],
  ] as const)
    assert.equal((await unsettled(variant, set)).all, all, variant);
});

test('two-layer: a quota on deposits stops whole chains, so that the reserves stay', async () => {
  const { all, leaving } = await unsettled(null, 'deposits.3.quota=5000.00');
  assert.equal(leaving, 26);
  // Of the other payments more settle than without it.
  assert.equal(all - leaving, 10);
});
