/**
 * Everything but payments that a run feeds to clearing, in order of time: openings and closes, quotes,
 * changes of liquidity, defaults, cycles, and ticks while something is open. With payments between them, as
 * virtual time goes on from one to the next: run-plan.ts.
 *
 * The order of these at one instant: ORDER below. What comes after them there: limits, reservations and what follows
 * from payments by planned-requests.ts, payments by payments-in-sending-order.ts. What falls
 * due in the core by itself: assembly/settlement/state-machine.ts.
 */

import { type PlannedQuote, planQuotes } from './rates-and-rounding.ts';
import type {
  CycleEvent,
  DefaultEvent,
  LiquidityEvent,
  OpenHours,
  RevocationEvent,
  Scenario,
} from './scenario.ts';

/** What has a time, ms since 1970. */
export interface Instant {
  readonly atMs: number;
}

/** @typeParam Quote what is told of a dealer's quote: as it is planned, or as it was recorded */
export type ControlInstant<Quote extends Instant = PlannedQuote> =
  | {
      readonly kind: 'open';
      readonly atMs: number;
      readonly currency: number;
      readonly businessDate: string;
      readonly closesMs: number;
    }
  | {
      readonly kind: 'close';
      readonly atMs: number;
      readonly currency: number;
      readonly businessDate: string;
    }
  | ({ readonly kind: 'quote' } & Quote)
  | LiquidityEvent
  | DefaultEvent
  | RevocationEvent
  | CycleEvent
  | { readonly kind: 'tick'; readonly atMs: number };

/**
 * At one instant: who opens may trade, what changes liquidity counts, and the cut-off comes last. Where
 * the next date of a currency opens at the instant at which one closes (it is open around the clock),
 * that close comes first of all: what is planned for the instant belongs to the date that opens.
 */
const CHANGE_OF_DATE = -1;
const ORDER = {
  open: 0,
  quote: 1,
  creditLine: 2,
  collateral: 3,
  issue: 4,
  redeem: 5,
  default: 6,
  revocation: 7,
  cycle: 8,
  close: 9,
  tick: 10,
} as const;

/**
 * Yields the instants in order; at one instant by ORDER, then as in the file. Ticks come every
 * `tickMs` from each moment at which the first currency opens until the last has closed; where
 * another record has a tick's very instant the tick is left out, as that record tells the time too.
 */
export const timeline = (scenario: Scenario): Generator<ControlInstant, void> =>
  timelineWith(scenario, planQuotes(scenario));

/** The same around quotes that went out otherwise. */
export function* timelineWith<Quote extends Instant>(
  scenario: Scenario,
  quotes: readonly Quote[],
): Generator<ControlInstant<Quote>, void> {
  const instants: ControlInstant<Quote>[] = [];
  const spans: OpenHours[] = [];
  for (const [dateIndex, businessDate] of scenario.businessDates.entries())
    for (const [currency, { hours }] of scenario.currencies.entries()) {
      const open = hours[dateIndex];
      if (!open) continue;
      const { opensMs, closesMs } = open;
      spans.push(open);
      instants.push({ kind: 'open', atMs: opensMs, currency, businessDate, closesMs });
      instants.push({ kind: 'close', atMs: closesMs, currency, businessDate });
    }
  for (const quote of quotes) instants.push({ kind: 'quote', ...quote });
  instants.push(...scenario.liquidityEvents, ...scenario.defaults, ...scenario.revocations);
  instants.push(...scenario.cycles);
  const openings = new Set(instants.map((one) => (one.kind === 'open' ? placeOf(one) : '')));
  const order = (one: ControlInstant<Quote>) =>
    one.kind === 'close' && openings.has(placeOf(one)) ? CHANGE_OF_DATE : ORDER[one.kind];
  instants.sort((a, b) => a.atMs - b.atMs || order(a) - order(b));
  let next = 0;
  for (const tickMs of ticks(spans, scenario.tickMs)) {
    let isTaken = false;
    for (; next < instants.length && instants[next]!.atMs <= tickMs; next++) {
      isTaken = instants[next]!.atMs === tickMs;
      yield instants[next]!;
    }
    if (!isTaken) yield { kind: 'tick', atMs: tickMs };
  }
  yield* instants.slice(next);
}

const placeOf = ({ atMs, currency }: { readonly atMs: number; readonly currency: number }) =>
  `${currency} ${atMs}`;

/** Every tickMs inside the union of the spans, counted from the start of each of its parts. */
function* ticks(spans: readonly OpenHours[], tickMs: number): Generator<number, void> {
  const ordered = [...spans].sort((a, b) => a.opensMs - b.opensMs);
  let untilMs = Number.NEGATIVE_INFINITY;
  let nextMs = 0;
  for (const { opensMs, closesMs } of ordered) {
    // A span that begins after all before it have closed starts a part of its own.
    if (opensMs > untilMs) nextMs = opensMs + tickMs;
    untilMs = Math.max(untilMs, closesMs);
    for (; nextMs < untilMs; nextMs += tickMs) yield nextMs;
  }
}
