import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import { bankQueue } from '../../services/analysis/waits/bank-queue.ts';
import { WaitBook } from '../../services/analysis/waits/wait-book.ts';
import { readEvents } from '../../services/core/settlement/event-reader.ts';
import { EventsFollower } from '../../services/live/events-follower.ts';
import type { AnalysisStore } from '../../services/metrics/analysis-store.ts';
import type { WaitRecord } from '../../services/metrics/wait-rows.ts';
import { startWaitSnapshots } from '../../services/metrics/wait-snapshots.ts';
import { LogError } from '../../services/platform/log/log.ts';
import { Directory } from '../../services/protocol/names/handles-to-names.ts';
import { PAYMENTS, poolEvents, poolInput } from '../../services/protocol/names/topic-plan.ts';
import {
  isControl,
  readControl,
  readVerified,
} from '../../services/protocol/records/input-record.ts';
import { ALFA, BETA, bankAs, CUSTOMERS, dateOf, paymentOf } from '../faults/banks.ts';
import { readAll } from '../faults/topics-against-replay.ts';
import { atLeast } from '../support/at-least.ts';
import { memoryLog, POOL, processOver, scenario, startNetwork, until } from '../support/live.ts';

const LARGE = 9_000_000_000n;

/** What waits by bank, account and reason: from all records and events, at once. */
async function truth(log: ReturnType<typeof memoryLog>) {
  const directory = new Directory();
  const inputs = await readAll(log, poolInput(POOL));
  for (const { value } of inputs) if (isControl(value)) directory.fold(readControl(value));
  const book = new WaitBook({
    payment: (position) => {
      const { content } = readVerified(inputs[position]?.value as Uint8Array);
      return content && 'settlementDate' in content ? content : undefined;
    },
    movesToFront: () => false,
  });
  book.usualRule(true);
  const follower = new EventsFollower(POOL);
  for (const record of await readAll(log, poolEvents(POOL)))
    for (const event of readEvents(follower.take(record))) book.take(event);
  const sums = new Map<string, { count: number; value: bigint }>();
  for (const [handle, { bic }] of directory.participants.entries())
    for (const { account, kind, amountMinor } of bankQueue(
      book,
      directory,
      handle,
      null,
      1_000,
      () => '',
    ).entries) {
      const key = `${bic} ${account} ${kind}`;
      const { count, value } = sums.get(key) ?? { count: 0, value: 0n };
      sums.set(key, { count: count + 1, value: value + amountMinor });
    }
  return [...sums].map(([key, { count, value }]) => `${key} ${count} ${value}`).sort();
}

test('snapshots of what waits are the wait book’s figures, and say so when nothing waits any more', async () => {
  const log = memoryLog();
  const rows: WaitRecord[] = [];
  const tokens = new Set<string>();
  const store: AnalysisStore = {
    query: async () => [],
    async insert(table, inserted, token) {
      assert.equal(table, 'waits');
      assert.ok(!tokens.has(token), `${token} once`);
      tokens.add(token);
      rows.push(...(inserted as WaitRecord[]));
    },
  };
  const live = await startNetwork(log, { services: ['clearing', 'verifier', 'notifier'] });
  // What is looked up of a payment is not there at first.
  const founded = await log.endOffset(poolInput(POOL), 0);
  let isAway = true;
  const read: typeof log.read = async (topic, partition, from, ...rest) => {
    if (topic !== poolInput(POOL) || from < founded || !isAway)
      return log.read(topic, partition, from, ...rest);
    isAway = false;
    throw new LogError('unavailable', 'it is away');
  };
  const shared = processOver(Object.create(log, { read: { value: read } }));
  const snapshots = startWaitSnapshots(shared.context('metrics', POOL), {
    run: 'r',
    pool: POOL,
    store,
  });
  const last = () => {
    const number = rows.at(-1)?.event_number;
    return rows
      .filter(({ event_number, count }) => event_number === number && count > 0)
      .map(
        (one) => `${one.participant} ${one.currency} ${one.kind} ${one.count} ${one.value_minor}`,
      )
      .sort();
  };
  const [alfa, beta] = [bankAs(scenario, ALFA), bankAs(scenario, BETA)];
  const pay = (index: number, change: object = {}) =>
    alfa.pay(paymentOf(71, index, { amountMinor: LARGE, ...change }), CUSTOMERS, Date.now());
  const leg = {
    ...{ messageId: 'L-1', endToEndId: 'T-1', uetr: paymentOf(71, 9).uetr },
    priority: 'normal' as const,
    ...{ instructingAgent: BETA, counterparty: ALFA, delivers: 'SGD', deliversMinor: 7n },
    ...{ receives: 'EUR', receivesMinor: 5n, settlementDate: dateOf(Date.now()) },
  };
  const sent = [pay(0), pay(1, { priority: 'urgent' }), pay(2), pay(3, { currency: 'SGD' })];
  await log.produce(PAYMENTS, [...sent, beta.leg(leg, Date.now())]);
  await live.quiet();
  const expected = await truth(log);
  assert.deepEqual(
    atLeast(4, expected).map((one) => one.split(' ').slice(0, 4).join(' ')),
    [
      `${ALFA} EUR balance 1`,
      `${ALFA} EUR behind 2`,
      `${ALFA} SGD balance 1`,
      `${BETA} SGD unmatched 1`,
    ],
  );
  await until('the snapshot is there', () => isDeepStrictEqual(last(), expected));
  assert.ok(!isAway);
  const cancel = (index: number, currency: string) => {
    const { uetr } = paymentOf(71, index);
    const request = { id: `C-${index}`, sender: ALFA, uetr, currency };
    return alfa.cancel({ ...request, paymentType: 'pacs.008.001.08' }, Date.now(), LARGE);
  };
  const { uetr } = leg;
  const ofLeg = { id: 'C-9', sender: BETA, uetr, currency: 'SGD' };
  await log.produce(PAYMENTS, [
    ...[0, 1, 2].map((index) => cancel(index, 'EUR')),
    cancel(3, 'SGD'),
    beta.cancel({ ...ofLeg, paymentType: 'corridor.pvp.1' }, Date.now(), 7n),
  ]);
  await live.quiet();
  assert.deepEqual(await truth(log), []);
  await until('nothing waits', () => rows.at(-1)?.count === 0);
  assert.equal(rows.at(-1)?.participant, '');
  await snapshots.stop();
  await live.stop();
});
