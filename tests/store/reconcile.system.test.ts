/** Clearing's own totals against the store: every mechanism agrees, and whatever is wrong is named. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { ClickHouseClient } from '@clickhouse/client';
import { Ledger } from '../../services/analysis/ledger.ts';
import { readEvents } from '../../services/core/settlement/event-reader.ts';
import { EventFold, insertions } from '../../services/metrics/event-rows.ts';
import { PoolTotals } from '../../services/metrics/pool-totals.ts';
import { type Check, reconcile } from '../../services/metrics/reconcile-totals.ts';
import { CHECK_MS, ScheduledChecks } from '../../services/metrics/scheduled-reconciliation.ts';
import { connectClickHouse } from '../../services/platform/clickhouse/client.ts';
import { startEmbeddedClickHouse } from '../../services/platform/clickhouse/embedded.ts';
import { insertRows } from '../../services/platform/clickhouse/insert-once.ts';
import { createMemoryLog } from '../../services/platform/log/embedded/memory.ts';
import {
  createLogger,
  createServiceProcess,
} from '../../services/platform/service/service-process.ts';
import type { Directory } from '../../services/protocol/names/handles-to-names.ts';
import { poolEvents, TELEMETRY } from '../../services/protocol/names/topic-plan.ts';
import {
  type ReconciliationTelemetry,
  readTelemetry,
} from '../../services/protocol/records/telemetry.ts';
import { PoolFold } from '../../services/replay/reconcile-run.ts';
import { startSandbox } from '../../services/sandbox/sandbox.ts';
import { type OwnDatabase, ownDatabase } from '../support/engine.ts';
import { OFFSETTING, OFFSETTING_PAYMENTS } from '../support/offsetting.ts';
import { load, runScenario, scenarioFile } from '../support/run.ts';
import { warmCorridor as corridor, endWarmCorridor } from '../support/warm-corridor.ts';

/** Gross with offsetting and with returns, linked legs, netting with each answer to a default, and a hybrid. */
const RUNS: Readonly<Record<string, ReturnType<typeof load>>> = {
  smoke: load('smoke'),
  returned: load('smoke', [
    'events.returns=[{ participant: ALFADE00, every: 3, afterSeconds: 600, percent: 40 }]',
  ]),
  linked: load('linked-gridlock'),
  unwound: load('netting-default'),
  shared: load('netting-default', ['settlement.onDefault=share-loss']),
  hybrid: load('limits-hybrid', ['settlement.mechanism=hybrid']),
};

