/**
 * The payments of one flow on one date, drawn one after the other in order of time. Every quantity
 * has a stream of its own, so that another distribution of amounts changes no counterparty. The distributions
 * themselves (log-normal, its rounding and bounds): random.ts.
 */
import { PRIORITIES, type Priority } from '../protocol/messages/instruction.ts';
import { customersReference, drawAccounts } from './customer-accounts.ts';
import type { Next } from './earliest-first.ts';
import { cumulate, Picks, pick, SeededStream, shuffle, type Uuid } from './random.ts';
import type {
  ArrivalPart,
  CounterpartyRow,
  CustomerAccounts,
  FittedFlow,
  FittedHour,
  ListedPayment,
  PlannedChainLeg,
  Scenario,
  ScenarioCustomerFlow,
  ScenarioFlow,
  ScenarioTrades,
} from './scenario.ts';

/** A payment before outages: as a flow draws it or a table lists it. */
export interface DraftPayment extends Omit<ListedPayment, 'reference'> {
  /** Absent: it is no leg of a chain. */
  readonly ofChain?: PlannedChainLeg;
  /** Absent or null: its message names none. */
  readonly accounts?: CustomerAccounts | null;
  /** Place of the scenario's anomaly that it is of; absent: of none. */
  readonly label?: number;
  /** An anomaly adds it: no rule for every so many payments counts it. */
  readonly isAdded?: true;
  readonly uetr: Uuid;
  readonly endToEndId: string;
}

/**
 * The next of n arrivals over the parts of a day, in ascending order and without holding them: of m
 * uniforms that remain above x, the smallest is 1 - (1 - x) v^(1/m) with v uniform. A share of the
 * day's weight is then an instant inside a part.
 */
export class Arrivals {
  readonly #parts: readonly ArrivalPart[];
  readonly #cumulative: readonly number[];
  readonly #stream: SeededStream;
  #remaining: number;
  #above = 1;
  #part = 0;

  constructor(parts: readonly ArrivalPart[], count: number, stream: SeededStream) {
    this.#parts = parts;
    this.#cumulative = cumulate(parts.map(({ weight }) => weight));
    this.#remaining = count;
    this.#stream = stream;
  }

