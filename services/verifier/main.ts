import { randomInt } from 'node:crypto';
import { Type } from '@sinclair/typebox';
import { currenciesOf, poolNames } from '../live/network.ts';
import { joinNetwork } from '../live/network-against-log.ts';
import { reporting } from '../live/service-telemetry.ts';
import { runService } from '../platform/service/service-start-and-shutdown.ts';
import { coreModule } from '../platform/service/shipped-files.ts';
import { verificationThreads } from '../platform/service/verification-threads.ts';
import { NOTICES_LOGGED_PER_MINUTE } from './notices-logged-per-minute.ts';
import { startPooledVerifier } from './pooled-verifier.ts';

await runService({
  name: 'verifier',
  description: 'verifies payments; any number share the work',
  variables: {
    CORRIDOR_THREADS: Type.Integer({
      default: verificationThreads(),
      minimum: 0,
      maximum: 256,
      description: 'threads that verify beside the one that reads; 0: that one verifies',
    }),
    CORRIDOR_VERIFIER_NOTICES_PER_MINUTE: Type.Integer({
      default: NOTICES_LOGGED_PER_MINUTE,
      minimum: 0,
      description:
        'how many messages a minute that name one bank and fail authentication enter a pool’s input; the others go to payments.rejected',
    }),
  },
  async start(shared, config, network) {
    const context = shared.context('verifier');
    await joinNetwork(context, network);
    const running = await startPooledVerifier(context, {
      network: network.network,
      currencies: currenciesOf(network),
      defaultPool: poolNames(network)[0] as string,
      paymentPartitions: network.paymentPartitions,
      module: coreModule().module,
      threads: config.CORRIDOR_THREADS,
      noticesPerMinute: config.CORRIDOR_VERIFIER_NOTICES_PER_MINUTE,
      check: {
        pools: poolNames(network),
        instance: config.CORRIDOR_INSTANCE,
        seed: randomInt(2 ** 32),
      },
    });
    return reporting(context, running, {
      instance: config.CORRIDOR_INSTANCE,
      samples: shared.health.samples,
    });
  },
});
