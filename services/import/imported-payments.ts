/** Rows of a source's payments to rows of a scenario's table of payments. A reference that comes twice: import-csv.ts. */

import { PRIORITIES } from '../protocol/messages/priorities.ts';
import { ID35_PATTERN } from '../protocol/names/message-ids.ts';
import { MINOR_UNITS } from '../scenario/currency-decimals.ts';
import { parseMinor } from '../scenario/decimal-amounts.ts';
import { didYouMean } from '../scenario/did-you-mean.ts';
import type { ListedColumn, ListedRow } from '../scenario/listed-payments.ts';
import { DATE_EXPECTED } from '../scenario/local-time-to-instant.ts';
import { formatValue } from '../scenario/scenario-error.ts';
import { amountReader } from './amount-forms.ts';
import { RowFault } from './bad-rows.ts';
import { LocalTimes } from './local-times.ts';
import type { Mapping } from './mapping.ts';
import type { SourceTable } from './source-table.ts';
import type { SourceBics } from './test-bics.ts';
import { hasDate, timeOfDayText, timeReader } from './time-forms.ts';

/** A payment with what an import asks of it beside its row. */
export interface ImportedPayment {
  readonly row: ListedRow;
  readonly atMs: number;
  /** Local, since midnight. */
  readonly timeMs: number;
  /** Of `earliest` and `latest`, where there are any: local, since midnight. */
  readonly periodMs: readonly number[];
  readonly amountMinor: bigint;
  /** Null: it was not observed to settle. */
  readonly settledMs: number | null;
}

export interface RowReading {
  readonly mapping: Mapping;
  readonly bics: SourceBics;
  /** Decimals by currency or security; undefined: there is none of the code. */
  readonly decimalsOf: (code: string) => number | undefined;
  /** Is told of each local time that comes twice, of which the first is taken. */
  readonly onTwice?: () => void;
}

/** An amount of a source, in its form, and what is expected where it is none. */
export function amountsOf(table: SourceTable, least: 'above 0' | 'of 0 or more') {
  const { decimalMark, thousandsMark } = table.mapping;
  const read = amountReader({ decimalMark, thousandsMark });
  const grouped = thousandsMark === 'none' ? '1250' : `1${thousandsMark}250`;
  const such = `, such as "${grouped}${decimalMark}00"`;
  const expected = `an amount ${least}${such}`;
  const marks = `decimalMark "${decimalMark}", thousandsMark ${thousandsMark === 'none' ? thousandsMark : `"${thousandsMark}"`}`;
  const form = `digits as the mapping has them (${marks})${such}`;
  return (column: string, text: string, code: string, decimals: number) => {
    const name = table.nameOf(column);
    const decimal = read(text);
    if (decimal === null) throw new RowFault(name, text.startsWith('-') ? expected : form, text);
    const minor = parseMinor(decimal, code, decimals);
    if (typeof minor !== 'bigint') throw new RowFault(name, minor.expected, text);
    if (minor === 0n && least === 'above 0') throw new RowFault(name, expected, text);
    return { decimal, minor };
  };
}

/** A code that the scenario can have, with its decimals. */
export function assetOf(
  table: SourceTable,
  column: string,
  code: string,
  { decimalsOf }: RowReading,
): number {
  const decimals = decimalsOf(code);
  if (decimals !== undefined) return decimals;
  throw new RowFault(
    table.nameOf(column),
    `a currency code of ISO 4217${didYouMean(code, MINOR_UNITS.keys())}`,
    code,
  );
}

/** Columns whose text is copied where it is one of these words, or of this form. */
const COPIED: readonly (readonly [ListedColumn, RegExp, string])[] = [
  ['priority', new RegExp(`^(?:${PRIORITIES.join('|')})$`), `one of ${PRIORITIES.join(', ')}`],
  ['kind', /^(?:customer|bank)$/, 'one of customer, bank'],
  ['reference', new RegExp(ID35_PATTERN), 'at most 35 letters, digits and . _ : -'],
  ['cancelAfterSeconds', /^[0-9]{1,5}$/, 'a whole number of seconds'],
];

