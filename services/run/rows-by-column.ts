/**
 * The rows of `payments`, `balances`, `queue_samples` and `certificates` by column, as they come. The same as rows of the
 * store: metrics/payment-rows.ts, metrics/event-rows.ts and metrics/certificate-rows.ts.
 */
import type { CertifiedStep } from '../analysis/certificates/cycle-certificates.ts';
import type { EventCursor } from '../core/settlement/event-cursor.ts';
import { eventKind } from '../core/settlement/event-reader.ts';
import { EVENT_OFFSETS as EVENT, EVENT_KINDS, NO_CURRENCY } from '../core/settlement/events.ts';
import { reasonFromNumber } from '../core/settlement/reasons.ts';
import type { EventOf } from '../core/settlement/settlement-event.ts';
import { ColumnGroup } from '../export/parquet-row-group.ts';
import type { ParquetTable } from '../export/parquet-table.ts';
import { TABLE_FORMS } from '../export/table-column-types.ts';
import { type CertificateRecord, certificateRow } from '../metrics/certificate-rows.ts';
import type { RowTakers } from '../metrics/event-rows.ts';
import type { AccountNames, BalanceSample, QueueSample } from '../metrics/minute-samples.ts';
import type { StatusChange } from '../metrics/payment-rows.ts';
import { MESSAGE_TYPES } from '../protocol/messages/message-types.ts';
import { PRIORITIES } from '../protocol/messages/priorities.ts';
import { paymentCorridor } from '../protocol/names/corridor-name.ts';
import { bicOf, currencyOf, type DirectoryNames } from '../protocol/names/handles-to-names.ts';
import { isoReason } from '../protocol/names/iso-reasons.ts';
import { EVENT_STATUS } from '../protocol/records/event-status.ts';

type PaymentColumns = ColumnGroup<typeof TABLE_FORMS.payments>['columns'];

/** Rows whose events wait: what follows from each of them is put column after column. */
const WAITING_MAX = 4096;
const NOTICED = EVENT_KINDS.noticed;
/** The word that begins with an event's kind. */
const KIND_WORD = EVENT.kind >> 2;
/** By number of a kind of event: whether its rows have a reason. */
const HAS_REASON = Object.values(EVENT_KINDS).reduce<boolean[]>((has, kind) => {
  const status = EVENT_STATUS[eventKind(kind)];
  has[kind] = status === 'RJCT' || status === 'CANC';
  return has;
}, []);

/** How the rows of a pool's payments get the names that numbers of events stand for. */
function namesOf(pool: string, directory: DirectoryNames, of: PaymentColumns) {
  // Of handles the number is one more: 0 is none.
  const bic = (number: number) => (number === 0 ? '' : bicOf(directory, number - 1));
  const currency = (handle: number) => currencyOf(directory, handle);
  const reason = (number: number) => {
    const name = reasonFromNumber(number);
    return name === 'none' ? '' : name;
  };
  return {
    pool,
    kind: of.kind.by(eventKind),
    status: of.status.by((kind) => EVENT_STATUS[eventKind(kind)] ?? ''),
    reason: of.reason.by(reason),
    isoReason: of.iso_reason.by((number) => isoReason(reasonFromNumber(number))?.code ?? ''),
    priority: of.priority.by((priority) => PRIORITIES[priority] ?? ''),
    debtor: of.debtor_agent.by(bic),
    creditor: of.creditor_agent.by(bic),
    dealer: of.dealer.by(bic),
    currency: of.currency.by(currency),
    currency2: of.currency2.by(currency),
    /** Of a payment inside one currency it has the currency's name. */
    corridor: of.corridor.by(currency),
    crossing: ({ currency1, currency2 }: EventCursor) =>
      paymentCorridor(currency(currency1), currency(currency2)),
    messageType: of.message_type.by((type) => MESSAGE_TYPES[type] ?? ''),
  };
}

type PoolNames = ReturnType<typeof namesOf>;

/**
 * Rows of `payments`. A row has 23 columns: what is put for each alone takes several times as long as what is taken
 * for thousands of events at a time from the same place of each.
 */
