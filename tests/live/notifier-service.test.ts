import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DELAY_MS } from '../../services/notifier/openings-and-late-closes-told.ts';
import { notifierGroup } from '../../services/notifier/told-again-after-a-crash.ts';
import {
  PAYMENTS,
  poolEvents,
  poolInput,
  statusesOf,
} from '../../services/protocol/names/topic-plan.ts';
import type { ControlRecord } from '../../services/protocol/records/control-record.ts';
import { writeControl } from '../../services/protocol/records/input-record.ts';
import { ALFA, bankAs, CUSTOMERS, paymentOf } from '../faults/banks.ts';
import {
  memoryLog,
  POOL,
  processOver,
  scenario,
  serviceOver,
  startNetwork,
  until,
} from '../support/live.ts';

const ROUNDS = 3;
const PAYMENTS_A_ROUND = 4;

test('a notifier remembers what it has written and no more: stopped and started, it skips and repeats nothing', async () => {
  const log = memoryLog();
  let starting = serviceOver(log, 'notifier');
  const live = await startNetwork(log, { services: ['clearing', 'verifier'] });
  const bank = bankAs(scenario, ALFA);
  const sent: string[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const notifier = await starting;
    const messages = Array.from({ length: PAYMENTS_A_ROUND }, (_, at) =>
      bank.pay(paymentOf(61, round * PAYMENTS_A_ROUND + at), CUSTOMERS, Date.now()),
    );
    sent.push(...messages.map(({ headers }) => headers.ce_id as string));
    await log.produce(PAYMENTS, messages);
    await until('every payment has a status', async () => {
      const told = new Set((await statuses()).map(({ key }) => key));
      return sent.every((uetr) => told.has(uetr));
    });
    await notifier.stop();
    const remembered = await log.committed(notifierGroup(POOL), poolEvents(POOL), 0);
    const end = await log.endOffset(poolEvents(POOL), 0);
    assert.ok(
      remembered !== null && remembered > 0 && remembered <= end,
      `${remembered} of ${end}`,
    );
    starting = serviceOver(log, 'notifier');
  }
  await (await starting).stop();
  await live.stop();
  const ids = (await statuses()).map(({ headers }) => headers.ce_id);
  assert.equal(new Set(ids).size, ids.length, 'each is written once');

  async function statuses() {
    return log.read(statusesOf(ALFA), 0, 0, 1_000);
  }
});

test('a notifier counts the closes that are late until they come', async () => {
  const log = memoryLog();
  const shared = processOver(log);
  const live = await startNetwork(log, { shared, services: ['clearing', 'verifier', 'notifier'] });
  const timeMs = Date.now();
  const give = (...records: ControlRecord[]) =>
    log.produce(
      poolInput(POOL),
      records.map((record) => ({ key: POOL, value: writeControl(record), headers: {} })),
    );
  const isLate = (count: number) => async () =>
    new RegExp(`^corridor_late_closes\\{.*\\} ${count}$`, 'm').test(
      await shared.registry.metrics(),
    );
  await until('none is late', isLate(0));
  const today = new Date(timeMs).toISOString().slice(0, 10);
  const next = { currency: 'EUR', date: '2090-01-01', timeMs };
  await give(
    { kind: 'close', currency: 'EUR', date: today, timeMs },
    { kind: 'open', ...next, closesAtMs: timeMs - DELAY_MS },
  );
  await until('one is late', isLate(1));
  await give({ kind: 'close', ...next });
  await until('none is late any more', isLate(0));
  await live.stop();
});
