import { crc32 } from 'node:zlib';
import type { Block } from './event-rows.ts';
import { type BalanceRecord, type QueueRecord, TABLES, type Table } from './store-rows.ts';

/** Of all rows of a table: how many, and sums of CRC-32s, of whole rows and of each column. */
export interface TableSums {
  readonly columns: readonly string[];
  rows: number;
  whole: bigint;
  readonly byColumn: bigint[];
}

/** What holds of an account or a queue however often it was sampled, as text by column. */
export type Standing = Readonly<Record<string, string>>;

interface Level {
  last: Readonly<Record<string, string>>;
  extremes: Record<string, bigint>;
}

/** How each column of the samples is taken together; the last one's counts where none is named. */
export const SAMPLED = {
  balances: {
    last: ['balance_minor', 'credit_line_minor', 'injected_minor'],
    least: ['lowest_minor'],
    most: ['drawn_max_minor'],
  },
  queue_samples: {
    last: ['count', 'value_minor', 'oldest_submitted_at'],
    least: [],
    most: ['count_max', 'value_max_minor'],
  },
} as const;
export type Sampled = keyof typeof SAMPLED;

/**
 * The rows that a replay of the events folds, taken together so that a store's can be held against
 * them without sending either: every column of every row counts.
 */
export class RowSums {
  readonly #tables = new Map<Table, TableSums>();
  readonly #levels = {
    balances: new Map<string, Level>(),
    queue_samples: new Map<string, Level>(),
  };
  /** Few texts come again and again: bank, currency, status. */
  readonly #known = new Map<string, number>();

  take({ rows }: Pick<Block, 'rows'>): void {
    for (const table of TABLES) this.#takeTable(table, rows[table]);
    for (const row of rows.balances) this.#sample('balances', row);
    for (const row of rows.queue_samples) this.#sample('queue_samples', row);
  }

  /** Null: the replay has no row for it. */
  of(table: Table): TableSums | null {
    return this.#tables.get(table) ?? null;
  }

  /** By `participant/currency`; all are of rows up to the last full minute. */
  standings(table: Sampled): ReadonlyMap<string, Standing> {
    return new Map(
      [...this.#levels[table]].map(([account, { last, extremes }]) => [
        account,
        {
          ...last,
          ...Object.fromEntries(Object.entries(extremes).map(([name, n]) => [name, `${n}`])),
        },
      ]),
    );
  }

  #takeTable(table: Table, rows: readonly object[]): void {
    const [first] = rows;
    if (!first) return;
    let sums = this.#tables.get(table);
    if (!sums) {
      const columns = Object.keys(first).filter((name) => name !== 'run' && name !== 'pool');
      sums = { columns, rows: 0, whole: 0n, byColumn: columns.map(() => 0n) };
      this.#tables.set(table, sums);
    }
    const { columns } = sums;
    // Numbers hold a block's sums exactly: 2^15 rows of 2^32.
    const own = columns.map(() => 0);
    let whole = 0;
    for (const row of rows as readonly Record<string, unknown>[]) {
      const texts = columns.map((name) => String(row[name]));
      for (let at = 0; at < texts.length; at++)
        (own[at] as number) += this.#crc(texts[at] as string);
      whole += crc32(texts.join('|'));
    }
    sums.rows += rows.length;
    sums.whole += BigInt(whole);
    for (let at = 0; at < own.length; at++)
      sums.byColumn[at] = (sums.byColumn[at] as bigint) + BigInt(own[at] as number);
  }

  #crc(text: string): number {
    if (text.length > 11) return crc32(text);
    let known = this.#known.get(text);
    if (known === undefined) {
      known = crc32(text);
      if (this.#known.size < 100_000) this.#known.set(text, known);
    }
    return known;
  }

  #sample(table: Sampled, row: BalanceRecord | QueueRecord): void {
    const { last, least, most } = SAMPLED[table];
    const of = row as unknown as Readonly<Record<string, string>>;
    const account = `${row.participant}/${row.currency}`;
    const before = this.#levels[table].get(account);
    const extremes: Record<string, bigint> = before?.extremes ?? {};
    for (const name of least) {
      const value = BigInt(of[name] as string);
      if (extremes[name] === undefined || value < extremes[name]) extremes[name] = value;
    }
    for (const name of most) {
      const value = BigInt(of[name] as string);
      if (extremes[name] === undefined || value > extremes[name]) extremes[name] = value;
    }
    const now = Object.fromEntries(last.map((name) => [name, String(of[name])]));
    this.#levels[table].set(account, { last: now, extremes });
  }
}
