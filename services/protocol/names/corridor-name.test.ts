import assert from 'node:assert/strict';
import { test } from 'node:test';
import { paymentCorridor, tradeCorridor } from './corridor-name.ts';

test('a payment’s corridor leads from the currency debited to the one credited', () => {
  assert.equal(paymentCorridor('EUR', 'EUR'), 'EUR');
  assert.equal(paymentCorridor('EUR', 'CHF'), 'EUR-CHF');
});

test('a trade’s corridor is the same whoever instructs first', () => {
  assert.equal(tradeCorridor('EUR', 'CHF'), 'CHF/EUR');
  assert.equal(tradeCorridor('CHF', 'EUR'), 'CHF/EUR');
  assert.equal(tradeCorridor('EUR', null), 'EUR/?');
});
