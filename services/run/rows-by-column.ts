/**
 * The rows of `payments`, `balances` and `queue_samples` by column, as they come. The same as rows of the
 * store: metrics/payment-rows.ts and metrics/event-rows.ts.
 */
import type { EventCursor } from '../core/settlement/event-cursor.ts';
import { eventKind } from '../core/settlement/event-reader.ts';
import { EVENT_OFFSETS as AT, NO_CURRENCY } from '../core/settlement/events.ts';
import { reasonFromNumber } from '../core/settlement/reasons.ts';
import type { PutNumber } from '../export/parquet-encodings.ts';
import { ColumnGroup } from '../export/parquet-row-group.ts';
import type { ParquetTable } from '../export/parquet-table.ts';
import { TABLE_FORMS } from '../export/table-column-types.ts';
import type { RowTakers } from '../metrics/event-rows.ts';
import type { AccountNames, BalanceSample, QueueSample } from '../metrics/minute-samples.ts';
import type { StatusChange } from '../metrics/payment-rows.ts';
import { MESSAGE_TYPES, PRIORITIES } from '../protocol/messages/instruction.ts';
import { paymentCorridor } from '../protocol/names/corridors.ts';
import { bicOf, currencyOf, type DirectoryNames } from '../protocol/names/directory.ts';
import { isoReason } from '../protocol/names/iso-reasons.ts';
import { EVENT_STATUS } from '../protocol/records/event-status.ts';

/** How the rows of a pool's payments get the names that numbers of events stand for. */
interface PoolNames {
  /** Both by the kind of the event. */
  readonly kind: PutNumber;
  readonly status: PutNumber;
  readonly priority: PutNumber;
  readonly debtor: PutNumber;
  readonly creditor: PutNumber;
  readonly dealer: PutNumber;
  readonly currency: PutNumber;
  readonly currency2: PutNumber;
  /** Of a payment inside one currency. */
  readonly corridor: PutNumber;
  /** Of one that converts. */
  readonly crossing: (event: EventCursor) => string;
  readonly messageType: PutNumber;
}

export class TableColumns {
  readonly #run: string;
  readonly #payments;
  readonly #balances;
  readonly #queues;

  constructor(run: string, table: (name: keyof typeof TABLE_FORMS) => ParquetTable) {
    this.#run = run;
    this.#payments = new ColumnGroup(table('payments'), TABLE_FORMS.payments);
    this.#balances = new ColumnGroup(table('balances'), TABLE_FORMS.balances);
    this.#queues = new ColumnGroup(table('queue_samples'), TABLE_FORMS.queue_samples);
  }

  /** Of a pool; the directory must know every name before it is used. */
  takers(pool: string, directory: DirectoryNames): RowTakers {
    const put = this.#names(directory);
    return {
      status: (event, change) => this.#status(pool, put, event, change),
      balance: (atMs, names, sample) => this.#balance(pool, atMs, names, sample),
      queue: (atMs, names, sample) => this.#queue(pool, atMs, names, sample),
    };
  }

