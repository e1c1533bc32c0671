import type { Registry } from 'prom-client';
import { type Network, poolNames } from '../live/network.ts';
import { joinNetwork } from '../live/network-against-log.ts';
import { together } from '../live/retry-loop.ts';
import type { RunningService, ServiceContext } from '../live/service-context.ts';
import { startCosignatureWatch } from './cosignature-watch.ts';
import type { DoorLimits } from './door-signatures-and-rate-limits.ts';
import { buildGateway } from './gateway.ts';
import type { PoolLogs } from './payment-receipt.ts';
import { type MarketHours, TICK_MS } from './ticks-and-openings.ts';

export interface GatewayServiceOptions {
  readonly network: Network;
  readonly version: string;
  readonly registry: Registry;
  /** 127.0.0.1 unless it is to be reached from elsewhere. */
  readonly host: string;
  /** 0: one that is free. */
  readonly port: number;
  /** A name of this gateway's own among the network's gateways. */
  readonly name: string;
  readonly clockJumpMaxMs?: number;
  readonly door?: Partial<DoorLimits>;
  /** Addresses or CIDR ranges of proxies whose X-Forwarded-For is believed; default: none. */
  readonly trustedProxies?: readonly string[];
  /** The pools' transparency logs; default: this gateway has none of their files. */
  readonly logs?: PoolLogs;
  /** The network's policy, as a file of tlog-policy has it; default: the logs' keys, and no witness. */
  readonly policy?: string;
  /** Openings and closes that the gateway writes; default: none. */
  readonly hours?: readonly MarketHours[];
}

/** The gateway, listening, with time passing in every pool. `url` is where it listens. */
export async function startGateway(
  context: ServiceContext,
  options: GatewayServiceOptions,
): Promise<RunningService & { readonly url: string }> {
  const { network, host, port, hours, clockJumpMaxMs, door, trustedProxies, logs, policy } =
    options;
  await joinNetwork(context, network);
  const logKeys = new Map(
    network.pools.flatMap(({ name, logKey }) =>
      logKey === undefined ? [] : [[name, logKey] as const],
    ),
  );
  const gateway = await buildGateway({
    network: network.network,
    version: options.version,
    pools: poolNames(network),
    logKeys,
    ...(logs && { logs }),
    ...(policy !== undefined && { policy }),
    log: context.log,
    now: context.nowMs,
    elapsedMs: context.elapsedMs,
    pause: context.pause,
    registry: options.registry,
    logger: context.logger,
    reached: context.reached,
    name: options.name,
    ...(hours && { hours }),
    ...(door && { door }),
    ...(trustedProxies && { trustedProxies }),
    ...(clockJumpMaxMs !== undefined && { clockJumpMaxMs }),
  });
  const url = await gateway.app.listen({ host, port }).catch(async (error: unknown) => {
    await gateway.close();
    throw error;
  });
  context.probes.consumer('mail', {
    position: () => gateway.mail.position,
    end: () => gateway.mail.end(),
    nextRecord: () => gateway.mail.nextRecord(),
  });
  context.probes.readiness('http', () => (gateway.app.server.listening ? null : 'does not listen'));
  context.logger.info({ url }, 'gateway listens');
  let ticking: Promise<void> = Promise.resolve();
  const timer = setInterval(() => {
    ticking = gateway.clockwork.step();
  }, TICK_MS);
  let end: () => void;
  const done = new Promise<void>((resolve) => {
    end = resolve;
  });
  let stopping: Promise<void> | undefined;
  const serving: RunningService = {
    done,
    stop() {
      clearInterval(timer);
      stopping ??= ticking.then(() => gateway.close()).then(() => end());
      return stopping;
    },
  };
  const { cosigned } = gateway;
  if (!cosigned || !logs) return { url, ...serving };
  const watch = startCosignatureWatch(context, { name: options.name, logKeys, logs, cosigned });
  return { url, ...together([watch, serving]) };
}
