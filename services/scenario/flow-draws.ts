/**
 * The payments of one flow on one date, drawn one after the other in order of time. Every quantity
 * has a stream of its own, so that another distribution of amounts changes no counterparty. The distribution of
 * amounts (its rounding and bounds): log-normal-amounts.ts.
 */
import { PRIORITIES, type Priority } from '../protocol/messages/priorities.ts';
import { customersReference, drawAccounts } from './customer-accounts.ts';
import { DRAFT, DRAFT_KINDS, type DraftPayment, DraftRows } from './draft-rows.ts';
import { Uuid } from './drawn-uuids.ts';
import type { Next } from './earliest-first.ts';
import { logNormal } from './log-normal-amounts.ts';
import { SeededStream, shuffle } from './random-streams.ts';
import type {
  ArrivalPart,
  CounterpartyRow,
  DrawnAmounts,
  FittedFlow,
  FittedHour,
  Scenario,
  ScenarioCustomerFlow,
  ScenarioFlow,
  ScenarioTrades,
} from './scenario.ts';
import { cumulate, Picks, pick } from './weighted-picks.ts';

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

/** Draws one of what each payment has, and writes it into the rows from one to before another. */
type Fill = (rows: DraftRows, from: number, to: number) => void;

/** Each payment's parties by the weights of the flow. */
function drawnParties(counterparties: readonly CounterpartyRow[], stream: SeededStream): Fill {
  const debtors = new Picks(cumulate(counterparties.map(({ weight }) => weight)));
  const creditors: Picks[] = [];
  return ({ numbers }, from, to) => {
    for (let row = from; row < to; row++) {
      const place = debtors.at(stream.uniform());
      const { debtorAgent, creditorAgents, cumulative } = counterparties[place]!;
      creditors[place] ??= new Picks(cumulative);
      const at = DraftRows.at(row);
      numbers[at + DRAFT.debtorAgent] = debtorAgent;
      numbers[at + DRAFT.creditorAgent] = creditorAgents[creditors[place].at(stream.uniform())]!;
    }
  };
}

/** The pairs of a fitted flow, each as often as it has payments, in random order. */
function shuffledParties({ pairs }: FittedFlow, stream: SeededStream): Fill {
  const order = shuffle(
    Uint32Array.from(pairs.flatMap(({ payments }, pair) => new Array<number>(payments).fill(pair))),
    stream,
  );
  let next = 0;
  return ({ numbers }, from, to) => {
    for (let row = from; row < to; row++) {
      const { debtorAgent, creditorAgent } = pairs[order[next++]!]!;
      const at = DraftRows.at(row);
      numbers[at + DRAFT.debtorAgent] = debtorAgent;
      numbers[at + DRAFT.creditorAgent] = creditorAgent;
    }
  };
}

function drawnPriorities(weights: readonly number[], stream: SeededStream): Fill {
  const sums = cumulate(weights);
  return ({ numbers }, from, to) => {
    for (let row = from; row < to; row++)
      numbers[DraftRows.at(row) + DRAFT.priority] = pick(sums, stream.uniform());
  };
}

function drawnAmounts(flow: DrawnAmounts, stream: SeededStream): Fill {
  const next = drawMinor(flow, stream);
  return ({ numbers }, from, to) => {
    for (let row = from; row < to; row++) numbers[DraftRows.at(row) + DRAFT.amount] = next();
  };
}

function drawnIds(stream: SeededStream): Fill {
  return ({ numbers }, from, to) => {
    for (let row = from; row < to; row++) stream.uuidTo(numbers, DraftRows.at(row) + DRAFT.uetr);
  };
}

function drawnDealers(dealers: ScenarioFlow['dealers'], stream: SeededStream): Fill {
  const sums = cumulate(dealers.map(({ weight }) => weight));
  return ({ numbers }, from, to) => {
    for (let row = from; row < to; row++)
      numbers[DraftRows.at(row) + DRAFT.dealer] =
        dealers.length === 0 ? -1 : pick(sums, stream.uniform());
  };
}

