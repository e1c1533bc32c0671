/** Features that the store computes by one query are those that are computed as payments come in. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { featureSql } from '../../services/analysis/watch/feature-sql.ts';
import { FEATURES, WATCHED_TYPES } from '../../services/analysis/watch/watched-features.ts';
import { EventFold } from '../../services/metrics/event-rows.ts';
import { insertRows } from '../../services/platform/clickhouse/insert-once.ts';
import { type OwnDatabase, ownDatabase } from '../support/engine.ts';
import { directly, followed, load } from '../support/run.ts';
import {
  accountRows,
  featuresOf,
  type PlacedPayment,
  randomPayments,
  storeRows,
} from './feature-cases.ts';

const WATCHED: ReadonlySet<string> = new Set(WATCHED_TYPES);

describe('features by SQL and as payments come in', () => {
  let database: OwnDatabase;
  before(async () => {
    database = await ownDatabase();
  });
  after(() => database.close());

  const insert = (table: string, rows: readonly object[], run: string) =>
    insertRows(database.client, table, rows, `${run}/${table}`);

  async function assertAgree(run: string, payments: readonly PlacedPayment[]) {
    const answer = await database.client.query({
      query: featureSql(),
      query_params: { run },
      format: 'JSONEachRow',
    });
    const rows = await answer.json<Record<string, string | number>>();
    assert.equal(rows.length, payments.length);
    const bySql = new Map(rows.map((row) => [`${row.pool} ${row.uetr}`, row]));
    const seen = new Map<string, Set<number>>();
    for (const [at, features] of featuresOf(payments).entries()) {
      const { pool, uetr } = payments[at] as PlacedPayment;
      const row = bySql.get(`${pool} ${uetr}`);
      for (const [name, value] of Object.entries(features)) {
        const other = Number(row?.[name]);
        const isSame = Math.abs(other - value) <= 1e-12 * Math.max(1, Math.abs(value));
        assert.ok(isSame, `payment ${at}, ${name}: ${other} by SQL, ${value} as it came`);
        seen.set(name, (seen.get(name) ?? new Set()).add(value));
      }
    }
    return seen;
  }

  it('of 2,500 payments of two pools over days, with bursts in one millisecond', async () => {
    const payments = randomPayments(2_500, 7);
    await insert('payments', storeRows('random', payments), 'random');
    await insert('payment_accounts', accountRows('random', payments), 'random');
    const seen = await assertAgree('random', payments);
    // A feature that never moves would agree with anything.
    for (const { name } of FEATURES)
      assert.ok((seen.get(name)?.size ?? 0) > 1, `${name} has one value`);
  });

  it('of a run, whose forged messages and later statuses are none of them', async () => {
    const scenario = load('smoke');
    const run = directly(scenario);
    let fold: EventFold | undefined;
    const { rows } = await followed(scenario, run, {
      onSlice: ({ steps }) => {
        fold ??= new EventFold('run', 'main', run.pools[0]!.clearing.directory);
        for (const { batch } of steps) assert.deepEqual(fold.fold(batch.events), []);
      },
    });
    const payments = rows
      .filter(({ priority, messageType }) => priority !== '' && WATCHED.has(messageType))
      .map((row, at) => ({
        ...{ ...row, timeMs: row.submittedAtMs },
        debtorAccount: `${row.debtorAgent}-${at % 5}`,
        creditorAccount: `${row.creditorAgent}-${at % 3}`,
      }));
    assert.ok(payments.length > 300 && payments.length < rows.length);
    await insert('payments', fold!.end().rows.payments, 'run');
    await insert('payment_accounts', accountRows('run', payments), 'run');
    await assertAgree('run', payments);
  });
});
