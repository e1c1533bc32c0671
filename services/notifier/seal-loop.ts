import { startLoop } from '../live/loop.ts';
import type { RunningService, ServiceContext } from '../live/ports.ts';
import type { PoolSeal } from './pool-seal.ts';

/** What is not sealed is looked at so often. */
const LOOK_MS = 50;

export interface SealLoop extends RunningService {
  /** Seals what was taken at the next look. */
  soon(): void;
}

/**
 * Seals by time, beside what tells the banks.
 * @param everyMs between two seals, where there is something to seal
 */
export function startSealing(
  context: ServiceContext,
  seal: Pick<PoolSeal, 'seal' | 'sealed' | 'taken'>,
  everyMs: number,
): SealLoop {
  const { figures, elapsedMs, pause } = context;
  const lagEvents = figures.gauge('corridor_seal_lag_events', 'Events that no checkpoint covers');
  const lagSeconds = figures.gauge(
    'corridor_seal_lag_seconds',
    'For how long at least the first of them has been there',
  );
  let isAsked = false;
  let sealedMs = elapsedMs();
  let sinceMs: number | null = null;
  const look = () => {
    const lag = seal.taken - seal.sealed;
    if (lag === 0) sinceMs = null;
    else sinceMs ??= elapsedMs();
    lagEvents(lag);
    lagSeconds(sinceMs === null ? 0 : (elapsedMs() - sinceMs) / 1000);
  };
  const sealNow = async () => {
    isAsked = false;
    const startedMs = elapsedMs();
    await seal.seal();
    sealedMs = startedMs;
    // What came meanwhile waits since the seal began at most.
    if (sinceMs !== null) sinceMs = startedMs;
    look();
  };
  const loop = startLoop(
    context,
    async () => {
      look();
      if (isAsked || (sinceMs !== null && elapsedMs() - sealedMs >= everyMs)) await sealNow();
      else await pause(LOOK_MS);
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
