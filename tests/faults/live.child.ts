import { setTimeout as pause } from 'node:timers/promises';
import { participantsNow, startBank } from '../../services/bank/bank-service.ts';
import { startGateway } from '../../services/gateway/gateway-service.ts';
import { startBusinessDays } from '../../services/gateway/sandbox-business-days.ts';
import { currenciesOf } from '../../services/live/network.ts';
import { createTopics } from '../../services/live/network-against-log.ts';
import type { RunningService, ServiceContext } from '../../services/live/service-context.ts';
import { createStore } from '../../services/platform/clickhouse/reconnecting-store.ts';
import { openEmbeddedLog } from '../../services/platform/log/embedded/embedded.ts';
import type { Log } from '../../services/platform/log/log.ts';
import {
  createLogger,
  createServiceProcess,
} from '../../services/platform/service/service-process.ts';
import { coreModule, schemaFolder } from '../../services/platform/service/shipped-files.ts';
import { openSnapshotFiles } from '../../services/platform/service/snapshot-files.ts';
import { networkOf } from '../../services/sandbox/sandbox-folder.ts';
import { SERVICE_NAMES, startServices } from '../../services/sandbox/start-services.ts';
import { send } from '../support/live.ts';
import { load } from '../support/run.ts';
import { AUDITORS, auditorsPolicy, type RunningAuditor, startAuditor } from './auditors.ts';
import type { ChildOrders } from './child-orders.ts';
import { BANK, bankOrders, found, NODE_PEM, sendTraffic } from './fault-network.ts';
import { sealIn } from './seal-check.ts';
import { signerOf } from './traffic.ts';

/**
 * Services of a network as one process; it may be told to kill itself when a point is reached for the
 * n-th time.
 *   node live.child.js ORDERS-AS-JSON
 */
const orders = JSON.parse(process.argv[2] as string) as ChildOrders;
const { crash, roles } = orders;
/** Quiet for so many looks: everything that was sent is handled. */
const QUIET_LOOKS = 4;
const END_MS = 60_000;
/** As the services' own processes have it (services/platform/service/log-variables.ts). */
const PATIENCE_MS = 5_000;
/** Far above what a test sends: over Kafka traffic goes on for as long as the kills take. */
const PAYMENTS_MAX = { embedded: 5_000, kafka: 50_000 };

let times = 0;
const reached = (point: string) => {
  if (point !== crash?.point) return;
  times += 1;
  if (times === crash.times) process.kill(process.pid, 'SIGKILL');
};

const scenario = load('smoke');
const network = networkOf(scenario);
const core = coreModule();

async function openLog(): Promise<Log> {
  const { log } = orders;
  if (log.kind === 'embedded') return openEmbeddedLog({ folder: log.folder });
  const { openKafkaLog } = await import('../../services/platform/log/kafka/kafka.ts');
  return openKafkaLog({ brokers: log.brokers, prefix: log.prefix, patienceMs: PATIENCE_MS });
}

const log = await openLog();
const logger = createLogger(process.env.CORRIDOR_DEBUG ? 'info' : 'fatal');
const shared = createServiceProcess({ log, logger, stallMs: 60_000, reached });

async function startSampleBank(context: ServiceContext): Promise<RunningService> {
  while (!(await participantsNow(context)).some(({ bic }) => bic === BANK)) await pause(20);
  return startBank(context, {
    bic: BANK,
    keyId: 'key-1',
    network: network.network,
    sign: (text) => signerOf(scenario, BANK).sign(text),
    currencies: currenciesOf(network),
    ratePerSecond: 0,
    orders: bankOrders(orders.seed, orders.orders),
  });
}

const running: RunningService[] = [];
await createTopics(log, network);
if (roles.includes('operator')) {
  await found(log, scenario, PAYMENTS_MAX[orders.log.kind]);
  running.push(await startBusinessDays(shared.context('operator'), network));
}
const { clickHouse } = orders;
const sealOf = (pool: string) => sealIn(orders.evidence, network.network, pool);
const sealed = orders.quorum ? sealOf(network.pools[0]?.name as string) : null;
const store = clickHouse && createStore(async () => clickHouse, schemaFolder());
running.push(
  await startServices({
    network,
    core,
    contextOf: (service, pool) => shared.context(service, pool),
    threads: 0,
    takeoverMs: orders.log.kind === 'embedded' ? 0 : 500,
    snapshotsOf: (pool) => openSnapshotFiles(`${orders.snapshots}/${pool}`, reached),
    snapshotRecords: orders.snapshotRecords,
    nodeKeys: () => NODE_PEM,
    sealOf,
    ...(sealed && { finality: auditorsPolicy(sealed.logKey, 3) }),
    services: SERVICE_NAMES.filter((name) => (roles as readonly string[]).includes(name)),
    ...(store && { store }),
  }),
);
const auditors: RunningAuditor[] = [];
for (const who of sealed ? AUDITORS : [])
  auditors.push(
    await startAuditor(log, sealed as NonNullable<typeof sealed>, orders.evidence as string, who),
  );
if (roles.includes('bank')) running.push(await startSampleBank(shared.context('bank')));
const gateway = roles.includes('gateway')
  ? await startGateway(shared.context('gateway'), {
      network,
      version: 'test',
      registry: shared.registry,
      host: '127.0.0.1',
      port: orders.port ?? 0,
      name: 'gateway',
    })
  : undefined;
if (gateway) running.push(gateway);
for (const service of [...running, ...auditors]) service.done.catch((error) => fail(error));

function fail(error: unknown): void {
  process.stderr.write(`${(error as Error).stack}\n`);
  process.exit(1);
}

/** Until every reader of this process has what there is. */
async function quiet(): Promise<void> {
  for (let looks = 0; looks < QUIET_LOOKS; ) {
    await pause(100);
    looks = (await shared.health.outstanding()) === 0 ? looks + 1 : 0;
  }
}

if (orders.until === undefined || gateway === undefined) {
  // Whoever started it holds the other end: when that goes, so does this.
  await new Promise((resolve) => process.stdin.on('end', resolve).on('close', resolve).resume());
  // Whoever ended it may be dead, and the broker with it.
  setTimeout(() => fail(new Error('readers did not come to an end')), END_MS).unref();
  await quiet();
} else {
  // A sender is known once the first events have come to the verifier's keys.
  while (shared.health.faults().length > 0) await pause(20);
  // An auditor takes no record that an operator did not sign, such as those of that traffic.
  if (orders.quorum) await send(log, orders.seed, 0, orders.until);
  else await sendTraffic(log, scenario, { ...orders, until: orders.until, url: gateway.url });
  await quiet();
}
await Promise.all([...running, ...auditors].map((service) => service.stop()));
await store?.close();
await log.close();
process.exit(0);
