/**
 * A broker that stops, is killed and hangs under load. What was acknowledged is there once, in order,
 * and read by who subscribed; what was not may be there, but never behind what came later.
 */
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { after, afterEach, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { KafkaBroker } from '../../services/platform/kafka-broker/start-kafka-broker.ts';
import { openKafkaLog } from '../../services/platform/log/kafka/kafka.ts';
import type { Log, LogBatch, LogError } from '../../services/platform/log/log.ts';
import { randomPrefix, startOwnBroker } from '../support/kafka-broker.ts';
import { readAll } from './log-contract.ts';

const load = createRequire(import.meta.url);
const { prototype: ServerRequests } = load('kafkajs/src/broker') as {
  prototype: { metadata(...request: unknown[]): Promise<unknown> };
};
const { KafkaJSRequestTimeoutError } = load('kafkajs/src/errors');

const PARTITIONS = 3;
const KEYS = ['DEUTDEF0', 'BKKBTHB0', 'ICBKCNB0', 'DBSSSGS0', 'SCBLSGS0', 'BOFAUS30'];

const numbered = (number: number) => ({
  key: KEYS[number % KEYS.length] as string,
  value: Buffer.from(String(number)),
  headers: {},
});
const numberOf = (value: Uint8Array): number => Number(new TextDecoder().decode(value));

/** Produces numbered messages, a few at a time, until it is stopped; all must be acknowledged. */
function startLoad(log: Log) {
  let running = true;
  let sent = 0;
  const done = (async () => {
    while (running) {
      const batch = Array.from({ length: 20 }, () => numbered(sent++));
      await log.produce('payments', batch);
      await sleep(2);
    }
  })();
  return {
    get sent() {
      return sent;
    },
    async stop() {
      running = false;
      await done;
    },
  };
}

/** Reads as a member of a group that commits after each batch; what is handled twice counts once. */
function startReading(log: Log) {
  const seen = new Set<number>();
  const orders = Array.from({ length: PARTITIONS }, () => [] as number[]);
  const member = log.subscribe({
    group: 'verifier',
    topics: ['payments'],
    async handle({ topic, partition, records }: LogBatch) {
      for (const record of records) {
        const number = numberOf(record.value);
        if (seen.has(number)) continue;
        seen.add(number);
        orders[partition]?.push(number);
      }
      await log.commit('verifier', [
        { topic, partition, logOffset: records.at(-1)!.logOffset + 1 },
      ]);
    },
  });
  return { seen, orders, member };
}

/** What a log with little patience gives, however slow the broker is while nothing is wrong with it. */
async function patient<T>(work: () => Promise<T>): Promise<T> {
  for (const deadline = Date.now() + 60_000; ; )
    try {
      return await work();
    } catch (error) {
      if ((error as LogError).kind !== 'unavailable' || Date.now() > deadline) throw error;
    }
}

/** Resolves once the condition holds; fails after a time that no fault here should need. */
async function eventually(what: string, holds: () => boolean): Promise<void> {
  for (const deadline = Date.now() + 180_000; !holds(); await sleep(20))
    assert.ok(Date.now() < deadline, `${what}: not within three minutes`);
}

async function checkNothingLost(log: Log, sent: number, reading: ReturnType<typeof startReading>) {
  await eventually(`${sent} read`, () => reading.seen.size === sent);
  for (const order of reading.orders)
    assert.deepEqual(
      order,
      order.toSorted((a, b) => a - b),
    );
  let stored = 0;
  for (let partition = 0; partition < PARTITIONS; partition++) {
    const numbers = (await readAll(log, 'payments', partition)).map(({ value }) => numberOf(value));
    assert.deepEqual(
      numbers,
      [...new Set(numbers)].sort((a, b) => a - b),
      'once, in order',
    );
    stored += numbers.length;
  }
  assert.equal(stored, sent);
}

const broker = await startOwnBroker();
if ('skip' in broker) it('Kafka that stops and hangs', { skip: broker.skip }, () => {});
else describe('Kafka that stops and hangs', () => faults(broker));

function faults(kafka: KafkaBroker): void {
  const logs: Log[] = [];
  const open = async (patienceMs?: number, prefix = randomPrefix()) => {
    const log = await openKafkaLog({
      brokers: [kafka.brokers],
      prefix,
      ...(patienceMs === undefined ? {} : { patienceMs }),
    });
    logs.push(log);
    const spec = { name: 'payments', partitions: PARTITIONS, timestamps: 'append' } as const;
    await patient(() => log.createTopics([spec]));
    return log;
  };
  afterEach(() => kafka.resume());
  after(async () => {
    await Promise.all(logs.map((log) => log.close()));
    await kafka.kill();
  });

  const disturbances: [string, () => Promise<void>][] = [
    [
      'stopped for two seconds',
      async () => {
        await kafka.stop();
        await sleep(2_000);
        await kafka.start();
      },
    ],
    [
      'killed',
      async () => {
        await kafka.kill();
        await kafka.start();
      },
    ],
    [
      'paused for three seconds',
      async () => {
        await kafka.pause();
        await sleep(3_000);
        kafka.resume();
      },
    ],
    [
      'paused for longer than requests and sessions last',
      async () => {
        await kafka.pause();
        await sleep(12_000);
        kafka.resume();
      },
    ],
  ];
  for (const [name, disturb] of disturbances)
    it(`loses nothing when it is ${name} under load`, async () => {
      const log = await open();
      const reading = startReading(log);
      await reading.member;
      const load = startLoad(log);
      await eventually('load before', () => reading.seen.size > 500);
      await disturb();
      const atReturn = load.sent;
      await eventually('load after', () => reading.seen.size > atReturn + 500);
      await load.stop();
      await checkNothingLost(log, load.sent, reading);
      await (await reading.member).stop();
    });

  it('fails within the patience while it is away, and goes on afterwards', async () => {
    const log = await open(1_500);
    await patient(() => log.produce('payments', [numbered(0)]));
    await kafka.stop();
    const away = {
      kind: 'unavailable',
      message: /^no Kafka answers at 127.0.0.1:\d+ \(.*try later$/,
    };
    await assert.rejects(log.produce('payments', [numbered(1)]), away);
    await assert.rejects(log.endOffset('payments', 0), away);
    await assert.rejects(log.read('payments', 0, 0, 10), away);
    await assert.rejects(
      log.commit('verifier', [{ topic: 'payments', partition: 0, logOffset: 0 }]),
      away,
    );
    await kafka.start();
    await patient(() => log.produce('payments', [numbered(2)]));
    const there: number[] = [];
    for (let partition = 0; partition < PARTITIONS; partition++)
      there.push(
        ...(await patient(() => readAll(log, 'payments', partition))).map(({ value }) =>
          numberOf(value),
        ),
      );
    assert.ok(there.includes(0) && there.includes(2), `${there}`);
    assert.ok(!there.includes(1), 'what was refused while nothing answered is not there');
  });

  it('lets nothing that was given up come behind what was acknowledged later', async () => {
    const log = await open(1_500);
    await patient(() => log.produce('payments', [numbered(0)]));
    for (const round of [1, 2, 3]) {
      await kafka.pause();
      const late = numbered(round * 600);
      await assert.rejects(log.produce('payments', [late]), { kind: 'unavailable' });
      kafka.resume();
      const [placed] = await patient(() => log.produce('payments', [numbered(round * 600 + 6)]));
      await sleep(300);
      const { partition, logOffset } = placed ?? assert.fail();
      const records = await patient(() => readAll(log, 'payments', partition));
      assert.equal(records.at(-1)?.logOffset, logOffset);
      const numbers = records.map(({ value }) => numberOf(value));
      assert.deepEqual(
        numbers,
        numbers.toSorted((a, b) => a - b),
      );
    }
  });

  for (const failing of [1, 2, 3, 4])
    it(`lists its topics where request ${failing} of those that this takes goes without an answer`, async () => {
      const log = await open();
      const original = ServerRequests.metadata;
      let asked = 0;
      ServerRequests.metadata = function (...request) {
        asked += 1;
        if (asked !== failing) return original.apply(this, request);
        return Promise.reject(new KafkaJSRequestTimeoutError('no answer'));
      };
      try {
        assert.deepEqual(
          (await log.topics()).map(({ name }) => name),
          ['payments'],
        );
      } finally {
        ServerRequests.metadata = original;
      }
      assert.ok(asked > failing, `${asked} asked`);
    });

  it('closes while it is away', async () => {
    const log = await open();
    const reading = startReading(log);
    await reading.member;
    await kafka.pause();
    const refused = assert.rejects(log.produce('payments', [numbered(0)]), { kind: 'closed' });
    await log.close();
    await refused;
    kafka.resume();
  });
}
