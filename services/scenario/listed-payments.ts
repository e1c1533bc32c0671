/**
 * A table of payments: one a row, with a header. Columns: date, time, debtor, creditor, currency,
 * amount, priority (empty: normal); for payments over two currencies toCurrency and dealer; for legs
 * of PvP and DvP receives, receivesAmount and reference; and for any kind, earliest, latest,
 * cancelAfterSeconds. A line that begins with # is a comment. Debtor and creditor are the agents'
 * BICs; the amount is in the currency debited.
 */

import { PRIORITIES, type Priority } from '../protocol/messages/priorities.ts';
import { ID35_PATTERN } from '../protocol/names/message-ids.ts';
import { INT64_MAX } from '../protocol/names/minor-units.ts';
import { COMMENTED, checkedColumns, csvRows } from './csv-table.ts';
import { parseSmallMinor } from './decimal-amounts.ts';
import { DATE_EXPECTED, isDate } from './local-time-to-instant.ts';
import { type LookUps, lookUpsOver, type ScenarioTables } from './look-ups.ts';
import { PaymentListWriter } from './payment-list.ts';
import { quotedMinor } from './rates-and-rounding.ts';
import type { ListedPayment, PaymentList, Received, ScenarioQuote } from './scenario.ts';
import { formatValue, type Path, ScenarioError } from './scenario-error.ts';
import { PAYMENTS_MAX } from './schema-traffic.ts';

const NEEDED = ['date', 'time', 'debtor', 'creditor', 'currency', 'amount', 'priority'] as const;
/** In the order in which they are written. */
export const LISTED_COLUMNS = [
  ...NEEDED,
  'toCurrency',
  'dealer',
  'kind',
  'earliest',
  'latest',
  'cancelAfterSeconds',
  'reference',
  'receives',
  'receivesAmount',
] as const;
export type ListedColumn = (typeof LISTED_COLUMNS)[number];
/** A row by column; what a row leaves out is empty or absent. */
export type ListedRow = Partial<Record<ListedColumn, string>>;

const KINDS = ['customer', 'bank'] as const;
const REFERENCE = new RegExp(ID35_PATTERN);
/** A day at most. */
const CANCEL_SECONDS_MAX = 86_400;

/** Of a row: a date, a time, two BICs, a currency and an amount. */
const CHARACTERS_MIN = 42;

const TIME = /^(?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d{3})?)?$/;

/**
 * @param file the path that messages name
 * @param skipsOtherDates leaves out rows of dates that are no business dates
 * @returns the payments in the order of the rows
 * @throws ScenarioError naming file, line, column, value and expectation
 */
export function parsePaymentsCsv(
  file: string,
  text: string,
  tables: ScenarioTables,
  quotes: readonly ScenarioQuote[],
  skipsOtherDates = false,
): PaymentList {
  let line = 1;
  const directory = columnLookUps(tables, (column, expected, value) => {
    throw new ScenarioError(
      `${file}:${line}: column ${column}: ${formatValue(value)}: expected ${expected}`,
    );
  });
  const skipped = new Set<string>();
  // What is no date is no other date.
  const isOfOther = ({ date = '' }: ListedRow): boolean => {
    if (!skipsOtherDates || tables.businessDates.includes(date)) return false;
    if (!skipped.has(date) && !isDate(date)) directory.fail(AT.date, DATE_EXPECTED, date);
    skipped.add(date);
    return true;
  };
  const list = new PaymentListWriter(Math.ceil(text.length / CHARACTERS_MIN));
  eachRow(file, text, (row, at) => {
    line = at;
    if (isOfOther(row)) return;
    if (list.length === PAYMENTS_MAX)
      throw new ScenarioError(`${file}:${line}: expected at most ${PAYMENTS_MAX} rows`);
    takeRow(row, directory, quotes, list);
  });
  return list.list();
}

/** Throws of a column's value; undefined: the row has none. */
export type FailColumn = (column: ListedColumn, expected: string, value?: unknown) => never;

/** The paths of the look-ups are columns here. */
const AT = Object.fromEntries(LISTED_COLUMNS.map((column) => [column, [column]])) as unknown as {
  readonly [Column in ListedColumn]: readonly [Column];
};

interface ColumnLookUps extends LookUps {
  /** The instant of a time of day in the table's form. */
  timeMs(path: Path, dateIndex: number, time: string): number;
}

