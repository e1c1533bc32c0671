import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AuditedAccountsBook } from '../../services/analysis/audited-accounts-book.ts';
import { eventBytes, type ReferenceEvent } from '../core/reference-events.ts';

type EventFields = Omit<ReferenceEvent, 'number'>;
const bookOf = (events: readonly EventFields[]) => {
  const book = new AuditedAccountsBook();
  book.fold(eventBytes(events.map((event, index) => ({ ...event, number: index + 1 }))));
  return book;
};
const opened = (debtorAgent: number): EventFields => ({
  kind: 'accountOpened',
  debtorAgent,
  currency1: 0,
  amount1: 50n,
  amount2: 0n,
  balances: [50n],
});
const of = (
  kind: 'netted' | 'lossShared' | 'unwound' | 'settled',
  debtorAgent: number,
  amount1: bigint,
  balance: bigint,
  creditorAgent = 0xffffffff,
): EventFields => ({
  kind,
  debtorAgent,
  creditorAgent,
  currency1: 0,
  amount1,
  mechanism: kind === 'settled' ? 'deferredNet' : 'none',
  balances: [balance],
  cycle: kind === 'unwound' ? 0 : 1,
});

/** A owes B 100 and has 50; B shares the loss of 50; a payment of C's is unwound in between. */
const shared = [
  of('lossShared', 1, 50n, 100n, 0),
  of('unwound', 2, 7n, 0n, 0),
  of('netted', 0, -50n, 0n),
  of('netted', 1, 100n, 100n),
  of('settled', 0, 130n, 0n, 1),
  of('settled', 1, 30n, 100n, 0),
];

test('a cycle books nets and shares once, and its payments add up to them', () => {
  const book = bookOf([opened(0), opened(1), opened(2), ...shared]);
  assert.deepEqual(book.disagreements, []);
  assert.deepEqual(
    book.accounts.map(({ balanceMinor, drawnMinor }) => [balanceMinor, drawnMinor]),
    [
      [0n, 50n],
      [100n, 0n],
      [50n, 0n],
    ],
  );
});

test('a net that its payments do not give is found', () => {
  const book = bookOf([opened(0), opened(1), opened(2), ...shared.slice(0, -1)]);
  assert.match(book.disagreements.join(), /account \(0, 0\): a net of -80 by its payments, -50/);
});

test('the credit of collateral stands beside the line, and counts at its most', () => {
  const account = { debtorAgent: 0, currency1: 0, timeMs: 1 };
  const book = bookOf([
    { kind: 'genesis', timeMs: 0 },
    { ...opened(0), amount2: 10n },
    { kind: 'collateralSet', ...account, amount1: 100n, amount2: 2000n, balances: [50n, 90n] },
    { kind: 'creditLineSet', ...account, amount1: 30n, balances: [50n] },
    { kind: 'collateralSet', ...account, amount1: 0n, amount2: 0n, balances: [50n, 30n] },
  ]);
  assert.equal(book.accounts[0]?.creditLineMinor, 110n, '80 of collateral and a line of 30');
  assert.deepEqual(book.changes, ['done', 'done', 'done']);
});
