/**
 * Every panel and alert over ranges and runs in which there is little or nothing: nothing is an error,
 * and what cannot be told is told as nothing. And ranges that meet add up.
 */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { ClickHouseClient } from '@clickhouse/client';
import { clickHouseTime } from '../../services/metrics/store-rows.ts';
import { insertRows } from '../../services/platform/clickhouse/insert-once.ts';
import { seeded } from '../settlement/random-draft.ts';
import { type OwnDatabase, ownDatabase } from '../support/engine.ts';
import { alerts, queried } from './dashboards-files.ts';
import { expand, type View } from './dashboards-macros.ts';
import { record, type Truth } from './dashboards-run.ts';
import { MINUTE_MS } from './dashboards-telemetry.ts';

type Row = Readonly<Record<string, unknown>>;
type Point = { readonly atMs: number; readonly balance: number };

/** Names alone; and all of the recorded run but what settled. */
const EMPTY = 'empty';
const UNSETTLED = 'unsettled';
const NAMES = ['runs', 'participants', 'currencies', 'reference_rates'];
const SAMPLED = ['balances', 'queue_samples', 'cycles', 'held_up', 'security_events'];

/** Panels whose figures of two ranges that meet add up, and of the tables those columns that do. */
const ADDITIVE: Readonly<Record<string, readonly string[]>> = {
  'Overview / Payments settled': ['settled'],
  'Overview / Throughput': ['submitted', 'settled', 'queued', 'rejected', 'cancelled'],
  'Overview / Value settled by currency': ['value'],
  'Overview / Rejects by reason': ['rejected'],
  'Corridors / Corridors between currencies': ['submitted', 'settled', 'debited', 'credited'],
  'Corridors / Payments settled by corridor': ['settled'],
  'Corridors / Value settled by corridor': ['value'],
  'Corridors / Trades between banks': ['trades', 'delivered'],
  'Liquidity / Turnover by currency': ['settled_value'],
  'Queues and gridlock / Settled by mechanism': ['settled'],
  'Queues and gridlock / Gridlocks resolved': ['resolved'],
  'Queues and gridlock / Cycles in deadlock': ['deadlocks'],
  'Queues and gridlock / Cycles by what they found': ['cycles'],
  'Participant / Sent': ['sent'],
  'Participant / Sent and settled': ['settled'],
  'Participant / Received': ['received'],
  'Participant / Rejected': ['rejected'],
  'Participant / Value sent and settled': ['sent'],
  'Participant / Value received': ['received'],
  'Participant / Rejects and cancellations': ['messages'],
  'Participant / Counterparties': ['paid_value', 'received_value', 'net'],
  'Signatures and security / Invalid signatures': ['invalid_signatures'],
  'Signatures and security / Repeated messages': ['repeats'],
  'Signatures and security / Identities used twice': ['reused'],
  'Signatures and security / Signatures verified': ['valid_signatures', 'invalid_signatures'],
  'Signatures and security / Batches by size': ['batches'],
  'Signatures and security / Rejects by reason and sender': ['messages'],
  'Signatures and security / Failed authentication': ['messages'],
  'Operations / Records handled': ['handled'],
  'Operations / Verifiers at work': ['threads_busy'],
  'Operations / Rows inserted': ['inserted'],
};
/** Columns that tell rows of a panel apart, beside its time. */
const KEYS =
  /^(corridor|currency|trade|reason|iso_reason|mechanism|outcome|status|counterparty|sender|service|reader|batch_size_at_most)$/;

