/**
 * Who may do what on Kafka, in every profile, on a real broker: each principal tries everything with
 * kafkajs as it comes, and the outcome is held against the tables below, which are no code's.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { inspect } from 'node:util';
import kafkajs, { type Admin } from 'kafkajs';
import { createSigner } from '../../services/core/verification/signing.ts';
import { certificateOf } from '../../services/platform/kafka-broker/certificates.ts';
import { setGrants } from '../../services/platform/log/kafka/acls.ts';
import { readSettings } from '../../services/platform/log/kafka/connection-tls-and-timeouts.ts';
import { openKafkaLog } from '../../services/platform/log/kafka/kafka.ts';
import {
  brokerOf,
  leaderOf,
  openLink,
  type WholeBroker,
} from '../../services/platform/log/kafka/wire/broker-retries.ts';
import type { Log } from '../../services/platform/log/log.ts';
import type { Bic } from '../../services/protocol/names/bic-and-uetr.ts';
import { topicsOf } from '../../services/protocol/names/topic-plan.ts';
import { participantMessage } from '../../services/protocol/records/participant-message.ts';
import {
  found,
  PROFILES,
  type Profile,
  type ProfileBroker,
  startProfile,
  tlsOf,
  whyNoBroker,
} from './kafka-access.ts';

const { Kafka, logLevel, AclOperationTypes, AclPermissionTypes } = kafkajs;
const { AclResourceTypes, ResourcePatternTypes } = kafkajs;

/** GAMA has joined since the founding. */
const [ALFA, BETA, GAMA] = ['ALFADE00', 'BETASG00', 'GAMAUS00'] as [Bic, Bic, Bic];
const SERVICES = ['verifier', 'clearing', 'notifier', 'metrics', 'gateway', 'synchronisation'];
const banks = [ALFA, BETA, GAMA];

/** By topic: who writes it and who reads it. `banks`: each of them; `<BIC>`: this one alone. */
const RIGHTS: Record<string, { writes: string[]; reads: string[] }> = {
  payments: { writes: ['banks', 'gateway', 'synchronisation'], reads: ['verifier'] },
  'payments.rejected': { writes: ['verifier'], reads: [] },
  participants: { writes: ['notifier'], reads: ['banks', 'verifier', 'gateway'] },
  commands: { writes: ['notifier'], reads: ['metrics', 'gateway'] },
  cases: { writes: ['metrics', 'gateway'], reads: ['metrics', 'gateway'] },
  telemetry: { writes: SERVICES, reads: ['metrics'] },
  blocks: { writes: ['notifier'], reads: ['banks', 'notifier', 'auditor'] },
  cosignatures: {
    writes: ['banks', 'gateway', 'auditor'],
    reads: ['banks', 'notifier', 'gateway'],
  },
  'pool.main.input': { writes: ['verifier', 'gateway'], reads: [...SERVICES, 'auditor'] },
  'pool.main.events': {
    writes: ['clearing'],
    reads: ['clearing', 'notifier', 'metrics', 'gateway', 'synchronisation', 'auditor'],
  },
  [`statuses.${ALFA}`]: { writes: ['notifier'], reads: ['gateway', ALFA] },
  [`deliveries.${ALFA}`]: { writes: ['notifier'], reads: ['gateway', ALFA] },
  [`statuses.${BETA}`]: { writes: ['notifier'], reads: ['gateway', BETA] },
  [`statuses.${GAMA}`]: { writes: ['notifier'], reads: ['gateway', GAMA] },
};
const TOPICS = Object.keys(RIGHTS);
/** Whose consumer group it is. */
const GROUPS: Record<string, string[]> = {
  verifiers: ['verifier'],
  'notifier.main': ['notifier'],
  'gateway.one': ['gateway'],
  [`${ALFA}.reader`]: [ALFA],
};
/** What nobody but the operator does. */
const POWERS: Record<string, (admin: Admin) => Promise<unknown>> = {
  'create a topic': (admin) => admin.createTopics({ topics: [{ topic: 'pool.other.input' }] }),
  'delete a topic': (admin) => admin.deleteTopics({ topics: ['pool.main.input'] }),
  'configure a topic': (admin) =>
    admin.alterConfigs({
      validateOnly: false,
      resources: [
        { type: 2, name: 'payments', configEntries: [{ name: 'retention.ms', value: '1' }] },
      ],
    }),
  'delete records': (admin) =>
    admin.deleteTopicRecords({ topic: 'payments', partitions: [{ partition: 0, offset: '-1' }] }),
  'give itself rights': (admin) =>
    admin.createAcls({
      acl: [
        {
          principal: 'User:ANONYMOUS',
          host: '*',
          operation: AclOperationTypes.ALL,
          permissionType: AclPermissionTypes.ALLOW,
          resourceType: AclResourceTypes.TOPIC,
          resourceName: 'pool.main.input',
          resourcePatternType: ResourcePatternTypes.LITERAL,
        },
      ],
    }),
};