/** Adds rows of what comes next, at most so many; none: all have come. */
type FillNext = (rows: DraftRows, most: number) => void;

/**
 * What is drawn alike for payments of banks and customers and for trades, `count` of them, from streams by purpose. One
 * quantity of many payments is drawn after the other: what it draws from stays in the processor's caches meanwhile.
 */
function fillCommon(
  flow: ScenarioFlow | ScenarioTrades | ScenarioCustomerFlow,
  dateIndex: number,
  count: number,
  stream: (purpose: string) => SeededStream,
): FillNext {
  const parts = flow.arrivals[dateIndex];
  if (!parts) return () => {};
  const fitted = 'fitted' in flow ? flow.fitted : null;
  const hours = fitted?.hours?.[dateIndex];
  const arrivals = hours
    ? new ArrivalsByHour(hours, stream('arrivals'))
    : new Arrivals(parts, count, stream('arrivals'));
  const fills = [
    fitted
      ? shuffledParties(fitted, stream('counterparties'))
      : drawnParties(flow.counterparties, stream('counterparties')),
    drawnAmounts(flow, stream('amounts')),
    drawnPriorities(flow.priorityWeights, stream('priorities')),
  ];
  let number = 0;
  return (rows, most) => {
    rows.ensure(most);
    const { numbers, length: from } = rows;
    for (let left = most; left > 0; left--) {
      const atMs = arrivals.next();
      if (atMs === null) break;
      const at = DraftRows.at(rows.length++);
      number += 1;
      numbers[at + DRAFT.atMs] = atMs;
      numbers[at + DRAFT.date] = dateIndex;
      numbers[at + DRAFT.place] = number;
    }
    for (const fill of fills) fill(rows, from, rows.length);
  };
}

/** The EndToEndId of a flow's payment. @param number in the flow on its date, from 1 */
const referenceOf = (
  { businessDates }: Pick<Scenario, 'businessDates'>,
  flow: { readonly name: string },
  dateIndex: number,
  number: number,
): string =>
  `${flow.name}-${businessDates[dateIndex]!.replaceAll('-', '')}-${String(number).padStart(7, '0')}`;

/** The same for who makes an object of each, with each call the next, at last null. */
export function drawCommon(
  scenario: Scenario,
  flow: ScenarioTrades | ScenarioCustomerFlow,
  dateIndex: number,
  count: number,
  stream: (purpose: string) => SeededStream,
) {
  const fill = fillCommon(flow, dateIndex, count, stream);
  const earliestMs = flow.earliestMs[dateIndex] ?? null;
  const latestMs = flow.latestMs[dateIndex] ?? null;
  const rows = new DraftRows(1);
  return () => {
    rows.clear();
    fill(rows, 1);
    if (rows.length === 0) return null;
    const { numbers } = rows;
    return {
      atMs: numbers[DRAFT.atMs]!,
      dateIndex,
      debtorAgent: numbers[DRAFT.debtorAgent]!,
      creditorAgent: numbers[DRAFT.creditorAgent]!,
      amountMinor: BigInt(numbers[DRAFT.amount]!),
      ...{ earliestMs, latestMs, cancelAfterMs: null },
      priority: PRIORITIES[numbers[DRAFT.priority]!] as Priority,
      endToEndId: referenceOf(scenario, flow, dateIndex, numbers[DRAFT.place]!),
    };
  };
}

