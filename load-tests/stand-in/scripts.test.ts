import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Registry } from 'prom-client';
import { type LoadLine, loadLines } from '../../services/cli/loadgen.ts';
import { TestNetwork } from '../../services/cli/test-network.ts';
import { load } from '../../services/cli/test-run.ts';
import { buildGateway } from '../../services/gateway/gateway.ts';
import { createMemoryLog } from '../../services/platform/log/memory.ts';
import { PAYMENTS } from '../../services/protocol/topics.ts';
import { simulatedSecretKey } from '../../services/simulator/setup.ts';

/** The load tests' own logic against a live gateway, with k6's modules stood in for. */
const folder = mkdtempSync(join(tmpdir(), 'corridor-load-'));
const file = join(folder, 'payments.jsonl');
const scenario = load('load');
let url: string;
/** So many calls to the log fail for `payments`, as when the broker is away for a moment. */
let failures = 0;

async function begin(isMoving: boolean): Promise<() => Promise<void>> {
  const log = createMemoryLog({ now: Date.now });
  const network = new TestNetwork(log, { scenario });
  await network.create();
  if (isMoving) network.start();
  const gateway = await buildGateway({
    network: scenario.network,
    version: 'test',
    pools: ['main'],
    log: {
      ...log,
      produce: (topic, messages) =>
        topic === PAYMENTS && failures-- > 0
          ? Promise.reject(new Error('the broker is away'))
          : log.produce(topic, messages),
    },
    now: Date.now,
    registry: new Registry(),
    logger: { info() {}, warn() {}, error() {} },
    name: 'load',
  });
  url = await gateway.app.listen({ host: '127.0.0.1', port: 0 });
  return async () => {
    await gateway.close();
    await network.stop();
  };
}

function prepareFile(payments: number, startMs = Date.now(), rate = 0, name = file, seed = 1) {
  const lines = [
    ...loadLines({
      scenario,
      payments,
      banks: 64,
      seed,
      startMs,
      rate,
      reads: true,
      secretKeyOf: (bic) => simulatedSecretKey(scenario.seed, bic),
    }),
  ];
  const text = lines.map((line) => `${JSON.stringify(line)}\n`).join('');
  writeFileSync(name, text);
  return text;
}

interface Outcome {
  readonly code: number | null;
  readonly error: string;
  readonly failed: string[];
  readonly metrics: Record<string, { rate: number; count: number; samples: number }>;
}

function run(script: string, env: Record<string, string> = {}): Promise<Outcome> {
  const child = spawn(
    process.execPath,
    [
      fileURLToPath(new URL('run.child.js', import.meta.url)),
      fileURLToPath(new URL(`../${script}.js`, import.meta.url)),
    ],
    { env: { ...process.env, GATEWAY: url, FILE: file, ...env } },
  );
  let out = '';
  let error = '';
  child.stdout.on('data', (piece) => {
    out += piece;
  });
  child.stderr.on('data', (piece) => {
    error += piece;
  });
  return new Promise((resolve) =>
    child.on('exit', (code) =>
      resolve({ code, error, ...(out === '' ? { failed: [], metrics: {} } : JSON.parse(out)) }),
    ),
  );
}

let end: () => Promise<void>;
before(async () => {
  end = await begin(true);
});
after(async () => {
  await end();
  rmSync(folder, { recursive: true });
});

test('smoke: every payment is accepted, and settles', async () => {
  prepareFile(8);
  const { code, metrics, error, failed } = await run('smoke', { PAYMENTS: '8' });
  assert.equal(code, 0, `${error} ${failed}`);
  assert.deepEqual(metrics.accepted, { rate: 1, samples: 8 });
  assert.deepEqual(metrics.settled, { rate: 1, samples: 8 });
  assert.equal(metrics.finality_ms?.samples, 8);
});

test('steady: every payment is read back, and some are waited for', async () => {
  prepareFile(60, Date.now(), 30, file, 2);
  const env = { RATE: '30', SECONDS: '2', WAIT_EVERY: '10' };
  const { metrics, error } = await run('steady', env);
  assert.deepEqual(metrics.accepted, { rate: 1, samples: 60 }, error);
  assert.deepEqual(metrics.settled, { rate: 1, samples: 66 });
  assert.equal(metrics.finality_ms?.samples, 6);
});

test('burst: what is told to try later is accepted in the end', async () => {
  prepareFile(20, Date.now(), 0, file, 3);
  failures = 2;
  const { code, metrics, error, failed } = await run('burst', { PAYMENTS: '20' });
  assert.equal(code, 0, `${error} ${failed}`);
  assert.deepEqual(metrics.accepted, { rate: 1, samples: 20 });
  assert.deepEqual(metrics.settled, { rate: 1, samples: 20 });
  assert.equal(metrics.tried_later?.count, 2);
});

test('accepted is not settled: a network that stands still fails the thresholds', async () => {
  const stop = await begin(false);
  prepareFile(2, Date.now(), 0, file, 4);
  const { code, metrics, failed } = await run('smoke', { PAYMENTS: '2', FINALITY_SECONDS: '0.3' });
  assert.equal(code, 99);
  assert.deepEqual(metrics.accepted, { rate: 1, samples: 2 });
  assert.deepEqual(metrics.settled, { rate: 0, samples: 2 });
  assert.deepEqual(failed, ['settled rate==1']);
  await stop();
});

test('a file for another time, or too short, is refused before anything is sent', async () => {
  prepareFile(2, Date.now() - 400_000);
  const old = await run('smoke', { PAYMENTS: '2' });
  assert.equal(old.code, 107);
  assert.match(old.error, /prepare it anew/);
  prepareFile(2);
  const short = await run('smoke', { PAYMENTS: '3' });
  assert.equal(short.code, 107);
  assert.match(short.error, /holds 2 payments and the test sends 3/);
});

test('the same seed and start give the same bytes; issue times go on with the rate', () => {
  const startMs = Date.parse('2026-03-16T23:59:59.000Z');
  const text = prepareFile(20, startMs, 10);
  assert.equal(prepareFile(20, startMs, 10), text);
  assert.notEqual(prepareFile(20, startMs, 10, file, 2), text);
  const [head, first, ...rest] = text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  assert.equal(head.issuedToMs - head.issuedFromMs, 1_900);
  assert.equal(Number((first as LoadLine).headers['ce-issuedatms']), startMs);
  // The second day begins in the middle.
  assert.match((first as LoadLine).body, /"IntrBkSttlmDt":"2026-03-16"/);
  assert.match((rest.at(-1) as LoadLine).body, /"IntrBkSttlmDt":"2026-03-17"/);
});
