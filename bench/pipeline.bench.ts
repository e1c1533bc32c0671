/**
 * The whole path on one machine: the services in one process over the embedded, durable log, with
 * metrics into the embedded ClickHouse. PIPELINE_PAYMENTS (default 60,000) in
 * each of ROUNDS rounds, then half the wanted rate. Before that, what a document costs.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startEmbeddedClickHouse } from '../services/platform/clickhouse/embedded.ts';
import { createStore } from '../services/platform/clickhouse/reconnecting-store.ts';
import { openEmbeddedLog } from '../services/platform/log/embedded/embedded.ts';
import { schemaFolder } from '../services/platform/service/shipped-files.ts';
import { isAsked, median, printer, quantile } from './measure.ts';
import { ATTESTATION_CASES, measureAttestations } from './pipeline/attestations.ts';
import { checkRows } from './pipeline/check-rows.ts';
import { DOCUMENT_CASES, measureDocuments } from './pipeline/documents.ts';
import { startLivePath } from './pipeline/live-path.ts';
import { checkAll, latencies, prepare, throughput } from './pipeline/load.ts';
import { printProfile, profiled } from './pipeline/profile.ts';

const PAYMENTS = Number(process.env.PIPELINE_PAYMENTS ?? 60_000);
const ROUNDS = Number(process.env.PIPELINE_ROUNDS ?? 3);
const WARM_UP = Math.min(PAYMENTS, 20_000);
const HALF_RATE = 7_500;
const HALF_SECONDS = Number(process.env.PIPELINE_HALF_SECONDS ?? 10);

const print = printer('pipeline');
if (isAsked(...DOCUMENT_CASES)) await measureDocuments(print);
if (isAsked(...ATTESTATION_CASES)) await measureAttestations(print);
if (isAsked('embedded-throughput', 'embedded-p99-half-load')) await measurePath();

async function measurePath(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'corridor-pipeline-'));
  const clickHouse = await startEmbeddedClickHouse({ folder: join(folder, 'clickhouse') });
  const store = createStore(async () => clickHouse, fileURLToPath(schemaFolder()));
  const log = openEmbeddedLog({ folder: join(folder, 'log') });
  const path = await startLivePath(log, store);
  const sent = new Set<string>();
  let seed = 0;
  const next = (payments: number) => {
    const load = prepare(path, payments, ++seed);
    for (const uetr of load.uetrs) sent.add(uetr);
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
      { 'embedded ClickHouse': clickHouse.pid },
    );
    await checkAll(log, sent);
    await checkRows(store, sent.size);
    const plain = { vs: null, ratio: null };
    print({ case: 'embedded-throughput', value: median(rates), unit: 'payments/s', ...plain });
    print({ case: 'embedded-p99-half-load', value: quantile(took, 0.99), unit: 'ms', ...plain });
    printProfile('embedded', profile, PAYMENTS);
  } finally {
    await path.stop();
    await store.close();
    await clickHouse.stop();
    await log.close();
    rmSync(folder, { recursive: true, force: true });
  }
}
