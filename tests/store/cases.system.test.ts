/** Cases in the real engine: an outage by Grafana's own rules, what it holds, what operators say, and the store filled again. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { createSigner } from '../../services/core/verification/signing.ts';
import { readAlertRules } from '../../services/metrics/ask-alert-rules.ts';
import { startCases } from '../../services/metrics/case-service.ts';
import { heldAt } from '../../services/metrics/money-held-by-an-outage.ts';
import { inGeneration } from '../../services/metrics/run-generations.ts';
import { insertRows } from '../../services/platform/clickhouse/insert-once.ts';
import { createStore } from '../../services/platform/clickhouse/reconnecting-store.ts';
import { alertRulesText, schemaFolder } from '../../services/platform/service/shipped-files.ts';
import { commandSigningText } from '../../services/protocol/messages/operator-command.ts';
import { CASES } from '../../services/protocol/names/topic-plan.ts';
import { caseMessage, commandedCase } from '../../services/protocol/records/case-record.ts';
import { forget } from '../../services/replay/forget-rows-of-run.ts';
import { storeOn } from '../../services/replay/named-store.ts';
import { ownDatabase } from '../support/engine.ts';
import { foundedLog, liveNetwork, POOL, processOver, until } from '../support/live.ts';
import { FLOW_CASES } from './alerts-cases.ts';
import { balance, DAY, MINUTE, NOW, payment, queue } from './alerts-rows.ts';

const RUN = 'outage';
const operator = createSigner(createHash('sha256').update('operator').digest());
const SILENT =
  'one that sends in every minute of other days, and for a quarter of an hour of this one nothing';

/** The last message of BETADE00 was seventeen minutes before NOW. */
const rowsOf = () => {
  const of = (participant: string, currency = 'EUR') => ({ participant, currency });
  const money = (seconds: number, minor: number) => balance(RUN, seconds, minor, 0, 0);
  const { payments = [] } = FLOW_CASES['A large bank does not send']?.[SILENT]?.rows(RUN) ?? {};
  const long = { debtor_agent: 'BETADE00', currency: 'USD', currency2: 'USD', corridor: 'USD' };
  return {
    payments: [...payments, payment(RUN, 60 * DAY, long)],
    balances: [
      { ...money(20 * MINUTE, 100), ...of('BETADE00') },
      { ...money(2 * MINUTE, 350), ...of('BETADE00') },
      { ...money(20 * MINUTE, 70), ...of('BETADE00', 'SGD') },
      { ...money(2 * MINUTE, 30), ...of('BETADE00', 'SGD') },
      { ...money(2 * MINUTE, 999), ...of('ALFADE00') },
    ],
    queue_samples: [
      { ...queue(RUN, 3 * MINUTE, 7, 180), ...of('ALFADE00') },
      { ...queue(RUN, 2 * MINUTE, 3, 180), ...of('ALFADE00') },
      { ...queue(RUN, 2 * MINUTE, 4, 180), ...of('GAMMFR00') },
      { ...queue(RUN, 3 * MINUTE, 5, 180), ...of('DELTNL00') },
      { ...queue(RUN, 2 * MINUTE, 0, 180), ...of('DELTNL00') },
      { ...queue(RUN, 2 * MINUTE, 9, 180), ...of('ALFADE00', 'SGD') },
      { ...queue(RUN, 2 * MINUTE, 2, 180), ...of('BETADE00') },
      // Later that is no more; and of a currency in which the bank sent too long ago.
      { ...queue(RUN, 12 * MINUTE, 6, 780), ...of('GAMMFR00') },
      { ...queue(RUN, 12 * MINUTE, 8, 780), ...of('ALFADE00', 'USD') },
    ],
  };
};

