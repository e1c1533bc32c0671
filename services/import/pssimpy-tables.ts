/**
 * The tables of PSSimPy 0.1.5 (MIT) and the arguments of its simulators, from CSV files, each recognised
 * by its header, and from a JSON file of arguments by name, in which tables may stand too: as a dictionary
 * of columns, as its constructors take them, or as a list of rows.
 */

import { type CsvRow, csvRows } from '../scenario/csv-table.ts';
import { didYouMean } from '../scenario/did-you-mean.ts';
import { formatValue, ScenarioError } from '../scenario/scenario-error.ts';
import { type CheckedDocument, checkYaml, compileSchema } from '../scenario/yaml-against-schema.ts';
import {
  PSSIMPY_TABLES,
  type PssimpyArguments,
  PssimpySchema,
  type TableName,
} from './pssimpy-schema.ts';

/** A table of text cells. */
export interface RivalTable {
  /** For messages: its file. */
  readonly file: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** Throws a ScenarioError that names file, line or path, value and expectation. */
  readonly fail: (row: number, column: string, expected: string) => never;
}

export interface PssimpySource {
  readonly banks: RivalTable;
  readonly accounts: RivalTable;
  readonly transactions: RivalTable;
  /** Of the transactions: `input`, or one of the two logs that PSSimPy writes. */
  readonly kind: TransactionKind;
  readonly args: PssimpyArguments;
  /** For messages: where the arguments stand; null: nowhere, and all are PSSimPy's defaults. */
  readonly argsFile: string | null;
}

export type TransactionKind = 'input' | 'arrivals' | 'processed';

/** Columns by which a header is recognised, the first that fits. `settlement_time`: of processed_transactions. */
const HEADERS: readonly (readonly [TableName, TransactionKind, readonly string[]])[] = [
  ['transactions', 'input', ['sender_account', 'recipient_account', 'amount']],
  ['transactions', 'processed', ['from_account', 'to_account', 'amount', 'settlement_time']],
  ['transactions', 'arrivals', ['from_account', 'to_account', 'amount', 'priority']],
  ['accounts', 'input', ['id', 'owner']],
  ['banks', 'input', ['name']],
];
const EXPECTED_HEADERS =
  'the columns of banks (name), of accounts (id, owner, balance), of transactions (sender_account, recipient_account, amount, time), or of a log of PSSimPy’s transactions (from_account, to_account, amount)';

const validate = compileSchema<PssimpyArguments>(PssimpySchema);

/**
 * @param files the paths as given, with their texts
 * @throws ScenarioError
 */
export function readPssimpy(files: readonly { file: string; text: string }[]): PssimpySource {
  const found = new Map<TableName, { table: RivalTable; kind: TransactionKind }>();
  let args: PssimpyArguments = {};
  let argsFile: string | null = null;
  const take = (name: TableName, kind: TransactionKind, table: RivalTable) => {
    const earlier = found.get(name);
    if (earlier !== undefined)
      throw new ScenarioError(
        `${table.file}: ${name}: expected one table of them, ${earlier.table.file} has them too`,
      );
    found.set(name, { table, kind });
  };
  for (const { file, text } of files) {
    if (!/\.json$/i.test(file)) {
      const table = csvTable(file, text);
      const known = HEADERS.find(([, , needed]) =>
        needed.every((one) => table.columns.includes(one)),
      );
      if (known === undefined)
        throw new ScenarioError(
          `${file}:1: columns ${table.columns.map(formatValue).join(', ')}: expected ${EXPECTED_HEADERS}`,
        );
      take(known[0], known[1], table);
      continue;
    }
    if (argsFile !== null)
      throw new ScenarioError(`${file}: expected one file of arguments, ${argsFile} is another`);
    argsFile = file;
    const { document, fail, checkExact } = checkYaml(file, text, validate, (parsed) => ({
      document: parsed,
      applied: [],
    }));
    args = document;
    for (const name of PSSIMPY_TABLES) {
      const given = document[name];
      if (given !== undefined)
        take(name, 'input', jsonTable(file, name, given, { fail, checkExact }));
    }
  }
  const need = (name: TableName): RivalTable =>
    found.get(name)?.table ??
    missing(name, args, argsFile ?? files.map(({ file }) => file).join(', '));
  return {
    ...{ banks: need('banks'), accounts: need('accounts'), transactions: need('transactions') },
    kind: found.get('transactions')!.kind,
    ...{ args, argsFile },
  };
}

