import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EventFold } from '../../services/metrics/event-rows.ts';
import type { ForecastRecord, NeedRecord, TableRows } from '../../services/metrics/store-rows.ts';
import { dayNumber } from '../../services/protocol/names/dates.ts';
import type { Scenario } from '../../services/scenario/scenario.ts';
import { eventBytes, type ReferenceEvent } from '../core/reference-events.ts';
import { atLeast } from '../support/at-least.ts';
import { PAYMENT, poolDirectory, START_MS } from '../support/pool-day.ts';
import { randomScenario } from '../support/random-scenario.ts';
import { eventsOfPools, load } from '../support/run.ts';
import { needsTold } from '../view/needs-told.ts';
import { type StatedNeed, StatedNeeds, statedForecast } from './stated-needs.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const MONDAY = dayNumber('2026-03-16') as number;
const A = { debtorAgent: 0, currency1: 0 } as const;
const B = { debtorAgent: 1, currency1: 0 } as const;
type Said = Omit<ReferenceEvent, 'number'>;

function rowsOf(events: readonly Said[]): TableRows {
  const fold = new EventFold('run-1', 'main', poolDirectory());
  const bytes = eventBytes(events.map((event, at) => ({ ...event, number: at + 1 })));
  assert.deepEqual(fold.fold(bytes), []);
  return fold.end().rows;
}

const opened = (of: typeof A | typeof B, balance: bigint, line = 0n): Said => ({
  ...{ kind: 'accountOpened', ...of, timeMs: START_MS, amount1: balance, amount2: line },
  balances: [balance],
});

/** A day of A and B, who begin with 1,000 each: at hours after the opening, what A pays B; below 0 the other way. */
type Day = readonly (readonly [hours: number, amount: number])[];
function dayOf(day: Day, number = 0, closesAt = 4): Said[] {
  const at = (hours: number) => ({ timeMs: START_MS + number * DAY_MS + hours * HOUR_MS });
  let [a, b] = [1_000n, 1_000n];
  const paid = day.map(([hours, amount]): Said => {
    a -= BigInt(amount);
    b += BigInt(amount);
    const settled = { kind: 'settled', messageType: PAYMENT, mechanism: 'entry', currency1: 0 };
    return {
      ...({ ...settled, ...at(hours) } as Said),
      ...(amount > 0
        ? { debtorAgent: 0, creditorAgent: 1, amount1: BigInt(amount), balances: [a, b] }
        : { debtorAgent: 1, creditorAgent: 0, amount1: BigInt(-amount), balances: [b, a] }),
    };
  });
  const date = { currency1: 0, count: MONDAY + number };
  return [
    { kind: 'opened', ...date, ...at(0) },
    ...paid,
    { kind: 'closed', ...date, ...at(closesAt) },
  ];
}
const BEGIN = [opened(A, 1_000n, 50n), opened(B, 1_000n)];
const needsOf = (rows: readonly NeedRecord[], participant: string) =>
  rows.filter((row) => row.participant === participant).map((row) => Number(row.need_minor));

const SMALL_DAYS: readonly (readonly [name: string, day: Day, a: number[], b: number[]])[] = [
  ['nothing moves', [], [0, 0, 0, 0], [0, 0, 0, 0]],
  ['one payment', [[1.5, 70]], [70, 70, 0, 0], [0, 0, 0, 0]],
  [
    'paid back',
    [
      [0.5, 70],
      [2.5, -70],
    ],
    [70, 0, 0, 0],
    [0, 70, 70, 0],
  ],
  [
    'received first',
    [
      [0.5, -30],
      [1.5, 70],
      [3.5, 20],
    ],
    [60, 90, 20, 20],
    [30, 0, 0, 0],
  ],
  [
    'twice',
    [
      [0.5, 40],
      [1.5, -90],
      [2.5, 60],
      [3.5, 5],
    ],
    [40, 0, 65, 5],
    [50, 90, 0, 0],
  ],
  [
    'at the full hour',
    [
      [1, 40],
      [2, -10],
      [2.25, 30],
    ],
    [60, 20, 30, 0],
    [0, 10, 0, 0],
  ],
  ['at the opening', [[0, 40]], [40, 0, 0, 0], [0, 0, 0, 0]],
];
for (const [name, day, a, b] of atLeast(7, SMALL_DAYS))
  test(`the need for the rest of a day: ${name}`, () => {
    const { liquidity_needs, account_days } = rowsOf([...BEGIN, ...dayOf(day)]);
    assert.deepEqual(needsOf(liquidity_needs, 'AAAADE00'), a);
    assert.deepEqual(needsOf(liquidity_needs, 'BBBBFR00'), b);
    // At the opening it is the day's maximum usage, tool A(i) of BCBS 248.
    assert.deepEqual(
      account_days.map(({ usage_minor }) => Number(usage_minor)),
      [a[0], b[0]],
    );
  });

