/**
 * The profile `secure` of docker-compose.yml on a real broker: its settings and its certificates, with
 * what a bank can and cannot do.
 */
import assert from 'node:assert/strict';
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { createSigner, secretKeyPem } from '../core/signing.ts';
import { freePorts, type KafkaBroker, startKafkaBroker } from '../platform/kafka-broker/broker.ts';
import { KafkaMissing } from '../platform/kafka-broker/jars.ts';
import { openKafkaLog } from '../platform/log/kafka.ts';
import type { Log } from '../platform/log/log.ts';
import type { Bic } from '../protocol/identifiers.ts';
import { participantMessage } from '../protocol/participant-message.ts';
import { topicPlan } from '../protocol/topics.ts';
import { packageFolder } from './build-info.ts';
import { type ComposeFile, composeFile, secureVariables } from './test-compose.ts';

const SECURE = join(packageFolder, 'infra/docker/secure');
/** GAMA has joined since the founding. */
const [ALFA, BETA, GAMA] = ['ALFADE00', 'BETASG00', 'GAMAUS00'] as [Bic, Bic, Bic];

const SECRET_KEY = new Uint8Array(32).fill(7);
/** What the notifier announces of a bank, here with one key for all. */
const joined = (bic: Bic) =>
  participantMessage({
    ...{ bic, keyId: 'key-1', name: bic, role: 'bank', state: 'registered' },
    publicKey: Buffer.from(createSigner(SECRET_KEY).publicKey).toString('hex'),
  });

/**
 * The broker's settings in docker-compose.yml with the profile's variables: KAFKA_A_B as Kafka's
 * a.b, as the image reads it, with this machine's ports and folders.
 */
function profileProperties(certificates: string, ports: { inside: number; controller: number }) {
  const { environment = {} } = composeFile(secureVariables()).services.kafka ?? {};
  const settings = Object.entries(environment).flatMap(([variable, value]) => {
    const [, name] = /^KAFKA_(\w+)$/.exec(variable) ?? [];
    if (name === undefined || /^(HEAP_OPTS|LOG_DIRS|.*_VOTERS)$/.test(name)) return [];
    const path = (value ?? '')
      .replace('/certificates/', `${certificates}/kafka/`)
      .replace(/(\/\/)(kafka)?:9092/, `//127.0.0.1:${ports.inside}`)
      .replace(/,HOST:\/\/[^,]*/, '')
      .replace('localhost:9093', `127.0.0.1:${ports.controller}`);
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
    const names = ['kafka', 'corridor', ALFA, BETA, GAMA];
    execFileSync('sh', [join(SECURE, 'certificates.sh'), folder, ...names]);
    // Again: what is there stays.
    execFileSync('sh', [join(SECURE, 'certificates.sh'), folder, ...names]);
    const [tlsPort = 0, plainPort = 0, controllerPort = 0] = await freePorts(3);
    port = tlsPort;
    const profile = profileProperties(folder, { inside: tlsPort, controller: controllerPort });
    const plain = `PLAIN://127.0.0.1:${plainPort}`;
    try {
      broker = await startKafkaBroker({
        folder: join(folder, 'broker'),
        port: plainPort,
        controllerPort,
        temporary: true,
        properties: {
          ...profile,
          // The plain listener is the test's own, to see the broker up.
          listeners: `${profile.listeners},${plain}`,
          'advertised.listeners': `${profile['advertised.listeners']},${plain}`,
          'listener.security.protocol.map': `${profile['listener.security.protocol.map']},PLAIN:PLAINTEXT`,
        },
      });
    } catch (error) {
      if (!(error instanceof KafkaMissing)) throw error;
      missing = error.message;
      return;
    }
    const corridor = await open('corridor');
    await corridor.createTopics(topicPlan(['main'], [ALFA, BETA, GAMA], 4));
    await corridor.produce('participants', [joined(GAMA)]);
    found(folder);
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
  /** As docker-compose.yml does at every start. */
  function found(parent: string): void {
    const { caFile, certificateFile, keyFile } = address('corridor').tls;
    const { status, stderr } = spawnSync(process.execPath, [
      join(packageFolder, 'dist/services/cli/main.js'),
      ...['found', join(packageFolder, 'scenarios/smoke.yaml'), '--acls=on'],
      ...[`--log=kafka:127.0.0.1:${port}`, `--data=${join(parent, 'data')}`],
      ...[`--kafka-ca-file=${caFile}`, `--kafka-cert-file=${certificateFile}`],
      `--kafka-key-file=${keyFile}`,
    ]);
    assert.equal(status, 0, stderr.toString());
  }
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
    assert.equal((await bank.read('participants', 0, 0, 10)).length, 1);
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

  it('is enough for the sample bank, with what bank-keys gives it', async (t) => {
    if (missing) return t.skip(missing);
    const [keys, own] = [join(folder, 'keys'), join(folder, 'own')];
    for (const made of [keys, own]) mkdirSync(made);
    writeFileSync(join(keys, `${GAMA}.pem`), secretKeyPem(SECRET_KEY));
    execFileSync('sh', [join(SECURE, '../bank-keys.sh'), GAMA, '', keys, folder, own]);
    const corridor = await open('corridor');
    await corridor.produce('participants', [joined(ALFA)]);
    const main = join(packageFolder, 'dist/services/bank/main.js');
    const bank = spawn(process.execPath, [`--env-file=${join(own, 'bank.env')}`, main], {
      stdio: ['ignore', 'ignore', 'pipe'],
      env: {
        PATH: process.env.PATH,
        CORRIDOR_LOG: `kafka:127.0.0.1:${port}`,
        CORRIDOR_NETWORK_FILE: join(folder, 'data/network.json'),
        CORRIDOR_SECRET_KEY_FILE: join(own, 'secret.pem'),
        CORRIDOR_KAFKA_CA_FILE: join(own, 'ca.pem'),
        CORRIDOR_KAFKA_CERT_FILE: join(own, 'certificate.pem'),
        CORRIDOR_KAFKA_KEY_FILE: join(own, 'key.pem'),
        CORRIDOR_RATE: '20',
      },
    });
    let error = '';
    bank.stderr.on('data', (piece) => {
      error += piece;
    });
    const ended = once(bank, 'exit');
    const isSent = async () => {
      const read = [0, 1, 2, 3].map((partition) => corridor.read('payments', partition, 0, 100));
      const values = (await Promise.all(read)).flat().map(({ value }) => Buffer.from(value));
      return values.some((value) => value.includes('FIToFICstmrCdtTrf'));
    };
    while (bank.exitCode === null && !(await isSent())) await sleep(100);
    bank.kill('SIGTERM');
    assert.deepEqual(await ended, [0, null], error);
  });

  it('stops where the profile is named without its variables', () => {
    const acls = (file: ComposeFile) =>
      String(file.services.certificates?.environment?.CORRIDOR_ACLS);
    const script = [join(SECURE, 'certificates.sh'), join(folder, 'open'), 'kafka'];
    const { status, stderr } = spawnSync('sh', script, {
      env: { ...process.env, CORRIDOR_ACLS: acls(composeFile()) },
    });
    assert.equal(status, 2);
    assert.match(stderr.toString(), /^CORRIDOR_ACLS=off: expected on.*--env-file/);
    assert.equal(acls(composeFile(secureVariables())), 'on');
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