describe('reconciliation', () => {
  const totals = new Map<string, PoolTotals>();
  let database: OwnDatabase;
  let client: ClickHouseClient;
  before(async () => {
    database = await ownDatabase();
    client = database.client;
    for (const run of Object.keys(RUNS)) await insertRun(run);
  });
  after(() => database.close());

  async function insertRun(run: string): Promise<void> {
    const pieces: Uint8Array[] = [];
    const { simulation } = await runScenario(RUNS[run] as ReturnType<typeof load>, {
      signatures: false,
      onSlice: ({ steps }) => {
        for (const { batch } of steps) pieces.push(batch.events);
      },
    });
    const [{ name: pool, clearing }] = simulation.pools as [(typeof simulation.pools)[number]];
    const events = Buffer.concat(pieces);
    const fold = new EventFold(run, pool, clearing.directory);
    const ledger = new Ledger();
    const sums = new PoolTotals(clearing.directory, ledger);
    for (const event of readEvents(events)) {
      sums.take(event);
      ledger.take(event);
    }
    sums.end();
    totals.set(run, sums);
    for (const { table, rows, token } of [...fold.fold(events), fold.end()].flatMap(insertions))
      await insertRows(client, table, rows, token);
  }

  async function query<Row>(sql: string, params: Readonly<Record<string, unknown>>) {
    const result = await client.query({
      query: sql,
      query_params: { ...params },
      format: 'JSONEachRow',
    });
    return result.json<Row>();
  }

  const checked = (run: string): Promise<Check[]> =>
    reconcile({ query }, { run, pool: 'main', isComplete: true }, totals.get(run) as PoolTotals);
  const different = async (run: string) => (await checked(run)).filter(({ agrees }) => !agrees);
  const change = (sql: string) =>
    client.command({ query: sql, clickhouse_settings: { mutations_sync: '2' } });

  for (const run of Object.keys(RUNS))
    it(`agrees to the unit: ${run}`, async () => {
      const checks = await checked(run);
      assert.deepEqual(
        checks.filter(({ agrees }) => !agrees),
        [],
      );
      const settled = checks.find(({ figure }) => figure === 'payments settled');
      assert.ok(Number(settled?.found) > 0);
      for (const currency of RUNS[run]?.currencies ?? [])
        assert.ok(checks.some(({ figure }) => figure === `conserved ${currency.code}`));
    });

  it('names what a row too few changes', async () => {
    const [row] = await query<{ event_number: string }>(
      "SELECT min(event_number) AS event_number FROM payments WHERE run = 'unwound' AND status = 'CANC'",
      {},
    );
    await change(
      `ALTER TABLE payments DELETE WHERE run = 'unwound' AND event_number = ${row?.event_number}`,
    );
    const found = await different('unwound');
    assert.deepEqual(
      found.map(({ figure }) => figure),
      [
        'payments cancelled',
        'payments without a final status',
        'status changes',
        'status changes: sum of event numbers',
        'status changes EUR',
      ],
    );
    const [cancelled] = found;
    assert.equal(Number(cancelled?.expected) - Number(cancelled?.found), 1);
  });

  it('names what a row too many changes, in the tables folded from it too', async () => {
    await change(
      `INSERT INTO payments SELECT * FROM payments WHERE run = 'hybrid' AND status = 'ACSC'
       ORDER BY event_number LIMIT 1`,
    );
    const figures = (await different('hybrid')).map(({ figure }) => figure);
    for (const figure of [
      'payments settled',
      'status changes',
      'settled EUR',
      'corridor_minutes: settled',
      'finality_minutes: settled',
      'sender_minutes: status changes',
      'receiver_minutes: legs settled',
      'pair_hours: legs settled',
    ])
      assert.ok(figures.includes(figure), figure);
  });

  it('names a minor unit: of a payment, of a balance, of a net position', async () => {
    await change(
      "ALTER TABLE payments UPDATE amount_minor = amount_minor + 1 WHERE run = 'smoke' AND status = 'ACSC' AND event_number = (SELECT min(event_number) FROM payments WHERE run = 'smoke' AND status = 'ACSC' AND currency = 'EUR')",
    );
    const payment = await different('smoke');
    assert.deepEqual(
      payment.map(({ figure, expected, found }) => [figure, BigInt(found) - BigInt(expected)]),
      [
        ['settled EUR', 1n],
        ['status changes EUR', 1n],
      ],
    );
    await change(
      "ALTER TABLE balances UPDATE balance_minor = balance_minor - 1 WHERE run = 'linked' AND currency = 'USD' AND (participant, time) IN (SELECT participant, max(time) FROM balances WHERE run = 'linked' AND currency = 'USD' GROUP BY participant ORDER BY participant LIMIT 1)",
    );
    await change(
      "ALTER TABLE nettings UPDATE amount_minor = amount_minor + 1 WHERE run = 'shared' AND event_number = (SELECT max(event_number) FROM nettings WHERE run = 'shared')",
    );
    for (const [run, figure, by] of [
      ['linked', 'balances USD', -1n],
      ['shared', 'nettings EUR', 1n],
    ] as const)
      assert.deepEqual(
        (await different(run)).map((check) => [
          check.figure,
          BigInt(check.found) - BigInt(check.expected),
        ]),
        [[figure, by]],
      );
  });

  it('on a schedule: what differs is a row, a line, a gauge, and a word in telemetry', async () => {
    const log = createMemoryLog({ now: Date.now });
    const topics = [TELEMETRY, poolEvents('main')];
    await log.createTopics(
      topics.map((name) => ({ name, partitions: 1, timestamps: 'create' as const })),
    );
    const lines: object[] = [];
    const logger = { info() {}, warn() {}, error: (fields: object) => void lines.push(fields) };
    const shared = createServiceProcess({ log, logger: createLogger('silent'), stallMs: 60_000 });
    const gauges = new Map<string, number>();
    const figures = {
      ...shared.context('metrics', 'main').figures,
      gauge: (name: string) => (value: number) => void gauges.set(name, value),
    };
    let nowMs = 0;
    const context = {
      ...{ ...shared.context('metrics', 'main'), logger, figures },
      elapsedMs: () => nowMs,
    };
    const insert = (table: string, rows: readonly object[], token: string) =>
      insertRows(client, table, rows, token);
    const of = { run: 'smoke', pool: 'main' };
    const checks = new ScheduledChecks(context, { query, insert }, of);
    const sums = totals.get('smoke') as PoolTotals;
    await checks.check(sums, 0);
    assert.equal(checks.isDue(), false);
    await checks.check(sums, 0);
    const messages = await log.read(TELEMETRY, 0, 0, 10);
    assert.equal(messages.length, 1, 'not due again');
    const told = readTelemetry(messages[0]?.value as Uint8Array) as ReconciliationTelemetry;
    const names = ['settled EUR', 'status changes EUR'];
    assert.deepEqual(
      told.differences.map(({ figure }) => figure),
      names,
    );
    assert.deepEqual([told.differencesCount, told.eventNumber], [2, sums.number]);
    assert.equal(lines.length, 2);
    const rows = await query<{ figure: string; expected: string; found: string }>(
      "SELECT figure, expected, found FROM reconciliations WHERE run = 'smoke' AND NOT agrees ORDER BY figure",
      {},
    );
    assert.deepEqual(rows, told.differences);
    const [count] = await query<{ n: string }>('SELECT count() AS n FROM reconciliations', {});
    assert.equal(Number(count?.n), told.figures);
    assert.deepEqual([...gauges], [['corridor_reconciliation_differences', 2]]);

    // What comes after a check is no difference at the next, and one at the next but one.
    const message = { key: null, value: new Uint8Array(1), headers: {} };
    await log.produce(poolEvents('main'), [message, message, message]);
    const behind = async (inserted: number) => {
      nowMs += CHECK_MS;
      await checks.check(sums, inserted);
      const last = (await log.read(TELEMETRY, 0, 0, 10)).at(-1)?.value as Uint8Array;
      return (readTelemetry(last) as ReconciliationTelemetry).differences.slice(names.length);
    };
    assert.deepEqual(await behind(0), []);
    const figure = 'messages of events that the log had at the check before';
    assert.deepEqual(await behind(1), [{ figure, expected: '3', found: '1' }]);
    assert.deepEqual(await behind(3), []);
    await shared.close();
  });
});

