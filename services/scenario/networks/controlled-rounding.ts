/**
 * A table rounded to whole numbers with exactly the sums asked of its rows and columns (controlled
 * rounding). Each cell is first the whole number below it. The largest remainders are then raised by 1, as far as
 * their row and column lack something. What still lacks is moved along chains of cells that go up and
 * down in turn: first each within 1 of the table's cell, which suffices where the table has the sums
 * asked; else any that is not 0 in the table.
 */
export interface WholeTable {
  /** Row by row. */
  readonly cells: Int32Array;
  /**
   * Where the sums cannot be had: rows that together ask for more than all columns in which they have
   * cells. Else null.
   */
  readonly excess: { readonly rows: readonly number[]; readonly columns: readonly number[] } | null;
}

/** A remainder that floating point makes of a whole number is none. */
const NEARLY = 1e-7;

/**
 * @param table row by row, each cell 0 or more; one of 0 stays 0
 * @param rowSums whole, with the same total as columnSums
 */
export function roundTable(
  table: Float64Array,
  rowSums: readonly number[],
  columnSums: readonly number[],
): WholeTable {
  const rounding = new Rounding(table, rowSums, columnSums);
  rounding.raiseLargest();
  while (rounding.augment(true)) {}
  while (rounding.augment(false)) {}
  return { cells: rounding.cells, excess: rounding.excess() };
}

class Rounding {
  readonly cells: Int32Array;
  readonly #table: Float64Array;
  readonly #columns: number;
  /** What rows and columns lack. */
  readonly #rowLack: number[];
  readonly #columnLack: number[];
  /** Of the last search: from which column a row was reached, and from which row a column; -1: not. */
  readonly #rowFrom: Int32Array;
  readonly #columnFrom: Int32Array;

  constructor(table: Float64Array, rowSums: readonly number[], columnSums: readonly number[]) {
    this.#table = table;
    this.#columns = columnSums.length;
    this.#rowLack = [...rowSums];
    this.#columnLack = [...columnSums];
    this.#rowFrom = new Int32Array(rowSums.length);
    this.#columnFrom = new Int32Array(columnSums.length);
    this.cells = new Int32Array(table.length);
    for (let cell = 0; cell < table.length; cell++) this.#raise(cell, this.#floor(cell));
  }

  #floor(cell: number): number {
    return Math.floor(this.#table[cell]! + NEARLY);
  }

  /** By so much, or by as much less as row and column lack. */
  #raise(cell: number, by: number): void {
    const [row, column] = [Math.floor(cell / this.#columns), cell % this.#columns];
    const most = Math.min(by, this.#rowLack[row]!, this.#columnLack[column]!);
    this.cells[cell]! += most;
    this.#rowLack[row]! -= most;
    this.#columnLack[column]! -= most;
  }

  raiseLargest(): void {
    const remainder = this.#table.map((value, cell) => value - this.#floor(cell));
    const cells = Uint32Array.from(remainder.keys()).filter((cell) => remainder[cell]! > NEARLY);
    cells.sort((a, b) => remainder[b]! - remainder[a]! || a - b);
    for (const cell of cells) this.#raise(cell, 1);
  }

  #mayRise(cell: number, within: boolean): boolean {
    if (!within) return this.#table[cell]! > 0;
    const floor = this.#floor(cell);
    return (
      this.cells[cell]! < floor ||
      (this.cells[cell] === floor && this.#table[cell]! - floor > NEARLY)
    );
  }

  #mayFall(cell: number, within: boolean): boolean {
    return this.cells[cell]! > (within ? this.#floor(cell) : 0);
  }

  /** Gives 1 to a row and a column that lack it, over a shortest chain; false where there is none. */
  augment(within: boolean): boolean {
    const columns = this.#columns;
    const [rowFrom, columnFrom] = [this.#rowFrom.fill(-1), this.#columnFrom.fill(-1)];
    const rows: number[] = [];
    for (const [row, lack] of this.#rowLack.entries())
      if (lack > 0) {
        rows.push(row);
        rowFrom[row] = columns;
      }
    for (const row of rows)
      for (let column = 0; column < columns; column++) {
        if (columnFrom[column] !== -1 || !this.#mayRise(row * columns + column, within)) continue;
        columnFrom[column] = row;
        if (this.#columnLack[column]! > 0) {
          this.#move(column);
          return true;
        }
        for (let other = 0; other < rowFrom.length; other++)
          if (rowFrom[other] === -1 && this.#mayFall(other * columns + column, within)) {
            rowFrom[other] = column;
            rows.push(other);
          }
      }
    return false;
  }

  #move(end: number): void {
    this.#columnLack[end]! -= 1;
    for (let column = end; ; ) {
      const row = this.#columnFrom[column]!;
      this.cells[row * this.#columns + column]! += 1;
      column = this.#rowFrom[row]!;
      if (column === this.#columns) {
        this.#rowLack[row]! -= 1;
        return;
      }
      this.cells[row * this.#columns + column]! -= 1;
    }
  }

  /** What the last search reached, where something lacks for good: a cut. */
  excess(): WholeTable['excess'] {
    if (this.#rowLack.every((lack) => lack === 0)) return null;
    const reached = (from: Int32Array) => [...from.keys()].filter((at) => from[at] !== -1);
    return { rows: reached(this.#rowFrom), columns: reached(this.#columnFrom) };
  }
}
