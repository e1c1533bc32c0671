import { type EventView, readEvent } from '../core/settlement/event-reader.ts';
import { EVENT_BYTES, NO_CURRENCY } from '../core/settlement/events.ts';
import { isPaymentType, LEG, MESSAGE_TYPES } from '../protocol/messages/instruction.ts';
import { bicOf, currencyOf, type Directory } from '../protocol/names/directory.ts';
import { uetrFromBytes } from '../protocol/names/identifiers.ts';
import { EVENT_STATUS, isOpen } from '../protocol/records/event-status.ts';
import { type Place, paymentRow, securityKind, tradeCorridor } from './payment-rows.ts';
import { clickHouseTime, noRows, TABLES, type TableRows } from './rows.ts';
import { BalanceSamples, QueueSamples, SAMPLE_MS } from './samples.ts';

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

interface OpenPayment {
  readonly submittedAtMs: number;
  readonly queued: boolean;
  /** Of a matched leg: it came after the other. */
  readonly secondLeg: boolean;
  /** Of a leg, else null. */
  readonly corridor: string | null;
}

const LEG_TYPE = MESSAGE_TYPES.indexOf(LEG);
const OUTCOMES = ['empty', 'gridlock', 'deadlock', 'unresolved', 'undecided'];
const NETTING_OUTCOMES = ['empty', 'netted', 'unwound'];

/** Folds the events of one pool of a run into blocks of rows. */
export class EventFold {
  readonly #run: string;
  readonly #pool: string;
  readonly #place: Place;
  readonly #open = new Map<number, OpenPayment>();
  readonly #accounts = new Map<number, string>();
  readonly #balances = new BalanceSamples();
  readonly #queues = new QueueSamples();
  #rows = noRows();
  /** Number of the first event of the block that is not cut yet. */
  #first = 1;
  #last = 0;
  #lastMs = 0;
  #sampleEndsMs = 0;
  #sampledMs = 0;

  /** The directory must know every name before the events that use it are folded. */
  constructor(run: string, pool: string, directory: Directory) {
    this.#run = run;
    this.#pool = pool;
    this.#place = { run, pool, directory };
  }

  /** The blocks that these events complete. */
  fold(events: Uint8Array): Block[] {
    const blocks: Block[] = [];
    for (let index = 0; index * EVENT_BYTES < events.length; index++) {
      this.take(readEvent(events, index));
      if (this.#last % BLOCK_EVENTS === 0) blocks.push(this.cut());
    }
    return blocks;
  }

  /** The last, incomplete block, with the samples of the minute that it ends in. */
  end(): Block {
    this.#sample(this.#sampleEndsMs);
    return this.cut();
  }

  /** Folds without cutting: for a reader that cuts where it has remembered to. */
  take(event: EventView): void {
    this.#sampleUntil(event.timeMs);
    this.#take(event);
    this.#last = event.number;
    this.#lastMs = event.timeMs;
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
    const placed = { run: this.#run, pool: this.#pool, time: clickHouseTime(atMs) };
    for (const {
      account,
      balance,
      lowest,
      creditLine,
      injected,
      drawnMax,
    } of this.#balances.take())
      this.#rows.balances.push({
        ...placed,
        ...named(account),
        balance_minor: balance.toString(),
        lowest_minor: lowest.toString(),
        credit_line_minor: creditLine.toString(),
        injected_minor: injected.toString(),
        drawn_max_minor: drawnMax.toString(),
      });
    for (const { account, count, value, countMax, valueMax, oldestMs } of this.#queues.take())
      this.#rows.queue_samples.push({
        ...placed,
        ...named(account),
        count,
        value_minor: value.toString(),
        count_max: countMax,
        value_max_minor: valueMax.toString(),
        oldest_submitted_at: clickHouseTime(oldestMs),
      });
  }