/**
 * What no total of clearing's tells alone, in a copy of one run, and what must be named. Those of one copy touch no
 * column in common, so that nothing is named for another's sake.
 */
const TAMPERINGS: readonly (readonly [
  copy: string,
  what: string,
  sql: string,
  named: readonly string[],
])[] = [
  [
    'credited',
    'a credited amount',
    `ALTER TABLE payments UPDATE amount2_minor = amount2_minor + 100 WHERE $ AND event_number =
      (SELECT max(event_number) FROM payments WHERE $ AND status = 'ACSC')`,
    ['payments.amount2_minor: checksum', 'corridor_minutes: checksum against payments'],
  ],
  [
    'parties',
    'the parties, mechanism, corridor, UETR and submission of what settled',
    `ALTER TABLE payments UPDATE creditor_agent = 'OTHRDE00', mechanism = 'entry', corridor = 'EUR-USD',
      uetr = '00000000-0000-4000-8000-000000000000', submitted_at = submitted_at - INTERVAL 5 HOUR
      WHERE $ AND status = 'ACSC'`,
    [
      ...['creditor_agent', 'mechanism', 'corridor', 'uetr', 'submitted_at'].map(
        (column) => `payments.${column}: checksum`,
      ),
      'receiver_minutes: checksum against payments',
      'finality_minutes.wait_ms against payments',
    ],
  ],
  [
    'creditors',
    'two payments’ creditors changed for each other',
    `ALTER TABLE payments UPDATE creditor_agent = if(creditor_agent = 'BETADE00', 'ALFADE00', 'BETADE00')
      WHERE $ AND event_number IN (SELECT arrayJoin([minIf(event_number, creditor_agent = 'BETADE00'),
      minIf(event_number, creditor_agent = 'ALFADE00')]) FROM payments WHERE $)`,
    ['payments: checksum of its rows'],
  ],
  [
    'tables',
    'what banks received',
    'ALTER TABLE receiver_minutes UPDATE amount2_minor = amount2_minor * 2 WHERE $',
    ['receiver_minutes.amount2_minor against payments'],
  ],
  [
    'tables',
    'what banks sent, by reason',
    "ALTER TABLE sender_minutes UPDATE first_statuses = 0 WHERE $ AND status = 'PDNG'",
    ['sender_minutes.first_statuses against payments'],
  ],
  [
    'queues',
    'queues that are gone',
    'ALTER TABLE queue_samples DELETE WHERE $',
    ['queue_samples: all rows', 'queue_samples: queues'],
  ],
  [
    'tables',
    'a queue’s age',
    `ALTER TABLE queue_samples UPDATE oldest_submitted_at = oldest_submitted_at + INTERVAL 1 MINUTE
      WHERE $ AND count > 0`,
    ['queue_samples.oldest_submitted_at: checksum'],
  ],
  [
    'tables',
    'hours that are gone',
    'ALTER TABLE finality_hours DELETE WHERE $',
    ['finality_hours: rows against payments', 'finality_hours.settled against payments'],
  ],
  [
    'tables',
    'pairs',
    "ALTER TABLE pair_hours DELETE WHERE $ AND debtor_agent = 'ALFADE00'",
    ['pair_hours.amount_minor against payments'],
  ],
  [
    'tables',
    'money moved between two banks',
    `ALTER TABLE balances UPDATE balance_minor = balance_minor +
      if(participant = 'ALFADE00', 100000000, -100000000)
      WHERE $ AND currency = 'EUR' AND participant IN ('ALFADE00', 'BETADE00')`,
    ['balances.balance_minor of ALFADE00 EUR', 'balances.balance_minor of BETADE00 EUR'],
  ],
  [
    'queues',
    'lowest balances and what was drawn',
    'ALTER TABLE balances UPDATE lowest_minor = 0, drawn_max_minor = 0 WHERE $',
    ['balances.lowest_minor: checksum', 'balances.drawn_max_minor: checksum'],
  ],
  [
    'tables',
    'the outcomes of cycles',
    "ALTER TABLE cycles UPDATE outcome = 'undecided', settled = settled + 1 WHERE $",
    ['cycles.outcome: checksum', 'cycles.settled: checksum'],
  ],
];

