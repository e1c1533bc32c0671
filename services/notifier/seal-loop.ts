import { startLoop } from '../live/retry-loop.ts';
import type { RunningService, ServiceContext } from '../live/service-context.ts';
import type { PoolSeal } from './pool-seal.ts';

/** Between two seals, where nobody says how often. */
export const SEAL_MS = 1_000;
/** The same where what banks are told waits for it. */
export const FINAL_SEAL_MS = 200;

/** What is not sealed is looked at so often. */
const LOOK_MS = 50;

export interface SealLoop extends RunningService {
  /** Seals what was taken at the next look. */
  soon(): void;
}

/**
 * Seals by time, beside what tells the banks. How far it is behind is told as of a reader, `seal`, of the pool's events.
 * @param everyMs between two seals, where there is something to seal
 */
export function startSealing(
  context: ServiceContext,
  seal: Pick<PoolSeal, 'seal' | 'sealed' | 'taken'>,
  everyMs: number,
): SealLoop {
  const { elapsedMs, pause, probes } = context;
  const progress = { position: () => seal.sealed, end: async () => seal.taken };
  probes.consumer('seal', progress);
  let isAsked = false;
  let startedMs = elapsedMs();
  const sealNow = async () => {
    isAsked = false;
    startedMs = elapsedMs();
    try {
      await seal.seal();
    } catch (error) {
      isAsked = true;
      throw error;
    }
  };
  const loop = startLoop(
    context,
    async () => {
      const leftMs = startedMs + everyMs - elapsedMs();
      const isDue = seal.taken > seal.sealed && leftMs <= 0;
      if (isAsked || isDue) await sealNow();
      else await pause(leftMs > 0 ? Math.min(leftMs, LOOK_MS) : LOOK_MS);
    },
    sealNow,
  );
  return {
    ...loop,
    soon() {
      isAsked = true;
    },
  };
}
