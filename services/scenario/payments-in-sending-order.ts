/**
 * The payments of a scenario in the order in which the banks send them. How arrivals, amounts and parties are drawn:
 * `flow-draws.ts`, by the streams of `random-streams.ts`; what a scenario can say of it: `schema-traffic.ts`.
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
import { drawWatchedFlow, isWatched } from './anomaly-draws.ts';
import { drawChainFlow, drawChains } from './chain-draws.ts';
import { drawCustomerPayments } from './customer-draws.ts';
import {
  BESIDE,
  DRAFT,
  type DraftPayment,
  DraftRows,
  LISTED,
  LISTED_NUMBERS,
} from './draft-rows.ts';
import { Uuid } from './drawn-uuids.ts';
import { type Next, Tournament, yielded } from './earliest-first.ts';
import { fillFlow, flowDraft, namesAccounts } from './flow-draws.ts';
import { paymentTimeMs, reactionCancelMs } from './outages.ts';
import { listedByTime, listedPayment } from './payment-list.ts';
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
import { SeededStream } from './random-streams.ts';
import { quotedMinor } from './rates-and-rounding.ts';
import type { ListedPayment, PaymentList, Scenario } from './scenario.ts';
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
  for (let message = next(); message !== null; message = next()) yield outOfRow(message);
}

/**
 * A payment that leaves when it is meant to, in the row in which it was drawn: it holds until the next message is
 * asked for, and its object is made where somebody wants it.
 */
export class PaymentInRow {
  readonly kind = 'payment';
  readonly rows: DraftRows;
  readonly row: number;
  /** As `PlannedPayment` has it. */
  readonly number: number;
  readonly #scenario: Scenario;

  constructor(scenario: Scenario, rows: DraftRows, row: number, number: number) {
    this.#scenario = scenario;
    this.rows = rows;
    this.row = row;
    this.number = number;
  }

  get atMs(): number {
    return this.rows.atMs(this.row);
  }