describe('rows against the events that they were folded from', () => {
  let database: OwnDatabase;
  let client: ClickHouseClient;
  let day: { pool: string; events: Uint8Array; directory: Directory };
  let replayed: PoolFold;
  before(async () => {
    database = await ownDatabase();
    client = database.client;
    const pieces: Uint8Array[] = [];
    const { simulation } = await runScenario(RUNS.hybrid as ReturnType<typeof load>, {
      signatures: false,
      onSlice: ({ steps }) => {
        for (const { batch } of steps) pieces.push(batch.events);
      },
    });
    const [{ name: pool, clearing }] = simulation.pools as [(typeof simulation.pools)[number]];
    day = { pool, events: Buffer.concat(pieces), directory: clearing.directory };
    replayed = new PoolFold(day.pool, day.directory);
    replayed.take(day.events);
    replayed.end();
  });
  after(() => database.close());

  async function insertAs(run: string): Promise<void> {
    const fold = new EventFold(run, day.pool, day.directory);
    for (const { table, rows, token } of [...fold.fold(day.events), fold.end()].flatMap(insertions))
      await insertRows(client, table, rows, token);
  }

  async function different(run: string, isRun = true): Promise<string[]> {
    const query = async <Row>(sql: string, params: Readonly<Record<string, unknown>>) =>
      (
        await client.query({ query: sql, query_params: { ...params }, format: 'JSONEachRow' })
      ).json<Row>();
    const scope = { run, pool: day.pool, isComplete: true };
    const checks = await replayed.checks(query, scope, isRun);
    assert.ok(
      checks.some(({ figure, found }) => /^pair_hours: rows/.test(figure) && found !== '0'),
    );
    return checks.flatMap(({ agrees, figure }) => (agrees ? [] : [figure]));
  }

  it('agrees while nothing is changed', async () => {
    await insertAs('whole');
    assert.deepEqual(await different('whole'), []);
  });

  /** By copy: all that is tampered with there, and then what is named. */
  const copies = new Map<string, readonly string[]>();
  async function tampered(copy: string): Promise<string[]> {
    const run = `tampered-${copy}`;
    await insertAs(run);
    for (const [of, , sql] of TAMPERINGS)
      if (of === copy)
        await client.command({
          query: sql.replaceAll('$', `run = '${run}'`),
          clickhouse_settings: { mutations_sync: '2' },
        });
    return different(run);
  }

  for (const [copy, what, , named] of TAMPERINGS)
    it(`names ${what}`, async () => {
      const figures = copies.get(copy) ?? (await tampered(copy));
      copies.set(copy, figures);
      for (const figure of named) assert.ok(figures.includes(figure), `${figure}: ${figures}`);
    });

  it('of a live network, whose samples stand elsewhere, names accounts and queues', async () => {
    await insertAs('live');
    const more = `INSERT INTO balances SELECT * REPLACE (time - INTERVAL 1 SECOND AS time)
      FROM balances WHERE run = 'live' AND participant = 'ALFADE00'`;
    await client.command({ query: more });
    assert.deepEqual(await different('live', false), []);
    await client.command({
      query: `ALTER TABLE balances UPDATE lowest_minor = lowest_minor - 1000000000
        WHERE run = 'live' AND participant = 'ALFADE00' AND currency = 'EUR'`,
      clickhouse_settings: { mutations_sync: '2' },
    });
    assert.deepEqual(await different('live', false), ['balances.lowest_minor of ALFADE00 EUR']);
  });
});

