/** The report's figures, queried from the real engine, against the same figures counted by hand. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import type { ClickHouseClient } from '@clickhouse/client';
import type { PaymentRow } from '../../services/report/figures/payment-table.ts';
import { indicatorsOf } from '../../services/report/figures/run-indicators.ts';
import { scenarioTables } from '../../services/report/figures/scenario-tables.ts';
import { asJson, type Summary } from '../../services/report/figures/summary.ts';
import { countText, durationOrDash, moneyText } from '../../services/report/format.ts';
import { SCRIPT } from '../../services/report/page-script.ts';
import { renderReport } from '../../services/report/report.ts';
import { loadScenario } from '../../services/scenario/load-scenario.ts';
import { type OwnDatabase, ownDatabase } from '../support/engine.ts';
import { tableOf as tableOfRows } from '../support/payment-row.ts';
import { scenarioFile } from '../support/run.ts';
import { EMPTY_BOOKS } from './currency-figures.ts';
import {
  balanceRecords,
  expected,
  paymentRecords,
  paymentRows,
  queueRecords,
  RUN,
} from './report-rows.ts';

const HOSTILE = `<script>alert('x')</script><img src=x onerror="y"> & {b} "`;

/** The smoke scenario with names that try to be markup. */
const scenario = loadScenario(scenarioFile('smoke'), {
  readFile: (path) => readFileSync(path, 'utf8'),
  set: [
    `participants.0.name=${JSON.stringify(HOSTILE)}`,
    `description=${JSON.stringify(HOSTILE)}`,
    `rates.source=${JSON.stringify(HOSTILE)}`,
  ],
});
const changes = scenario.liquidityEvents.map((event) => ({
  ...event,
  outcome: event.kind === 'redeem' ? ('fundsInsufficient' as const) : ('done' as const),
}));

const indicatorsFrom = (rows: readonly PaymentRow[]) => ({
  heldUp: [],
  ...indicatorsOf(scenario, [
    tableOfRows(
      rows,
      scenario.currencies.map(({ code }) => code),
    ),
  ])(EMPTY_BOOKS),
});
const indicators = indicatorsFrom(paymentRows());
const noIndicators = indicatorsFrom([]);

const summary = (counts: Partial<Summary>): Summary => ({
  scenario: 'smoke',
  seed: 7,
  version: '0.0.0-test',
  overrides: [],
  signatures: true,
  submitted: 0,
  settled: 0,
  rejected: 0,
  cancelled: 0,
  queuedAtClose: 0,
  repeated: 0,
  unsent: 0,
  planned: 0,
  settledShare: null,
  settledValueShare: {},
  refusedChanges: 0,
  refusedRequests: 0,
  rejectedByReason: {},
  cancelledByReason: {},
  settledByMechanism: {},
  settledValueMinor: {},
  submittedValueMinor: {},
  rejectedValueMinor: {},
  cancelledValueMinor: {},
  queuedValueMinor: {},
  unsentValueMinor: {},
  defaults: [],
  uncapped: {},
  delay: {
    p50Ms: null,
    p95Ms: null,
    p99Ms: null,
    maxMs: null,
    settledAfterQueuing: 0,
    settlementDelayIndicator: {},
    settlementDelayIndicatorSubmitted: {},
    valueWeightedDelayMs: {},
  },
  liquidity: {},
  conserved: true,
  eventsHash: 'ab'.repeat(32),
  indicators: asJson(noIndicators),
  ...counts,
});

