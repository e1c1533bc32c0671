import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Type } from '@sinclair/typebox';
import { TreeHashing } from '../core/evidence/tree-hashing.ts';
import { parseAuditorsPolicy } from '../evidence/cosigner-policy.ts';
import { currenciesOf, type Network } from '../live/network.ts';
import { joinNetwork } from '../live/network-against-log.ts';
import { together } from '../live/retry-loop.ts';
import { reporting } from '../live/service-telemetry.ts';
import { compiledCore } from '../platform/service/build-info.ts';
import { ConfigError } from '../platform/service/environment-variables.ts';
import { openLogFolders } from '../platform/service/seal-folders.ts';
import { readSecretFile } from '../platform/service/secret-files.ts';
import { runService } from '../platform/service/service-start-and-shutdown.ts';
import { openTokenKey } from '../platform/service/token-key.ts';
import { startNotifier } from './notifier-service.ts';
import { FINAL_SEAL_MS, SEAL_MS } from './seal-loop.ts';

await runService({
  name: 'notifier',
  description: 'tells banks what became of their payments; one process a network',
  variables: {
    CORRIDOR_NODE_KEY_FILE: Type.Optional(
      Type.String({
        description:
          'PEM file of the clearing node’s secret key, with which statements are signed, or a `pkcs11:` address of one in a token; of a key that is being replaced both, one after the other (default: node/node.pem beside the network file, where `corridor found` puts it)',
      }),
    ),
    CORRIDOR_NODE_KEYS_LOST: Type.Optional(
      Type.String({
        pattern: '^[0-9a-f]{64}(,[0-9a-f]{64})*$',
        description:
          'public keys of the node, hex, with commas between, whose secret keys are lost for good: what they would sign is told unsigned',
      }),
    ),
    CORRIDOR_EVIDENCE_FOLDER: Type.Optional(
      Type.String({
        description:
          'folder of the pools’ transparency logs, their checkpoints and tiles, where the network file has logKey (default: evidence beside the network file)',
      }),
    ),
    CORRIDOR_EVIDENCE_KEYS_FOLDER: Type.Optional(
      Type.String({
        description:
          'folder of the logs’ secret keys and of the keys of their days (default: evidence-keys beside the network file, where `corridor found` puts them)',
      }),
    ),
    CORRIDOR_SEAL_MS: Type.Optional(
      Type.Integer({
        minimum: 100,
        // Below CORRIDOR_STALL_SECONDS as they usually are: who seals seldom would be told to stand still.
        maximum: 5_000,
        description: `a log’s checkpoint is signed so often, where there are new events, ms (default: ${SEAL_MS}, and ${FINAL_SEAL_MS} where CORRIDOR_FINALITY_POLICY_FILE has finality wait for it)`,
      }),
    ),
    CORRIDOR_FINALITY_POLICY_FILE: Type.Optional(
      Type.String({
        description:
          'policy (tlog-policy) of the auditors whose quorum has to have cosigned what banks are told as final; without one what settles is told as final at once',
      }),
    ),
  },
  async start(shared, config, network) {
    await joinNetwork(shared.context('notifier'), network);
    const beside = (...path: string[]) => join(dirname(config.CORRIDOR_NETWORK_FILE), ...path);
    const file = config.CORRIDOR_NODE_KEY_FILE ?? beside('node', 'node.pem');
    const logs = config.CORRIDOR_EVIDENCE_FOLDER ?? beside('evidence');
    const secrets = config.CORRIDOR_EVIDENCE_KEYS_FOLDER ?? beside('evidence-keys');
    const hashing = new TreeHashing(compiledCore());
    const finality = finalityIn(config.CORRIDOR_FINALITY_POLICY_FILE, network);
    const everyMs = config.CORRIDOR_SEAL_MS ?? (finality === undefined ? SEAL_MS : FINAL_SEAL_MS);
    const services = network.pools.map(({ name: pool, logKey }) =>
      startNotifier(shared.context('notifier', pool), {
        ...{ network: network.network, pool, currencies: currenciesOf(network) },
        ...(logKey !== undefined && {
          seal: {
            logKey,
            hashing,
            everyMs,
            openToken: openTokenKey,
            logName: config.CORRIDOR_LOG,
            ...openLogFolders(logs, secrets, pool),
          },
        }),
        ...(finality !== undefined && { finality }),
        lostNodeKeys: config.CORRIDOR_NODE_KEYS_LOST?.split(',') ?? [],
        openToken: openTokenKey,
        nodeKeys: () => readSecretFile('CORRIDOR_NODE_KEY_FILE', file),
      }),
    );
    return reporting(shared.context('notifier'), together(await Promise.all(services)), {
      instance: config.CORRIDOR_INSTANCE,
      samples: shared.health.samples,
    });
  },
});

/** @throws ConfigError where a pool has no log, or the policy does not ask for auditors of it */
function finalityIn(file: string | undefined, { pools }: Network): string | undefined {
  if (file === undefined) return undefined;
  try {
    const text = readFileSync(file, 'utf8');
    for (const { name, logKey } of pools) {
      if (logKey === undefined)
        throw new Error(`pool ${name} has no log (logKey of the network file)`);
      parseAuditorsPolicy(text, logKey);
    }
    return text;
  } catch (error) {
    throw new ConfigError(`CORRIDOR_FINALITY_POLICY_FILE=${file}: ${(error as Error).message}`);
  }
}
