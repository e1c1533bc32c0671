/**
 * Ten million payments in a store, and the time that the dashboards' queries take over them.
 *
 * The rows are those of the recorded day, which the metrics service inserted: ten days, each with eleven
 * copies of the day's payments some seconds apart, under positions, event numbers and UETRs of their
 * own. Banks, corridors, amounts, waits and the course of the day stay those of the scenario; views
 * fold the copies as they fold what the service inserts. Balances, queues and cycles are sampled by
 * time, so they are there once a day. Services report every second, day and night.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageFolder } from '../../services/platform/service/build-info.ts';
import { scenarioTables } from '../../services/report/figures/scenario-tables.ts';
import { expand, type PanelJson, type View } from '../../tests/store/dashboards-macros.ts';
import { load, runDirectly } from '../../tests/support/run.ts';
import { MODEL, STRESS } from './fill-oversight.ts';
import { DAY_MS, DAYS, type History, POOL, RUN, START_MS, scenario } from './history.ts';
import type { EngineOfOnesOwn } from './start-engine.ts';

const COPIES = 11;
/** Between two copies of a day: the whole of them within a minute and a half. */
const APART_MS = 9_100;
/** Readers of services that report: twelve, as a network of one pool has. */
const READERS = 12;
const CHECKED_FIGURES = 30;

export async function fill(
  { command, ask, store }: EngineOfOnesOwn,
  base: string,
  { firstDay: last, summary }: History,
) {
  const columns = async (table: string) =>
    (
      await ask(
        `SELECT name FROM system.columns WHERE database = currentDatabase() AND table = '${table}' ORDER BY position`,
      )
    ).map(({ name }) => name as string);
  /** Rows of the base's first day, with some columns changed. */
  const copy = async (table: string, changed: Record<string, string>, copies: number) => {
    const names = await columns(table);
    const values = names.map((name) => `${changed[name] ?? `s.${name}`} AS ${name}`);
    const until = START_MS / 1000 + DAY_MS / 1000;
    await command(`INSERT INTO ${table} (${names.join(', ')}) SELECT ${values.join(', ')}
      FROM (SELECT * FROM ${table} WHERE run = '${base}' AND time < toDateTime(${until})) AS s
      CROSS JOIN (SELECT number AS c FROM numbers(${copies})) AS n`);
  };
  const run = `'${RUN}'`;
  for (let day = 0; day < DAYS; day++) {
    const numbers = (column: string) => `s.${column} + (${day * COPIES} + c) * ${last}`;
    const at = (column: string) =>
      `s.${column} + toIntervalMillisecond(${day * DAY_MS} + c * ${APART_MS})`;
    await copy(
      'payments',
      {
        run,
        event_number: numbers('event_number'),
        payment_position: numbers('payment_position'),
        time: at('time'),
        submitted_at: at('submitted_at'),
        uetr: `toString(reinterpretAsUUID(sipHash128(s.uetr, ${day}, c)))`,
      },
      COPIES,
    );
    const once = { run, time: `s.time + toIntervalDay(${day})` };
    await copy('balances', once, 1);
    await copy(
      'queue_samples',
      {
        ...once,
        oldest_submitted_at: `s.oldest_submitted_at + toIntervalDay(if(s.count = 0, 0, ${day}))`,
      },
      1,
    );
    const event = { ...once, event_number: numbers('event_number') };
    await copy('cycles', { ...event, cycle: `s.cycle + ${day} * 10000` }, 1);
    await copy('held_up', event, 1);
    await copy('security_events', event, COPIES);
  }
  await fillTelemetry(command);
  // The run has no deposits: those of another stand for its tiers.
  const { summary: layers } = await runDirectly(load('two-layer'), { signatures: false });
  const tables = scenarioTables(
    scenario,
    { ...summary, ...(layers.supply && { supply: layers.supply }) },
    [],
  );
  const deposits = layers.supply?.map(({ currency }) => ({ pool: POOL, currency, minor_units: 2 }));
  tables.currencies.push(...(deposits ?? []).map((row) => ({ run: RUN, ...row })));
  for (const [table, rows] of Object.entries(tables))
    if (rows.length > 0)
      await store.insert(
        table,
        rows.map((row) => ({ ...row, run: RUN })),
        `${RUN}/${table}`,
      );
}

/** Seconds of ten days: samples, batches of some hundred signatures, blocks of rows, and checks by minute. */
async function fillTelemetry(command: (sql: string) => Promise<unknown>): Promise<void> {
  const from = `toDateTime64(${START_MS / 1000}, 3, 'UTC')`;
  const seconds = (DAYS * DAY_MS) / 1000;
  await command(`INSERT INTO service_samples (run, time, service, instance, reader, is_ready, lag_records, lag_ms, records, fault)
    SELECT '${RUN}', ${from} + toIntervalSecond(intDiv(number, ${READERS})),
      ['clearing', 'gateway', 'metrics', 'notifier', 'verifier'][number % ${READERS} % 5 + 1], concat('host-', toString(number % ${READERS} % 2)),
      concat('main/', toString(number % ${READERS})), 1, rand() % 50, rand() % 700, rand() % 400, ''
    FROM numbers(${seconds * READERS})`);
  await command(`INSERT INTO verifier_batches (run, time, batch_size, valid, invalid, duration_ns)
    SELECT '${RUN}', ${from} + toIntervalSecond(number), 1 + number % 200 AS size, size, 0, size * 8000 FROM numbers(${seconds})`);
  await command(`INSERT INTO insertions (run, reader, time, records, rows)
    SELECT '${RUN}', 'events/${POOL}', ${from} + toIntervalSecond(number), number % 50, number % 50 + 20 FROM numbers(${seconds})`);
  await command(`INSERT INTO reconciliations (run, time, pool, event_number, figure, expected, found, agrees)
    SELECT '${RUN}', ${from} + toIntervalMinute(intDiv(number, ${CHECKED_FIGURES})), '${POOL}', number,
      concat('figure ', toString(number % ${CHECKED_FIGURES})), '5', '5', 1
    FROM numbers(${(seconds / 60) * CHECKED_FIGURES})`);
}

