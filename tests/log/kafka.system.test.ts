import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  type KafkaLogOptions,
  PACE_MS,
} from '../../services/platform/log/kafka/connection-tls-and-timeouts.ts';
import { openKafkaLog } from '../../services/platform/log/kafka/kafka.ts';
import type { Log, LogBatch } from '../../services/platform/log/log.ts';
import { freePorts } from '../support/free-ports.ts';
import {
  createForeignTopic,
  randomPrefix,
  removeTopics,
  sharedBrokers,
} from '../support/kafka-broker.ts';
import { logContract } from './log-contract.ts';

interface Request {
  readonly topics?: readonly { readonly topic: string }[];
  readonly topicData?: readonly { readonly topic: string }[];
}
const Broker = createRequire(import.meta.url)('kafkajs/src/broker') as {
  prototype: Record<'fetch' | 'produce', (request: Request) => Promise<unknown>>;
};

const brokers = await sharedBrokers();
const numberOf = (value: Uint8Array): number => Number(new TextDecoder().decode(value));

if ('skip' in brokers) it('the log contract: Kafka', { skip: brokers.skip }, () => {});
else {
  const prefixes: string[] = [];
  const logs: Log[] = [];
  after(async () => {
    // A test that fails leaves its own open, by which this process would go on.
    await Promise.all(logs.map((log) => log.close()));
    await removeTopics(brokers, prefixes);
  });
  const open = async (prefix = randomPrefix(), more: Partial<KafkaLogOptions> = {}) => {
    prefixes.push(prefix);
    const log = await openKafkaLog({ brokers, prefix, ...more });
    logs.push(log);
    return log;
  };
  // Several wait for sessions to end: side by side they wait once.
  describe('Kafka', { concurrency: true }, () => {
    describe('the Kafka log', { concurrency: true }, () => kafkaLog(brokers, open));
    logContract('Kafka', () => open());
  });
}

