import { type EventView, readEvent } from '../core/event-reader.ts';
import { EVENT_BYTES, NO_CURRENCY } from '../core/events.ts';
import type { Directory } from '../protocol/directory.ts';
import { EVENT_STATUS, isOpen } from '../protocol/event-status.ts';
import { uetrFromBytes } from '../protocol/identifiers.ts';
import { isPaymentType, MESSAGE_TYPES, PRIORITIES } from '../protocol/instruction.ts';
import { isoReason } from '../protocol/reasons.ts';
import {
  clickHouseTime,
  noRows,
  type PaymentRecord,
  type SecurityRecord,
  TABLES,
  type TableRows,
} from './rows.ts';
import { BalanceSamples, QueueSamples, SAMPLE_MS } from './samples.ts';

/** Events whose rows are inserted together; blocks are cut at fixed event numbers. */
export const BLOCK_EVENTS = 8192;

/** Rows that one insertion takes, with the token under which a store drops a second insertion. */
export interface Block {
  readonly rows: TableRows;
  readonly token: string;
}

interface OpenPayment {
  readonly submittedAtMs: number;
  readonly queued: boolean;
  /** Of a matched leg: it came after the other. */
  readonly secondLeg: boolean;
}

const OUTCOMES = ['empty', 'gridlock', 'deadlock', 'unresolved', 'undecided'];
const NETTING_OUTCOMES = ['empty', 'netted', 'unwound'];

/** Folds the events of one pool of a run into blocks of rows. */
export class EventFold {
  readonly #run: string;
  readonly #pool: string;
  readonly #directory: Directory;
  readonly #open = new Map<number, OpenPayment>();
  readonly #balances = new BalanceSamples();
  readonly #queues = new QueueSamples();
  #rows = noRows();
  /** Number of the first event of the block that is not cut yet. */
  #first = 1;
  #last = 0;
  #sampleEndsMs = 0;

  /** The directory must know every name before the events that use it are folded. */
  constructor(run: string, pool: string, directory: Directory) {
    this.#run = run;
    this.#pool = pool;
    this.#directory = directory;
  }

  /** The blocks that these events complete. */
  fold(events: Uint8Array): Block[] {
    const blocks: Block[] = [];
    for (let index = 0; index * EVENT_BYTES < events.length; index++) {
      this.#event(readEvent(events, index));
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
  take(events: Uint8Array): void {
    for (let index = 0; index * EVENT_BYTES < events.length; index++)
      this.#event(readEvent(events, index));
  }

  /** The rows since the last cut; the same events cut at the same places give the same blocks. */
  cut(): Block {
    const token = `${this.#run}/${this.#pool}/${this.#first}-${this.#last}`;
    const block = { rows: this.#rows, token };
    this.#first = this.#last + 1;
    this.#rows = noRows();
    return block;
  }

  #event(event: EventView): void {
    this.#sampleUntil(event.timeMs);
    this.#take(event);
    this.#last = event.number;
  }

  #sampleUntil(timeMs: number): void {
    if (timeMs < this.#sampleEndsMs) return;
    if (this.#sampleEndsMs > 0) this.#sample(this.#sampleEndsMs);
    this.#sampleEndsMs = (Math.floor(timeMs / SAMPLE_MS) + 1) * SAMPLE_MS;
  }

  #sample(atMs: number): void {
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
    const open = known ?? { submittedAtMs: event.timeMs, queued: false, secondLeg: false };
    const isMatch = event.kind === 'matched';
    const secondLeg = open.secondLeg || (isMatch && event.balances[0] < event.paymentPosition);
    const submittedAt = clickHouseTime(open.submittedAtMs);
    this.#rows.payments.push(
      this.#paymentRecord(event, status, time, submittedAt, secondLeg, known ? 0 : 1),
    );
    // A match alone queues nothing: where the pair waits, an event says so.
    const queued = isMatch ? open.queued : status === 'PDNG';
    if (queued !== open.queued) this.#queueChanged(event, open.submittedAtMs, queued ? 1 : -1);
    if (isOpen(status)) this.#open.set(event.paymentPosition, { ...open, queued, secondLeg });
    else if (known) this.#open.delete(event.paymentPosition);
  }

  #queueChanged(event: EventView, submittedAtMs: number, by: 1 | -1): void {
    const currency = this.#currency(event.currency1);
    for (const account of [`${this.#bic(event.debtorAgent)}/${currency}`, `/${currency}`]) {
      if (by === 1) this.#queues.join(account, event.paymentPosition, event.amount1, submittedAtMs);
      else this.#queues.leave(account, event.paymentPosition, event.amount1);
    }
  }

  #paymentRecord(
    event: EventView,
    status: string,
    time: string,
    submittedAt: string,
    secondLeg: boolean,
    isFirst: 0 | 1,
  ): PaymentRecord {
    // A message that failed authentication is known by the sender it names, and by nothing else.
    const known = event.kind !== 'noticed';
    const currency = known ? this.#currency(event.currency1) : '';
    const converts = known && event.currency2 !== NO_CURRENCY;
    const currency2 = converts ? this.#currency(event.currency2) : currency;
    return {
      run: this.#run,
      pool: this.#pool,
      event_number: event.number,
      time,
      payment_position: event.paymentPosition,
      uetr: uetrFromBytes(event.id) ?? '',
      status,
      reason: event.reason === 'none' ? '' : event.reason,
      iso_reason: isoReason(event.reason)?.code ?? '',
      mechanism: event.mechanism === 'none' ? '' : event.mechanism,
      priority: (known && PRIORITIES[event.priority]) || '',
      debtor_agent: this.#bic(event.debtorAgent),
      creditor_agent: known ? this.#bic(event.creditorAgent) : '',
      dealer: converts ? this.#bic(event.dealer) : '',
      currency,
      amount_minor: known ? event.amount1.toString() : '0',
      currency2,
      amount2_minor: known ? (converts ? event.amount2 : event.amount1).toString() : '0',
      corridor: currency === currency2 ? currency : `${currency}-${currency2}`,
      cycle: event.cycle,
      submitted_at: submittedAt,
      kind: event.kind,
      message_type: MESSAGE_TYPES[event.messageType] ?? '',
      second_leg: secondLeg ? 1 : 0,
      is_first: isFirst,
    };
  }

  #account(participant: number, currency: number): string {
    return `${this.#bic(participant)}/${this.#currency(currency)}`;
  }

  /** Empty where a refused message named one that the pool does not know. */
  #bic(handle: number): string {
    return this.#directory.participants[handle]?.bic ?? '';
  }

  #currency(handle: number): string {
    return this.#directory.currencies[handle]?.currency ?? '';
  }
}

function securityKind({ kind, reason }: EventView): SecurityRecord['kind'] | null {
  if (kind === 'noticed') return 'notAuthentic';
  if (kind === 'repeated') return 'repeated';
  if (kind === 'rejected' && reason === 'duplicateIdentity') return 'identityReused';
  if (kind === 'keyChanged') return reason === 'none' ? 'keyRegistered' : 'keyRevoked';
  return null;
}

const named = (account: string) => {
  const [participant, currency] = account.split('/') as [string, string];
  return { participant, currency };
};

/** The insertions of a block: one for each table that it has rows for. */
export function insertions({ rows, token }: Block) {
  return TABLES.filter((table) => rows[table].length > 0).map((table) => ({
    table,
    rows: rows[table] as readonly object[],
    token: `${token}/${table}`,
  }));
}