  /** ms since 1970; null when all have come. */
  next(): number | null {
    if (this.#remaining === 0) return null;
    this.#above *= Math.exp(Math.log(1 - this.#stream.uniform()) / this.#remaining);
    this.#remaining -= 1;
    const sums = this.#cumulative;
    const last = sums.length - 1;
    const target = (1 - this.#above) * sums[last]!;
    while (this.#part < last && sums[this.#part]! <= target) this.#part += 1;
    const { fromMs, toMs, weight } = this.#parts[this.#part]!;
    const inside = (target - (sums[this.#part]! - weight)) / weight;
    const atMs = fromMs + Math.floor(inside * (toMs - fromMs));
    return Math.max(fromMs, Math.min(toMs - 1, atMs));
  }
}

/** Arrivals hour after hour, in each as many as were asked for. */
class ArrivalsByHour {
  readonly #hours: readonly Arrivals[];
  #hour = 0;

  constructor(hours: readonly FittedHour[], stream: SeededStream) {
    this.#hours = hours.map(({ parts, payments }) => new Arrivals(parts, payments, stream));
  }

  next(): number | null {
    for (; this.#hour < this.#hours.length; this.#hour++) {
      const atMs = this.#hours[this.#hour]!.next();
      if (atMs !== null) return atMs;
    }
    return null;
  }
}

/** Writes the parties of the next payment. */
type DrawParties = (into: { debtorAgent: number; creditorAgent: number }) => void;

/** Each payment's parties by the weights of the flow. */
function drawnParties(rows: readonly CounterpartyRow[], stream: SeededStream): DrawParties {
  const debtors = new Picks(cumulate(rows.map(({ weight }) => weight)));
  const creditors: Picks[] = [];
  return (into) => {
    const place = debtors.at(stream.uniform());
    const row = rows[place]!;
    creditors[place] ??= new Picks(row.cumulative);
    into.debtorAgent = row.debtorAgent;
    into.creditorAgent = row.creditorAgents[creditors[place].at(stream.uniform())]!;
  };
}

/** The pairs of a fitted flow, each as often as it has payments, in random order. */
function shuffledParties({ pairs }: FittedFlow, stream: SeededStream): DrawParties {
  const order = shuffle(
    Uint32Array.from(pairs.flatMap(({ payments }, pair) => new Array<number>(payments).fill(pair))),
    stream,
  );
  let next = 0;
  return (into) => {
    const pair = pairs[order[next++]!]!;
    into.debtorAgent = pair.debtorAgent;
    into.creditorAgent = pair.creditorAgent;
  };
}

/** A number of seven digits or more: its thousands, and what is left. */
const textOfThousands = (number: number) => String(Math.floor(number / 1000)).padStart(4, '0');
const BELOW_THOUSAND = Array.from({ length: 1000 }, (_, rest) => String(rest).padStart(3, '0'));

/**
 * What is drawn alike for payments of banks and customers and for trades, `count` of them, from streams by purpose: with each call the
 * next, written over the one before, at last null.
 */
export function drawCommon(
  scenario: Scenario,
  flow: ScenarioFlow | ScenarioTrades | ScenarioCustomerFlow,
  dateIndex: number,
  count: number,
  stream: (purpose: string) => SeededStream,
) {
  const parts = flow.arrivals[dateIndex];
  if (!parts) return () => null;
  const businessDate = scenario.businessDates[dateIndex]!;
  const fitted = 'fitted' in flow ? flow.fitted : null;
  const hours = fitted?.hours?.[dateIndex];
  const arrivals = hours
    ? new ArrivalsByHour(hours, stream('arrivals'))
    : new Arrivals(parts, count, stream('arrivals'));
  const parties = fitted
    ? shuffledParties(fitted, stream('counterparties'))
    : drawnParties(flow.counterparties, stream('counterparties'));
  const amounts = drawAmounts(flow, stream('amounts'));
  const priorities = stream('priorities');
  const prioritySums = cumulate(flow.priorityWeights);
  const prefix = `${flow.name}-${businessDate.replaceAll('-', '')}-`;
  const earliestMs = flow.earliestMs[dateIndex] ?? null;
  const latestMs = flow.latestMs[dateIndex] ?? null;
  let number = 0;
  let thousands = prefix + textOfThousands(number);
  const drawn = {
    ...{ atMs: 0, dateIndex, debtorAgent: 0, creditorAgent: 0, amountMinor: 0n },
    ...{ earliestMs, latestMs, cancelAfterMs: null },
    ...{ priority: PRIORITIES[0] as Priority, endToEndId: '' },
  };
  return () => {
    const atMs = arrivals.next();
    if (atMs === null) return null;
    number += 1;
    drawn.atMs = atMs;
    parties(drawn);
    drawn.amountMinor = amounts();
    drawn.priority = PRIORITIES[pick(prioritySums, priorities.uniform())]!;
    // Of millions most have the thousands of the one before.
    if (number % 1000 === 0) thousands = prefix + textOfThousands(number);
    drawn.endToEndId = thousands + BELOW_THOUSAND[number % 1000]!;
    return drawn;
  };
}

/** Ends after the flow's `paymentsPerDate`. */
export function drawFlow(
  scenario: Scenario,
  flow: ScenarioFlow,
  dateIndex: number,
): Next<DraftPayment> {
  const { kind, from: currency, paymentsPerDate } = flow;
  const stream = streamsOf(scenario, 'flow', flow.name, dateIndex);
  const dealers = stream('dealers');
  const ids = stream('ids');
  const dealerSums = cumulate(flow.dealers.map(({ weight }) => weight));
  const accounts =
    scenario.customers !== null && kind === 'customer'
      ? drawAccounts(scenario, flow, stream)
      : null;
  const next = drawCommon(scenario, flow, dateIndex, paymentsPerDate, stream);
  return () => {
    const drawn = next();
    if (drawn === null) return null;
    const quote =
      flow.dealers.length === 0 ? null : flow.dealers[pick(dealerSums, dealers.uniform())]!.quote;
    const uetr = ids.uuid();
    // Without a spread: objects that come of one are slower to read, and there are as many as payments.
    return {
      atMs: drawn.atMs,
      dateIndex,
      debtorAgent: drawn.debtorAgent,
      creditorAgent: drawn.creditorAgent,
      currency,
      amountMinor: drawn.amountMinor,
      quote,
      kind,
      receives: null,
      earliestMs: drawn.earliestMs,
      latestMs: drawn.latestMs,
      cancelAfterMs: null,
      priority: drawn.priority,
      accounts: accounts === null ? null : accounts(drawn),
      uetr,
      endToEndId: accounts === null ? drawn.endToEndId : customersReference(uetr),
    };
  };
}

/** The streams of a flow on a date, by what is drawn. */
export const streamsOf =
  (
    scenario: Scenario,
    of: 'flow' | 'trades' | 'chains' | 'customers' | 'records',
    name: string,
    dateIndex: number,
  ) =>
  (purpose: string): SeededStream =>
    new SeededStream(scenario.seed, of, name, scenario.businessDates[dateIndex]!, purpose);

/** Log-normal, in whole minor units. */
export function drawAmounts(
  flow: Pick<ScenarioFlow, 'medianMinor' | 'sigma' | 'minMinor' | 'maxMinor'>,
  stream: SeededStream,
): () => bigint {
  const { sigma } = flow;
  const [median, least, most] = [flow.medianMinor, flow.minMinor, flow.maxMinor].map(Number) as [
    number,
    number,
    number,
  ];
  return () => BigInt(stream.logNormal(median, sigma, least, most));
}