test('what is issued, redeemed or lent is no payment', () => {
  const [open, ...rest] = dayOf([[1.5, 70]]) as [Said, Said, Said];
  const at = { ...A, timeMs: START_MS + 0.25 * HOUR_MS };
  const { liquidity_needs } = rowsOf([
    ...[...BEGIN, open],
    { kind: 'issued', ...at, amount1: 500n, balances: [1_500n] },
    { kind: 'redeemed', ...at, amount1: 500n, balances: [1_000n] },
    { kind: 'creditLineSet', ...at, amount1: 9n, balances: [1_000n] },
    ...rest,
  ]);
  assert.deepEqual(needsOf(liquidity_needs, 'AAAADE00'), [70, 70, 0, 0]);
});

test('an account that is opened in the course of a date has its later hours', () => {
  const [open, ...rest] = dayOf([[1.5, 70]]) as [Said, Said, Said];
  const late = { ...(BEGIN[1] as Said), timeMs: START_MS + 1.25 * HOUR_MS };
  const { liquidity_needs } = rowsOf([BEGIN[0] as Said, open, late, ...rest]);
  assert.deepEqual(
    liquidity_needs.map(({ participant, hour, need_minor }) => [participant, hour, +need_minor]),
    [
      ...[70, 70, 0, 0].map((need, hour) => ['AAAADE00', hour, need]),
      ...[2, 3].map((hour) => ['BBBBFR00', hour, 0]),
    ],
  );
});

test('a date that opens again goes on: the later close counts, and hours between have no row', () => {
  const first = dayOf([[0.5, 70]], 0, 1.5);
  const [open, paid, close] = dayOf([[3.5, 20]]) as [Said, Said, Said];
  const again = [
    { ...open, timeMs: START_MS + 3.25 * HOUR_MS },
    { ...paid, balances: [910n, 1_090n] },
    close,
  ];
  const { liquidity_needs } = rowsOf([...BEGIN, ...first, ...again]);
  assert.deepEqual(
    liquidity_needs
      .filter(({ participant }) => participant === 'AAAADE00')
      .map(({ event_number, hour, need_minor }) => [event_number, hour, +need_minor]),
    [
      [5, 0, 70],
      [5, 1, 0],
      [8, 0, 90],
      [8, 1, 20],
    ],
  );
});

test('forecasts stand at each hour from the fifth date on, and rest on the dates before', () => {
  const amounts = [100, 200, 300, 400, 250];
  const days = amounts.map(
    (amount) =>
      [
        [0.5, amount],
        [1.5, -amount],
      ] as const,
  );
  const { liquidity_forecasts, liquidity_needs } = rowsOf([
    ...BEGIN,
    // The line of 50, and 12 beside it.
    { kind: 'collateralSet', ...A, timeMs: START_MS, amount1: 12n, balances: [1_000n, 62n] },
    ...days.flatMap((day, number) => dayOf(day, number)),
  ]);
  const [first, second, ...others] = liquidity_forecasts.filter(
    ({ participant }) => participant === 'AAAADE00',
  );
  const place = { run: 'run-1', pool: 'main', date: '2026-03-20', participant: 'AAAADE00' };
  assert.deepEqual(first, {
    ...{ ...place, currency: 'EUR', event_number: 20, time: '2026-03-20 07:00:00.000', hour: 0 },
    ...{ balance_minor: '1000', credit_minor: '62', moved_minor: '0', dates: 4 },
    ...{ lower_minor: '100', middle_minor: '250', upper_minor: '400' },
  });
  // Half of a day's 500 on average had moved by then, and today as much.
  assert.deepEqual(second, {
    ...{ ...place, currency: 'EUR', event_number: 22, time: '2026-03-20 08:00:00.000', hour: 1 },
    ...{ balance_minor: '750', credit_minor: '62', moved_minor: '250', dates: 4 },
    ...{ lower_minor: '0', middle_minor: '0', upper_minor: '0' },
  });
  assert.deepEqual(
    others.map(({ hour }) => hour),
    [2, 3],
  );
  // B needs what it is paid, an hour later.
  const b = liquidity_forecasts.filter(({ participant }) => participant === 'BBBBFR00');
  assert.deepEqual(
    b.map(({ lower_minor, upper_minor }) => [+lower_minor, +upper_minor]),
    [
      [0, 0],
      [100, 400],
      [0, 0],
      [0, 0],
    ],
  );
  assert.equal(liquidity_needs.length, 5 * 4 * 2);
});

