/**
 * Every alert rule, asked each quarter of an hour of a day like the flagship's: five currencies that open
 * and close at different times, with money enough, and services of which some are replaced. None fires
 * but for the bank that the scenario makes silent.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EventFold, insertions } from '../../services/metrics/event-rows.ts';
import { clickHouseTime } from '../../services/metrics/rows.ts';
import { insertRows } from '../../services/platform/clickhouse/insert.ts';
import { ownDatabase } from '../support/engine.ts';
import { load, runScenario } from '../support/run.ts';
import { firing, RULES } from './alerts-rules.ts';

const DAY = Date.parse('2026-03-16T00:00:00Z');
const MINUTE = 60_000;
const QUARTER = 15 * MINUTE;
const RUN = 'day';

/** A tenth of the flagship's payments, which no bank is short for. */
function calmFlagship() {
  const { participants, currencies, flows } = load('four-corridors');
  return load('four-corridors', [
    ...flows.map((flow, at) => `traffic.${at}.paymentsPerDate=${flow.paymentsPerDate / 10}`),
    ...participants.flatMap(({ bic, accounts }) =>
      accounts.map(
        ({ currency }) =>
          `participants.${bic}.accounts.${currencies[currency]?.code}.balance=9000000000.00`,
      ),
    ),
  ]);
}

/** A process from one minute of the day to another, which said a second before each how it was. */
function lives(service: string, instance: string, from: number, to: number, fault = '') {
  const reader = service === 'gateway' ? '' : 'main/input';
  return Array.from({ length: to - from + 1 }, (_, index) => ({
    ...{ run: RUN, service, instance, reader, lag_records: 1, lag_ms: 200, records: 9 },
    ...{ time: clickHouseTime(DAY + (from + index) * MINUTE - 1_000), is_ready: 1 },
    fault: index === to - from ? fault : '',
  }));
}

const LAST = 24 * 60;
/** A verifier crashes and comes again, the standby is shut down, and both clearings change places. */
const SERVICES = [
  ...lives('metrics', 'one', -60, LAST),
  ...lives('gateway', 'one', -60, LAST),
  ...lives('clearing', 'one', -60, 600, 'shutDown'),
  ...lives('clearing', 'standby', -60, LAST),
  ...lives('clearing', 'two', 605, 900, 'shutDown'),
  ...lives('verifier', 'host-17', -60, 300),
  ...lives('verifier', 'host-18', -60, LAST),
  ...lives('verifier', 'host-2044', 301, LAST),
];

/** Checks every five minutes, which find all equal. */
const CHECKS = Array.from({ length: LAST / 5 }, (_, index) =>
  ['conserved EUR', 'settled EUR'].map((figure) => ({
    ...{
      run: RUN,
      pool: 'main',
      event_number: index,
      figure,
      expected: '7',
      found: '7',
      agrees: 1,
    },
    time: clickHouseTime(DAY + index * 5 * MINUTE),
  })),
).flat();

test('no rule fires on a normal day, but for the bank that is made silent', async () => {
  const { client, close } = await ownDatabase();
  try {
    let fold: EventFold | undefined;
    const blocks: Parameters<typeof insertions>[0][] = [];
    await runScenario(calmFlagship(), {
      signatures: false,
      onSlice({ steps }, { pools }) {
        const directory = pools[0]?.clearing.directory ?? assert.fail('no pool');
        fold ??= new EventFold(RUN, 'main', directory);
        for (const { batch } of steps) blocks.push(...fold.fold(batch.events));
      },
    });
    blocks.push(fold?.end() ?? assert.fail('no events'));
    for (const { table, rows, token } of blocks.flatMap(insertions))
      await insertRows(client, table, rows, token);
    await insertRows(client, 'service_samples', SERVICES, 'services');
    await insertRows(client, 'reconciliations', CHECKS, 'checks');

    const fired = new Set<string>();
    for (let nowMs = DAY; nowMs <= DAY + LAST * MINUTE; nowMs += QUARTER)
      for (const rule of RULES)
        for (const { run, value, ...labels } of await firing(client, rule, nowMs))
          fired.add(
            [
              new Date(nowMs).toISOString().slice(11, 16),
              rule.title,
              ...Object.values(labels),
            ].join(' '),
          );
    // Its outage is from 07:30 to 08:30: no longer than half an hour at 08:00, and not over at 08:30.
    assert.deepEqual(
      [...fired],
      ['08:15 A bank is silent JADECN00', '08:30 A bank is silent JADECN00'],
    );
  } finally {
    await close();
  }
});