/**
 * @returns reads a row's fields
 * the reader throws RowFault, in the source's words
 */
export function paymentReader(
  table: SourceTable,
  reading: RowReading,
): (fields: readonly string[]) => ImportedPayment {
  const { bics } = reading;
  const text = (column: string) => table.textOf(column);
  const [debtor, creditor, dealer] = [text('debtor'), text('creditor'), text('dealer')];
  const [currency, toCurrency, receives] = [text('currency'), text('toCurrency'), text('receives')];
  const [amountText, receivesAmount] = [text('amount'), text('receivesAmount')];
  const amountIn = amountsOf(table, 'above 0');
  const moments = momentsOf(table, reading);
  const copied = COPIED.filter(([column]) => table.has(column)).map(
    ([column, pattern, expected]) => {
      const words = Object.keys(table.mapping.values[column] ?? {}).map(formatValue);
      const own =
        words.length > 0 ? `${words.join(', ')} by values.${column} of the mapping, or ` : '';
      return { column, pattern, expected: `${own}${expected}`, of: text(column) };
    },
  );
  const periods = (['earliest', 'latest'] as const).filter((column) => table.has(column));
  const need = (column: string, value: string) => {
    if (value === '') throw new RowFault(table.nameOf(column), 'a value');
    return value;
  };
  const optionalAsset = (row: ListedRow, column: 'toCurrency' | 'receives', code: string) => {
    if (code === '') return;
    assetOf(table, column, code, reading);
    row[column] = code;
  };
  const names = { debtor: table.nameOf('debtor'), creditor: table.nameOf('creditor') };
  return (fields) => {
    const { date, timeMs, atMs } = moments.submitted(fields);
    const payer = need('debtor', debtor(fields));
    const payee = need('creditor', creditor(fields));
    const debtorBic = bics.of(names.debtor, payer);
    const creditorBic = bics.of(names.creditor, payee);
    if (debtorBic === creditorBic)
      throw new RowFault(table.nameOf('creditor'), "another bank than the debtor's", payee);
    const code = need('currency', currency(fields));
    const decimals = assetOf(table, 'currency', code, reading);
    const amount = amountIn('amount', need('amount', amountText(fields)), code, decimals);
    const row: ListedRow = {
      date,
      time: timeOfDayText(timeMs),
      debtor: debtorBic,
      creditor: creditorBic,
      currency: code,
      amount: amount.decimal,
      priority: '',
    };
    for (const { column, pattern, expected, of } of copied) {
      const word = of(fields);
      if (word !== '' && !pattern.test(word))
        throw new RowFault(table.nameOf(column), expected, word);
      row[column] = word;
    }
    optionalAsset(row, 'toCurrency', toCurrency(fields));
    optionalAsset(row, 'receives', receives(fields));
    const between = dealer(fields);
    if (between !== '') row.dealer = bics.of(table.nameOf('dealer'), between);
    const back = receivesAmount(fields);
    if (back !== '') {
      const asset = row.receives ?? code;
      const given = amountIn('receivesAmount', back, asset, reading.decimalsOf(asset) as number);
      row.receivesAmount = given.decimal;
    }
    const periodMs: number[] = [];
    for (const column of periods) {
      const at = moments.timeOfDay(column, fields, date);
      if (at === null) continue;
      row[column] = timeOfDayText(at);
      periodMs.push(at);
    }
    return {
      row,
      atMs,
      timeMs,
      periodMs,
      amountMinor: amount.minor,
      settledMs: moments.settled(fields, date, atMs),
    };
  };
}

