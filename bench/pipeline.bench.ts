/**
 * The whole path on one machine, as `corridor up` runs it: every service in one process over the
 * embedded, durable log, with metrics into the embedded ClickHouse. PIPELINE_PAYMENTS (default 60,000) in
 * each of ROUNDS rounds, then half the wanted rate.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startSandbox } from '../services/cli/live/sandbox.ts';
import { statusesOf } from '../services/protocol/topics.ts';
import { median, printer, quantile } from './measure.ts';
import {
  bics,
  checkAll,
  latencies,
  type Path,
  prepare,
  scenario,
  throughput,
} from './pipeline/load.ts';
import { printProfile, profiled } from './pipeline/profile.ts';

const PAYMENTS = Number(process.env.PIPELINE_PAYMENTS ?? 60_000);
const ROUNDS = Number(process.env.PIPELINE_ROUNDS ?? 3);
const WARM_UP = Math.min(PAYMENTS, 20_000);
const HALF_RATE = 7_500;
const HALF_SECONDS = Number(process.env.PIPELINE_HALF_SECONDS ?? 10);

const print = printer('pipeline');
const folder = mkdtempSync(join(tmpdir(), 'corridor-pipeline-'));
const sandbox = await startSandbox({
  scenario,
  folder,
  probesHost: '127.0.0.1',
  probesPort: 0,
  gatewayPort: 0,
  paymentsPerSecond: 0,
});
const { log } = sandbox.context('bench');
const path: Path = {
  log,
  secretKeyOf: sandbox.folder.secretKeyOf,
  async statusesOut() {
    let sum = 0;
    for (const bic of bics) sum += await log.endOffset(statusesOf(bic), 0);
    return sum;
  },
};
const sent = new Set<string>();
let seed = 0;
const next = (payments: number) => {
  const load = prepare(path, payments, ++seed);
  for (const { uetr } of load) sent.add(uetr);
  return load;
};

try {
  await throughput(path, next(WARM_UP));
  const rates: number[] = [];
  for (let round = 0; round < ROUNDS; round++) rates.push(await throughput(path, next(PAYMENTS)));
  process.stderr.write(`rounds: ${rates.map((rate) => rate.toFixed(0)).join(', ')} payments/s\n`);
  const took = await latencies(path, next(HALF_RATE * HALF_SECONDS), HALF_RATE);
  const load = next(PAYMENTS);
  const profile = await profiled(
    async () => {
      await throughput(path, load);
    },
    { 'embedded ClickHouse': sandbox.clickHousePid() ?? -1 },
  );
  await checkAll(log, sent);
  const plain = { vs: null, ratio: null };
  print({ case: 'embedded-throughput', value: median(rates), unit: 'payments/s', ...plain });
  print({ case: 'embedded-p99-half-load', value: quantile(took, 0.99), unit: 'ms', ...plain });
  printProfile('embedded', profile, PAYMENTS);
} finally {
  await sandbox.stop();
  rmSync(folder, { recursive: true, force: true });
}
