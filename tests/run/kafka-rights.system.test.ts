/**
 * The services over a Kafka that enforces who may write what: each as a process with its own certificate
 * and no right beside those of docs, a bank at the banks' listener, and a payment through all of them.
 */
import assert from 'node:assert/strict';
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseEnv } from 'node:util';
import { connectClickHouse } from '../../services/platform/clickhouse/client.ts';
import { startEmbeddedClickHouse } from '../../services/platform/clickhouse/embedded.ts';
import { certificateOf } from '../../services/platform/kafka-broker/certificates.ts';
import { openKafkaLog } from '../../services/platform/log/kafka/kafka.ts';
import { packageFolder } from '../../services/platform/service/build-info.ts';
import { composeFile } from '../support/compose.ts';
import {
  found,
  type Profile,
  type ProfileBroker,
  startProfile,
  whyNoBroker,
} from './kafka-access.ts';

const BANK = 'ALFADE00';
const OPERATOR = 'SYNCDE00';
const OPERATOR_BETWEEN = `  - { bic: ${OPERATOR}, name: Between pools, role: synchronisationOperator }\n`;
const SERVICES = ['clearing', 'verifier', 'notifier', 'metrics', 'gateway', 'synchronisation'];
const missing = await whyNoBroker();

type Env = Record<string, string>;

/** The variables of a client's certificate; as `npm run kafka` writes them, where it does. */
function variablesOf(profile: Profile, broker: ProfileBroker, name: string): Env {
  if (profile === 'npm run kafka')
    return parseEnv(
      readFileSync(join(broker.certificates, `../clients/${name}.env`), 'utf8'),
    ) as Env;
  const { caFile, certificateFile, keyFile } = certificateOf(broker.certificates, name);
  return {
    CORRIDOR_LOG: `kafka:${broker.services}`,
    CORRIDOR_KAFKA_CA_FILE: caFile,
    CORRIDOR_KAFKA_CERT_FILE: certificateFile,
    CORRIDOR_KAFKA_KEY_FILE: keyFile,
  };
}

/** What bank-keys gives the sample bank in a container, and the variables that it is started with. */
function bankVariables(broker: ProfileBroker, folder: string, data: string): Env {
  const own = join(folder, 'bank');
  mkdirSync(own);
  const script = join(packageFolder, 'infra/docker/bank-keys.sh');
  execFileSync('sh', [script, BANK, '', join(data, 'keys'), broker.certificates, own]);
  const tls = {
    CORRIDOR_KAFKA_CA_FILE: join(own, 'ca.pem'),
    CORRIDOR_KAFKA_CERT_FILE: join(own, 'certificate.pem'),
    CORRIDOR_KAFKA_KEY_FILE: join(own, 'key.pem'),
  };
  return {
    ...(parseEnv(readFileSync(join(own, 'bank.env'), 'utf8')) as Env),
    ...(broker.banksAreNamed && tls),
    CORRIDOR_LOG: `kafka:${broker.banks}`,
    CORRIDOR_SECRET_KEY_FILE: join(own, 'secret.pem'),
    CORRIDOR_RATE: '20',
    CORRIDOR_WITNESS_FOLDER: join(folder, 'witness'),
  };
}

