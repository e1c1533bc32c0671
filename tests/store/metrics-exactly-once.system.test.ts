/**
 * Exactly once as a query sees it, in the real engine: whatever is killed, repeated or forgotten, every
 * table and everything that views fold from it is what one undisturbed insertion gives.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import type { ClickHouseClient } from '@clickhouse/client';
import { EVENT_BYTES } from '../../services/core/settlement/events.ts';
import { EventsFollower } from '../../services/live/events-follower.ts';
import { EventFold, type Insertion, insertions } from '../../services/metrics/event-rows.ts';
import { startMetrics } from '../../services/metrics/metrics-service.ts';
import { connectClickHouse } from '../../services/platform/clickhouse/client.ts';
import {
  type EmbeddedClickHouse,
  startEmbeddedClickHouse,
} from '../../services/platform/clickhouse/embedded.ts';
import { insertRows } from '../../services/platform/clickhouse/insert-once.ts';
import { migrate } from '../../services/platform/clickhouse/migrate.ts';
import { createStore } from '../../services/platform/clickhouse/reconnecting-store.ts';
import { createMemoryLog } from '../../services/platform/log/embedded/memory.ts';
import type { Log } from '../../services/platform/log/log.ts';
import {
  createLogger,
  createServiceProcess,
} from '../../services/platform/service/service-process.ts';
import { schemaFolder } from '../../services/platform/service/shipped-files.ts';
import type { Directory } from '../../services/protocol/names/handles-to-names.ts';
import { poolEvents } from '../../services/protocol/names/topic-plan.ts';
import { forget } from '../../services/replay/forget-rows-of-run.ts';
import { storeOn } from '../../services/replay/named-store.ts';
import { readFlatEvent } from '../core/flat-events.ts';
import { eventBytes } from '../core/reference-events.ts';
import { poolDay, poolDirectory } from '../support/pool-day.ts';
import { load, runScenario } from '../support/run.ts';

const SCHEMA = schemaFolder();
/** Every table that a reader or a view writes, with all of its figures: sketches by what they tell. */
const FIGURES: Readonly<Record<string, string>> = {
  payments: 'SELECT * EXCEPT run FROM payments WHERE $ ORDER BY event_number',
  balances: 'SELECT * EXCEPT run FROM balances WHERE $ ORDER BY time, participant, currency',
  queue_samples:
    'SELECT * EXCEPT run FROM queue_samples WHERE $ ORDER BY time, participant, currency',
  cycles: 'SELECT * EXCEPT run FROM cycles WHERE $ ORDER BY event_number',
  security_events: 'SELECT * EXCEPT run FROM security_events WHERE $ ORDER BY event_number',
  participants: 'SELECT * EXCEPT run FROM participants WHERE $ ORDER BY bic',
  currencies: 'SELECT * EXCEPT run FROM currencies WHERE $ ORDER BY currency',
  corridor_minutes: `SELECT minute, corridor, status, mechanism, sum(statuses) AS n, sum(first_statuses) AS f,
    sum(cancelled_by_others) AS c, sum(amount_minor) AS a, sum(amount2_minor) AS b FROM corridor_minutes WHERE $ GROUP BY ALL ORDER BY ALL`,
  corridor_hours: `SELECT hour, corridor, currency, currency2, status, sum(statuses) AS n, sum(first_statuses) AS f,
    sum(cancelled_by_others) AS c, sum(amount_minor) AS a, sum(amount2_minor) AS b FROM corridor_hours WHERE $ GROUP BY ALL ORDER BY ALL`,
  finality_minutes: `SELECT minute, corridor, sum(settled) AS n, sum(wait_ms) AS w, sum(within_hour) AS h,
    quantilesExactWeightedMerge(0.5, 0.95, 0.99)(waits) AS q FROM finality_minutes WHERE $ GROUP BY ALL ORDER BY ALL`,
  finality_hours: `SELECT hour, corridor, sum(settled) AS n, sum(within_hour) AS h, sum(within_day) AS d,
    quantilesExactWeightedMerge(0.5, 0.95, 0.99)(waits) AS q FROM finality_hours WHERE $ GROUP BY ALL ORDER BY ALL`,
  sender_minutes: `SELECT minute, debtor_agent, currency, status, reason, sum(statuses) AS n, sum(first_statuses) AS f,
    sum(amount_minor) AS a FROM sender_minutes WHERE $ GROUP BY ALL ORDER BY ALL`,
  receiver_minutes: `SELECT minute, creditor_agent, currency2, sum(settled) AS n, sum(amount2_minor) AS a
    FROM receiver_minutes WHERE $ GROUP BY ALL ORDER BY ALL`,
  dealer_hours: `SELECT hour, dealer, currency, sum(settled) AS n, sum(amount_minor) AS a
    FROM dealer_hours WHERE $ GROUP BY ALL ORDER BY ALL`,
  border_hours: `SELECT hour, segment, country, currency, country2, currency2, sum(submitted) AS s, sum(settled) AS n, sum(ended) AS e,
    sum(cancelled) AS c, sum(within_hour) AS h, sum(within_day) AS d, sum(amount_minor) AS a, sum(amount2_minor) AS b
    FROM border_hours WHERE $ GROUP BY ALL ORDER BY ALL`,
  account_minutes: `SELECT minute_end, participant, currency, max(last_ms) AS l, sum(sent_minor) AS s, sum(received_minor) AS r
    FROM account_minutes WHERE $ GROUP BY ALL ORDER BY ALL`,
  account_quarters: `SELECT quarter_end, participant, currency, max(last_ms) AS l, sum(sent_minor) AS s, sum(received_minor) AS r
    FROM account_quarters WHERE $ GROUP BY ALL ORDER BY ALL`,
  chain_ends: 'SELECT * EXCEPT run FROM chain_ends WHERE $ ORDER BY event_number',
  pair_hours: `SELECT hour, debtor_agent, creditor_agent, currency, sum(settled) AS n, sum(amount_minor) AS a
    FROM pair_hours WHERE $ GROUP BY ALL ORDER BY ALL`,
};

