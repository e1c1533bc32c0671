import { dirname, join } from 'node:path';
import { Type } from '@sinclair/typebox';
import { together } from '../live/loop.ts';
import { currenciesOf, joinNetwork, poolNames } from '../live/network.ts';
import { reporting } from '../live/self-report.ts';
import { readSecretFile } from '../platform/service/common-variables.ts';
import { runService } from '../platform/service/run-service.ts';
import { startNotifier } from './notifier-service.ts';

await runService({
  name: 'notifier',
  description: 'tells banks what became of their payments; one process a network',
  variables: {
    CORRIDOR_NODE_KEY_FILE: Type.Optional(
      Type.String({
        description:
          'PEM file of the clearing node’s secret key, with which statements are signed; of a key that is being replaced both, one after the other (default: node/node.pem beside the network file, where `corridor found` puts it)',
      }),
    ),
    CORRIDOR_NODE_KEYS_LOST: Type.Optional(
      Type.String({
        pattern: '^[0-9a-f]{64}(,[0-9a-f]{64})*$',
        description:
          'public keys of the node, hex, with commas between, whose secret keys are lost for good: what they would sign is told unsigned',
      }),
    ),
  },
  async start(shared, config, network) {
    await joinNetwork(shared.context('notifier'), network);
    const beside = join(dirname(config.CORRIDOR_NETWORK_FILE), 'node', 'node.pem');
    const file = config.CORRIDOR_NODE_KEY_FILE ?? beside;
    const services = poolNames(network).map((pool) =>
      startNotifier(shared.context('notifier', pool), {
        ...{ network: network.network, pool, currencies: currenciesOf(network) },
        lostNodeKeys: config.CORRIDOR_NODE_KEYS_LOST?.split(',') ?? [],
        nodeKeys: () => readSecretFile('CORRIDOR_NODE_KEY_FILE', file),
      }),
    );
    return reporting(shared.context('notifier'), together(await Promise.all(services)), {
      instance: config.CORRIDOR_INSTANCE,
      samples: shared.health.samples,
    });
  },
});
