/**
 * What is next in a run: the scenario's payments and requests among the timeline's openings, closes and ticks, in
 * order of virtual time. How many of them a step takes together: simulator/time-slices.ts.
 */

import { type DrawnPayments, messagesOf, outOfRow } from './payments-in-sending-order.ts';
import type { TrafficTotals } from './planned-payment.ts';
import type { PlannedMessage } from './planned-requests.ts';
import type { Scenario } from './scenario.ts';
import { type ControlInstant, timeline } from './timeline-and-same-instant-order.ts';

export type PlannedAction = PlannedMessage | ControlInstant;

/**
 * The whole run in order: the timeline with payments and requests. At one instant all control records
 * come first, so a payment at the very moment of a cut-off is late.
 */
export function* planRun(scenario: Scenario): Generator<PlannedAction, void> {
  for (const action of runInRows(scenario)) yield outOfRow(action);
}

/**
 * The same, for who takes each before the next: `PaymentInRow` holds no longer.
 * @param drawn as of `messagesOf`
 */
export function* runInRows(
  scenario: Scenario,
  totals?: TrafficTotals,
  drawn?: DrawnPayments,
): Generator<PlannedAction, void> {
  const next = messagesOf(scenario, totals, drawn);
  let message = next();
  for (const control of timeline(scenario)) {
    for (; message !== null && message.atMs < control.atMs; message = next()) yield message;
    yield control;
  }
  for (; message !== null; message = next()) yield message;
}
