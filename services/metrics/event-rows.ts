/** Which rows of which tables a clearing event becomes. The columns of `payments`: payment-rows.ts. */
import { AccountDays } from '../analysis/account-days.ts';
import { CoverBook, type CoverHour } from '../analysis/cover-book.ts';
import { type AccountKey, accountKey, Ledger } from '../analysis/ledger.ts';
import { type HourForecast, LiquidityNeeds } from '../analysis/needs-with-forecasts.ts';
import { NumbersByPosition } from '../analysis/numbers-by-position.ts';
import { EventCursor } from '../core/settlement/event-cursor.ts';
import { eventKind } from '../core/settlement/event-reader.ts';
import {
  EVENT_OFFSETS as AT,
  EVENT_KINDS,
  type EventKind,
  kindNumbers,
  MECHANISMS,
} from '../core/settlement/events.ts';
import { NONE32 } from '../core/settlement/records.ts';
import type { EventOf, SettlementEvent } from '../core/settlement/settlement-event.ts';
import {
  ATTESTATION_TYPE,
  CHAIN_TYPE,
  isPaymentType,
  LEG_TYPE,
  MESSAGE_TYPES,
} from '../protocol/messages/message-types.ts';
import type { StatusCode } from '../protocol/messages/status-report.ts';
import { uetrFromBytes } from '../protocol/names/bic-and-uetr.ts';
import { tradeCorridor } from '../protocol/names/corridor-name.ts';
import { dateText } from '../protocol/names/dates.ts';
import { bicOf, currencyOf, type DirectoryNames } from '../protocol/names/handles-to-names.ts';
import {
  type MessageEvent,
  mechanismOf,
  reasonOf,
  settlesOnEntry,
} from '../protocol/records/event-payment.ts';
import { EVENT_STATUS, isOpen } from '../protocol/records/event-status.ts';
import { ChainRows } from './chain-rows.ts';
import { boundsSet } from './limit-rows.ts';
import {
  type AccountNames,
  accountNames,
  type BalanceSample,
  BalanceSamples,
  type QueueSample,
  QueueSamples,
  SAMPLE_MS,
} from './minute-samples.ts';
import { paymentRow, type RowPlace, type StatusChange, securityKind } from './payment-rows.ts';
import {
  type AccountDayRecord,
  clickHouseTime,
  noRows,
  TABLES,
  type TableRows,
} from './store-rows.ts';

/**
 * Events whose rows are inserted together; blocks are cut at fixed event numbers. Each insertion costs
 * the engine some milliseconds for each table and view, however few its rows: four times fewer blocks
 * than at 8,192 take a third of its time off.
 */
export const BLOCK_EVENTS = 32_768;

/** Rows that one insertion takes, with the token under which a store drops a second insertion. */
export interface Block {
  readonly rows: TableRows;
  readonly token: string;
}

export interface Insertion {
  readonly table: string;
  readonly rows: readonly object[];
  readonly token: string;
}

/** Of an account and of its whole currency. */
interface AccountQueues {
  readonly own: QueueSample;
  readonly all: QueueSample;
}

/** Payments after whose last event another may follow, by numbers that are given again: hundreds of thousands come and go. */
class OpenPayments {
  readonly #numbers = new NumbersByPosition();
  readonly submittedMs: number[] = [];
  /** The queues in which it stands; null: in none. */
  readonly queues: (AccountQueues | null)[] = [];
  /** Of a matched leg: it came after the other. */
  readonly secondLeg: boolean[] = [];
  /** Of a leg, else null. */
  readonly corridors: (string | null)[] = [];
  readonly #free: number[] = [];

  /** Its number; NOT_OPEN. */
  at(position: number): number {
    return this.#numbers.get(position);
  }

  begin(position: number, submittedMs: number): number {
    const number = this.#free.pop() ?? this.submittedMs.length;
    this.#numbers.set(position, number);
    this.submittedMs[number] = submittedMs;
    this.queues[number] = null;
    return number;
  }

  end(position: number, number: number): void {
    this.#numbers.delete(position);
    // Of one that stands in a queue still the number is not given again.
    if (this.queues[number] === null) this.#free.push(number);
  }
}

const NOT_OPEN = -1;

