import { randomInt } from 'node:crypto';
import type { WatchModel } from '../analysis/watch/watch-model.ts';
import { startClearing } from '../clearing/clearing-service.ts';
import { SNAPSHOT_RECORDS } from '../clearing/snapshots.ts';
import { createSettlement } from '../core/settlement/settlement.ts';
import { currenciesOf, type Network, poolNames } from '../live/network.ts';
import { createTopics } from '../live/network-against-log.ts';
import { inOrder } from '../live/retry-loop.ts';
import type { RunningService, ServiceContext } from '../live/service-context.ts';
import type { AnalysisStore } from '../metrics/analysis-store.ts';
import type { AlertRule } from '../metrics/ask-alert-rules.ts';
import { startMetrics } from '../metrics/metrics-service.ts';
import { type SealedBy, startNotifier } from '../notifier/notifier-service.ts';
import type { CoreFile } from '../platform/service/shipped-files.ts';
import type { SnapshotFiles } from '../platform/service/snapshot-files.ts';
import {
  type SynchronisationOptions,
  startSynchronisation,
} from '../synchronisation/synchronisation-service.ts';
import type { CheckLimits } from '../verifier/background-log-check.ts';
import { startPooledVerifier } from '../verifier/pooled-verifier.ts';

/**
 * The services of a network in this process that stand behind its log, or a part of them in a test.
 * Gateway, view and banks, and the order in which all of `corridor up` stop: sandbox.ts.
 */
export type ServiceName = 'clearing' | 'verifier' | 'notifier' | 'metrics' | 'synchronisation';
export const SERVICE_NAMES: readonly ServiceName[] = [
  'clearing',
  'verifier',
  'notifier',
  'metrics',
  'synchronisation',
];

/** Each reads what those before it write. */
const DOWNSTREAM: readonly ServiceName[] = [
  'synchronisation',
  'verifier',
  'clearing',
  'notifier',
  'metrics',
];

export interface ServicesOptions {
  readonly network: Network;
  readonly core: CoreFile;
  /** Where a pool's snapshots lie; without one a start replays all. */
  readonly snapshotsOf?: (pool: string) => SnapshotFiles;
  readonly snapshotRecords?: number;
  readonly contextOf: (service: string, pool?: string) => ServiceContext;
  /** Verifier threads beside this one. */
  readonly threads: number;
  readonly takeoverMs: number;
  /** The node's secret keys, PEM; without them it cannot sign where a genesis names a key. */
  readonly nodeKeys?: () => string;
  /** Of a pool's transparency log; default: no pool is sealed. */
  readonly sealOf?: (pool: string) => SealedBy | null;
  /** As of the notifier; it needs `sealOf`. */
  readonly finality?: string;
  /** Of the check of the pools' logs. */
  readonly checkLimits?: Partial<CheckLimits>;
  /** Who carries over between pools what one of them decides, and signs as who; default: nobody. */
  readonly synchronisation?: readonly Pick<SynchronisationOptions, 'bic' | 'keyId' | 'sign'>[];
  /** Without one no rows are written. */
  readonly store?: AnalysisStore;
  /** For which alerts metrics opens cases; default: none. */
  readonly rules?: readonly AlertRule[];
  /** By which metrics scores payments; default: none is scored. */
  readonly watch?: WatchModel;
  /** Default: all. */
  readonly services?: readonly ServiceName[];
}

/** Stopped, each ends when it has handled what the ones before it wrote. */
export async function startServices(options: ServicesOptions): Promise<RunningService> {
  const { network, contextOf, nodeKeys, sealOf, finality, services = SERVICE_NAMES } = options;
  await createTopics(contextOf('topics').log, network);
  const running = new Map<ServiceName, RunningService[]>();
  const start = async (name: ServiceName, begin: () => Promise<RunningService>) => {
    if (!services.includes(name)) return;
    running.set(name, [...(running.get(name) ?? []), await begin()]);
  };
  try {
    for (const pool of poolNames(network)) {
      await start('clearing', () => startPoolClearing(options, pool));
      await start('notifier', () => {
        const seal = sealOf?.(pool);
        return startNotifier(contextOf('notifier', pool), {
          ...{ network: network.network, pool, currencies: currenciesOf(network) },
          ...(nodeKeys && { nodeKeys }),
          ...(seal && { seal }),
          ...(finality !== undefined && { finality }),
        });
      });
    }
    await start('verifier', () => startNetworkVerifier(options));
    for (const operator of options.synchronisation ?? [])
      await start('synchronisation', () =>
        startSynchronisation(contextOf('synchronisation'), {
          ...{ ...operator, network: network.network, pools: poolNames(network) },
          currencies: currenciesOf(network),
        }),
      );
    const { store, rules, watch } = options;
    if (store)
      await start('metrics', () =>
        startMetrics((pool) => contextOf('metrics', pool), {
          run: network.run,
          pools: poolNames(network),
          ...(network.scenario && { scenario: network.scenario }),
          store,
          ...(rules && { rules }),
          ...(watch && { watch }),
        }),
      );
  } catch (error) {
    await Promise.allSettled([...running.values()].flat().map((service) => service.stop()));
    throw error;
  }
  return inOrder(DOWNSTREAM.flatMap((name) => running.get(name) ?? []));
}

function startPoolClearing(options: ServicesOptions, pool: string): Promise<RunningService> {
  const { core, contextOf, network, takeoverMs, snapshotsOf, snapshotRecords } = options;
  return startClearing(contextOf('clearing', pool), {
    pool,
    createCore: (from) => createSettlement(core.module, undefined, from),
    takeoverMs,
    ...(snapshotsOf && {
      snapshots: {
        store: snapshotsOf(pool),
        network: network.network,
        module: core.digest,
        everyRecords: snapshotRecords ?? SNAPSHOT_RECORDS,
      },
    }),
  });
}

function startNetworkVerifier(options: ServicesOptions): Promise<RunningService> {
  const { network, core, contextOf, threads, checkLimits } = options;
  return startPooledVerifier(contextOf('verifier'), {
    network: network.network,
    currencies: currenciesOf(network),
    defaultPool: poolNames(network)[0] as string,
    paymentPartitions: network.paymentPartitions,
    module: core.module,
    threads,
    check: {
      pools: poolNames(network),
      instance: 'sandbox',
      seed: randomInt(2 ** 32),
      ...(checkLimits && { limits: checkLimits }),
    },
  });
}
