import type { PlannedAction } from '../scenario/run-plan.ts';
import type { PlannedPause } from './cycle-asks.ts';
import type { MessageAction } from './direct-records.ts';

/** Control records that a slice holds at most while no payment is due (nights, empty hours). */
const CONTROLS_MAX = 8192;

/**
 * Cuts the plan of a run into slices of `batchSize` messages (fewer where there are many control
 * records between them). Slices change nothing but how much is verified and cleared together. A pause
 * ends the slice before it, and is none.
 */
export function* slices(
  actions: Iterable<PlannedAction | PlannedPause>,
  batchSize: number,
): Generator<PlannedAction[] | PlannedPause, void> {
  let slice: PlannedAction[] = [];
  let messages = 0;
  for (const action of actions) {
    if (action.kind === 'ask' || action.kind === 'turn') {
      if (slice.length > 0) yield slice;
      slice = [];
      messages = 0;
      yield action;
      continue;
    }
    slice.push(action);
    if (isMessage(action)) messages += 1;
    if (messages >= batchSize || slice.length - messages >= CONTROLS_MAX) {
      yield slice;
      slice = [];
      messages = 0;
    }
  }
  if (slice.length > 0) yield slice;
}

/** What a participant sends; everything else is the operator's. */
export const isMessage = (action: PlannedAction): action is MessageAction =>
  action.kind === 'payment' || action.kind === 'quote' || action.kind === 'request';
