import { Piscina } from 'piscina';
import { BadInput } from '../platform/exit-codes.ts';
import type { Reasons } from './reasons-of-changes.ts';
import type { ReplayOutcome } from './replay-worker.ts';
import type { AccountFacts } from './replayed-accounts.ts';

/** A replay's heap; its core's memory comes on top. */
const HEAP_MAX_MB = 512;

/**
 * Replays a run on a thread of its own. A core and its clearing keep what they know of each payment to
 * the end: with the thread all of it is freed at once, and not when the collector finds the time.
 */
async function onThread<Result>(name: string, task: unknown): Promise<Result> {
  const pool = new Piscina({
    filename: new URL('./replay-worker.js', import.meta.url).href,
    maxThreads: 1,
    resourceLimits: { maxOldGenerationSizeMb: HEAP_MAX_MB },
  });
  try {
    const { result, fault }: ReplayOutcome<Result> = await pool.run(task, { name });
    // An error's class does not pass between threads.
    if (fault !== undefined)
      throw fault.isBadInput ? new BadInput(fault.message) : new Error(fault.message);
    return result as Result;
  } finally {
    await pool.destroy();
  }
}

export const replayedAccounts = (run: string): Promise<AccountFacts> =>
  onThread('replayAccounts', { run });

export const observedAccounts = (run: string): Promise<AccountFacts> =>
  onThread('observeAccounts', { run });

export const replayedReasons = (run: string, uetrs: readonly string[]): Promise<Reasons> =>
  uetrs.length === 0 ? Promise.resolve(new Map()) : onThread('replayReasons', { run, uetrs });
