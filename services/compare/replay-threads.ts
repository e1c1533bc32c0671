import { statSync } from 'node:fs';
import { join } from 'node:path';
import { Piscina } from 'piscina';
import { BadInput } from '../platform/exit-codes.ts';
import type { Reasons } from './reasons-of-changes.ts';
import type { ReplayOutcome } from './replay-outcomes.ts';
import type { AccountFacts } from './replayed-accounts.ts';

/** A replay's heap; its core's memory comes on top. */
const HEAP_MAX_MB = 512;
/** An input log so small, zipped as it is, is replayed before a thread has started, and holds little. */
const SMALL_LOG_BYTES = 256 * 1024;

/**
 * Replays a run on a thread of its own. A core and its clearing keep what they know of each payment to
 * the end: with the thread all of it is freed at once, and not when the collector finds the time.
 */
async function onThread<Result>(name: string, task: unknown): Promise<ReplayOutcome<Result>> {
  const pool = new Piscina({
    filename: new URL('./replay-worker.js', import.meta.url).href,
    maxThreads: 1,
    resourceLimits: { maxOldGenerationSizeMb: HEAP_MAX_MB },
  });
  try {
    return await pool.run(task, { name });
  } finally {
    await pool.destroy();
  }
}

function resultOf<Result>({ result, fault }: ReplayOutcome<Result>): Result {
  // An error's class does not pass between threads.
  if (fault !== undefined)
    throw fault.isBadInput ? new BadInput(fault.message) : new Error(fault.message);
  return result as Result;
}

const isSmall = (run: string): boolean =>
  (statSync(join(run, 'input.log'), { throwIfNoEntry: false })?.size ?? 0) < SMALL_LOG_BYTES;

export async function replayedAccounts(run: string): Promise<AccountFacts> {
  const task = { run };
  if (!isSmall(run)) return resultOf(await onThread('replayAccounts', task));
  const { replayAccounts } = await import('./replay-outcomes.ts');
  return resultOf(await replayAccounts(task));
}

export const observedAccounts = async (run: string): Promise<AccountFacts> =>
  resultOf(await onThread('observeAccounts', { run }));

export async function replayedReasons(run: string, uetrs: readonly string[]): Promise<Reasons> {
  if (uetrs.length === 0) return new Map();
  const task = { run, uetrs };
  if (!isSmall(run)) return resultOf(await onThread('replayReasons', task));
  const { replayReasons } = await import('./replay-outcomes.ts');
  return resultOf(await replayReasons(task));
}