const text = (markup: string) =>
  markup
    .replace(/<[^>]*>/g, '')
    .replace(/&lt;/g, '<')
    .replace(/&gt;/g, '>')
    .replace(/&quot;/g, '"')
    .replace(/&#39;/g, "'")
    .replace(/&amp;/g, '&')
    .trim();

/** The cells of the table whose caption begins so, by its first column. */
function tableOf(page: string, caption: string): Map<string, string[]> {
  const start = page.indexOf(`<p class="caption">${caption}`);
  assert.ok(start >= 0, `a table ${caption}`);
  const body = page.slice(page.indexOf('<tbody>', start), page.indexOf('</tbody>', start));
  const rows = body.split('<tr>').slice(1);
  return new Map(
    rows.map((row) => {
      const cells = row
        .split(/<t[hd][^>]*>/)
        .slice(1)
        .map(text);
      return [cells[0] as string, cells.slice(1)];
    }),
  );
}

function tileOf(page: string, name: string): string {
  const match = page.split(`<dt>${name}</dt><dd class="value">`)[1];
  assert.ok(match, `a tile ${name}`);
  return text((match.split(/<small>|<\/dd>/) as string[])[0] as string);
}

describe('the report', () => {
  let database: OwnDatabase;
  let client: ClickHouseClient;
  let page = '';
  let empty = '';

  const insert = (table: string, values: readonly object[]) =>
    client.insert({ table, values: [...values], format: 'JSONEachRow' });

  async function query<Row>(sql: string, params?: Readonly<Record<string, unknown>>) {
    const result = await client.query({
      query: sql,
      format: 'JSONEachRow',
      ...(params && { query_params: params }),
    });
    return result.json<Row>();
  }

  const counts = {
    submitted: 63,
    settled: expected.settled,
    rejected: expected.rejected,
    cancelled: expected.cancelled,
    queuedAtClose: expected.queued,
  };

  before(async () => {
    database = await ownDatabase();
    client = database.client;
    await insert('payments', paymentRecords());
    await insert('balances', balanceRecords);
    await insert('queue_samples', queueRecords);
    const tables = scenarioTables(scenario, summary({}), changes);
    for (const run of [RUN, 'empty'])
      for (const table of ['currencies', 'participants'] as const)
        await insert(
          table,
          tables[table].map((row) => ({ ...row, run })),
        );
    const made = { query, scenario, changes };
    page = await renderReport({ ...made, run: RUN, summary: summary(counts), indicators });
    empty = await renderReport({
      ...made,
      run: 'empty',
      summary: summary({}),
      indicators: noIndicators,
    });
  });
  after(() => database.close());

  it('counts outcomes and mechanisms', () => {
    assert.equal(tileOf(page, 'Submitted'), '63');
    assert.equal(tileOf(page, 'Settled'), String(expected.settled));
    assert.equal(tileOf(page, 'Rejected'), '3');
    assert.equal(tileOf(page, 'Cancelled'), String(expected.cancelled));
    assert.equal(tileOf(page, 'Queued at close'), String(expected.queued));
    for (const [bin, from, to] of [
      ['≤ 1 s', 0, 1000],
      ['≤ 10 s', 1000, 10_000],
      ['≤ 10 min', 60_000, 600_000],
      ['≤ 4 h', 3_600_000, 14_400_000],
      ['> 4 h', 14_400_000, Number.POSITIVE_INFINITY],
    ] as const)
      assert.equal(
        tableOf(page, 'Settled payments by time to finality').get(bin)?.[3],
        String(expected.waits(from, to)),
        bin,
      );
    const atOnce = tableOf(page, 'Settled payments by time to finality').get('at once');
    assert.equal(atOnce?.[0], String(expected.mechanisms.entry));
    assert.ok((expected.mechanisms.gridlockResolution ?? 0) > 0, 'the rows have every mechanism');
  });

  it('takes percentiles by nearest rank', () => {
    assert.equal(tileOf(page, 'Time to finality, p50'), '0 ms');
    assert.equal(tileOf(page, 'p95'), durationOrDash(expected.p95Ms));
    assert.equal(tileOf(page, 'p99'), durationOrDash(expected.p99Ms));
    assert.equal(tileOf(page, 'Longest'), durationOrDash(expected.maxMs));
  });

  it('sums values exactly beyond 64 bits', () => {
    assert.ok(expected.value('EUR') > 2n ** 64n, 'a sum that a 64-bit integer does not hold');
    const buckets = [...tableOf(page, 'Settled in the 10 minutes from each time').values()];
    for (const [column, code] of [
      [2, 'EUR'],
      [3, 'SGD'],
    ] as const) {
      const minor = buckets.map((cells) => BigInt((cells[column] as string).replace(/[,.]/g, '')));
      const sum = minor.reduce((total, value) => total + value, 0n);
      assert.equal(sum, expected.value(code), code);
      assert.ok(code !== 'EUR' || minor.some((value) => value > 2n ** 63n), 'one bucket has both');
    }
    const corridors = tableOf(page, 'By corridor');
    for (const { corridor, submitted, settled, debited, credited } of expected.corridors) {
      const [from, to] = [corridor.slice(0, 3), corridor.slice(-3)];
      const cells = corridors.get(from === to ? from : `${from} → ${to}`);
      assert.deepEqual(
        [cells?.[0], cells?.[1], cells?.[6], cells?.[7]],
        [
          countText(submitted),
          countText(settled),
          `${from} ${moneyText(debited, 2)}`,
          `${to} ${moneyText(credited, 2)}`,
        ],
      );
    }
  });

  it('puts each settlement into its ten minutes', () => {
    const rows = [...tableOf(page, 'Settled in the 10 minutes from each time')];
    const day = Date.UTC(2026, 2, 16);
    for (const [time, [settled]] of rows) {
      const [hour, minute] = time.split(':').map(Number) as [number, number];
      const from = day + (hour * 60 + minute) * 60_000;
      assert.equal(settled, String(expected.buckets(from)), time);
    }
    const all = rows.reduce((total, [, [settled]]) => total + Number(settled), 0);
    assert.equal(all, expected.settled);
  });

  it('keeps the peaks of the queue, and holds what waits between two samples', () => {
    assert.deepEqual(tableOf(page, 'Peaks of the queue').get('EUR'), [
      '7',
      '08:49',
      '12,345.67',
      '08:49',
    ]);
    const rows = tableOf(page, 'The most in the queue');
    const at = (time: string) => rows.get(time)?.slice(0, 2);
    assert.deepEqual(at('08:10'), ['0', '0.00']);
    assert.deepEqual(at('08:20'), ['5', '9.00']);
    assert.deepEqual(at('08:30'), ['3', '3.00']);
    assert.deepEqual(at('08:40'), ['7', '12,345.67']);
    assert.deepEqual(at('08:50'), ['2', '2.50']);
    assert.deepEqual(at('09:10'), ['2', '2.50']);
    assert.deepEqual(at('09:40'), ['0', '0.00']);
  });

  it('shows accounts, rejects and cancellations', () => {
    const account = tableOf(page, 'Accounts in EUR').get(`${HOSTILE} ALFADE00`);
    assert.deepEqual(account?.slice(0, 7), [
      '40,000.00',
      '10,000.00',
      '-123.45',
      '09:00',
      '50.00',
      '40,123.45',
      '80.2 %',
    ]);
    assert.deepEqual(tableOf(page, 'Rejected by reason').get('DS0B')?.slice(2), [
      '3',
      '08:05',
      '09:05',
    ]);
    assert.deepEqual(tableOf(page, 'Cancelled by reason').get('AM04')?.slice(1), [
      'EUR',
      countText(expected.cancelled),
      moneyText(expected.cancelledValue, 2),
    ]);
  });

  it('says where the store and the summary differ', async () => {
    assert.match(page, /ClickHouse and summary\.json agree/);
    const other = await renderReport({
      changes,
      query,
      run: RUN,
      indicators,
      summary: summary({ settled: 1 }),
      scenario,
    });
    assert.match(other, /ClickHouse and summary\.json differ/);
  });

  it('is the same in whatever order the store answers', async () => {
    const made = { scenario, changes, run: RUN, indicators };
    for (const step of [1, 2, 3]) {
      let asked = 0;
      const late = async <Row>(sql: string, params?: Readonly<Record<string, unknown>>) => {
        const rows = await query<Row>(sql, params);
        await setTimeout(((step * asked++) % 5) * 40);
        return rows;
      };
      assert.ok((await renderReport({ ...made, query: late, summary: summary(counts) })) === page);
    }
  });

  it('fails with what the store says of any of its statements', async () => {
    const made = { scenario, changes, run: RUN, indicators, summary: summary(counts) };
    let asked = 0;
    const counted = <Row>(sql: string, params?: Readonly<Record<string, unknown>>) => {
      asked += 1;
      return query<Row>(sql, params);
    };
    await renderReport({ ...made, query: counted });
    assert.ok(asked > 15);
    for (let refused = 0; refused < asked; refused++) {
      let next = 0;
      const failing = async <Row>(sql: string, params?: Readonly<Record<string, unknown>>) => {
        if (next++ === refused) throw new Error(`statement ${refused} is refused`);
        return query<Row>(sql, params);
      };
      await assert.rejects(renderReport({ ...made, query: failing }), {
        message: `statement ${refused} is refused`,
      });
    }
  });

  it('says of a change that was refused that it was', () => {
    assert.match(page, /liquidity redeemed: SGD [0-9.,]+\. REFUSED: More than the account holds/);
  });

  it('writes names as text, wherever they stand', () => {
    for (const document of [page, empty]) {
      const unscripted = document.replace(`<script>${SCRIPT}</script>`, '');
      assert.doesNotMatch(unscripted, /<script|<img|onerror="/i);
      assert.ok(document.includes('&lt;script&gt;alert'), 'the name is shown');
    }
  });

  it('needs nothing from elsewhere', () => {
    for (const document of [page, empty]) {
      assert.doesNotMatch(document, /https?:\/\/|@import|<link(?! rel="icon" href="data:,")/);
      for (const [, target] of document.matchAll(/\b(?:src|href|action)="([^"]*)"/g))
        assert.match(target as string, /^(?:#|data:,$)/);
      for (const [, target] of document.matchAll(/url\(([^)]*)\)/g))
        assert.match(target as string, /^#/);
      assert.match(document, /Content-Security-Policy" content="default-src 'none'/);
    }
  });

  it('gives every drawing a text and every id once', () => {
    const drawings = page.match(/<svg [^>]*role="img"[^>]*>/g) ?? [];
    assert.ok(drawings.length >= 10, `${drawings.length} drawings`);
    for (const drawing of drawings) assert.match(drawing, /aria-label="[^"]{20,}"/);
    const ids = [...page.matchAll(/ id="([^"]*)"/g)].map(([, id]) => id);
    assert.deepEqual(ids.length, new Set(ids).size);
  });

  it('shows a run in which nothing happened', () => {
    assert.doesNotMatch(empty.replace(/<pre>[\s\S]*<\/pre>/, ''), /NaN|Infinity|undefined|null/);
    assert.match(empty, /Nothing settled in this run/);
    assert.match(empty, /None was rejected/);
    assert.equal(tileOf(empty, 'Submitted'), '0');
    assert.equal(tileOf(empty, 'Longest'), '–');
  });
});
