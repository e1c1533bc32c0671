/**
 * What a source's files look like: a mapping found in them, and what stays for the user to choose. What
 * several mappings fit is never chosen here: the mapping says `A or B`, which none takes.
 */
import Papa from 'papaparse';
import { stringify } from 'yaml';
import { PRIORITIES } from '../protocol/messages/priorities.ts';
import { ScenarioError } from '../scenario/scenario-error.ts';
import { BALANCE_WORDS, PAYMENT_WORDS, wordOf } from './column-words.ts';
import { type CsvForm, csvBlocks, ENCODINGS, textBeginning } from './csv-blocks.ts';
import { NEEDED_COLUMNS } from './mapping-schema.ts';
import { type FoundForm, foundAmounts, foundTimes } from './sniff-forms.ts';
import { isBlank } from './source-table.ts';
import { hasDate } from './time-forms.ts';

/** What of a file is looked at. */
const ROWS_MAX = 10_000;
const CHARACTERS_MAX = 1 << 18;
const SEPARATORS = [',', ';', '\t', '|'];
/** The most words of a column that are taken for words of priorities. */
const WORDS_MAX = 8;

export interface SniffedTable {
  readonly path: string;
  readonly kind: 'payments' | 'balances';
  /** As a mapping has it; values with ` or ` are still to be chosen. */
  readonly mapping: Readonly<Record<string, unknown>>;
  readonly header: readonly string[];
  /** What the user has to choose or should know, in sentences. */
  readonly open: readonly string[];
  readonly told: readonly string[];
}

type Words = Readonly<Record<string, string>>;

/** @throws ScenarioError where the file is no table of payments or balances */
export function sniffTable(path: string): SniffedTable {
  const form = sniffForm(path);
  const rows: (readonly string[])[] = [];
  for (const block of csvBlocks(path, form)) {
    for (const row of block.rows) if (!isBlank(row)) rows.push(row.map((field) => field.trim()));
    if (rows.length > ROWS_MAX) break;
  }
  const [header, ...below] = rows.slice(0, ROWS_MAX + 1);
  // A header that stands there once more is a bad row.
  const body = below.filter((row) => row.join() !== header?.join());
  if (header === undefined || body.length === 0)
    throw new ScenarioError(`${path}: expected a header and at least one row below it`);
  const payments = columnsFrom(header, PAYMENT_WORDS as Words);
  const balances = columnsFrom(header, BALANCE_WORDS as Words);
  const isPayments = ['debtor', 'creditor'].some((column) => payments.columns[column]);
  const isBalances = balances.columns.participant && balances.columns.balance;
  if (!isPayments && !isBalances)
    throw new ScenarioError(
      `${path}:1: ${header.join(', ')}: expected columns whose names say debtor and creditor, or participant and balance; a mapping of your own can name any`,
    );
  const kind = isPayments ? 'payments' : 'balances';
  const { columns, open } = isPayments ? payments : balances;
  const textsOf = (column: string): string[] => {
    const at = header.indexOf(columns[column] ?? '');
    return body.map((row) => row[at] ?? '').filter((text) => text !== '');
  };
  const told: string[] = [];
  const amounts = ['amount', 'balance', 'creditLine', 'netDebitCap'].flatMap(textsOf);
  const { decimalMark, thousandsMark } = foundAmounts(amounts);
  const found = { path, kind, header } as const;
  const mapping: Record<string, unknown> = {
    separator: form.separator,
    ...(form.encoding !== 'utf-8' && { encoding: form.encoding }),
    decimalMark: chosen('decimalMark', decimalMark, open),
    ...(thousandsMark !== null && { thousandsMark: chosen('thousandsMark', thousandsMark, open) }),
  };
  if (!isPayments) return { ...found, mapping: { ...mapping, columns }, open, told };
  const times = timesOf(columns, textsOf, open, told);
  for (const column of NEEDED_COLUMNS)
    if (columns[column] === undefined)
      open.push(
        `${column}: no column says so by its name: name it under columns, or under constants`,
      );
  Object.assign(mapping, times, { columns });
  const words = [...new Set(textsOf('priority'))];
  if (words.length > 0 && words.length <= WORDS_MAX) {
    const others = words.filter((word) => !(PRIORITIES as readonly string[]).includes(word));
    const choices = PRIORITIES.join(' or ');
    if (others.length > 0) {
      mapping.values = { priority: Object.fromEntries(others.map((word) => [word, choices])) };
      open.push(
        `values.priority: what ${others.map((one) => `"${one}"`).join(', ')} stand for: ${choices}`,
      );
    }
  }
  return { ...found, mapping, open, told };
}

function timesOf(
  columns: Record<string, string>,
  textsOf: (column: string) => string[],
  open: string[],
  told: string[],
): Record<string, string> {
  const forms: Record<string, string> = {};
  const form = (key: string, column: string, wants: 'date' | 'time') => {
    const texts = textsOf(column);
    if (columns[column] === undefined || texts.length === 0) return;
    const found = foundTimes(texts, wants);
    forms[key] = chosen(key, found, open);
  };
  // A column of dates may have the times in it, and one of times the dates.
  if (columns.time === undefined && columns.date !== undefined) {
    const { fits } = foundTimes(textsOf('date'), 'time');
    if (fits.some(hasDate)) {
      columns.time = columns.date;
      delete columns.date;
    }
  }
  form('timeForm', 'time', 'time');
  if (columns.date !== undefined && hasDate(forms.timeForm ?? '')) {
    told.push(`columns: ${columns.date} is not used: the times have dates`);
    delete columns.date;
  }
  form('dateForm', 'date', 'date');
  form('settledForm', 'settled', 'time');
  if (forms.settledForm === forms.timeForm) delete forms.settledForm;
  const hasZones = (forms.timeForm ?? '').includes('ZZ');
  told.push(
    hasZones
      ? 'zone: times have offsets; business dates are those of UTC, unless you name another zone'
      : 'zone: the times have none, and are taken for UTC, unless you name another zone',
  );
  return { ...forms, zone: 'UTC' };
}

