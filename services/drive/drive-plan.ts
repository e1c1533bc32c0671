import { listedMs } from '../scenario/payment-list.ts';
import type { PlannedMessage } from '../scenario/planned-requests.ts';
import type { PlannedQuote } from '../scenario/rates-and-rounding.ts';
import { planRun } from '../scenario/run-plan.ts';
import type { Scenario } from '../scenario/scenario.ts';
import type { OperatorAction } from './driven-operator.ts';

/**
 * A cycle that clearing runs by itself where its time is the scenario's: every interval, and before a
 * close. A live network's time is the machine's, and it does not close when the scenario does.
 */
export interface DueCycle {
  readonly kind: 'cycle';
  readonly atMs: number;
  /** Null: all. */
  readonly currency: number | null;
  readonly due: 'interval' | 'close';
}

/** What banks send and the operator commands in a scenario. */
export type DriveAction =
  | PlannedMessage
  | ({ readonly kind: 'quote' } & PlannedQuote)
  | OperatorAction
  | DueCycle;

export const isDueCycle = (action: DriveAction): action is DueCycle => 'due' in action;

/** What becomes of an action: quotes and commands have their place among the messages. */
export type ActionClass = 'message' | 'quote' | 'command';

export const classOf = ({ kind }: DriveAction): ActionClass => {
  if (kind === 'payment' || kind === 'request') return 'message';
  return kind === 'quote' ? 'quote' : 'command';
};

/**
 * The plan of a run without what a live network does by itself (it opens and closes by its own
 * calendar, and its time passes anyway), and with the cycles that are due by the scenario's time.
 */
export function* drivePlan(scenario: Scenario): Generator<DriveAction, void> {
  const everyMs = scenario.settlement.cycleEveryMs;
  let open = 0;
  let nextMs = Number.POSITIVE_INFINITY;
  for (const action of planRun(scenario)) {
    for (; nextMs < action.atMs; nextMs += everyMs)
      yield { kind: 'cycle', atMs: nextMs, currency: null, due: 'interval' };
    if (action.kind === 'open') {
      if (open === 0 && everyMs > 0) nextMs = action.atMs + everyMs;
      open += 1;
    } else if (action.kind === 'close') {
      const { atMs, currency } = action;
      if (scenario.settlement.rules[currency]?.cycleMechanism !== 'none')
        yield { kind: 'cycle', atMs, currency, due: 'close' };
      open -= 1;
      if (open === 0) nextMs = Number.POSITIVE_INFINITY;
    } else if (action.kind !== 'tick' && action.kind !== 'revocation') yield action;
  }
}

/** When the last currency closes, or the last listed payment leaves. */
export function lastInstantMs({ currencies, listedPayments }: Scenario): number {
  const closes = currencies.flatMap(({ hours }) => hours.flatMap((open) => open?.closesMs ?? []));
  let lastMs = Math.max(...closes);
  for (let line = 0; line < listedPayments.length; line++)
    lastMs = Math.max(lastMs, listedMs(listedPayments, line));
  return lastMs;
}
