// Where the host has the machine wait before a cycle, so that it can look at the queues as they stand (state-for-host.ts).

import { cycleNumber } from './cycles';

/** In place of a cycle's number: before each step of every cycle. */
const EVERY: u32 = u32.MAX_VALUE;

let pauseBefore: u32 = 0;
let paused: bool = false;
let passing: bool = false;

/** Steps stop before the run that will have this number (0: none; EVERY: each): `settlementPaused` says so. */
export function settlementPauseBefore(cycle: u32): void {
  pauseBefore = cycle;
}

export function settlementPaused(): bool {
  return paused;
}

export function settlementGoOn(): void {
  paused = false;
  passing = true;
}

/** Whether the machine is to wait before it starts the next step of a cycle. */
export function waitsBeforeStep(): bool {
  if (pauseBefore == 0) return false;
  if (pauseBefore != EVERY && cycleNumber() + 1 != pauseBefore) return false;
  if (passing) {
    passing = false;
    return false;
  }
  paused = true;
  return true;
}
