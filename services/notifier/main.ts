import { together } from '../live/loop.ts';
import { joinNetwork, poolNames } from '../live/network.ts';
import { reporting } from '../live/self-report.ts';
import { runService } from '../platform/service/run-service.ts';
import { startNotifier } from './notifier-service.ts';

await runService({
  name: 'notifier',
  description: 'tells banks what became of their payments; one process a network',
  variables: {},
  async start(shared, config, network) {
    await joinNetwork(shared.context('notifier'), network);
    const services = poolNames(network).map((pool) =>
      startNotifier(shared.context('notifier', pool), { network: network.network, pool }),
    );
    return reporting(shared.context('notifier'), together(await Promise.all(services)), {
      instance: config.CORRIDOR_INSTANCE,
      samples: shared.health.samples,
    });
  },
});
