/**
 * What producers write that are not Corridor's: whoever may write a topic must not be able to stop
 * its readers.
 */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, describe, it } from 'node:test';
import { Kafka, logLevel } from 'kafkajs';
import { readSettings } from '../../services/platform/log/kafka/connection-tls-and-timeouts.ts';
import { openKafkaLog } from '../../services/platform/log/kafka/kafka.ts';
import {
  brokerOf,
  leaderOf,
  openLink,
} from '../../services/platform/log/kafka/wire/broker-retries.ts';
import type { Log, LogRecord } from '../../services/platform/log/log.ts';
import { type ForeignBatch, sendAsForeigner } from '../support/foreign-producer.ts';
import {
  createForeignTopic,
  randomPrefix,
  removeTopics,
  sharedBrokers,
  withAdmin,
} from '../support/kafka-broker.ts';
import { until } from '../support/live.ts';
import { readAll } from './log-contract.ts';

const brokers = await sharedBrokers();

const TOPIC = { name: 'payments', partitions: 1, timestamps: 'append' } as const;
const DAY_MS = 86_400_000;

/** What does not compress. */
const SIGNATURE = randomBytes(64).toString('base64');

const of = (text: string) => ({ key: 'ALFADE00', value: Buffer.from(text).toString('base64') });
const textsOf = (records: readonly LogRecord[]) =>
  records.map(({ value }) => Buffer.from(value).toString());

/** What a new member of a group is handed until a record says `end`. */
async function handed(log: Log, group: string, handsUnreadable = false): Promise<LogRecord[]> {
  const records: LogRecord[] = [];
  let over = () => {};
  const isOver = new Promise<void>((resolve) => {
    over = resolve;
  });
  const member = await log.subscribe({
    group,
    topics: [TOPIC.name],
    handsUnreadable,
    handle: async (batch) => {
      records.push(...batch.records);
      if (textsOf(batch.records).includes('end')) over();
    },
  });
  await Promise.race([isOver, member.stopped]);
  await member.stop();
  return records;
}

/** Empty messages as one batch, for which kafkajs' producer would need minutes. */
async function sendEmpty(brokers: readonly string[], topic: string, count: number): Promise<void> {
  const link = openLink(readSettings({ brokers }));
  const value = Buffer.alloc(0);
  const messages = Array.from({ length: count }, () => ({ key: null, value, headers: {} }));
  await link.run(async (cluster) => {
    await cluster.addMultipleTargetTopics([topic]);
    const broker = await brokerOf(cluster, leaderOf(cluster, topic, 0));
    await broker.produce({
      acks: -1,
      timeout: 10_000,
      producerId: -1,
      producerEpoch: -1,
      topicData: [{ topic, partitions: [{ partition: 0, firstSequence: -1, messages }] }],
    });
  });
  await link.close();
}

