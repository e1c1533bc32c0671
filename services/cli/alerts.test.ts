/**
 * Every alert rule that Grafana is given, in the real engine: it fires on what is just beyond its limit,
 * names it, and does not on what is just within, or past, or another thing.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { ClickHouseClient } from '@clickhouse/client';
import { clickHouseTime } from '../metrics/rows.ts';
import { connectClickHouse } from '../platform/clickhouse/client.ts';
import {
  type EmbeddedClickHouse,
  startEmbeddedClickHouse,
} from '../platform/clickhouse/embedded.ts';
import { insertRows } from '../platform/clickhouse/insert.ts';
import { migrate } from '../platform/clickhouse/migrate.ts';
import { packageFolder } from './build-info.ts';
import { expand } from './dashboards.macros.reference.ts';

interface Rule {
  readonly title: string;
  readonly annotations: { readonly summary: string };
  readonly data: readonly {
    readonly relativeTimeRange: { readonly from: number };
    readonly model: {
      readonly rawSql?: string;
      readonly conditions?: readonly { readonly evaluator: { readonly params: [number] } }[];
    };
  }[];
}
const RULES: readonly Rule[] = JSON.parse(
  readFileSync(join(packageFolder, 'infra/grafana/provisioning/alerting/rules.json'), 'utf8'),
).groups.flatMap(({ rules }: { rules: Rule[] }) => rules);

type Rows = Readonly<Record<string, readonly object[]>>;
interface Case {
  /** Rows of a run of this name, by table. */
  readonly rows: (run: string) => Rows;
  /** What of its labels each alert that fires has; none: it must not fire. */
  readonly fires?: readonly Readonly<Record<string, string | number>>[];
}

const NOW = Date.parse('2026-03-16T12:00:00Z');
const MINUTE = 60;
const HOUR = 3_600;
const ago = (seconds: number) => clickHouseTime(NOW - seconds * 1000);
const times = <Row>(count: number, row: (index: number) => Row): Row[] =>
  Array.from({ length: count }, (_, index) => row(index));

const check = (run: string, figure: string, agrees: boolean, seconds: number) => ({
  ...{ run, pool: 'main', event_number: 9, figure, expected: '41', found: agrees ? '41' : '34' },
  ...{ agrees: agrees ? 1 : 0, time: ago(seconds) },
});
const sample = (run: string, seconds: number, more: object = {}) => ({
  ...{ run, time: ago(seconds), service: 'clearing', instance: 'one', reader: 'main/input' },
  ...{ is_ready: 1, lag_records: 0, lag_ms: 0, records: 1, fault: '', ...more },
});
let position = 0;
const payment = (run: string, seconds: number, more: object = {}) => {
  position += 1;
  return {
    ...{ run, pool: 'main', event_number: position, payment_position: position, uetr: '' },
    ...{ time: ago(seconds), submitted_at: ago(seconds), status: 'ACSC', kind: 'settled' },
    ...{ reason: '', iso_reason: '', mechanism: 'entry', priority: 'normal', cycle: 0 },
    ...{ debtor_agent: 'ALFADE00', creditor_agent: 'BETADE00', dealer: '', corridor: 'EUR' },
    ...{ currency: 'EUR', amount_minor: '1', currency2: 'EUR', amount2_minor: '1' },
    ...{ is_first: 1, message_type: 'pacs.008.001.08', second_leg: 0, ...more },
  };
};
const rejected = { status: 'RJCT', kind: 'rejected', reason: 'accountUnknown', iso_reason: 'AC01' };
const tooLate = { ...rejected, reason: 'afterCutOff', iso_reason: 'TM01' };
const forged = { ...rejected, kind: 'noticed', currency: '', currency2: '', corridor: '' };
const queue = (run: string, seconds: number, count: number, oldestSeconds: number) => ({
  ...{ run, pool: 'main', time: ago(seconds), participant: '', currency: 'EUR', count },
  ...{ value_minor: '5', count_max: count, value_max_minor: '5' },
  oldest_submitted_at: ago(oldestSeconds),
});
/** Payments that settled so long before now, so many of them after 15 minutes and a second. */
const waits = (run: string, count: number, late: number, seconds: number) =>
  times(count, (index) =>
    payment(run, seconds, { submitted_at: ago(seconds + (index < late ? 15 * MINUTE + 20 : 1)) }),
  );
