import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Exact } from '../../services/protocol/names/minor-units.ts';
import type { DelayedPayment } from '../../services/report/figures/delay-indicators.ts';
import { percentile } from '../../services/report/figures/percentiles.ts';
import { ratio } from '../../services/report/figures/ratio-rounding.ts';
import { type SummaryInput, summarize } from '../../services/report/figures/summary.ts';
import { SeededStream } from '../../services/scenario/random-streams.ts';
import { row, tableOf } from '../support/payment-row.ts';
import { delaysOf } from './delays-of.ts';

test('delay indicators of a worked example: 100 waits 4 of 10, 50 waits 0 of 8', () => {
  const payments: DelayedPayment[] = [
    { valueMinor: 100n, submittedAtMs: 0, settledAtMs: 4, dayEndsAtMs: 10 },
    { valueMinor: 50n, submittedAtMs: 2, settledAtMs: 2, dayEndsAtMs: 10 },
  ];
  const { indicator, weightedMs } = delaysOf(payments);
  assert.equal(indicator, 0.285714286, '400 / 1400');
  assert.equal(weightedMs, 2.666666667, '400 / 150');
  const none = delaysOf([]);
  assert.deepEqual([none.indicator, none.weightedMs], [null, null]);
});

test('percentiles are nearest ranks, ratios are exact to nine decimals', () => {
  const ten = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10];
  assert.deepEqual(
    [0.5, 0.95, 0.99, 1].map((share) => percentile(ten, share)),
    [5, 10, 10, 10],
  );
  assert.equal(percentile([7], 0.5), 7);
  assert.equal(percentile([], 0.5), null);
  assert.equal(ratio((1n << 62n) * 2n, 1n << 62n), 2);
});

test('above 9,000,000 ms every digit of a delay is right: as many decimals as a Number holds', () => {
  const draws = new SeededStream(16, 'delays');
  const between = (least: number, most: number) =>
    least + Math.floor(draws.uniform() * (most - least));
  for (let index = 0; index < 2000; index++) {
    const [first, second] = [between(1, 10 ** 6), between(1, 10 ** 6)];
    const [short, long] = [between(0, 10 ** 7), between(10 ** 7, 10 ** 11)];
    const payment = (value: number, waitedMs: number): DelayedPayment => ({
      ...{ valueMinor: BigInt(value), submittedAtMs: 0 },
      ...{ settledAtMs: waitedMs, dayEndsAtMs: 10 ** 11 },
    });
    const told = delaysOf([payment(first, short), payment(second, long)]).weightedMs;
    const exact = new Exact(first)
      .mul(short)
      .add(new Exact(second).mul(long))
      .div(first + second);
    const decimals = String(told).split('.')[1]?.length ?? 0;
    const what = `index ${index}: ${told} of ${exact}`;
    assert.ok(
      exact
        .sub(String(told))
        .abs()
        .lte(new Exact(0.5).mul(`1e-${decimals}`)),
      what,
    );
    // At least 15 significant digits can be told, less zeros at the end.
    assert.ok(exact.sub(String(told)).abs().lte(exact.mul('5e-15')), what);
  }
  assert.equal(ratio(9_000_000_123_456_789n * 3n + 1n, 3_000_000_000n), 9_000_000.12345679);
  assert.equal(ratio(123_456_789_012_345_678n, 1_000_000_000n), 123_456_789.0123457);
});

const account = (
  currencyCode: string,
  openingMinor: bigint,
  drawnMinor: bigint,
  creditLineMinor = 0n,
  injectedMinor = 0n,
) => ({
  participant: 0,
  currency: 0,
  currencyCode,
  openingMinor,
  injectedMinor,
  creditLineMinor,
  balanceMinor: openingMinor,
  drawnMinor,
});

const NONE = { number: 0, payments: 0, mostPayments: 0, totalMs: 0, p50Ms: null, longestMs: null };

const paid = (...rows: readonly ReturnType<typeof row>[]): Pick<SummaryInput, 'payments'> => ({
  payments: [tableOf(rows, ['EUR', 'USD'])],
});