function kafkaLog(
  brokers: readonly string[],
  open: (prefix?: string, more?: Partial<KafkaLogOptions>) => Promise<Log>,
): void {
  it('refuses topics that forget earlier than they may, or take smaller messages', async () => {
    const prefix = randomPrefix();
    const log = await open(prefix);
    const spec = { name: 'events', partitions: 1, timestamps: 'create' } as const;
    const hour = 3_600_000;
    await log.createTopics([{ ...spec, retentionMs: hour }]);
    const [found] = await log.topics();
    assert.deepEqual(found, { ...spec, compacted: false, retentionMs: hour });
    await log.createTopics([{ ...spec, retentionMs: hour / 2 }]);
    await assert.rejects(log.createTopics([spec]), {
      kind: 'topicDiffers',
      message: /events exists with a retention of 0.042 days, not for ever: configure what exists/,
    });
    await createForeignTopic(brokers, {
      topic: `${prefix}small`,
      numPartitions: 1,
      configEntries: [
        { name: 'max.message.bytes', value: '1048588' },
        { name: 'retention.ms', value: '-1' },
      ],
    });
    await assert.rejects(log.createTopics([{ ...spec, name: 'small' }]), {
      kind: 'topicDiffers',
      message: /small exists with max.message.bytes 1048588, not 2097152/,
    });
    await log.close();
  });

  it('says why the broker makes no topic', async () => {
    const log = await open(undefined, { replicationFactor: 99 });
    await assert.rejects(
      log.createTopics([{ name: 'copied', partitions: 1, timestamps: 'create' }]),
      { kind: 'storeFailed', message: /^Kafka at .*: Replication-factor is invalid$/ },
    );
    await log.close();
  });

  it('makes topics of which others make some at the same time', async () => {
    const prefix = randomPrefix();
    const logs = await Promise.all([open(prefix), open(prefix), open(prefix), open(prefix)]);
    const spec = (name: string) => ({ name, partitions: 1, timestamps: 'create' }) as const;
    const names = Array.from({ length: 12 }, (_, at) => `topic-${at}`);
    // Each begins elsewhere, and each topic is two logs' or more.
    await Promise.all(
      logs.map(async (log, at) => {
        const own = [...names.slice(at), ...names.slice(0, at)];
        for (let from = 0; from < own.length; from += 3)
          await log.createTopics(own.slice(from, from + 3).map(spec));
      }),
    );
    for (const log of logs)
      assert.deepEqual((await log.topics()).map(({ name }) => name).sort(), [...names].sort());
    await Promise.all(logs.map((log) => log.close()));
  });

  it('asks only so often where records come all the time', async () => {
    const prefix = randomPrefix();
    const log = await open(prefix);
    await log.createTopics([{ name: 'paced', partitions: 1, timestamps: 'create' }]);
    let fetches = 0;
    const original = Broker.prototype.fetch;
    Broker.prototype.fetch = function (request) {
      if (request.topics?.some(({ topic }) => topic === `${prefix}paced`)) fetches += 1;
      return original.call(this, request);
    };
    const records = 300;
    let next = 0;
    const startedMs = Date.now();
    const read = async () => {
      while (next < records)
        for (const { logOffset } of await log.read('paced', 0, next, records, { waitMs: 500 }))
          next = logOffset + 1;
    };
    const reading = read();
    const sent: Promise<unknown>[] = [];
    for (let at = 0; at < records; at += 1) {
      const value = new TextEncoder().encode(String(at));
      sent.push(log.produce('paced', [{ key: null, value, headers: {} }]));
      await sleep(1);
    }
    await Promise.all([...sent, reading]);
    // A timer may be a millisecond early.
    assert.ok(fetches <= 3 + (Date.now() - startedMs) / (PACE_MS - 1), `${fetches} fetches`);
    await log.close();
  });

  it('sees only the topics behind its prefix', async () => {
    const [one, other] = [await open(), await open()];
    await one.createTopics([{ name: 'mine', partitions: 1, timestamps: 'create' }]);
    assert.deepEqual(await other.topics(), []);
    await assert.rejects(other.endOffset('mine', 0), { kind: 'topicUnknown' });
    await Promise.all([one.close(), other.close()]);
  });

  it('shares a group between processes: members come and go, nothing is lost or out of order', async () => {
    const prefix = randomPrefix();
    const logs = await Promise.all([open(prefix), open(prefix), open(prefix)]);
    const [producer, ...readers] = logs as [Log, Log, Log];
    await producer.createTopics([{ name: 'payments', partitions: 4, timestamps: 'append' }]);
    const seen = new Map<number, string>();
    const latest = new Map<number, number>();
    const join = (log: Log, name: string) =>
      log.subscribe({
        group: 'verifier',
        topics: ['payments'],
        maxRecords: 5,
        async handle({ topic, partition, records }: LogBatch) {
          for (const record of records) {
            const number = numberOf(record.value);
            if (seen.has(number)) continue;
            assert.ok(
              number > (latest.get(partition) ?? -1),
              `${number} after ${latest.get(partition)}`,
            );
            latest.set(partition, number);
            seen.set(number, name);
          }
          await sleep(2);
          const logOffset = records.at(-1)!.logOffset + 1;
          await log.commit('verifier', [{ topic, partition, logOffset }]);
        },
      });
    let sent = 0;
    let running = true;
    const load = (async () => {
      for (; running; await sleep(5))
        await producer.produce(
          'payments',
          Array.from({ length: 10 }, () => ({
            key: `bank-${sent % 17}`,
            value: Buffer.from(`${sent++}`),
            headers: {},
          })),
        );
    })();
    const until = async (holds: () => boolean) => {
      for (const deadline = Date.now() + 180_000; !holds(); await sleep(10))
        assert.ok(Date.now() < deadline, `${seen.size} of ${sent} seen in three minutes`);
    };
    const first = await join(readers[0], 'first');
    await until(() => seen.size > 100);
    await join(readers[1], 'second');
    await until(() => new Set(seen.values()).has('second'));
    const atLeaving = sent;
    await first.stop();
    await until(() => [...seen.keys()].some((number) => number > atLeaving + 100));
    running = false;
    await load;
    await until(() => seen.size === sent);
    for (const [number, name] of seen) if (number > atLeaving + 1_000) assert.equal(name, 'second');
    await Promise.all(logs.map((log) => log.close()));
  });

  it('takes no commit for a partition that went to another member meanwhile', async () => {
    const prefix = randomPrefix();
    const [one, two] = await Promise.all([open(prefix), open(prefix)]);
    await one.createTopics([{ name: 'payments', partitions: 2, timestamps: 'create' }]);
    const sent = Array.from({ length: 20 }, (_, at) => ({
      ...{ key: `bank-${at}`, value: Buffer.from(`${at}`), headers: {} },
    }));
    const partitions = new Set((await one.produce('payments', sent)).map((at) => at.partition));
    assert.equal(partitions.size, 2);
    const handed = new Set<number>();
    let shares = 0;
    await one.subscribe({
      ...{ group: 'verifier', topics: ['payments'] },
      handle: async ({ partition }) => void handed.add(partition),
      released() {
        handed.clear();
        shares += 1;
      },
    });
    const until = async (what: string, holds: () => boolean) => {
      for (const deadline = Date.now() + 180_000; !holds(); await sleep(10))
        assert.ok(Date.now() < deadline, `waited for ${what}`);
    };
    await until('both partitions', () => handed.size === 2);
    const before = shares;
    const others: number[] = [];
    await two.subscribe({
      ...{ group: 'verifier', topics: ['payments'] },
      handle: async ({ partition }) => void others.push(partition),
    });
    await until('its own part', () => shares > before && handed.size === 1 && others.length > 0);
    const lost = others[0] as number;
    const kept = 1 - lost;
    const place = (partition: number) => ({ topic: 'payments', partition, logOffset: 1 });
    await one.commit('verifier', [place(lost), place(kept)]);
    assert.equal(await one.committed('verifier', 'payments', lost), null);
    assert.equal(await one.committed('verifier', 'payments', kept), 1);
    await Promise.all([one.close(), two.close()]);
  });

  it('keeps its partition while a batch takes longer than a session', async () => {
    const log = await open();
    await log.createTopics([{ name: 'slow', partitions: 1, timestamps: 'create' }]);
    await log.produce('slow', [{ key: 'a', value: Buffer.from('1'), headers: {} }]);
    const handled: number[] = [];
    await new Promise<void>((resolve, reject) => {
      const member = log.subscribe({
        group: 'slow',
        topics: ['slow'],
        async handle({ topic, partition, records }) {
          await sleep(11_000);
          handled.push(...records.map(({ logOffset }) => logOffset));
          await log.commit('slow', [
            { topic, partition, logOffset: records.at(-1)!.logOffset + 1 },
          ]);
          resolve();
        },
      });
      member.then(({ stopped }) => stopped).catch(reject);
    });
    assert.equal(await log.committed('slow', 'slow', 0), 1);
    await log.close();
    assert.deepEqual(handled, [0]);
  });

  it('commits for, and joins, a group whose member was killed, however little patience it has', async () => {
    const prefix = randomPrefix();
    const first = await open(prefix);
    await first.createTopics([{ name: 'mail', partitions: 1, timestamps: 'create' }]);
    await first.produce('mail', [{ key: 'a', value: Buffer.from('1'), headers: {} }]);
    const options = { brokers, prefix, patienceMs: 3_000 };
    await killedMember(options);
    const log = await open(prefix, { patienceMs: 3_000 });
    await log.commit('readers', [{ topic: 'mail', partition: 0, logOffset: 0 }]);
    await killedMember(options);
    const [record] = await new Promise<LogBatch['records']>((resolve, reject) => {
      const handle = async ({ records }: LogBatch) => resolve(records);
      log.subscribe({ group: 'readers', topics: ['mail'], handle }).catch(reject);
    });
    assert.equal(record?.logOffset, 0);
    await Promise.all([first.close(), log.close()]);
  });

  it('says that a group is another process’s, where it commits for one that reads', async () => {
    const prefix = randomPrefix();
    const reader = await open(prefix);
    await reader.createTopics([{ name: 'mail', partitions: 1, timestamps: 'create' }]);
    await reader.subscribe({ group: 'readers', topics: ['mail'], handle: async () => {} });
    const other = await open(prefix, { patienceMs: 3_000 });
    await assert.rejects(other.commit('readers', [{ topic: 'mail', partition: 0, logOffset: 0 }]), {
      kind: 'groupInUse',
      message: /another process reads as group readers: end it/,
    });
    const closed = assert.rejects(
      other.commit('readers', [{ topic: 'mail', partition: 0, logOffset: 0 }]),
      { kind: 'closed' },
    );
    await sleep(500);
    await Promise.all([reader.close(), other.close(), closed]);
  });
}