class PaymentRows {
  readonly #run: string;
  readonly #group: ColumnGroup<typeof TABLE_FORMS.payments>;
  /** Of those that wait: who walks over them, and their pool. */
  #events: EventCursor | null = null;
  #names: PoolNames | null = null;
  #waiting = 0;
  /** The word with which each event begins, and what it does not tell; names by their numbers in the column. */
  readonly #of = {
    begins: new Uint32Array(WAITING_MAX),
    submittedMs: new Float64Array(WAITING_MAX),
    isFirst: new Uint32Array(WAITING_MAX),
    secondLeg: new Uint32Array(WAITING_MAX),
    mechanisms: new Uint32Array(WAITING_MAX),
    /** And 1; 0: the payment's currency says it. */
    corridors: new Uint32Array(WAITING_MAX),
  };
  /** Whether all of them are payments in one currency and of known senders. */
  #arePlain = true;
  /** By number of a mechanism: the name that it had last, and the number of that. */
  readonly #mechanisms: { name: string; number: number }[] = [];
  readonly #numbers = new Uint32Array(WAITING_MAX);

  constructor(run: string, group: ColumnGroup<typeof TABLE_FORMS.payments>) {
    this.#run = run;
    this.#group = group;
  }

  names(pool: string, directory: DirectoryNames): PoolNames {
    return namesOf(pool, directory, this.#group.columns);
  }

  add(names: PoolNames, event: EventCursor, change: StatusChange): void {
    if (event !== this.#events || this.#waiting === WAITING_MAX) {
      this.put();
      this.#events = event;
      this.#names = names;
    }
    const of = this.#of;
    const row = this.#waiting++;
    of.begins[row] = event.place;
    of.submittedMs[row] = change.submittedAtMs;
    of.isFirst[row] = change.isFirst ? 1 : 0;
    of.secondLeg[row] = change.secondLeg ? 1 : 0;
    of.mechanisms[row] = this.#mechanism(event.mechanism, change.mechanism);
    const isKnown = change.kind !== 'noticed';
    const converts = isKnown && event.currency2 !== NO_CURRENCY;
    if (converts || !isKnown) this.#arePlain = false;
    const corridor = change.corridor ?? (converts ? names.crossing(event) : null);
    of.corridors[row] = corridor === null ? 0 : this.#group.columns.corridor.numberOf(corridor) + 1;
  }

  #mechanism(number: number, name: string): number {
    let known = this.#mechanisms[number];
    if (known?.name !== name) {
      known = { name, number: this.#group.columns.mechanism.numberOf(name) };
      this.#mechanisms[number] = known;
    }
    return known.number;
  }

  /** All that wait. */
  put(): void {
    for (let from = 0; from < this.#waiting; ) {
      const { first, rows } = this.#group.nextRows(this.#waiting - from);
      this.#put(this.#names as PoolNames, first, from, from + rows);
      from += rows;
    }
    this.#waiting = 0;
    this.#arePlain = true;
  }

  #put(names: PoolNames, first: number, from: number, to: number): void {
    const of = this.#group.columns;
    const rows = to - from;
    const events = this.#events as EventCursor;
    const { words } = events;
    const begins = this.#of.begins.subarray(from, to);
    const numbers = this.#numbers.subarray(0, rows);
    /** A field of 16 bits, or of 8, by where it begins in its word; and so many more than each has. */
    const some = (field: number, mask: number, more = 0) => {
      const word = field >> 2;
      const shift = 8 * (field & 3);
      for (let row = 0; row < rows; row++)
        numbers[row] = ((words[begins[row]! + word]! >>> shift) & mask) + more;
      return numbers;
    };
    const kindAt = (row: number) => words[begins[row]! + KIND_WORD]! & 0xffff;
    of.run.fill(first, rows, this.#run);
    of.pool.fill(first, rows, names.pool);
    of.event_number.copy(first, words, begins, EVENT.number >> 2);
    of.time.copy(first, words, begins, EVENT.timeMs >> 2);
    of.payment_position.copy(first, words, begins, EVENT.paymentPosition >> 2);
    for (let row = 0; row < rows; row++) {
      of.uetr.addUetr(events.bytes, 4 * begins[row]! + EVENT.id);
      of.submitted_at.put(first + row, this.#of.submittedMs[from + row] as number);
    }
    names.kind(first, some(EVENT.kind, 0xffff));
    names.status(first, numbers);
    some(EVENT.reason, 0xffff);
    for (let row = 0; row < rows; row++) if (!HAS_REASON[kindAt(row)]) numbers[row] = 0;
    names.reason(first, numbers);
    names.isoReason(first, numbers);
    of.mechanism.putAll(first, this.#of.mechanisms.subarray(from, to));
    some(EVENT.cycle, -1);
    for (let row = 0; row < rows; row++) if (kindAt(row) !== EVENT_KINDS.settled) numbers[row] = 0;
    of.cycle.putAll(first, numbers);
    names.messageType(first, some(EVENT.messageType, 0xffff));
    of.is_first.putAll(first, this.#of.isFirst.subarray(from, to));
    of.second_leg.putAll(first, this.#of.secondLeg.subarray(from, to));
    names.debtor(first, some(EVENT.debtorAgent, -1, 1));
    names.priority(first, some(EVENT.priority, 0xff));
    names.creditor(first, some(EVENT.creditorAgent, -1, 1));
    of.amount_minor.copy(first, words, begins, EVENT.amount1 >> 2);
    of.amount2_minor.copy(first, words, begins, EVENT.amount1 >> 2);
    of.dealer.fill(first, rows, '');
    names.currency(first, some(EVENT.currency1, 0xffff));
    names.currency2(first, numbers);
    names.corridor(first, numbers);
    for (let row = 0; row < rows; row++) {
      const corridor = this.#of.corridors[from + row] as number;
      if (corridor > 0) of.corridor.putNumber(first + row, corridor - 1);
    }
    if (this.#arePlain) return;
    for (let row = 0; row < rows; row++)
      if (kindAt(row) === NOTICED) this.#putUnknown(first + row);
      else this.#putConversion(names, first + row, words, begins[row]!);
  }

  /** A message that failed authentication is known by the sender it names, and by nothing else. */
  #putUnknown(row: number): void {
    const of = this.#group.columns;
    for (const name of [of.priority, of.creditor_agent, of.currency, of.currency2, of.corridor])
      name.put(row, '');
    of.amount_minor.put(row, 0);
    of.amount2_minor.put(row, 0);
  }

  /** Of a payment that converts: its dealer, and what is credited. */
  #putConversion(names: PoolNames, row: number, words: Int32Array, begin: number): void {
    const currency2 = words[begin + (EVENT.currency2 >> 2)]! >>> 16;
    if (currency2 === NO_CURRENCY) return;
    names.dealer(row, Uint32Array.of(words[begin + (EVENT.dealer >> 2)]! + 1));
    names.currency2(row, Uint32Array.of(currency2));
    const { amount2_minor } = this.#group.columns;
    amount2_minor.copy(row, words, Uint32Array.of(begin), EVENT.amount2 >> 2);
  }
}

export class TableColumns {
  readonly #run: string;
  readonly #payments;
  readonly #rows: PaymentRows;
  readonly #balances;
  readonly #queues;
  readonly #certificates;

  constructor(run: string, table: (name: keyof typeof TABLE_FORMS) => ParquetTable) {
    this.#run = run;
    this.#payments = new ColumnGroup(table('payments'), TABLE_FORMS.payments);
    this.#rows = new PaymentRows(run, this.#payments);
    this.#balances = new ColumnGroup(table('balances'), TABLE_FORMS.balances);
    this.#queues = new ColumnGroup(table('queue_samples'), TABLE_FORMS.queue_samples);
    this.#certificates = new ColumnGroup(table('certificates'), TABLE_FORMS.certificates);
  }

  /** Of a pool; the directory must know every name before it is used. */
  takers(pool: string, directory: DirectoryNames): RowTakers {
    const names = this.#rows.names(pool, directory);
    return {
      status: (event, change) => this.#rows.add(names, event, change),
      balance: (atMs, names, sample) => this.#balance(pool, atMs, names, sample),
      queue: (atMs, names, sample) => this.#queue(pool, atMs, names, sample),
    };
  }

  /** A row of `certificates`: its text is megabytes, and compressed from where it is written once. */
  certificate(step: CertifiedStep): void {
    const { certificate, ...row } = certificateRow(this.#run, step);
    this.#certificate(row, step.event.timeMs);
    this.#certificates.columns.certificate.add(certificate);
  }

  /** The same of a run over queues, whose text is written. */
  certificateText(pool: string, event: EventOf<'cycled'>, text: Uint8Array): void {
    const { number: event_number, cycle, timeMs } = event;
    this.#certificate({ pool, event_number, cycle, offsetting: 0 }, timeMs);
    this.#certificates.columns.certificate.addBytes(text);
  }

  #certificate(
    {
      pool,
      event_number,
      cycle,
      offsetting,
    }: Pick<CertificateRecord, 'pool' | 'event_number' | 'cycle' | 'offsetting'>,
    timeMs: number,
  ): void {
    const row = this.#certificates.next();
    const of = this.#certificates.columns;
    of.run.put(row, this.#run);
    of.pool.put(row, pool);
    of.event_number.put(row, event_number);
    of.cycle.put(row, cycle);
    of.offsetting.put(row, offsetting);
    of.time.put(row, timeMs);
  }

  end(): void {
    this.#rows.put();
    for (const group of [this.#payments, this.#balances, this.#queues, this.#certificates])
      group.end();
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
