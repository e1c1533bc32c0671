/** `corridor disclose`: what an operator publishes, from the tables in the real engine. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { parse } from 'csv-parse/sync';
import { disclosedDates } from '../../services/export/disclosure.ts';
import { clickHouseTime } from '../../services/metrics/store-rows.ts';
import { insertRows } from '../../services/platform/clickhouse/insert-once.ts';
import { packageFolder } from '../../services/platform/service/build-info.ts';
import { storeOn } from '../../services/replay/named-store.ts';
import { ownDatabase } from '../support/engine.ts';
import { randomScenario } from '../support/random-scenario.ts';
import { disclosedByPayments, recordPayments } from './disclosed-dates.ts';

const MINUTE_MS = 60_000;
/** Two dates, two pools, four currencies, trades, withdrawn and rejected payments. */
const SEED = 7;

test('a row for each date of a currency, as the payments have it; availability; the command prints them', async (t) => {
  const database = await ownDatabase();
  t.after(() => database.close());
  const recorded = await recordPayments(database, randomScenario(SEED));
  const { run } = recorded;
  const ask = () => disclosedDates(storeOn(database.client).query, run);
  const before = await ask();
  assert.deepEqual(before, disclosedByPayments(recorded));
  assert.ok(before.some(({ rejected, withdrawn }) => rejected > 0 && withdrawn > 0));
  const [first = assert.fail('no date')] = before;
  const next = before.find(
    ({ date, currency }) => date > first.date && currency === first.currency,
  );
  if (!next) return assert.fail('no second date');
  const [opensMs, closesMs, nextMs] = [first.opened_at, first.closed_at, next.opened_at].map(
    (time) => Date.parse(time),
  ) as [number, number, number];
  const sample = (service: string, atMs: number, ready = 1) => ({
    ...{ run, time: clickHouseTime(atMs), service, instance: `${service}-0`, reader: 'main' },
    ...{ is_ready: ready, lag_records: 0, lag_ms: 0, records: 1, fault: '' },
  });
  // Before it opens and at its close nobody counts. Of five minutes the gateway is not ready in one, and silent in one; from
  // then on all is silent. On the next date a third service begins a minute later, and is silent from the third minute on.
  const minutes = [0, 1, 2, 3, 4].map((minute) => opensMs + minute * MINUTE_MS);
  const nextMinutes = [0, 1, 2].map((minute) => nextMs + minute * MINUTE_MS);
  await insertRows(
    database.client,
    'service_samples',
    [
      ...[opensMs - MINUTE_MS, ...minutes, closesMs].map((atMs) => sample('clearing', atMs)),
      ...[minutes[0], minutes[1], minutes[3]].map((atMs) => sample('gateway', atMs as number)),
      ...[opensMs - MINUTE_MS, minutes[4] as number].map((atMs) => sample('gateway', atMs, 0)),
      ...nextMinutes.flatMap((atMs) => [sample('clearing', atMs), sample('gateway', atMs)]),
      sample('notifier', nextMinutes[1] as number),
      // What has ended before the date opens is not of it.
      ...[minutes[0], minutes[1], minutes[2], minutes[3]].map((atMs) =>
        sample('old', atMs as number),
      ),
    ],
    `${run}/samples`,
  );
  const dates = await ask();
  const availabilityOf = ({ date, currency }: typeof first) =>
    dates.find((one) => one.date === date && one.currency === currency)?.availability;
  const minutesOf = ({ opened_at, closed_at }: typeof first) =>
    (Date.parse(closed_at) - Date.parse(opened_at)) / MINUTE_MS;
  assert.equal(availabilityOf(first), 3 / minutesOf(first));
  assert.equal(availabilityOf(next), 2 / minutesOf(next));

  // By hand: what comes in at the instant of a close is of the next date, what settles at it is of this one.
  const byHand = { run: 'by-hand', pool: 'main', currency: 'EUR' };
  const at = (time: string) => `2026-03-${time}.000`;
  const row = (payment: number, came: string, settled: string) => [
    ...[came, settled].map((time, change) => ({
      ...{
        ...byHand,
        event_number: 2 * payment + change,
        payment_position: payment,
        time: at(time),
      },
      ...{ submitted_at: at(came), status: change === 0 ? 'PDNG' : 'ACSC', is_first: 1 - change },
      ...{ debtor_agent: 'ALFADE00', creditor_agent: 'BETADE00', amount_minor: '150' },
    })),
  ];
  // BETADE00 issues the money: what it may still issue is no liquidity, nor is what it has issued a use of any.
  const days = ['30', '31'].flatMap((day, event_number) =>
    [
      { participant: 'ALFADE00', balance_minor: '700', credit_line_minor: '20', usage_minor: '5' },
      {
        participant: 'BETADE00',
        balance_minor: '-9',
        credit_line_minor: '9000',
        usage_minor: '40',
      },
    ].map((account) => ({
      ...{ ...byHand, event_number, date: `2026-03-${day}`, ...account },
      ...{ opened_at: at(`${day} 08:00:00`), time: at(`${day} 12:00:00`) },
      ...{ collateral_minor: '3', surplus_minor: '0' },
    })),
  );
  for (const [table, rows] of Object.entries({
    currencies: [{ ...byHand, minor_units: 2 }],
    account_days: days,
    issuers: [{ ...byHand, event_number: 0, time: at('30 07:00:00'), participant: 'BETADE00' }],
    payments: [
      ...row(1, '30 11:00:00', '30 12:00:00'),
      ...row(2, '30 11:00:00', '31 09:00:00'),
      ...row(3, '30 12:00:00', '31 10:00:00'),
    ],
  }))
    await insertRows(database.client, table, rows, `by-hand/${table}`);
  assert.deepEqual(
    (await disclosedDates(storeOn(database.client).query, 'by-hand')).map((date) => [
      ...[date.date, date.submitted, date.settled_on_time, date.settled_on_time_share],
      ...[date.settled, date.settled_value, date.peak_hour],
      ...[date.liquidity_available, date.liquidity_used],
    ]),
    [
      ['2026-03-30', 2, 1, 0.5, 1, '1.50', '2026-03-30T12:00:00.000Z', '7.23', '0.05'],
      ['2026-03-31', 1, 1, 1, 2, '3.00', '2026-03-31T09:00:00.000Z', '7.23', '0.05'],
    ],
  );

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
  const csv = disclose();
  assert.equal(csv.status, 0, csv.stderr);
  assert.deepEqual(
    parse(csv.stdout, { columns: true }),
    dates.map((date) =>
      Object.fromEntries(Object.entries(date).map(([name, value]) => [name, `${value ?? ''}`])),
    ),
  );
  assert.equal(csv.stderr, '');

  // What fits no row: forged messages have no currency, and one that came again under a revoked key is no further payment.
  const told = (position: number, of: object) => ({
    ...{ ...byHand, event_number: 100 + position, payment_position: position, uetr: '' },
    ...{ time: at('31 12:00:00'), submitted_at: at('31 12:00:00'), is_first: 1, reason: '' },
    ...{ kind: 'noticed', message_type: 'pacs.008.001.08', debtor_agent: 'ALFADE00', ...of },
  });
  const forged = { currency: '', status: 'RJCT', reason: 'signatureInvalid' };
  const again = { ...forged, reason: 'keyRevoked', uetr: 'u' };
  await insertRows(
    database.client,
    'payments',
    [
      ...[told(11, forged), told(12, forged), told(14, again), told(15, again)],
      told(13, { kind: 'queued', status: 'PDNG' }),
    ],
    'by-hand/forged',
  );
  // What an observation has settle after the last close is submitted in a row. A second leg is no further payment.
  const late = [
    ...row(8, '31 11:00:00', '31 12:00:01'),
    ...row(9, '31 11:00:00', '31 12:00:00'),
  ].map((one) => ({ ...one, second_leg: 0 }));
  await insertRows(
    database.client,
    'payments',
    [...late, { ...late[1], event_number: 20, second_leg: 1 }],
    'by-hand/late',
  );
  assert.equal(
    disclose('--run', 'by-hand').stderr,
    'corridor: payments in no row: 3 rejected without a currency: their messages were not authentic or could not be read; 1 that no close of their currency has followed\ncorridor: settled in no row, after the last close of their currency: 1 of EUR 3.00\n',
  );
  const both = disclose(folder);
  assert.equal(both.status, 2);
  assert.match(
    both.stderr,
    /^corridor: disclose: expected the folder of a run or of a sandbox, or --clickhouse-url\n$/,
  );
});
