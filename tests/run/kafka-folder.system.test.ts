/** `npm run kafka` in a folder whose name has a space: what it prints runs, and nobody else gets in. */
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { certificateOf } from '../../services/platform/kafka-broker/certificates.ts';
import { openKafkaLog } from '../../services/platform/log/kafka/kafka.ts';
import { packageFolder } from '../../services/platform/service/build-info.ts';
import { atLeast } from '../support/at-least.ts';
import { freePorts } from '../support/free-ports.ts';
import { startProfile, whyNoBroker } from './kafka-access.ts';

const CERTIFICATES = join(packageFolder, 'infra/kafka/certificates.sh');
const missing = await whyNoBroker();

test('a folder in which a broker runs is refused to another, and its commands run in a shell', {
  skip: missing === '' ? false : missing,
}, async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'corridor kafka-'));
  const broker = await startProfile('npm run kafka', folder, []);
  t.after(async () => {
    await broker.stop();
    rmSync(folder, { recursive: true, force: true });
  });
  const file = join(folder, 'clients/operator.env');
  const variables = readFileSync(file, 'utf8');

  const [port = 0, controllerPort = 0, banksPort = 0] = await freePorts(3);
  const ports = ['--port', `${port}`, '--controller-port', `${controllerPort}`];
  const script = join(packageFolder, 'scripts/kafka.mjs');
  const second = spawnSync(
    process.execPath,
    [script, ...ports, '--banks-port', `${banksPort}`, '--folder', folder],
    { encoding: 'utf8', timeout: 60_000 },
  );
  assert.match(
    second.stderr,
    /^kafka: --folder .*: process \d+ writes into it; expected another folder, or wait for it, or remove .*\/\.writing if that process is another program's\n$/,
  );
  assert.equal(second.status, 2);
  assert.equal(readFileSync(file, 'utf8'), variables);
  await (await openKafkaLog({ brokers: [broker.banks] })).close();

  const [command = ''] =
    /(?<=until a network is founded here, once, nobody has rights:\n +)\(.*\)$/m.exec(
      broker.said ?? '',
    ) ?? [];
  assert.match(command, /npx corridor found/);
  const found = spawnSync(
    'sh',
    [
      '-c',
      command
        .replace('npx corridor', `${process.execPath} ${packageFolder}/scripts/corridor.mjs`)
        .replace('sandboxes/smoke-kafka', `'${join(folder, 'net')}'`),
    ],
    { encoding: 'utf8', cwd: packageFolder },
  );
  assert.match(found.stdout, /^network sandbox-1 is founded on /, found.stderr);

  // A log that is not read proves nothing of it: 2, and not 1.
  const replay = (env: Record<string, string>) =>
    spawnSync(
      process.execPath,
      [join(packageFolder, 'scripts/corridor.mjs'), 'replay', '--log', `kafka:${env.at}`],
      { encoding: 'utf8', env: { PATH: process.env.PATH, ...env } },
    );
  const ca = join(folder, 'certificates/authority/ca.pem');
  execFileSync('sh', [CERTIFICATES, join(folder, 'other'), 'verifier']);
  const { caFile: foreign } = certificateOf(join(folder, 'other'), 'verifier');
  const own = certificateOf(join(folder, 'certificates'), 'verifier');
  const verifier = {
    CORRIDOR_KAFKA_CA_FILE: own.caFile,
    CORRIDOR_KAFKA_CERT_FILE: own.certificateFile,
    CORRIDOR_KAFKA_KEY_FILE: own.keyFile,
  };
  for (const [env, line] of atLeast(5, [
    [{ at: broker.banks }, /it holds no pool's input, or none that this client has a right to/],
    [
      { at: broker.services, ...verifier },
      /with the certificate CN=verifier, asking for pool\.main\.events; expected/,
    ],
    [{ at: broker.services }, /this port speaks TLS, and no TLS file is set/],
    [{ at: broker.services, CORRIDOR_KAFKA_CA_FILE: ca }, /which comes without a certificate: /],
    [{ at: broker.services, CORRIDOR_KAFKA_CA_FILE: foreign }, /in CORRIDOR_KAFKA_CA_FILE: /],
  ] as const)) {
    const { status, stderr } = replay(env);
    assert.match(stderr, line);
    assert.equal(status, 2, stderr);
  }
  await broker.stop();
  assert.throws(() => readFileSync(join(folder, '.writing')), { code: 'ENOENT' });
});
