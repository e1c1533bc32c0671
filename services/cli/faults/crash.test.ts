/**
 * Kill -9 at named points of every service, on one log again and again, so that what recovered is hit
 * as well. At the end everything that was sent is where it belongs, once.
 */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { connectClickHouse } from '../../platform/clickhouse/client.ts';
import { startEmbeddedClickHouse } from '../../platform/clickhouse/embedded.ts';
import { openEmbeddedLog } from '../../platform/log/embedded.ts';
import { coreModule } from '../../platform/service/core-file.ts';
import { PAYMENTS_REJECTED } from '../../protocol/topics.ts';
import { networkOf } from '../live/sandbox-folder.ts';
import { load } from '../test-run.ts';
import type { ChildOrders } from './child-orders.ts';
import { CRASH_POINTS, FIRST_POINTS } from './crash-points.ts';
import { checkPool, type PoolHistory } from './history-check.ts';
import { isGenuine, uetrOf } from './traffic.ts';

const CHILD = fileURLToPath(new URL('./live.child.js', import.meta.url));
const { verifier, clearing, notifier, metrics } = CRASH_POINTS;
/** Payments that are sent between two kills. */
const PAYMENTS_A_LIFE = 30;
const network = networkOf(load('smoke'));

function folderOf(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'corridor-faults-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Resolves with the signal or code that ended the child, and what it wrote to stderr. */
function live(orders: ChildOrders): Promise<{ how: string; stderr: string }> {
  const child = spawn(process.execPath, [CHILD, JSON.stringify(orders)], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  return new Promise((resolve) =>
    child.on('close', (code, signal) => resolve({ how: signal ?? String(code), stderr })),
  );
}

/** Points in an order, and how often each is reached before the end, that follow from the seed. */
function plan(points: readonly string[], seed: number): { point: string; times: number }[] {
  let state = seed;
  const next = (below: number) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return (state >>> 16) % below;
  };
  const rest = [...points];
  return points.map(() => ({
    point: rest.splice(next(rest.length), 1)[0] as string,
    // The rarest are reached twice in a life at least, those of metrics once.
    times: 1 + next(points === metrics ? 1 : 2),
  }));
}

/** Every payment that was sent ended or waits, under its UETR, once. */
function checkPayments(histories: readonly PoolHistory[], seed: number, count: number): void {
  for (let index = 0; index < count; index++) {
    if (!isGenuine(index)) continue;
    const uetr = uetrOf(seed, index);
    const kinds = histories.flatMap(({ outcomes }) => outcomes.get(uetr) ?? []);
    assert.ok(kinds.length > 0, `payment ${index} (${uetr}) is lost`);
    const finals = kinds.filter((kind) => kind !== 'queued');
    assert.ok(finals.length <= 1, `payment ${index} ended more than once: ${kinds}`);
  }
}

async function check(folder: string, seed: number, count: number): Promise<PoolHistory[]> {
  const log = openEmbeddedLog({ folder: join(folder, 'log') });
  try {
    const { module } = coreModule();
    const histories = await Promise.all(
      network.pools.map(({ name }) => checkPool(log, module, network.network, name)),
    );
    checkPayments(histories, seed, count);
    assert.ok((await log.endOffset(PAYMENTS_REJECTED, 0)) >= 0);
    return histories;
  } finally {
    await log.close();
  }
}

/** Each status change has one row, and each name. */
async function checkRows(folder: string, histories: readonly PoolHistory[]): Promise<void> {
  const server = await startEmbeddedClickHouse({ folder: join(folder, 'clickhouse') });
  const client = connectClickHouse(server);
  try {
    const ask = async (query: string) =>
      (await (await client.query({ query, format: 'JSONEachRow' })).json())[0];
    const kinds = ['queued', 'settled', 'rejected', 'cancelled', 'carriedOver', 'noticed'];
    const expected = histories
      .flatMap(({ events }) => events)
      .filter(({ kind, messageType }) => kinds.includes(kind) && messageType === 1).length;
    assert.deepEqual(
      await ask('SELECT count() AS rows, uniqExact(event_number) AS numbers FROM payments'),
      { rows: String(expected), numbers: String(expected) },
    );
    assert.deepEqual(await ask('SELECT count() AS rows FROM participants'), { rows: '4' });
    assert.deepEqual(await ask('SELECT count() AS rows FROM currencies'), { rows: '2' });
  } finally {
    await client.close();
    await server.stop();
  }
}

interface Round {
  readonly seed: number;
  readonly points: readonly string[];
  readonly metrics: boolean;
}

async function round(t: TestContext, { seed, points, metrics }: Round): Promise<void> {
  const folder = folderOf(t);
  const date = new Date().toISOString().slice(0, 10);
  const orders = { folder, seed, date, snapshotRecords: 20, metrics };
  let until = 0;
  for (const crash of plan(points, seed)) {
    until += PAYMENTS_A_LIFE;
    const { how, stderr } = await live({ ...orders, until, crash });
    assert.equal(how, 'SIGKILL', `at ${crash.point}: ended with ${how} ${stderr}`);
  }
  until += PAYMENTS_A_LIFE;
  const last = await live({ ...orders, until });
  assert.deepEqual(last, { how: '0', stderr: '' });
  const histories = await check(folder, seed, until);
  const repeated = histories.reduce((sum, one) => sum + one.repeatedMessages, 0);
  t.diagnostic(`${until} payments, ${points.length} kills, ${repeated} messages written twice`);
  if (metrics) await checkRows(folder, histories);
  assert.ok(existsSync(join(folder, 'snapshots')));
}

for (const seed of [1, 2, 3])
  test(`kill -9 of verifier, clearing and notifier at each point, seed ${seed}`, (t) =>
    round(t, { seed, points: [...verifier, ...clearing, ...notifier], metrics: false }));

for (const point of FIRST_POINTS)
  test(`kill -9 as a network begins: ${point}`, async (t) => {
    const folder = folderOf(t);
    const date = new Date().toISOString().slice(0, 10);
    const orders = { folder, seed: 9, date, until: 10, snapshotRecords: 20, metrics: false };
    assert.equal((await live({ ...orders, crash: { point, times: 1 } })).how, 'SIGKILL');
    assert.deepEqual(await live(orders), { how: '0', stderr: '' });
    await check(folder, 9, 10);
  });

test('kill -9 of metrics at each point: rows without gaps or doubles', (t) =>
  round(t, { seed: 4, points: metrics, metrics: true }));
