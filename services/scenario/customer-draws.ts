/**
 * Payments between customers, each a chain of legs over both layers, drawn one after the other. The payer's deposits are
 * redeemed by its bank, reserves go to the payee's bank, and that issues deposits to the payee. As in flow-draws, every
 * quantity has a stream of its own.
 */
import { draftsOf, inOrderOfTime } from './chain-draws.ts';
import type { DraftPayment } from './draft-rows.ts';
import { drawCommon, streamsOf } from './flow-draws.ts';
import { convertMinor } from './rates-and-rounding.ts';
import type { Scenario, ScenarioChainLeg, ScenarioCustomerFlow } from './scenario.ts';
import { pick } from './weighted-picks.ts';

/** Draws in order of time; ends after the flow's `paymentsPerDate`. */
export function drawCustomerPayments(
  scenario: Scenario,
  flow: ScenarioCustomerFlow,
  dateIndex: number,
): Generator<DraftPayment, void> {
  return inOrderOfTime(drawChains(scenario, flow, dateIndex));
}

function* drawChains(scenario: Scenario, flow: ScenarioCustomerFlow, dateIndex: number) {
  const { currency, to, price, dealers, sendsWithinMs } = flow;
  const { currencies } = scenario;
  const stream = streamsOf(scenario, 'customers', flow.name, dateIndex);
  const [payers, payees] = [stream('payers'), stream('payees')];
  const [between, delays, ids] = [stream('dealers'), stream('delays'), stream('ids')];
  const at = (of: number) =>
    new Map(
      scenario.deposits.flatMap((one) => (one.currency === of ? [[one.bank, one] as const] : [])),
    );
  const [paid, received] = [at(currency), at(to)];
  const next = drawCommon(scenario, flow, dateIndex, flow.paymentsPerDate, stream);
  for (let drawn = next(); drawn !== null; drawn = next()) {
    const { atMs, debtorAgent: payerBank, creditorAgent: payeeBank, amountMinor } = drawn;
    const { earliestMs, latestMs, priority, endToEndId: id } = drawn;
    const [from, into] = [paid.get(payerBank)!, received.get(payeeBank)!];
    const payerPlace = Math.floor(payers.uniform() * from.customers.length);
    // Of one bank's customers somebody else is paid.
    const isOwn = from === into;
    const others = into.customers.length - (isOwn ? 1 : 0);
    const place = Math.floor(payees.uniform() * others);
    const payeePlace = isOwn && place >= payerPlace ? place + 1 : place;
    const afterMs = Math.floor(delays.uniform() * (sendsWithinMs + 1));
    const dealer = dealers && dealers.participants[pick(dealers.cumulative, between.uniform())]!;
    const bought = convertMinor(
      amountMinor,
      price,
      currencies[currency]!.minorUnits,
      currencies[to]!.minorUnits,
    );
    const leg = (
      debtorAgent: number,
      creditorAgent: number,
      of: number,
      ofLeg: bigint,
      sentMs = 0,
    ): ScenarioChainLeg => ({
      ...{ debtorAgent, creditorAgent, currency: of },
      ...{ amountMinor: ofLeg, afterMs: sentMs },
    });
    const reserves =
      dealer !== null
        ? [leg(payerBank, dealer, currency, amountMinor), leg(dealer, payeeBank, to, bought)]
        : isOwn
          ? []
          : [leg(payerBank, payeeBank, currency, amountMinor)];
    const legs = [
      leg(from.customers[payerPlace]!, payerBank, from.asset, amountMinor),
      ...reserves,
      leg(payeeBank, into.customers[payeePlace]!, into.asset, bought, isOwn ? 0 : afterMs),
    ];
    const chain = {
      ...{ id, dateIndex, atMs, earliestMs, latestMs, priority },
      ...{ legs, condition: null, earmark: null, synchronised: null },
    };
    yield { plannedMs: atMs, drafts: draftsOf(chain, () => ids.uuid(), []) };
  }
}
