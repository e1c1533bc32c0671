import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Registry } from 'prom-client';
import { type LoadLine, loadLines } from '../../services/drive/loadgen.ts';
import { createMemoryLog } from '../../services/platform/log/embedded/memory.ts';
import { PAYMENTS } from '../../services/protocol/names/topic-plan.ts';
import { simulatedSecretKey } from '../../services/simulator/keys-and-genesis.ts';
import { buildTestGateway } from '../../tests/support/gateway.ts';
import { TestNetwork } from '../../tests/support/network.ts';
import { load } from '../../tests/support/run.ts';
import { runScript } from './run.ts';

/** The load tests' own logic against a live gateway, with k6's modules stood in for. */
const folder = mkdtempSync(join(tmpdir(), 'corridor-load-'));
const file = join(folder, 'payments.jsonl');
const scenario = load('load');
let url = '';
/** So many calls to the log fail for `payments`, as when the broker is away for a moment. */
let failures = 0;
/** The log takes so long for each. */
let slowMs = 0;

async function begin(isMoving: boolean): Promise<() => Promise<void>> {
  const log = createMemoryLog({ now: Date.now });
  const network = new TestNetwork(log, { scenario });
  await network.create();
  if (isMoving) network.start();
  const gateway = await buildTestGateway({
    network: scenario.network,
    version: 'test',
    pools: ['main'],
    log: {
      ...log,
      async produce(topic, messages) {
        if (topic === PAYMENTS && failures-- > 0) throw new Error('the broker is away');
        if (topic === PAYMENTS && slowMs > 0) await sleep(slowMs);
        return log.produce(topic, messages);
      },
    },
    now: Date.now,
    registry: new Registry(),
    logger: { info() {}, warn() {}, error() {} },
    name: 'load',
  });
  const before = url;
  url = await gateway.app.listen({ host: '127.0.0.1', port: 0 });
  return async () => {
    url = before;
    await gateway.close();
    await network.stop();
  };
}

interface Prepared {
  readonly startMs?: number;
  readonly rate?: number;
  readonly seed?: number;
  readonly reads?: boolean;
}

function prepareFile(payments: number, prepared: Prepared = {}): string {
  const { startMs = Date.now(), rate = 0, seed = 1, reads = true } = prepared;
  const lines = loadLines({
    scenario,
    payments,
    banks: 64,
    seed,
    startMs,
    rate,
    reads,
    secretKeyOf: (bic) => simulatedSecretKey(scenario.seed, bic),
  });
  const text = [...lines].map((line) => `${JSON.stringify(line)}\n`).join('');
  writeFileSync(file, text);
  return text;
}

const run = (script: string, env: Record<string, string> = {}) =>
  runScript(fileURLToPath(new URL(`../${script}.js`, import.meta.url)), {
    GATEWAY: url,
    FILE: file,
    ...env,
  });

let end: () => Promise<void>;
before(async () => {
  end = await begin(true);
});
after(async () => {
  await end();
  rmSync(folder, { recursive: true });
});

const counted = (count: number) => ({ samples: count, count });

test('smoke: every payment is accepted, and settles', async () => {
  prepareFile(8);
  const { code, metrics, error, failed } = await run('smoke', { PAYMENTS: '8' });
  assert.equal(code, 0, `${error} ${failed}`);
  assert.deepEqual(metrics.accepted, counted(8));
  assert.deepEqual(metrics.settled, counted(8));
  assert.equal(metrics.finality_ms?.samples, 8);
});

test('steady: every payment is read back while others are sent, and some are waited for', async () => {
  prepareFile(20, { rate: 10, seed: 2 });
  const env = { RATE: '10', SECONDS: '2', LAG: '1', WAIT_EVERY: '10', VUS: '6' };
  const { metrics, failed, error } = await run('steady', env);
  // How quick it is here says nothing, nor whether this machine kept the rate.
  const ofTime = /^(acceptance_ms|finality_ms|dropped_iterations) /;
  assert.deepEqual(
    failed.filter((one) => !ofTime.test(one)),
    [],
    error,
  );
  assert.deepEqual(metrics.accepted, counted(20));
  assert.deepEqual(metrics.settled, counted(20));
  assert.equal(metrics.finality_ms?.samples, 2);
});