/** Messages of a bank, one in each of so many minutes, the last so long before now. */
const sends = (run: string, bic: string, minutes: number, seconds: number, more: object = {}) =>
  times(minutes, (index) => payment(run, seconds + index * MINUTE, { debtor_agent: bic, ...more }));

const CASES: Readonly<Record<string, Readonly<Record<string, Case>>>> = {
  'Conservation broken': {
    'a currency that did not add up, though it does again': {
      rows: (run) => ({
        reconciliations: [
          check(run, 'conserved EUR', false, 30 * MINUTE),
          check(run, 'conserved EUR', true, MINUTE),
        ],
      }),
      fires: [{ pool: 'main' }],
    },
    'another figure, and more than an hour ago': {
      rows: (run) => ({
        reconciliations: [
          check(run, 'settled EUR', false, MINUTE),
          check(run, 'conserved EUR', true, MINUTE),
          check(run, 'conserved EUR', false, HOUR + 1),
        ],
      }),
    },
  },
  'Reconciliation difference': {
    'the last check of a figure': {
      rows: (run) => ({
        reconciliations: [
          check(run, 'settled EUR', true, 2 * MINUTE),
          check(run, 'settled EUR', false, MINUTE),
          check(run, 'settled SGD', true, MINUTE),
        ],
      }),
      fires: [{ figure: 'settled EUR', pool: 'main', value: 7 }],
    },
    'a figure that agrees again': {
      rows: (run) => ({
        reconciliations: [
          check(run, 'settled EUR', false, 2 * MINUTE),
          check(run, 'settled EUR', true, MINUTE),
        ],
      }),
    },
  },
  'Chain divergence or fault': {
    'a service that stopped over one hours ago, and says nothing since': {
      rows: (run) => ({
        service_samples: [
          sample(run, 3 * HOUR),
          sample(run, 3 * HOUR - 1, { fault: 'historyDiverged', is_ready: 0 }),
        ],
      }),
      fires: [{ service: 'clearing', instance: 'one', fault_now: 'historyDiverged' }],
    },
    'one that was started again': {
      rows: (run) => ({
        service_samples: [
          sample(run, 3 * HOUR, { fault: 'historyDiverged', is_ready: 0 }),
          sample(run, MINUTE),
        ],
      }),
    },
  },
  'Time to finality above target': {
    '3 of 200 took longer': {
      rows: (run) => ({ payments: waits(run, 200, 3, MINUTE) }),
      fires: [{ pool: 'main' }],
    },
    '2 of 200 did, and 50 more than ten minutes ago': {
      rows: (run) => ({
        payments: [...waits(run, 200, 2, MINUTE), ...waits(run, 50, 50, 11 * MINUTE)],
      }),
    },
  },
  'Payments wait too long': {
    'a queue that nothing changed for days': {
      rows: (run) => ({ queue_samples: [queue(run, 3 * 24 * HOUR, 1, 3 * 24 * HOUR)] }),
      fires: [{ currency: 'EUR', pool: 'main' }],
    },
    'a queue of 30 minutes': {
      rows: (run) => ({ queue_samples: [queue(run, MINUTE, 1, 30 * MINUTE)] }),
    },
    'a queue that was worked off': {
      rows: (run) => ({
        queue_samples: [
          queue(run, 2 * HOUR, 9, 3 * HOUR),
          queue(run, MINUTE, 0, 56 * 365 * 24 * HOUR),
        ],
      }),
    },
  },
  'A service lags or is silent': {
    'ten seconds and a millisecond behind': {
      rows: (run) => ({ service_samples: [sample(run, 1, { lag_ms: 10_001 })] }),
      fires: [{ service: 'clearing', reader: 'main/input' }],
    },
    'nothing said for sixteen seconds': {
      rows: (run) => ({ service_samples: [sample(run, 16)] }),
      fires: [{ service: 'clearing', reader: 'main/input' }],
    },
    'ten seconds behind, and told fifteen seconds ago': {
      rows: (run) => ({ service_samples: [sample(run, 15, { lag_ms: 10_000 })] }),
    },
    'the instance before lagged, and is gone': {
      rows: (run) => ({
        service_samples: [
          sample(run, 90, { instance: 'before', lag_ms: 99_000 }),
          sample(run, 1, { instance: 'now' }),
        ],
      }),
    },
    'a network that was shut down seven hours ago': {
      rows: (run) => ({ service_samples: [sample(run, 7 * HOUR)] }),
    },
  },
  'Many messages are rejected': {
    '6 of 100': {
      rows: (run) => ({
        payments: times(100, (index) => payment(run, MINUTE, index < 6 ? rejected : {})),
      }),
      fires: [{ pool: 'main' }],
    },
    '5 of 100': {
      rows: (run) => ({
        payments: times(100, (index) => payment(run, MINUTE, index < 5 ? rejected : {})),
      }),
    },
    'all of 19': { rows: (run) => ({ payments: times(19, () => payment(run, MINUTE, rejected)) }) },
  },
  'A bank is silent': {
    'one that sent for ten minutes, while another goes on': {
      rows: (run) => ({
        payments: [
          ...sends(run, 'ALFADE00', 42, 60),
          ...sends(run, 'BETADE00', 10, 60 + 31 * MINUTE),
        ],
      }),
      fires: [{ debtor_agent: 'BETADE00', value: String(31 * MINUTE) }],
    },
    'one in whose name a forger goes on': {
      rows: (run) => ({
        payments: [
          ...sends(run, 'ALFADE00', 42, 60),
          ...sends(run, 'BETADE00', 10, 60 + 31 * MINUTE),
          ...sends(run, 'BETADE00', 40, 60, forged),
        ],
      }),
      fires: [{ debtor_agent: 'BETADE00' }],
    },
    'one where one of its two currencies has closed': {
      rows: (run) => ({
        payments: [
          ...sends(run, 'ALFADE00', 60, 60),
          ...sends(run, 'BETADE00', 15, 60 + 31 * MINUTE),
          ...sends(run, 'BETADE00', 15, 60 + 32 * MINUTE, { currency: 'SGD' }),
          ...sends(run, 'GAMMFR00', 15, 60 + 31 * MINUTE, { currency: 'SGD' }),
        ],
      }),
      fires: [{ debtor_agent: 'BETADE00' }],
    },
    'one that sent in nine minutes, or sent half an hour ago': {
      rows: (run) => ({
        payments: [
          ...sends(run, 'ALFADE00', 42, 60),
          ...sends(run, 'BETADE00', 9, 60 + 31 * MINUTE),
          ...sends(run, 'GAMMFR00', 10, 60 + 30 * MINUTE),
        ],
      }),
    },
    'one whose currency has closed, though another’s has not, and messages come too late': {
      rows: (run) => ({
        payments: [
          ...sends(run, 'ALFADE00', 200, 60),
          ...sends(run, 'ALFADE00', 60, 60 + 90 * MINUTE, { currency: 'SGD' }),
          ...sends(run, 'BETADE00', 60, 60 + 91 * MINUTE, { currency: 'SGD' }),
          ...sends(run, 'ALFADE00', 90, 60, { ...tooLate, currency: 'SGD' }),
        ],
      }),
    },
    'one that sends in one currency, and once in another where others go on': {
      rows: (run) => ({
        payments: [
          ...sends(run, 'ALFADE00', 200, 60),
          ...sends(run, 'BETADE00', 1, 60 + 100 * MINUTE),
          ...sends(run, 'BETADE00', 60, 60 + 90 * MINUTE, { currency: 'SGD' }),
        ],
      }),
    },
    'one that sends too seldom for an hour to say anything': {
      rows: (run) => ({
        payments: [
          ...sends(run, 'ALFADE00', 200, 60),
          ...times(12, (index) =>
            payment(run, 61 * MINUTE + index * 10 * MINUTE, { debtor_agent: 'BETADE00' }),
          ),
        ],
      }),
    },
    'one at the beginning of a day': {
      rows: (run) => ({
        payments: [
          ...sends(run, 'ALFADE00', 20, 60),
          ...sends(run, 'ALFADE00', 60, 60 + 180 * MINUTE),
          ...sends(run, 'BETADE00', 60, 60 + 190 * MINUTE),
        ],
      }),
    },
    'all of them, as at night': {
      rows: (run) => ({
        payments: [
          ...sends(run, 'ALFADE00', 20, 3 * HOUR),
          ...sends(run, 'BETADE00', 20, 3 * HOUR + 60),
        ],
      }),
    },
  },
};

