/** The scripts that run in containers, without one. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { freePorts } from '../platform/kafka-broker/broker.ts';
import { packageFolder } from './build-info.ts';
import { network } from './live/test-live.ts';
import { composeFile, secureVariables } from './test-compose.ts';

const SCRIPT = join(packageFolder, 'infra/docker/service.sh');
const VERIFIER = [process.execPath, join(packageFolder, 'dist/services/verifier/main.js')];

interface Started {
  readonly child: ChildProcess;
  readonly ended: Promise<unknown[]>;
  /** Resolves when the text has come on stderr. */
  said(text: string): Promise<void>;
}

function start(t: TestContext, command: string[], env: Record<string, string> = {}): Started {
  const child = spawn('sh', [SCRIPT, ...command], {
    env: { PATH: process.env.PATH, ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
    detached: true,
  });
  // What a failed test leaves sleeps for an hour.
  t.after(() => {
    try {
      process.kill(-(child.pid as number), 'SIGKILL');
    } catch {
      // All of it has ended.
    }
  });
  let text = '';
  child.stderr?.setEncoding('utf8').on('data', (piece: string) => {
    text += piece;
  });
  const said = async (wanted: string) => {
    while (!text.includes(wanted)) {
      assert.equal(child.exitCode, null, `ended with ${child.exitCode}: ${text}`);
      await Promise.race([
        new Promise((resolve) => child.stderr?.once('data', resolve)),
        once(child, 'exit'),
      ]);
    }
  };
  return { child, ended: once(child, 'exit'), said };
}

test('bad configuration: the container stays until it is stopped, with the reason in its log', async (t) => {
  const { child, ended, said } = start(t, VERIFIER);
  await said('verifier: CORRIDOR_LOG is not set');
  // Compose leaves a container as it is whose configuration in the file has not changed.
  await said('then docker compose up --wait --force-recreate <service>');
  assert.equal(child.exitCode, null);
  child.kill('SIGTERM');
  assert.deepEqual(await ended, [2, null]);
});

test('any other end is the container’s, so that Docker starts it again', async (t) => {
  for (const code of [0, 1, 3])
    assert.deepEqual(await start(t, ['sh', '-c', `exit ${code}`]).ended, [code, null]);
  assert.deepEqual(await start(t, ['sh', '-c', 'kill -KILL $$']).ended, [137, null]);
});

test('a broker that is away at the start ends the container, so that Docker starts it again', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'corridor-away-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const networkFile = join(folder, 'network.json');
  writeFileSync(networkFile, JSON.stringify(network));
  const [port] = await freePorts(1);
  const { ended, said } = start(t, VERIFIER, {
    CORRIDOR_LOG: `kafka:127.0.0.1:${port}`,
    CORRIDOR_NETWORK_FILE: networkFile,
  });
  await said(`verifier: CORRIDOR_LOG=kafka:127.0.0.1:${port}: no Kafka answers`);
  assert.deepEqual(await ended, [1, null]);
});

test('SIGTERM reaches the service, whose own end is waited for', async (t) => {
  const slow = `process.on('SIGTERM', () => setTimeout(() => process.exit(Number(process.argv[1])), 50));
    setInterval(() => {}, 1000); process.stderr.write('up');`;
  for (const code of [0, 2]) {
    const { child, ended, said } = start(t, [process.execPath, '-e', slow, String(code)]);
    await said('up');
    child.kill('SIGTERM');
    assert.deepEqual(await ended, [code, null]);
  }
});

test('the image has the script, and a release of Node that is maintained', () => {
  const text = readFileSync(join(packageFolder, 'infra/docker/Dockerfile'), 'utf8');
  assert.match(text, /COPY --from=build \/corridor\/infra\/docker\/service\.sh /);
  const bases = [...text.matchAll(/^FROM node:(\S+)/gm)].map(([, tag]) => tag);
  assert.equal(new Set(bases).size, 1);
  // https://github.com/nodejs/release#release-schedule: 24 is maintained until April 2028.
  assert.match(bases[0] ?? '', /^24\.\d+\.\d+-bookworm-slim(@sha256:[0-9a-f]{64})?$/);
});

