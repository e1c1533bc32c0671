import { GROUP_ROWS, type ParquetTable } from './parquet-table.ts';
import type { ColumnType, TableForm } from './table-forms.ts';

/** Room for a group of rows, by the type of the column. */
const ROOM = {
  name: () => new Array<string>(GROUP_ROWS).fill(''),
  text: () => new Array<string>(GROUP_ROWS).fill(''),
  document: () => new Array<string>(GROUP_ROWS).fill(''),
  texts: () => new Array<readonly string[]>(GROUP_ROWS).fill([]),
  u8: () => new Int32Array(GROUP_ROWS),
  u32: () => new Uint32Array(GROUP_ROWS),
  u64: () => new BigInt64Array(GROUP_ROWS),
  i64: () => new BigInt64Array(GROUP_ROWS),
  wide: () => new Array<bigint>(GROUP_ROWS).fill(0n),
  time: () => new BigInt64Array(GROUP_ROWS),
  date: () => new Int32Array(GROUP_ROWS),
  double: () => new Float64Array(GROUP_ROWS),
} as const satisfies Readonly<Record<ColumnType, () => unknown>>;

type Columns<Form extends TableForm> = {
  readonly [Name in keyof Form]: ReturnType<(typeof ROOM)[Form[Name]]>;
};

/**
 * The rows of a table by column, written a group at a time: millions of rows as objects would take
 * seconds. Times are ms since 1970; nothing is as the store's text has it.
 */
export class ColumnGroup<Form extends TableForm> {
  readonly columns: Columns<Form>;
  readonly #table: ParquetTable;
  #rows = 0;

  constructor(table: ParquetTable, form: Form) {
    this.#table = table;
    const room = Object.entries(form).map(([name, type]) => [name, ROOM[type]()]);
    this.columns = Object.fromEntries(room) as Columns<Form>;
  }

  /** The place of the next row, at which every column is to be set. */
  next(): number {
    if (this.#rows === GROUP_ROWS) this.#write();
    return this.#rows++;
  }

  end(): void {
    if (this.#rows > 0) this.#write();
  }

  #write(): void {
    const rows = this.#rows;
    const filled = Object.entries(this.columns).map(([name, data]) => [name, data.slice(0, rows)]);
    this.#table.addGroup(rows, Object.fromEntries(filled));
    this.#rows = 0;
  }
}
