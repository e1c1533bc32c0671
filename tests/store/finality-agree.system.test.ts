/**
 * Percentiles of the time to finality have one definition, the nearest rank: the report has them exactly,
 * the store's tables and the live view by the same buckets.
 */
import assert from 'node:assert/strict';
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { ClickHouseClient } from '@clickhouse/client';
import { FINALITY_P99_TARGET_MS } from '../../services/live/alert-thresholds.ts';
import { clickHouseTime } from '../../services/metrics/store-rows.ts';
import { insertRows } from '../../services/platform/clickhouse/insert-once.ts';
import { migrate } from '../../services/platform/clickhouse/migrate.ts';
import { schemaFolder } from '../../services/platform/service/shipped-files.ts';
import { percentile } from '../../services/report/figures/percentiles.ts';
import { bucketEnds, bucketOf, Durations } from '../../services/view/duration-buckets.ts';
import { seeded } from '../settlement/random-draft.ts';
import { type OwnDatabase, ownDatabase } from '../support/engine.ts';

const NOON = Date.parse('2026-03-16T12:00:00Z');
const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const TARGET = FINALITY_P99_TARGET_MS;
const SHARES = [0.5, 0.95, 0.99];
const PERCENTILES = 'quantilesExactWeightedMerge(0.5, 0.95, 0.99)(waits) AS told';

let position = 0;
const settled = (run: string, waitMs: number, atMs: number) => {
  position += 1;
  return {
    ...{ run, pool: 'main', event_number: position, payment_position: position, uetr: '' },
    ...{ time: clickHouseTime(atMs), submitted_at: clickHouseTime(atMs - waitMs) },
    ...{ status: 'ACSC', kind: 'settled', reason: '', iso_reason: '', mechanism: 'queue' },
    ...{ priority: 'normal', cycle: 0, debtor_agent: 'ALFADE00', creditor_agent: 'BETADE00' },
    ...{ dealer: '', corridor: 'EUR', currency: 'EUR', amount_minor: '1', currency2: 'EUR' },
    ...{ amount2_minor: '1', is_first: 0, message_type: 'pacs.008.001.08', second_leg: 0 },
  };
};

/** Times to finality by the name of their run: few of them, and around each edge of a bucket. */
const pick = seeded(16);
const LISTS: Readonly<Record<string, readonly number[]>> = {
  'two, one of them of two hours': [1_000, 7_200_000],
  'fifty, one of them of two hours': [...Array<number>(49).fill(1_000), 7_200_000],
  'twenty-two, two of them of two hours': [...Array<number>(20).fill(1_000), 7_200_000, 7_200_000],
  ...Object.fromEntries(
    Array.from({ length: 120 }, (_, index) => [
      `${index + 1} by chance`,
      Array.from({ length: index + 1 }, () => pick(2 ** (1 + pick(30)))),
    ]),
  ),
};
const EDGES = [0, 1, 127, 128, 255, 256, 257, 511, 512, TARGET, TARGET + 1].concat(
  Array.from({ length: 23 }, (_, power) => [2 ** (power + 8) - 1, 2 ** (power + 8)]).flat(),
  Array.from({ length: 200 }, () => pick(2 ** (1 + pick(30)))),
);

describe('percentiles of the time to finality', () => {
  const folder = mkdtempSync(join(tmpdir(), 'corridor-finality-'));
  let database: OwnDatabase;
  let client: ClickHouseClient;
  before(async () => {
    database = await ownDatabase({ migrated: false });
    client = database.client;
    // Every other payment is there before the tables have their buckets.
    const schema = schemaFolder();
    const older = join(folder, 'older');
    mkdirSync(older);
    for (const file of readdirSync(schema))
      if (/^0(0\d|1[0-5])_/.test(file)) copyFileSync(join(schema, file), join(older, file));
    for (const [rest, files] of [older, schema].entries()) {
      await migrate(client, files);
      // Over some minutes and two hours: states are merged, as dashboards merge them.
      const rows = Object.entries(LISTS).flatMap(([run, waits]) =>
        waits
          .map((ms, index) => settled(run, ms, NOON + (index % 70) * MINUTE_MS))
          .filter((_, index) => index % 2 === rest),
      );
      await insertRows(client, 'payments', rows, `lists/${rest}`);
    }
    const rows = EDGES.map((ms, index) => settled('edges', ms, NOON + index * MINUTE_MS));
    await insertRows(client, 'payments', rows, 'edges');
  });
  after(async () => {
    await database.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const ask = async <Row>(query: string) =>
    (await client.query({ query, format: 'JSONEachRow' })).json<Row>();

  for (const table of ['finality_minutes', 'finality_hours'])
    it(`${table} tells the nearest rank as the live view does, up to 1/128 more`, async () => {
      const rows = await ask<{ run: string; told: string[] }>(
        `SELECT run, ${PERCENTILES} FROM ${table} GROUP BY run`,
      );
      for (const [run, waits] of Object.entries(LISTS)) {
        const row = rows.find((one) => one.run === run) ?? assert.fail(run);
        const found = row.told.map(Number);
        const durations = new Durations();
        for (const ms of waits) durations.add(ms);
        assert.deepEqual(found, durations.percentiles(...SHARES), run);
        const sorted = waits.toSorted((a, b) => a - b);
        for (const [index, share] of SHARES.entries()) {
          const exact = percentile(sorted, share) as number;
          const ms = found[index] as number;
          assert.ok(ms >= exact && ms <= exact * (1 + 1 / 128), `${run}: ${ms} for ${exact}`);
        }
      }
    });

  it('the store and the live view have the same buckets, and the same target to the ms', async () => {
    const rows = await ask<{ index: number; told: string[]; late: number }>(
      `SELECT toUInt32((toUnixTimestamp(minute) - ${NOON / 1000}) / 60) AS index,
         ${PERCENTILES}, toUInt32(sum(settled) - sum(within_15_minutes)) AS late
       FROM finality_minutes WHERE run = 'edges' GROUP BY index ORDER BY index`,
    );
    assert.deepEqual(
      rows.map(({ told, late }) => [Number(told[2]), late]),
      EDGES.map((ms) => [bucketEnds(bucketOf(ms)), ms > TARGET ? 1 : 0]),
    );
    assert.ok(EDGES.length * MINUTE_MS > HOUR_MS);
  });
});
