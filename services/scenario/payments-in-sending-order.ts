/**
 * The payments of a scenario in the order in which the banks send them. How arrivals, amounts and parties are drawn:
 * `flow-draws.ts`, by the streams of `random.ts`; what a scenario can say of it: `schema-traffic.ts`.
 *
 * Planning order: by arrival, then flows in the file's order, then listed payments by row, then legs of
 * chains of flows, then of customers' payments, then of listed chains; `number`
 * counts in it. Outages then delay, corruption and repeats are marked. Sending order: by `atMs`, then
 * by `number`, a repeat after its original. So an outage's backlog leaves in its old order, before
 * what was planned for the moment at which the outage ends.
 */
import TinyQueue from 'tinyqueue';
import type { SettlementTimes } from '../protocol/messages/instruction.ts';
import { timeOnDate } from '../protocol/messages/settlement-times.ts';
import { drawWatchedFlow } from './anomaly-draws.ts';
import { drawChainFlow, drawChains } from './chain-draws.ts';
import { drawCustomerPayments } from './customer-draws.ts';
import { earliestFirst, type Next, yielded } from './earliest-first.ts';
import type { DraftPayment } from './flow-draws.ts';
import { paymentTimeMs } from './outages.ts';
import { noTraffic, type PlannedPayment, type TrafficTotals } from './planned-payment.ts';
import {
  asLater,
  byLeaving,
  followers,
  type Later,
  leavesBefore,
  type PaymentMark,
  PlannedAttestations,
  type PlannedMessage,
  standingRequests,
} from './planned-requests.ts';
import { SeededStream, Uuid } from './random.ts';
import { quotedMinor } from './rates.ts';
import type { Scenario } from './scenario.ts';
import { drawTrades } from './trade-draws.ts';

/** Yields the payments alone, in sending order. */
export function* planPayments(
  scenario: Scenario,
  totals: TrafficTotals = noTraffic(),
): Generator<PlannedPayment, void> {
  for (const message of planMessages(scenario, totals))
    if (message.kind === 'payment') yield message.payment;
}

/** Yields payments and requests in sending order; the same for the same scenario and seed. */
export function* planMessages(
  scenario: Scenario,
  totals?: TrafficTotals,
): Generator<PlannedMessage, void> {
  const next = messagesOf(scenario, totals);
  for (let message = next(); message !== null; message = next()) yield message;
}

/**
 * The same: the next with each call, at last null.
 * @param totals counts up while they are taken
 * @param drawn what `drawPayments` gave of a scenario that differs in its outages alone
 */
export function messagesOf(
  scenario: Scenario,
  totals: TrafficTotals = noTraffic(),
  drawn?: DrawnPayments,
): () => PlannedMessage | null {
  // Chains are for records that are sent, and outages change which are.
  const isCounted = scenario.chainFlows.some(({ counted }) => counted !== null);
  const draw = drawn && !isCounted ? inTurn(drawn) : mergeDrafts(scenario);
  const marks = new Marks(scenario);
  const hasOutages = scenario.outages.length > 0;
  const later = new TinyQueue<Later>([], byLeaving);
  for (const request of standingRequests(scenario)) later.push(asLater(request, -1, totals));
  const attestations = new PlannedAttestations(scenario, totals);
  for (const attestation of attestations.listed()) later.push(attestation);
  const counted = yielded(attestations.counted((record) => later.push(record)));
  let record = counted();
  /** What leaves before an instant; null: nothing does. */
  function leaving(beforeMs: number): PlannedMessage | null {
    const other = later.peek();
    const next = record !== null && (!other || byLeaving(record, other) < 0) ? record : other;
    if (next === undefined || !leavesBefore(next, beforeMs)) return null;
    // What follows from a record is known before anything later leaves.
    if (next === record) record = counted();
    else later.pop();
    return next.message;
  }

  /** The message of a payment, where it leaves when it is meant to; all else comes later. */
  function sent(draft: DraftPayment): PlannedMessage | null {
    if (draft.ofChain?.answers)
      for (const attestation of attestations.of(draft.ofChain)) later.push(attestation);
    const number = totals.planned++;
    const mark = draft.isAdded ? UNMARKED : marks.next(draft.debtorAgent);
    const atMs = hasOutages ? paymentTimeMs(scenario, partiesOf(draft), draft.atMs) : draft.atMs;
    if (atMs === null) {
      const value = mark.corrupt ? totals.unsentCorruptMinor : totals.unsentMinor;
      totals.unsent += 1;
      value.set(draft.currency, (value.get(draft.currency) ?? 0n) + draft.amountMinor);
      return null;
    }
    const payment = toPayment(scenario, draft, number, atMs, mark.corrupt);
    const message: PlannedMessage = { kind: 'payment', atMs, payment };
    if (mark.corrupt) totals.corrupt += 1;
    else if (mark !== UNMARKED || hasOutages || draft.cancelAfterMs !== null)
      for (const follower of followers(scenario, payment, draft, mark, totals))
        later.push(follower);
    if (atMs === draft.atMs) return message;
    later.push({ message, number, rank: 0 });
    return null;
  }

  let draft = draw();
  return () => {
    while (draft !== null) {
      const waiting = leaving(draft.atMs);
      if (waiting !== null) return waiting;
      const message = sent(draft);
      draft = draw();
      if (message !== null) return message;
    }
    return leaving(Number.POSITIVE_INFINITY);
  };
}

