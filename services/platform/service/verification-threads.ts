import { availableParallelism } from 'node:os';

/** Threads that verify signatures where nobody says how many: beside the one that reads, each core has one. */
export const verificationThreads = (): number => Math.max(0, availableParallelism() - 1);
