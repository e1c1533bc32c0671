/**
 * The profile `secure` of docker-compose.yml on a real broker: its settings and its certificates, with
 * what a bank can and cannot do.
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { freePorts, type KafkaBroker, startKafkaBroker } from '../platform/kafka-broker/broker.ts';
import { KafkaMissing } from '../platform/kafka-broker/jars.ts';
import { openKafkaLog } from '../platform/log/kafka.ts';
import { grant } from '../platform/log/kafka-acls.ts';
import type { Log } from '../platform/log/log.ts';
import type { Bic } from '../protocol/identifiers.ts';
import { topicPlan } from '../protocol/topics.ts';
import { packageFolder } from './build-info.ts';
import { bankGrants } from './found-command.ts';

const SECURE = join(packageFolder, 'infra/docker/secure');
const [ALFA, BETA] = ['ALFADE00', 'BETAFR00'] as [Bic, Bic];

/** KAFKA_A_B of the profile's environment as Kafka's a.b, the way the image reads it. */
function profileProperties(certificates: string): Record<string, string> {
  const lines = readFileSync(join(SECURE, 'secure.env'), 'utf8').split('\n');
  const settings = lines.flatMap((line) => {
    const [, name, value] = /^KAFKA_(\w+)=(.*)$/.exec(line) ?? [];
    if (name === undefined || value === undefined || name.includes('LISTENER')) return [];
    const path = value.replace('/certificates/', `${certificates}/kafka/`);
    return [[name.toLowerCase().replaceAll('_', '.'), path] as const];
  });
  return Object.fromEntries(settings);
}

describe('the secure profile', () => {
  const folder = mkdtempSync(join(tmpdir(), 'corridor-secure-'));
  const logs: Log[] = [];
  let broker: KafkaBroker | undefined;
  let port = 0;
  let missing = '';
  before(async () => {
    const names = ['kafka', 'corridor', ALFA, BETA];
    execFileSync('sh', [join(SECURE, 'certificates.sh'), folder, ...names]);
    // Again: what is there stays.
    execFileSync('sh', [join(SECURE, 'certificates.sh'), folder, ...names]);
    const [tlsPort = 0, plainPort = 0, controllerPort = 0] = await freePorts(3);
    port = tlsPort;
    try {
      broker = await startKafkaBroker({
        folder: join(folder, 'broker'),
        port: plainPort,
        controllerPort,
        temporary: true,
        properties: {
          ...profileProperties(folder),
          // The plain listener is the test's own, to see the broker up.
          listeners: `PLAINTEXT://127.0.0.1:${plainPort},TLS://127.0.0.1:${tlsPort},CONTROLLER://127.0.0.1:${controllerPort}`,
          'advertised.listeners': `PLAINTEXT://127.0.0.1:${plainPort},TLS://127.0.0.1:${tlsPort}`,
          'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,TLS:SSL,CONTROLLER:PLAINTEXT',
        },
      });
    } catch (error) {
      if (!(error instanceof KafkaMissing)) throw error;
      missing = error.message;
      return;
    }
    const corridor = await open('corridor');
    await corridor.createTopics(topicPlan(['main'], [ALFA, BETA], 2));
    await grant(address('corridor'), bankGrants([{ bic: ALFA }, { bic: BETA }]));
    for (const bic of [ALFA, BETA]) await corridor.produce(`statuses.${bic}`, [message(bic)]);
  });
  after(async () => {
    await Promise.all(logs.map((log) => log.close()));
    await broker?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const address = (name: string) => ({
    brokers: [`127.0.0.1:${port}`],
    patienceMs: 5_000,
    tls: {
      caFile: join(folder, name, 'ca.pem'),
      certificateFile: join(folder, name, 'certificate.pem'),
      keyFile: join(folder, name, 'key.pem'),
    },
  });
  const message = (text: string) => ({ key: text, value: Buffer.from(text), headers: {} });
  async function open(name: string): Promise<Log> {
    const log = await openKafkaLog(address(name));
    logs.push(log);
    return log;
  }

  it('lets a bank write payments and read what is its own', async (t) => {
    if (missing) return t.skip(missing);
    const bank = await open(ALFA);
    await bank.produce('payments', [message('a payment')]);
    const [status] = await bank.read(`statuses.${ALFA}`, 0, 0, 10);
    assert.equal(Buffer.from(status?.value ?? []).toString(), ALFA);
    assert.deepEqual(await bank.read('participants', 0, 0, 10), []);
    const read: string[] = [];
    const subscription = await bank.subscribe({
      group: `${ALFA}.reader`,
      topics: [`statuses.${ALFA}`],
      handle: async ({ records }) => {
        read.push(...records.map(({ value }) => Buffer.from(value).toString()));
      },
    });
    while (read.length === 0) await new Promise((done) => setTimeout(done, 50));
    await subscription.stop();
    assert.deepEqual(read, [ALFA]);
  });

  it('refuses it what is another’s: statuses, inputs, events, payments of others', async (t) => {
    if (missing) return t.skip(missing);
    const bank = await open(BETA);
    for (const topic of [`statuses.${ALFA}`, `deliveries.${ALFA}`, 'pool.main.events', 'payments'])
      await assert.rejects(
        bank.read(topic, 0, 0, 10),
        /not authorized|unknown|AUTHORIZATION/i,
        topic,
      );
    for (const topic of ['pool.main.input', `statuses.${BETA}`, 'participants'])
      await assert.rejects(
        bank.produce(topic, [message('forged')]),
        /not authorized|unknown|AUTHORIZATION/i,
        topic,
      );
  });

  it('refuses who has no certificate of this authority', async (t) => {
    if (missing) return t.skip(missing);
    const { caFile } = address(ALFA).tls;
    await assert.rejects(
      openKafkaLog({ brokers: [`127.0.0.1:${port}`], openPatienceMs: 3_000, tls: { caFile } }),
      /unavailable|certificate|no broker|127\.0\.0\.1/i,
    );
  });
});