function foreigners(brokers: readonly string[]): void {
  const prefixes: string[] = [];
  after(() => removeTopics(brokers, prefixes));

  async function open() {
    const prefix = randomPrefix();
    prefixes.push(prefix);
    const log = await openKafkaLog({ brokers, prefix });
    const topic = prefix + TOPIC.name;
    const send = (messages: ForeignBatch['messages'], codec: ForeignBatch['codec'] = 'none') =>
      sendAsForeigner({ brokers, topic, codec, messages });
    const end = () =>
      log.produce(TOPIC.name, [{ key: null, value: Buffer.from('end'), headers: {} }]);
    return { log, topic, send, end };
  }

  const configOf = (topic: string) =>
    withAdmin(brokers, async (admin) => {
      const { resources } = await admin.describeConfigs({
        includeSynonyms: false,
        resources: [{ type: 2, name: topic }],
      });
      const entries = resources[0]?.configEntries ?? [];
      return Object.fromEntries(
        entries.map(({ configName, configValue }) => [configName, configValue]),
      );
    });

  it('reads what was compressed by gzip', async () => {
    const { log, send, end } = await open();
    await log.createTopics([TOPIC]);
    const headers = { a: 'b' };
    const other = { key: null, value: SIGNATURE };
    assert.equal(await send([of('one'), { ...of('two'), headers }, other], 'gzip'), 'ok');
    await end();
    for (const records of [await readAll(log, TOPIC.name, 0), await handed(log, 'readers')]) {
      assert.deepEqual(textsOf(records.toSpliced(2, 1)), ['one', 'two', 'end']);
      assert.equal(Buffer.from(records[2]?.value ?? []).toString('base64'), SIGNATURE);
      assert.deepEqual(
        records.toSpliced(2, 1).map(({ logOffset, key, headers }) => [logOffset, key, headers]),
        [
          [0, 'ALFADE00', {}],
          [1, 'ALFADE00', { a: 'b' }],
          [3, null, {}],
        ],
      );
    }
    await log.close();
  });

  const bombs: [string, ForeignBatch['messages'], string][] = [
    ['one message', [{ key: null, zeros: 64 * 1_048_576 }], 'unfold to more than 2097152 bytes'],
    [
      'many messages',
      [{ key: null, zeros: 1_000_000, times: 50 }],
      'unfold to more than 2097152 bytes',
    ],
    [
      'many messages that are nothing',
      [{ key: null, zeros: 0, times: 100 }],
      'are compressed to less than 32 bytes each: nothing signed is',
    ],
  ];
  for (const [what, messages, reason] of bombs)
    it(`does not unfold a bomb of ${what}`, async () => {
      const { log, send, end } = await open();
      await log.createTopics([TOPIC]);
      assert.equal(await send(messages, 'gzip'), 'ok');
      await end();
      const count = messages.reduce((sum, { times = 1 }) => sum + times, 0);
      const records = await handed(log, 'readers', true);
      assert.deepEqual(
        records.map(({ unreadable }) => unreadable),
        [`${count} records from offset 0 on ${reason}`, undefined],
      );
      await log.close();
    });

  it('configures a topic that unfolds what is compressed, and leaves its other settings', async () => {
    const { log, topic, send } = await open();
    await createForeignTopic(brokers, {
      topic,
      numPartitions: 1,
      configEntries: [
        { name: 'message.timestamp.type', value: 'LogAppendTime' },
        { name: 'retention.ms', value: String(40 * DAY_MS) },
        { name: 'max.message.bytes', value: String(3 * 1_048_576) },
        { name: 'segment.ms', value: '123456789' },
        { name: 'compression.type', value: 'uncompressed' },
      ],
    });
    const spec = { ...TOPIC, retentionMs: 30 * DAY_MS };
    assert.deepEqual(await log.missingTopics([spec]), []);
    const before = (await configOf(topic))['compression.type'];
    assert.equal(before, 'uncompressed', 'a look changes nothing');
    await log.createTopics([spec]);
    // A broker tells of a change a little after it has answered that it is made.
    let config = await configOf(topic);
    await until('the topic is configured', async () => {
      config = await configOf(topic);
      return config['compression.type'] === 'producer';
    });
    assert.equal(config['message.timestamp.type'], 'LogAppendTime');
    assert.equal(config['retention.ms'], String(40 * DAY_MS));
    assert.equal(config['max.message.bytes'], String(3 * 1_048_576));
    assert.equal(config['segment.ms'], '123456789');
    assert.equal(await send([of('one')], 'gzip'), 'ok');
    assert.deepEqual(textsOf(await readAll(log, TOPIC.name, 0)), ['one']);
    await log.close();
  });

  it('writes what has no value as Kafka does, so that a compacted topic forgets its key', async () => {
    const { log, topic } = await open();
    await log.createTopics([{ ...TOPIC, timestamps: 'create', compacted: true }]);
    const keyed = (text: string) => ({ key: 'k', value: Buffer.from(text), headers: {} });
    await log.produce(TOPIC.name, [keyed('there'), keyed('')]);
    const consumer = new Kafka({ brokers: [...brokers], logLevel: logLevel.NOTHING }).consumer({
      groupId: topic,
    });
    await consumer.connect();
    await consumer.subscribe({ topic, fromBeginning: true });
    const values: (string | null)[] = [];
    await new Promise<void>((resolve) => {
      const eachMessage = async ({ message }: { message: { value: Buffer | null } }) => {
        values.push(message.value === null ? null : message.value.toString());
        if (values.length === 2) resolve();
      };
      void consumer.run({ eachMessage });
    });
    await consumer.disconnect();
    assert.deepEqual(values, ['there', null]);
    assert.deepEqual(textsOf(await readAll(log, TOPIC.name, 0)), ['there', '']);
    await log.close();
  });

  it('says what cannot be read and where, and passes it over only for who asks for it', async () => {
    const { log, send, end } = await open();
    await log.createTopics([TOPIC]);
    assert.equal(await send([of('before')]), 'ok');
    assert.equal(await send([of('one'), of('two'), of('three')], 'lz4'), 'ok');
    assert.equal(await send([{ key: null, zeros: 64 * 1_048_576 }], 'gzip'), 'ok');
    await end();
    const refused = {
      kind: 'unreadable',
      message:
        /^topic payments partition 0 cannot be read at offset 3: 3 records from offset 1 on are compressed by lz4; expected .*before offset 4 \(kafka-delete-records\.sh\)$/,
    };
    assert.deepEqual(textsOf(await log.read(TOPIC.name, 0, 0, 10)), ['before']);
    await assert.rejects(log.read(TOPIC.name, 0, 1, 10), refused);
    await assert.rejects(log.read(TOPIC.name, 0, 2, 10), refused);
    await assert.rejects(handed(log, 'strict'), refused);
    const all = await log.read(TOPIC.name, 0, 0, 10, { handsUnreadable: true });
    for (const records of [all, await handed(log, 'lenient', true)])
      assert.deepEqual(
        records.map(({ logOffset, unreadable = '' }) => [logOffset, unreadable]),
        [
          [0, ''],
          [
            3,
            '3 records from offset 1 on are compressed by lz4; expected uncompressed records, or by gzip',
          ],
          [4, '1 records from offset 4 on unfold to more than 2097152 bytes'],
          [5, ''],
        ],
      );
    await log.close();
  });

  const heads = Object.fromEntries(
    Array.from({ length: 100_000 }, (_, index) => [`h${index}`, '']),
  );
  const odd: [string, ForeignBatch['messages'], (records: LogRecord[]) => void][] = [
    [
      'headers without a value',
      [{ ...of('one'), headers: { ce_id: null, other: 'there' } }],
      ([record]) => assert.deepEqual(record?.headers, { ce_id: '', other: 'there' }),
    ],
    [
      'a header named __proto__',
      [{ ...of('one'), headers: JSON.parse('{"__proto__":"x","other":"there"}') }],
      ([record]) => assert.deepEqual({ ...record?.headers }, { other: 'there' }),
    ],
    [
      '100,000 headers',
      [{ ...of('one'), headers: heads }],
      ([record]) => assert.equal(Object.keys(record?.headers ?? {}).length, 100_000),
    ],
  ];
  for (const [what, messages, check] of odd)
    it(`reads ${what}`, { timeout: 120_000 }, async () => {
      const { log, send, end } = await open();
      await log.createTopics([TOPIC]);
      assert.equal(await send(messages), 'ok');
      await end();
      check(await readAll(log, TOPIC.name, 0));
      check(await handed(log, 'readers'));
      await log.close();
    });

  it('reads 200,000 messages in a batch', async () => {
    const { log, topic, end } = await open();
    await log.createTopics([TOPIC]);
    await sendEmpty(brokers, topic, 200_000);
    await end();
    assert.equal((await readAll(log, TOPIC.name, 0)).length, 200_001);
    assert.equal((await handed(log, 'readers')).length, 200_001);
    await log.close();
  });
}

if ('skip' in brokers) it('producers that are not Corridor’s', { skip: brokers.skip }, () => {});
else describe('producers that are not Corridor’s', () => foreigners(brokers));
