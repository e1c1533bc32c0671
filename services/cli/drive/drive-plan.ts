import type { PlannedMessage } from '../../simulator/scenario/planned-requests.ts';
import type { PlannedQuote } from '../../simulator/scenario/rates.ts';
import type { Scenario } from '../../simulator/scenario/scenario.ts';
import { planRun } from '../../simulator/scenario/timeline.ts';
import type { OperatorAction } from './operator.ts';

/** What banks send and the operator commands in a scenario. */
export type DriveAction =
  | PlannedMessage
  | ({ readonly kind: 'quote' } & PlannedQuote)
  | OperatorAction;

/** What becomes of an action: quotes and commands have their place among the messages. */
export type ActionClass = 'message' | 'quote' | 'command';

export const classOf = ({ kind }: DriveAction): ActionClass => {
  if (kind === 'payment' || kind === 'request') return 'message';
  return kind === 'quote' ? 'quote' : 'command';
};

/**
 * The plan of a run without what a live network does by itself: it opens and closes by its own
 * calendar, and its time passes anyway.
 */
export function* drivePlan(scenario: Scenario): Generator<DriveAction, void> {
  for (const action of planRun(scenario))
    if (action.kind !== 'open' && action.kind !== 'close' && action.kind !== 'tick') yield action;
}

/** When the last currency closes, or the last listed payment leaves. */
export function lastInstantMs({ currencies, listedPayments }: Scenario): number {
  const closes = currencies.flatMap(({ hours }) => hours.flatMap((open) => open?.closesMs ?? []));
  const listed = listedPayments.map(({ atMs }) => atMs);
  return [...closes, ...listed].reduce((last, at) => Math.max(last, at));
}
