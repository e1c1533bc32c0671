import { readFileSync } from 'node:fs';
import type { CycleRun } from '../../services/analysis/certificates/gridlock-certificate.ts';
import {
  EVENT_BYTES,
  GROSS_OUTCOMES,
  type GrossOutcome,
} from '../../services/core/settlement/events.ts';
import { type QueueState, readQueues } from '../../services/core/settlement/queue-state.ts';
import { CYCLE_MECHANISMS, type CycleMechanism } from '../../services/core/settlement/records.ts';
import { readFlatEvent } from '../core/flat-events.ts';
import { createWorld, type World } from './case-language.ts';
import { smallDay } from './random-queues.ts';

const wasm = new WebAssembly.Module(
  readFileSync(new URL('../../assembly/corridor.wasm', import.meta.url)),
);

export interface Played {
  readonly state: QueueState;
  readonly runs: readonly { readonly state: QueueState; readonly run: CycleRun }[];
}

/**
 * Plays a small day and then a cycle over all currencies; the queues before it and before each run.
 * @param rules rows that come before its payments
 * @param strained whether accounts have less than they must keep
 */
export function play(
  seed: number,
  currencyCount: number,
  mixed: boolean,
  rules: readonly string[] = [],
  strained = false,
): Played {
  const day = smallDay(seed, currencyCount, { bounds: true, mixed, strained });
  const world = createWorld(wasm, { gridlockResolution: true, quotesMax: 20 }, day.accounts);
  for (const row of [...rules, ...day.rows]) world.say(row);
  return playCycle(world);
}

/** Runs a cycle over all currencies; the queues before it and before each run. */
export function playCycle(world: World): Played {
  const state = world.settlement.queues();
  const before: QueueState[] = [];
  world.settlement.watchCycle('every', ({ cycle }, capture) => {
    before[cycle] = readQueues(capture());
  });
  world.say('cycle');
  const events = world.events();
  const runs: (CycleRun & { readonly settled: number[] })[] = [];
  for (let i = 0; i < events.length / EVENT_BYTES; i += 1) {
    const event = readFlatEvent(events, i);
    if (event.kind === 'cycled') {
      const { cycle, priority, currency1 } = event;
      const outcome = GROSS_OUTCOMES[priority] as GrossOutcome;
      const mechanism = event.mechanism as CycleMechanism;
      const currency = mechanism === 'gridlockResolution' ? null : currency1;
      runs.push({ cycle, mechanism, outcome, currency, settled: [] });
    } else if (event.kind === 'settled' && event.cycle > 0) {
      runs.find((r) => r.cycle === event.cycle)?.settled.push(event.paymentPosition);
    }
  }
  if (!runs.every(({ mechanism }) => CYCLE_MECHANISMS.includes(mechanism)))
    throw new Error('a cycle by no mechanism of cycles');
  return { state, runs: runs.map((run) => ({ run, state: before[run.cycle] as QueueState })) };
}
