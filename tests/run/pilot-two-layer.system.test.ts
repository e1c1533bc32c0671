import assert from 'node:assert/strict';
import { test } from 'node:test';
import { unsettled } from '../support/two-layer-pilot.ts';

test('two-layer: who stays, or has reserves, can pay', async () => {
  const stayed = await unsettled('customerPayments.leaving.paymentsPerDate=0');
  assert.equal(stayed.all, 4);
  const ample = await unsettled('participants.ALFADE00.accounts.EUR.balance=80000.00');
  assert.equal(ample.all, 3);
});

test('two-layer: payments inside a bank need no reserves, and strict order makes them wait for some', async () => {
  assert.equal((await unsettled('customerPayments.retail.onUs=0')).all, 47);
  assert.equal((await unsettled('customerPayments.retail.onUs=0.9')).all, 25);
  assert.equal((await unsettled('settlement.queue=fifo')).all, 204);
});

test('two-layer: a quota on deposits stops whole chains, so that the reserves stay', async () => {
  const { all, leaving } = await unsettled('deposits.3.quota=5000.00');
  assert.equal(leaving, 26);
  // Of the other payments more settle than without it.
  assert.equal(all - leaving, 10);
});
