/** Stand-in for `k6`: what a script calls blocks, as it does there. */
import { sleepMs } from '../vu.ts';

export function sleep(seconds: number): void {
  sleepMs(seconds * 1000);
}

export function fail(message: string): never {
  throw new Error(message);
}
