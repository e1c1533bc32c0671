import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SettlementEvent } from '../core/settlement/settlement-event.ts';
import { accountKey, Ledger } from './ledger.ts';

const at = { number: 1, position: 1, timeMs: 0 };
const on = (participant: number, currency = 0) => ({ ...at, participant, currency });
const settled = (...bookings: [participant: number, amount: bigint, balance: bigint][]) =>
  ({
    ...{ ...at, kind: 'settled' },
    bookings: bookings.map(([participant, amount, balance]) => ({
      ...{ participant, currency: 0, amount, balance },
    })),
  }) as unknown as SettlementEvent;

function ledgerOf(...events: SettlementEvent[]): Ledger {
  const ledger = new Ledger();
  for (const event of events) ledger.take(event);
  return ledger;
}

const OPENED: SettlementEvent[] = [
  { kind: 'accountOpened', ...on(1), opening: 50n, creditLine: 7n, balance: 50n },
  { kind: 'accountOpened', ...on(2), opening: 10n, creditLine: 0n, balance: 10n },
];

test('balances are the stated ones, and add up to what was put in', () => {
  const ledger = ledgerOf(
    ...OPENED,
    { kind: 'issued', ...on(1), amount: 5n, balance: 55n },
    settled([1, -40n, 15n], [2, 40n, 50n]),
    { kind: 'redeemed', ...on(2), amount: 20n, balance: 30n },
  );
  assert.deepEqual([ledger.putIn(0), ledger.held(0), ledger.isConserved(0)], [45n, 45n, true]);
  const account = ledger.account(accountKey(1, 0));
  assert.deepEqual([account?.participant, account?.currency, account?.number], [1, 0, 0]);
  assert.deepEqual([account?.balance, account?.held.value, account?.peak], [15n, 15n, 55n]);
  assert.deepEqual([account?.opening, account?.injected, account?.putIn.value], [50n, 5n, 55n]);
  assert.deepEqual([account?.creditLine, account?.collateral, account?.earmarked], [7n, 0n, 0n]);
  assert.equal(ledger.account(accountKey(2, 0))?.injected, -20n);
  assert.deepEqual([...ledger.currencies()], [0]);
});

test('a balance that came from nowhere shows in the sums', () => {
  const ledger = ledgerOf(...OPENED, settled([1, -40n, 10n], [2, 40n, 51n]));
  assert.deepEqual([ledger.putIn(0), ledger.held(0), ledger.isConserved(0)], [60n, 61n, false]);
});

test('collateral counts beside the line, whatever the line is set to', () => {
  const ledger = ledgerOf(
    ...OPENED,
    { kind: 'collateralSet', ...on(1), balance: 50n, creditCapacity: 97n },
    { kind: 'creditLineSet', ...on(1), creditLine: 3n, balance: 50n },
  );
  const account = ledger.account(accountKey(1, 0));
  assert.deepEqual([account?.creditLine, account?.collateral], [3n, 90n]);
});

test('netting, shares of losses and defaults state balances; other events touch no account', () => {
  const ledger = ledgerOf(...OPENED);
  for (const kind of ['netted', 'lossShared', 'defaulted'] as const) {
    const event = { kind, ...on(1), cycle: 1, amount: 1n, balance: 9n, defaulter: 2 };
    assert.deepEqual(
      ledger.take(event).map(({ participant, balance }) => [participant, balance]),
      [[1, 9n]],
    );
  }
  assert.deepEqual(ledger.take({ kind: 'opened', ...at, currency: 0, date: 1, closesAtMs: 2 }), []);
  assert.deepEqual(
    ledger.take(settled([2, -1n, 9n], [1, 1n, 10n])).map(({ participant }) => participant),
    [2, 1],
  );
});
