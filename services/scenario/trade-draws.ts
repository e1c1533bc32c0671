/**
 * The legs of one flow of trades on one date, drawn one trade after the other, in order of time. As
 * in flow-draws, every quantity has a stream of its own.
 */
import TinyQueue from 'tinyqueue';
import type { DraftPayment } from './draft-rows.ts';
import { drawCommon, streamsOf } from './flow-draws.ts';
import { convertMinor } from './rates-and-rounding.ts';
import type { Scenario, ScenarioTrades } from './scenario.ts';

interface Leg {
  readonly draft: DraftPayment;
  readonly order: number;
}

/** Draws in order of time; ends after the flow's `tradesPerDate`, each of two legs or one. */
export function* drawTrades(
  scenario: Scenario,
  trades: ScenarioTrades,
  dateIndex: number,
): Generator<DraftPayment, void> {
  const later = new TinyQueue<Leg>([], (a, b) => a.draft.atMs - b.draft.atMs || a.order - b.order);
  let order = 0;
  for (const [first, second] of drawPairs(scenario, trades, dateIndex)) {
    while (later.peek() !== undefined && later.peek()!.draft.atMs <= first.atMs)
      yield later.pop()!.draft;
    yield first;
    if (second) later.push({ draft: second, order: order++ });
  }
  for (let leg = later.pop(); leg !== undefined; leg = later.pop()) yield leg.draft;
}

function* drawPairs(
  scenario: Scenario,
  trades: ScenarioTrades,
  dateIndex: number,
): Generator<[DraftPayment, DraftPayment | null], void> {
  const { delivers, receives, price, tradesPerDate, unmatchedEvery } = trades;
  const stream = streamsOf(scenario, 'trades', trades.name, dateIndex);
  const delays = stream('delays');
  const ids = stream('ids');
  const minorUnits = (of: number) => scenario.currencies[of]!.minorUnits;
  let count = 0;
  const next = drawCommon(scenario, trades, dateIndex, tradesPerDate, stream);
  for (let drawn = next(); drawn !== null; drawn = next()) {
    count += 1;
    const { amountMinor: given, atMs, debtorAgent, creditorAgent } = drawn;
    const taken = convertMinor(given, price, minorUnits(delivers), minorUnits(receives));
    const first: DraftPayment = {
      ...drawn,
      kind: 'leg',
      quote: null,
      currency: delivers,
      receives: { currency: receives, amountMinor: taken },
      uetr: ids.uuid(),
    };
    const second: DraftPayment = {
      ...first,
      atMs: atMs + Math.floor(delays.uniform() * (trades.counterpartyAfterMs + 1)),
      debtorAgent: creditorAgent,
      creditorAgent: debtorAgent,
      currency: receives,
      amountMinor: taken,
      receives: { currency: delivers, amountMinor: given },
      uetr: ids.uuid(),
    };
    const isAlone = unmatchedEvery !== null && count % unmatchedEvery === 0;
    yield [first, isAlone ? null : second];
  }
}
