import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { EVENT_BYTES } from '../../services/core/settlement/events.ts';
import { openEmbeddedLog } from '../../services/platform/log/embedded/embedded.ts';
import { openKafkaLog } from '../../services/platform/log/kafka/kafka.ts';
import type { Log } from '../../services/platform/log/log.ts';
import { uetrFromBytes } from '../../services/protocol/names/bic-and-uetr.ts';
import { poolEvents, poolInput } from '../../services/protocol/names/topic-plan.ts';
import type { Genesis } from '../../services/protocol/records/control-record.ts';
import { readControl, writeControl } from '../../services/protocol/records/input-record.ts';
import { replayOpenLog } from '../../services/replay/replay-log.ts';
import { type FlatEvent, readFlatEvent } from '../core/flat-events.ts';
import { ALFA } from '../faults/banks.ts';
import { readAll } from '../faults/topics-against-replay.ts';
import { randomPrefix, removeTopics, sharedBrokers } from '../support/kafka-broker.ts';
import { memoryLog, POOL, send, startNetwork } from '../support/live.ts';
import { type Forgery, forgeries, modelsIn, OPERATOR_KEY } from './log-forgeries.ts';

/**
 * Somebody writes into a pool's input. The network settles it, since clearing trusts its log; a replay
 * of the log finds each such record, and nothing else.
 */
const SEED = 5;
const PAYMENTS = 60;
const brokers = await sharedBrokers();

const LOGS: readonly { name: string; skip?: string; open: () => Promise<Log>; end: () => void }[] =
  [
    (() => {
      const folder = mkdtempSync(join(tmpdir(), 'corridor-proof-'));
      return {
        name: 'embedded log',
        open: async () => openEmbeddedLog({ folder }),
        end: () => rmSync(folder, { recursive: true, force: true }),
      };
    })(),
    (() => {
      const prefix = randomPrefix();
      if ('skip' in brokers)
        return { name: 'Kafka', skip: brokers.skip, open: async () => assert.fail(), end() {} };
      return {
        name: 'Kafka',
        open: () => openKafkaLog({ brokers, prefix }),
        end: () => removeTopics(brokers, [prefix]),
      };
    })(),
  ];

const SERVICES = ['clearing', 'verifier', 'notifier'] as const;

/** Starts the network, lets it handle what there is, and ends it. */
async function runOver(log: Log, during: () => Promise<void> = async () => {}): Promise<void> {
  const live = await startNetwork(log, { operatorKey: OPERATOR_KEY, services: SERVICES });
  await during();
  await live.quiet();
  await live.stop();
}

async function eventsOf(log: Log): Promise<FlatEvent[]> {
  const messages = await readAll(log, poolEvents(POOL));
  return messages.flatMap(({ value }) =>
    Array.from({ length: value.length / EVENT_BYTES }, (_, index) => readFlatEvent(value, index)),
  );
}

/** What became of a record: the event that it caused, a settlement by its UETR. */
function effectsAt(events: readonly FlatEvent[], position: number): string[] {
  return events
    .filter((event) => event.position === position)
    .map(({ kind, id }) => (kind === 'settled' ? (uetrFromBytes(id) ?? kind) : kind));
}

for (const { name, skip, open, end } of LOGS)
  test(`what somebody wrote into a live log settles, and replay finds each of it (${name})`, {
    ...(skip !== undefined && { skip }),
  }, async () => {
    after(end);
    let log = await open();
    await runOver(log, () => send(log, SEED, 0, PAYMENTS));
    const honest = await replayOpenLog(log, name);
    assert.deepEqual(honest.faults, []);
    const [proven] = honest.pools;
    assert.equal(proven?.differs, null);
    assert.equal(
      Object.values(proven?.proven ?? {}).reduce((sum, count) => sum + count, 0),
      proven?.records,
    );
    for (const kind of ['genesis', 'founding', 'open', 'payment', 'failed authentication'])
      assert.ok((proven?.proven[kind] ?? 0) > 0, `${kind}: ${JSON.stringify(proven?.proven)}`);

    const forged = forgeries(await modelsIn(log), Date.now());
    const topic = poolInput(POOL);
    const from = await log.endOffset(topic, 0);
    await log.produce(
      topic,
      forged.map(({ value }) => ({ key: POOL, value, headers: {} })),
    );
    await log.close();
    log = await open();
    await runOver(log);
    const events = await eventsOf(log);
    for (const [index, one] of forged.entries()) {
      const effects = effectsAt(events, from + index);
      if (one.settles)
        assert.ok(effects.includes(one.settles), `${one.name}: ${effects.join(', ') || 'nothing'}`);
    }

    const found = await replayOpenLog(log, name);
    assert.equal(found.pools[0]?.differs, null, 'clearing did what its log says');
    for (const [index, one] of forged.entries()) {
      const fault = found.faults.find(({ logOffset }) => logOffset === from + index);
      const told = fault ? `${fault.kind}: ${fault.fault}` : 'nothing';
      if (one.fault) assert.match(told, one.fault, one.name);
      else assert.equal(told, 'nothing', one.name);
      if (one.fault && one.uetr) assert.equal(fault?.uetr, one.uetr, one.name);
    }
    const expected = forged.flatMap(({ fault }: Forgery, index) => (fault ? [from + index] : []));
    assert.deepEqual(
      found.faults.map(({ logOffset }) => logOffset).sort((a, b) => a - b),
      expected,
      'nothing else is accused',
    );
    assert.equal(found.pools[0]?.proven['repeated command'], 1);
    assert.equal(found.pools[0]?.proven['payment under a revoked key'], 1);
    await log.close();
  });

