/**
 * The rows of `payments`, `balances` and `queue_samples` by column, as they come. The same as rows of the
 * store: metrics/payment-rows.ts and metrics/event-rows.ts.
 */
import { NO_CURRENCY } from '../core/settlement/events.ts';
import { ColumnGroup } from '../export/column-group.ts';
import type { ParquetTable } from '../export/parquet-table.ts';
import { TABLE_FORMS } from '../export/table-forms.ts';
import type { AccountNames, RowTakers } from '../metrics/event-rows.ts';
import type { StatusChange } from '../metrics/payment-rows.ts';
import type { BalanceSample, QueueSample } from '../metrics/samples.ts';
import { MESSAGE_TYPES, PRIORITIES } from '../protocol/messages/instruction.ts';
import { paymentCorridor } from '../protocol/names/corridors.ts';
import { bicOf, currencyOf, type DirectoryNames } from '../protocol/names/directory.ts';
import { uetrFromBytes } from '../protocol/names/identifiers.ts';
import { isoReason } from '../protocol/names/iso-reasons.ts';
import { reasonOf } from '../protocol/records/event-payment.ts';

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
    return {
      status: (change) => this.#status(pool, directory, change),
      balance: (atMs, names, sample) => this.#balance(pool, atMs, names, sample),
      queue: (atMs, names, sample) => this.#queue(pool, atMs, names, sample),
    };
  }

  end(): void {
    for (const group of [this.#payments, this.#balances, this.#queues]) group.end();
  }

  #status(pool: string, directory: DirectoryNames, change: StatusChange): void {
    const { event, status, submittedAtMs, isFirst, secondLeg, corridor, mechanism } = change;
    const row = this.#payments.next();
    const of = this.#payments.columns;
    // A message that failed authentication is known by the sender it names, and by nothing else.
    const known = event.kind === 'noticed' ? null : event;
    const converts = known !== null && known.currency2 !== NO_CURRENCY;
    const currency = known ? currencyOf(directory, known.currency1) : '';
    const currency2 = converts ? currencyOf(directory, known.currency2) : currency;
    const amount = known?.amount1 ?? 0n;
    const reason = reasonOf(event);
    of.run[row] = this.#run;
    of.pool[row] = pool;
    of.event_number[row] = BigInt(event.number);
    of.time[row] = BigInt(event.timeMs);
    of.payment_position[row] = BigInt(event.paymentPosition);
    of.uetr[row] = uetrFromBytes(event.id) ?? '';
    of.status[row] = status;
    of.reason[row] = reason === 'none' ? '' : reason;
    of.iso_reason[row] = isoReason(reason)?.code ?? '';
    of.mechanism[row] = mechanism;
    of.priority[row] = (known && PRIORITIES[known.priority]) ?? '';
    of.debtor_agent[row] = bicOf(directory, event.debtorAgent);
    of.creditor_agent[row] = known ? bicOf(directory, known.creditorAgent) : '';
    of.dealer[row] = converts ? bicOf(directory, known.dealer) : '';
    of.currency[row] = currency;
    of.amount_minor[row] = amount;
    of.currency2[row] = currency2;
    of.amount2_minor[row] = converts ? known.amount2 : amount;
    of.corridor[row] = corridor ?? paymentCorridor(currency, currency2);
    of.cycle[row] = event.kind === 'settled' ? event.cycle : 0;
    of.submitted_at[row] = BigInt(submittedAtMs);
    of.is_first[row] = isFirst ? 1 : 0;
    of.kind[row] = event.kind;
    of.message_type[row] = MESSAGE_TYPES[event.messageType] ?? '';
    of.second_leg[row] = secondLeg ? 1 : 0;
  }

  #balance(pool: string, atMs: number, names: AccountNames, sample: BalanceSample): void {
    const { account, lowest, drawnMax } = sample;
    const of = this.#balances.columns;
    const row = this.#placed(this.#balances, pool, atMs, names);
    of.balance_minor[row] = account.balance;
    of.lowest_minor[row] = lowest;
    of.credit_line_minor[row] = account.creditLine + account.collateral;
    of.injected_minor[row] = account.injected;
    of.drawn_max_minor[row] = drawnMax;
  }

  #queue(pool: string, atMs: number, names: AccountNames, sample: QueueSample): void {
    const of = this.#queues.columns;
    const row = this.#placed(this.#queues, pool, atMs, names);
    of.count[row] = sample.count;
    of.value_minor[row] = sample.value;
    of.count_max[row] = sample.countMax;
    of.value_max_minor[row] = sample.valueMax;
    of.oldest_submitted_at[row] = BigInt(sample.oldestMs);
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
    of.run[row] = this.#run;
    of.pool[row] = pool;
    of.time[row] = BigInt(atMs);
    of.participant[row] = participant;
    of.currency[row] = currency;
    return row;
  }
}