/** The one form that fits, or all of them with ` or `, and a sentence that asks. */
function chosen(key: string, { fits, sample }: FoundForm, open: string[]): string {
  const text = fits.join(' or ');
  if (fits.length === 0) open.push(`${key}: nothing fits most of the values, such as ${sample}`);
  if (fits.length > 1)
    open.push(
      `${key}: ${fits.map((one) => `"${one}"`).join(' or ')}: each fits as many of the values that were looked at, such as ${sample}`,
    );
  return text;
}

function columnsFrom(header: readonly string[], words: Words) {
  const columns: Record<string, string> = {};
  const open: string[] = [];
  for (const [column, known] of Object.entries(words)) {
    const names = header.filter((name) => known.split(' ').includes(wordOf(name)));
    if (names.length === 0) continue;
    columns[column] = names.join(' or ');
    if (names.length > 1)
      open.push(`columns.${column}: ${names.map((one) => `"${one}"`).join(' or ')}`);
  }
  return { columns, open };
}

/**
 * The first encoding in which the text has columns, and the separator that gives most of them. Any even number of
 * bytes decodes as UTF-16, so that a text without columns does not show which it is.
 */
function sniffForm(path: string): CsvForm {
  let isText = false;
  for (const encoding of ENCODINGS) {
    let text: string;
    try {
      text = textBeginning(path, encoding, CHARACTERS_MAX);
    } catch (error) {
      if (!/: from this line on, not /.test((error as Error).message)) throw error;
      continue;
    }
    if (text.includes('\0')) continue;
    if (text.trim() === '')
      throw new ScenarioError(`${path}: expected a header and rows: there is no text in the file`);
    isText = true;
    const counts = SEPARATORS.map((separator) => ({ separator, width: widthBy(text, separator) }));
    const [best, second] = counts.sort((a, b) => b.width - a.width);
    if (best === undefined || best.width < 2) continue;
    if (second?.width === best.width)
      throw new ScenarioError(
        `${path}:1: expected one separator: ${JSON.stringify(best.separator)} and ${JSON.stringify(second.separator)} divide the rows alike; a mapping of your own can name it`,
      );
    return { separator: best.separator, encoding };
  }
  if (isText)
    throw new ScenarioError(
      `${path}:1: expected columns with one of ${SEPARATORS.map((one) => JSON.stringify(one)).join(' ')} between them`,
    );
  throw new ScenarioError(`${path}: expected text in one of ${ENCODINGS.join(', ')}`);
}

/** Columns of the header, where most rows have as many; 1 where they have not. */
function widthBy(text: string, separator: string): number {
  const { data } = Papa.parse<string[]>(text, {
    delimiter: separator,
    newline: '\n',
    preview: 200,
  });
  const widths = data.filter((row) => !isBlank(row)).map((row) => row.length);
  const [first = 1] = widths;
  return widths.filter((width) => width === first).length * 2 > widths.length ? first : 1;
}

/** What was found in all files of a source: a mapping's text, and what to say of it. */
export interface Sniffed {
  /** YAML; what is still to be chosen stands in it as a comment, and as a value that no mapping has. */
  readonly text: string;
  readonly open: readonly string[];
  readonly told: readonly string[];
}

/** @throws ScenarioError where a file is no table, or two of one kind look different */
export function sniff(paths: readonly string[]): Sniffed {
  const tables = paths.map(sniffTable);
  const document: Record<string, unknown> = {};
  const firstOf = new Map<string, string>();
  for (const { kind, mapping, path } of tables) {
    const earlier = firstOf.get(kind);
    if (earlier !== undefined && JSON.stringify(document[kind]) !== JSON.stringify(mapping))
      throw new ScenarioError(
        `${path}: it is not of the form of ${earlier}: expected ${kind} of one form; a mapping of your own can read both`,
      );
    firstOf.set(kind, path);
    document[kind] = mapping;
  }
  if (document.payments === undefined)
    throw new ScenarioError(`${paths.join(', ')}: expected a file with the columns of payments`);
  const open = [...new Set(tables.flatMap((one) => one.open.map((text) => `${one.kind}.${text}`)))];
  if (document.balances === undefined) {
    document.missingBalance = 'upperBound or zero';
    open.push('missingBalance: no file has balances: upperBound, zero, or an amount');
  }
  const told = [...new Set(tables.flatMap((one) => one.told.map((text) => `${one.kind}.${text}`)))];
  const ordered = ['payments', 'balances', 'missingBalance'].flatMap((key) =>
    document[key] === undefined ? [] : [[key, document[key]]],
  );
  const comments = open.map((text) => `# to choose: ${text}\n`).join('');
  return { text: `${comments}${stringify(Object.fromEntries(ordered))}`, open, told };
}
