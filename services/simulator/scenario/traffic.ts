/**
 * The payments of a scenario in the order in which the banks send them.
 *
 * Planning order: by arrival, then flows in the file's order, then listed payments by row; `number`
 * counts in it. Outages then delay, corruption and repeats are marked. Sending order: by `atMs`, then
 * by `number`, a repeat after its original. So an outage's backlog leaves in its old order, before
 * what was planned for the moment at which the outage ends.
 */
import type { Priority } from '../../protocol/instruction.ts';
import type { Rate } from '../../protocol/money.ts';
import { type DraftPayment, drawFlow } from './flow-draws.ts';
import { Heap } from './heap.ts';
import { SeededStream } from './random.ts';
import { convertMinor, sendingTimeMs } from './rates.ts';
import type { Scenario } from './scenario.ts';

/** A payment that leaves its debtor's agent. Agents and currencies are the scenario's numbers. */
export interface PlannedPayment {
  /** Place in the planning order, from 0. A repeat has the number of its original. */
  readonly number: number;
  readonly atMs: number;
  /** The date on which it is to settle, YYYY-MM-DD. */
  readonly businessDate: string;
  readonly debtorAgent: number;
  readonly creditorAgent: number;
  readonly dealer: number | null;
  readonly currency: number;
  readonly amountMinor: bigint;
  /** The three are null inside one currency. amount2 = amount x rate, rounded half-even. */
  readonly currency2: number | null;
  readonly amount2Minor: bigint | null;
  readonly rate: Rate | null;
  readonly priority: Priority;
  readonly uetr: string;
  readonly endToEndId: string;
  /** Its signature is to be made invalid. */
  readonly corrupt: boolean;
  /** A second sending of the same payload, to be signed anew. Not one of the scenario's payments. */
  readonly isRepeat: boolean;
}

export interface TrafficTotals {
  /** Payments planned: sent and unsent, without repeats. */
  planned: number;
  /** Held by an outage that has no end. */
  unsent: number;
  corrupt: number;
  repeats: number;
}

export function noTraffic(): TrafficTotals {
  return { planned: 0, unsent: 0, corrupt: 0, repeats: 0 };
}

/**
 * Yields the payments in sending order; the same for the same scenario and seed.
 * @param totals counts up while the payments are taken
 */
export function* planPayments(
  scenario: Scenario,
  totals: TrafficTotals = noTraffic(),
): Generator<PlannedPayment, void> {
  const marks = new Marks(scenario);
  // What leaves later than planned: an outage's backlog, and repeats.
  const later = new Heap<PlannedPayment>(leavesBefore);
  for (const draft of mergeDrafts(scenario)) {
    while (later.peek() !== undefined && later.peek()!.atMs <= draft.atMs) yield later.pop()!;
    const number = totals.planned++;
    const { corrupt, repeatAfterMs } = marks.next(draft.debtorAgent);
    const atMs = sendingTimeMs(scenario, draft.debtorAgent, draft.atMs);
    if (atMs === null) {
      totals.unsent += 1;
      continue;
    }
    const payment = toPayment(scenario, draft, number, atMs, corrupt);
    if (corrupt) totals.corrupt += 1;
    else if (repeatAfterMs !== null) {
      const repeatMs = sendingTimeMs(scenario, draft.debtorAgent, atMs + repeatAfterMs);
      if (repeatMs !== null) {
        totals.repeats += 1;
        later.push({ ...payment, atMs: repeatMs, isRepeat: true });
      }
    }
    if (atMs === draft.atMs) yield payment;
    else later.push(payment);
  }
  for (let payment = later.pop(); payment !== undefined; payment = later.pop()) yield payment;
}

function leavesBefore(a: PlannedPayment, b: PlannedPayment): boolean {
  if (a.atMs !== b.atMs) return a.atMs < b.atMs;
  return a.number !== b.number ? a.number < b.number : !a.isRepeat && b.isRepeat;
}

function toPayment(
  { businessDates, currencies }: Scenario,
  draft: DraftPayment,
  number: number,
  atMs: number,
  corrupt: boolean,
): PlannedPayment {
  const { quote, currency, amountMinor } = draft;
  const minorUnits = (of: number) => currencies[of]!.minorUnits;
  return {
    number,
    atMs,
    businessDate: businessDates[draft.dateIndex]!,
    debtorAgent: draft.debtorAgent,
    creditorAgent: draft.creditorAgent,
    dealer: quote?.dealer ?? null,
    currency,
    amountMinor,
    currency2: quote?.to ?? null,
    amount2Minor: quote
      ? convertMinor(amountMinor, quote.rate, minorUnits(currency), minorUnits(quote.to))
      : null,
    rate: quote?.rate ?? null,
    priority: draft.priority,
    uetr: draft.uetr,
    endToEndId: draft.endToEndId,
    corrupt,
    isRepeat: false,
  };
}

/** Counts each participant's payments, in planning order, for what concerns every Nth of them. */
class Marks {
  readonly #scenario: Scenario;
  readonly #counts: number[];

  constructor(scenario: Scenario) {
    this.#scenario = scenario;
    this.#counts = scenario.participants.map(() => 0);
  }

  next(participant: number): { corrupt: boolean; repeatAfterMs: number | null } {
    const count = this.#counts[participant]! + 1;
    this.#counts[participant] = count;
    const concerns = (rule: { participant: number; every: number }) =>
      rule.participant === participant && count % rule.every === 0;
    return {
      corrupt: this.#scenario.corruptSignatures.some(concerns),
      repeatAfterMs: this.#scenario.repeatMessages.find(concerns)?.afterMs ?? null,
    };
  }
}

/** All flows on all dates and the listed payments, in planning order. */
function* mergeDrafts(scenario: Scenario): Generator<DraftPayment, void> {
  const sources = scenario.businessDates.flatMap((_, dateIndex) =>
    scenario.flows.map((flow) => drawFlow(scenario, flow, dateIndex)),
  );
  sources.push(listDrafts(scenario));
  const heads = new Heap<{ draft: DraftPayment; source: number }>((a, b) =>
    a.draft.atMs !== b.draft.atMs ? a.draft.atMs < b.draft.atMs : a.source < b.source,
  );
  const advance = (source: number) => {
    const { value, done } = sources[source]!.next();
    if (done !== true && value !== undefined) heads.push({ draft: value, source });
  };
  for (const source of sources.keys()) advance(source);
  for (let head = heads.pop(); head !== undefined; head = heads.pop()) {
    yield head.draft;
    advance(head.source);
  }
}

/** The listed payments by time, those of one moment by row. UETRs are drawn by row. */
function* listDrafts(scenario: Scenario): Generator<DraftPayment, void> {
  const ids = new SeededStream(scenario.seed, 'payments', 'ids');
  const drafts = scenario.listedPayments.map((listed, row) => ({
    ...listed,
    uetr: ids.uuid(),
    endToEndId: `row-${String(row + 1).padStart(7, '0')}`,
  }));
  yield* drafts.sort((a, b) => a.atMs - b.atMs);
}
