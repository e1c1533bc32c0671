import type { LogFault } from './service-context.ts';

/** Failures that end when the broker or the store is back, or the disk has room again. */
const PASSING = new Set(['diskFull', 'unavailable', 'timedOut']);

export const isPassing = (error: unknown): error is LogFault =>
  error instanceof Error && PASSING.has((error as LogFault).kind);