test('burst: what is told to try later is accepted in the end', async () => {
  prepareFile(20, { seed: 3 });
  failures = 2;
  const env = { PAYMENTS: '20', VUS: '4', READ_AFTER: '1' };
  const { code, metrics, error, failed } = await run('burst', env);
  assert.equal(code, 0, `${error} ${failed}`);
  assert.deepEqual(metrics.accepted, counted(20));
  assert.deepEqual(metrics.settled, counted(20));
  assert.ok((metrics.tried_later?.count ?? 0) >= 2);
});

test('accepted is not settled: a network that stands still fails the run', async () => {
  const stop = await begin(false);
  prepareFile(2, { seed: 4 });
  const { code, metrics, failed } = await run('smoke', { PAYMENTS: '2', FINALITY_SECONDS: '0.3' });
  assert.equal(code, 99);
  assert.deepEqual(metrics.accepted, counted(2));
  assert.deepEqual(failed, ['settled count==2']);
  await stop();
});

test('a gateway too slow for the time of a test fails the run', async () => {
  slowMs = 700;
  prepareFile(20, { seed: 5 });
  const env = {
    PAYMENTS: '20',
    VUS: '1',
    MAX_SECONDS: '1',
    FINALITY_SECONDS: '1',
    READ_AFTER: '1',
  };
  const { code, failed, metrics } = await run('burst', env);
  slowMs = 0;
  assert.equal(code, 99);
  assert.deepEqual(failed.slice(0, 2), ['accepted count==20', 'settled count==20']);
  assert.ok(failed.includes('dropped_iterations count==0'));
  assert.ok((metrics.accepted?.count ?? 0) > 0);
});

test('an iteration that throws fails the run, though k6 counts it as one', async () => {
  for (const [script, env] of [
    ['smoke', {}],
    ['burst', { VUS: '2', READ_AFTER: '1' }],
  ] as const) {
    const lines = prepareFile(10, { seed: script === 'smoke' ? 6 : 7 }).split('\n');
    // The fourth payment is cut off in the middle.
    lines[4] = (lines[4] as string).slice(0, 100);
    writeFileSync(file, lines.join('\n'));
    const { code, error, failed } = await run(script, { PAYMENTS: '10', ...env });
    assert.equal(code, 99, error);
    assert.match(error, /JSON/);
    assert.deepEqual(failed, ['accepted count==10', 'settled count==10']);
  }
});

test('a file for another time, too short or without reads, is refused before anything is sent', async () => {
  prepareFile(2, { startMs: Date.now() - 400_000 });
  const old = await run('smoke', { PAYMENTS: '2' });
  assert.equal(old.code, 107);
  assert.match(old.error, /prepare it anew/);
  prepareFile(2);
  const short = await run('smoke', { PAYMENTS: '3' });
  assert.equal(short.code, 107);
  assert.match(short.error, /holds 2 payments and the test sends 3/);
  prepareFile(2, { reads: false });
  for (const script of ['smoke', 'burst']) {
    const blind = await run(script, { PAYMENTS: '2' });
    assert.equal(blind.code, 107);
    assert.match(blind.error, /without requests to read/);
  }
});

test('the same seed and start give the same bytes; issue times go on with the rate', () => {
  const startMs = Date.parse('2026-03-16T23:59:59.000Z');
  const text = prepareFile(20, { startMs, rate: 10 });
  assert.equal(prepareFile(20, { startMs, rate: 10 }), text);
  assert.notEqual(prepareFile(20, { startMs, rate: 10, seed: 2 }), text);
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