/** A process that joins the group `readers` of the topic `mail`, and is killed. */
async function killedMember(options: object): Promise<void> {
  const script = `import { openKafkaLog } from ${JSON.stringify(import.meta.resolve('../../services/platform/log/kafka/kafka.js'))};
    const log = await openKafkaLog(${JSON.stringify({ ...options, patienceMs: 180_000 })});
    await log.subscribe({ group: 'readers', topics: ['mail'], handle: async () => {} });
    console.log('joined');`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
    timeout: 180_000,
    killSignal: 'SIGKILL',
  });
  const ended = new Promise((resolve) => child.once('close', resolve));
  await Promise.race([new Promise((resolve) => child.stdout.once('data', resolve)), ended]);
  child.kill('SIGKILL');
  await ended;
}

describe('opening the Kafka log', () => {
  const folder = mkdtempSync(join(tmpdir(), 'corridor-kafka-options-'));
  after(() => rmSync(folder, { recursive: true, force: true }));
  const empty = join(folder, 'empty');
  writeFileSync(empty, '\n');

  it('names an address at which nothing answers, in one line', async () => {
    const [port] = await freePorts(1);
    const address = `127.0.0.1:${port}`;
    await assert.rejects(openKafkaLog({ brokers: [address], openPatienceMs: 300 }), {
      kind: 'unavailable',
      message: `no Kafka answers at ${address} (Connection error: connect ECONNREFUSED ${address}): start it, correct the address, or try later`,
    });
  });

  const brokers = ['127.0.0.1:9092'];
  const sasl = { mechanism: 'plain', username: 'DEUTDEF0' } as const;
  for (const [options, message] of [
    [{ brokers: [] }, 'brokers: expected one host:port or more, not none'],
    [{ brokers: ['kafka'] }, "brokers: expected host:port, as in 127.0.0.1:9092, not 'kafka'"],
    [{ brokers, prefix: 'a b' }, /^prefix: expected .*not 'a b'$/],
    [
      { brokers, tls: { caFile: `${folder}/none` } },
      `tls.caFile: cannot read ${folder}/none (ENOENT)`,
    ],
    [{ brokers, tls: { keyFile: empty } }, /needs both certificateFile and keyFile/],
    [{ brokers, sasl: { ...sasl, passwordFile: empty } }, `sasl.passwordFile: ${empty} is empty`],
  ] as const)
    it(`names a bad option: ${message}`, () =>
      assert.rejects(openKafkaLog(options), { kind: 'optionsInvalid', message }));
});
