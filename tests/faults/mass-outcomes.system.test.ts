/**
 * One record that decides thousands of payments at once: liquidity that releases a whole queue, and a
 * close that cancels one. Their events, statuses and deliveries are many times what a message, a
 * batch or a request may hold.
 */
import assert from 'node:assert/strict';
import { readStatusReport } from '../../services/protocol/messages/status-report.ts';
import {
  deliveriesOf,
  PAYMENTS,
  poolInput,
  statusesOf,
} from '../../services/protocol/names/topic-plan.ts';
import type { ControlRecord } from '../../services/protocol/records/control-record.ts';
import { writeControl } from '../../services/protocol/records/input-record.ts';
import { sharedBrokers } from '../support/kafka-broker.ts';
import { core, POOL, startNetwork } from '../support/live.ts';
import { load } from '../support/run.ts';
import { ALFA, BETA, bankAs, CUSTOMERS, dateOf, paymentOf } from './banks.ts';
import { onEachLog } from './each-log.ts';
import { checkPool, readAll } from './topics-against-replay.ts';
import { uetrOf } from './traffic.ts';

const brokers = await sharedBrokers();
const SEED = 97;
/** Of each kind. A message of events holds 4,096, and 3,000 statuses are more than a batch. */
const COUNT = process.env.CORRIDOR_LONG_TESTS ? 20_000 : 5_000;
const AT_ONCE = 500;

/** ALFA has nothing, so that all that it pays waits. */
const poor = load('smoke', [
  `participants.${ALFA}.accounts.EUR.balance=0.00`,
  `participants.${ALFA}.accounts.EUR.creditLine=0.00`,
]);

onEachLog(brokers, `a record that decides ${COUNT} payments`, async (_, { log }) => {
  const live = await startNetwork(log, {
    founded: poor,
    limits: { livePayments: 2 * COUNT + 1, identities: 4 * COUNT },
  });
  const say = (record: ControlRecord) =>
    log.produce(poolInput(POOL), [{ key: POOL, headers: {}, value: writeControl(record) }]);
  const alfa = bankAs(poor, ALFA);
  const pay = async (from: number) => {
    for (let at = from; at < from + COUNT; at += AT_ONCE)
      await log.produce(
        PAYMENTS,
        Array.from({ length: AT_ONCE }, (_, index) =>
          alfa.pay(paymentOf(SEED, at + index), CUSTOMERS, Date.now()),
        ),
      );
    await live.quiet();
  };
  const date = dateOf(Date.now());
  await pay(0);
  const amountMinor = String(100 * COUNT);
  await say({ kind: 'issue', timeMs: Date.now(), bic: ALFA, currency: 'EUR', amountMinor });
  await live.quiet();
  await pay(COUNT);
  await say({ kind: 'close', timeMs: Date.now(), currency: 'EUR', date });
  await live.quiet();
  await live.stop();

  const { events } = await checkPool(log, core.module, poor.network, POOL);
  const byPosition = new Map<number, number>();
  for (const { position } of events) byPosition.set(position, (byPosition.get(position) ?? 0) + 1);
  const large = [...byPosition.values()].filter((count) => count >= COUNT).length;
  assert.equal(large, 2, 'two records decide them all');

  const codes = new Map<string, string[]>();
  for (const { value } of await readAll(log, statusesOf(ALFA))) {
    const report = readStatusReport(value);
    const uetr = report?.uetr ?? '';
    codes.set(uetr, [...(codes.get(uetr) ?? []), report?.status ?? '']);
  }
  for (let index = 0; index < 2 * COUNT; index++)
    assert.deepEqual(
      codes.get(uetrOf(SEED, index)),
      ['PDNG', index < COUNT ? 'ACSC' : 'CANC'],
      `payment ${index}`,
    );
  const delivered = new Set(
    (await readAll(log, deliveriesOf(BETA))).map(({ headers }) => headers.ce_id),
  );
  assert.equal(delivered.size, COUNT);
  for (let index = 0; index < COUNT; index++) assert.ok(delivered.has(uetrOf(SEED, index)));
});