/** The rows of every pool of a run against what a list of all that its events state says. */
async function compared(scenario: Scenario, inView = false) {
  const seen = { needs: 0, forecasts: 0, participants: new Set<string>() };
  for (const { directory, events } of await eventsOfPools(scenario)) {
    const stated = new StatedNeeds();
    const fold = new EventFold('run-1', 'main', directory);
    const blocks = events.flatMap((bytes) => {
      stated.take(bytes, directory);
      return fold.fold(bytes);
    });
    blocks.push(fold.end());
    const needs = blocks.flatMap(({ rows }) => rows.liquidity_needs);
    const forecasts = blocks.flatMap(({ rows }) => rows.liquidity_forecasts);
    const expected = stated.needs();
    for (const { participant } of needs) seen.participants.add(participant);
    assert.deepEqual(
      needs
        .map((row) =>
          [nameOf(row), row.need_minor, row.moved_minor, row.date_moved_minor].join(' '),
        )
        .sort(),
      expected
        .map((need) => [nameOf(need), need.need, need.moved, need.dateMoved].join(' '))
        .sort(),
      scenario.name,
    );
    const found = new Map(forecasts.map((row) => [nameOf(row), row]));
    for (const need of expected) {
      const forecast = statedForecast(datesBefore(expected, need), need.moved);
      const row = found.get(nameOf(need));
      found.delete(nameOf(need));
      const told = row && [row.lower_minor, row.middle_minor, row.upper_minor].map(Number);
      if (forecast === null) assert.equal(told, undefined, nameOf(need));
      else
        for (const [place, value] of forecast.entries())
          assert.ok(
            Math.abs((told?.[place] ?? NaN) - value) <= 1,
            `${nameOf(need)}: ${told}, ${forecast}`,
          );
      if (!row) continue;
      seen.forecasts += 1;
      assert.deepEqual(
        [row.balance_minor, row.credit_minor, row.moved_minor, Date.parse(`${row.time}Z`)],
        [`${need.balance}`, `${need.credit}`, `${need.moved}`, need.hourMs],
      );
    }
    assert.deepEqual([...found.keys()], [], 'forecast of an hour without a need');
    seen.needs += expected.filter(({ need }) => need > 0n).length;
    if (!inView) continue;
    // The live view tells the same as the hours pass, and of who has no forecast yet that dates are too few.
    const told = needsTold(directory, events);
    const account = (row: NeedRecord | ForecastRecord) => `${row.participant} ${row.currency}`;
    const rows = forecasts.map(
      (row) =>
        [
          `${account(row)} ${Date.parse(`${row.time}Z`)}`,
          [row.lower_minor, row.middle_minor, row.upper_minor],
        ] as const,
    );
    assert.deepEqual(told.forecasts, new Map(rows));
    assert.deepEqual([...told.short].sort(), [...new Set(needs.map(account))].sort());
    assert.ok(told.last.size >= told.short.size && told.last.size > 0);
    for (const [name, need] of told.last) assert.equal(need, undefined, `${name} is closed`);
  }
  return seen;
}

const nameOf = (of: Pick<NeedRecord, 'participant' | 'currency' | 'date' | 'hour'>) =>
  `${of.participant} ${of.currency} ${of.date} ${of.hour}`;
const datesBefore = (
  all: readonly StatedNeed[],
  { participant, currency, hour, date }: StatedNeed,
) =>
  all.filter(
    (one) =>
      one.participant === participant &&
      one.currency === currency &&
      one.hour === hour &&
      one.date < date,
  );

test('random scenarios: each hour has what a list of all that events state says', async () => {
  let seen = 0;
  for (let seed = 1; seed <= 3; seed += 1) seen += (await compared(randomScenario(seed))).needs;
  assert.ok(seen > 50, String(seen));
});

/** A small day of it. */
const RETAIL = 'customerPayments.retail.paymentsPerDate=40';

test('deposits over reserves, in rows and in the live view: banks have needs, holders of deposits and issuers have none', async () => {
  const { needs, participants } = await compared(load('two-layer', [RETAIL]), true);
  assert.ok(needs > 10, String(needs));
  assert.deepEqual([...participants].sort(), [
    ...['ALFADE00', 'BETAFR00', 'DEALDE00', 'GAMMDE00', 'KAPPGB00', 'NEUBFR00'],
  ]);
});

test('a run of seven dates: forecasts, of rows and in the live view, are as the definition has them, computed by other code', async () => {
  const dates = ['23', '24', '25', '26', '27', '30', '31'].map((day) => `2026-03-${day}`);
  const { forecasts } = await compared(
    load('smoke', [`businessDates=[${dates.join(', ')}]`]),
    true,
  );
  assert.ok(forecasts > 100, String(forecasts));
});
