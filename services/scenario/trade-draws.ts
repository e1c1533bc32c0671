/**
 * The legs of one flow of trades on one date, drawn one trade after the other, in order of time. As
 * in flow-draws, every quantity has a stream of its own.
 */
import TinyQueue from 'tinyqueue';
import { PRIORITIES } from '../protocol/messages/instruction.ts';
import { Arrivals, type DraftPayment, drawAmountMinor } from './flow-draws.ts';
import { cumulate, pick, SeededStream } from './random.ts';
import { convertMinor } from './rates.ts';
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
  const parts = trades.arrivals[dateIndex];
  if (!parts) return;
  const businessDate = scenario.businessDates[dateIndex]!;
  const stream = (purpose: string) =>
    new SeededStream(scenario.seed, 'trades', trades.name, businessDate, purpose);
  const arrivals = new Arrivals(parts, trades.tradesPerDate, stream('arrivals'));
  const counterparties = stream('counterparties');
  const amounts = stream('amounts');
  const priorities = stream('priorities');
  const delays = stream('delays');
  const ids = stream('ids');
  const debtorSums = cumulate(trades.counterparties.map(({ weight }) => weight));
  const prioritySums = cumulate(trades.priorityWeights);
  const prefix = `${trades.name}-${businessDate.replaceAll('-', '')}-`;
  const minorUnits = (of: number) => scenario.currencies[of]!.minorUnits;
  const { delivers, receives, price } = trades;
  let count = 0;
  for (let atMs = arrivals.next(); atMs !== null; atMs = arrivals.next()) {
    count += 1;
    const row = trades.counterparties[pick(debtorSums, counterparties.uniform())]!;
    const other = row.creditorAgents[pick(row.cumulative, counterparties.uniform())]!;
    const given = drawAmountMinor(trades, amounts);
    const taken = convertMinor(given, price, minorUnits(delivers), minorUnits(receives));
    const common = {
      dateIndex,
      kind: 'leg' as const,
      quote: null,
      priority: PRIORITIES[pick(prioritySums, priorities.uniform())]!,
      endToEndId: prefix + String(count).padStart(7, '0'),
      earliestMs: trades.earliestMs[dateIndex] ?? null,
      latestMs: trades.latestMs[dateIndex] ?? null,
      cancelAfterMs: null,
    };
    const first: DraftPayment = {
      ...common,
      atMs,
      debtorAgent: row.debtorAgent,
      creditorAgent: other,
      currency: delivers,
      amountMinor: given,
      receives: { currency: receives, amountMinor: taken },
      uetr: ids.uuid(),
    };
    const second: DraftPayment = {
      ...common,
      atMs: atMs + Math.floor(delays.uniform() * (trades.counterpartyAfterMs + 1)),
      debtorAgent: other,
      creditorAgent: row.debtorAgent,
      currency: receives,
      amountMinor: taken,
      receives: { currency: delivers, amountMinor: given },
      uetr: ids.uuid(),
    };
    const isAlone = trades.unmatchedEvery !== null && count % trades.unmatchedEvery === 0;
    yield [first, isAlone ? null : second];
  }
}
