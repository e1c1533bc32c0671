/**
 * `corridor disclose`: what an operator publishes, from the tables in the real engine, held against figures computed from
 * the rows of payments and the audit's book.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { parse } from 'csv-parse/sync';
import { type DisclosedDate, disclosedDates } from '../../services/export/disclosure.ts';
import { EventFold, insertions } from '../../services/metrics/event-rows.ts';
import { clickHouseTime } from '../../services/metrics/rows.ts';
import { insertRows } from '../../services/platform/clickhouse/insert.ts';
import { packageFolder } from '../../services/platform/service/build-info.ts';
import { dateText } from '../../services/protocol/names/dates.ts';
import { storeOn } from '../../services/replay/named-store.ts';
import { LiquidityBook } from '../../services/report/figures/liquidity-book.ts';
import { isCounted, type PaymentRow } from '../../services/report/figures/payment-table.ts';
import { runName, scenarioTables } from '../../services/report/figures/scenario-tables.ts';
import type { Scenario } from '../../services/scenario/scenario.ts';
import { type OwnDatabase, ownDatabase } from '../support/engine.ts';
import { randomScenario } from '../support/random-scenario.ts';
import { directly, followed, load } from '../support/run.ts';

const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;
const DATES = 'businessDates=[2026-03-30, 2026-03-31, 2026-04-01]';

let database: OwnDatabase;
before(async () => {
  database = await ownDatabase();
});
after(() => database.close());

interface Recorded {
  readonly scenario: Scenario;
  readonly run: string;
  readonly rows: readonly PaymentRow[];
  readonly books: readonly LiquidityBook[];
}

/** Runs a scenario, and has its rows in the store, with others that must not count. */
async function record(scenario: Scenario): Promise<Recorded> {
  const run = runName(scenario);
  const insert = (table: string, rows: readonly object[], token: string) =>
    insertRows(database.client, table, rows, token);
  const simulation = directly(scenario, { signatures: false });
  const books = simulation.pools.map(() => new LiquidityBook());
  const folds = simulation.pools.map(
    ({ name, clearing }) => new EventFold(run, name, clearing.directory),
  );
  const blocks: ReturnType<EventFold['fold']> = [];
  const { summary, rows } = await followed(scenario, simulation, {
    signatures: false,
    onSlice: ({ steps }) => {
      for (const [pool, { batch }] of steps.entries()) {
        books[pool]?.fold(batch.events);
        blocks.push(...(folds[pool]?.fold(batch.events) ?? []));
      }
    },
  });
  blocks.push(...folds.map((fold) => fold.end()));
  for (const { table, rows: some, token } of blocks.flatMap(insertions)) {
    await insert(table, some, token);
    await insert(
      table,
      some.map((row) => ({ ...row, run: 'another' })),
      `another/${token}`,
    );
  }
  for (const [table, some] of Object.entries(scenarioTables(scenario, summary, [])))
    await insert(table, some, `${run}/${table}`);
  return { scenario, run, rows, books };
}

const ask = (run: string) => disclosedDates(storeOn(database.client).query, run);

/** As payments and the book have it. */
function expectedOf({ scenario, rows, books }: Recorded): DisclosedDate[] {
  const all: DisclosedDate[] = [];
  for (const { code, pool, hours, minorUnits } of scenario.currencies) {
    let beforeMs = Number.NEGATIVE_INFINITY;
    const units = (minor: bigint) => {
      const digits = `${minor}`.padStart(minorUnits + 1, '0');
      return minorUnits === 0
        ? digits
        : `${digits.slice(0, -minorUnits)}.${digits.slice(-minorUnits)}`;
    };
    const sum = (of: readonly PaymentRow[]) =>
      units(of.reduce((total, one) => total + one.amountMinor, 0n));
    const own = rows.filter(
      (row) => row.currency === code && row.pool === scenario.pools[pool]?.name,
    );
    const handle = scenario.pools[pool]?.currencies.findIndex(
      (one) => scenario.currencies[one]?.code === code,
    );
    for (const [index, open] of hours.entries()) {
      if (!open) continue;
      const { opensMs, closesMs } = open;
      const came = own.filter(
        (row) => isCounted(row) && row.submittedAtMs >= beforeMs && row.submittedAtMs < closesMs,
      );
      const legs = own.filter(
        ({ status, finalAtMs }) =>
          status === 'settled' &&
          (finalAtMs as number) > beforeMs &&
          (finalAtMs as number) <= closesMs,
      );
      const settled = legs.filter(isCounted);
      const rejected = came.filter(({ status }) => status === 'rejected').length;
      const withdrawn = came.filter(({ reason }) => reason === 'cancelledByDebtorAgent').length;
      const onTime = came.filter(
        ({ status, finalAtMs }) => status === 'settled' && (finalAtMs as number) <= closesMs,
      ).length;
      const owed = came.length - rejected - withdrawn;
      const perHour = new Map<number, PaymentRow[]>();
      for (const leg of legs) {
        const hour = Math.floor((leg.finalAtMs as number) / HOUR_MS) * HOUR_MS;
        perHour.set(hour, [...(perHour.get(hour) ?? []), leg]);
      }
      const [peak] = [...perHour].sort(
        ([a, x], [b, y]) => y.filter(isCounted).length - x.filter(isCounted).length || a - b,
      );
      const days = (books[pool]?.days ?? []).filter(
        ({ currency, date }) =>
          currency === handle && dateText(date) === scenario.businessDates[index],
      );
      const total = (of: (day: (typeof days)[number]) => bigint) =>
        units(days.reduce((all, day) => all + of(day), 0n));
      all.push({
        ...{ date: scenario.businessDates[index] as string, currency: code },
        ...{
          opened_at: new Date(opensMs).toISOString(),
          closed_at: new Date(closesMs).toISOString(),
        },
        ...{ submitted: came.length, rejected, withdrawn, settled_on_time: onTime },
        settled_on_time_share: owed === 0 ? null : onTime / owed,
        ...{ settled: settled.length, settled_value: sum(legs) },
        participants: new Set(legs.flatMap((row) => [row.debtorAgent, row.creditorAgent])).size,
        peak_hour: settled.length === 0 || !peak ? null : new Date(peak[0]).toISOString(),
        peak_hour_settled: peak ? peak[1].filter(isCounted).length : 0,
        peak_hour_value: sum(peak?.[1] ?? []),
        liquidity_available: total(
          (day) => day.balanceMinor + day.creditLineMinor + day.collateralMinor,
        ),
        liquidity_used: total(({ usageMinor }) => usageMinor),
        availability: null,
      });
      beforeMs = closesMs;
    }
  }
  const key = ({ date, currency }: DisclosedDate) => `${date} ${currency}`;
  return all.sort((a, b) => (key(a) < key(b) ? -1 : 1));
}

