/** The auditor of a sealed run: as that of a live network (services/replay/audit-live-network.ts), over input.log. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createSettlement } from '../core/settlement/settlement.ts';
import { AuditedTree } from '../evidence/audited-tree.ts';
import { signedCheckpoint, type TrustedCheckpoint } from '../evidence/cosigner-policy.ts';
import { EvidenceFault } from '../evidence/signed-note.ts';
import { CHECKPOINT_FILE } from '../evidence/tiles.ts';
import { BadInput } from '../platform/exit-codes.ts';
import { type AuditFault, auditFault } from '../replay/audit-fault.ts';
import {
  type AuditedPool,
  type LogAuditOptions,
  poolOfOrigin,
} from '../replay/audit-live-network.ts';
import { Replay } from '../replay/replay.ts';
import { replayRun } from '../replay/replay-run.ts';
import { EVIDENCE, POLICY_FILE, runOrigin } from './run-seal.ts';
import { dayKeysOf, isSealed, poolPath } from './verify-seal.ts';

export type RunAuditOptions = Pick<
  LogAuditOptions,
  'core' | 'hashing' | 'verify' | 'policy' | 'state'
>;

export interface RunAudit {
  readonly fault: AuditFault | null;
  readonly pools: readonly AuditedPool[];
  /** Records proven, by kind. */
  readonly proven: ReadonlyMap<string, number>;
}

interface SealedPool {
  readonly tree: AuditedTree;
  readonly checkpoint: TrustedCheckpoint;
  isReached: boolean;
}

/** @throws BadInput where the run is not sealed, or its messages are not signed */
export async function auditRun(run: string, options: RunAuditOptions): Promise<RunAudit> {
  if (!isSealed(run))
    throw new BadInput(
      `${run}: expected a run that is sealed, as corridor run --results full makes it`,
    );
  const runs = new Set(options.policy.logs.map(({ name }) => runOrigin(name)));
  if (runs.size !== 1 || runs.has(null))
    throw new BadInput(
      `the policy believes the logs of ${[...runs].join(', ') || 'nobody'}; expected those of one run, as ${EVIDENCE}/${POLICY_FILE} names them`,
    );
  const pools = new Map<string, SealedPool>();
  let at = '';
  let proven: ReadonlyMap<string, number> = new Map();
  try {
    const replay = new Replay(
      () => createSettlement(options.core),
      options.verify,
      ({ pool, batch }) => {
        at = pool;
        const known = pools.get(pool) ?? sealed(run, pool, options);
        pools.set(pool, known);
        known.tree.add(batch.events);
      },
    );
    const hold = async () => {
      for (const [pool, one] of pools) {
        at = pool;
        one.isReached = await one.tree.holds(one.checkpoint);
      }
    };
    const result = await replayRun(run, replay, hold);
    if (!result.header.signatures)
      throw new BadInput(`${run}: its messages are not signed; expected a run whose messages are`);
    await hold();
    for (const { name } of options.policy.logs) {
      const pool = poolOfOrigin(name);
      if (pool === null || pools.has(pool)) continue;
      at = pool;
      throw new EvidenceFault('a log of it is sealed, and the input has no such pool');
    }
    for (const [pool, { tree, checkpoint, isReached }] of pools) {
      at = pool;
      if (isReached && tree.events === checkpoint.size) continue;
      await tree.seekDifference(checkpoint.size);
      throw new EvidenceFault(
        `${checkpoint.size} events are sealed, and the input gives ${tree.events}`,
      );
    }
    for (const [pool, { checkpoint }] of pools) {
      at = pool;
      options.state?.cosign(pool, [checkpoint], Date.now());
    }
    proven = result.proven;
  } catch (error) {
    const fault = auditFault(at, error);
    if (!fault) throw error;
    return { fault, pools: [], proven };
  }
  return {
    fault: null,
    pools: [...pools].map(([pool, { tree, checkpoint }]) => ({
      pool,
      events: tree.events,
      sealed: checkpoint,
    })),
    proven,
  };
}

function sealed(run: string, pool: string, { hashing, policy }: RunAuditOptions): SealedPool {
  const folder = poolPath(run, pool);
  const read = (path: string): Uint8Array => {
    try {
      return readFileSync(join(folder, path));
    } catch (error) {
      throw new EvidenceFault(
        `${path}: it cannot be read (${(error as NodeJS.ErrnoException).code})`,
      );
    }
  };
  const checkpoint = signedCheckpoint(Buffer.from(read(CHECKPOINT_FILE)).toString(), policy);
  const tree = new AuditedTree(hashing, dayKeysOf(run), { read });
  return { tree, checkpoint, isReached: false };
}