describe('corridor reconcile', () => {
  const folder = mkdtempSync(join(tmpdir(), 'corridor-reconcile-run-'));
  const recorded = join(folder, 'smoke');
  after(async () => {
    await endWarmCorridor();
    rmSync(folder, { recursive: true, force: true });
  });

  async function rowsInserted(probesUrl: string): Promise<number> {
    const text = await (await fetch(`${probesUrl}/metrics`)).text();
    return Number(/^corridor_rows_inserted_total\{.*pool="main".*\} (\d+)/m.exec(text)?.[1] ?? 0);
  }

  it('says of a run that it agrees, and fails with the figure that does not', async () => {
    assert.equal((await corridor('run', scenarioFile('smoke'), '--out', recorded)).code, 0);
    const well = await corridor('reconcile', recorded);
    assert.equal(well.code, 0, well.stderr);
    assert.match(well.stdout, /conserved EUR/);
    const server = await startEmbeddedClickHouse({ folder: join(recorded, 'clickhouse') });
    const client = connectClickHouse(server);
    await client.command({
      query:
        "ALTER TABLE payments UPDATE amount_minor = amount_minor + 1 WHERE status = 'ACSC' AND event_number = (SELECT max(event_number) FROM payments WHERE status = 'ACSC' AND currency = 'EUR')",
      clickhouse_settings: { mutations_sync: '2' },
    });
    await client.command({
      query: 'ALTER TABLE certificates DELETE WHERE cycle = (SELECT max(cycle) FROM certificates)',
      clickhouse_settings: { mutations_sync: '2' },
    });
    await client.close();
    await server.stop();
    const ill = await corridor('reconcile', recorded, '--json');
    assert.equal(ill.code, 1);
    assert.match(ill.stderr, /^corridor: pool main: settled EUR: \d+ by clearing's events/m);
    assert.match(ill.stderr, /^corridor: pool main: payments\.amount_minor: checksum: \d+ by/m);
    assert.match(ill.stderr, /^corridor: pool main: certificates: cycles: \d+ by/m);
    assert.equal(JSON.parse(ill.stdout).agrees, false);
  });

  it('names decimals, participants, rows of other pools, and certificates of offsettings', async () => {
    const path = join(folder, 'offset');
    writeFileSync(join(folder, 'offset.yaml'), OFFSETTING);
    writeFileSync(join(folder, 'offset.csv'), OFFSETTING_PAYMENTS);
    const made = await corridor(
      'run',
      join(folder, 'offset.yaml'),
      '--no-signatures',
      '--out',
      path,
    );
    assert.equal(made.code, 0, made.stderr);
    const well = await corridor('reconcile', path, '--json');
    assert.equal(well.code, 0, well.stderr);
    const [{ checks }] = JSON.parse(well.stdout).pools as [{ checks: Check[] }];
    const found = (name: string) => checks.find(({ figure }) => figure === name)?.found;
    for (const figure of ['certificates: offsettings', 'participants', 'currencies: rows'])
      assert.ok(Number(found(figure)) > 0, figure);
    const server = await startEmbeddedClickHouse({ folder: join(path, 'clickhouse') });
    const client = connectClickHouse(server);
    for (const query of [
      "ALTER TABLE currencies UPDATE minor_units = 5 WHERE currency = 'XTS'",
      "ALTER TABLE participants DELETE WHERE bic = 'BONEDE00'",
      "ALTER TABLE participants UPDATE role = 'dealer' WHERE bic = 'BTWODE00'",
      "INSERT INTO cycles SELECT * REPLACE ('zz' AS pool) FROM cycles LIMIT 1",
      'ALTER TABLE certificates DELETE WHERE offsetting = 1',
    ])
      await client.command({ query, clickhouse_settings: { mutations_sync: '2' } });
    await client.close();
    await server.stop();
    const ill = await corridor('reconcile', path);
    assert.equal(ill.code, 1);
    const told = ill.stderr.trimEnd().split('\n');
    for (const text of [
      /decimals of XTS in pool main: 0 by clearing's events, 5 in the store$/,
      /participant BONEDE00: bank one by clearing's events, none in the store$/,
      /participant BTWODE00: bank two by clearing's events, dealer two in the store$/,
      /: participants: \d+ by/,
      /: participants: rows: \d+ by/,
      /rows of pools that the log does not have: 0 by clearing's events, 1 in the store$/,
      /: cycles: rows of pool zz: 0 by clearing's events, 1 in the store$/,
      /: certificates: offsettings: \d+ by/,
      /: certificates: rows: \d+ by/,
    ])
      assert.equal(told.filter((line) => text.test(line)).length, 1, `${text}: ${ill.stderr}`);
    assert.equal(told.length, 9, ill.stderr);
  });

  it('says of a sandbox that it agrees, as the checks did that metrics made meanwhile', async () => {
    const path = join(folder, 'sandbox');
    const sandbox = await startSandbox({
      scenario: load('smoke'),
      folder: path,
      probesHost: '127.0.0.1',
      probesPort: 0,
      gatewayPort: 0,
      viewPort: 0,
      paymentsPerSecond: 100,
    });
    // Many more rows than names: payments have settled, and the first check was made before.
    while ((await rowsInserted(sandbox.probesUrl)) < 300)
      await new Promise((resolve) => setTimeout(resolve, 100));
    await sandbox.stop();
    const { code, stdout, stderr } = await corridor('reconcile', path, '--json');
    assert.equal(code, 0, stderr);
    const [{ checks }] = JSON.parse(stdout).pools as [{ checks: Check[] }];
    const settled = checks.find(({ figure }) => figure === 'payments settled');
    assert.ok(Number(settled?.found) > 0);
    const server = await startEmbeddedClickHouse({ folder: join(path, 'clickhouse') });
    const client = connectClickHouse(server);
    const result = await client.query({
      query: 'SELECT figure, agrees, event_number FROM reconciliations',
      format: 'JSONEachRow',
    });
    const rows = await result.json<{ figure: string; agrees: number; event_number: string }>();
    assert.ok(rows.some(({ figure }) => figure === 'conserved EUR'));
    assert.ok(rows.every(({ agrees, event_number }) => agrees === 1 && Number(event_number) > 0));

    const password = join(folder, 'password');
    writeFileSync(password, server.password);
    const live = [
      ...['--log', `embedded:${join(path, 'log')}`, '--clickhouse-url', server.url],
      ...['--clickhouse-user', server.username, '--clickhouse-password-file', password],
    ];
    assert.equal((await corridor('reconcile', ...live)).code, 0);
    const typo = await corridor('reconcile', ...live, '--run', 'smoke-typo');
    assert.equal(typo.code, 2);
    assert.match(
      typo.stderr,
      /^corridor: --run smoke-typo: the store has no such run; expected one of smoke-7-[0-9a-f]+\n$/,
    );
    // A store that lost everything, positions too.
    const tables = await client.query({
      query:
        "SELECT name FROM system.tables WHERE database = 'corridor' AND engine LIKE '%MergeTree'",
      format: 'JSONEachRow',
    });
    for (const { name } of await tables.json<{ name: string }>())
      if (name !== 'schema_migrations') await client.command({ query: `TRUNCATE TABLE ${name}` });
    const ofServer = await corridor('reconcile', ...live);
    await client.close();
    await server.stop();
    for (const emptied of [ofServer, await corridor('reconcile', path)]) {
      assert.equal(emptied.code, 1, emptied.stderr);
      assert.match(emptied.stdout, /^pool main: the store is at event 0 of [1-9]\d*$/m);
      assert.match(
        emptied.stderr,
        /^corridor: pool main: events of the log: [1-9]\d* by clearing's events, 0 in the store$/m,
      );
      const [, number] = /event 0 of (\d+)$/m.exec(emptied.stdout) ?? [];
      assert.match(
        emptied.stderr,
        new RegExp(
          `^corridor: pool main: the store is behind by ${number} events, .* fills it$`,
          'm',
        ),
      );
    }
  });

  it('says in a line what it cannot work with', async () => {
    for (const [args, text] of [
      [[], /expected the folder of a run or of a sandbox, or --log/],
      [[folder], /it holds neither input.log nor network.json/],
      [['--log', 'embedded:/nowhere'], /--clickhouse-url/],
    ] as const) {
      const { code, stderr } = await corridor('reconcile', ...args);
      assert.equal(code, 2);
      assert.match(stderr, text);
      assert.equal(stderr.trim().split('\n').length, 1);
    }
  });
});
