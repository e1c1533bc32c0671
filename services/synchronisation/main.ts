import { Type } from '@sinclair/typebox';
import { createSigner, secretKeyFromPem } from '../core/verification/signing.ts';
import { currenciesOf, poolNames } from '../live/network.ts';
import { joinNetwork } from '../live/network-against-log.ts';
import { reporting } from '../live/service-telemetry.ts';
import { ConfigError } from '../platform/service/environment-variables.ts';
import { readSecretKeyFile } from '../platform/service/secret-files.ts';
import { runService } from '../platform/service/service-start-and-shutdown.ts';
import { BIC_PATTERN, type Bic } from '../protocol/names/bic-and-uetr.ts';
import { operatorFault } from './operator-check.ts';
import { STUCK_MS, startSynchronisation } from './synchronisation-service.ts';

await runService({
  name: 'synchronisation',
  description:
    'carries over between two pools what the home pool of a chain decides; holds no money',
  variables: {
    CORRIDOR_BIC: Type.String({
      pattern: BIC_PATTERN,
      description:
        'the BIC under which it attests: a participant of the role synchronisationOperator',
    }),
    CORRIDOR_SECRET_KEY_FILE: Type.String({
      minLength: 1,
      description: 'PEM file of its Ed25519 secret key',
    }),
    CORRIDOR_KEY_ID: Type.String({ default: 'key-1', description: 'the id of that key' }),
    CORRIDOR_STUCK_MS: Type.Integer({
      default: STUCK_MS,
      minimum: 1,
      description: 'a chain that waits so long for its decision is told, ms',
    }),
  },
  async start(shared, config, network) {
    const context = shared.context('synchronisation');
    const signer = createSigner(
      readSecretKeyFile(
        'CORRIDOR_SECRET_KEY_FILE',
        config.CORRIDOR_SECRET_KEY_FILE,
        secretKeyFromPem,
      ),
    );
    await joinNetwork(context, network);
    const { publicKey } = signer;
    const claimed = { bic: config.CORRIDOR_BIC, keyId: config.CORRIDOR_KEY_ID, publicKey };
    const fault = await operatorFault(context.log, poolNames(network), claimed);
    if (fault !== null) throw new ConfigError(fault);
    const service = await startSynchronisation(context, {
      ...{ bic: config.CORRIDOR_BIC as Bic, keyId: config.CORRIDOR_KEY_ID },
      ...{ network: network.network, sign: (text: Uint8Array) => signer.sign(text) },
      ...{ pools: poolNames(network), currencies: currenciesOf(network) },
      stuckMs: config.CORRIDOR_STUCK_MS,
    });
    return reporting(context, service, {
      instance: config.CORRIDOR_INSTANCE,
      samples: shared.health.samples,
    });
  },
});
