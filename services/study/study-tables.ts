/**
 * The tables of a finished study: cells, and in each by bank and by corridor. Columns are the varied
 * paths and then every figure that some cell has; rows are in the order of the cells, whatever the order in
 * which they ran.
 */
import { closeSync, openSync, renameSync, writeSync } from 'node:fs';
import { stringify } from 'csv-stringify/sync';
import { fileWriter, parquetWriteRows } from 'hyparquet-writer';
import { type Figures, isTally, type Kind, kindOf } from './cell-figures.ts';
import { cellAt, type Dimension, optionsOf, repeatLabel, repeatNames } from './grid.ts';
import { CELL_COLUMN, NAMES_OF_ROWS } from './study-columns.ts';
import { isStress, type Study } from './study-file.ts';
import type { CellResult, StudyResults } from './study-folder.ts';

/** Rows of one cell in one table. */
type RowsOf = (result: CellResult) => readonly Figures[];

interface TableForm {
  readonly name: string;
  readonly rowsOf: RowsOf;
  /** Columns of text that name a row inside its cell. */
  readonly names: readonly string[];
}

const figuresOf: RowsOf = (result) => [
  result.error === null ? { error: null, ...result.figures } : { error: result.error },
];
const banksOf: RowsOf = (result) => (result.error === null ? result.banks : []);

const FORMS: readonly TableForm[] = [
  { name: 'cells', rowsOf: figuresOf, names: NAMES_OF_ROWS.cells },
  { name: 'banks', rowsOf: banksOf, names: NAMES_OF_ROWS.banks },
  {
    name: 'corridors',
    rowsOf: (result) => (result.error === null ? result.corridors : []),
    names: NAMES_OF_ROWS.corridors,
  },
];

/** Of a stress test: its failures, and in each the accounts of the others. */
const STRESS_FORMS: readonly TableForm[] = [
  { name: 'stress', rowsOf: figuresOf, names: ['error'] },
  { name: 'losses', rowsOf: banksOf, names: ['participant', 'currency', 'worstAt'] },
];

interface TableColumn {
  readonly name: string;
  readonly kind: Kind;
}

type Value = Figures[string];

/** Writes each table as CSV (RFC 4180) and as Parquet. @param file gives the path of a name */
export function writeTables(
  study: Study,
  results: StudyResults,
  file: (name: string) => string,
): void {
  for (const form of isStress(study) ? STRESS_FORMS : FORMS) {
    const columns = columnsOf(study, results, form);
    writeCsv(file(`${form.name}.csv`), columns, rows(study, results, form, columns));
    writeParquet(file(`${form.name}.parquet`), columns, rows(study, results, form, columns));
  }
}

/** Each figure that the tables have, by cell, with what names its row; an empty one is none. */
export function* tableFigures(study: Study, results: StudyResults) {
  for (const form of isStress(study) ? STRESS_FORMS : FORMS) {
    const columns = columnsOf(study, results, form);
    const first = study.dimensions.length + 2;
    for (const values of rows(study, results, form, columns)) {
      const named = columns.map(({ name }, at) => [name, values[at]] as const).slice(first);
      const names = Object.fromEntries(named.filter(([name]) => NAMING.has(name))) as Figures;
      for (const [figure, value] of named)
        if (!NAMING.has(figure) && value !== null && value !== undefined)
          yield { table: form.name, cell: values[0] as number, names, figure, value };
    }
  }
}

/** Columns that name what a row of a table is about; they are no figures. */
export const NAME_COLUMNS = ['kind', 'participant', 'currency', 'currency2'] as const;
const NAMING: ReadonlySet<string> = new Set(['error', ...NAME_COLUMNS]);

function columnsOf(study: Study, results: StudyResults, form: TableForm): TableColumn[] {
  const kinds = new Map(form.names.map((name) => [name, 'text' as Kind]));
  for (const result of results.results())
    for (const row of form.rowsOf(result))
      for (const [name, value] of Object.entries(row)) {
        const kind = kinds.get(name) ?? kindOf(name);
        // A sum that 64 bits do not hold is text in every row.
        kinds.set(name, kind === 'money' && !isInt64(value) ? 'text' : kind);
      }
  return [
    { name: CELL_COLUMN, kind: 'count' },
    ...study.dimensions.map((dimension) => ({ name: dimension.name, kind: variedKind(dimension) })),
    { name: repeatNames(study).column, kind: study.days === undefined ? 'count' : 'text' },
    ...[...kinds].map(([name, kind]) => ({ name, kind })),
  ];
}

/** Numbers, as ratios are, only where every option is one that reads the same as a number: 01 is a name, and "1" is text. */
const variedKind = ({ name, options }: Dimension): Kind =>
  options.every(
    ({ label, set }) =>
      Number.isFinite(Number(label)) &&
      String(Number(label)) === label &&
      !set.includes(`${name}=${JSON.stringify(label)}`),
  )
    ? 'ratio'
    : 'text';

const isInt64 = (value: Value) =>
  value === null || BigInt.asIntN(64, BigInt(value)) === BigInt(value);

function* rows(
  study: Study,
  results: StudyResults,
  { rowsOf }: TableForm,
  columns: readonly TableColumn[],
): Generator<Value[], void> {
  const own = columns.slice(study.dimensions.length + 2);
  for (const result of results.results()) {
    const cell = cellAt(study, result.cell);
    const labels = optionsOf(study, cell.picks).map(({ label }) => label);
    const before = [cell.number, ...labels, repeatLabel(cell)];
    // What no run of a cell counted is 0 there; of a cell without a run nothing is known.
    const absent = (column: string) =>
      rowsOf === figuresOf && result.error === null && isTally(column) ? 0 : null;
    for (const row of rowsOf(result))
      yield [...before, ...own.map((column) => row[column.name] ?? absent(column.name))];
  }
}

const BATCH_ROWS = 1000;

function writeCsv(file: string, columns: readonly TableColumn[], all: Iterable<Value[]>): void {
  const partial = `${file}.partial`;
  const descriptor = openSync(partial, 'w');
  try {
    let batch: Value[][] = [columns.map(({ name }) => name)];
    const write = () => {
      writeSync(descriptor, stringify(batch, { cast: { boolean: String } }));
      batch = [];
    };
    for (const row of all) if (batch.push(row) >= BATCH_ROWS) write();
    if (batch.length > 0) write();
  } finally {
    closeSync(descriptor);
  }
  renameSync(partial, file);
}

/** How a kind stands in Parquet. */
const PARQUET = {
  text: { type: 'STRING', as: String },
  flag: { type: 'BOOLEAN', as: Boolean },
  ratio: { type: 'DOUBLE', as: Number },
  count: { type: 'INT64', as: (value: Value) => BigInt(value as number) },
  money: { type: 'INT64', as: (value: Value) => BigInt(value as string) },
} as const;

/** Rows that are in memory at once. */
const GROUP_ROWS = 10_000;

function writeParquet(file: string, columns: readonly TableColumn[], all: Iterable<Value[]>): void {
  function* records() {
    for (const row of all)
      yield Object.fromEntries(
        columns.map(({ name, kind }, at) => {
          const value = row[at] as Value;
          return [name, value === null ? null : PARQUET[kind].as(value)];
        }),
      );
  }
  const partial = `${file}.partial`;
  // Rows at hand into a file: all is written when it returns.
  void parquetWriteRows({
    writer: fileWriter(partial),
    rows: records(),
    columns: columns.map(({ name, kind }) => ({ name, type: PARQUET[kind].type, nullable: true })),
    rowGroupSize: GROUP_ROWS,
  });
  renameSync(partial, file);
}