describe('alert rules', () => {
  const folder = mkdtempSync(join(tmpdir(), 'corridor-alerts-'));
  let server: EmbeddedClickHouse;
  let client: ClickHouseClient;
  before(async () => {
    server = await startEmbeddedClickHouse({ folder });
    client = connectClickHouse(server);
    await migrate(client, join(packageFolder, 'infra/clickhouse'));
    for (const [title, cases] of Object.entries(CASES))
      for (const [name, { rows }] of Object.entries(cases)) {
        const run = `${title}: ${name}`;
        for (const [table, values] of Object.entries(rows(run)))
          await insertRows(client, table, values, `${run}/${table}`);
      }
  });
  after(async () => {
    await client.close();
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it('are all tried', () => {
    assert.deepEqual(RULES.map(({ title }) => title).sort(), Object.keys(CASES).sort());
    for (const [title, cases] of Object.entries(CASES)) {
      const both = Object.values(cases).map(({ fires }) => fires !== undefined);
      assert.ok(both.includes(true) && both.includes(false), title);
    }
  });

  /** Rows of an alert that are above its limit now, as Grafana's threshold takes them. */
  async function firing({ data }: Rule): Promise<Record<string, string | number>[]> {
    const [query, threshold] = data;
    const fromMs = NOW - (query?.relativeTimeRange.from ?? 0) * 1000;
    const view = { fromMs, toMs: NOW, intervalSeconds: 60, variables: {} };
    const result = await client.query({
      query: expand(query?.model.rawSql ?? '', view),
      format: 'JSONEachRow',
    });
    const above = threshold?.model.conditions?.[0]?.evaluator.params[0] as number;
    const rows = await result.json<Record<string, string | number>>();
    return rows.filter(({ value }) => Number(value) > above);
  }

  for (const rule of RULES)
    for (const [name, { fires = [] }] of Object.entries(CASES[rule.title] ?? {}))
      it(`${rule.title}: ${fires.length > 0 ? 'fires for' : 'does not fire for'} ${name}`, async () => {
        const rows = (await firing(rule)).filter(({ run }) => run === `${rule.title}: ${name}`);
        assert.equal(rows.length, fires.length, JSON.stringify(rows));
        for (const [index, labels] of fires.entries())
          assert.deepEqual({ ...rows[index], ...labels }, rows[index]);
        // What the message says of it is there to be said.
        for (const row of rows)
          for (const [, label] of rule.annotations.summary.matchAll(/\$labels\.(\w+)/g))
            assert.ok(label !== undefined && label in row, label);
      });
});