/** Rows of a flow's payments on a date; ends after the flow's `paymentsPerDate`. */
export function fillFlow(scenario: Scenario, flow: ScenarioFlow, dateIndex: number): FillNext {
  const stream = streamsOf(scenario, 'flow', flow.name, dateIndex);
  const fillFirst = fillCommon(flow, dateIndex, flow.paymentsPerDate, stream);
  const fills = [drawnDealers(flow.dealers, stream('dealers')), drawnIds(stream('ids'))];
  const origin = scenario.flows.indexOf(flow);
  const kind = DRAFT_KINDS.indexOf(flow.kind);
  const times = [flow.earliestMs[dateIndex] ?? null, flow.latestMs[dateIndex] ?? null];
  const furnished = flow.dealers.length > 0 || times.some((time) => time !== null) ? 1 : 0;
  return (rows, most) => {
    const from = rows.length;
    fillFirst(rows, most);
    const { numbers, length: to } = rows;
    for (let row = from; row < to; row++) {
      const at = DraftRows.at(row);
      numbers[at + DRAFT.currency] = flow.from;
      numbers[at + DRAFT.kind] = kind;
      numbers[at + DRAFT.furnished] = furnished;
      numbers[at + DRAFT.origin] = origin;
    }
    for (const fill of fills) fill(rows, from, to);
  };
}

/** Rows that are drawn together at most, where nothing else is said. */
const DRAWN_AT_ONCE = 64;

/** A flow's payments as objects, with the accounts that they name; the next with each call. */
export function drawFlow(
  scenario: Scenario,
  flow: ScenarioFlow,
  dateIndex: number,
): Next<DraftPayment> {
  const stream = streamsOf(scenario, 'flow', flow.name, dateIndex);
  const accounts = namesAccounts(scenario, flow) ? drawAccounts(scenario, flow, stream) : null;
  const fill = fillFlow(scenario, flow, dateIndex);
  const rows = new DraftRows(1);
  let next = 0;
  let most = 1;
  return () => {
    if (next === rows.length) {
      next = 0;
      rows.clear();
      fill(rows, most);
      most = DRAWN_AT_ONCE;
      if (rows.length === 0) return null;
    }
    const draft = flowDraft(scenario, flow, rows, next++);
    if (accounts === null) return draft;
    return { ...draft, accounts: accounts(draft), endToEndId: customersReference(draft.uetr) };
  };
}

/** Whether a flow's payments name accounts. */
export const namesAccounts = ({ customers }: Scenario, { kind }: ScenarioFlow): boolean =>
  customers !== null && kind === 'customer';

/** The object of a row of a flow whose payments name no accounts. */
export function flowDraft(
  scenario: Scenario,
  flow: ScenarioFlow,
  { numbers }: DraftRows,
  row: number,
): DraftPayment {
  const at = DraftRows.at(row);
  const dateIndex = numbers[at + DRAFT.date]!;
  // Without a spread: objects that come of one are slower to read.
  return {
    atMs: numbers[at + DRAFT.atMs]!,
    dateIndex,
    debtorAgent: numbers[at + DRAFT.debtorAgent]!,
    creditorAgent: numbers[at + DRAFT.creditorAgent]!,
    currency: flow.from,
    amountMinor: BigInt(numbers[at + DRAFT.amount]!),
    quote: flow.dealers[numbers[at + DRAFT.dealer]!]?.quote ?? null,
    kind: flow.kind,
    receives: null,
    earliestMs: flow.earliestMs[dateIndex] ?? null,
    latestMs: flow.latestMs[dateIndex] ?? null,
    cancelAfterMs: null,
    priority: PRIORITIES[numbers[at + DRAFT.priority]!]!,
    accounts: null,
    uetr: Uuid.from(numbers, at + DRAFT.uetr),
    endToEndId: referenceOf(scenario, flow, dateIndex, numbers[at + DRAFT.place]!),
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
export function drawAmounts(flow: DrawnAmounts, stream: SeededStream): () => bigint {
  const next = drawMinor(flow, stream);
  return () => BigInt(next());
}

function drawMinor(flow: DrawnAmounts, stream: SeededStream): () => number {
  const { sigma } = flow;
  const [median, least, most] = [flow.medianMinor, flow.minMinor, flow.maxMinor].map(Number) as [
    number,
    number,
    number,
  ];
  return () => logNormal(stream, median, sigma, least, most);
}
