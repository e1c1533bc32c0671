import { statSync } from 'node:fs';
import { join } from 'node:path';
import { Piscina } from 'piscina';
import { BadInput } from '../platform/exit-codes.ts';
import { compiledCore } from '../platform/service/build-info.ts';
import type { Reasons } from './reasons-of-changes.ts';
import type { ReplayOutcome } from './replay-worker.ts';
import { type AccountFacts, replayedFacts } from './replayed-accounts.ts';

/** A replay's heap; its core's memory comes on top. */
const HEAP_MAX_MB = 512;
/** An input log so small, zipped as it is, is replayed before a thread has started, and holds little. */
const SMALL_LOG_BYTES = 256 * 1024;

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

const isSmall = (run: string): boolean =>
  (statSync(join(run, 'input.log'), { throwIfNoEntry: false })?.size ?? 0) < SMALL_LOG_BYTES;

export const replayedAccounts = async (run: string): Promise<AccountFacts> =>
  isSmall(run) ? replayedFacts(run, compiledCore()) : onThread('replayAccounts', { run });

export const observedAccounts = (run: string): Promise<AccountFacts> =>
  onThread('observeAccounts', { run });

export async function replayedReasons(run: string, uetrs: readonly string[]): Promise<Reasons> {
  if (uetrs.length === 0) return new Map();
  if (!isSmall(run)) return onThread('replayReasons', { run, uetrs });
  // It loads all of explain, which no comparison without reasons needs.
  const { reasonsIn } = await import('./reasons-of-changes.ts');
  return reasonsIn(run, uetrs, compiledCore());
}