  #take(event: EventView): void {
    if (isPaymentType(event.messageType)) this.#payment(event);
    this.#security(event);
    switch (event.kind) {
      case 'accountOpened': {
        const account = this.#account(event.debtorAgent, event.currency1);
        this.#balances.setCreditLine(account, event.amount2);
        this.#balances.open(account, event.balances[0]);
        return;
      }
      case 'creditLineSet':
        this.#balances.setCreditLine(
          this.#account(event.debtorAgent, event.currency1),
          event.amount1,
        );
        return;
      case 'collateralSet':
        this.#balances.setCollateral(
          this.#account(event.debtorAgent, event.currency1),
          event.balances[1],
        );
        return;
      case 'issued':
      case 'redeemed': {
        const account = this.#account(event.debtorAgent, event.currency1);
        this.#balances.inject(account, event.kind === 'issued' ? event.amount1 : -event.amount1);
        this.#balances.set(account, event.balances[0]);
        return;
      }
      case 'settled':
        this.#booked(event);
        return;
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
    }
  }

  #security(event: EventView): void {
    const kind = securityKind(event);
    if (kind === null) return;
    this.#rows.security_events.push({
      run: this.#run,
      pool: this.#pool,
      event_number: event.number,
      position: event.position,
      time: clickHouseTime(event.timeMs),
      kind,
      participant: this.#bic(event.debtorAgent),
      reason: event.reason === 'none' ? '' : event.reason,
      uetr: event.kind === 'keyChanged' ? '' : (uetrFromBytes(event.id) ?? ''),
    });
  }

  /** Where an event of a pool stands. */
  #placed({ number, timeMs, cycle }: EventView) {
    const time = clickHouseTime(timeMs);
    return { run: this.#run, pool: this.#pool, event_number: number, time, cycle };
  }

  #cycled(event: EventView): void {
    const nets = event.mechanism === 'deferredNet';
    this.#rows.cycles.push({
      ...this.#placed(event),
      outcome: (nets ? NETTING_OUTCOMES : OUTCOMES)[event.priority] ?? '',
      settled: event.count,
      left_queued: Number(event.amount1),
      mechanism: event.mechanism === 'none' ? '' : event.mechanism,
      currency: event.currency1 === NO_CURRENCY ? '' : this.#currency(event.currency1),
    });
  }

  #netting(event: EventView): void {
    const account = this.#account(event.debtorAgent, event.currency1);
    this.#balances.set(account, event.balances[0]);
    this.#rows.nettings.push({
      ...this.#placed(event),
      kind: event.kind,
      ...named(account),
      counterparty: this.#bic(event.creditorAgent),
      amount_minor: event.amount1.toString(),
      balance_minor: event.balances[0].toString(),
    });
  }

  #heldUp(event: EventView): void {
    this.#rows.held_up.push({
      ...this.#placed(event),
      payment_position: event.paymentPosition,
      uetr: uetrFromBytes(event.id) ?? '',
      short: event.heldUpBy,
      participant: this.#bic(event.debtorAgent),
      counterparty: this.#bic(event.creditorAgent),
      currency: this.#currency(event.currency1),
      amount_minor: event.amount1.toString(),
    });
  }

  #booked(event: EventView): void {
    const { debtorAgent, creditorAgent, dealer, currency1, currency2, balances } = event;
    this.#balances.set(this.#account(debtorAgent, currency1), balances[0]);
    if (currency2 === NO_CURRENCY) {
      this.#balances.set(this.#account(creditorAgent, currency1), balances[1]);
      return;
    }
    this.#balances.set(this.#account(creditorAgent, currency2), balances[1]);
    this.#balances.set(this.#account(dealer, currency1), balances[2]);
    this.#balances.set(this.#account(dealer, currency2), balances[3]);
  }

  #payment(event: EventView): void {
    const status = EVENT_STATUS[event.kind];
    if (!status) return;
    const time = clickHouseTime(event.timeMs);
    const known = this.#open.get(event.paymentPosition);
    const submittedAtMs = known?.submittedAtMs ?? event.timeMs;
    const wasQueued = known?.queued ?? false;
    const isMatch = event.kind === 'matched';
    const secondLeg =
      known?.secondLeg || (isMatch && event.balances[0] < BigInt(event.paymentPosition));
    const submittedAt = known ? clickHouseTime(submittedAtMs) : time;
    // What a forged message names is nobody's trade.
    const isLeg = event.messageType === LEG_TYPE && event.kind !== 'noticed';
    const corridor = isLeg ? this.#tradeCorridor(event, known) : null;
    const state = { time, submittedAt, isFirst: !known, secondLeg, corridor };
    this.#rows.payments.push(paymentRow(this.#place, event, status, state));
    // Of a pair the first leg stands in the queue, and has since before the match; the second never
    // does, also where a close carries both over.
    const queued = isMatch ? wasQueued : status === 'PDNG' && !secondLeg;
    if (queued !== wasQueued) this.#queueChanged(event, submittedAtMs, queued ? 1 : -1);
    if (isOpen(status))
      this.#open.set(event.paymentPosition, { submittedAtMs, queued, secondLeg, corridor });
    else if (known) this.#open.delete(event.paymentPosition);
  }

  #tradeCorridor(event: EventView, known: OpenPayment | undefined): string {
    const own = this.#currency(event.currency1);
    if (event.kind !== 'matched') return known?.corridor ?? tradeCorridor(own, null);
    // The later leg's match is told first, when the earlier waits: its corridor begins with its currency.
    const mate = this.#open.get(Number(event.balances[0]))?.corridor;
    if (mate?.endsWith('/?')) return tradeCorridor(own, mate.slice(0, -2));
    return mate ?? tradeCorridor(own, null);
  }

  #queueChanged(event: EventView, submittedAtMs: number, by: 1 | -1): void {
    const currency = this.#currency(event.currency1);
    for (const account of [`${this.#bic(event.debtorAgent)}/${currency}`, `/${currency}`]) {
      if (by === 1) this.#queues.join(account, event.paymentPosition, event.amount1, submittedAtMs);
      else this.#queues.leave(account, event.paymentPosition, event.amount1);
    }
  }

  /** One text an account: maps then know its hash. */
  #account(participant: number, currency: number): string {
    const handle = participant * 65_536 + currency;
    const known = this.#accounts.get(handle);
    if (known !== undefined) return known;
    const account = `${this.#bic(participant)}/${this.#currency(currency)}`;
    this.#accounts.set(handle, account);
    return account;
  }

  #bic(handle: number): string {
    return bicOf(this.#place.directory, handle);
  }

  #currency(handle: number): string {
    return currencyOf(this.#place.directory, handle);
  }
}

const named = (account: string) => {
  const [participant, currency] = account.split('/') as [string, string];
  return { participant, currency };
};

/** The insertions of a block: one for each table that it has rows for. */
export function insertions({ rows, token }: Block): Insertion[] {
  return TABLES.filter((table) => rows[table].length > 0).map((table) => ({
    table,
    rows: rows[table],
    token: `${token}/${table}`,
  }));
}