const partiesOf = ({ debtorAgent, creditorAgent, quote }: DraftPayment) => {
  return { debtorAgent, creditorAgent, dealer: quote?.dealer ?? null };
};

function toPayment(
  scenario: Scenario,
  draft: DraftPayment,
  number: number,
  atMs: number,
  corrupt: boolean,
): PlannedPayment {
  const { quote, receives, currency, amountMinor } = draft;
  const businessDate = scenario.businessDates[draft.dateIndex]!;
  const converted = quote ? quotedMinor(scenario, quote, amountMinor) : null;
  const payment: PlannedPayment = {
    number,
    atMs,
    createdAtMs: atMs,
    businessDate,
    kind: draft.kind,
    debtorAgent: draft.debtorAgent,
    creditorAgent: draft.creditorAgent,
    dealer: quote?.dealer ?? null,
    currency,
    amountMinor,
    currency2: quote?.to ?? receives?.currency ?? null,
    amount2Minor: converted ?? receives?.amountMinor ?? null,
    rate: quote?.rate ?? null,
    times: timesOf(draft, atMs, businessDate),
    priority: draft.priority,
    uetr: draft.uetr,
    endToEndId: draft.endToEndId,
    corrupt,
    isRepeat: false,
  };
  if (draft.ofChain) return { ...payment, ofChain: draft.ofChain };
  if (!draft.accounts) return payment;
  const { accounts, label } = draft;
  return label === undefined ? { ...payment, accounts } : { ...payment, accounts, label };
}

/** A time that has passed when the payment leaves is left out. */
function timesOf(
  { earliestMs, latestMs }: DraftPayment,
  atMs: number,
  businessDate: string,
): SettlementTimes | null {
  if (earliestMs === null && latestMs === null) return null;
  const ahead = (timeMs: number | null) => (timeMs !== null && timeMs > atMs ? timeMs : null);
  const earliest = timeOnDate(ahead(earliestMs), businessDate);
  const latest = timeOnDate(ahead(latestMs), businessDate);
  return earliest === 0 && latest === 0 ? null : { earliest, latest };
}

/** Of most payments. */
const UNMARKED: PaymentMark = {
  ...{ corrupt: false, repeatAfterMs: null, cancelAfterMs: null },
  ...{ giveBack: null, reordering: null },
};

/** Counts each participant's payments, in planning order, for what concerns every Nth of them. */
class Marks {
  readonly #scenario: Scenario;
  readonly #counts: number[];
  /** Whether something concerns any of its payments. */
  readonly #isMarked: boolean[];

  constructor(scenario: Scenario) {
    this.#scenario = scenario;
    this.#counts = scenario.participants.map(() => 0);
    const { corruptSignatures, repeatMessages, cancellations, returns, reorderings } = scenario;
    const marked = new Set(
      [corruptSignatures, repeatMessages, cancellations, returns, reorderings].flatMap((rules) =>
        rules.map(({ participant }) => participant),
      ),
    );
    this.#isMarked = scenario.participants.map((_, participant) => marked.has(participant));
  }