describe('the dashboards over little and nothing', () => {
  let database: OwnDatabase;
  let client: ClickHouseClient;
  let truth: Truth;
  before(async () => {
    database = await ownDatabase();
    client = database.client;
  });
  after(() => database.close());

  /** What is no number is quoted, so that it is seen. */
  async function ask(sql: string, view: View): Promise<Row[]> {
    const result = await client.query({
      query: expand(sql, view),
      format: 'JSON',
      clickhouse_settings: { output_format_json_quote_denormals: 1 },
    });
    return ((await result.json()) as { data: Row[] }).data;
  }

  /** By panel or alert; what a figure has been divided by nothing is none. */
  async function sweep(view: View): Promise<Map<string, Row[]>> {
    const answers = new Map<string, Row[]>();
    const all = [
      ...queried,
      ...alerts.map(({ title, data }) => ({
        name: `alert / ${title}`,
        sql: data[0]?.model.rawSql ?? '',
      })),
    ];
    const faults: string[] = [];
    for (const { name, sql } of all)
      try {
        const rows = await ask(sql, view);
        answers.set(name, rows);
        if (
          rows.some((row) => Object.values(row).some((value) => /^-?(nan|inf)$/.test(`${value}`)))
        )
          faults.push(`${name}: ${JSON.stringify(rows)}`);
      } catch (error) {
        faults.push(`${name}: ${(error as Error).message}`);
      }
    assert.deepEqual(faults, []);
    return answers;
  }

  it('an empty store is no error', async () => {
    const toMs = Date.parse('2026-03-16T12:00:00Z');
    const variables = { run: [EMPTY], pool: ['main'], currency: ['EUR'], bank: ['ALFADE00'] };
    const view = { fromMs: toMs - 60 * MINUTE_MS, toMs, intervalSeconds: 60, variables };
    for (const [name, rows] of await sweep(view))
      assert.ok(rows.length <= 1, `${name}: ${JSON.stringify(rows)}`);
  });

  describe('and a recorded run', () => {
    before(async () => {
      truth = await record(client);
      const { run } = truth;
      const copy = (table: string, name: string, where = '1') =>
        client.command({
          query: `INSERT INTO ${table} SELECT * REPLACE ('${name}' AS run)
            FROM (SELECT * FROM ${table} WHERE run = '${run}' AND ${where})`,
        });
      for (const table of NAMES) for (const name of [EMPTY, UNSETTLED]) await copy(table, name);
      for (const table of SAMPLED) await copy(table, UNSETTLED);
      await copy('payments', UNSETTLED, "status != 'ACSC'");
    });

    const of = (runs: readonly string[], more: Partial<View> = {}): View => ({
      ...truth.view,
      ...more,
      variables: { ...truth.view.variables, run: runs },
    });

    it('a run without rows is no error', async () => {
      await sweep(of([EMPTY]));
    });

    it('a range in which nothing was is no error, nor one of no length', async () => {
      const { fromMs, toMs } = truth.view;
      await sweep(of([truth.run], { fromMs: fromMs - 120 * MINUTE_MS, toMs: fromMs }));
      await sweep(of([truth.run], { fromMs: toMs, toMs }));
    });

    it('what did not settle has no time to finality', async () => {
      const table = 'Corridors / Corridors between currencies';
      for (const runs of [[UNSETTLED], [UNSETTLED, truth.run]]) {
        const answers = await sweep(of(runs));
        let without = 0;
        for (const [name, rows] of answers)
          for (const row of rows) {
            // Alone the run settles nothing; beside another its own row says so.
            if (runs.length > 1 && row.run !== UNSETTLED) continue;
            for (const rank of ['p50', 'p95', 'p99'])
              if (rank in row) {
                without += 1;
                assert.equal(row[rank], null, `${name}: ${JSON.stringify(row)}`);
              }
          }
        assert.ok(without > 0, runs.join());
        const rows = answers.get(table) ?? [];
        assert.ok(rows.some(({ submitted }) => Number(submitted) > 0));
      }
    });

    /** Sums of a panel's columns by what tells its rows apart; of rates what they come to. */
    async function sums(name: string, view: View): Promise<Map<string, number>> {
      const { panel, sql } = queried.find((one) => one.name === name) ?? assert.fail(name);
      const times = panel.fieldConfig.defaults.unit === 'reqps' ? view.intervalSeconds : 1;
      const all = new Map<string, number>();
      for (const row of await ask(sql, view))
        for (const column of ADDITIVE[name] ?? []) {
          assert.ok(column in row, `${name}: ${column}`);
          const keys = Object.entries(row).filter(([key]) => KEYS.test(key));
          const key = [...keys.map(([, value]) => value), column].join(' ');
          all.set(key, (all.get(key) ?? 0) + Number(row[column]) * times);
        }
      return all;
    }

    it('ranges that meet add up, wherever they meet', async () => {
      const { toMs } = truth.view;
      const settledMs = truth.rows
        .filter(({ status, finalAtMs }) => status === 'settled' && (finalAtMs ?? toMs) < toMs)
        .map(({ finalAtMs }) => finalAtMs as number);
      const busyMs = settledMs[Math.floor(settledMs.length / 2)] as number;
      const minuteMs = Math.floor(busyMs / MINUTE_MS) * MINUTE_MS;
      for (const name of Object.keys(ADDITIVE)) {
        const whole = await sums(name, of([truth.run]));
        for (const meetsMs of [minuteMs, minuteMs + 30_000, toMs - 30_000]) {
          const first = await sums(name, of([truth.run], { toMs: meetsMs }));
          const second = await sums(name, of([truth.run], { fromMs: meetsMs }));
          assert.ok(whole.size > 0, name);
          for (const key of new Set([...whole.keys(), ...first.keys(), ...second.keys()])) {
            const [all, parts] = [
              whole.get(key) ?? 0,
              (first.get(key) ?? 0) + (second.get(key) ?? 0),
            ];
            const close = Math.abs(all - parts) <= 1e-9 * Math.max(1, Math.abs(all));
            assert.ok(
              close,
              `${name}, ${key}: ${all}, and ${parts} in parts that meet at ${meetsMs}`,
            );
          }
        }
      }
    });

    it('a cancellation in the last minute of a range is still owed', async () => {
      const run = 'cancelled';
      const minuteMs = Date.parse('2026-03-16T12:00:00Z');
      const row = (number: number, atMs: number, more: object) => ({
        ...{ run, pool: 'main', event_number: number, payment_position: number % 10, uetr: '' },
        ...{ time: clickHouseTime(atMs), submitted_at: clickHouseTime(minuteMs), reason: '' },
        ...{ iso_reason: '', mechanism: '', priority: 'normal', cycle: 0, corridor: 'EUR-SGD' },
        ...{ debtor_agent: 'ALFADE00', creditor_agent: 'BETADE00', dealer: '', currency: 'EUR' },
        ...{ amount_minor: '1', currency2: 'SGD', amount2_minor: '1', second_leg: 0 },
        ...{
          is_first: 1,
          message_type: 'pacs.008.001.08',
          status: 'PDNG',
          kind: 'queued',
          ...more,
        },
      });
      const rows = [
        row(1, minuteMs, { status: 'ACSC', kind: 'settled', mechanism: 'entry' }),
        row(2, minuteMs, {}),
        row(12, minuteMs + 45_000, {
          is_first: 0,
          status: 'CANC',
          kind: 'cancelled',
          reason: 'close',
        }),
      ];
      await insertRows(client, 'payments', rows, run);
      for (const toMs of [minuteMs + 1_000, minuteMs + 30_000, minuteMs + MINUTE_MS]) {
        const view = of([run], { fromMs: minuteMs - 60 * MINUTE_MS, toMs });
        const { sql } =
          queried.find(({ name }) => name === 'Corridors / Final within an hour') ?? {};
        assert.deepEqual(await ask(sql ?? '', view), [{ share: 0.5 }], `to ${toMs}`);
      }
      const names = ['EUR', 'SGD'].map((currency) => ({
        run,
        pool: 'main',
        currency,
        minor_units: 2,
      }));
      await insertRows(client, 'currencies', names, run);
      // Where nothing became of a message the table has no row, though one waits.
      const table = queried.find(({ name }) => name === 'Corridors / Corridors between currencies');
      const later = { fromMs: minuteMs + 60 * MINUTE_MS, toMs: minuteMs + 120 * MINUTE_MS };
      const earlier = { fromMs: minuteMs - 60 * MINUTE_MS, toMs: minuteMs + 30_000 };
      assert.deepEqual(await ask(table?.sql ?? '', of([run], later)), []);
      assert.equal((await ask(table?.sql ?? '', of([run], earlier))).length, 1);
    });

    it('an instance is up in a minute in which all that it reads is', async () => {
      const run = 'halves';
      const fromMs = Date.parse('2026-03-16T08:00:00Z');
      const said = (minute: number, instance: string, reader: string, is_ready: number) => ({
        ...{ run, time: clickHouseTime(fromMs + minute * MINUTE_MS), service: 'verifier' },
        ...{ instance, reader, is_ready, lag_records: 0, lag_ms: 0, records: 0, fault: '' },
      });
      // One reads twice, and half of it is away in two minutes; in one of them another instance is there.
      const samples = [0, 1, 2, 3, 4].flatMap((minute) => [
        said(minute, 'one', 'main/a', 1),
        said(minute, 'one', 'main/b', minute === 1 || minute === 3 ? 0 : 1),
      ]);
      samples.push(said(3, 'two', 'main/a', 1));
      await insertRows(client, 'service_samples', samples, run);
      const { sql } =
        queried.find(({ name }) => name === 'Operations / Availability by service') ?? {};
      const view = of([run], { fromMs, toMs: fromMs + 10 * MINUTE_MS });
      assert.deepEqual(await ask(sql ?? '', view), [
        { service: 'verifier', available: 0.8, longest_away: '60' },
      ]);
    });

    it('a credit line is used by the share of what it was then', async () => {
      const run = 'lowered';
      const fromMs = Date.parse('2026-03-16T08:00:00Z');
      const at = (hour: number, balance: number, lowest: number, line: number) => ({
        ...{ run, pool: 'main', time: clickHouseTime(fromMs + hour * 60 * MINUTE_MS) },
        ...{ participant: 'ALFADE00', currency: 'EUR', balance_minor: `${balance}` },
        ...{ lowest_minor: `${lowest}`, credit_line_minor: `${line}` },
        ...{ injected_minor: '0', drawn_max_minor: '0' },
      });
      // 80 % of 1,000; paid back while the line goes down to 100, of which 20 % are used, then to none.
      const rows = [at(-1, -300, -300, 1000), at(1, -800, -800, 1000), at(3, 50, -800, 100)];
      rows.push(at(5, -20, -20, 100), at(7, 5, 5, 0));
      await insertRows(client, 'balances', rows, run);
      const { sql } =
        queried.find(({ name }) => name === 'Liquidity / Credit lines used, at most') ?? {};
      const used = async (fromHour: number, toHour: number) => {
        const [from, to] = [fromHour, toHour].map((hour) => fromMs + hour * 60 * MINUTE_MS);
        return ask(sql ?? '', of([run], { fromMs: from as number, toMs: to as number }));
      };
      const account = 'ALFADE00 EUR';
      assert.deepEqual(await used(0, 9), [{ account, used: 0.8 }]);
      assert.deepEqual(await used(0, 0.5), [{ account, used: 0.3 }]);
      assert.deepEqual(await used(4, 9), [{ account, used: 0.2 }]);
      assert.deepEqual(await used(8, 9), []);
    });

    it('a line of balances has as many points as its panel, among them each low and each last', async () => {
      const run = 'closest';
      const fromMs = Date.parse('2026-03-16T00:00:00Z');
      const pick = seeded(40);
      // More accounts than are shown; two that come within the range, one that comes after it, and one that only stood before it.
      const first = (account: number) => [-300, 700, 5_000, 200][account] ?? -60 * pick(9);
      const lines = Array.from({ length: 20 }, (_, account) => {
        const until = [-200, 4_320, 5_400][account] ?? 4_320;
        const levels: (Point & { readonly line: number })[] = [];
        // What an account had long before, or as its first balance within the range, or by an earlier line, chooses others.
        const early = account === 4 ? [-700] : [];
        const minutes = [...early];
        for (let minute = first(account); minute < until; minute += 1 + pick(3))
          minutes.push(minute);
        for (const minute of minutes) {
          const isFirst = levels.length === 0;
          levels.push({
            atMs: fromMs + minute * MINUTE_MS,
            // No two alike.
            balance:
              isFirst && minute === -700
                ? 10 + account
                : (account === 4 ? 2_000 : 500 + pick(1_000)) *
                    (isFirst && account === 3 ? 1_000 : 10_000) +
                  levels.length,
            line: account > 13 && minute > 100 ? 100_000_000 : 0,
          });
        }
        return { name: `BANK${account + 10} EUR`, levels };
      });
      // One without headroom at first has no share of it, however low it comes.
      const levelless = [-60, 60].map((minute) => ({
        ...{ atMs: fromMs + minute * MINUTE_MS, balance: Math.min(0, -minute), line: 0 },
      }));
      lines.push({ name: 'BANK99 EUR', levels: levelless });
      const rows = lines.flatMap(({ name, levels }) =>
        levels.map(({ atMs, balance, line }) => ({
          ...{ run, pool: 'main', time: clickHouseTime(atMs), currency: 'EUR' },
          ...{ participant: name.slice(0, 6), balance_minor: `${balance}` },
          ...{ lowest_minor: `${balance}`, credit_line_minor: `${line}` },
          ...{ injected_minor: '0', drawn_max_minor: '0' },
        })),
      );
      await insertRows(client, 'balances', rows, run);
      await insertRows(
        client,
        'currencies',
        [{ run, pool: 'main', currency: 'EUR', minor_units: 0 }],
        run,
      );
      const { sql = '' } =
        queried.find(
          ({ name }) => name === 'Liquidity / Balances of the accounts closest to their floor',
        ) ?? {};
      /** What the panel is to show of an account: all of its points, or of each piece of time the lowest and the last. */
      const pointsOf = (line: (typeof lines)[number], toMs: number, pieceMs: number) => {
        const before = line.levels.findLast(({ atMs }) => atMs <= fromMs);
        const within = line.levels.filter(({ atMs }) => atMs > fromMs && atMs <= toMs);
        const points = new Map<number, number>();
        if (before) points.set(fromMs, before.balance);
        for (let startMs = fromMs; startMs < toMs; startMs += pieceMs) {
          const piece = within.filter(({ atMs }) => atMs > startMs && atMs <= startMs + pieceMs);
          const low = Math.min(...piece.map(({ balance }) => balance));
          for (const { atMs, balance } of piece)
            if (balance === low || atMs === piece.at(-1)?.atMs) points.set(atMs, balance);
        }
        const end = within.at(-1) ?? before;
        if (end) points.set(toMs, end.balance);
        const opening = (before ?? within[0])?.balance ?? 0;
        const lowest = Math.min(opening, ...within.map(({ balance }) => balance));
        const credit = end?.line ?? 0;
        return { name: line.name, share: (lowest + credit) / (opening + credit), points };
      };
      for (const [hours, intervalSeconds, pieceMs] of [
        [72, 1_800, 3_600_000],
        [72, 120, 240_000],
        [5, 60, 60_000],
      ] as const) {
        const toMs = fromMs + hours * 60 * MINUTE_MS;
        const found = await ask(sql, of([run], { fromMs, toMs, intervalSeconds }));
        const known = lines.map((line) => pointsOf(line, toMs, pieceMs));
        const shown = known
          .filter(({ points, share }) => points.size > 0 && Number.isFinite(share))
          .sort((a, b) => a.share - b.share || (a.name < b.name ? -1 : 1))
          .slice(0, 10);
        const expected = shown.flatMap(({ name, points }) =>
          [...points].map(([atMs, balance]) => `${clickHouseTime(atMs)} ${name} ${balance}`),
        );
        assert.deepEqual(
          found.map(({ time, account, balance }) => `${time} ${account} ${balance}`).sort(),
          expected.sort(),
          `${hours} hours by ${intervalSeconds} s`,
        );
        const most = 10 * ((toMs - fromMs) / 1000 / intervalSeconds + 2);
        assert.ok(found.length > 20 && found.length <= most, `${found.length} points`);
      }
      // Behind all that was: what stands, at both ends. Before it: nothing.
      const lastMs = fromMs + 100 * 60 * MINUTE_MS;
      const later = await ask(sql, of([run], { fromMs: lastMs, toMs: lastMs + 3_600_000 }));
      assert.equal(later.length, 20);
      const early = { fromMs: fromMs - 9e8, toMs: fromMs - 8e8 };
      assert.deepEqual(await ask(sql, of([run], early)), []);
    });
  });
});
