import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AuditedAccountsBook } from '../../services/analysis/audited-accounts-book.ts';
import { Ledger } from '../../services/analysis/ledger.ts';
import { readEvents } from '../../services/core/settlement/event-reader.ts';
import { EventFold } from '../../services/metrics/event-rows.ts';
import { PoolTotals } from '../../services/metrics/pool-totals.ts';
import type { AccountDayRecord } from '../../services/metrics/store-rows.ts';
import { dayNumber } from '../../services/protocol/names/dates.ts';
import type { Directory } from '../../services/protocol/names/handles-to-names.ts';
import type { Scenario } from '../../services/scenario/scenario.ts';
import { eventBytes, type ReferenceEvent } from '../core/reference-events.ts';
import { PAYMENT, poolDirectory, START_MS } from '../support/pool-day.ts';
import { randomScenario } from '../support/random-scenario.ts';
import { eventsOfPools, load } from '../support/run.ts';

const HOUR_MS = 3_600_000;
const MONDAY = dayNumber('2026-03-16') as number;
const A = { debtorAgent: 0, currency1: 0 } as const;
const B = { debtorAgent: 1, currency1: 0 } as const;
type Said = Omit<ReferenceEvent, 'number'>;

/** Rows of a day whose events are an hour apart. */
function rowsOf(...events: Said[]): AccountDayRecord[] {
  const bytes = eventBytes(
    events.map((event, hour) => ({
      timeMs: START_MS + hour * HOUR_MS,
      ...event,
      number: hour + 1,
    })),
  );
  const fold = new EventFold('run-1', 'main', poolDirectory());
  assert.deepEqual(fold.fold(bytes), []);
  return fold.end().rows.account_days;
}

const account = (of: typeof A | typeof B, balance: bigint, line = 0n): Said => ({
  ...{ kind: 'accountOpened', ...of, amount1: balance, amount2: line, balances: [balance] },
});
const opens = (date: number): Said => ({ kind: 'opened', currency1: 0, count: date });
const closes = (date: number): Said => ({ kind: 'closed', currency1: 0, count: date });
/** From A to B; below 0 the other way. */
const pays = (amount: bigint, a: bigint, b: bigint): Said => ({
  ...{ kind: 'settled', messageType: PAYMENT, mechanism: 'entry', currency1: 0 },
  ...(amount > 0n
    ? { debtorAgent: 0, creditorAgent: 1, amount1: amount, balances: [a, b] }
    : { debtorAgent: 1, creditorAgent: 0, amount1: -amount, balances: [b, a] }),
});
const levels = (rows: readonly AccountDayRecord[]) =>
  rows.map((row) => [row.participant, row.date, row.usage_minor, row.surplus_minor]);

test('a row has what stood at the opening, and how far payments took the account both ways', () => {
  const rows = rowsOf(
    ...[account(A, 100n, 30n), account(B, 50n)],
    { kind: 'collateralSet', ...A, amount1: 12n, balances: [100n, 42n] },
    ...[opens(MONDAY), pays(60n, 40n, 110n), pays(-90n, 130n, 20n)],
    { kind: 'creditLineSet', ...A, amount1: 99n, balances: [130n] },
    closes(MONDAY),
  );
  const place = {
    ...{ run: 'run-1', pool: 'main', event_number: 8, time: '2026-03-16 14:00:00.000' },
    ...{ date: '2026-03-16', opened_at: '2026-03-16 10:00:00.000', currency: 'EUR' },
  };
  assert.deepEqual(rows, [
    {
      ...{ ...place, participant: 'AAAADE00', balance_minor: '100', credit_line_minor: '30' },
      ...{ collateral_minor: '12', usage_minor: '60', surplus_minor: '30' },
    },
    {
      ...{ ...place, participant: 'BBBBFR00', balance_minor: '50', credit_line_minor: '0' },
      ...{ collateral_minor: '0', usage_minor: '30', surplus_minor: '60' },
    },
  ]);
});

test('what is issued or redeemed is no payment: the levels go with it', () => {
  const rows = rowsOf(
    ...[account(A, 100n), account(B, 100n), opens(MONDAY), pays(40n, 60n, 140n)],
    { kind: 'issued', ...A, amount1: 500n, balances: [560n] },
    { kind: 'redeemed', ...B, amount1: 140n, balances: [0n] },
    { kind: 'creditLineSet', ...A, amount1: 9n, balances: [560n] },
    ...[pays(10n, 550n, 10n), pays(-10n, 560n, 0n), closes(MONDAY)],
  );
  assert.deepEqual(levels(rows), [
    ['AAAADE00', '2026-03-16', '50', '0'],
    ['BBBBFR00', '2026-03-16', '0', '50'],
  ]);
});

