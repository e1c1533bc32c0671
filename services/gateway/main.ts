import { existsSync, readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { dirname, join } from 'node:path';
import { Type } from '@sinclair/typebox';
import { TreeHashing } from '../core/evidence/tree-hashing.ts';
import type { Network } from '../live/network.ts';
import { together } from '../live/retry-loop.ts';
import { reporting } from '../live/service-telemetry.ts';
import { compiledCore } from '../platform/service/build-info.ts';
import { ConfigError } from '../platform/service/environment-variables.ts';
import { logReader } from '../platform/service/seal-folders.ts';
import { runService } from '../platform/service/service-start-and-shutdown.ts';
import { DOOR_LIMITS } from './door-signatures-and-rate-limits.ts';
import { checkNetworkPolicy, NETWORK_POLICY_FILE } from './evidence-policy-check.ts';
import { startGateway } from './gateway-service.ts';
import { startBusinessDays } from './sandbox-business-days.ts';

/** This file is compiled to dist/services/gateway. */
const { version } = JSON.parse(
  readFileSync(new URL('../../../package.json', import.meta.url), 'utf8'),
) as { version: string };

await runService({
  name: 'gateway',
  description: 'signed messages, statuses and operator commands over HTTP; ticks for every pool',
  variables: {
    CORRIDOR_GATEWAY_HOST: Type.String({
      default: '127.0.0.1',
      description: 'the address on which the gateway is served; put TLS before any other',
    }),
    CORRIDOR_GATEWAY_PORT: Type.Integer({
      default: 8080,
      minimum: 0,
      maximum: 65_535,
      description: 'its port; 0: one that is free, told in the first log lines',
    }),
    CORRIDOR_GATEWAY_NAME: Type.String({
      default: hostname().replace(/[^A-Za-z0-9._-]/g, '-'),
      pattern: '^[A-Za-z0-9._-]{1,100}$',
      description: 'a name of this gateway’s own among the gateways of the network',
    }),
    CORRIDOR_GATEWAY_TRUSTED_PROXIES: Type.String({
      default: '',
      pattern: '^([0-9A-Fa-f:.]+(/[0-9]{1,3})?(,[0-9A-Fa-f:.]+(/[0-9]{1,3})?)*)?$',
      description:
        'addresses or CIDR ranges, with commas between, of proxies whose X-Forwarded-For tells the address of a sender; none: the connection tells it',
    }),
    CORRIDOR_GATEWAY_UNVERIFIED_BYTES_PER_MINUTE: Type.Integer({
      default: DOOR_LIMITS.unverifiedBytesPerMinute,
      minimum: 4_096,
      description:
        'how much that does not verify may come from one address, and under one BIC; a message counts as 4,096 bytes at least',
    }),
    CORRIDOR_GATEWAY_SHARE_PER_SECOND: Type.Integer({
      default: DOOR_LIMITS.shareMessagesPerSecond,
      minimum: 1,
      description: 'how many messages a second one bank may send while others send',
    }),
    CORRIDOR_CLOCK_JUMP_MAX_SECONDS: Type.Integer({
      default: 600,
      minimum: 1,
      description: 'how far the clock may jump ahead before the operator must accept it',
    }),
    CORRIDOR_EVIDENCE_FOLDER: Type.Optional(
      Type.String({
        description:
          'folder of the pools’ transparency logs, as the notifier writes it (default: evidence beside the network file)',
      }),
    ),
    CORRIDOR_EVIDENCE_POLICY_FILE: Type.Optional(
      Type.String({
        description:
          'the network’s policy (tlog-policy): logs, witnesses and their quorum, which receipts then wait for (default: evidence-policy beside the network file, if it is there); without one nobody witnesses',
      }),
    ),
    CORRIDOR_BUSINESS_DAYS: Type.Union([Type.Literal('none'), Type.Literal('around-the-clock')], {
      default: 'none',
      description:
        'around-the-clock: every currency is open for the UTC date and goes over to the next at midnight; none: the operator opens and closes',
    }),
  },
  async start(shared, config, network) {
    const context = shared.context('gateway');
    const folder = dirname(config.CORRIDOR_NETWORK_FILE);
    const logs = config.CORRIDOR_EVIDENCE_FOLDER ?? join(folder, 'evidence');
    const policy = policyIn(config.CORRIDOR_EVIDENCE_POLICY_FILE, folder, network);
    let hashing: TreeHashing | undefined;
    const gateway = await startGateway(context, {
      network,
      logs: {
        read: logReader(logs),
        hashing: () => (hashing ??= new TreeHashing(compiledCore())),
      },
      ...(policy !== undefined && { policy }),
      version,
      registry: shared.registry,
      host: config.CORRIDOR_GATEWAY_HOST,
      port: config.CORRIDOR_GATEWAY_PORT,
      name: config.CORRIDOR_GATEWAY_NAME,
      door: {
        unverifiedBytesPerMinute: config.CORRIDOR_GATEWAY_UNVERIFIED_BYTES_PER_MINUTE,
        shareMessagesPerSecond: config.CORRIDOR_GATEWAY_SHARE_PER_SECOND,
      },
      trustedProxies: config.CORRIDOR_GATEWAY_TRUSTED_PROXIES.split(',').filter(Boolean),
      clockJumpMaxMs: config.CORRIDOR_CLOCK_JUMP_MAX_SECONDS * 1000,
    }).catch((error: NodeJS.ErrnoException & { readonly kind?: string }) => {
      if (error.kind === 'groupInUse')
        throw new ConfigError(
          `CORRIDOR_GATEWAY_NAME=${config.CORRIDOR_GATEWAY_NAME}: ${error.message}`,
        );
      if (error.syscall !== 'listen') throw error;
      const { CORRIDOR_GATEWAY_HOST: host, CORRIDOR_GATEWAY_PORT: port } = config;
      throw new ConfigError(
        `CORRIDOR_GATEWAY_PORT=${port}: ${host} has no such port free (${error.message})`,
      );
    });
    const running =
      config.CORRIDOR_BUSINESS_DAYS === 'none'
        ? gateway
        : together([gateway, await startBusinessDays(context, network)]);
    return reporting(context, running, {
      instance: config.CORRIDOR_INSTANCE,
      samples: shared.health.samples,
    });
  },
});

/** @throws ConfigError for a file that is none, or that leaves out a log of the network */
function policyIn(asked: string | undefined, folder: string, network: Network): string | undefined {
  const file = asked ?? join(folder, NETWORK_POLICY_FILE);
  if (asked === undefined && !existsSync(file)) return undefined;
  try {
    const text = readFileSync(file, 'utf8');
    checkNetworkPolicy(text, network);
    return text;
  } catch (error) {
    throw new ConfigError(`CORRIDOR_EVIDENCE_POLICY_FILE=${file}: ${(error as Error).message}`);
  }
}
