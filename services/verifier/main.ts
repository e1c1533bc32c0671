import { availableParallelism } from 'node:os';
import { Type } from '@sinclair/typebox';
import { createVerificationPool } from '../core/verification-pool.ts';
import { currenciesOf, joinNetwork, poolNames } from '../live/network.ts';
import { reporting } from '../live/self-report.ts';
import { coreModule } from '../platform/service/core-file.ts';
import { runService } from '../platform/service/run-service.ts';
import { startVerifier } from './verifier-service.ts';

await runService({
  name: 'verifier',
  description: 'verifies payments; any number share the work',
  variables: {
    CORRIDOR_THREADS: Type.Integer({
      default: Math.max(0, availableParallelism() - 1),
      minimum: 0,
      maximum: 256,
      description: 'threads that verify beside the one that reads; 0: that one verifies',
    }),
  },
  async start(shared, config, network) {
    const context = shared.context('verifier');
    await joinNetwork(context.log, network);
    const verification = createVerificationPool(coreModule().module, {
      threads: config.CORRIDOR_THREADS,
    });
    await verification.warmUp();
    const service = await startVerifier(context, {
      network: network.network,
      currencies: currenciesOf(network),
      defaultPool: poolNames(network)[0] as string,
      paymentPartitions: network.paymentPartitions,
      verification,
    });
    const close = () => verification.close();
    const running = { stop: () => service.stop().finally(close), done: service.done };
    return reporting(context, running, {
      instance: config.CORRIDOR_INSTANCE,
      samples: shared.health.samples,
    });
  },
});
