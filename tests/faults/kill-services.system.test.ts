/**
 * Kill -9 at named points of every service, in one network again and again, so that what recovered is
 * hit as well. At the end everything that was sent is where it belongs, once.
 *
 * With CORRIDOR_FAULT_SEED=<seed> one seed runs alone.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { connectClickHouse } from '../../services/platform/clickhouse/client.ts';
import { startEmbeddedClickHouse } from '../../services/platform/clickhouse/embedded.ts';
import { openEmbeddedLog } from '../../services/platform/log/embedded/embedded.ts';
import { coreModule } from '../../services/platform/service/shipped-files.ts';
import { ALLEGEMENT } from '../../services/protocol/messages/allegement.ts';
import { DAY_REPORT } from '../../services/protocol/messages/day-report.ts';
import { QUEUE_REPORT } from '../../services/protocol/messages/queue-report.ts';
import { SYSTEM_EVENT } from '../../services/protocol/messages/system-event.ts';
import { PAYMENTS_REJECTED } from '../../services/protocol/names/topic-plan.ts';
import { networkOf } from '../../services/sandbox/sandbox-folder.ts';
import { load } from '../support/run.ts';
import { type ChildOrders, ROLES } from './child-orders.ts';
import { CRASH_POINTS, FIRST_POINTS, plan } from './crash-points.ts';
import { NODE_PEM, orderUetr } from './fault-network.ts';
import {
  checkChainsTold,
  checkPayments,
  checkReturnsAndQuotes,
  checkRows,
} from './nothing-lost-or-twice.ts';
import { checkSeal } from './seal-check.ts';
import { live } from './start-child-process.ts';
import { checkPool, type PoolHistory } from './topics-against-replay.ts';

/** Payments that are sent between two kills. */
const PAYMENTS_A_LIFE = 24;
const ORDERS_A_LIFE = 3;
const only = process.env.CORRIDOR_FAULT_SEED;
const isLong = process.env.CORRIDOR_LONG_TESTS !== undefined;
const SEEDS = only ? [Number(only)] : isLong ? [1, 2, 3, 4, 5] : [1];
const ALL_POINTS = Object.values(CRASH_POINTS).flat();
/** Every other one fits the minutes of the gate; one seed alone, and the long run, have all. */
const POINTS = ALL_POINTS.filter((_, place) => only || isLong || place % 2 === 0);
const network = networkOf(load('smoke'));
const core = coreModule();

function folderOf(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'corridor-faults-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

const ordersIn = (folder: string, seed: number) => ({
  log: { kind: 'embedded' as const, folder: join(folder, 'log') },
  roles: ROLES,
  snapshots: join(folder, 'snapshots'),
  snapshotRecords: 20,
  evidence: join(folder, 'evidence'),
  seed,
  date: new Date().toISOString().slice(0, 10),
});

async function check(folder: string, orders: ChildOrders): Promise<PoolHistory[]> {
  const log = openEmbeddedLog({ folder: join(folder, 'log') });
  try {
    const histories: PoolHistory[] = [];
    for (const { name } of network.pools) {
      histories.push(await checkPool(log, core.module, network.network, name, NODE_PEM));
      await checkSeal(log, join(folder, 'evidence'), network.network, name);
    }
    const uetrs = Array.from({ length: orders.orders }, (_, index) =>
      orderUetr(orders.seed, index),
    );
    checkPayments(histories, orders.seed, orders.until ?? 0, uetrs);
    assert.ok((await log.endOffset(PAYMENTS_REJECTED, 0)) > 0, 'messages of nobody');
    return histories;
  } finally {
    await log.close();
  }
}

test('at least fifty named points', () => assert.ok(new Set(ALL_POINTS).size >= 50));

for (const seed of SEEDS)
  test(`kill -9 of every service at each of ${POINTS.length} points, seed ${seed}`, async (t) => {
    const folder = folderOf(t);
    const clickHouse = await startEmbeddedClickHouse({ folder: join(folder, 'clickhouse') });
    const client = connectClickHouse(clickHouse);
    try {
      const base = { ...ordersIn(folder, seed), clickHouse };
      let until = 0;
      let orders = 0;
      for (const crash of plan(POINTS, seed)) {
        until += PAYMENTS_A_LIFE;
        orders += ORDERS_A_LIFE;
        const { how, stderr } = await live({ ...base, until, orders, crash }).over;
        assert.equal(how, 'SIGKILL', `at ${crash.point}: ended with ${how} ${stderr}`);
      }
      const last = { ...base, until: until + PAYMENTS_A_LIFE, orders: orders + ORDERS_A_LIFE };
      assert.deepEqual(await live(last).over, { how: '0', stderr: '' });
      const histories = await check(folder, last);
      assert.ok(
        histories.some(({ signedMessages }) => signedMessages > 1),
        'the node signed',
      );
      const repeated = histories.reduce((sum, one) => sum + one.repeatedMessages, 0);
      t.diagnostic(`${last.until} payments, ${repeated} messages of events written twice`);
      await checkRows(client, histories);
      checkReturnsAndQuotes(histories[0] as PoolHistory);
      checkChainsTold(histories[0] as PoolHistory);
      for (const type of [ALLEGEMENT, SYSTEM_EVENT, QUEUE_REPORT, DAY_REPORT])
        assert.ok(histories[0]?.told.has(type), `${type} was told through the kills`);
    } finally {
      await client.close();
      await clickHouse.stop();
    }
  });

for (const point of FIRST_POINTS)
  test(`kill -9 as a network begins: ${point}`, async (t) => {
    const folder = folderOf(t);
    const roles = ROLES.filter((role) => role !== 'metrics');
    const orders = { ...ordersIn(folder, 9), roles, until: 10, orders: 2 };
    const { how } = await live({ ...orders, crash: { point, times: 1 } }).over;
    assert.equal(how, 'SIGKILL');
    assert.deepEqual(await live(orders).over, { how: '0', stderr: '' });
    await check(folder, orders);
  });