  get payment(): PlannedPayment {
    const draft = draftAt(this.#scenario, this.rows, this.row);
    return toPayment(this.#scenario, draft, this.number, draft.atMs, false);
  }
}

/** What holds longer than until the next is asked for. */
export function outOfRow<One>(action: One): One | PlannedMessage {
  if (!(action instanceof PaymentInRow)) return action;
  const { payment } = action;
  return { kind: 'payment', atMs: payment.atMs, payment };
}

/**
 * The same: the next with each call, at last null. A `PaymentInRow` holds until then.
 * @param totals counts up while they are taken
 * @param drawn what `drawPayments` gave of a scenario that differs in its outages alone
 */
export function messagesOf(
  scenario: Scenario,
  totals: TrafficTotals = noTraffic(),
  drawn?: DrawnPayments,
): () => PlannedMessage | null {
  // Chains are for records that are sent, and registers judge chains that are: outages change which are.
  const isDrawnAnew =
    scenario.chainFlows.some(({ counted }) => counted !== null) ||
    scenario.attestors.some(({ registers }) => registers !== null);
  const drafts = drawn && !isDrawnAnew ? new DraftsInTurn(drawn) : new MergedDrafts(scenario);
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

  /** The message of the payment whose turn it is, where it leaves when it is meant to; all else comes later. */
  function sent(): PlannedMessage | null {
    const { rows, row } = drafts;
    return isUnmarked(rows, row)
      ? new PaymentInRow(scenario, rows, row, totals.planned++)
      : sentByItself(draftAt(scenario, rows, row));
  }

  const parties = { debtorAgent: 0, creditorAgent: 0, dealer: null };
  /** Whether it stands in its row whole, leaves when it is meant to, and nothing follows from it. */
  function isUnmarked({ numbers }: DraftRows, row: number): boolean {
    const at = DraftRows.at(row);
    if (numbers[at + DRAFT.origin] === BESIDE) return false;
    parties.debtorAgent = numbers[at + DRAFT.debtorAgent]!;
    if (marks.concern(parties.debtorAgent)) return false;
    if (!hasOutages) return true;
    if (numbers[at + DRAFT.furnished] === 1) return false;
    parties.creditorAgent = numbers[at + DRAFT.creditorAgent]!;
    const atMs = numbers[at + DRAFT.atMs]!;
    return (
      paymentTimeMs(scenario, parties, atMs) === atMs &&
      reactionCancelMs(scenario, parties, atMs) === null
    );
  }

  function sentByItself(draft: DraftPayment): PlannedMessage | null {
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

  let hasDraft = drafts.next();
  let isTaken = false;
  return () => {
    // What was given last may stand in the row.
    if (isTaken) hasDraft = drafts.next();
    isTaken = false;
    while (hasDraft) {
      const waiting = leaving(drafts.atMs);
      if (waiting !== null) return waiting;
      const message = sent();
      isTaken = message !== null;
      if (message !== null) return message;
      hasDraft = drafts.next();
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

  /** Whether any of its payments may be marked. */
  concern(participant: number): boolean {
    return this.#isMarked[participant]!;
  }

  next(participant: number): PaymentMark {
    if (!this.concern(participant)) return UNMARKED;
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
export type DrawnPayments = DraftRows;

/** All of it at once, for who runs the same day many times. */
export function drawPayments(scenario: Scenario): DrawnPayments {
  const drawn = new DraftRows(1024);
  const drafts = new MergedDrafts(scenario);
  while (drafts.next()) drawn.copy(drafts.rows, drafts.row);
  return drawn;
}

/** One after the other; `next` says whether there is one, and the row is it until then. */
class DraftsInTurn {
  readonly rows: DraftRows;
  row = -1;

  constructor(drawn: DrawnPayments) {
    this.rows = drawn;
  }

  next(): boolean {
    this.row += 1;
    return this.row < this.rows.length;
  }

  get atMs(): number {
    return this.rows.atMs(this.row);
  }
}

/** Payments that a flow draws together, at most, and those that all flows of a date hold so. */
const AHEAD = 256;
const AHEAD_IN_ALL = 0x1_0000;

/** Payments in order of time, some at a time. */
interface DraftSource {
  /** Adds the next rows, at most so many; none: it has ended. */
  readonly fill: (rows: DraftRows, most: number) => void;
  readonly most: number;
}

/** One by one: nothing is drawn before its turn. */
function objects(next: Next<DraftPayment>): DraftSource {
  const fill = (rows: DraftRows) => {
    const draft = next();
    if (draft !== null) rows.push(draft);
  };
  return { fill, most: 1 };
}

/**
 * All flows on all dates and the listed payments, in planning order. A flow draws many at a time: one by one, in turn
 * with the other flows, takes twice as long. Its first is drawn alone: a flow on a date that is to come holds no more.
 */
class MergedDrafts {
  readonly #sources: (DraftSource | null)[];
  readonly #heads: { readonly rows: DraftRows; row: number }[];
  readonly #tournament: Tournament;
  #first = -1;
  /** Of the payment whose turn it is. */
  rows = NO_ROWS;
  row = 0;
  atMs = 0;

  constructor(scenario: Scenario) {
    this.#sources = sourcesOf(scenario);
    this.#tournament = new Tournament(this.#sources.length);
    this.#heads = this.#sources.map(() => ({ rows: new DraftRows(1), row: -1 }));
    for (const source of this.#sources.keys()) this.#advance(source, 1);
  }

  next(): boolean {
    if (this.#first >= 0) this.#advance(this.#first, Number.POSITIVE_INFINITY);
    const { first } = this.#tournament;
    if (this.#sources[first] === null) {
      this.#first = -1;
      return false;
    }
    const head = this.#heads[first]!;
    this.#first = first;
    this.rows = head.rows;
    this.row = head.row;
    this.atMs = head.rows.atMs(head.row);
    return true;
  }

  #advance(source: number, most: number): void {
    const head = this.#heads[source]!;
    const { rows } = head;
    head.row += 1;
    if (head.row === rows.length) {
      const from = this.#sources[source]!;
      head.row = 0;
      rows.clear();
      from.fill(rows, Math.min(most, from.most));
      if (rows.length === 0) {
        // One that has ended keeps nothing: there may be as many as dates times flows.
        this.#sources[source] = null;
        this.#heads[source] = { rows: NO_ROWS, row: 0 };
        this.#tournament.play(source, Number.POSITIVE_INFINITY);
        return;
      }
    }
    this.#tournament.play(source, rows.atMs(head.row));
  }
}

const NO_ROWS = new DraftRows(0);

/** In planning order at one instant. */
function sourcesOf(scenario: Scenario): DraftSource[] {
  const most = Math.max(1, Math.min(AHEAD, Math.floor(AHEAD_IN_ALL / scenario.flows.length)));
  const sources = scenario.businessDates.flatMap((_, dateIndex) =>
    scenario.flows.map((flow): DraftSource => {
      const isPlain = !namesAccounts(scenario, flow) && !isWatched(scenario, flow, dateIndex);
      return isPlain
        ? { fill: fillFlow(scenario, flow, dateIndex), most }
        : objects(drawWatchedFlow(scenario, flow, dateIndex));
    }),
  );
  const add = (drafts: Iterator<DraftPayment, void>) => sources.push(objects(yielded(drafts)));
  for (const dateIndex of scenario.businessDates.keys())
    for (const trades of scenario.trades) add(drawTrades(scenario, trades, dateIndex));
  sources.push({ fill: fillListed(scenario), most: AHEAD });
  for (const dateIndex of scenario.businessDates.keys())
    for (const flow of scenario.chainFlows)
      if (!flow.counted || dateIndex === 0) add(drawChainFlow(scenario, flow, dateIndex));
  for (const dateIndex of scenario.businessDates.keys())
    for (const flow of scenario.customerFlows) add(drawCustomerPayments(scenario, flow, dateIndex));
  if (scenario.chains.length > 0) add(drawChains(scenario));
  return sources;
}

/**
 * The listed payments by time, those of one moment by row. UETRs are drawn by row. What a row holds is put there when
 * its turn comes: a table may be long.
 */
function fillListed({ seed, listedPayments }: Scenario): DraftSource['fill'] {
  const ids = new SeededStream(seed, 'payments', 'ids');
  // Four words each: an object for each of a long table would stay until its turn.
  const uetrs = new Int32Array(4 * listedPayments.length);
  for (let line = 0; line < listedPayments.length; line++) ids.uuidTo(uetrs, 4 * line);
  const lines = listedByTime(listedPayments);
  const { beside } = listedPayments;
  let next = 0;
  return (rows, most) => {
    rows.ensure(most);
    for (const end = Math.min(next + most, lines.length); next < end; next++) {
      const line = lines[next]!;
      const listed = beside.get(line);
      if (listed) rows.push(listedDraft(listed, line, Uuid.from(uetrs, 4 * line)));
      else addListed(rows, listedPayments, line, uetrs);
    }
  };
}

function addListed(rows: DraftRows, list: PaymentList, line: number, uetrs: Int32Array): void {
  const { numbers } = rows;
  const at = DraftRows.at(rows.length++);
  const from = line * LISTED_NUMBERS;
  for (let place = 0; place < LISTED_NUMBERS; place++)
    numbers[at + place] = list.numbers[from + place]!;
  for (let word = 0; word < 4; word++) numbers[at + DRAFT.uetr + word] = uetrs[4 * line + word]!;
  numbers[at + DRAFT.dealer] = -1;
  numbers[at + DRAFT.furnished] = 0;
  numbers[at + DRAFT.origin] = LISTED;
  numbers[at + DRAFT.place] = line;
}

/** @param line from 0 */
const listedDraft = (listed: ListedPayment, line: number, uetr: Uuid): DraftPayment => ({
  // Without a spread, as in flow-draws.ts.
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
  uetr,
  endToEndId: listed.reference ?? `row-${String(line + 1).padStart(7, '0')}`,
});

/** The object of a row. */
function draftAt(scenario: Scenario, rows: DraftRows, row: number): DraftPayment {
  const at = DraftRows.at(row);
  const origin = rows.numbers[at + DRAFT.origin]!;
  const place = rows.numbers[at + DRAFT.place]!;
  if (origin === BESIDE) return rows.beside[place]!;
  if (origin !== LISTED) return flowDraft(scenario, scenario.flows[origin]!, rows, row);
  const uetr = Uuid.from(rows.numbers, at + DRAFT.uetr);
  return listedDraft(listedPayment(scenario.listedPayments, place), place, uetr);
}
