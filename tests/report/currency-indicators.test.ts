import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { PaymentRow } from '../../services/report/figures/payment-table.ts';
import { ratio } from '../../services/report/figures/ratio-rounding.ts';
import { row } from '../support/payment-row.ts';
import { currencyFigures } from './currency-figures.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** Two dates, each open for two hours after midnight. */
const businessDates = ['1970-01-01', '1970-01-02'];
const hours = [0, DAY_MS].map((opensMs) => ({ opensMs, closesMs: opensMs + 2 * HOUR_MS }));
const leg = { messageType: 'corridor.pvp.1' };

/** Of participant 0, the first that a row names. */
const day = {
  ...{ participant: 0, currency: 0, date: 0, openedMs: 0, usageMinor: 0n, surplusMinor: 0n },
  ...{ balanceMinor: 0n, creditLineMinor: 0n, collateralMinor: 0n },
};

test('what settled counts as settled, a leg that found no mirror too, and also after the last hour', () => {
  const rows = [
    row({ ...leg, position: 0, amountMinor: 50n, finalAtMs: 1 }),
    row({ position: 1, amountMinor: 7n, finalAtMs: HOUR_MS }),
    row({ position: 2, amountMinor: 3n, finalAtMs: 2 * HOUR_MS + 1 }),
    row({ position: 3, amountMinor: 1n, finalAtMs: null, status: 'queued' }),
    row({ position: 4, amountMinor: 90n, finalAtMs: 5, status: 'rejected' }),
  ];
  // After the close of a run's only date it is of that date still.
  const figures = currencyFigures(rows, {
    ...{ code: 'EUR', hours: hours.slice(0, 1), days: [day] },
    businessDates: businessDates.slice(0, 1),
  });
  const { legs, grossMinor } = figures.settled;
  assert.deepEqual([legs, grossMinor], [3, 60n]);
  assert.deepEqual([figures.valid.legs, figures.valid.grossMinor], [3, 11n]);
  const [first] = figures.intraday;
  assert.deepEqual(first?.sent.outstandingMinor, [60n]);
  assert.deepEqual(first?.throughput, [ratio(57n, 60n), ratio(57n, 60n)]);
});

test('mechanisms stand in the order in which their first payments came, whatever settled with which', () => {
  const rows = [
    row({ ...leg, position: 0, pairPosition: 9, mechanism: 'queue' }),
    row({ position: 1, mechanism: 'entry' }),
    row({ position: 2, mechanism: 'gridlockResolution' }),
    row({ position: 3, mechanism: 'queue' }),
    row({ ...leg, position: 9, currency: 'USD', pairPosition: 0, mechanism: 'queue' }),
  ];
  const { settledByMechanism } = currencyFigures(rows, { code: 'EUR' });
  assert.deepEqual(Object.keys(settledByMechanism), ['queue', 'entry', 'gridlockResolution']);
});

const settledAt = fc.record({
  /** Within three minutes of one of the dates, or after its hours, which end 22 hours before the next. */
  atMs: fc.oneof(
    fc.nat(3 * 60_000),
    fc.constantFrom(60_000, 120_000, 2 * HOUR_MS + 5, 13 * HOUR_MS, 13 * HOUR_MS + 1),
  ),
  isSecond: fc.boolean(),
  minor: fc.bigInt({ min: 1n, max: 2n ** 40n }),
});

test('shares of the value are reached when they are, to the millisecond', () => {
  fc.assert(
    fc.property(fc.array(settledAt), fc.array(fc.nat(4 * 60_000)), (all, points) => {
      const rows = all.map(
        ({ atMs, isSecond, minor }, position): PaymentRow =>
          row({ position, amountMinor: minor, finalAtMs: atMs + (isSecond ? DAY_MS : 0) }),
      );
      const guidelines = points.map((atMs) => ({
        ...{ by: `${atMs}`, share: 0.5 },
        atMs: [atMs, atMs + DAY_MS],
      }));
      const { throughput } = currencyFigures(rows, {
        ...{ code: 'EUR', hours, guidelines, businessDates },
      });
      // What settles behind the hours of the first date is of the second where that opens sooner than the first closed.
      const settled = all.map(({ atMs, isSecond, minor }) => {
        const date = isSecond || atMs > 13 * HOUR_MS ? 1 : 0;
        return { date, minor, sinceMs: isSecond ? atMs : atMs - date * DAY_MS };
      });
      const sumOf = (some: typeof settled) => some.reduce((sum, { minor }) => sum + minor, 0n);
      const whole = sumOf(settled);
      const reached = (hundredths: bigint) => {
        const times = settled.map(({ sinceMs }) => sinceMs).sort((a, b) => a - b);
        const enough = (ms: number) =>
          sumOf(settled.filter(({ sinceMs }) => sinceMs <= ms)) * 100n >= whole * hundredths;
        return times.find(enough) ?? null;
      };
      assert.equal(throughput.halfByMs, reached(50n));
      assert.equal(throughput.ninetyPercentByMs, reached(90n));
      const share = (some: typeof settled, atMs: number) => {
        const early = some.filter(({ sinceMs }) => sinceMs <= atMs);
        return some.length === 0 ? null : ratio(sumOf(early), sumOf(some));
      };
      assert.deepEqual(
        throughput.guidelines.map((one) => [one.reached, one.byDate]),
        points.map((atMs) => [
          share(settled, atMs),
          [0, 1].map((date) =>
            share(
              settled.filter((one) => one.date === date),
              atMs,
            ),
          ),
        ]),
      );
    }),
    { seed: 1, numRuns: 300 },
  );
});