/** One payment inside EUR, one from EUR to USD through a dealer, and one of each other outcome. */
const input = {
  scenario: 's',
  seed: 1,
  version: 'v',
  overrides: ['a=b'],
  signatures: true,
  ...paid(
    row({ finalAtMs: 40, queuedAtMs: 0, mechanism: 'queue' }),
    row({ amountMinor: 50n, dealer: 'D', currency2: 'USD', amount2Minor: 60n }),
    row({ status: 'rejected', reason: 'afterCutOff', mechanism: 'none' }),
    row({
      status: 'cancelled',
      reason: 'cancelledAtClose',
      mechanism: 'none',
      amountMinor: 10n,
      finalAtMs: 100,
    }),
    row({ status: 'queued', mechanism: 'none', finalAtMs: null, amountMinor: 10n }),
  ),
  repeated: 3,
  unsent: 2,
  unsentMinor: (currency: string) => (currency === 'EUR' ? 40n : 0n),
  defaults: [],
  uncapped: { EUR: 2 },
  refusedChanges: 0,
  refusedRequests: 0,
  accounts: [
    account('EUR', 100n, 120n, 50n),
    account('EUR', 30n, 0n, 0n, 20n),
    // Only ever credited: it used nothing.
    account('EUR', 0n, 0n),
    account('USD', 80n, 60n),
  ],
  currencies: ['EUR', 'USD'],
  hours: () => [
    { opensMs: 0, closesMs: 100 },
    { opensMs: 100, closesMs: 200 },
  ],
  conserved: true,
  eventsHash: 'h',
  indicators: {
    currencies: [],
    corridors: [],
    crossBorder: { segments: [], corridors: [] },
    gridlocks: NONE,
    deadlocks: NONE,
    gridlocksLeft: NONE,
    heldUp: [],
  },
};

test('a summary counts each payment once and names its parts', () => {
  const summary = summarize(input);
  const { submitted, settled, rejected, cancelled, queuedAtClose, repeated, unsent } = summary;
  assert.deepEqual(
    { submitted, settled, rejected, cancelled, queuedAtClose, repeated, unsent },
    {
      submitted: 5,
      settled: 2,
      rejected: 1,
      cancelled: 1,
      queuedAtClose: 1,
      repeated: 3,
      unsent: 2,
    },
  );
  assert.deepEqual(summary.rejectedByReason, { TM01: 1 });
  assert.deepEqual(summary.cancelledByReason, { AM04: 1 });
  assert.deepEqual(summary.settledByMechanism, { entry: 1, queue: 1 });
  assert.deepEqual(summary.settledValueMinor, { EUR: '150', USD: '0' });
});

test('liquidity: what was there, what was drawn, and how often it turned over', () => {
  const { EUR, USD } = summarize(input).liquidity;
  // Available 100 + 50 + 30 + 20; drawn 120; legs that debit EUR: 100 + 50.
  assert.deepEqual(EUR, { availableMinor: '200', usedMinor: '120', usage: 0.6, turnover: 1.25 });
  // The dealer's leg debits 60 USD; drawn 60.
  assert.deepEqual(USD, { availableMinor: '80', usedMinor: '60', usage: 0.75, turnover: 1 });
});

test('delay: what did not settle waits to the day’s end, what settled later to its own day’s', () => {
  const { delay } = summarize(input);
  assert.deepEqual([delay.p50Ms, delay.maxMs, delay.settledAfterQueuing], [0, 40, 1]);
  // (100 x 40 + 50 x 0 + 10 x 100 + 10 x 200) / (160 x 100 + 10 x 200): the last waits to the run's end.
  assert.equal(delay.settlementDelayIndicator.EUR, 0.388888889);
  const next = summarize({ ...input, ...paid(row({ finalAtMs: 150 })) });
  assert.equal(next.delay.settlementDelayIndicator.EUR, 0.75, '150 of 200');
});

