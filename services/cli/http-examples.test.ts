import assert from 'node:assert/strict';
import { execFile, execFileSync, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { createSigner, secretKeyPem } from '../core/signing.ts';
import type { Gateway } from '../gateway/gateway.ts';
import { createMemoryLog } from '../platform/log/memory.ts';
import { simulatedSecretKey } from '../simulator/setup.ts';
import { packageFolder } from './build-info.ts';
import { buildTestGateway } from './test-gateway.ts';
import { TestNetwork } from './test-network.ts';

/** The examples of docs/http.md, run as a bank's engineer runs them. */
const run = promisify(execFile);
const operatorSecret = createHash('sha256').update('operator').digest();
const folder = mkdtempSync(join(tmpdir(), 'corridor-examples-'));
const log = createMemoryLog({ now: Date.now });
const network = new TestNetwork(log, {
  operatorKey: Buffer.from(createSigner(operatorSecret).publicKey).toString('hex'),
});
let gateway: Gateway;
let url: string;
const example = (name: string) => join(packageFolder, 'docs/examples', name);
const key = join(folder, 'ALFADE00.pem');
const operatorKey = join(folder, 'operator.pem');

const works = (program: string, args: string[]) => {
  try {
    execFileSync(program, args, { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
};
const python = works('python3', ['-c', 'import cryptography']);
const java = works('java', ['-version']);
const openssl = works('openssl', ['version']) && works('curl', ['--version']);

before(async () => {
  writeFileSync(key, secretKeyPem(simulatedSecretKey(network.scenario.seed, 'ALFADE00')));
  writeFileSync(operatorKey, secretKeyPem(operatorSecret));
  await network.create();
  network.start();
  gateway = await buildTestGateway({
    network: network.scenario.network,
    log,
    name: 'examples',
  });
  url = await gateway.app.listen({ host: '127.0.0.1', port: 0 });
});
after(async () => {
  await gateway.close();
  await network.stop();
  rmSync(folder, { recursive: true });
});

const payment = () => [network.scenario.network, 'ALFADE00', key, 'BETASG00', 'EUR', '12.50'];

test('Python: a payment settles, the stream tells of it, and the operator issues liquidity', {
  skip: !python && 'python3 with the package cryptography is not here',
}, async () => {
  const client = (...args: string[]) =>
    run('python3', [example('corridor_client.py'), url, ...args]);
  const [net, bic, ...rest] = payment() as [string, string, ...string[]];
  const watching = spawn('python3', [
    example('corridor_client.py'),
    url,
    net,
    'watch',
    bic,
    key,
    '1',
  ]);
  let watched = '';
  watching.stdout.on('data', (piece) => {
    watched += piece;
  });
  const ended = new Promise((resolve) => watching.on('exit', resolve));
  const { stdout } = await client(net, 'pay', bic, ...rest);
  assert.match(stdout, /^[0-9a-f-]{36} ACSC\n$/);
  await ended;
  assert.match(watched, / ACSC\n$/);
  const before = network.settlements[0]!.balance(0, 0);
  const issue = { kind: 'issue', bic, currency: 'EUR', amountMinor: '700' };
  const command = await client(net, 'command', 'main', operatorKey, JSON.stringify(issue));
  assert.match(command.stdout, /^202 /);
  while (network.settlements[0]!.balance(0, 0) === before)
    await new Promise((resolve) => setTimeout(resolve, 5));
  assert.equal(network.settlements[0]!.balance(0, 0) - before, 700n);
});

test('Java: a payment settles', { skip: !java && 'java is not here' }, async () => {
  const { stdout } = await run('java', [example('Pay.java'), url, ...payment()]);
  assert.match(stdout, /"state":"ACSC"/);
});

test('curl and OpenSSL: a payment settles', {
  skip: !openssl && 'openssl or curl is not here',
}, async () => {
  const { stdout } = await run('bash', [example('pay.sh'), url, ...payment()]);
  assert.match(stdout, /"state":"ACSC"/);
});