/** The log as it was when a topic ended there. */
const upTo = (log: Log, topic: string, end: number): Log => ({
  ...log,
  endOffset: (name, partition) =>
    name === topic ? Promise.resolve(end) : log.endOffset(name, partition),
  read: (name, partition, from, count, options) =>
    log.read(name, partition, from, name === topic ? Math.min(count, end - from) : count, options),
});

/** Without samples: they are taken where blocks end, too. */
const notSampled = ({ balances, queue_samples, ...others }: Record<string, unknown[][]>) => others;

describe('rows of the metrics, exactly once', () => {
  const folder = mkdtempSync(join(tmpdir(), 'corridor-once-'));
  let server: EmbeddedClickHouse;
  let client: ClickHouseClient;
  before(async () => {
    await open();
    await migrate(client, SCHEMA);
  });
  after(async () => {
    await close();
    rmSync(folder, { recursive: true, force: true });
  });

  async function open(): Promise<void> {
    server = await startEmbeddedClickHouse({ folder });
    client = connectClickHouse(server);
  }
  async function close(): Promise<void> {
    await client.close();
    await server.stop();
  }

  const ask = async (query: string) =>
    (await (await client.query({ query, format: 'JSONCompactEachRow' })).json()) as unknown[][];
  const figures = async (run: string): Promise<Record<string, unknown[][]>> => {
    const found = Object.entries(FIGURES).map(
      async ([table, sql]) => [table, await ask(sql.replace('$', `run = '${run}'`))] as const,
    );
    return Object.fromEntries(await Promise.all(found));
  };
  const counts = async (run: string) =>
    Object.fromEntries(
      Object.entries(await figures(run)).map(([table, rows]) => [table, rows.length]),
    );

  const blocksOf = (run: string): Insertion[] => {
    const fold = new EventFold(run, 'main', poolDirectory());
    return [...fold.fold(poolDay(5_000).events), fold.end()].flatMap(insertions);
  };
  const insert = ({ table, rows, token }: Insertion) => insertRows(client, table, rows, token);

  /** Inserts, kills the engine when `payments` has rows and its views are at work, and starts it again. */
  async function killBetweenTableAndViews(payments: Insertion, run: string): Promise<void> {
    // One view more takes its time: the others are somewhere between nothing and all then.
    await client.command({ query: 'CREATE TABLE slow (n UInt64) ENGINE = Null' });
    await client.command({
      query:
        'CREATE MATERIALIZED VIEW slow_view TO slow AS SELECT sum(sleepEachRow(0.0004)) AS n FROM payments',
    });
    const inserted = insert(payments).then(
      () => 'acknowledged',
      () => 'not acknowledged',
    );
    const there = async () =>
      Number((await ask(`SELECT count() FROM payments WHERE run = '${run}'`))[0]?.[0]);
    while ((await there()) === 0) await pause(5);
    process.kill(server.pid, 'SIGKILL');
    assert.equal(await inserted, 'not acknowledged');
    await server.exited;
    await client.close();
    await open();
    await client.command({ query: 'DROP VIEW slow_view' });
    await client.command({ query: 'DROP TABLE slow' });
  }

  it('kill -9 of the engine between table and views, and the block again', async () => {
    for (const block of blocksOf('whole')) await insert(block);
    const whole = await figures('whole');
    const blocks = blocksOf('killed');
    const payments = blocks.find(({ table }) => table === 'payments') as Insertion;
    await killBetweenTableAndViews(payments, 'killed');
    const between = await figures('killed');
    assert.equal(between.payments?.length, whole.payments?.length, 'the table has the block');
    assert.notDeepEqual(
      { ...between, payments: [] },
      { ...whole, payments: [] },
      'and not every view has: else nothing is tested here',
    );
    for (const block of blocks) await insert(block);
    assert.deepEqual(await figures('killed'), whole);
    for (const block of blocks) await insert(block);
    assert.deepEqual(await figures('killed'), whole, 'delivered once more');
  });

  it('a view that fails, and the block again once it does not', async () => {
    await client.command({
      query: `CREATE MATERIALIZED VIEW failing TO pair_hours AS
        SELECT run, pool, debtor_agent, throwIf(run = 'failed', 'it is full') AS settled FROM payments WHERE run = 'failed'`,
    });
    const blocks = blocksOf('failed');
    const results = await Promise.allSettled(blocks.map(insert));
    assert.ok(results.some(({ status }) => status === 'rejected'));
    await client.command({ query: 'DROP VIEW failing' });
    for (const block of blocks) await insert(block);
    assert.deepEqual(await figures('failed'), await figures('whole'));
  });

  it('a reader starts again, its log replayed from the start', async () => {
    const log = createMemoryLog({ now: () => 0 });
    await runScenario(load('smoke'), { log, signatures: false });
    const store = createStore(async () => server, SCHEMA);
    const readAll = async (run: string, from: Log = log) => {
      const logger = createLogger('silent');
      const shared = createServiceProcess({ log: from, logger, stallMs: 60_000 });
      const service = await startMetrics((pool) => shared.context('metrics', pool), {
        run,
        pools: ['main'],
        store,
      });
      while ((await shared.health.outstanding()) !== 0) await pause(20);
      await service.stop();
    };
    await readAll('whole-log');
    const once = await figures('whole-log');
    assert.ok((once.payments?.length ?? 0) > 300 && (once.participants?.length ?? 0) > 3);
    // Stopped in between: from now on a block from the start has another end, and another token.
    const topic = poolEvents('main');
    await readAll('live', upTo(log, topic, (await log.endOffset(topic, 0)) >> 1));
    assert.notEqual((await figures('live')).payments?.length, once.payments?.length);
    for (const _ of ['goes on', 'has nothing to do']) {
      await readAll('live');
      assert.deepEqual(notSampled(await figures('live')), notSampled(once));
    }
    // Its rows lost with its positions: it fills the store again.
    const tables = [...new Set([...Object.keys(FIGURES), 'reader_positions', 'insertions'])];
    for (const table of tables) await client.command({ query: `TRUNCATE TABLE ${table}` });
    assert.ok(Object.values(await counts('live')).every((count) => count === 0));
    await readAll('live');
    assert.deepEqual(await figures('live'), once);
    await store.close();
  });

  it('rows that were removed: it says so, and after corridor forget they are there again, once', async () => {
    const log = createMemoryLog({ now: () => 0 });
    await runScenario(load('smoke'), { log, signatures: false });
    const topic = poolEvents('main');
    const end = await log.endOffset(topic, 0);
    const readAll = async () => {
      const reader = await startReader(log, 'removed');
      while ((await reader.position()) < end) await pause(20);
      await reader.stop();
    };
    await readAll();
    const once = await figures('removed');
    const tables = [...Object.keys(FIGURES), 'reader_positions', 'insertions', 'runs'];
    const remove = async () => {
      for (const table of tables)
        await client.command({
          query: `ALTER TABLE ${table} DELETE WHERE run = 'removed'`,
          clickhouse_settings: { mutations_sync: '2' },
        });
    };
    await remove();
    const reader = await startReader(log, 'removed');
    const text = /rows of run removed were removed from the store.*corridor forget/;
    assert.match(String(await reader.ended), text);
    await reader.stop();
    for (const _ of ['removed before', 'in one step']) {
      await forget(storeOn(client), 'removed');
      assert.ok(Object.values(await counts('removed')).every((count) => count === 0));
      await readAll();
      assert.deepEqual(await figures('removed'), once);
    }

    // Removed under a reader that goes on: it does not leave out what it had inserted.
    await forget(storeOn(client), 'removed');
    let seen = end >> 1;
    const growing: Log = {
      ...log,
      endOffset: (name, at) => (name === topic ? Promise.resolve(seen) : log.endOffset(name, at)),
      async read(name, at, from, count, options) {
        if (name !== topic) return log.read(name, at, from, count, options);
        if (from < seen) return log.read(name, at, from, Math.min(count, seen - from));
        await pause(10);
        return [];
      },
    };
    const living = await startReader(growing, 'removed');
    while ((await living.position()) < seen) await pause(20);
    await remove();
    seen = end;
    assert.match(String(await living.ended), text);
    await living.stop();
  });

  /** A process of its own that reads `log` into the store as `run`. */
  async function startReader(log: Log, run: string) {
    const store = createStore(async () => server, SCHEMA);
    const logger = createLogger('silent');
    const shared = createServiceProcess({ log, logger, stallMs: 60_000 });
    const contextOf = (pool: string) => shared.context('metrics', pool);
    const service = await startMetrics(contextOf, { run, pools: ['main'], store });
    const ended = service.done.then(
      () => null,
      (error: Error) => error,
    );
    return {
      ended,
      position: async () =>
        Number(
          (
            await ask(
              `SELECT max(done) FROM reader_positions WHERE run = '${run}' AND reader = 'events/main'`,
            )
          )[0]?.[0],
        ),
      async stop() {
        await service.stop().catch(() => {});
        await store.close();
        await shared.close();
      },
    };
  }

  it('blocks of one instant, with a restart after each: the last balance is the last', async () => {
    const log = createMemoryLog({ now: () => 0 });
    const { simulation } = await runScenario(load('smoke'), { log, signatures: false });
    const directory = simulation.pools[0]?.clearing.directory as Directory;
    const topic = poolEvents('main');
    const follower = new EventsFollower('main');
    let timeMs = 0;
    for (const record of await log.read(topic, 0, 0, 100)) {
      const events = follower.take(record);
      timeMs = readFlatEvent(events, events.length / EVENT_BYTES - 1).timeMs;
    }
    const account = `participant = '${directory.bic(0)}' AND currency = '${directory.currency(0).currency}'`;
    for (const balance of [900n, 800n, 700n, 600n, 500n]) {
      const number = follower.count + 1;
      const issued = { kind: 'issued', number, position: 1, timeMs, debtorAgent: 0 } as const;
      const event = { ...issued, currency1: 0, amount1: 1n, balances: [balance, 0n, 0n, 0n] };
      await log.produce(topic, follower.messages(eventBytes([event])));
      const reader = await startReader(log, 'instant');
      const end = await log.endOffset(topic, 0);
      while ((await reader.position()) < end) await pause(20);
      await reader.stop();
      const last = await ask(
        `SELECT balance_minor FROM balances WHERE run = 'instant' AND ${account} ORDER BY time DESC LIMIT 1 WITH TIES`,
      );
      assert.deepEqual(last, [[String(balance)]]);
    }
  });

  it('two at once: nothing is doubled, one ends and says why, and another starts at once', async () => {
    const log = createMemoryLog({ now: () => 0 });
    await runScenario(load('smoke'), { log, signatures: false });
    const topic = poolEvents('main');
    const end = await log.endOffset(topic, 0);
    // What has come so far, and each process sees it a little later than the other.
    const seen = [0, 0];
    const process = (of: 0 | 1): Log => ({
      ...log,
      endOffset: (name, partition) =>
        name === topic ? Promise.resolve(seen[of] as number) : log.endOffset(name, partition),
      async read(name, partition, from, count, options) {
        if (name !== topic) return log.read(name, partition, from, count, options);
        const room = Math.min(count, (seen[of] as number) - from);
        if (room > 0) return log.read(name, partition, from, room);
        await pause(10);
        return [];
      },
    });
    const [first, second] = [
      await startReader(process(0), 'two'),
      await startReader(process(1), 'two'),
    ];
    let isOver = false;
    const ended = Promise.race([first.ended, second.ended]).then((error) => {
      isOver = true;
      return error;
    });
    for (let next = 1; next <= end && !isOver; next++) {
      seen[next % 2] = next;
      await pause(100);
    }
    assert.match(String(await ended), /another metrics service inserts the rows of run two/);
    await Promise.all([first.stop(), second.stop()]);
    seen.fill(end);
    const third = await startReader(process(0), 'two');
    while ((await third.position()) < end) await pause(20);
    await third.stop();
    const alone = await startReader(log, 'alone');
    while ((await alone.position()) < end) await pause(20);
    await alone.stop();
    assert.deepEqual(notSampled(await figures('two')), notSampled(await figures('alone')));
  });
});
