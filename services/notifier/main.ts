import { together } from '../live/loop.ts';
import { createTopics, poolNames } from '../live/network.ts';
import { runService } from '../platform/service/run-service.ts';
import { startNotifier } from './notifier-service.ts';

await runService({
  name: 'notifier',
  description: 'tells banks what became of their payments; one process a network',
  variables: {},
  async start(shared, _config, network) {
    await createTopics(shared.context('notifier').log, network);
    const services = poolNames(network).map((pool) =>
      startNotifier(shared.context('notifier', pool), { network: network.network, pool }),
    );
    return together(await Promise.all(services));
  },
});
