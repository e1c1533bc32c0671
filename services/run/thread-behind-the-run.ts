import { constants, getPriority, setPriority } from 'node:os';

/** More would starve them, and the run that waits for them in the end, beside another program’s threads (docs/decisions.md). */
const STEPS_BACK = 4;

/**
 * Lets the calling thread stand back where another of the machine's threads could run. A run is as fast as its own
 * thread: what others do for it they mostly may do later, and where there are few cores they took a third of its time.
 * On Linux a priority is a thread's own; elsewhere it would be the process's, and stays. So it does where that is refused.
 */
export function standBehindTheRun(): void {
  if (process.platform !== 'linux') return;
  try {
    setPriority(Math.min(constants.priority.PRIORITY_LOW, getPriority() + STEPS_BACK));
  } catch {
    // A sandbox may forbid the call; nothing but the time of a run depends on it.
  }
}