test('each date begins anew; a date that opens again goes on; an account opened in it begins there', () => {
  const next = MONDAY + 1;
  const rows = rowsOf(
    ...[account(A, 100n), opens(MONDAY), account(B, 10n), pays(-5n, 105n, 5n), closes(MONDAY)],
    ...[opens(MONDAY), pays(7n, 98n, 12n), closes(MONDAY), opens(next), closes(next)],
  );
  assert.deepEqual(levels(rows), [
    ['AAAADE00', '2026-03-16', '0', '5'],
    ['BBBBFR00', '2026-03-16', '5', '0'],
    ['AAAADE00', '2026-03-16', '2', '5'],
    ['BBBBFR00', '2026-03-16', '5', '2'],
    ['AAAADE00', '2026-03-17', '0', '0'],
    ['BBBBFR00', '2026-03-17', '0', '0'],
  ]);
  assert.deepEqual(
    new Set(rows.map(({ opened_at }) => opened_at.slice(11, 16))),
    new Set(['08:00', '15:00']),
  );
  assert.deepEqual(
    rows.slice(-2).map(({ balance_minor }) => balance_minor),
    ['98', '12'],
  );
});

test('a date ends as it closes; an account that is opened behind that has a row where the date goes on', () => {
  const rows = rowsOf(
    ...[account(A, 100n), opens(MONDAY), closes(MONDAY), account(B, 10n), pays(30n, 70n, 40n)],
    ...[opens(MONDAY), pays(-5n, 75n, 35n), closes(MONDAY), opens(MONDAY + 1), closes(MONDAY + 1)],
  );
  assert.deepEqual(levels(rows), [
    ['AAAADE00', '2026-03-16', '0', '0'],
    ['AAAADE00', '2026-03-16', '30', '0'],
    ['BBBBFR00', '2026-03-16', '0', '30'],
    ['AAAADE00', '2026-03-17', '0', '0'],
    ['BBBBFR00', '2026-03-17', '0', '0'],
  ]);
});

/** The rows of every pool of a run against the audit's book, which adds bookings up. */
async function compared(scenario: Scenario): Promise<{ used: number; above: number }> {
  const seen = { used: 0, above: 0 };
  for (const { directory, events } of await eventsOfPools(scenario)) {
    const book = new AuditedAccountsBook();
    const fold = new EventFold('run-1', 'main', directory);
    const ledger = new Ledger();
    const totals = new PoolTotals(directory as Directory, ledger);
    const rows: AccountDayRecord[] = [];
    for (const bytes of events) {
      book.fold(bytes);
      for (const block of fold.fold(bytes)) rows.push(...block.rows.account_days);
      for (const event of readEvents(bytes)) {
        totals.take(event);
        ledger.take(event);
      }
    }
    rows.push(...fold.end().rows.account_days);
    const found = rows.map((row) =>
      [
        ...[row.participant, row.currency, dayNumber(row.date)],
        ...[row.balance_minor, row.credit_line_minor, row.collateral_minor],
        ...[row.usage_minor, row.surplus_minor],
      ].join(' '),
    );
    const expected = book.days.map((day) =>
      [
        directory.participants[day.participant]?.bic,
        ...[directory.currencies[day.currency]?.currency, day.date],
        ...[day.balanceMinor, day.creditLineMinor, day.collateralMinor],
        ...[day.usageMinor, day.surplusMinor],
      ].join(' '),
    );
    assert.deepEqual(found.sort(), expected.sort(), scenario.name);
    assert.equal(rows.length, totals.tables.account_days, scenario.name);
    seen.used += rows.filter(({ usage_minor }) => usage_minor !== '0').length;
    seen.above += rows.filter(({ surplus_minor }) => surplus_minor !== '0').length;
  }
  return seen;
}

for (const name of ['netting-default', 'agora-chains'])
  test(`${name}: rows are as the audit's book has them`, async () => {
    const { used, above } = await compared(load(name));
    assert.ok(used > 0 && above > 0);
  });

test('random scenarios: the same, with defaults, returns, chains and dates without hours', async () => {
  const seen = { used: 0, above: 0 };
  for (let seed = 1; seed <= 6; seed += 1) {
    const { used, above } = await compared(randomScenario(seed));
    seen.used += used;
    seen.above += above;
  }
  assert.ok(seen.used > 50 && seen.above > 50, JSON.stringify(seen));
});
