/** The scripts that run in containers, without one. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { packageFolder } from '../../services/platform/service/build-info.ts';
import { composeFile, secureVariables } from '../support/compose.ts';
import { freePorts } from '../support/free-ports.ts';
import { liveNetwork } from '../support/live.ts';

const SCRIPT = join(packageFolder, 'infra/docker/service.sh');
const CERTIFICATES = join(packageFolder, 'infra/kafka/certificates.sh');
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
  writeFileSync(networkFile, JSON.stringify(liveNetwork));
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

/** `certificates.sh` over a folder of its own. */
function certificateFolder(t: TestContext) {
  const folder = mkdtempSync(join(tmpdir(), 'corridor-certificates-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const path = (file: string) => join(folder, file);
  const read = (file: string) => readFileSync(path(file), 'utf8');
  return {
    path,
    make: (names: string[], env: Record<string, string> = {}) =>
      spawnSync('sh', [CERTIFICATES, path('of'), ...names], {
        encoding: 'utf8',
        env: { PATH: process.env.PATH, ...env },
      }),
    serial: (name: string) => new X509Certificate(read(`of/${name}/certificate.pem`)).serialNumber,
    /** Whether the certificate is the key's and the authority's, and all files are of one making. */
    isWhole(name: string): boolean {
      const certificate = new X509Certificate(read(`of/${name}/certificate.pem`));
      const authority = read('of/authority/ca.pem');
      const key = read(`of/${name}/key.pem`);
      return (
        certificate.verify(new X509Certificate(authority).publicKey) &&
        certificate.checkPrivateKey(createPrivateKey(key)) &&
        read(`of/${name}/ca.pem`) === authority &&
        read(`of/${name}/both.pem`) === key + certificate.toString()
      );
    },
  };
}

test('a certificate is made anew when it ends soon, by the same authority, and stays else', (t) => {
  const { make, path, isWhole, serial } = certificateFolder(t);
  const of = (days: string) => {
    const { status, stderr } = make(['clearing'], { CORRIDOR_RENEW_DAYS: days });
    assert.equal(status, 0, stderr);
    assert.ok(isWhole('clearing'));
    return {
      serial: serial('clearing'),
      authority: readFileSync(path('of/authority/ca.pem'), 'utf8'),
    };
  };
  const first = of('30');
  assert.deepEqual(of('30'), first);
  const renewed = of('900');
  assert.notEqual(renewed.serial, first.serial);
  assert.equal(renewed.authority, first.authority);
});

test('a lost authority: all certificates are made anew by the next one', (t) => {
  const { make, path, isWhole } = certificateFolder(t);
  assert.equal(make(['kafka']).status, 0);
  rmSync(path('of/authority'), { recursive: true });
  assert.equal(make(['kafka', 'newbank']).status, 0);
  assert.deepEqual([isWhole('kafka'), isWhole('newbank')], [true, true]);
});

test('a renewal that stops between any two files is done again at the next start', (t) => {
  const { make, path, isWhole, serial } = certificateFolder(t);
  assert.equal(make(['kafka']).status, 0);
  mkdirSync(path('bin'));
  let stops = 0;
  for (; ; stops++) {
    const before = serial('kafka');
    writeFileSync(path('left'), 'x'.repeat(stops));
    const script = `#!/bin/sh\n[ -s ${path('left')} ] || exit 1\n
      printf %s "$(cut -c2- ${path('left')})" >${path('left')}\nPATH=${process.env.PATH} exec mv "$@"\n`;
    writeFileSync(path('bin/mv'), script, { mode: 0o755 });
    const stopped = make(['kafka'], {
      PATH: `${path('bin')}:${process.env.PATH}`,
      CORRIDOR_RENEW_DAYS: '900',
    });
    // The certificate has 825 days left: between the two limits only what is whole stays.
    const again = make(['kafka'], {
      CORRIDOR_RENEW_DAYS: serial('kafka') === before ? '900' : '30',
    });
    assert.equal(again.status, 0, again.stderr);
    assert.ok(isWhole('kafka'), `stopped before file ${stops}`);
    assert.notEqual(serial('kafka'), before);
    if (stopped.status === 0) break;
  }
  assert.equal(stops, 3);
});

test('the days before a renewal are those of the environment, in Docker too, or one line', (t) => {
  for (const CORRIDOR_RENEW_DAYS of ['30', '900'])
    for (const name of ['certificates', 'bank-certificate']) {
      const variables = CORRIDOR_RENEW_DAYS === '30' ? {} : { CORRIDOR_RENEW_DAYS };
      const { environment } = composeFile(variables).services[name] ?? {};
      assert.equal(String(environment?.CORRIDOR_RENEW_DAYS), CORRIDOR_RENEW_DAYS, name);
    }
  const { make, path } = certificateFolder(t);
  for (const days of ['abc', '-1', '1.5', '08', '30 ', '99999', '$(id)']) {
    const { status, stderr } = make(['kafka'], { CORRIDOR_RENEW_DAYS: days });
    assert.equal(status, 2, days);
    assert.equal(
      stderr,
      `CORRIDOR_RENEW_DAYS=${days}: expected days, a whole number from 0 to 9999\n`,
    );
  }
  assert.ok(!existsSync(path('of')), 'nothing was begun');
  for (const days of ['0', '9999', ''])
    assert.equal(make(['kafka'], { CORRIDOR_RENEW_DAYS: days }).status, 0, days);
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