test('an outage opens a case with what it holds; the store is filled again from the topic alone', async (t) => {
  const database = await ownDatabase();
  t.after(() => database.close());
  const { client, address } = database;
  for (const [table, rows] of Object.entries(rowsOf()))
    await insertRows(client, table, rows, `${RUN}/${table}`);
  const log = await foundedLog(NOW, operator.publicKey);
  const store = createStore(async () => address, schemaFolder());
  t.after(() => store.close());
  const rules = readAlertRules(alertRulesText());
  let nowMs = NOW - 2 * MINUTE * 1_000;
  const start = async (asks: boolean) => {
    const own = { ...processOver(log).context('metrics'), nowMs: () => nowMs };
    const options = {
      run: RUN,
      pools: [POOL],
      store: inGeneration(store, RUN),
      ...(asks && { rules }),
    };
    return startCases(own, options);
  };
  const ask = async (sql: string) =>
    (await (await client.query({ query: sql, format: 'JSONEachRow' })).json()) as Record<
      string,
      unknown
    >[];
  const events = () => ask('SELECT * FROM case_events ORDER BY position');
  const money = () =>
    ask(
      'SELECT kind, participant, currency, toInt64(amount_minor) AS minor, payments FROM case_money ORDER BY kind, payments DESC',
    );
  const counted = (count: number) =>
    until('rows are there', async () => (await events()).length >= count);

  const service = await start(true);
  nowMs = NOW + 6_000;
  await counted(1);
  const [opened] = await events();
  assert.deepEqual(
    [opened?.event, opened?.rule, opened?.severity, opened?.participant, opened?.time],
    ['opened', 'corridor-outage', 'critical', 'BETADE00', '2026-03-16 12:00:00.000'],
  );
  assert.match(String(opened?.summary), /^BETADE00 of outage, which has 5 % or more/);
  // What of its own waits is no one who waits for it, and what left the bank is not trapped.
  const held = [
    ['trapped', 'BETADE00', 'EUR', 250, 0],
    ['waiting', 'GAMMFR00', 'EUR', 0, 4],
    ['waiting', 'ALFADE00', 'EUR', 0, 3],
  ];
  const values = (rows: Record<string, unknown>[]) =>
    rows.map((row) =>
      Object.values(row).map((one) => (/^\d+$/.test(String(one)) ? Number(one) : one)),
    );
  assert.deepEqual(values(await money()), held);
  // Who waits, waits also where nothing is trapped.
  const tenMinutes = { fromMs: NOW - 10 * DAY * 1_000, toMs: NOW - 10 * MINUTE * 1_000 };
  assert.deepEqual(await heldAt(store, { run: RUN, bic: 'BETADE00', ...tenMinutes }), {
    trapped: [],
    waiting: [{ currency: 'EUR', bic: 'GAMMFR00', payments: 6 }],
  });

  const say = async (id: string, kind: string, seconds: number, why: string) => {
    const atMs = NOW + seconds * 1_000;
    const payload = Buffer.from(
      JSON.stringify({ pool: POOL, command: { kind, case: opened?.case_id, why } }),
    );
    const signed = { id, keyId: 'genesis', issuedAtMs: atMs };
    const text = commandSigningText(liveNetwork.network, POOL, signed, payload);
    const record = commandedCase(
      ...([POOL, { ...signed, signature: operator.sign(text) }, payload, atMs] as const),
    );
    await log.produce(CASES, [caseMessage(record)]);
  };
  await say('a', 'acknowledgeCase', 90, 'I call the bank, "Beta" \\ and wait');
  await say('b', 'closeCase', 600, 'it sends again');
  await say('c', 'closeCase', 700, 'once more');
  await counted(4);
  await service.stop();
  const cases = () => ask('SELECT * FROM cases');
  const [stands] = await cases();
  assert.deepEqual(
    [stands?.acknowledged_at, stands?.acknowledged_by, stands?.acknowledged_why],
    ['2026-03-16 12:01:30.000', 'genesis', 'I call the bank, "Beta" \\ and wait'],
  );
  assert.deepEqual(
    [stands?.closed_at, stands?.closed_why, stands?.is_firing, (await cases()).length],
    ['2026-03-16 12:10:00.000', 'it sends again', 1, 1],
  );

  const before = [await events(), await money(), await cases()];
  await forget(storeOn(client), RUN);
  assert.deepEqual(await events(), []);
  const again = await start(false);
  await counted(4);
  await again.stop();
  assert.deepEqual([await events(), await money(), await cases()], before);
});
