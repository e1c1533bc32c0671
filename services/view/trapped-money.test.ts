import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LedgerAccount } from '../analysis/ledger.ts';
import { TrappedBook } from './trapped-money.ts';

const account = (participant: number, currency: number, balance: bigint) =>
  ({ number: 8 * participant + currency, participant, currency, balance }) as LedgerAccount;

test('what a bank has trapped is what came in since its last message, by currency, less what left', () => {
  const book = new TrappedBook();
  const take = (participant: number, currency: number, balance: bigint) =>
    book.take(account(participant, currency, balance));
  take(1, 0, 100n);
  take(1, 0, 130n);
  take(1, 7, 50n);
  // The message itself changed the account before it is told.
  book.said(1);
  assert.deepEqual(book.of(1), [], 'nothing since');
  take(1, 0, 190n);
  take(1, 7, 40n);
  take(2, 0, 999n);
  assert.deepEqual(book.of(1), [{ currency: 0, amount: 60n }], 'what fell is not trapped');
  take(1, 0, 170n);
  assert.deepEqual(book.of(1), [{ currency: 0, amount: 40n }]);
  book.said(1);
  take(1, 7, 45n);
  assert.deepEqual(book.of(1), [{ currency: 7, amount: 5n }], 'a message begins anew');
});