type GroupFinder = WholeBroker & {
  findGroupCoordinator(request: { groupId: string; coordinatorType: number }): Promise<unknown>;
};

const missing = await whyNoBroker();
for (const profile of PROFILES)
  if (missing) it(`rights on Kafka: ${profile}`, { skip: missing }, () => {});
  else describe(`rights on Kafka: ${profile}`, () => rightsOf(profile));

function rightsOf(profile: Profile): void {
  const folder = mkdtempSync(join(tmpdir(), 'corridor-access-'));
  const logs = new Map<string, Promise<Log>>();
  let broker: ProfileBroker;

  before(async () => {
    broker = await startProfile(profile, folder, banks);
    const foundAll = () => {
      const { status, stderr } = found(broker, join(folder, 'network'));
      assert.equal(status, 0, stderr);
    };
    foundAll();
    const operator = await open('operator');
    await operator.createTopics(banks.flatMap((bic) => topicsOf(bic)));
    // Nobody reads an empty topic: each has a record before the tables are tried.
    for (const topic of TOPICS)
      await operator.produce(topic, [topic === 'participants' ? joined : message]);
    // As a version with other rights might have left it: what is too much is taken away.
    const left = { writes: ['pool.main.input'], reads: ['payments'], groups: ['verifiers'] };
    const principals = ['ANONYMOUS', `CN=${ALFA}`, 'CN=metrics'];
    await setGrants(
      optionsOf('operator'),
      principals.map((principal) => ({ ...left, principal })),
    );
    foundAll();
  });
  after(async () => {
    for (const log of logs.values()) await (await log).close();
    await broker?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const message = { key: 'k', value: Buffer.from('v'), headers: {} };
  const joined = participantMessage({
    ...{ bic: GAMA, keyId: 'key-1', name: GAMA, role: 'bank', state: 'registered' },
    publicKey: Buffer.from(createSigner(new Uint8Array(32).fill(7)).publicKey).toString('hex'),
  });
  const isBank = (name: string) => name === 'ANONYMOUS' || banks.includes(name as Bic);
  const clients = () => [...(broker.banksAreNamed ? banks : ['ANONYMOUS']), ...SERVICES, 'auditor'];
  const may = (listed: readonly string[] | undefined, name: string) =>
    listed?.some(
      (one) =>
        one === name ||
        (one === 'banks' && isBank(name)) ||
        // One that shows nothing may be any bank.
        (name === 'ANONYMOUS' && isBank(one)),
    ) ?? false;
  const addressOf = (name: string) => (isBank(name) ? broker.banks : broker.services);

  const clientOf = (name: string) =>
    new Kafka({
      brokers: [addressOf(name)],
      logLevel: logLevel.NOTHING,
      connectionTimeout: 60_000,
      retry: { retries: 0 },
      ...(name !== 'ANONYMOUS' && { ssl: tlsOf(broker.certificates, name) }),
    });
  const optionsOf = (name: string) => ({
    brokers: [addressOf(name)],
    ...{ patienceMs: 60_000, openPatienceMs: 60_000 },
    ...(name !== 'ANONYMOUS' && { tls: certificateOf(broker.certificates, name) }),
  });
  function open(name: string): Promise<Log> {
    const log = logs.get(name) ?? openKafkaLog(optionsOf(name));
    logs.set(name, log);
    return log;
  }
  /** `ok`, or Kafka's name for the refusal; anything else that goes wrong is thrown. */
  const outcomeOf = (work: Promise<unknown>): Promise<string> =>
    work.then(
      () => 'ok',
      (error: unknown) => {
        const whole = inspect(error, { depth: 6 });
        if (/AUTHORIZATION_FAILED|not authorized|authorization failed/i.test(whole))
          return 'refused';
        throw error;
      },
    );
  const expected = (names: Iterable<string>, isAllowed: (name: string) => boolean) =>
    Object.fromEntries([...names].map((name) => [name, isAllowed(name) ? 'ok' : 'refused']));

  it('lets each write what is its own, and nothing else', async () => {
    for (const name of clients()) {
      const producer = clientOf(name).producer();
      await producer.connect();
      const outcomes: Record<string, string> = {};
      for (const topic of TOPICS)
        outcomes[topic] = await outcomeOf(
          producer.send({ topic, messages: [{ key: 'k', value: 'v' }] }),
        );
      await producer.disconnect();
      const allowed = expected(TOPICS, (topic) => may(RIGHTS[topic]?.writes, name));
      assert.deepEqual(outcomes, allowed, name);
      if (isBank(name))
        assert.deepEqual(
          TOPICS.filter((topic) => outcomes[topic] === 'ok'),
          ['payments', 'cosignatures'],
        );
    }
  });

  it('lets each read what is its own, and nothing else', async () => {
    const check = async (name: string) => {
      const log = await open(name);
      const outcomes: Record<string, string> = {};
      for (const topic of TOPICS) outcomes[topic] = await outcomeOf(log.read(topic, 0, 0, 1));
      const allowed = expected(TOPICS, (topic) => may(RIGHTS[topic]?.reads, name));
      assert.deepEqual(outcomes, allowed, name);
    };
    await Promise.all(clients().map(check));
  });

  it('keeps the places of others’ consumer groups', async () => {
    for (const name of clients()) {
      const link = openLink(readSettings(optionsOf(name)));
      const outcomes: Record<string, string> = {};
      for (const groupId of Object.keys(GROUPS))
        outcomes[groupId] = await outcomeOf(
          link.run(async (cluster) => {
            await cluster.addMultipleTargetTopics(['payments']);
            const node = await brokerOf(cluster, leaderOf(cluster, 'payments', 0));
            // kafkajs' own way to it hides why there is none.
            await (node as GroupFinder).findGroupCoordinator({ groupId, coordinatorType: 0 });
          }),
        );
      await link.close();
      const allowed = expected(Object.keys(GROUPS), (group) => may(GROUPS[group], name));
      assert.deepEqual(outcomes, allowed, name);
    }
  });

  it('gives power over topics and rights to the operator alone', async () => {
    for (const name of clients()) {
      const admin = clientOf(name).admin();
      await admin.connect();
      for (const [power, use] of Object.entries(POWERS))
        assert.equal(await outcomeOf(use(admin)), 'refused', `${name}: ${power}`);
      await admin.disconnect();
    }
    const operator = await open('operator');
    const topics = (await operator.topics()).map(({ name }) => name);
    assert.ok(topics.includes('pool.main.input'));
    assert.ok(!topics.includes('pool.other.input'));
  });

  it('refuses who shows no certificate where one is asked for', async () => {
    const { caFile } = certificateOf(broker.certificates, 'operator');
    const doors = broker.banksAreNamed ? [broker.services, broker.banks] : [broker.services];
    const refused = [
      // No broker that comes back mends it.
      [{}, { kind: 'optionsInvalid', message: /this port speaks TLS, and no TLS file is set/ }],
      // It tries as long as it is let.
      [
        { tls: { caFile } },
        { kind: 'unavailable', message: /which comes without a certificate: / },
      ],
    ] as const;
    await Promise.all(
      doors.flatMap((door) =>
        refused.map(([tls, error]) =>
          assert.rejects(openKafkaLog({ brokers: [door], openPatienceMs: 3_000, ...tls }), error),
        ),
      ),
    );
  });

  it('keeps secret keys in files that their owner alone reads', () => {
    for (const name of ['kafka', 'operator', ...SERVICES, 'auditor']) {
      const { keyFile } = certificateOf(broker.certificates, name);
      assert.equal(statSync(keyFile).mode & 0o777, 0o600, keyFile);
    }
    const authority = join(broker.certificates, 'authority/ca.key');
    assert.equal(statSync(authority).mode & 0o777, 0o600);
  });
}
