/** The commands of docs/integration.md, as they stand there but for ports and folders, from nothing to settled payments. */
import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, type TestContext, test } from 'node:test';
import { promisify } from 'node:util';
import { packageFolder } from '../../services/platform/service/build-info.ts';
import { freePorts } from '../support/free-ports.ts';
import { until } from '../support/live.ts';
import { pythonForTest } from '../support/python.ts';
import { startProfile, whyNoBroker } from './kafka-access.ts';

const page = readFileSync(join(packageFolder, 'docs/integration.md'), 'utf8');
const packages = [...page.matchAll(/`(?:pip install )?([a-z-]+==[0-9.]+)`/g)].map(
  ([, one]) => one as string,
);
const python = pythonForTest(...packages);
const skip = python.skip || (await whyNoBroker()) || false;
const run = promisify(execFile);
const PAID = /^[0-9a-f-]{36} ACSC$/m;

/** The commands under a heading, with what differs here. */
function commandsOf(heading: string, here: Readonly<Record<string, string>>): string[] {
  const section = page.split(`\n## ${heading}\n`)[1]?.split('\n## ')[0] ?? '';
  return [...section.matchAll(/```sh\n([^`]*)```/g)].map(([, commands]) =>
    Object.entries({ python3: python.program, ...here }).reduce(
      (text, [there, instead]) => text.replaceAll(there, instead),
      commands as string,
    ),
  );
}

const bash = (commands: string) =>
  run('bash', ['-euo', 'pipefail', '-c', commands], { cwd: packageFolder });

/** Commands that go on, in a group of their own, which ends with the test. */
function goesOn(
  t: TestContext,
  commands: string,
  env: NodeJS.ProcessEnv = {},
): { said: () => string } {
  const child = spawn('bash', ['-c', `${commands}\nwait`], {
    cwd: packageFolder,
    env: { ...process.env, ...env },
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
  const ended = new Promise((done) => child.on('close', done));
  t.after(async () => {
    if (child.exitCode === null) process.kill(-(child.pid as number), 'SIGTERM');
    await ended;
  });
  return { said: () => said };
}

/** Of all tests, removed when what they started has ended. */
const folder = mkdtempSync(join(tmpdir(), 'corridor-integration-'));
after(() => rmSync(folder, { recursive: true, force: true }));

test('over HTTP: a sandbox, a payment in each language, in XML and by a condition, one that is returned, and accounts that reconcile', {
  skip,
}, async (t) => {
  const [port = 0] = await freePorts(1);
  const there = {
    'sandboxes/first': join(folder, 'first'),
    '127.0.0.1:8080': `127.0.0.1:${port}`,
  };
  const [up = '', pay = '', waits = '', ...back] = commandsOf('Over HTTP', there);
  const sandbox = goesOn(t, up.replace('\n', ` --port ${port} --view-port 0\n`));
  await until('the sandbox is up', () => sandbox.said().includes('live view'));
  const { stdout } = await bash(pay);
  assert.match(stdout, PAID);
  assert.equal(stdout.match(/"state":"ACSC"/g)?.length, 2, stdout);
  // The client ends with 1, as it is not final; what is read of it are three documents.
  const [key = ''] = pay.split('\n');
  const waiting = await bash(`${key}\n${waits.replace('\n', ' 2>&1 || true\n')}`);
  assert.match(waiting.stdout, /has no final status after 2 s: PDNG AM04; Waits for funds/);
  assert.equal(waiting.stdout.match(/waits for up to 2 s: PDNG AM04; Waits for/g)?.length, 1);
  assert.match(waiting.stdout, /"60000.00"/);
  assert.equal(waiting.stdout.match(/^{$/gm)?.length, 3, waiting.stdout);
  const [inXml = '', conditional = '', close = '', reconcile = ''] = commandsOf(
    'XML, conditions and reconciliation',
    there,
  );
  assert.match((await bash(`${key}\n${inXml}`)).stdout, PAID);
  const released = await bash(`${key}\n${conditional}`);
  assert.match(released.stdout, /^(CARGO-\w{8}) COMP\n(?:\1 \w{4} .*\n)+\1 ACSC \n$/);
  await bash(close);
  let reconciled = '';
  await until('the statement of the close is there', async () => {
    reconciled = (await bash(`${key}\n${reconcile}`)).stdout;
    return / statements: 1$/m.test(reconciled);
  });
  assert.match(reconciled, /^SGD 29900\.00 by 2 bookings; statements: 1$/m);
  assert.equal(back.length, 3);
  const followed = await bash([key, ...back].join('\n'));
  assert.deepEqual(
    followed.stdout
      .trim()
      .replace(/^[0-9a-f-]{36} /gm, '')
      .split('\n'),
    [
      ...['PDCR', 'COMP', 'ACSC'],
      ...['ACSC Not returned: EUR 0.50', 'ACSC Not returned: EUR 0.50'],
    ],
  );
});

test('over Kafka: a network is founded, its services run, and a payment settles', {
  skip,
}, async (t) => {
  const broker = await startProfile('npm run kafka', folder, []);
  t.after(() => broker.stop());
  const [kafka, found = '', services = '', pay = '', receive = ''] = commandsOf('Over Kafka', {
    'sandboxes/bank': join(folder, 'bank'),
    '.kafka/clients': join(broker.certificates, '../clients'),
    '127.0.0.1:9092': broker.services,
    '127.0.0.1:9094': broker.banks,
  });
  assert.equal(kafka, 'npm run kafka\n');
  await bash(found);
  goesOn(t, services, { CORRIDOR_GATEWAY_PORT: '0' });
  const { stdout } = await bash(pay);
  assert.match(stdout, PAID);
  assert.match(stdout, /"TxSts":"ACSC"/);
  const received = await bash(receive);
  assert.match(received.stdout, /^(?:[0-9a-f-]{36} verified, from ALFADE00 EUR 12\.50\n){2}$/);
});