async function pathOver(t: TestContext, profile: Profile): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'corridor-path-'));
  const data = join(folder, 'network');
  const children = new Map<string, ChildProcess>();
  const said = new Map<string, string>();
  const broker = await startProfile(profile, folder, [BANK]);
  mkdirSync(join(folder, 'clickhouse'));
  const clickHouse = await startEmbeddedClickHouse({ folder: join(folder, 'clickhouse') });
  t.after(async () => {
    for (const child of children.values()) child.kill('SIGKILL');
    await clickHouse.stop();
    await broker.stop();
    rmSync(folder, { recursive: true, force: true });
  });
  const scenario = join(folder, 'with-operator.yaml');
  const smoke = readFileSync(join(packageFolder, 'scenarios/smoke.yaml'), 'utf8');
  writeFileSync(scenario, smoke.replace(/^participants:\n/m, `$&${OPERATOR_BETWEEN}`));
  const { status, stderr } = found(broker, data, { scenario });
  assert.equal(status, 0, stderr);
  writeFileSync(join(folder, 'password'), clickHouse.password);
  const common = {
    PATH: process.env.PATH,
    CORRIDOR_NETWORK_FILE: join(data, 'network.json'),
    CORRIDOR_POOL: 'main',
    CORRIDOR_THREADS: '0',
    CORRIDOR_CLICKHOUSE_URL: clickHouse.url,
    CORRIDOR_CLICKHOUSE_USER: clickHouse.username,
    CORRIDOR_CLICKHOUSE_PASSWORD_FILE: join(folder, 'password'),
    CORRIDOR_CLICKHOUSE_DATABASE: clickHouse.database,
    CORRIDOR_GATEWAY_PORT: '0',
    CORRIDOR_BUSINESS_DAYS: 'around-the-clock',
    // Of the operator between pools; what it may write kafka-access.system.test.ts tries.
    CORRIDOR_BIC: OPERATOR,
    CORRIDOR_SECRET_KEY_FILE: join(data, `keys/${OPERATOR}.pem`),
  };
  const start = (name: string, env: Env) => {
    const main = join(packageFolder, `dist/services/${name}/main.js`);
    const child = spawn(process.execPath, [main], {
      env: { ...common, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    children.set(name, child);
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => {
        said.set(name, `${said.get(name) ?? ''}${text}`);
      });
  };
  /** As long as all of them run. */
  async function until(what: string, holds: () => Promise<boolean> | boolean): Promise<void> {
    while (!(await holds())) {
      for (const [name, { exitCode }] of children)
        assert.equal(exitCode, null, `${name} ended before ${what}: ${said.get(name)}`);
      await sleep(100);
    }
  }

  for (const service of SERVICES) start(service, variablesOf(profile, broker, service));
  const probesOf = (name: string) => /"probes":"(http:[^"]+)"/.exec(said.get(name) ?? '')?.[1];
  const isReady = async (name: string) => {
    const url = probesOf(name);
    return url !== undefined && (await fetch(`${url}/readyz`)).ok;
  };
  for (const service of SERVICES) await until(`${service} is ready`, () => isReady(service));
  const gateway = /"url":"(http:[^"]+)"/.exec(said.get('gateway') ?? '')?.[1] ?? '';
  start('bank', {
    ...bankVariables(broker, folder, data),
    CORRIDOR_WITNESS_GATEWAY: gateway,
  });

  const operator = variablesOf(profile, broker, 'operator');
  const log = await openKafkaLog({
    brokers: [broker.services],
    tls: certificateOf(broker.certificates, 'operator'),
  });
  t.after(() => log.close());
  await until('a payment is settled and its bank is told', async () => {
    const topics = (await log.topics()).map(({ name }) => name);
    if (!topics.includes(`statuses.${BANK}`)) return false;
    const statuses = await log.read(`statuses.${BANK}`, 0, 0, 1_000);
    return statuses.some(({ value }) => Buffer.from(value).includes('ACSC'));
  });
  await until(
    'the bank has cosigned what was sealed',
    async () => (await fetch(`${gateway}/evidence/pools/main/cosigned`)).ok,
  );
  const client = connectClickHouse(clickHouse);
  t.after(() => client.close());
  /** 0 too while the tables are not there yet. */
  const count = async (query: string) => {
    try {
      const answer = await client.query({ query, format: 'JSONEachRow' });
      const [row] = await answer.json<{ n: string }>();
      return Number(row?.n);
    } catch {
      return 0;
    }
  };
  await until('metrics has its row, and of every service a sample', async () => {
    const settled = await count('SELECT count() AS n FROM payments');
    const services = await count('SELECT uniqExact(service) AS n FROM service_minutes');
    return settled > 0 && services >= SERVICES.length;
  });
  // The verifier reads the pool's input, and reports, by its own rights.
  await until('the log is checked in the background', async () => {
    const checked = await count('SELECT max(proven) AS n FROM log_proofs');
    const covered = await count(
      "SELECT count() AS n FROM log_proofs WHERE covered_time > '2000-01-01'",
    );
    return checked > 0 && covered > 0;
  });
  assert.equal(await count('SELECT max(faults) AS n FROM log_proofs'), 0);

  for (const [name, child] of [...children].reverse()) {
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGTERM');
    assert.equal(await ended, 0, `${name}: ${said.get(name)}`);
  }
  const replay = spawnSync(
    process.execPath,
    [
      join(packageFolder, 'dist/services/cli/main.js'),
      'replay',
      '--log',
      operator.CORRIDOR_LOG ?? '',
    ],
    { encoding: 'utf8', env: { PATH: process.env.PATH, ...operator } },
  );
  assert.equal(replay.status, 0, replay.stderr);
  assert.match(replay.stdout, /the live topic holds the same/);
}

for (const profile of ['npm run kafka', 'docker compose, secure'] as const)
  test(
    `a payment through all services, each with its own rights: ${profile}`,
    {
      skip: missing || false,
    },
    (t) => pathOver(t, profile),
  );

test('docker-compose.yml gives a container its own certificate and no other', () => {
  const { services } = composeFile();
  for (const service of SERVICES) {
    const mounts = (services[service]?.volumes ?? []).filter((one) => one.includes('certificates'));
    assert.deepEqual(mounts, [`certificates-${service}:/certificates:ro`]);
  }
  const holders = (volume: string) =>
    Object.entries(services)
      .filter(([, { volumes = [] }]) => volumes.some((one) => one.startsWith(`${volume}:`)))
      .map(([name]) => name);
  assert.deepEqual(holders('certificates-operator'), ['certificates', 'found']);
  assert.deepEqual(holders('certificates'), ['certificates', 'bank-certificate', 'bank-keys']);
});