interface Named {
  readonly title: string;
  readonly sql: string;
  /** Of an alert, which looks so far back at whatever time it is asked. */
  readonly rangeMs?: number;
}

/** Every query that Grafana is given: panels, variables, annotations and alerts. */
function queries(): Named[] {
  const grafana = join(packageFolder, 'infra/grafana');
  const json = (path: string) => JSON.parse(readFileSync(join(grafana, path), 'utf8'));
  const dashboards = readdirSync(join(grafana, 'dashboards')).flatMap((file): Named[] => {
    const { title, panels, templating, annotations } = json(`dashboards/${file}`) as {
      title: string;
      panels: PanelJson[];
      templating: { list: { name: string; query: string }[] };
      annotations: { list?: { target?: { rawSql?: string } }[] };
    };
    return [
      ...panels.flatMap((panel) =>
        (panel.targets ?? []).map(({ rawSql }) => ({
          title: `${title} / ${panel.title}`,
          sql: rawSql,
        })),
      ),
      ...templating.list.map(({ name, query }) => ({ title: `${title} $${name}`, sql: query })),
      ...(annotations.list ?? []).flatMap(({ target }) =>
        target?.rawSql ? [{ title: `${title} annotations`, sql: target.rawSql }] : [],
      ),
    ];
  });
  const { groups } = json('provisioning/alerting/rules.json') as {
    groups: {
      rules: {
        title: string;
        data: [{ relativeTimeRange: { from: number }; model: { rawSql: string } }];
      }[];
    }[];
  };
  const alerts = groups.flatMap(({ rules }) =>
    rules.map(({ title, data: [{ relativeTimeRange, model }] }) => ({
      ...{ title: `alert ${title}`, sql: model.rawSql },
      rangeMs: relativeTimeRange.from * 1_000,
    })),
  );
  return [...dashboards, ...alerts];
}

/** All ten days, a point for each half an hour; and one day of business, a point a minute. */
const VIEWS: readonly Pick<View, 'fromMs' | 'toMs' | 'intervalSeconds'>[] = [
  { fromMs: START_MS, toMs: START_MS + DAYS * DAY_MS, intervalSeconds: 1800 },
  { fromMs: START_MS + 4 * DAY_MS, toMs: START_MS + 5 * DAY_MS, intervalSeconds: 60 },
];

/** Alerts are asked as Grafana asks them, each over its own range: on the last day, while all currencies are open. */
const ASKED_AT_MS = START_MS + (DAYS - 1) * DAY_MS + 10 * 3_600_000;

interface Timed {
  readonly title: string;
  /** How many days the view has. */
  readonly days: number;
  /** Of the answer. */
  rows: number;
  readonly ms: readonly number[];
}

/** Milliseconds of each query in each view, in each of so many rounds. */
export async function timeQueries(
  { client, ask }: EngineOfOnesOwn,
  rounds: number,
): Promise<Timed[]> {
  const [row] = await ask(
    `SELECT uniqExact(payment_position) AS payments FROM payments WHERE run = '${RUN}'`,
  );
  if (Number(row?.payments) < 10_000_000)
    throw new Error(`the store has ${row?.payments} payments: it has no figure`);
  const variables = {
    run: [RUN],
    pool: [POOL],
    currency: scenario.currencies.map(({ code }) => code),
    bank: [scenario.participants[0]?.bic as string],
    study: [RUN, STRESS],
    model: [MODEL],
  };
  const timed = queries().flatMap(({ title, sql, rangeMs }) => {
    const own = rangeMs && {
      fromMs: ASKED_AT_MS - rangeMs,
      toMs: ASKED_AT_MS,
      intervalSeconds: 60,
    };
    return (own ? [own] : VIEWS).map((view) => ({
      title,
      days: (view.toMs - view.fromMs) / DAY_MS,
      sql: expand(sql, { ...view, variables }),
      ...{ rows: 0, ms: [] as number[] },
    }));
  });
  // Round after round, so that what disturbs the machine disturbs all of them; the first warms up.
  for (let round = -1; round < rounds; round++)
    for (const one of timed) {
      const startedMs = performance.now();
      const answer = await (await client.query({ query: one.sql, format: 'JSON' })).text();
      if (round >= 0) one.ms.push(performance.now() - startedMs);
      else one.rows = (JSON.parse(answer) as { rows: number }).rows;
    }
  return timed;
}