  end(): void {
    for (const group of [this.#payments, this.#balances, this.#queues]) group.end();
  }

  /** What a number of a row stands for in a pool. */
  #names(directory: DirectoryNames): PoolNames {
    const of = this.#payments.columns;
    const bic = (handle: number) => bicOf(directory, handle);
    const currency = (handle: number) => currencyOf(directory, handle);
    return {
      kind: of.kind.by(eventKind),
      status: of.status.by((kind) => EVENT_STATUS[eventKind(kind)] ?? ''),
      priority: of.priority.by((priority) => PRIORITIES[priority] ?? ''),
      debtor: of.debtor_agent.by(bic),
      creditor: of.creditor_agent.by(bic),
      dealer: of.dealer.by(bic),
      currency: of.currency.by(currency),
      currency2: of.currency2.by(currency),
      corridor: of.corridor.by(currency),
      crossing: ({ currency1, currency2 }: EventCursor) =>
        paymentCorridor(currency(currency1), currency(currency2)),
      messageType: of.message_type.by((type) => MESSAGE_TYPES[type] ?? ''),
    };
  }

  #status(pool: string, put: PoolNames, event: EventCursor, change: StatusChange): void {
    const { kind, status, submittedAtMs, isFirst, secondLeg, corridor, mechanism } = change;
    const row = this.#payments.next();
    const of = this.#payments.columns;
    // A message that failed authentication is known by the sender it names, and by nothing else.
    const isKnown = kind !== 'noticed';
    const converts = isKnown && event.currency2 !== NO_CURRENCY;
    const hasReason = status === 'RJCT' || status === 'CANC';
    const reason = hasReason ? reasonFromNumber(event.reason) : null;
    of.run.put(row, this.#run);
    of.pool.put(row, pool);
    of.event_number.put(row, event.number);
    of.time.put(row, event.timeMs);
    of.payment_position.put(row, event.paymentPosition);
    of.uetr.addUetr(event.bytes, event.at(AT.id));
    put.status(row, event.kind);
    of.reason.put(row, reason === null || reason === 'none' ? '' : reason);
    of.iso_reason.put(row, (reason && isoReason(reason)?.code) ?? '');
    of.mechanism.put(row, mechanism);
    put.debtor(row, event.debtorAgent);
    if (isKnown) {
      put.priority(row, event.priority);
      put.creditor(row, event.creditorAgent);
      put.currency(row, event.currency1);
    } else for (const name of [of.priority, of.creditor_agent, of.currency]) name.put(row, '');
    if (converts) put.dealer(row, event.dealer);
    else of.dealer.put(row, '');
    if (isKnown) event.copyLong(AT.amount1, of.amount_minor.words, row);
    else of.amount_minor.put(row, 0);
    if (isKnown) put.currency2(row, converts ? event.currency2 : event.currency1);
    else of.currency2.put(row, '');
    const credited = converts ? AT.amount2 : AT.amount1;
    if (isKnown) event.copyLong(credited, of.amount2_minor.words, row);
    else of.amount2_minor.put(row, 0);
    // Inside one currency it has the currency's name.
    if (corridor === null && isKnown && !converts) put.corridor(row, event.currency1);
    else of.corridor.put(row, corridor ?? (isKnown ? put.crossing(event) : ''));
    of.cycle.put(row, kind === 'settled' ? event.cycle : 0);
    of.submitted_at.put(row, submittedAtMs);
    of.is_first.put(row, isFirst ? 1 : 0);
    put.kind(row, event.kind);
    put.messageType(row, event.messageType);
    of.second_leg.put(row, secondLeg ? 1 : 0);
  }

  #balance(pool: string, atMs: number, names: AccountNames, sample: BalanceSample): void {
    const { account, lowest, drawnMax } = sample;
    const of = this.#balances.columns;
    const row = this.#placed(this.#balances, pool, atMs, names);
    of.balance_minor.putHalves(row, account.held.high, account.held.low);
    of.lowest_minor.putHalves(row, lowest.high, lowest.low);
    of.credit_line_minor.putLong(row, account.creditLine + account.collateral);
    of.injected_minor.putLong(row, account.injected);
    of.drawn_max_minor.putHalves(row, drawnMax.high, drawnMax.low);
  }

  #queue(pool: string, atMs: number, names: AccountNames, sample: QueueSample): void {
    const of = this.#queues.columns;
    const row = this.#placed(this.#queues, pool, atMs, names);
    of.count.put(row, sample.count);
    of.value_minor.putHalves(row, sample.value.high, sample.value.low);
    of.count_max.put(row, sample.countMax);
    of.value_max_minor.putHalves(row, sample.valueMax.high, sample.valueMax.low);
    of.oldest_submitted_at.put(row, sample.oldestMs);
  }

  /** The place of a sample's row, with what every sample has. */
  #placed(
    group: ColumnGroup<typeof TABLE_FORMS.balances> | ColumnGroup<typeof TABLE_FORMS.queue_samples>,
    pool: string,
    atMs: number,
    { participant, currency }: AccountNames,
  ): number {
    const row = group.next();
    const of = group.columns;
    of.run.put(row, this.#run);
    of.pool.put(row, pool);
    of.time.put(row, atMs);
    of.participant.put(row, participant);
    of.currency.put(row, currency);
    return row;
  }
}
