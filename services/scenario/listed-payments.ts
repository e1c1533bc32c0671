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
import { COMMENTED, type CsvRow, checkedColumns, csvRows } from './csv-table.ts';
import { DATE_EXPECTED, isDate } from './local-time-to-instant.ts';
import { type LookUps, lookUpsOver, type ScenarioTables } from './look-ups.ts';
import { quotedMinor } from './rates.ts';
import type { ListedPayment, Received, ScenarioQuote } from './scenario.ts';
import { formatValue, ScenarioError } from './scenario-error.ts';
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
): ListedPayment[] {
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
    if (!skipped.has(date) && !isDate(date)) directory.fail(['date'], DATE_EXPECTED, date);
    skipped.add(date);
    return true;
  };
  const payments: ListedPayment[] = [];
  for (const { record, line: at } of readRows(file, text)) {
    line = at;
    if (isOfOther(record)) continue;
    if (payments.length === PAYMENTS_MAX)
      throw new ScenarioError(`${file}:${line}: expected at most ${PAYMENTS_MAX} rows`);
    payments.push(resolveRow(record, directory, quotes));
  }
  return payments;
}

/** Throws of a column's value; undefined: the row has none. */
export type FailColumn = (column: ListedColumn, expected: string, value?: unknown) => never;

/** The look-ups' paths are columns here. */
const columnLookUps = (tables: ScenarioTables, fail: FailColumn): LookUps =>
  lookUpsOver(tables, ([column], expected, value) =>
    fail(column as ListedColumn, expected, value === '' ? undefined : value),
  );

/** The checks of a row for whoever has rows of another table than a scenario's. */
export function paymentResolver(
  tables: ScenarioTables,
  quotes: readonly ScenarioQuote[],
  fail: FailColumn,
): (row: ListedRow) => ListedPayment {
  const directory = columnLookUps(tables, fail);
  return (row) => resolveRow(row, directory, quotes);
}

/** What is for the library to read: quotes, and blanks, which it trims. */
const NOT_PLAIN = /"|[^\S\n]/;

/**
 * Rows whose fields commas alone divide take a tenth of the library's time. From the first line on that has
 * anything else in it, or something wrong, the rows are the library's.
 */
function* readRows(file: string, text: string): Generator<CsvRow<ListedRow>, void> {
  let header: string[] | null = null;
  let line = 0;
  let read = 0;
  const isPlain = !NOT_PLAIN.test(text);
  // One for all: who takes a row in looks at it before the next.
  const record: Record<string, string> = {};
  const fields: string[] = [];
  let end = text.startsWith('\uFEFF') ? 0 : -1;
  while (end < text.length) {
    const start = end + 1;
    end = text.indexOf('\n', start);
    if (end < 0) end = text.length;
    line += 1;
    if (start === end || text[start] === '#') continue;
    const isOdd = !isPlain && NOT_PLAIN.test(text.slice(start, end));
    if (isOdd || (header !== null && !readFields(text, start, end, header, fields))) {
      const columns = (names: string[]) => checkHeader(file, names);
      yield* csvRows<ListedRow>(file, text, { ...COMMENTED, columns }).slice(read);
      return;
    }
    if (header === null) {
      header = checkHeader(file, text.slice(start, end).split(','));
      continue;
    }
    for (let at = 0; at < header.length; at++) record[header[at] as string] = fields[at] as string;
    read += 1;
    yield { record, line };
  }
}

/**
 * Reads the fields of a line over those of the row before. What is the same stays the same string: most rows have
 * the date, the currency and the priority of the row before, and many its time.
 * @returns false: they are not as many as the header's
 */
function readFields(
  text: string,
  start: number,
  end: number,
  { length }: readonly string[],
  fields: string[],
): boolean {
  let from = start;
  for (let at = 0; at < length; at++) {
    const comma = text.indexOf(',', from);
    const isLast = comma < 0 || comma >= end;
    if (isLast !== (at === length - 1)) return false;
    const to = isLast ? end : comma;
    const before = fields[at];
    if (before?.length !== to - from || !text.startsWith(before, from))
      fields[at] = text.slice(from, to);
    from = to + 1;
  }
  return true;
}

const checkHeader = (file: string, header: string[]): string[] =>
  checkedColumns(file, header, LISTED_COLUMNS, NEEDED);

function resolveRow(
  row: ListedRow,
  directory: LookUps,
  quotes: readonly ScenarioQuote[],
): ListedPayment {
  const { fail } = directory;
  const need = (column: ListedColumn) => row[column] || fail([column], 'a value');
  const dateIndex = directory.dateIndex(['date'], need('date'));
  const atMs = momentOf(row, 'time', dateIndex, directory) ?? fail(['time'], 'a value');
  const currency = directory.currency(['currency'], need('currency'));
  const toCurrency = row.toCurrency ? directory.currency(['toCurrency'], row.toCurrency) : currency;
  const member = (column: 'debtor' | 'creditor', account: number) => {
    const participant = directory.participant([column], need(column));
    directory.needAccount([column], participant, account);
    return participant;
  };
  const debtorAgent = member('debtor', currency);
  const creditorAgent = member(
    'creditor',
    row.receives ? directory.currency(['receives'], row.receives) : toCurrency,
  );
  if (debtorAgent === creditorAgent)
    fail(['creditor'], "another bank than the debtor's", row.creditor);
  const amountMinor = amountAbove0('amount', need('amount'), currency, directory);
  const priority = (row.priority || 'normal') as Priority;
  if (!PRIORITIES.includes(priority))
    fail(['priority'], `one of ${PRIORITIES.join(', ')}`, row.priority);
  const quote = findQuote(row, directory, quotes, currency, toCurrency);
  if (quote !== null) {
    if (quote.dealer === debtorAgent || quote.dealer === creditorAgent)
      fail(['dealer'], 'a dealer that is neither debtor nor creditor', row.dealer);
    const to = directory.currencies[toCurrency]!;
    const credited = quotedMinor(directory, quote, amountMinor);
    if (credited === 0n || credited > INT64_MAX)
      fail(['amount'], `an amount that has a value in ${to.code} and fits 64 bits`, row.amount);
  }
  const received = receivedOf(row, directory, currency, debtorAgent, creditorAgent);
  const kind = received ? 'leg' : kindOf(row, directory, currency, toCurrency);
  const reference = referenceOf(row, directory);
  const { earliestMs, latestMs } = timesOf(row, dateIndex, directory);
  return {
    atMs,
    dateIndex,
    debtorAgent,
    creditorAgent,
    currency,
    amountMinor,
    priority,
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
  { fail, momentMs }: LookUps,
): number | null {
  const time = row[column];
  if (!time) return null;
  if (!TIME.test(time)) fail([column], 'a time of day as HH:MM or HH:MM:SS', time);
  return momentMs([column], dateIndex, time);
}

function timesOf(row: ListedRow, dateIndex: number, directory: LookUps) {
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