for (const [name, scenario] of [
  ['smoke over three dates', () => load('smoke', [DATES])],
  ['trades, chains and a gridlock', () => load('linked-gridlock')],
  ...[2, 3, 5].map((seed) => [`random scenario ${seed}`, () => randomScenario(seed)] as const),
] as const)
  test(`${name}: as the payments have it`, async () => {
    const recorded = await record(scenario());
    const found = await ask(recorded.run);
    assert.deepEqual(found, expectedOf(recorded));
    assert.ok(found.some(({ settled }) => settled > 0));
  });

test('availability is of the minutes of the date in which a service reports; the command prints all as CSV and JSON', async (t) => {
  const { run } = await record(load('smoke', ['seed=8']));
  const [first = assert.fail('no date')] = await ask(run);
  const opensMs = Date.parse(first.opened_at);
  const closesMs = Date.parse(first.closed_at);
  const sample = (service: string, atMs: number, ready = 1) => ({
    ...{ run, time: clickHouseTime(atMs), service, instance: `${service}-0`, reader: 'main' },
    ...{ is_ready: ready, lag_records: 0, lag_ms: 0, records: 1, fault: '' },
  });
  // Before it opens and at its close nobody counts. Of five minutes the gateway is not ready in one, and silent in one.
  const minutes = [0, 1, 2, 3, 4].map((minute) => opensMs + minute * MINUTE_MS);
  await insertRows(
    database.client,
    'service_samples',
    [
      ...[opensMs - MINUTE_MS, ...minutes, closesMs].map((atMs) => sample('clearing', atMs)),
      ...[minutes[0], minutes[1], minutes[3]].map((atMs) => sample('gateway', atMs as number)),
      ...[opensMs - MINUTE_MS, minutes[4] as number].map((atMs) => sample('gateway', atMs, 0)),
    ],
    `${run}/samples`,
  );
  const dates = await ask(run);
  assert.equal(dates.find(({ currency }) => currency === first.currency)?.availability, 0.6);

  const folder = mkdtempSync(join(tmpdir(), 'corridor-disclose-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(join(folder, 'password'), database.address.password);
  const { url, username } = database.address;
  const disclose = (...args: string[]) =>
    spawnSync(
      process.execPath,
      [
        ...[join(packageFolder, 'dist/services/cli/main.js'), 'disclose', '--run', run, ...args],
        ...['--clickhouse-url', url, '--clickhouse-user', username],
        ...['--clickhouse-database', database.address.database ?? 'corridor'],
        ...['--clickhouse-password-file', join(folder, 'password')],
      ],
      { encoding: 'utf8' },
    );
  const json = disclose('--format', 'json');
  assert.equal(json.status, 0, json.stderr);
  assert.deepEqual(JSON.parse(json.stdout), dates);
  const csv = disclose();
  assert.deepEqual(
    parse(csv.stdout, { columns: true }),
    dates.map((date) =>
      Object.fromEntries(Object.entries(date).map(([name, value]) => [name, `${value ?? ''}`])),
    ),
  );
  const both = disclose(folder);
  assert.equal(both.status, 2);
  assert.match(
    both.stderr,
    /^corridor: disclose: expected the folder of a run or of a sandbox, or --clickhouse-url\n$/,
  );
});
