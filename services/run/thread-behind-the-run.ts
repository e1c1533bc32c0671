import { constants, getPriority, setPriority } from 'node:os';

const { PRIORITY_BELOW_NORMAL, PRIORITY_LOW } = constants.priority;

/**
 * Lets the calling thread stand back where another of the machine's threads could run. A run is as fast as its own
 * thread: what it hands to others they may do later, and where there are few cores they took a third of its time.
 * On Linux a priority is a thread's own; elsewhere it would be the process's, and stays.
 */
export function standBehindTheRun(): void {
  if (process.platform !== 'linux') return;
  setPriority(Math.min(PRIORITY_LOW, getPriority() + PRIORITY_BELOW_NORMAL));
}