  next(participant: number): PaymentMark {
    if (!this.#isMarked[participant]) return UNMARKED;
    const count = this.#counts[participant]! + 1;
    this.#counts[participant] = count;
    const concerns = (rule: { participant: number; every: number }) =>
      rule.participant === participant && count % rule.every === 0;
    return {
      corrupt: this.#scenario.corruptSignatures.some(concerns),
      repeatAfterMs: this.#scenario.repeatMessages.find(concerns)?.afterMs ?? null,
      cancelAfterMs: this.#scenario.cancellations.find(concerns)?.afterMs ?? null,
      giveBack: this.#scenario.returns.find(concerns) ?? null,
      reordering: this.#scenario.reorderings.find(concerns) ?? null,
    };
  }
}

/** What a scenario draws and lists before outages decide when it leaves, in planning order. */
export type DrawnPayments = readonly DraftPayment[];

/** All of it at once, for who runs the same day many times. */
export function drawPayments(scenario: Scenario): DrawnPayments {
  const drawn: DraftPayment[] = [];
  const draw = mergeDrafts(scenario);
  for (let draft = draw(); draft !== null; draft = draw()) drawn.push(draft);
  return drawn;
}

function inTurn(drawn: DrawnPayments): Next<DraftPayment> {
  let next = 0;
  return () => drawn[next++] ?? null;
}

/** Payments that a flow draws one after the other, at most, and those that all flows of a date hold so. */
const AHEAD = 256;
const AHEAD_IN_ALL = 0x1_0000;

/**
 * The same, drawn many at a time: what a flow draws from stays in the processor's caches meanwhile. One by one, in turn
 * with the other flows, takes twice as long. The first is drawn alone: a flow on a date that is to come holds no more.
 */
function ahead(draw: Next<DraftPayment>, most: number): Next<DraftPayment> {
  const block: DraftPayment[] = [];
  let next = 0;
  let size = 1;
  return () => {
    if (next === block.length) {
      next = 0;
      block.length = 0;
      for (let draft = draw(); draft !== null; draft = block.length < size ? draw() : null)
        block.push(draft);
      size = most;
    }
    return block[next++] ?? null;
  };
}

/** All flows on all dates and the listed payments, in planning order. */
function mergeDrafts(scenario: Scenario): Next<DraftPayment> {
  const most = Math.max(1, Math.min(AHEAD, Math.floor(AHEAD_IN_ALL / scenario.flows.length)));
  const sources = scenario.businessDates.flatMap((_, dateIndex) =>
    scenario.flows.map((flow) => ahead(drawWatchedFlow(scenario, flow, dateIndex), most)),
  );
  for (const dateIndex of scenario.businessDates.keys())
    for (const trades of scenario.trades)
      sources.push(yielded(drawTrades(scenario, trades, dateIndex)));
  sources.push(listDrafts(scenario));
  for (const dateIndex of scenario.businessDates.keys())
    for (const flow of scenario.chainFlows)
      if (!flow.counted || dateIndex === 0)
        sources.push(yielded(drawChainFlow(scenario, flow, dateIndex)));
  for (const dateIndex of scenario.businessDates.keys())
    for (const flow of scenario.customerFlows)
      sources.push(yielded(drawCustomerPayments(scenario, flow, dateIndex)));
  if (scenario.chains.length > 0) sources.push(yielded(drawChains(scenario)));
  return earliestFirst(sources);
}

/**
 * The listed payments by time, those of one moment by row. UETRs are drawn by row. A draft is made when
 * its turn comes: a table may be long.
 */
function listDrafts({ seed, listedPayments }: Scenario): Next<DraftPayment> {
  const ids = new SeededStream(seed, 'payments', 'ids');
  // Four words each: an object for each of a long table would stay until its turn.
  const uetrs = new Int32Array(4 * listedPayments.length);
  for (let row = 0; row < listedPayments.length; row++) ids.uuid().copyTo(uetrs, 4 * row);
  const atMs = (row: number) => listedPayments[row]!.atMs;
  // A list takes a step a row where they stand in order, as most do; a typed array sorts them all the same.
  const rows = [...listedPayments.keys()].sort((a, b) => atMs(a) - atMs(b));
  let next = 0;
  return () => {
    const row = rows[next++];
    if (row === undefined) return null;
    const listed = listedPayments[row]!;
    // Without a spread, as in flow-draws.ts.
    return {
      atMs: listed.atMs,
      dateIndex: listed.dateIndex,
      debtorAgent: listed.debtorAgent,
      creditorAgent: listed.creditorAgent,
      currency: listed.currency,
      amountMinor: listed.amountMinor,
      quote: listed.quote,
      kind: listed.kind,
      receives: listed.receives,
      earliestMs: listed.earliestMs,
      latestMs: listed.latestMs,
      cancelAfterMs: listed.cancelAfterMs,
      priority: listed.priority,
      uetr: Uuid.from(uetrs, 4 * row),
      endToEndId: listed.reference ?? `row-${String(row + 1).padStart(7, '0')}`,
    };
  };
}
