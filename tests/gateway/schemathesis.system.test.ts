/** Requests that schemathesis makes of the OpenAPI document, signed: no answer is a 5xx, and none is undocumented. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { createSigner } from '../../services/core/verification/signing.ts';
import { createMemoryLog } from '../../services/platform/log/embedded/memory.ts';
import { packageFolder } from '../../services/platform/service/build-info.ts';
import { KEY_ID, simulatedSecretKey } from '../../services/simulator/keys-and-genesis.ts';
import { uetrOf } from '../faults/traffic.ts';
import { buildTestGateway } from '../support/gateway.ts';
import { TestNetwork } from '../support/network.ts';
import { pythonForTest } from '../support/python.ts';

const { program, skip } = pythonForTest('schemathesis==4.32.0', 'cryptography==46.0.3');
const BANK = 'ALFADE00';
/** Of what schemathesis draws, and its hooks: another by CORRIDOR_SCHEMATHESIS_SEED. */
const SEED = Number(process.env.CORRIDOR_SCHEMATHESIS_SEED ?? 16);
const EXAMPLES = process.env.CORRIDOR_LONG_TESTS === '1' ? 60 : 5;
/** What may be wrong in a request is judged behind the log, so a request that is no document is taken. */
const LEFT_OUT = ['positive_data_acceptance', 'negative_data_rejection', 'ignored_auth'];

/** Behind the signature too, or little would be tested. */
const REACHED = [
  'POST /payments',
  'GET /payments/:uetr',
  'GET /banks/:bic/statuses',
  'GET /banks/:bic/deliveries',
  'GET /participants',
  'POST /operator/commands',
  'GET /schemas/:file',
];

test('schemathesis finds no 5xx and nothing undocumented', { skip }, async (t) => {
  const log = createMemoryLog({ now: Date.now });
  const operatorKey = Buffer.alloc(32, 7);
  const network = new TestNetwork(log, {
    operatorKey: Buffer.from(createSigner(operatorKey).publicKey).toString('hex'),
  });
  await network.create();
  network.start();
  const gateway = await buildTestGateway({
    network: network.scenario.network,
    log,
    name: 'schemathesis',
    door: { unverifiedBytesPerMinute: 1 << 30 },
  });
  const reached = new Set<string>();
  gateway.app.addHook('onResponse', async ({ method, routeOptions }, { statusCode }) => {
    if (statusCode < 300) reached.add(`${method} ${routeOptions.url}`);
  });
  const folder = mkdtempSync(join(tmpdir(), 'corridor-schemathesis-'));
  t.after(async () => {
    await gateway.close();
    await network.stop();
    rmSync(folder, { recursive: true, force: true });
  });
  const address = await gateway.app.listen({ host: '127.0.0.1', port: 0 });
  const uetr = uetrOf(SEED, 0);
  const { headers, payload } = network.payment({ uetr });
  await fetch(`${address}/payments`, { method: 'POST', headers, body: new Uint8Array(payload) });
  // What is asked for has to be there.
  const target = `/payments/${uetr}`;
  for (const endMs = Date.now() + 120_000; ; await pause(20)) {
    const { status } = await fetch(address + target, { headers: network.reading(BANK, target) });
    if (status === 200) break;
    assert.ok(Date.now() < endMs, `the payment has no status: ${status}`);
  }
  const said = await new Promise<string>((resolve) => {
    execFile(
      join(dirname(program), 'schemathesis'),
      [
        ...['run', `${address}/openapi.json`, '--exclude-path-regex', 'stream$'],
        ...['--checks', 'all', '--exclude-checks', LEFT_OUT.join(',')],
        ...[
          '--max-examples',
          `${EXAMPLES}`,
          '--seed',
          `${SEED}`,
          '--phases',
          'examples,coverage,fuzzing',
        ],
        ...['--suppress-health-check', 'all', '--continue-on-failure', '--no-color'],
        ...['--request-timeout', '20'],
      ],
      {
        cwd: folder,
        maxBuffer: 1 << 26,
        env: {
          ...process.env,
          SCHEMATHESIS_HOOKS: join(packageFolder, 'tests/gateway/schemathesis_hooks.py'),
          NETWORK: network.scenario.network,
          BANK,
          KEY_ID,
          UETR: uetr,
          SEED: `${SEED}`,
          BANK_KEY: Buffer.from(simulatedSecretKey(network.scenario.seed, BANK)).toString('hex'),
          OPERATOR_KEY: operatorKey.toString('hex'),
        },
      },
      (error, stdout, stderr) =>
        resolve(`${stdout}${stderr}${error ? `\nexit ${error.code}` : ''}`),
    );
  });
  const of = `seed ${SEED}: ${said}`;
  assert.match(said, /Test cases:\s+(\d{4,}) generated, \1 passed/, of);
  assert.doesNotMatch(said, /exit \d/, of);
  for (const route of REACHED)
    assert.ok(reached.has(route), `nothing of ${route} was granted: ${of}`);
});