test('what nothing can read is named, and what lies behind it is proven all the same', async () => {
  const log = memoryLog();
  await runOver(log, () => send(log, SEED, 0, 10));
  const models = await modelsIn(log);
  const topic = poolInput(POOL);
  const from = await log.endOffset(topic, 0);
  const [, , issue] = forgeries(models, Date.now());
  const junk = [Buffer.from('{"kind":"tick"'), Buffer.alloc(500, 2), Buffer.alloc(0)];
  const values = [...junk, Buffer.from('{"kind":7}'), (issue as Forgery).value];
  await log.produce(
    topic,
    values.map((value) => ({ key: POOL, value, headers: {} })),
  );
  const { pools, faults } = await replayOpenLog(log, 'memory');
  assert.match(pools[0]?.differs ?? '', new RegExp(`cannot be replayed from offset ${from} on`));
  assert.deepEqual(
    faults.map(({ logOffset }) => logOffset).sort((a, b) => a - b),
    values.map((_, index) => from + index),
  );
  assert.match(faults.find(({ logOffset }) => logOffset === from + 4)?.fault ?? '', /no signature/);
  await log.close();
});

/** A copy of a network's log in which somebody has changed what is stored, or added to it. */
async function altered(change: (values: Uint8Array[]) => Uint8Array[]): Promise<Log> {
  const log = memoryLog();
  await runOver(log, () => send(log, SEED, 0, 10));
  const values = (await readAll(log, poolInput(POOL))).map(({ value }) => value);
  await log.close();
  const copy = memoryLog();
  await copy.createTopics(
    [poolInput(POOL), poolEvents(POOL)].map((name) => ({
      name,
      partitions: 1,
      timestamps: 'create' as const,
    })),
  );
  await copy.produce(
    poolInput(POOL),
    change(values).map((value) => ({ key: POOL, value, headers: {} })),
  );
  return copy;
}

const unsignedIssue = (timeMs: number) =>
  writeControl({ kind: 'issue', bic: ALFA, currency: 'EUR', amountMinor: '99999999900', timeMs });

test('a genesis that somebody took the operator key out of lets nobody command', async () => {
  const log = await altered(([first, ...rest]) => {
    const { operatorKey: _, ...genesis } = readControl(first as Uint8Array) as Genesis & {
      timeMs: number;
    };
    return [writeControl(genesis), ...rest, unsignedIssue(Date.now())];
  });
  const { faults, pools } = await replayOpenLog(log, 'memory');
  assert.deepEqual(
    faults.map(({ logOffset }) => logOffset),
    [0, (pools[0]?.records ?? 0) - 1],
  );
  assert.match(faults[0]?.fault ?? '', /names no operator key/);
  await log.close();
});

test('many faults hide no other kind of fault', async () => {
  const many = 250;
  const log = await altered((values) => [
    ...values,
    ...Array.from({ length: many }, () =>
      writeControl({ kind: 'close', currency: 'SGD', date: '2999-01-01', timeMs: Date.now() }),
    ),
    unsignedIssue(Date.now()),
  ]);
  const { faults, faultsCount } = await replayOpenLog(log, 'memory');
  assert.equal(faultsCount, many + 1);
  assert.ok(faults.length < many, 'not all are named');
  assert.deepEqual(
    faults.filter(({ kind }) => kind !== 'close').map(({ kind }) => kind),
    ['issue'],
  );
  await log.close();
});

test('a first record that is no genesis is refused in one line', async () => {
  for (const first of ['{"kind":"genesis"', '{"kind":"genesis","network":7}', '{"kind":"tick"}']) {
    const log = await altered(([, ...rest]) => [Buffer.from(first), ...rest]);
    await assert.rejects(replayOpenLog(log, 'memory'), {
      name: 'BadInput',
      message: '--log memory: pool main does not begin with a genesis',
    });
    await log.close();
  }
});