test('a wait that ended behind a close ended with its day, unless the next opening was nearer', () => {
  const hours = () => [
    { opensMs: 0, closesMs: 100 },
    { opensMs: 300, closesMs: 400 },
  ];
  const rho = (...times: readonly (readonly [number, number])[]) => {
    const rows = times.map(([submittedAtMs, finalAtMs]) => row({ submittedAtMs, finalAtMs }));
    return summarize({ ...input, hours, ...paid(...rows) }).delay.settlementDelayIndicator.EUR;
  };
  assert.deepEqual([rho([0, 99]), rho([0, 100])], [0.99, 1]);
  // Also after another whose day the second closes, and as near to both.
  assert.deepEqual([rho([0, 101]), rho([0, 200]), rho([0, 401])], [1, 1, 1]);
  assert.equal(rho([300, 350], [0, 150]), ratio(50n + 150n, 100n + 150n));
  assert.equal(rho([0, 150], [0, 150], [0, 50]), ratio(350n, 400n));
  assert.equal(rho([0, 201]), ratio(201n, 400n));
  // It came in behind the close: it is of the next day.
  assert.equal(rho([100, 150]), ratio(50n, 300n));
});

test('the share that settled is of all that was planned, and each outcome has its value', () => {
  const summary = summarize(input);
  assert.deepEqual([summary.planned, summary.settledShare], [7, 0.285714286], '2 of 5 and 2');
  // 150 of 100 + 50 + 100 + 10 + 10 submitted and 40 that were never sent.
  assert.deepEqual(summary.settledValueShare, { EUR: 0.483870968, USD: null });
  const { submittedValueMinor, rejectedValueMinor, cancelledValueMinor } = summary;
  assert.deepEqual(
    [submittedValueMinor, rejectedValueMinor, cancelledValueMinor].map(({ EUR }) => EUR),
    ['270', '100', '10'],
  );
  assert.deepEqual(summary.queuedValueMinor, { EUR: '10', USD: '0' });
  assert.deepEqual(summary.unsentValueMinor, { EUR: '40', USD: '0' });
  const accepted = summarize({ ...input, ...paid(row({ status: 'accepted', finalAtMs: null })) });
  assert.equal(accepted.queuedValueMinor.EUR, '100', 'accepted for netting, and not settled');
  assert.equal(summarize({ ...input, ...paid(), unsent: 0 }).settledShare, null);
});

test('over all submitted what was rejected, or cancelled early, waits to its day’s end', () => {
  const early = { mechanism: 'none', submittedAtMs: 20, finalAtMs: 30 } as const;
  const of = (rows: readonly ReturnType<typeof row>[]) => {
    const { delay } = summarize({ ...input, ...paid(...rows) });
    return [delay.settlementDelayIndicator.EUR, delay.settlementDelayIndicatorSubmitted.EUR];
  };
  const settled = row({ submittedAtMs: 20, finalAtMs: 40 });
  assert.deepEqual(of([settled]), [0.25, 0.25]);
  assert.deepEqual(of([settled, row({ ...early, status: 'cancelled' })]), [0.1875, 0.625]);
  // A rejected payment ends as it comes in: T is the first close after that.
  const rejected = row({ ...early, status: 'rejected', submittedAtMs: 120, finalAtMs: 120 });
  assert.deepEqual(of([settled, rejected]), [0.25, 0.625]);
  const late = row({ ...early, status: 'rejected', submittedAtMs: 250, finalAtMs: 250 });
  assert.deepEqual(of([settled, late]), [0.25, 0.25], 'after the last close');
  const queued = row({ status: 'queued', submittedAtMs: 20, finalAtMs: null });
  assert.deepEqual(of([queued]), [1, 1]);
});

test('the two legs of a PvP are one payment, whose value counts in both currencies', () => {
  const leg = { messageType: 'corridor.pvp.1', mechanism: 'gridlockResolution' as const };
  const summary = summarize({
    ...input,
    ...paid(
      row({ ...leg, position: 7, pairPosition: 9, amountMinor: 100n }),
      row({ ...leg, position: 9, pairPosition: 7, amountMinor: 108n, currency: 'USD' }),
      row({ ...leg, position: 8, status: 'cancelled', reason: 'unmatched', mechanism: 'none' }),
      row({ position: 10, status: 'accepted', mechanism: 'none', finalAtMs: null }),
    ),
  });
  const { submitted, settled, cancelled, queuedAtClose, settledByMechanism } = summary;
  assert.deepEqual([submitted, settled, cancelled, queuedAtClose], [3, 1, 1, 1]);
  assert.deepEqual(settledByMechanism, { gridlockResolution: 1 });
  assert.deepEqual(summary.settledValueMinor, { EUR: '100', USD: '108' });
  assert.deepEqual(summary.cancelledByReason, { AB03: 1 });
});