/** What takes that of which there is a row for each payment or minute, where no rows of it are wanted. */
export interface RowTakers {
  /** The change holds until it returns; the bytes of the event stay as they are. */
  readonly status: (event: EventCursor, change: StatusChange) => void;
  readonly balance: (atMs: number, names: AccountNames, sample: BalanceSample) => void;
  readonly queue: (atMs: number, names: AccountNames, sample: QueueSample) => void;
}

/** What folds the same events over the same ledger. */
export interface FoldedBeside {
  /** Before an event: the ledger has all events before it. */
  pass(event: EventCursor): void;
  /** The ledger has this event too. */
  take(event: EventCursor): void;
}

type CycleEvent = EventOf<'cycled' | 'netted' | 'lossShared' | 'defaulted' | 'heldUp'>;

const KIND = EVENT_KINDS;
/** By kind of event: the status of the payment that it is about. */
const STATUS_OF: readonly (StatusCode | undefined)[] = Object.entries(EVENT_STATUS).reduce(
  (statuses, [kind, status]) => {
    statuses[KIND[kind as keyof typeof EVENT_STATUS]] = status;
    return statuses;
  },
  [] as StatusCode[],
);
/** Kinds of event after which another may follow for the payment. */
const LEAVES_OPEN = kindNumbers(
  (Object.entries(EVENT_STATUS) as [EventKind, StatusCode][])
    .filter(([, status]) => isOpen(status))
    .map(([kind]) => kind),
);
const IS_PAYMENT_TYPE = MESSAGE_TYPES.map((_, type) => isPaymentType(type));
/** By number of a message type: whether its events may be of chains. */
const OF_CHAINS = MESSAGE_TYPES.map((_, type) => type === CHAIN_TYPE || type === ATTESTATION_TYPE);
/** Of these a payment's row tells all: they book nothing, and change no net position. */
const OF_PAYMENT_ALONE = kindNumbers([
  ...(['queued', 'carriedOver', 'matched', 'cancelled'] as const),
]);

/** What it settles is set aside before. */
const EARMARK = MECHANISMS.indexOf('earmark');

const senderOf = (event: SettlementEvent): number =>
  'debtorAgent' in event ? event.debtorAgent : NONE32;

const securityReason = (event: SettlementEvent): string => {
  if (event.kind === 'keyChanged') return event.isRevoked ? 'keyRevoked' : '';
  const reason = reasonOf(event);
  return reason === 'none' ? '' : reason;
};

