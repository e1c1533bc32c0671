/**
 * Every alert rule, asked each quarter of an hour of a day like the flagship's: five currencies that open
 * and close at different times, with money enough, and services of which some are replaced. None fires
 * but for the bank that the scenario makes silent.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EventFold, insertions } from '../../services/metrics/event-rows.ts';
import { clickHouseTime } from '../../services/metrics/store-rows.ts';
import { insertRows } from '../../services/platform/clickhouse/insert-once.ts';
import type { Scenario } from '../../services/scenario/scenario.ts';
import { joinedInsertions, ownDatabase } from '../support/engine.ts';
import { load, runScenario } from '../support/run.ts';
import { loadText } from '../support/scenario.ts';
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

/** Six banks on five mornings: the large one has an outage on the fourth, and on the fifth does not come up. */
const FIVE_DAYS = `name: five-days
seed: 11
businessDates: [2026-03-16, 2026-03-17, 2026-03-18, 2026-03-19, 2026-03-20]
zone: UTC
currencies:
  EUR: { opens: "08:00", closes: "10:00", zone: UTC }
participants:
  - { bic: LARGDE00, name: Large, size: 3, accounts: { EUR: { balance: "150000.00", creditLine: "50000.00" } } }
${['AAAADE00', 'BBBBDE00', 'CCCCDE00', 'DDDDDE00', 'EEEEDE00']
  .map(
    (bic) =>
      `  - { bic: ${bic}, name: ${bic}, accounts: { EUR: { balance: "25000.00", creditLine: "10000.00" } } }`,
  )
  .join('\n')}
profiles:
  morning: { zone: UTC, parts: [{ from: "08:00", to: "10:00", weight: 1 }] }
traffic:
  - name: eur
    from: EUR
    paymentsPerDate: 960
    profile: morning
    amounts: { median: "800.00", sigma: 0.6, min: "50.00", max: "5000.00" }
settlement: { queue: bypass-fifo, cycleEverySeconds: 60, atClose: cancel }
tickMs: 10000
events:
  outages:
    - { participant: LARGDE00, date: 2026-03-19, from: "09:00", until: "09:20" }
    - { participant: LARGDE00, date: 2026-03-20, from: "08:00", until: "09:50" }
`;

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

/** A run's rows in a database of their own. */
async function recorded(scenario: Scenario) {
  const database = await ownDatabase();
  let fold: EventFold | undefined;
  const blocks: Parameters<typeof insertions>[0][] = [];
  await runScenario(scenario, {
    signatures: false,
    onSlice({ steps }, { pools }) {
      const directory = pools[0]?.clearing.directory ?? assert.fail('no pool');
      fold ??= new EventFold(RUN, 'main', directory);
      for (const { batch } of steps) blocks.push(...fold.fold(batch.events));
    },
  });
  blocks.push(fold?.end() ?? assert.fail('no events'));
  for (const { table, rows, token } of joinedInsertions(blocks.flatMap(insertions)))
    await insertRows(database.client, table, rows, token);
  return database;
}

test('no rule fires on a normal day, but for the bank that is made silent', async () => {
  const { client, close } = await recorded(calmFlagship());
  try {
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
    // Of its habit nothing is known on a first day.
    assert.deepEqual(
      [...fired],
      ['08:15 A bank is silent JADECN00', '08:30 A bank is silent JADECN00'],
    );
  } finally {
    await close();
  }
});

const HABITS = [
  'A large bank does not send',
  'A queue grows against its usual shape',
  'A bank uses unusually much credit',
];
const at = (date: string, clock: string) => Date.parse(`${date}T${clock}:00Z`);

test('an outage in the day, and a bank that does not come up, are told within a quarter of an hour, with the queue and the credit of the others', async () => {
  const { client, close } = await recorded(loadText(FIVE_DAYS));
  try {
    /** Of each rule and what it names the minutes in which it fired, of those in which all are asked. */
    const told = async (date: string, from: string, to: string, step: number) => {
      const fired = new Map<string, string[]>();
      for (let nowMs = at(date, from); nowMs <= at(date, to); nowMs += step * MINUTE)
        for (const rule of RULES.filter(({ title }) => HABITS.includes(title)))
          for (const { run, value, ...labels } of await firing(client, rule, nowMs)) {
            const name = [rule.title, ...Object.values(labels)].join(' ');
            const clock = new Date(nowMs).toISOString().slice(11, 16);
            fired.set(name, [...(fired.get(name) ?? []), clock]);
          }
      return fired;
    };
    for (const date of ['2026-03-16', '2026-03-17', '2026-03-18'])
      assert.deepEqual(await told(date, '08:00', '10:15', 30), new Map(), date);
    const outage = `${HABITS[0]} LARGDE00`;
    const within = (clocks: readonly string[] = [], from: string, to: string) =>
      assert.ok(clocks[0] && clocks[0] >= from && clocks[0] <= to, `${clocks}`);
    const fourth = await told('2026-03-19', '08:50', '09:22', 1);
    within(fourth.get(outage), '09:05', '09:15');
    assert.ok((fourth.get(outage)?.at(-1) ?? '') <= '09:21', `${fourth.get(outage)}`);
    within((await told('2026-03-20', '08:00', '08:15', 1)).get(outage), '08:05', '08:15');
    const fifth = await told('2026-03-20', '08:20', '10:20', 10);
    const hours = ['08:20', '08:30', '08:40', '08:50', '09:00', '09:10', '09:20', '09:30', '09:40'];
    assert.deepEqual(fifth.get(outage)?.slice(0, 9), hours);
    assert.ok(!fifth.get(outage)?.includes('10:20'), 'closed, nobody is silent');
    // CCCCDE00 draws as deep on other days, and LARGDE00 has what the others lack.
    assert.deepEqual([...fifth.keys()].filter((name) => name !== outage).sort(), [
      ...['AAAADE00', 'BBBBDE00', 'DDDDDE00', 'EEEEDE00'].map(
        (bic) => `${HABITS[2]} main ${bic} EUR`,
      ),
      `${HABITS[1]} main EUR`,
    ]);
  } finally {
    await close();
  }
});
