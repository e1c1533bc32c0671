import { performance } from 'node:perf_hooks';
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

/**
 * Of the room for young objects, how much is filled when V8 collects them between two turns of the event loop. The thread stands still for
 * as long as what is still on its way takes to be copied: of a tenth of a second's objects a quarter as long as of a second's, but
 * of all objects twice as many. So a process with time to spare is stopped briefly and often, and one
 * that has none as seldom as V8 would have it.
 */
const YOUNG_PERCENT = { spare: 15, busy: 80 } as const;
/** Of its time, that the event loop is at work. */
const BUSY_FROM = 0.7;
const LOOK_MS = 1_000;

/** @returns how to end it */
export function collectYoungByLoad(): () => void {
  let before = performance.eventLoopUtilization();
  let set: number = YOUNG_PERCENT.busy;
  const setTo = (percent: number) => {
    if (percent !== set) setFlagsFromString(`--minor-gc-task-trigger=${percent}`);
    set = percent;
  };
  const timer = setInterval(() => {
    const now = performance.eventLoopUtilization();
    const { utilization } = performance.eventLoopUtilization(now, before);
    before = now;
    setTo(utilization < BUSY_FROM ? YOUNG_PERCENT.spare : YOUNG_PERCENT.busy);
  }, LOOK_MS).unref();
  return () => {
    clearInterval(timer);
    setTo(YOUNG_PERCENT.busy);
  };
}
