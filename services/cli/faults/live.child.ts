import { fileURLToPath } from 'node:url';
import { startBusinessDays } from '../../gateway/business-days.ts';
import { startEmbeddedClickHouse } from '../../platform/clickhouse/embedded.ts';
import { createStore } from '../../platform/clickhouse/store.ts';
import { openEmbeddedLog } from '../../platform/log/embedded.ts';
import { coreModule, schemaFolder } from '../../platform/service/core-file.ts';
import { createLogger, createServiceProcess } from '../../platform/service/process.ts';
import { openSnapshotFiles } from '../../platform/service/snapshot-files.ts';
import { PAYMENTS } from '../../protocol/topics.ts';
import { writeGenesis } from '../live/genesis.ts';
import { networkOf } from '../live/sandbox-folder.ts';
import { startServices } from '../live/services.ts';
import { load } from '../test-run.ts';
import type { ChildOrders } from './child-orders.ts';
import { FaultBanks, idsInPayments } from './traffic.ts';

/**
 * All services of a network over the embedded log, driven with traffic, until everything that was
 * sent is handled; it may be told to kill itself when a point is reached for the n-th time.
 *   node live.child.js ORDERS-AS-JSON
 */
const orders = JSON.parse(process.argv[2] as string) as ChildOrders;
const { folder, crash } = orders;
/** Quiet for so many looks: everything that was sent is handled. */
const QUIET_LOOKS = 4;

let times = 0;
const reached = (point: string) => {
  if (orders.tell) process.stdout.write(`${point}\n`);
  if (point !== crash?.point) return;
  times += 1;
  if (times === crash.times) process.kill(process.pid, 'SIGKILL');
};

const scenario = load('smoke');
const network = networkOf(scenario);
const log = openEmbeddedLog({ folder: `${folder}/log` });
const shared = createServiceProcess({
  log,
  logger: createLogger('fatal'),
  stallMs: 10_000,
  reached,
});
const clickHouse = orders.metrics
  ? await startEmbeddedClickHouse({ folder: `${folder}/clickhouse` })
  : undefined;
const store = clickHouse && createStore(async () => clickHouse, fileURLToPath(schemaFolder()));
const services = await startServices({
  network,
  core: coreModule(),
  contextOf: (service, pool) => shared.context(service, pool),
  threads: 0,
  takeoverMs: 0,
  snapshotsOf: (pool) => openSnapshotFiles(`${folder}/snapshots/${pool}`, reached),
  snapshotRecords: orders.snapshotRecords,
  ...(store && { store }),
});
const operator = shared.context('operator');
const banks = new FaultBanks({
  scenario,
  seed: orders.seed,
  count: orders.until,
  date: orders.date,
});
await writeGenesis(log, scenario, {
  timeMs: operator.nowMs(),
  publicKeyOf: (bic) => banks.publicKeyOf(bic),
  operatorKey: new Uint8Array(32),
  limits: { livePayments: 10_000, identities: 10_000 },
});
const days = await startBusinessDays(operator, network);

// A sender is known once the first events have come to the verifier's keys.
while (shared.health.faults().length > 0) await operator.pause(20);
const sent = await idsInPayments(log, network.paymentPartitions);
for (let index = 0; index < orders.until; index++) {
  const messages = banks.messages(index);
  if (sent.has(messages[0]?.headers.ce_id ?? '')) continue;
  await log.produce(PAYMENTS, messages);
  if (index % 10 === 9) await operator.pause(5);
}
for (let quiet = 0; quiet < QUIET_LOOKS; ) {
  await operator.pause(100);
  quiet = (await shared.health.outstanding()) === 0 ? quiet + 1 : 0;
}
await Promise.all([services.stop(), days.stop()]);
await store?.close();
await clickHouse?.stop();
await log.close();
