import { setFlagsFromString } from 'node:v8';

/**
 * How far a service's old objects grow, beyond those that were left of them, before the collector goes through all of them
 * again. V8 asks how much of its time a process collects: one that is busy has up to three times as many more, and one that is not has a
 * tenth, so that a sandbox with 80 payments a second went through fifty megabytes for each six that were new. Each time
 * takes the thread for a tenth of a second, in parts, and payments wait. So they may grow as far as under load.
 */
const GROWTH_PERCENT = 200;

/** Before a service begins; V8 asks for it at each collection. */
export function letOldObjectsGrow(): void {
  setFlagsFromString(`--heap-growing-percent=${GROWTH_PERCENT}`);
}
