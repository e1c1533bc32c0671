import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { EVENT_BYTES } from '../../services/core/settlement/events.ts';
import { secretKeyPem } from '../../services/core/verification/signing.ts';
import { connectClickHouse } from '../../services/platform/clickhouse/client.ts';
import { startEmbeddedClickHouse } from '../../services/platform/clickhouse/embedded.ts';
import { openEmbeddedLog } from '../../services/platform/log/embedded/embedded.ts';
import { poolEvents } from '../../services/protocol/names/topic-plan.ts';
import { eventsHeaders } from '../../services/protocol/records/events-message.ts';
import { halfRequest } from '../support/half-request.ts';
import { liveNetwork, until } from '../support/live.ts';
import { founded } from '../support/startup.ts';

/** The services as processes: help, refusals before anything starts, and a clean end. */
const SERVICES = [
  'clearing',
  'verifier',
  'notifier',
  'metrics',
  'gateway',
  'bank',
  'synchronisation',
] as const;
const mainOf = (service: string) =>
  fileURLToPath(new URL(`../../services/${service}/main.js`, import.meta.url));

function world(t: TestContext) {
  const folder = mkdtempSync(join(tmpdir(), 'corridor-mains-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const file = (name: string, text: string) => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  const good: Record<string, string> = {
    CORRIDOR_LOG: `embedded:${join(folder, 'log')}`,
    CORRIDOR_NETWORK_FILE: file('network.json', JSON.stringify(liveNetwork)),
    CORRIDOR_POOL: 'main',
    CORRIDOR_THREADS: '0',
    CORRIDOR_CLICKHOUSE_URL: 'http://127.0.0.1:1',
    CORRIDOR_CLICKHOUSE_USER: 'corridor',
    CORRIDOR_CLICKHOUSE_PASSWORD_FILE: file('password', 'hushhush\n'),
    CORRIDOR_BIC: 'ALFADE00',
    CORRIDOR_SECRET_KEY_FILE: file('key.pem', secretKeyPem(new Uint8Array(32).fill(7))),
  };
  return { folder, file, good };
}

const inTime = (closed: Promise<number | null>) =>
  Promise.race([closed, pause(60_000, 'it did not end', { ref: false })]);

const run = (service: string, env: Record<string, string>, ...args: string[]) => {
  const options = { encoding: 'utf8', env, timeout: 180_000 } as const;
  return spawnSync(process.execPath, [mainOf(service), ...args], options);
};

test('--help lists the variables', () => {
  for (const service of SERVICES) {
    const { status, stdout } = run(service, {}, '--help');
    assert.equal(status, 0);
    assert.match(stdout, new RegExp(`^${service}: `));
    assert.match(stdout, /CORRIDOR_LOG \(required\)/);
  }
});

test('bad configuration stops a service at start, in one line that says what to do', async (t) => {
  const { file, folder, good } = world(t);
  await openEmbeddedLog({ folder: join(folder, 'log') }).close();
  const refusals: [string, Record<string, string>, RegExp][] = [
    ['clearing', { CORRIDOR_LOG: '' }, /^clearing: CORRIDOR_LOG is not set: expected the log/],
    [
      'clearing',
      { CORRIDOR_POOL: 'moon' },
      /^clearing: CORRIDOR_POOL=moon: expected one of main\n$/,
    ],
    ['clearing', { CORRIDOR_NETWORK_FILE: '/none' }, /CORRIDOR_NETWORK_FILE=\/none: ENOENT/],
    [
      'verifier',
      { CORRIDOR_NETWORK_FILE: file('other.json', '{"network":"n"}') },
      /other\.json: \/ must have required property/,
    ],
    ['metrics', { CORRIDOR_CLICKHOUSE_PASSWORD_FILE: '/none' }, /PASSWORD_FILE=\/none: ENOENT/],
    ['bank', { CORRIDOR_BIC: 'x' }, /CORRIDOR_BIC=x: expected the BIC of this bank/],
    [
      'bank',
      { CORRIDOR_SECRET_KEY_FILE: good.CORRIDOR_CLICKHOUSE_PASSWORD_FILE as string },
      /expected a PEM file of an Ed25519 key/,
    ],
    [
      'synchronisation',
      { CORRIDOR_SECRET_KEY_FILE: good.CORRIDOR_CLICKHOUSE_PASSWORD_FILE as string },
      /expected a PEM file of an Ed25519 key/,
    ],
    ['bank', {}, /CORRIDOR_BIC=ALFADE00: network sandbox-1 has announced no participants/],
  ];
  for (const [service, change, line] of refusals) {
    const { status, stderr } = run(service, { ...good, ...change });
    assert.equal(status, 2, `${service}: ${stderr}`);
    assert.match(stderr, line);
    assert.equal(stderr.trim().split('\n').length, 1, stderr);
    assert.doesNotMatch(stderr, /hushhush/);
  }
});

test('a service serves its probes and ends well on SIGTERM, whoever has sent half a request', async (t) => {
  const { folder, good } = world(t);
  const log = openEmbeddedLog({ folder: join(folder, 'log') });
  await founded(log);
  await log.close();
  for (const service of ['notifier', 'clearing', 'verifier']) {
    const child = spawn(process.execPath, [mainOf(service)], {
      env: good,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    t.after(() => child.kill('SIGKILL'));
    const closed = new Promise<number | null>((resolve) => child.once('close', resolve));
    let lines = '';
    const url = await new Promise<string>((resolve) => {
      child.stdout.setEncoding('utf8').on('data', (text: string) => {
        lines += text;
        const probes = /"probes":"(http:[^"]+)"/.exec(lines)?.[1];
        if (probes) resolve(probes);
      });
    });
    assert.match(url, /^http:\/\/127\.0\.0\.1:/, 'loopback unless told otherwise');
    assert.equal((await fetch(`${url}/healthz`)).status, 200);
    // Without a participant a verifier is not ready, and works.
    const lacks = async () => (await fetch(`${url}/readyz`)).text();
    await until(`${service} has started`, async () => !/founded|started/.test(await lacks()));
    assert.match(await (await fetch(`${url}/metrics`)).text(), /process_cpu_seconds_total/);
    const half = await halfRequest(url);
    child.kill('SIGTERM');
    assert.equal(await inTime(closed), 0, service);
    half.destroy();
    for (const line of lines.trim().split('\n')) JSON.parse(line);
    assert.match(lines, /stopping after the batch in hand/);
  }
});

test('a service ends though its closing hangs: well on SIGTERM, and with its line where it could not go on', async (t) => {
  const { folder, good } = world(t);
  await openEmbeddedLog({ folder: join(folder, 'log') }).close();
  const child = fileURLToPath(new URL('./hanging-close.child.js', import.meta.url));
  for (const [how, code, line] of [
    ['stopped', 0, ''],
    ['failed', 1, 'hanging: it could not go on\n'],
  ] as const) {
    const started = spawn(process.execPath, [child, how], {
      env: good,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    t.after(() => started.kill('SIGKILL'));
    const closed = new Promise<number | null>((resolve) => started.once('close', resolve));
    let said = '';
    started.stderr.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
    started.stdout.setEncoding('utf8').on('data', (text: string) => {
      if (text.includes('works')) started.kill('SIGTERM');
    });
    assert.equal(await inTime(closed), code, said);
    assert.equal(said, line);
  }
});

test('metrics that cannot go on tells the store so before it ends', async (t) => {
  const { folder, file, good } = world(t);
  const server = await startEmbeddedClickHouse({ folder: join(folder, 'clickhouse') });
  t.after(() => server.stop());
  const log = openEmbeddedLog({ folder: join(folder, 'log') });
  await founded(log);
  const headers = eventsHeaders({ firstNumber: 9, count: 1, digestBefore: '', digestAfter: '' });
  await log.produce(poolEvents('main'), [
    { key: 'main', value: Buffer.alloc(EVENT_BYTES), headers: { ...headers } },
  ]);
  await log.close();
  const { status, stderr } = run('metrics', {
    ...good,
    CORRIDOR_CLICKHOUSE_URL: server.url,
    CORRIDOR_CLICKHOUSE_USER: server.username,
    CORRIDOR_CLICKHOUSE_PASSWORD_FILE: file('store-password', server.password),
  });
  assert.equal(status, 1, stderr);
  assert.match(stderr, /^metrics: pool main: .* begins with number 9; 1 is missing\n$/);
  const client = connectClickHouse(server);
  t.after(() => client.close());
  // What reads the topic of cases says it too, where that had begun by then.
  const query = `SELECT DISTINCT service, reader FROM service_samples
    WHERE fault = 'HistoryFault' AND reader != 'cases'`;
  const told = await (await client.query({ query, format: 'JSONEachRow' })).json();
  assert.deepEqual(told, [{ service: 'metrics', reader: 'main/events' }]);
});
