import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { PaymentRow } from '../../services/report/figures/payment-table.ts';
import { UnsettledAtCloses } from '../../services/report/figures/unsettled-at-close.ts';
import type { ScenarioCurrency } from '../../services/scenario/scenario.ts';
import { row, tableOf } from '../support/payment-row.ts';

/** Two dates: closes at 100 and 200. */
const CLOSES = [100, 200];
const EUR = {
  code: 'EUR',
  hours: CLOSES.map((closesMs) => ({ opensMs: closesMs - 50, closesMs })),
} as unknown as ScenarioCurrency;

/** As docs/indicators.md says it, close by close. */
function counted(rows: readonly PaymentRow[]) {
  const mine = rows.filter(({ currency, status }) => currency === 'EUR' && status !== 'rejected');
  const isEndedAt = ({ status, reason, finalAtMs }: PaymentRow, closesMs: number) =>
    status === 'cancelled' &&
    (reason === 'cancelledAtClose' || reason === 'matchCancelled') &&
    finalAtMs === closesMs;
  const others = mine.flatMap(({ status, reason, finalAtMs }) =>
    status === 'cancelled' && reason === 'cancelledAtClose' ? [finalAtMs as number] : [],
  );
  return [...new Set([...CLOSES, ...others])]
    .sort((a, b) => a - b)
    .map((closesMs) => {
      const waiting = mine.filter(
        (one) =>
          one.submittedAtMs < closesMs &&
          (isEndedAt(one, closesMs) ||
            (CLOSES.includes(closesMs) && (one.finalAtMs === null || one.finalAtMs > closesMs))),
      );
      return {
        currency: 'EUR',
        closesMs,
        payments: waiting.length,
        valueMinor: waiting.reduce((sum, { amountMinor }) => sum + amountMinor, 0n),
        cancelled: waiting.filter((one) => isEndedAt(one, closesMs)).length,
      };
    });
}

const ended = fc.constantFrom(
  ...[
    { status: 'settled', reason: 'none' } as const,
    { status: 'queued', reason: 'none' } as const,
    { status: 'rejected', reason: 'formatInvalid' } as const,
    { status: 'cancelled', reason: 'cancelledAtClose' } as const,
    { status: 'cancelled', reason: 'matchCancelled' } as const,
    { status: 'cancelled', reason: 'cancelledByDebtorAgent' } as const,
  ],
);
const drawn = fc.record({
  ended,
  currency: fc.constantFrom('EUR', 'EUR', 'USD'),
  submittedAtMs: fc.constantFrom(60, 99, 100, 150, 250),
  /** 80: a close of another currency before any of its own. */
  waitedUntilMs: fc.constantFrom(80, 100, 120, 200, 260),
});

test('what waits at a close is what came before it and had not ended, whatever closed earlier', () => {
  let early = 0;
  fc.assert(
    fc.property(
      fc.array(drawn, { minLength: 1, maxLength: 12 }),
      fc.integer({ min: 1, max: 12 }),
      (all, turn) => {
        const rows = all.map(({ ended, currency, submittedAtMs, waitedUntilMs }, position) =>
          row({
            ...{ position, currency, currency2: currency, submittedAtMs, ...ended },
            amountMinor: 10n ** BigInt(position),
            finalAtMs: ended.status === 'queued' ? null : Math.max(submittedAtMs, waitedUntilMs),
          }),
        );
        const table = tableOf(rows, ['EUR', 'USD']);
        const unsettled = new UnsettledAtCloses(table, EUR);
        // In any order: legs are taken when they flow.
        const places = [...rows.keys()].sort((a, b) => ((a * turn) % 13) - ((b * turn) % 13));
        for (const place of places) if (rows[place]?.currency === 'EUR') unsettled.take(place);
        const told = unsettled.figures();
        assert.deepEqual(told, counted(rows));
        if ((told[0]?.closesMs as number) < 100) early += 1;
      },
    ),
    { seed: 1 },
  );
  assert.ok(early > 0, 'a close before the first of its own');
});
