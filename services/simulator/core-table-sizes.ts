/**
 * How many participants, live payments, identities, quotes and limits the settlement core has room for: its genesis
 * says so for good. What comes beyond is refused, `limitReached` (`assembly/settlement/duplicates-and-dispatch.ts`, `queue-places.ts`).
 */
import type { CoreLimits } from '../protocol/records/control-record.ts';
import { addedBy } from '../scenario/anomaly-draws.ts';
import type { Scenario, ScenarioChain } from '../scenario/scenario.ts';

/** Of a live network. What is not touched costs address space alone: some 450 MB where all of it is used. */
export const LIVE_LIMITS: CoreLimits = {
  participants: 1_024,
  currencies: 64,
  livePayments: 1_000_000,
  identities: 4_000_000,
  quotes: 65_536,
  limits: 65_536,
};

/** Chains of each date, of flows of chains and of customers' payments, with the legs that one has at most. */
function chainsADate({
  chainFlows,
  customerFlows,
}: Scenario): readonly (Pick<ScenarioChain, 'condition' | 'earmark' | 'synchronised'> &
  Legs & { readonly chainsPerDate: number })[] {
  const customers = customerFlows.map(({ currency, to, paymentsPerDate: chainsPerDate }) => {
    // The deposits' legs have no cap on what is set aside, and reserves have that of their currency.
    const moved = currency === to ? [currency, currency, currency] : [currency, currency, to, to];
    const legs = moved.map((one) => ({ currency: one }));
    return { chainsPerDate, legs, condition: null, earmark: null, synchronised: null };
  });
  return [...chainFlows, ...customers];
}

/** Payments that the scenario can send at most, each leg of a trade or a chain counted, repeats not. */
export function plannedPayments(scenario: Scenario): number {
  const daily =
    scenario.flows.reduce((sum, { paymentsPerDate }) => sum + paymentsPerDate, 0) +
    scenario.trades.reduce((sum, { tradesPerDate }) => sum + 2 * tradesPerDate, 0) +
    chainsADate(scenario).reduce(
      (sum, { chainsPerDate, legs }) => sum + chainsPerDate * legs.length,
      0,
    );
  const chained = scenario.chains.reduce((sum, { legs }) => sum + legs.length, 0);
  const added = scenario.anomalies.reduce((sum, one) => sum + addedBy(one), 0);
  return daily * scenario.businessDates.length + chained + added + scenario.listedPayments.length;
}

/** What may be attested at most: each attestor may hold a chain and decide it, and all may be said again. */
function plannedAttestations(scenario: Scenario): number {
  const { businessDates } = scenario;
  const corridors = scenario.settlement.preValidation.length;
  // Of each corridor the desk may be asked, and each bank that is credited.
  const attestorsOf = ({
    condition,
    legs,
    synchronised,
  }: Pick<ScenarioChain, 'condition' | 'synchronised'> & Legs) =>
    (condition?.groups.reduce((sum, { attestors }) => sum + attestors.length, 0) ?? 0) +
    (corridors > 0 ? (corridors + legs.length) * (synchronised ? 2 : 1) : 0);
  const drawn =
    scenario.chains.reduce((sum, chain) => sum + attestorsOf(chain), 0) +
    chainsADate(scenario).reduce((sum, flow) => sum + flow.chainsPerDate * attestorsOf(flow), 0) *
      businessDates.length;
  const counted = scenario.recordFlows.reduce(
    (sum, { attestors, recordsPerDate }) => sum + attestors.length * recordsPerDate,
    0,
  );
  const ofChains = scenario.chainFlows.reduce(
    (sum, { chainsPerDate, documents }) => sum + chainsPerDate * documents.length,
    0,
  );
  const listed =
    scenario.attestations.length +
    scenario.records.length +
    (counted + ofChains) * businessDates.length;
  // Where nothing is verified, what is forged counts too.
  const perChain = scenario.attestors.some(({ forged }) => forged > 0) ? 3 : 2;
  return perChain * (scenario.attestors.length > 0 ? drawn : 0) + listed;
}

