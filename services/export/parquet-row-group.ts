import {
  DocumentColumn,
  type EncodedColumn,
  IntegerColumn,
  LongColumn,
  NameColumn,
  TextColumn,
  WideColumn,
} from './parquet-encodings.ts';
import { GROUP_DOCUMENTS, GROUP_ROWS } from './parquet-row-group-size.ts';
import type { ParquetTable } from './parquet-table.ts';
import type { ColumnType, TableForm } from './table-column-types.ts';

/** By the type of the column. */
const COLUMN = {
  name: () => new NameColumn(),
  text: () => new TextColumn(),
  document: () => new DocumentColumn(),
  u8: () => new IntegerColumn(),
  u32: () => new IntegerColumn(),
  u64: () => new LongColumn(),
  i64: () => new LongColumn(),
  wide: () => new WideColumn(),
  time: () => new LongColumn(),
} as const satisfies Partial<Record<ColumnType, () => { encode(rows: number): EncodedColumn }>>;

type GroupForm = Readonly<Record<string, keyof typeof COLUMN>> & TableForm;

type Columns<Form extends GroupForm> = {
  readonly [Name in keyof Form]: ReturnType<(typeof COLUMN)[Form[Name]]>;
};

/**
 * The rows of a table by column, written a group at a time: millions of rows as objects would take
 * seconds. Times are ms since 1970; nothing is as the store's text has it.
 */
export class ColumnGroup<Form extends GroupForm> {
  readonly columns: Columns<Form>;
  readonly #table: ParquetTable;
  readonly #documents: readonly DocumentColumn[];
  #rows = 0;

  constructor(table: ParquetTable, form: Form) {
    this.#table = table;
    const columns = Object.entries(form).map(([name, type]) => [name, COLUMN[type]()]);
    this.columns = Object.fromEntries(columns) as Columns<Form>;
    this.#documents = Object.values(this.columns).filter((one) => one instanceof DocumentColumn);
  }

  /** The place of the next row, at which every column is to be set. */
  next(): number {
    if (this.#rows === GROUP_ROWS || this.#hasLongDocuments()) this.#write();
    return this.#rows++;
  }

  /** The places of the next rows, of as many of those that are wanted as follow one another. */
  nextRows(wanted: number): { readonly first: number; readonly rows: number } {
    const first = this.next();
    const rows = Math.min(wanted, GROUP_ROWS - first);
    this.#rows = first + rows;
    return { first, rows };
  }

  #hasLongDocuments(): boolean {
    for (const column of this.#documents) if (column.length > GROUP_DOCUMENTS) return true;
    return false;
  }

  end(): void {
    if (this.#rows > 0) this.#write();
  }

  #write(): void {
    const columns: { encode(rows: number): EncodedColumn }[] = Object.values(this.columns);
    this.#table.addGroup(
      this.#rows,
      columns.map((column) => column.encode(this.#rows)),
    );
    this.#rows = 0;
  }
}
