/** The rows of the metrics in the real engine, under the schema that a server takes unchanged. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { ClickHouseClient } from '@clickhouse/client';
import { EventFold, insertions } from '../../services/metrics/event-rows.ts';
import { insertRows } from '../../services/platform/clickhouse/insert-once.ts';
import { type OwnDatabase, ownDatabase } from '../support/engine.ts';
import { poolDay, poolDirectory } from '../support/pool-day.ts';

describe('the metrics in ClickHouse', () => {
  const day = poolDay(60_000);
  let database: OwnDatabase;
  let client: ClickHouseClient;
  before(async () => {
    database = await ownDatabase();
    client = database.client;
  });
  after(() => database.close());

  /** Folds the day and inserts it, as often as it is called. */
  async function insertDay(run: string): Promise<void> {
    const fold = new EventFold(run, 'main', poolDirectory());
    const blocks = [...fold.fold(day.events), fold.end()];
    assert.ok(blocks.length >= 3, 'several blocks');
    for (const { table, rows, token } of blocks.flatMap(insertions))
      await insertRows(client, table, rows, token);
  }

  async function rows<Row>(query: string): Promise<Row[]> {
    const result = await client.query({ query, format: 'JSONEachRow' });
    return result.json<Row>();
  }

  const countsByStatus = async (run: string) => {
    const found = await rows<{ status: string; number: string }>(
      `SELECT status, count() AS number FROM payments_current WHERE run = '${run}' GROUP BY status`,
    );
    return Object.fromEntries(found.map(({ status, number }) => [status, Number(number)]));
  };

  const figures = async () => {
    const counted = ['payments', 'balances', 'queue_samples', 'cycles'].map(
      async (table) => [table, await rows(`SELECT count() AS n FROM ${table}`)] as const,
    );
    return {
      counts: await Promise.all(counted),
      sums: await rows(
        `SELECT run, currency, sum(toInt128(amount_minor)) AS total, uniqExact(event_number) AS events
         FROM payments GROUP BY run, currency ORDER BY run, currency`,
      ),
      queues: await rows('SELECT sum(toInt128(value_max_minor)) AS total FROM queue_samples'),
      current: await countsByStatus('first'),
    };
  };

  it('has every status change, and sums that exceed 64 bits, to the minor unit', async () => {
    await insertDay('first');
    assert.deepEqual(await countsByStatus('first'), { ...day.counts });
    const [changes] = await rows<{ n: string }>('SELECT count() AS n FROM payments');
    assert.equal(Number(changes?.n), day.statusChanges);
    const settled = await rows<{ currency: string; total: string }>(
      `SELECT currency, sum(toInt128(amount_minor)) AS total FROM payments_current
       WHERE run = 'first' AND status = 'ACSC' GROUP BY currency`,
    );
    assert.deepEqual(
      Object.fromEntries(settled.map(({ currency, total }) => [currency, BigInt(total)])),
      day.settled,
    );
    assert.ok(day.settled.EUR! > 2n ** 64n);
  });

  it('changes no figure when the same events are inserted again', async () => {
    const before = await figures();
    await insertDay('first');
    assert.deepEqual(await figures(), before);
  });

  it('keeps the runs of a shared database apart', async () => {
    const before = await countsByStatus('first');
    await insertDay('second');
    assert.deepEqual(await countsByStatus('first'), before);
    assert.deepEqual(await countsByStatus('second'), before);
  });
});
