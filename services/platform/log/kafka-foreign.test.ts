/**
 * What producers write that are not Corridor's: whoever may write a topic must not be able to stop
 * its readers.
 */
import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { Kafka, logLevel } from 'kafkajs';
import { randomPrefix, removeTopics, sharedBrokers } from '../kafka-broker/for-tests.ts';
import { type ForeignBatch, sendAsForeigner } from '../kafka-broker/foreign-producer.ts';
import { openKafkaLog } from './kafka.ts';
import { brokerOf, leaderOf, openLink } from './kafka-link.ts';
import { readSettings } from './kafka-options.ts';
import { readAll } from './log.contract.ts';
import type { Log, LogRecord } from './log.ts';

const brokers = await sharedBrokers();

const TOPIC = { name: 'payments', partitions: 1, timestamps: 'append' } as const;
const DAY_MS = 86_400_000;

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

  async function withAdmin<T>(work: (admin: ReturnType<Kafka['admin']>) => Promise<T>): Promise<T> {
    const admin = new Kafka({ brokers: [...brokers], logLevel: logLevel.NOTHING }).admin();
    await admin.connect();
    try {
      return await work(admin);
    } finally {
      await admin.disconnect();
    }
  }

  const configOf = (topic: string) =>
    withAdmin(async (admin) => {
      const { resources } = await admin.describeConfigs({
        includeSynonyms: false,
        resources: [{ type: 2, name: topic }],
      });
      const entries = resources[0]?.configEntries ?? [];
      return Object.fromEntries(
        entries.map(({ configName, configValue }) => [configName, configValue]),
      );
    });

  for (const codec of ['gzip', 'lz4'] as const)
    it(`reads what was compressed by ${codec}`, async () => {
      const { log, send, end } = await open();
      await log.createTopics([TOPIC]);
      assert.equal(await send([of('one'), of('two')], codec), 'ok');
      await end();
      assert.deepEqual(textsOf(await readAll(log, TOPIC.name, 0)), ['one', 'two', 'end']);
      assert.deepEqual(textsOf(await handed(log, 'readers')), ['one', 'two', 'end']);
      await log.close();
    });

  const bombs: [string, ForeignBatch['messages']][] = [
    ['one message', [{ key: null, zeros: 64 * 1_048_576 }]],
    ['many messages', [{ key: null, zeros: 1_000_000, times: 50 }]],
  ];
  for (const [what, messages] of bombs)
    it(`takes no bomb of ${what}`, async () => {
      const { log, send, end } = await open();
      await log.createTopics([TOPIC]);
      assert.match(await send(messages, 'gzip'), /^(MESSAGE_TOO_LARGE|INVALID_RECORD)$/);
      await end();
      assert.deepEqual(textsOf(await readAll(log, TOPIC.name, 0)), ['end']);
      await log.close();
    });

  it('configures a topic that stores what is compressed, and leaves its other settings', async () => {
    const { log, topic, send } = await open();
    await withAdmin((admin) =>
      admin.createTopics({
        topics: [
          {
            topic,
            numPartitions: 1,
            configEntries: [
              { name: 'message.timestamp.type', value: 'LogAppendTime' },
              { name: 'retention.ms', value: String(40 * DAY_MS) },
              { name: 'max.message.bytes', value: String(3 * 1_048_576) },
              { name: 'segment.ms', value: '123456789' },
            ],
          },
        ],
      }),
    );
    const spec = { ...TOPIC, retentionMs: 30 * DAY_MS };
    assert.deepEqual(await log.missingTopics([spec]), []);
    assert.equal((await configOf(topic))['compression.type'], 'producer', 'a look changes nothing');
    await log.createTopics([spec]);
    const config = await configOf(topic);
    assert.equal(config['compression.type'], 'uncompressed');
    assert.equal(config['max.decompressed.message.bytes'], '2097152');
    assert.equal(config['message.timestamp.type'], 'LogAppendTime');
    assert.equal(config['retention.ms'], String(40 * DAY_MS));
    assert.equal(config['max.message.bytes'], String(3 * 1_048_576));
    assert.equal(config['segment.ms'], '123456789');
    assert.equal(await send([of('one')], 'lz4'), 'ok');
    assert.deepEqual(textsOf(await readAll(log, TOPIC.name, 0)), ['one']);
    await log.close();
  });

  it('says what cannot be read and where, and passes it over only for who asks for it', async () => {
    const { log, topic, send, end } = await open();
    await log.createTopics([TOPIC]);
    await withAdmin((admin) =>
      admin.alterConfigs({
        validateOnly: false,
        resources: [
          {
            type: 2,
            name: topic,
            configEntries: [{ name: 'compression.type', value: 'producer' }],
          },
        ],
      }),
    );
    assert.equal(await send([of('before')]), 'ok');
    assert.equal(await send([of('one'), of('two'), of('three')], 'lz4'), 'ok');
    assert.equal(await send([{ key: null, zeros: 64 * 1_048_576 }], 'gzip'), 'ok');
    await end();
    const refused = {
      kind: 'unreadable',
      message:
        /^topic payments partition 0 cannot be read at offset 3: 3 records from offset 1 on are compressed by lz4, .*before offset 4 \(kafka-delete-records\.sh\)$/,
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
          [3, '3 records from offset 1 on are compressed by lz4'],
          [4, '1 records from offset 4 on are compressed by gzip'],
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