test('the profile `secure` named without its variables makes no certificate, and says how to start it', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'corridor-bank-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const make = (variables: Record<string, string>) => {
    const {
      entrypoint = [],
      environment = {},
      command = [],
    } = composeFile(variables).services['bank-certificate'] ?? {};
    const [shell = '', script = ''] = entrypoint;
    return spawnSync(shell, [script, folder, ...command], {
      cwd: packageFolder,
      encoding: 'utf8',
      env: { PATH: process.env.PATH, CORRIDOR_ACLS: environment.CORRIDOR_ACLS ?? '' },
    });
  };
  const { status, stderr } = make({});
  assert.equal(status, 2);
  assert.match(stderr, /^CORRIDOR_ACLS=anonymous: expected certificates.*--env-file/);
  assert.equal(make(secureVariables()).status, 0);
  const pem = readFileSync(join(folder, 'RHEIDE00/certificate.pem'));
  assert.equal(new X509Certificate(pem).subject, 'CN=RHEIDE00');
});

test('a certificate is made anew when it ends soon, by the same authority, and stays else', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'corridor-renewal-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const make = (renewDays: string) => {
    const { status, stderr } = spawnSync(
      'sh',
      [join(packageFolder, 'infra/kafka/certificates.sh'), folder, 'clearing'],
      { encoding: 'utf8', env: { PATH: process.env.PATH, CORRIDOR_RENEW_DAYS: renewDays } },
    );
    assert.equal(status, 0, stderr);
    const read = (file: string) => readFileSync(join(folder, file), 'utf8');
    const certificate = new X509Certificate(read('clearing/certificate.pem'));
    const authority = new X509Certificate(read('authority/ca.pem'));
    assert.ok(certificate.verify(authority.publicKey));
    assert.equal(read('clearing/ca.pem'), read('authority/ca.pem'));
    assert.equal(
      read('clearing/both.pem'),
      read('clearing/key.pem') + read('clearing/certificate.pem'),
    );
    return { serial: certificate.serialNumber, authority: authority.serialNumber };
  };
  const first = make('30');
  assert.deepEqual(make('30'), first);
  const renewed = make('900');
  assert.notEqual(renewed.serial, first.serial);
  assert.equal(renewed.authority, first.authority);
});

/** No engine runs here: what stands for `docker` answers as its registry would, or not as one. */
test('pin-images writes a digest behind each version, once, and stops at anything else', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'corridor-pin-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const files = ['docker-compose.yml', 'infra/docker/Dockerfile'];
  mkdirSync(join(folder, 'infra/docker'), { recursive: true });
  for (const file of files) cpSync(join(packageFolder, file), join(folder, file));
  const texts = () => files.map((file) => readFileSync(join(folder, file), 'utf8')).join('\n');
  const pin = (answer: string) => {
    const script = `#!/bin/sh\n[ "$1 $2 $3" = 'buildx imagetools inspect' ] && echo '${answer}'\n`;
    writeFileSync(join(folder, 'docker'), script, { mode: 0o755 });
    return spawnSync('sh', [join(packageFolder, 'infra/docker/pin-images.sh'), folder], {
      encoding: 'utf8',
      env: { PATH: `${folder}:${process.env.PATH}` },
    });
  };
  const before = texts();
  const images = before.match(/^ *(image: |FROM )(?!corridor:local).*:.*$/gm) ?? [];
  assert.equal(images.length, 6);
  const failed = pin('manifest unknown');
  assert.equal(failed.status, 1);
  assert.match(failed.stderr, /apache\/kafka:4\.0\.0: expected a digest, not 'manifest unknown'/);
  assert.equal(texts(), before);
  for (const digit of ['a', 'b']) {
    const digest = `sha256:${digit.repeat(64)}`;
    assert.equal(pin(digest).status, 0);
    assert.equal(texts().replaceAll(`@${digest}`, ''), before.replaceAll(/@sha256:\w+/g, ''));
    assert.equal(texts().split(`@${digest}`).length - 1, images.length);
  }
});
