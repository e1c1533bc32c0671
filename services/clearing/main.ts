import { Type } from '@sinclair/typebox';
import { createSettlement } from '../core/settlement/settlement.ts';
import { poolNames } from '../live/network.ts';
import { joinNetwork } from '../live/network-against-log.ts';
import { reporting } from '../live/service-telemetry.ts';
import { ConfigError } from '../platform/service/environment-variables.ts';
import { runService } from '../platform/service/service-start-and-shutdown.ts';
import { coreModule } from '../platform/service/shipped-files.ts';
import { openSnapshotFiles } from '../platform/service/snapshot-files.ts';
import { startClearing } from './clearing-service.ts';
import { SNAPSHOT_RECORDS } from './snapshots.ts';
import { TAKEOVER_MS } from './standby-takeover.ts';

await runService({
  name: 'clearing',
  description: 'settles the payments of one pool',
  variables: {
    CORRIDOR_POOL: Type.String({
      minLength: 1,
      description: 'the pool, by its name in the network',
    }),
    CORRIDOR_TAKEOVER_MS: Type.Integer({
      default: TAKEOVER_MS,
      minimum: 0,
      description: 'a standby takes over when events are missing for so long, in ms',
    }),
    CORRIDOR_SNAPSHOT_FOLDER: Type.Optional(
      Type.String({
        description:
          'a folder of this process’s own for snapshots; without one a start replays all',
      }),
    ),
    CORRIDOR_SNAPSHOT_RECORDS: Type.Integer({
      default: SNAPSHOT_RECORDS,
      minimum: 1,
      description: 'input records between two snapshots',
    }),
  },
  async start(shared, config, network) {
    const pool = config.CORRIDOR_POOL;
    if (!poolNames(network).includes(pool))
      throw new ConfigError(
        `CORRIDOR_POOL=${pool}: expected one of ${poolNames(network).join(', ')}`,
      );
    const context = shared.context('clearing', pool);
    const folder = config.CORRIDOR_SNAPSHOT_FOLDER;
    const store = folder === undefined ? undefined : snapshotFiles(folder);
    await joinNetwork(context, network);
    const core = coreModule();
    const running = await startClearing(context, {
      pool,
      createCore: (from) => createSettlement(core.module, undefined, from),
      takeoverMs: config.CORRIDOR_TAKEOVER_MS,
      ...(store && {
        snapshots: {
          store,
          network: network.network,
          module: core.digest,
          everyRecords: config.CORRIDOR_SNAPSHOT_RECORDS,
        },
      }),
    });
    return reporting(context, running, {
      instance: config.CORRIDOR_INSTANCE,
      samples: shared.health.samples,
    });
  },
});

function snapshotFiles(folder: string) {
  try {
    return openSnapshotFiles(folder);
  } catch (error) {
    throw new ConfigError(`CORRIDOR_SNAPSHOT_FOLDER=${folder}: ${(error as Error).message}`);
  }
}
