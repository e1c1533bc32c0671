/** A store of before 039 has, once it is brought up, the sums that it would have had from the first: each payment counted once. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { insertRows } from '../../services/platform/clickhouse/insert-once.ts';
import { migrate } from '../../services/platform/clickhouse/migrate.ts';
import { type OwnDatabase, ownDatabase } from '../support/engine.ts';
import { olderSchema, SCHEMA } from '../support/older-schema.ts';

const ADDED = '039_sums_of_long_ranges.sql';
const folder = mkdtempSync(join(tmpdir(), 'corridor-sums-'));
let database: OwnDatabase;
before(async () => {
  database = await ownDatabase({ migrated: false });
});
after(async () => {
  await database.close();
  rmSync(folder, { recursive: true, force: true });
});

const CHAIN = 'corridor.chain.1';
const TYPES = ['pacs.008.001.08', 'corridor.pvp.1', CHAIN];
const ENDS = [
  { status: 'ACSC', mechanism: 'entry', kind: 'settled' },
  { status: 'ACSC', mechanism: 'earmark', kind: 'settled' },
  { status: 'PDNG', kind: 'queued', is_first: 1 },
  { status: 'PDNG', kind: 'matched', second_leg: 1 },
  { status: 'CANC', reason: 'cancelledByDebtorAgent', kind: 'cancelled' },
  { status: 'CANC', reason: 'notSettledByClose', kind: 'cancelled' },
  { status: 'CANC', reason: 'notSettledByClose', kind: 'cancelled', second_leg: 1 },
  { status: 'RJCT', reason: 'afterCutOff', kind: 'rejected', is_first: 1 },
];
/** Over some hours, with instants at the ends of quarters and just behind them. */
const rowsOf = (run: string) =>
  Array.from({ length: 240 }, (_, at) => ({
    ...{ run, pool: 'main', event_number: at + 1, payment_position: at, uetr: `${at}` },
    time: new Date(Date.UTC(2026, 2, 16, 8) + at * 61_000 - (at % 3 === 0 ? at * 1_000 : 0))
      .toISOString()
      .replace(/T(.*)Z/, ' $1'),
    ...{ debtor_agent: ['ALFADE00', 'GAMMFR00'][at % 2], creditor_agent: 'BETASG00' },
    ...{ dealer: at % 5 === 0 ? 'DELRSG00' : '', currency: 'EUR', amount_minor: at * 7 },
    ...{ currency2: at % 5 === 0 ? 'SGD' : 'EUR', amount2_minor: at * 11 },
    ...{ corridor: at % 5 === 0 ? 'EUR-SGD' : 'EUR', message_type: TYPES[(at % 7) % 3] },
    // Rows are inserted by the columns of the first.
    ...{ reason: '', mechanism: '', is_first: 0, second_leg: 0, ...ENDS[at % ENDS.length] },
  }));

const scoresOf = (run: string) =>
  Array.from({ length: 20 }, (_, at) => ({
    ...{ run, pool: 'main', submitted_at: `2026-03-16 08:00:${10 + at}.000`, uetr: `${at}` },
    ...{ debtor_agent: 'ALFADE00', score: at / 20, is_alert: at % 3 === 0 ? 1 : 0, model: 'm' },
    ...{ reasons: ['payer60m'], label: at % 2 === 0 ? 'ring' : '' },
  }));

const SUMS = {
  corridor_minutes: `SELECT minute, corridor, currency, currency2, status, mechanism, sum(statuses), sum(first_statuses),
    sum(cancelled_by_others), sum(amount_minor), sum(amount2_minor)`,
  corridor_hours: `SELECT hour, corridor, currency, currency2, status, sum(statuses), sum(first_statuses),
    sum(cancelled_by_others), sum(amount_minor), sum(amount2_minor)`,
  account_quarters:
    'SELECT quarter_end, participant, currency, max(last_ms), sum(sent_minor), sum(received_minor)',
  chain_ends: 'SELECT * EXCEPT run, count()',
  watch_alerts: 'SELECT * EXCEPT run, count()',
};

test('sums of long ranges count what a store had, and what comes, once each', async () => {
  const { client } = database;
  const sumsOf = async (run: string) => {
    const found: Record<string, unknown[]> = {};
    for (const [table, sql] of Object.entries(SUMS)) {
      const query = `${sql} FROM ${table} WHERE run = '${run}' GROUP BY ALL ORDER BY ALL`;
      const result = await client.query({ query, format: 'JSONCompactEachRow' });
      found[table] = await result.json();
    }
    return found;
  };
  await migrate(client, olderSchema(folder, ADDED));
  const insert = async (run: string) => {
    await insertRows(client, 'payments', rowsOf(run), run);
    await insertRows(client, 'watch_scores', scoresOf(run), run);
  };
  await insert('before');
  await migrate(client, SCHEMA);
  await insert('since');
  const expected = await sumsOf('since');
  for (const [table, rows] of Object.entries(expected)) assert.ok(rows.length > 5, table);
  assert.deepEqual(await sumsOf('before'), expected);
  const KEYS = 'run, pool, minute, corridor, currency, currency2, status, mechanism';
  // As where a start ended within the file: of what it had inserted the next one cuts other blocks.
  for (const left of [
    `corridor_minutes (${KEYS}, cancelled_by_others) SELECT ${KEYS}, 1 FROM corridor_minutes`,
    'corridor_hours SELECT * FROM corridor_hours',
    'account_quarters SELECT * FROM account_quarters',
  ])
    await client.command({ query: `INSERT INTO ${left} WHERE run = 'before' LIMIT 3` });
  assert.notDeepEqual(await sumsOf('before'), expected);
  // Or between its last statement and the note of it.
  for (const statement of readFileSync(join(SCHEMA, ADDED), 'utf8')
    .replace(/^--.*$/gm, '')
    .split(';\n'))
    if (statement.trim() !== '') await client.command({ query: statement });
  assert.deepEqual(await sumsOf('before'), expected);
  assert.deepEqual(await sumsOf('since'), expected);
  // And views are there again.
  await insert('later');
  assert.deepEqual(await sumsOf('later'), expected);
});