/** Messages that are signed, but for requests and what is sent again: payments, and all that is attested. */
export const plannedMessages = (scenario: Scenario): number =>
  plannedPayments(scenario) + plannedAttestations(scenario);

/** Chains with a condition: the core has room for a quarter of the live payments. */
function conditioned(scenario: Scenario): number {
  const { businessDates, chains, settlement } = scenario;
  const hasOne = ({ condition, synchronised }: Pick<ScenarioChain, 'condition' | 'synchronised'>) =>
    condition !== null || synchronised !== null || settlement.preValidation.length > 0;
  return (
    chains.filter(hasOne).length +
    chainsADate(scenario).reduce((sum, flow) => sum + (hasOne(flow) ? flow.chainsPerDate : 0), 0) *
      businessDates.length
  );
}

/**
 * Pairs of an account that is debited and a participant who is paid of which money may be set aside under a cap. Each leg
 * asks for one, on whatever date; a currency has one account a participant, so at most participants squared. The core has
 * room for a quarter of the live payments, and 16 (`assembly/settlement/earmark-cap.ts`): beyond it the cap is 0.
 */
function cappedPairs(scenario: Scenario): number {
  const { businessDates, currencies, participants } = scenario;
  const isCapped = (currency: number) => currencies[currency]?.earmarkCapMinorSeconds !== undefined;
  const legsOf = ({ earmark, legs }: Pick<ScenarioChain, 'earmark'> & Legs) =>
    earmark ? legs.filter(({ currency }) => isCapped(currency)).length : 0;
  const legs =
    scenario.chains.reduce((sum, chain) => sum + legsOf(chain), 0) +
    chainsADate(scenario).reduce((sum, flow) => sum + flow.chainsPerDate * legsOf(flow), 0) *
      businessDates.length;
  const capped = currencies.filter((_, currency) => isCapped(currency)).length;
  return Math.min(legs, capped * participants.length * participants.length);
}

interface Legs {
  readonly legs: readonly { readonly currency: number }[];
}

/** Room for the corridors that have limits; a network without any keeps none. */
export const corridorRoom = ({ settlement }: Scenario): Pick<CoreLimits, 'corridorLimits'> =>
  settlement.corridorLimits.length > 0 ? { corridorLimits: settlement.corridorLimits.length } : {};

/** Payments that are alive at once at most, with what else has its room among them. */
const livePayments = (scenario: Scenario): number =>
  Math.max(
    plannedPayments(scenario) * (scenario.returns.length > 0 ? 2 : 1) + 1,
    4 * conditioned(scenario),
    4 * cappedPairs(scenario),
  );

/** Of a proposal, which the core refuses where it is larger (`assembly/settlement/proposals.ts`). */
export const proposalBytesMax = (scenario: Scenario): number => 4096 + 32 * livePayments(scenario);

/** Tables with room for every message of the scenario: they cost address space until touched. */
export function coreLimits(scenario: Scenario, quotes: number): CoreLimits {
  const payments = plannedPayments(scenario);
  const { requestEvents, cancellations, reorderings, returns, listedPayments } = scenario;
  const asksOfPayments =
    cancellations.length + reorderings.length > 0 ||
    [...listedPayments.beside.values()].some(({ cancelAfterMs }) => cancelAfterMs !== null);
  const caps = scenario.participants.flatMap(({ accounts }) =>
    accounts.flatMap(({ bilateralCaps }) => bilateralCaps),
  );
  return {
    participants: scenario.participants.length,
    currencies: scenario.currencies.length,
    livePayments: livePayments(scenario),
    // A payment may be cancelled and re-ordered, and returned. What an operator between two pools attests of a part has the room
    // of the other part's legs, which another pool remembers.
    identities:
      payments * ((asksOfPayments ? 3 : 1) + (returns.length > 0 ? 1 : 0)) +
      plannedAttestations(scenario) +
      quotes +
      requestEvents.length +
      1,
    quotes: quotes + 1,
    limits: requestEvents.length + caps.length + 1,
    ...corridorRoom(scenario),
  };
}