function columnLookUps(tables: ScenarioTables, failColumn: FailColumn): ColumnLookUps {
  const lookUps = lookUpsOver(tables, ([column], expected, value) =>
    failColumn(column as ListedColumn, expected, value === '' ? undefined : value),
  );
  const { fail, momentMs } = lookUps;
  // Rows in order have one time again and again.
  let checked = '';
  return {
    ...lookUps,
    timeMs(path, dateIndex, time) {
      if (time !== checked && !TIME.test(time))
        fail(path, 'a time of day as HH:MM or HH:MM:SS', time);
      checked = time;
      return momentMs(path, dateIndex, time);
    },
  };
}

/** The checks of a row for whoever has rows of another table than a scenario's. */
export function rowChecker(
  tables: ScenarioTables,
  quotes: readonly ScenarioQuote[],
  fail: FailColumn,
): (row: ListedRow) => void {
  const directory = columnLookUps(tables, fail);
  const list = new PaymentListWriter();
  return (row) => {
    takeRow(row, directory, quotes, list);
    list.clear();
  };
}

const COMMA = ','.charCodeAt(0);
const LINE_END = '\n'.charCodeAt(0);
const LAST_OF_ASCII = '~'.charCodeAt(0);

/**
 * Rows whose fields commas alone divide take a tenth of the library's time. From the first line on that has
 * anything else in it, or something wrong, the rows are the library's.
 * @param take gets each with the line on which it ends; it holds until the next
 */
function eachRow(file: string, text: string, take: (row: ListedRow, line: number) => void): void {
  const rows = new PlainRows(file, text);
  while (rows.next()) take(rows.row, rows.line);
  if (!rows.isOdd) return;
  const columns = (names: string[]) => checkHeader(file, names);
  for (const { record, line } of csvRows<ListedRow>(file, text, { ...COMMENTED, columns }).slice(
    rows.read,
  ))
    take(record, line);
}

/** Reads lines of fields that are plain: what is for the library to read are quotes, and blanks, which it trims. */
class PlainRows {
  readonly #file: string;
  readonly #text: string;
  #header: readonly ListedColumn[] | null = null;
  /** By the header, of the row before. */
  readonly #fields: string[] = [];
  #end: number;
  /** One for all. */
  row: Record<string, string> = {};
  line = 0;
  /** Rows that were read. */
  read = 0;
  /** The line is not plain, or has too few fields or too many. */
  isOdd = false;

  constructor(file: string, text: string) {
    this.#file = file;
    this.#text = text;
    this.#end = text.startsWith('\uFEFF') ? 0 : -1;
  }

