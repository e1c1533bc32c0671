import { NO_CURRENCY } from '../core/settlement/events.ts';
import { GROUP_ROWS, type ParquetTable } from '../export/parquet-table.ts';
import type { StatusChange } from '../metrics/payment-rows.ts';
import { MESSAGE_TYPES, PRIORITIES } from '../protocol/messages/instruction.ts';
import { paymentCorridor } from '../protocol/names/corridors.ts';
import { bicOf, currencyOf, type DirectoryNames } from '../protocol/names/directory.ts';
import { uetrFromBytes } from '../protocol/names/identifiers.ts';
import { isoReason } from '../protocol/names/iso-reasons.ts';
import { reasonOf } from '../protocol/records/event-payment.ts';

const names = () => new Array<string>(GROUP_ROWS).fill('');
const numbers = () => new BigInt64Array(GROUP_ROWS);

/** A group of rows of `payments` (metrics/payment-rows.ts), by column. */
const group = () => ({
  ...{ run: names(), pool: names(), uetr: names(), status: names(), reason: names() },
  ...{ iso_reason: names(), mechanism: names(), priority: names(), debtor_agent: names() },
  ...{ creditor_agent: names(), dealer: names(), currency: names(), currency2: names() },
  ...{ corridor: names(), kind: names(), message_type: names() },
  ...{ event_number: numbers(), time: numbers(), payment_position: numbers() },
  ...{ amount_minor: numbers(), amount2_minor: numbers(), submitted_at: numbers() },
  cycle: new Uint32Array(GROUP_ROWS),
  is_first: new Int32Array(GROUP_ROWS),
  second_leg: new Int32Array(GROUP_ROWS),
});

/** The table `payments` of a run as its changes come: a million rows as objects would take seconds. */
export class StatusChanges {
  readonly #table: ParquetTable;
  readonly #run: string;
  readonly #group = group();
  #rows = 0;

  constructor(table: ParquetTable, run: string) {
    this.#table = table;
    this.#run = run;
  }

  /** @param directory of the pool */
  take(pool: string, directory: DirectoryNames, change: StatusChange): void {
    const { event, status, submittedAtMs, isFirst, secondLeg, corridor, mechanism } = change;
    const of = this.#group;
    const row = this.#rows;
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
    this.#rows += 1;
    if (this.#rows === GROUP_ROWS) this.#write();
  }

  end(): void {
    if (this.#rows > 0) this.#write();
  }

  #write(): void {
    const rows = this.#rows;
    const columns = Object.entries(this.#group).map(([name, data]) => [name, data.slice(0, rows)]);
    this.#table.addGroup(rows, Object.fromEntries(columns));
    this.#rows = 0;
  }
}
