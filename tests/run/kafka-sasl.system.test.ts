/**
 * Banks that come to Kafka by a name and a password (SASL) over TLS: what is theirs they may do, and
 * what one tries upon another, or upon the network, is refused.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { inspect } from 'node:util';
import kafkajs, { type Admin } from 'kafkajs';
import { makeCertificates } from '../../services/platform/kafka-broker/certificates.ts';
import {
  type KafkaBroker,
  startKafkaBroker,
} from '../../services/platform/kafka-broker/start-kafka-broker.ts';
import {
  type KafkaLogOptions,
  readSettings,
} from '../../services/platform/log/kafka/connection-tls-and-timeouts.ts';
import { openKafkaLog } from '../../services/platform/log/kafka/kafka.ts';
import { setQuotas } from '../../services/platform/log/kafka/quotas.ts';
import {
  brokerOf,
  leaderOf,
  openLink,
} from '../../services/platform/log/kafka/wire/broker-retries.ts';
import { packageFolder } from '../../services/platform/service/build-info.ts';
import type { Bic } from '../../services/protocol/names/bic-and-uetr.ts';
import { topicsOf } from '../../services/protocol/names/topic-plan.ts';
import { BANK_BYTES_PER_SECOND, READ_FOR_WRITTEN } from '../../services/sandbox/kafka-rights.ts';
import { freePorts } from '../support/free-ports.ts';
import { whyNoBroker } from './kafka-access.ts';
import { quotasThere } from './kafka-quotas-there.ts';

const { Kafka, logLevel, AclOperationTypes, AclPermissionTypes } = kafkajs;
const { AclResourceTypes, ResourcePatternTypes } = kafkajs;

const [ALFA, BETA] = ['ALFADE00', 'BETASG00'] as [Bic, Bic];
const USERS = ['operator', 'verifier', ALFA, BETA];
const passwordOf = (name: string) => `of-${name}-alone`;

const missing = await whyNoBroker();
if (missing) it('banks by SASL', { skip: missing }, () => {});
else describe('banks by SASL', () => attempts());

function attempts(): void {
  const folder = mkdtempSync(join(tmpdir(), 'corridor-sasl-'));
  let broker: KafkaBroker;
  let door = '';
  const caFile = join(folder, 'certificates/kafka/ca.pem');

  before(async () => {
    await makeCertificates(join(folder, 'certificates'), ['kafka']);
    const [port = 0, controllerPort = 0, saslPort = 0] = await freePorts(3);
    door = `127.0.0.1:${saslPort}`;
    // The plain listener is the test's own, to see the broker up.
    const listeners = `PLAINTEXT://127.0.0.1:${port},NAMED://${door}`;
    broker = await startKafkaBroker({
      ...{ folder: join(folder, 'broker'), port, controllerPort, temporary: true },
      scramUsers: Object.fromEntries(USERS.map((name) => [name, passwordOf(name)])),
      properties: {
        listeners: `${listeners},CONTROLLER://127.0.0.1:${controllerPort}`,
        'advertised.listeners': listeners,
        'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,NAMED:SASL_SSL,CONTROLLER:PLAINTEXT',
        'inter.broker.listener.name': 'PLAINTEXT',
        'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
        'super.users': 'User:ANONYMOUS;User:operator',
        'ssl.keystore.type': 'PEM',
        'ssl.keystore.location': join(folder, 'certificates/kafka/both.pem'),
        'listener.name.named.ssl.client.auth': 'none',
        'listener.name.named.sasl.enabled.mechanisms': 'SCRAM-SHA-512,OAUTHBEARER',
        'listener.name.named.scram-sha-512.sasl.jaas.config':
          'org.apache.kafka.common.security.scram.ScramLoginModule required;',
        // Tokens without a signature, which Kafka takes for trials alone.
        'listener.name.named.oauthbearer.sasl.jaas.config':
          'org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule required unsecuredLoginStringClaim_sub="kafka";',
      },
    });
    const { status, stderr } = spawnSync(
      process.execPath,
      [
        join(packageFolder, 'dist/services/cli/main.js'),
        ...['found', join(packageFolder, 'scenarios/smoke.yaml'), '--acls=names'],
        ...[`--data=${join(folder, 'network')}`, `--log=kafka:${door}`],
      ],
      {
        encoding: 'utf8',
        env: {
          PATH: process.env.PATH,
          CORRIDOR_KAFKA_CA_FILE: caFile,
          CORRIDOR_KAFKA_SASL_MECHANISM: 'scram-sha-512',
          CORRIDOR_KAFKA_SASL_USERNAME: 'operator',
          CORRIDOR_KAFKA_SASL_PASSWORD_FILE: secretFile('operator', passwordOf('operator')),
        },
      },
    );
    assert.equal(status, 0, stderr);
    // As the notifier does, which does not run here.
    const operator = await openKafkaLog(optionsOf('operator'));
    await operator.createTopics([...topicsOf(ALFA), ...topicsOf(BETA)]);
    await operator.close();
  });
  after(async () => {
    await broker?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  function secretFile(name: string, secret: string): string {
    const file = join(folder, `${name}.secret`);
    writeFileSync(file, `${secret}\n`, { mode: 0o600 });
    return file;
  }

  const optionsOf = (username: string, password = passwordOf(username)): KafkaLogOptions => ({
    ...{ brokers: [door], openPatienceMs: 60_000, patienceMs: 60_000, tls: { caFile } },
    sasl: {
      ...{ mechanism: 'scram-sha-512', username },
      passwordFile: secretFile(`${username}-${password.length}`, password),
    },
  });
  const hasty = (...of: Parameters<typeof optionsOf>) => ({ ...optionsOf(...of), ...HASTY });
  const kafkaOf = (name: string) =>
    new Kafka({
      ...{ brokers: [door], logLevel: logLevel.NOTHING, retry: { retries: 0 } },
      connectionTimeout: 60_000,
      ssl: { rejectUnauthorized: false },
      sasl: { mechanism: 'scram-sha-512', username: name, password: passwordOf(name) },
    });

  it('lets a bank write payments, read what is its own and keep its place', async () => {
    const log = await openKafkaLog(optionsOf(ALFA));
    await log.produce('payments', [{ key: ALFA, value: Buffer.from('{}'), headers: {} }]);
    const operator = await openKafkaLog(optionsOf('operator'));
    for (const { name } of topicsOf(ALFA)) {
      await operator.produce(name, [{ key: 'k', value: Buffer.from('v'), headers: {} }]);
      assert.equal((await log.read(name, 0, 0, 1)).length, 1, name);
      await log.commit(`${ALFA}.own`, [{ topic: name, partition: 0, logOffset: 1 }]);
    }
    for (const { name } of topicsOf(BETA))
      await operator.produce(name, [{ key: 'k', value: Buffer.from('v'), headers: {} }]);
    await log.close();
    await operator.close();
  });

  it('takes a token (OAUTHBEARER) for the name that stands in it, from its file at each connection', async () => {
    const part = (claims: object) => Buffer.from(JSON.stringify(claims)).toString('base64url');
    const seconds = Math.floor(Date.now() / 1000);
    const claims = { sub: ALFA, iat: seconds, exp: seconds + 600 };
    const tokenFile = secretFile('token', `${part({ alg: 'none' })}.${part(claims)}.`);
    const options = {
      ...{ brokers: [door], openPatienceMs: 60_000, tls: { caFile } },
      sasl: { mechanism: 'oauthbearer', tokenFile } as const,
    };
    const log = await openKafkaLog(options);
    assert.equal((await log.read(topicsOf(ALFA)[0]!.name, 0, 0, 1)).length, 1);
    await assert.rejects(log.read(topicsOf(BETA)[0]!.name, 0, 0, 1), /not authorized/i);
    await log.close();
    writeFileSync(tokenFile, 'no token\n');
    await assert.rejects(openKafkaLog({ ...options, ...HASTY }));
  });

  it('gives each bank its quotas', async () => {
    const there = await quotasThere(broker.brokers);
    for (const bic of [ALFA, BETA])
      assert.deepEqual(there.get(bic), {
        producer_byte_rate: BANK_BYTES_PER_SECOND,
        consumer_byte_rate: READ_FOR_WRITTEN * BANK_BYTES_PER_SECOND,
        request_percentage: 50,
      });
    assert.equal(there.get('verifier'), undefined);
  });

  it('holds a bank to its quota from the first second on', async () => {
    const value = Buffer.alloc(60_000);
    const messages = Array.from({ length: 16 }, () => ({
      key: BETA,
      value,
      headers: {},
      timestamp: '0',
    }));
    // Over Kafka's usual 11 s a bank could bring more than all of this before it is held up.
    const requests = Math.floor((9 * BANK_BYTES_PER_SECOND) / (messages.length * value.length));
    const held = await heldUpAfter(optionsOf(BETA), messages, requests);
    assert.ok(held !== null, `${requests} requests of ${messages.length} messages, none held up`);
  });

  it('reads what is there although Kafka holds the reader up', async () => {
    const operator = await openKafkaLog(optionsOf('operator'));
    const value = Buffer.alloc(60_000);
    const written = [];
    for (let index = 0; index < 8; index++)
      written.push(...(await operator.produce('payments', [{ key: BETA, value, headers: {} }])));
    const quota = { principal: 'verifier', ...NO_QUOTA };
    await setQuotas(optionsOf('operator'), [{ ...quota, readBytesPerSecond: 2 * value.length }]);
    const log = await openKafkaLog(optionsOf('verifier'));
    // Backwards, so that each is fetched.
    const read: number[] = [];
    for (const { partition, logOffset } of written.reverse())
      read.push((await log.read('payments', partition, logOffset, 1)).length);
    await log.close();
    // None of them fits into this.
    await setQuotas(optionsOf('operator'), [{ ...quota, readBytesPerSecond: 1_000 }]);
    const hurried = await openKafkaLog({ ...optionsOf('verifier'), patienceMs: 1_500 });
    const [{ partition, logOffset }] = written as [(typeof written)[number]];
    await assert.rejects(hurried.read('payments', partition, logOffset, 1), {
      kind: 'unavailable',
      message: `Kafka at ${door} answers, and holds this client back, which has used up its quota: try later, ask for less, or have the quota raised`,
    });
    await hurried.close();
    await setQuotas(optionsOf('operator'), [quota]);
    await operator.close();
    assert.deepEqual(read, new Array(8).fill(1));
  });

  it('refuses what a bank tries upon another and upon the network: more than 30 attempts', async () => {
    const admin = kafkaOf(ALFA).admin();
    const producer = kafkaOf(ALFA).producer();
    const log = await openKafkaLog({ ...optionsOf(ALFA), patienceMs: HASTY.patienceMs });
    await admin.connect();
    await producer.connect();
    const commit = (group: string) => () =>
      log.commit(group, [{ topic: topicsOf(ALFA)[0]!.name, partition: 0, logOffset: 0 }]);
    const others = topicsOf(BETA).map(({ name }) => name);
    const networks = ['payments.rejected', 'commands', 'pool.main.input', 'pool.main.events'];
    const tried: [string, () => Promise<unknown>][] = [
      ...[...others, 'payments', 'telemetry', ...networks].map(
        (topic): [string, () => Promise<unknown>] => [
          `read ${topic}`,
          () => log.read(topic, 0, 0, 1),
        ],
      ),
      ...[...others, ...topicsOf(ALFA).map(({ name }) => name), 'participants', ...networks].map(
        (topic): [string, () => Promise<unknown>] => [
          `write ${topic}`,
          () => producer.send({ topic, messages: [{ key: 'k', value: 'v' }] }),
        ],
      ),
      ...[`${BETA}.own`, 'verifiers', 'gateway.one', 'notifier.main'].map(
        (group): [string, () => Promise<unknown>] => [`take the place of ${group}`, commit(group)],
      ),
      ...Object.entries(powersOf(admin, others[0] as string)),
      ['lift its quota', () => setQuotas(hasty(ALFA), [{ principal: ALFA, ...NO_QUOTA }])],
      [
        'write in transactions',
        async () => {
          const own = kafkaOf(ALFA).producer({ transactionalId: 'mine', maxInFlightRequests: 1 });
          await own.connect();
          await own.transaction().finally(() => own.disconnect());
        },
      ],
      ['come with another password', () => openKafkaLog(hasty(ALFA, 'guessed'))],
      ['come as another with its own', () => openKafkaLog(hasty(BETA, passwordOf(ALFA)))],
      ['come as the operator', () => openKafkaLog(hasty('operator', passwordOf(ALFA)))],
      ['come as nobody', () => openKafkaLog(hasty('NOBODY00', passwordOf(ALFA)))],
      ['come without a name', () => openKafkaLog({ brokers: [door], ...HASTY, tls: { caFile } })],
      ['come without TLS', () => openKafkaLog({ brokers: [door], ...HASTY })],
    ];
    const outcomes = await Promise.all(
      tried.map(async ([what, attempt]) => [what, await outcomeOf(attempt())] as const),
    );
    await admin.disconnect();
    await producer.disconnect();
    await log.close();
    assert.ok(tried.length > 30, `${tried.length} attempts`);
    assert.deepEqual(
      outcomes.filter(([, outcome]) => outcome !== 'refused'),
      [],
    );
    const left = await quotasThere(broker.brokers);
    assert.equal(left.get(ALFA)?.producer_byte_rate, BANK_BYTES_PER_SECOND);
  });
}

/** What is refused without a word is tried for so long. */
const HASTY = { openPatienceMs: 3_000, patienceMs: 5_000 };

