import { createVerificationPool } from '../core/verification/verification-pool.ts';
import { together } from '../live/retry-loop.ts';
import type { RunningService, ServiceContext } from '../live/service-context.ts';
import { type LogCheckOptions, startLogCheck } from './background-log-check.ts';
import { keyRoomOf } from './how-many-keys-have-tables.ts';
import { startVerifier, type VerifierServiceOptions } from './verifier-service.ts';

export interface PooledVerifierOptions
  extends Omit<VerifierServiceOptions, 'verification' | 'threads'> {
  /** The compiled core. */
  readonly module: WebAssembly.Module;
  /** Threads that verify beside this one; 0: this one verifies. */
  readonly threads: number;
  /** The background check of the pools' logs; absent: there is none. */
  readonly check?: Omit<LogCheckOptions, 'network' | 'verification'>;
}

/**
 * A verifier with threads of its own. They end with it, however it ends, its start included: they
 * would keep the process.
 */
export async function startPooledVerifier(
  context: ServiceContext,
  { module, threads, check, ...options }: PooledVerifierOptions,
): Promise<RunningService> {
  const { logger, figures } = context;
  const inUse = figures.gauge(
    'corridor_verifier_threads',
    'Threads that verify beside the one that reads; 0: that one verifies',
  );
  const pools = check?.pools ?? [options.defaultPool];
  const verification = createVerificationPool(module, {
    threads,
    keysMax: await keyRoomOf(context.log, pools),
    onWorkerLost: ({ message }) => {
      inUse(0);
      logger.error(
        { reason: message },
        'a worker was lost: the reading thread verifies from now on',
      );
    },
  });
  inUse(verification.threads);
  const close = () => verification.close();
  try {
    await verification.warmUp();
    const verifying = await startVerifier(context, {
      ...options,
      verification,
      threads: () => verification.threads,
    });
    const service = check
      ? together([
          verifying,
          apart(context, startLogCheck(context, { ...check, ...options, verification })),
        ])
      : verifying;
    const stop = () => service.stop().finally(close);
    // Where a part has failed the others may still verify: they stop before their threads end.
    const done = service.done.finally(() => stop().catch(() => {}));
    done.catch(() => {});
    return { ...service, stop, done };
  } catch (error) {
    await close();
    throw error;
  }
}

/** A check that cannot go on is told; it is not to keep messages from being verified. */
function apart({ logger }: ServiceContext, check: RunningService): RunningService {
  const done = check.done.catch((error: Error) =>
    logger.error({ reason: error.message }, 'the check of the pools’ logs has ended'),
  );
  return { done, stop: () => check.stop().catch(() => {}) };
}
