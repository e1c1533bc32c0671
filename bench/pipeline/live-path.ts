/**
 * A live network over a log: the services that payments pass and the passing of time, in this process
 * as in `corridor up`; without its gateway and its view, which read along.
 */
import { availableParallelism } from 'node:os';
import { createSigner } from '../../services/core/verification/signing.ts';
import { startBusinessDays } from '../../services/gateway/sandbox-business-days.ts';
import { poolNames } from '../../services/live/network.ts';
import { createTopics } from '../../services/live/network-against-log.ts';
import type { ClickHouseStore } from '../../services/platform/clickhouse/reconnecting-store.ts';
import type { Log } from '../../services/platform/log/log.ts';
import {
  createLogger,
  createServiceProcess,
} from '../../services/platform/service/service-process.ts';
import { coreModule } from '../../services/platform/service/shipped-files.ts';
import { poolInput } from '../../services/protocol/names/topic-plan.ts';
import { writeControl } from '../../services/protocol/records/input-record.ts';
import { writeGenesis } from '../../services/sandbox/genesis.ts';
import { networkOf } from '../../services/sandbox/sandbox-folder.ts';
import { type ServicesOptions, startServices } from '../../services/sandbox/start-services.ts';
import { simulatedSecretKey } from '../../services/simulator/keys-and-genesis.ts';
import { type Path, scenario } from './load.ts';

/** As the gateway has it. */
const TICK_MS = 100;

export interface LivePath extends Path {
  /** Leaves the log open. */
  stop(): Promise<void>;
}

/** @param store takes the rows of metrics; without one there are none */
export async function startLivePath(
  log: Log,
  store?: ClickHouseStore,
  options: Pick<ServicesOptions, 'sealOf' | 'finality'> = {},
): Promise<LivePath> {
  const network = networkOf(scenario);
  const secretKeyOf = (bic: string) => simulatedSecretKey(scenario.seed, bic);
  const logger = createLogger(process.env.PIPELINE_LOG ?? 'error');
  const shared = createServiceProcess({ log, logger, stallMs: 60_000 });
  await createTopics(log, network);
  await writeGenesis(log, scenario, {
    timeMs: Date.now(),
    publicKeyOf: (bic) => createSigner(secretKeyOf(bic)).publicKey,
    operatorKey: new Uint8Array(32),
  });
  const services = await startServices({
    network,
    core: coreModule(),
    contextOf: (service, pool) => shared.context(service, pool),
    threads: availableParallelism() - 1,
    takeoverMs: 0,
    ...(store && { store }),
    ...options,
  });
  const days = await startBusinessDays(shared.context('operator'), network);
  const ticks = setInterval(() => {
    for (const pool of poolNames(network)) {
      const value = writeControl({ kind: 'tick', timeMs: Date.now() });
      log.produce(poolInput(pool), [{ key: pool, value, headers: {} }]).catch(() => {});
    }
  }, TICK_MS);
  while (shared.health.faults().length > 0)
    await Promise.race([new Promise((resolve) => setTimeout(resolve, 50)), services.done]);
  return {
    log,
    secretKeyOf,
    async statusesOut() {
      const counted = async (name: string) => {
        const { values = [] } = (await shared.registry.getSingleMetric(name)?.get()) ?? {};
        return values.reduce((sum, { value }) => sum + value, 0);
      };
      const all = await counted('corridor_notifications_total');
      // A settled payment has a status and a delivery; the genesis' keys are there from the start.
      const ahead = await counted('corridor_interim_statuses_total');
      return (all - ahead - (await counted('corridor_statements_total'))) / 2;
    },
    async stop() {
      clearInterval(ticks);
      await days.stop();
      await services.stop();
    },
  };
}