/** When a payment was submitted and settled, in the source's forms. */
function momentsOf(table: SourceTable, { mapping, onTwice }: RowReading) {
  const { zone, dateForm, timeForm = '', settledForm = timeForm } = mapping.payments;
  const times = new LocalTimes(zone);
  const dateText = table.textOf('date');
  const readDate = dateForm === undefined ? null : timeReader(dateForm);
  const dates = new Map<string, string>();
  const fail = (column: string, expected: string, value: string): never => {
    throw new RowFault(table.nameOf(column), expected, value);
  };
  const checkedDate = (
    column: string,
    date: string | null | undefined,
    form: string,
    text: string,
  ) => (date && times.isDate(date) ? date : fail(column, `${DATE_EXPECTED}, as ${form}`, text));
  /** The cells of `date` are few and come often. */
  const dateOf = (fields: readonly string[]): string => {
    const text = dateText(fields);
    const known = dates.get(text);
    if (known !== undefined) return known;
    if (text === '') return fail('date', 'a value', text);
    // A constant has the mapping's own form where that names none.
    const read = readDate === null ? { date: text } : readDate(text);
    const date = checkedDate('date', read?.date, dateForm ?? 'yyyy-MM-dd', text);
    dates.set(text, date);
    return date;
  };
  const momentOf = (column: string, form: string) => {
    const read = timeReader(form);
    const isDated = hasDate(form);
    /** Payments come by time: most have the moment of the one before. */
    let last = { text: '', dated: '', moment: { date: '', timeMs: 0, atMs: 0 } };
    return (text: string, dateOfRow: () => string) => {
      const dated = isDated ? '' : dateOfRow();
      if (text === last.text && dated === last.dated) return last.moment;
      const found = read(text) ?? fail(column, `a time as ${form}`, text);
      const timeMs = found.timeMs ?? fail(column, `a time as ${form}`, text);
      const date = found.date === null ? dated : checkedDate(column, found.date, form, text);
      if (found.offsetMinutes === null) {
        const comes = times.comes(date, timeMs);
        if (comes === 0)
          fail(column, `a time that the clocks of ${zone} have, which go forward then`, text);
        const moment = { date, timeMs, atMs: times.instantOf(date, timeMs) };
        if (comes === 2) onTwice?.();
        else last = { text, dated, moment };
        return moment;
      }
      const atMs = Date.parse(`${date}T00:00:00Z`) + timeMs - found.offsetMinutes * 60_000;
      const local = times.localOf(atMs);
      if (found.date === null && local.date !== date)
        fail(column, `a time that is on ${date} in ${zone}`, text);
      if (times.instantOf(local.date, local.timeMs) !== atMs)
        fail(column, `a time that comes once in ${zone}, whose clocks go back then`, text);
      return { ...local, atMs };
    };
  };
  const submittedAt = momentOf('time', timeForm);
  const period = (column: 'earliest' | 'latest') => ({
    cell: table.textOf(column),
    read: momentOf(column, timeForm),
  });
  const periods = { earliest: period('earliest'), latest: period('latest') };
  const timeCell = table.textOf('time');
  const settledCell = table.textOf('settled');
  const settledAt = table.has('settled') ? momentOf('settled', settledForm) : null;
  return {
    submitted(fields: readonly string[]) {
      const text = timeCell(fields);
      if (text === '') fail('time', 'a value', text);
      return submittedAt(text, () => dateOf(fields));
    },
    settled(fields: readonly string[], date: string, atMs: number): number | null {
      const text = settledCell(fields);
      if (settledAt === null || text === '') return null;
      const settled = settledAt(text, () => date);
      if (settled.atMs < atMs) fail('settled', 'no time before the payment', text);
      return settled.atMs;
    },
    timeOfDay(column: 'earliest' | 'latest', fields: readonly string[], date: string) {
      const { cell, read } = periods[column];
      const text = cell(fields);
      if (text === '') return null;
      const at = read(text, () => date);
      if (at.date !== date) fail(column, `a time on ${date}`, text);
      return at.timeMs;
    },
  };
}