/** How many requests in a row, each of these messages, until the broker holds a client up; null: it does not. */
async function heldUpAfter(
  options: KafkaLogOptions,
  messages: readonly object[],
  requests: number,
): Promise<number | null> {
  const link = openLink(readSettings(options));
  try {
    return await link.run(async (cluster) => {
      await cluster.addMultipleTargetTopics(['payments']);
      const leader = await brokerOf(cluster, leaderOf(cluster, 'payments', 0));
      for (let request = 1; request <= requests; request++) {
        const { clientSideThrottleTime } = (await leader.produce({
          ...{ acks: -1, timeout: 30_000, producerId: '-1', producerEpoch: -1 },
          topicData: [
            { topic: 'payments', partitions: [{ partition: 0, firstSequence: -1, messages }] },
          ],
        } as unknown as Parameters<typeof leader.produce>[0])) as {
          clientSideThrottleTime: number;
        };
        if (clientSideThrottleTime > 0) return request;
      }
      return null;
    });
  } finally {
    await link.close();
  }
}

const NO_QUOTA = { writtenBytesPerSecond: null, readBytesPerSecond: null, requestPercent: null };

/** What would be the operator's alone. */
const powersOf = (admin: Admin, topic: string): Record<string, () => Promise<unknown>> => ({
  'create a topic': () => admin.createTopics({ topics: [{ topic: 'statuses.NOBODY00' }] }),
  'delete a topic': () => admin.deleteTopics({ topics: [topic] }),
  'configure a topic': () =>
    admin.alterConfigs({
      validateOnly: false,
      resources: [{ type: 2, name: topic, configEntries: [{ name: 'retention.ms', value: '1' }] }],
    }),
  'enlarge a topic': () =>
    admin.createPartitions({ topicPartitions: [{ topic: 'payments', count: 64 }] }),
  'delete records': () =>
    admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: '-1' }] }),
  'delete a group': () => admin.deleteGroups([`${BETA}.own`]),
  'look at rights': () => admin.describeAcls({ ...ANY_RIGHT }),
  'take rights away': () =>
    admin.deleteAcls({ filters: [{ ...ANY_RIGHT, principal: `User:${BETA}` }] }),
  'give itself rights': () =>
    admin.createAcls({
      acl: [
        {
          ...{ principal: `User:${ALFA}`, host: '*', operation: AclOperationTypes.ALL },
          permissionType: AclPermissionTypes.ALLOW,
          resourceType: AclResourceTypes.TOPIC,
          resourceName: 'pool.main.input',
          resourcePatternType: ResourcePatternTypes.LITERAL,
        },
      ],
    }),
});

const ANY_RIGHT = {
  resourceType: AclResourceTypes.ANY,
  resourcePatternType: ResourcePatternTypes.ANY,
  operation: AclOperationTypes.ANY,
  permissionType: AclPermissionTypes.ANY,
};

const REFUSALS =
  /AUTHORIZATION_FAILED|not authorized|authorization failed|SASL|authentication failed|no Kafka answers|this port speaks TLS|closed connection|Connection timeout/i;

/** `ok`, `refused`, or what else went wrong, which is neither. */
const outcomeOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'ok',
    (error: unknown) => {
      const whole = inspect(error, { depth: 6 });
      return REFUSALS.test(whole) ? 'refused' : whole;
    },
  );