function missing(name: TableName, args: PssimpyArguments, files: string): never {
  if (name === 'transactions' && args.txn_arrival_prob !== undefined)
    throw new ScenarioError(
      `${files}: txn_arrival_prob: ${args.txn_arrival_prob}: expected transactions: PSSimPy draws them without a seed, and no other program can repeat that; give the log NAME-transactions_arrival.csv that it wrote`,
    );
  const needed = HEADERS.find(([table]) => table === name)?.[2] ?? [];
  throw new ScenarioError(
    `${files}: ${name}: missing: expected a CSV with the columns ${needed.join(', ')}, or ${name} in a JSON file of arguments`,
  );
}

function csvTable(file: string, text: string): RivalTable {
  const [names = ''] = text.split('\n', 1);
  const other = names.includes(',') ? null : /[;\t|]/.exec(names);
  if (other !== null)
    throw new ScenarioError(
      `${file}:1: separator ${formatValue(other[0])}: expected commas, as PSSimPy has them`,
    );
  const [header, ...rows] = plainRows(text) ?? csvRows<string[]>(file, text, {});
  const columns = header?.record ?? [];
  const twice = columns.find((name, index) => columns.indexOf(name) !== index);
  if (twice !== undefined)
    throw new ScenarioError(`${file}:1: column ${formatValue(twice)}: expected it once`);
  return {
    file,
    columns,
    rows: rows.map(({ record }) => record),
    fail(row, column, expected) {
      const { record, line } = rows[row]!;
      const value = formatValue(record[columns.indexOf(column)] || undefined);
      throw new ScenarioError(`${file}:${line}: column ${column}: ${value}: expected ${expected}`);
    },
  };
}

/** Fields that commas alone divide take a fifth of the library's time; null: there is more in the text. */
function plainRows(text: string): CsvRow<readonly string[]>[] | null {
  if (/["\r\t ]/.test(text)) return null;
  const rows: CsvRow<readonly string[]>[] = [];
  let line = 0;
  for (const row of text.replace(/^\uFEFF/, '').split('\n')) {
    line += 1;
    if (row === '') continue;
    const record = row.split(',');
    if (rows.length > 0 && record.length !== rows[0]!.record.length) return null;
    rows.push({ record, line });
  }
  return rows;
}

type GivenTable = NonNullable<PssimpyArguments[TableName]>;
type Cell = string | number | boolean | null;

const EXACT = 'a number of at most 15 digits, or a text in quotes: a double does not hold it';

function jsonTable(
  file: string,
  name: TableName,
  given: GivenTable,
  { fail, checkExact }: Pick<CheckedDocument<unknown>, 'fail' | 'checkExact'>,
): RivalTable {
  const text = (cell: Cell | undefined, ...path: readonly (string | number)[]) => {
    if (typeof cell === 'number') checkExact([name, ...path], EXACT, cell);
    return cell === undefined || cell === null ? '' : String(cell);
  };
  if (Array.isArray(given)) {
    const columns = [...new Set(given.flatMap((row) => Object.keys(row)))];
    return {
      ...{ file, columns },
      rows: given.map((row, at) => columns.map((column) => text(row[column], at, column))),
      fail: (row, column, expected) => fail([name, row, column], expected, given[row]?.[column]),
    };
  }
  const columns = Object.keys(given);
  const count = given[columns[0] ?? '']?.length ?? 0;
  for (const column of columns)
    if (given[column]!.length !== count)
      fail(
        [name, column],
        `${count} values, as ${columns[0]} has, found ${given[column]!.length}`,
        given[column],
      );
  return {
    ...{ file, columns },
    rows: Array.from({ length: count }, (_, row) =>
      columns.map((column) => text(given[column]![row], column, row)),
    ),
    fail: (row, column, expected) => fail([name, column, row], expected, given[column]?.[row]),
  };
}

/** A column's place; fails where it is needed and not there. */
export function columnOf(table: RivalTable, name: string, isNeeded: boolean): number {
  const at = table.columns.indexOf(name);
  if (at < 0 && isNeeded) {
    const stray = didYouMean(name, table.columns);
    throw new ScenarioError(
      `${table.file}: column ${name}: missing: expected in the table (${table.columns.join(', ')})${stray}`,
    );
  }
  return at;
}
