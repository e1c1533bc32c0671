import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Ledger } from '../../services/analysis/ledger.ts';
import { readEvents } from '../../services/core/settlement/event-reader.ts';
import { PoolTotals } from '../../services/metrics/pool-totals.ts';
import { eventBytes, type ReferenceEvent } from '../core/reference-events.ts';
import { PAYMENT, poolDirectory, START_MS } from '../support/pool-day.ts';

const MINUTE_MS = 60_000;

/** The totals after credits of these amounts at these instants. */
function totalsOf(...issued: { timeMs: number; amount1: bigint }[]): PoolTotals {
  const ledger = new Ledger();
  const totals = new PoolTotals(poolDirectory(), ledger);
  let balance = 0n;
  const events = issued.map(({ timeMs, amount1 }, i): ReferenceEvent => {
    balance += amount1;
    return {
      ...{ kind: 'issued', number: i + 1, position: i, timeMs, messageType: PAYMENT, amount1 },
      ...{ debtorAgent: 0, currency1: 0, balances: [balance, 0n, 0n, 0n] },
    };
  });
  for (const event of readEvents(eventBytes(events))) {
    totals.take(event);
    ledger.take(event);
  }
  return totals;
}
const atMinute = (totals: PoolTotals) => [
  totals.minuteEndsMs - START_MS,
  totals.currencies()[0]?.statedAtMinute,
];

test('a minute has its first instant and not its last', () => {
  const first = { timeMs: START_MS, amount1: 5n };
  const withAnother = (timeMs: number) => atMinute(totalsOf(first, { timeMs, amount1: 7n }));
  assert.deepEqual(withAnother(START_MS + MINUTE_MS - 1), [0 - START_MS, 0n]);
  assert.deepEqual(withAnother(START_MS + MINUTE_MS), [MINUTE_MS, 5n]);
  const third = { timeMs: START_MS + 2 * MINUTE_MS, amount1: 1n };
  const inside = { timeMs: START_MS + 2 * MINUTE_MS - 1, amount1: 7n };
  assert.deepEqual(atMinute(totalsOf(first, inside, third)), [2 * MINUTE_MS, 12n]);
});

test('the last minute of a run counts as a full one', () => {
  const totals = totalsOf({ timeMs: START_MS + 1, amount1: 5n });
  totals.end();
  assert.deepEqual(atMinute(totals), [MINUTE_MS, 5n]);
});