/** Folds the events of one pool of a run into blocks of rows. */
export class EventFold {
  readonly #run: string;
  readonly #pool: string;
  readonly #place: RowPlace;
  readonly #takers: RowTakers;
  readonly #chains: ChainRows;
  readonly #open = new OpenPayments();
  readonly #names = new Map<AccountKey, AccountNames>();
  /** By currency and participant. */
  readonly #queuesOf: AccountQueues[][] = [];
  /** Of the events taken so far. */
  readonly ledger = new Ledger();
  readonly days = new AccountDays();
  readonly #balances = new BalanceSamples(({ participant, currency }) =>
    this.#named(participant, currency),
  );
  readonly #queues = new QueueSamples();
  readonly #cover = new CoverBook();
  readonly #needs: LiquidityNeeds;
  #rows = noRows();
  /** One for all, as there are millions. */
  readonly #change: { -readonly [Member in keyof StatusChange]: StatusChange[Member] } = {
    ...{ kind: 'queued', status: '', submittedAtMs: 0, isFirst: true, secondLeg: false },
    ...{ corridor: null, mechanism: '' },
  };
  /** Of the last cycle. */
  #proposer = '';
  /** Number of the first event of the block that is not cut yet. */
  #first = 1;
  #last = 0;
  #lastMs = 0;
  #sampleEndsMs = 0;
  #sampledMs = 0;

  /**
   * The directory must know every name before the events that use it are folded.
   * @param takers get what rows of `payments`, `balances` and `queue_samples` tell, where no rows are wanted
   */
  constructor(run: string, pool: string, directory: DirectoryNames, takers?: RowTakers) {
    this.#run = run;
    this.#pool = pool;
    this.#place = { run, pool, directory };
    this.#chains = new ChainRows(this.#place);
    this.#needs = new LiquidityNeeds(directory);
    this.#takers = takers ?? {
      status: (event, change) =>
        this.#rows.payments.push(paymentRow(this.#place, event.read() as MessageEvent, change)),
      balance: (atMs, names, sample) =>
        this.#rows.balances.push({ ...this.#sampled(atMs, names), ...balanceFields(sample) }),
      queue: (atMs, names, sample) =>
        this.#rows.queue_samples.push({ ...this.#sampled(atMs, names), ...queueFields(sample) }),
    };
  }

  /**
   * The blocks that these events, in bytes, complete.
   * @param beside folds each of them too
   */
  fold(events: Uint8Array, beside: FoldedBeside | null = null): Block[] {
    const blocks: Block[] = [];
    const event = new EventCursor(events);
    while (event.next()) {
      beside?.pass(event);
      this.take(event);
      beside?.take(event);
      if (this.#last % BLOCK_EVENTS === 0) blocks.push(this.cut());
    }
    return blocks;
  }

  /** The last, incomplete block, with the samples of the minute that it ends in. */
  end(): Block {
    this.#sample(this.#sampleEndsMs);
    this.#covered(this.#cover.end(this.ledger.accounts()), this.#last);
    return this.cut();
  }

  /** Folds without cutting: for a reader that cuts where it has remembered to. */
  take(event: EventCursor): void {
    const { timeMs } = event;
    this.#sampleUntil(timeMs);
    if (timeMs > this.#cover.hourMs)
      this.#covered(this.#cover.pass(timeMs, this.ledger.accounts()), event.number);
    this.#forecast(event.number, this.#needs.passed(timeMs));
    if (event.isTransfer()) this.#transfer(event);
    else if (!OF_PAYMENT_ALONE.has(event.kind)) this.#take(event.read());
    this.#payment(event);
    if (OF_CHAINS[event.messageType]) this.#chain(event);
    this.#last = event.number;
    this.#lastMs = timeMs;
  }

  /**
   * The block up to here with samples of what changed: for a reader that keeps up, whose network may be
   * quiet from now on. They are of the last event's time, later ones of the same instant a ms later; what
   * finds no ms of its minute left is in the samples of the minute's end.
   */
  cutHere(): Block {
    const atMs = Math.max(this.#lastMs, this.#sampledMs + 1);
    if (atMs < this.#sampleEndsMs) this.#sample(atMs);
    else this.#sampledMs = this.#sampleEndsMs;
    return this.cut();
  }

  /** Time of the last samples, or the minute's end where they had to be left to it; ms. */
  get sampledMs(): number {
    return this.#sampledMs;
  }

  /**
   * Instead of the cuts up to here, which are in the store: from now on all is as if each had been made.
   * @param sampledMs as it was after the last of them; 0: not known
   */
  resume(sampledMs: number): void {
    if (sampledMs < this.#sampleEndsMs) this.cutHere();
    else this.cut();
    if (sampledMs > 0) this.#sampledMs = sampledMs;
  }

  /** The rows since the last cut; the same events cut at the same places give the same blocks. */
  cut(): Block {
    const token = `${this.#run}/${this.#pool}/${this.#first}-${this.#last}`;
    const block = { rows: this.#rows, token };
    this.#first = this.#last + 1;
    this.#rows = noRows();
    return block;
  }

  #sampleUntil(timeMs: number): void {
    if (timeMs < this.#sampleEndsMs) return;
    if (this.#sampleEndsMs > 0) this.#sample(this.#sampleEndsMs);
    this.#sampleEndsMs = (Math.floor(timeMs / SAMPLE_MS) + 1) * SAMPLE_MS;
  }

  #sample(atMs: number): void {
    this.#sampledMs = atMs;
    this.#balances.take((sample) => this.#takers.balance(atMs, sample.names, sample));
    this.#queues.take((sample) => this.#takers.queue(atMs, sample.names, sample));
  }

  #sampled(atMs: number, { participant, currency }: AccountNames) {
    const time = clickHouseTime(atMs);
    return { run: this.#run, pool: this.#pool, time, participant, currency };
  }

  #transfer(event: EventCursor): void {
    if (event.mechanism === EARMARK) this.ledger.take(event.read());
    const debtor = this.ledger.stated(event, event.debtorAgent, AT.balance1);
    const creditor = this.ledger.stated(event, event.creditorAgent, AT.balance2);
    this.#balances.noteTransfer(debtor);
    this.#balances.noteTransfer(creditor);
    this.days.noteTransfer(debtor, creditor);
    this.#needs.note(debtor);
    this.#needs.note(creditor);
  }

  #take(event: SettlementEvent): void {
    for (const account of this.ledger.take(event)) {
      this.#balances.note(account);
      this.days.note(account);
      this.#needs.note(account);
    }
    this.#cover.take(event);
    this.#security(event);
    this.#limits(event);
    switch (event.kind) {
      case 'netted':
      case 'lossShared':
      case 'defaulted':
        this.#netting(event);
        return;
      case 'heldUp':
        this.#heldUp(event);
        return;
      case 'cycled':
        this.#cycled(event);
        return;
      case 'opened':
        this.days.opened(event, this.ledger.accounts());
        this.#forecast(event.number, this.#needs.opened(event, this.ledger.accounts()));
        return;
      case 'closed':
        this.#closed(event);
        this.#wereNeeded(event);
        return;
      case 'issuerSet':
        this.#needs.appoint(event);
        this.#rows.issuers.push({
          ...this.#at(event.number, event.timeMs),
          ...this.#bearer(event),
        });
    }
  }

  /** @param number of the event that tells that the hours are over */
  #covered(hours: readonly CoverHour[], number: number): void {
    for (const { atMs, currency, participant, second, oneMinor, twoMinor } of hours)
      this.#rows.cover_hours.push({
        ...this.#at(number, atMs),
        currency: this.#currency(currency),
        participant: this.#bic(participant),
        second: second === null ? '' : this.#bic(second),
        one_minor: oneMinor.toString(),
        two_minor: twoMinor.toString(),
      });
  }

  #closed(event: EventOf<'closed'>): void {
    const place = this.#at(event.number, event.timeMs);
    const rows = this.days.closed(event).map(
      (day): AccountDayRecord => ({
        ...{ ...place, date: dateText(day.date), opened_at: clickHouseTime(day.openedMs) },
        ...this.#bearer(day),
        balance_minor: day.balanceMinor.toString(),
        credit_line_minor: day.creditLineMinor.toString(),
        collateral_minor: day.collateralMinor.toString(),
        usage_minor: day.usageMinor.toString(),
        surplus_minor: day.surplusMinor.toString(),
      }),
    );
    this.#rows.account_days.push(...rows.sort((a, b) => (a.participant < b.participant ? -1 : 1)));
  }

  #forecast(eventNumber: number, hours: readonly HourForecast[]): void {
    for (const { forecast, ...hour } of hours) {
      if (forecast === null) continue;
      this.#rows.liquidity_forecasts.push({
        ...this.#at(eventNumber, hour.atMs),
        ...{ date: dateText(hour.date), hour: hour.hour },
        ...this.#bearer(hour),
        balance_minor: hour.balanceMinor.toString(),
        credit_minor: hour.creditMinor.toString(),
        moved_minor: hour.movedMinor.toString(),
        dates: forecast.dates,
        lower_minor: forecast.lowerMinor.toString(),
        middle_minor: forecast.middleMinor.toString(),
        upper_minor: forecast.upperMinor.toString(),
      });
    }
  }

  #wereNeeded(event: EventOf<'closed'>): void {
    const needs = this.#needs.closed(event);
    const place = this.#at(event.number, event.timeMs);
    for (const need of needs)
      this.#rows.liquidity_needs.push({
        ...{ ...place, date: dateText(need.date), hour: need.hour },
        ...{ hour_at: clickHouseTime(need.atMs), ...this.#bearer(need) },
        need_minor: need.needMinor.toString(),
        moved_minor: need.movedMinor.toString(),
        date_moved_minor: need.dateMovedMinor.toString(),
      });
  }

  #security(event: SettlementEvent): void {
    const kind = securityKind(event);
    if (kind === null) return;
    this.#rows.security_events.push({
      run: this.#run,
      pool: this.#pool,
      event_number: event.number,
      position: event.position,
      time: clickHouseTime(event.timeMs),
      kind,
      participant: this.#bic(event.kind === 'keyChanged' ? event.participant : senderOf(event)),
      reason: securityReason(event),
      uetr: 'id' in event ? (uetrFromBytes(event.id) ?? '') : '',
    });
  }

  #limits(event: SettlementEvent): void {
    const set = boundsSet(event);
    if (set === null) return;
    for (const { kind, counterparty, amount } of set.bounds)
      this.#rows.limits.push({
        ...this.#at(event.number, event.timeMs),
        kind,
        ...this.#bearer(set),
        counterparty: counterparty === null ? '' : this.#bic(counterparty),
        amount_minor: (amount ?? 0n).toString(),
        is_removed: amount === null ? 1 : 0,
      });
  }

  /** Where a row of a pool stands. */
  #at(number: number, timeMs: number) {
    const { run, pool } = this.#place;
    return { run, pool, event_number: number, time: clickHouseTime(timeMs) };
  }

  #placed({ number, timeMs, cycle }: CycleEvent) {
    return { ...this.#at(number, timeMs), cycle };
  }

  #cycled(event: EventOf<'cycled'>): void {
    this.#proposer = event.proposer;
    this.#rows.cycles.push({
      ...this.#placed(event),
      outcome: event.outcome,
      settled: event.settled,
      left_queued: event.left,
      mechanism: mechanismOf(event, event.proposer),
      currency: event.currency === null ? '' : this.#currency(event.currency),
    });
  }

  #netting(event: EventOf<'netted' | 'lossShared' | 'defaulted'>): void {
    this.#rows.nettings.push({
      ...this.#placed(event),
      kind: event.kind,
      ...this.#bearer(event),
      counterparty: event.kind === 'lossShared' ? this.#bic(event.defaulter) : '',
      amount_minor: event.amount.toString(),
      balance_minor: event.balance.toString(),
    });
  }

  #heldUp(event: EventOf<'heldUp'>): void {
    this.#rows.held_up.push({
      ...this.#placed(event),
      payment_position: event.paymentPosition,
      uetr: uetrFromBytes(event.id) ?? '',
      short: event.by,
      participant: this.#bic(event.participant),
      counterparty: event.counterparty === null ? '' : this.#bic(event.counterparty),
      currency: this.#currency(event.currency),
      amount_minor: event.amount.toString(),
    });
  }

  #chain(event: EventCursor): void {
    const row = this.#chains.take(event);
    if (row) this.#rows.chain_events.push(row);
  }

  #payment(event: EventCursor): void {
    const status = STATUS_OF[event.kind];
    if (status === undefined || !IS_PAYMENT_TYPE[event.messageType]) return;
    if (settlesOnEntry(event)) {
      this.#settledOnEntry(event);
      return;
    }
    const kind = eventKind(event.kind) as MessageEvent['kind'];
    const { paymentPosition, timeMs } = event;
    const open = this.#open;
    let number = open.at(paymentPosition);
    const isFirst = number === NOT_OPEN;
    const submittedAtMs = isFirst ? timeMs : (open.submittedMs[number] as number);
    const queues = isFirst ? null : (open.queues[number] as AccountQueues | null);
    // Each leg of a chain is a payment of its own.
    const isMatch = kind === 'matched' && event.legCount === 0;
    const wasSecond = !isFirst && open.secondLeg[number] === true;
    const secondLeg = wasSecond || (isMatch && event.mate < paymentPosition);
    // What a forged message names is nobody's trade.
    const isLeg = event.messageType === LEG_TYPE && kind !== 'noticed';
    const corridor = isLeg ? this.#tradeCorridor(event, number) : null;
    const mechanism = kind === 'settled' ? this.#mechanism(event) : '';
    const change = this.#change;
    change.kind = kind;
    change.status = status;
    change.submittedAtMs = submittedAtMs;
    change.isFirst = isFirst;
    change.secondLeg = secondLeg;
    change.corridor = corridor;
    change.mechanism = mechanism;
    this.#takers.status(event, change);
    const leavesOpen = LEAVES_OPEN.has(event.kind);
    if (leavesOpen) {
      if (isFirst) number = open.begin(paymentPosition, submittedAtMs);
      open.secondLeg[number] = secondLeg;
      open.corridors[number] = corridor;
    }
    // Of a pair the first leg stands in the queue, and has since before the match; the second never
    // does, also where a close carries both over.
    const wasQueued = queues !== null;
    const queued = isMatch ? wasQueued : status === 'PDNG' && !secondLeg;
    if (queued !== wasQueued && kind !== 'noticed') this.#queueChanged(event, number);
    if (!leavesOpen && !isFirst) open.end(paymentPosition, number);
  }

  /** The first and the last that is told of a payment, as of most: nothing is known of it, and nothing is kept. */
  #settledOnEntry(event: EventCursor): void {
    const change = this.#change;
    change.kind = 'settled';
    change.status = EVENT_STATUS.settled as StatusCode;
    change.submittedAtMs = event.timeMs;
    change.isFirst = true;
    change.secondLeg = false;
    change.corridor = null;
    change.mechanism = 'entry';
    this.#takers.status(event, change);
  }

  #mechanism({ mechanism }: EventCursor): string {
    return mechanismOf({ mechanism: MECHANISMS[mechanism] ?? 'none' }, this.#proposer);
  }

  #tradeCorridor(event: EventCursor, number: number): string {
    const own = this.#currency(event.currency1);
    if (event.kind !== KIND.matched) return this.#corridorOf(number) ?? tradeCorridor(own, null);
    // The later leg's match is told first, when the earlier waits: its corridor begins with its currency.
    const mate = this.#corridorOf(this.#open.at(event.mate));
    if (mate?.endsWith('/?')) return tradeCorridor(own, mate.slice(0, -2));
    return mate ?? tradeCorridor(own, null);
  }

  #corridorOf(number: number): string | null {
    return number === NOT_OPEN ? null : (this.#open.corridors[number] as string | null);
  }

  /** An open payment ends its stay in the queues; if it is in none, begins one. */
  #queueChanged(event: EventCursor, number: number): void {
    const open = this.#open;
    const high = event.high(AT.amount1);
    const low = event.low(AT.amount1);
    const before = open.queues[number];
    if (before) {
      open.queues[number] = null;
      before.own.leave(number, high, low);
      before.all.leave(number, high, low);
      return;
    }
    const queues = this.#queuesAt(event.debtorAgent, event.currency1);
    open.queues[number] = queues;
    this.#queues.stays.set(number, open.submittedMs[number] as number);
    queues.own.join(number, high, low);
    queues.all.join(number, high, low);
  }

  #queuesAt(participant: number, currency: number): AccountQueues {
    this.#queuesOf[currency] ??= [];
    const inCurrency = this.#queuesOf[currency];
    const known = inCurrency[participant];
    if (known) return known;
    const [own, all] = [this.#named(participant, currency), this.#named(NONE32, currency)];
    const queues = { own: this.#queues.queue(own, false), all: this.#queues.queue(all, true) };
    inCurrency[participant] = queues;
    return queues;
  }

  /** One for an account, or for a whole currency (NONE32). */
  #named(participant: number, currency: number): AccountNames {
    const key = accountKey(participant, currency);
    const known = this.#names.get(key);
    if (known !== undefined) return known;
    const names = accountNames(this.#bic(participant), this.#currency(currency));
    this.#names.set(key, names);
    return names;
  }

  /** Columns of a row that is about an account. */
  #bearer(account: { readonly participant: number; readonly currency: number }) {
    const { participant, currency } = this.#named(account.participant, account.currency);
    return { participant, currency };
  }

  #bic(handle: number): string {
    return bicOf(this.#place.directory, handle);
  }

  #currency(handle: number): string {
    return currencyOf(this.#place.directory, handle);
  }
}

const balanceFields = ({ account, lowest, drawnMax }: BalanceSample) => ({
  balance_minor: account.balance.toString(),
  lowest_minor: lowest.value.toString(),
  credit_line_minor: (account.creditLine + account.collateral).toString(),
  injected_minor: account.injected.toString(),
  drawn_max_minor: drawnMax.value.toString(),
});

const queueFields = ({ count, value, countMax, valueMax, oldestMs }: QueueSample) => ({
  count,
  value_minor: value.value.toString(),
  count_max: countMax,
  value_max_minor: valueMax.value.toString(),
  oldest_submitted_at: clickHouseTime(oldestMs),
});

/** The insertions of a block: one for each table that it has rows for. */
export function insertions({ rows, token }: Block): Insertion[] {
  return TABLES.filter((table) => rows[table].length > 0).map((table) => ({
    table,
    rows: rows[table],
    token: `${token}/${table}`,
  }));
}