  /** Whether there is a next row that is plain. */
  next(): boolean {
    const text = this.#text;
    while (this.#end < text.length) {
      const start = this.#end + 1;
      this.line += 1;
      const isLeftOut = start === text.length || text[start] === '\n' || text[start] === '#';
      if (isLeftOut || this.#header === null) {
        this.#end = text.indexOf('\n', start);
        if (this.#end < 0) this.#end = text.length;
        if (isLeftOut) continue;
        this.isOdd = !this.#readHeader(text.slice(start, this.#end));
        if (this.isOdd) return false;
        continue;
      }
      this.isOdd = !this.#readFields(start, this.#header);
      if (this.isOdd) return false;
      this.read += 1;
      return true;
    }
    return false;
  }

  #readHeader(line: string): boolean {
    if (/[^!-~]|"/.test(line)) return false;
    this.#header = checkHeader(this.#file, line.split(',')) as ListedColumn[];
    for (const column of this.#header) this.row[column] = '';
    return true;
  }

  /**
   * Reads the fields of a line over those of the row before. What is the same stays the same string: most rows have
   * the date, the currency and the priority of the row before, and many its time.
   * @returns false: they are not plain, or not as many as the header's
   */
  #readFields(start: number, header: readonly ListedColumn[]): boolean {
    const text = this.#text;
    const fields = this.#fields;
    const last = header.length - 1;
    let from = start;
    for (let at = 0; ; at++) {
      let to = from;
      let code = text.charCodeAt(to);
      // All that a field has comes behind the comma; quotes, blanks and line ends come before it.
      while (code > COMMA && code <= LAST_OF_ASCII) code = text.charCodeAt(++to);
      const isLast = code === LINE_END || to === text.length;
      if (isLast !== (at === last) || !(isLast || code === COMMA)) return false;
      const before = fields[at];
      if (before?.length !== to - from || !text.startsWith(before, from)) {
        const field = text.slice(from, to);
        fields[at] = field;
        this.row[header[at]!] = field;
      }
      if (isLast) {
        this.#end = to;
        return true;
      }
      from = to + 1;
    }
  }
}

const checkHeader = (file: string, header: string[]): string[] =>
  checkedColumns(file, header, LISTED_COLUMNS, NEEDED);

/** Adds the payment of a row to a list. */
function takeRow(
  row: ListedRow,
  directory: ColumnLookUps,
  quotes: readonly ScenarioQuote[],
  list: PaymentListWriter,
): void {
  const { fail } = directory;
  const dateIndex = directory.dateIndex(AT.date, row.date || fail(AT.date, 'a value'));
  const atMs = momentOf(row, 'time', dateIndex, directory) ?? fail(AT.time, 'a value');
  const currency = directory.currency(AT.currency, row.currency || fail(AT.currency, 'a value'));
  const toCurrency = row.toCurrency ? directory.currency(AT.toCurrency, row.toCurrency) : currency;
  const debtorAgent = memberOf(row, 'debtor', currency, directory);
  const credited = row.receives ? directory.currency(AT.receives, row.receives) : toCurrency;
  const creditorAgent = memberOf(row, 'creditor', credited, directory);
  if (debtorAgent === creditorAgent)
    fail(AT.creditor, "another bank than the debtor's", row.creditor);
  const amount = row.amount || fail(AT.amount, 'a value');
  const small = parseSmallMinor(amount, directory.currencies[currency]!.minorUnits);
  const amountMinor = small > 0 ? null : amountAbove0('amount', amount, currency, directory);
  const priority = (row.priority || 'normal') as Priority;
  if (!PRIORITIES.includes(priority))
    fail(AT.priority, `one of ${PRIORITIES.join(', ')}`, row.priority);
  if (amountMinor === null && hasNoMore(row)) {
    list.addPlain(atMs, dateIndex, debtorAgent, creditorAgent, currency, small, priority);
    return;
  }
  const common = { atMs, dateIndex, debtorAgent, creditorAgent, currency, priority };
  const payment = { ...common, amountMinor: amountMinor ?? BigInt(small) };
  list.add(wholePayment(row, payment, toCurrency, directory, quotes));
}

/** Most rows: an object for each would take longer than all that is looked up for it. */
const hasNoMore = (row: ListedRow): boolean =>
  !(row.toCurrency || row.dealer || row.kind || row.reference || row.receives) &&
  !(row.earliest || row.latest || row.cancelAfterSeconds || row.receivesAmount);

type CommonTerms = Pick<
  ListedPayment,
  'atMs' | 'dateIndex' | 'debtorAgent' | 'creditorAgent' | 'currency' | 'amountMinor' | 'priority'
>;

function memberOf(
  row: ListedRow,
  column: 'debtor' | 'creditor',
  account: number,
  { fail, participant, needAccount }: LookUps,
): number {
  const path = AT[column];
  const member = participant(path, row[column] || fail(path, 'a value'));
  needAccount(path, member, account);
  return member;
}

/** With what most rows leave out. */
function wholePayment(
  row: ListedRow,
  common: CommonTerms,
  toCurrency: number,
  directory: ColumnLookUps,
  quotes: readonly ScenarioQuote[],
): ListedPayment {
  const { fail } = directory;
  const { dateIndex, debtorAgent, creditorAgent, currency, amountMinor } = common;
  const quote = findQuote(row, directory, quotes, currency, toCurrency);
  if (quote !== null) {
    if (quote.dealer === debtorAgent || quote.dealer === creditorAgent)
      fail(AT.dealer, 'a dealer that is neither debtor nor creditor', row.dealer);
    const to = directory.currencies[toCurrency]!;
    const credited = quotedMinor(directory, quote, amountMinor);
    if (credited === 0n || credited > INT64_MAX)
      fail(AT.amount, `an amount that has a value in ${to.code} and fits 64 bits`, row.amount);
  }
  const received = receivedOf(row, directory, currency, debtorAgent, creditorAgent);
  const kind = received ? 'leg' : kindOf(row, directory, currency, toCurrency);
  const reference = referenceOf(row, directory);
  const { earliestMs, latestMs } = timesOf(row, dateIndex, directory);
  // What names a run in the analysis store has these in this order.
  return {
    atMs: common.atMs,
    dateIndex,
    debtorAgent,
    creditorAgent,
    currency,
    amountMinor,
    priority: common.priority,
    quote,
    kind,
    receives: received,
    reference,
    earliestMs,
    latestMs,
    cancelAfterMs: cancelAfterOf(row, directory),
  };
}
/** One expectation for whatever is no such amount: below 0, 0, or no number. */
const ABOVE_0 = 'an amount above 0 as a decimal, such as "1250.00"';
const DIGITS = /^[0-9]+(?:\.[0-9]+)?$/;

function amountAbove0(
  column: 'amount' | 'receivesAmount',
  text: string,
  currency: number,
  directory: LookUps,
): bigint {
  const minor = DIGITS.test(text) ? directory.amount([column], text, currency) : 0n;
  return minor > 0n ? minor : directory.fail([column], ABOVE_0, text);
}

function momentOf(
  row: ListedRow,
  column: 'time' | 'earliest' | 'latest',
  dateIndex: number,
  { timeMs }: ColumnLookUps,
): number | null {
  const time = row[column];
  return time ? timeMs(AT[column], dateIndex, time) : null;
}

function timesOf(row: ListedRow, dateIndex: number, directory: ColumnLookUps) {
  const earliestMs = momentOf(row, 'earliest', dateIndex, directory);
  const latestMs = momentOf(row, 'latest', dateIndex, directory);
  if (earliestMs !== null && latestMs !== null && latestMs <= earliestMs)
    directory.fail(['latest'], `a time after earliest, ${row.earliest}`, row.latest);
  return { earliestMs, latestMs };
}

function kindOf(row: ListedRow, { fail }: LookUps, currency: number, toCurrency: number) {
  const kind = (row.kind || 'customer') as 'customer' | 'bank';
  if (!KINDS.includes(kind)) fail(['kind'], `one of ${KINDS.join(', ')}`, row.kind);
  if (kind === 'bank' && currency !== toCurrency)
    fail(['kind'], 'customer: a pacs.009 has one currency', row.kind);
  return kind;
}

function referenceOf(row: ListedRow, { fail }: LookUps): string | null {
  if (!row.reference) return null;
  if (!REFERENCE.test(row.reference))
    fail(['reference'], 'at most 35 letters, digits and . _ : -', row.reference);
  return row.reference;
}

function cancelAfterOf({ cancelAfterSeconds: text }: ListedRow, { fail }: LookUps): number | null {
  if (!text) return null;
  if (!/^[0-9]{1,5}$/.test(text) || Number(text) > CANCEL_SECONDS_MAX)
    fail(['cancelAfterSeconds'], `a whole number from 0 to ${CANCEL_SECONDS_MAX}`, text);
  return Number(text) * 1000;
}

/** What the debtor of a leg receives from the creditor; null for a row that is a payment. */
function receivedOf(
  row: ListedRow,
  directory: LookUps,
  currency: number,
  debtorAgent: number,
  creditorAgent: number,
): Received | null {
  const { fail } = directory;
  if (!row.receives) {
    if (row.receivesAmount) fail(['receivesAmount'], 'none without receives', row.receivesAmount);
    return null;
  }
  for (const column of ['kind', 'toCurrency', 'dealer'] as const)
    if (row[column]) fail([column], 'none in a leg, which has receives', row[column]);
  if (!row.reference) fail(['reference'], 'the reference that both legs have');
  const received = directory.currency(['receives'], row.receives);
  const [given, taken] = [directory.currencies[currency]!, directory.currencies[received]!];
  if (received === currency || (given.isSecurity && taken.isSecurity))
    fail(['receives'], `another currency, or a security, for ${given.code}`, row.receives);
  if (given.pool !== taken.pool)
    fail(['receives'], `one of the same pool as ${given.code}`, row.receives);
  directory.needAccount(['debtor'], debtorAgent, received);
  directory.needAccount(['creditor'], creditorAgent, currency);
  const text = row.receivesAmount || fail(['receivesAmount'], 'a value');
  const amountMinor = amountAbove0('receivesAmount', text, received, directory);
  return { currency: received, amountMinor };
}

function findQuote(
  row: ListedRow,
  directory: LookUps,
  quotes: readonly ScenarioQuote[],
  from: number,
  to: number,
): ScenarioQuote | null {
  const { fail } = directory;
  if (from === to)
    return row.dealer ? fail(['dealer'], 'none inside one currency', row.dealer) : null;
  const [first, second] = [directory.currencies[from]!, directory.currencies[to]!];
  if (first.pool !== second.pool)
    fail(['toCurrency'], `a currency of the same pool as ${first.code}`, row.toCurrency);
  if (!row.dealer) return fail(['dealer'], `the dealer between ${first.code} and ${second.code}`);
  const dealer = directory.participant(['dealer'], row.dealer);
  return (
    quotes.find((quote) => quote.dealer === dealer && quote.from === from && quote.to === to) ??
    fail(['dealer'], `a dealer that quotes ${first.code}/${second.code}`, row.dealer)
  );
}
