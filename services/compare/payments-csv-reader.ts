import { createReadStream } from 'node:fs';
import { CsvError, parse } from 'csv-parse/sync';
import { damagedFile } from '../replay/recorded-inputs.ts';
import { PAYMENT_COLUMNS, STATUS_CODES } from '../report/figures/payments-csv-columns.ts';

type Status = keyof typeof STATUS_CODES;

/** A row of payments.csv. */
export interface CsvPayment {
  readonly uetr: string;
  readonly status: Status;
  /** ISO 20022; empty: none. */
  readonly reason: string;
  readonly mechanism: string;
  readonly debtorAgent: string;
  readonly creditorAgent: string;
  readonly currency: string;
  readonly amountMinor: bigint;
  readonly submittedAtMs: number;
  readonly finalAtMs: number | null;
  /** False: of a matched pair the leg that came second. */
  readonly isCounted: boolean;
}

/** Where each stands, and how many there are. */
type Columns = Readonly<Record<(typeof PAYMENT_COLUMNS)[number] | 'count', number>>;

/** Bytes of a file that are read at once. */
const PIECE = 1 << 20;

/**
 * The rows of a run's payments.csv, one after another: a file may be larger than memory.
 * @throws BadInput naming the file, the line and what was expected
 */
export async function* paymentsIn(file: string): AsyncGenerator<CsvPayment, void> {
  let columns: Columns | null = null;
  let line = 0;
  for await (const rows of linesIn(file))
    for (const row of rows) {
      line += 1;
      if (row === '') continue;
      const cells = cellsOf(file, line, row);
      if (columns === null) {
        columns = columnsOf(file, cells);
        continue;
      }
      if (cells.length !== columns.count)
        throw damagedFile(
          file,
          `line ${line} has ${cells.length} cells, expected ${columns.count}`,
        );
      yield payment(file, line, cells, columns);
    }
  if (columns === null) throw damagedFile(file, 'it is empty');
}

/** Lines, as many at once as a piece of the file has: nothing that a run writes holds a line end. */
async function* linesIn(file: string): AsyncGenerator<readonly string[], void> {
  let rest = '';
  let isFirst = true;
  for await (const piece of createReadStream(file, { encoding: 'utf8', highWaterMark: PIECE })) {
    const text = isFirst ? (piece as string).replace(/^\uFEFF/, '') : (piece as string);
    isFirst = false;
    const lines = (rest + text).replaceAll('\r', '').split('\n');
    rest = lines.pop() as string;
    yield lines;
  }
  if (rest !== '') yield [rest];
}

/** Cells that commas alone divide take a fifth of the library's time. */
function cellsOf(file: string, line: number, row: string): string[] {
  if (!row.includes('"')) return row.split(',');
  try {
    return (parse(row) as string[][])[0] as string[];
  } catch (error) {
    throw error instanceof CsvError ? damagedFile(file, `line ${line}: ${error.message}`) : error;
  }
}

function columnsOf(file: string, header: readonly string[]): Columns {
  const lacking = PAYMENT_COLUMNS.find((name) => !header.includes(name));
  if (lacking !== undefined) throw damagedFile(file, `its first line has no column ${lacking}`);
  const places = PAYMENT_COLUMNS.map((name) => [name, header.indexOf(name)] as const);
  return Object.fromEntries([...places, ['count', header.length]]) as unknown as Columns;
}

const STATUS_OF = new Map<string, Status>(
  Object.entries(STATUS_CODES).map(([status, code]) => [code, status as Status]),
);

function payment(
  file: string,
  line: number,
  cells: readonly string[],
  columns: Columns,
): CsvPayment {
  const cell = (name: (typeof PAYMENT_COLUMNS)[number]) => cells[columns[name]] as string;
  const wrong = (name: (typeof PAYMENT_COLUMNS)[number], expected: string) =>
    damagedFile(file, `line ${line}, ${name} ${JSON.stringify(cell(name))}: expected ${expected}`);
  const instant = (name: 'submittedAt' | 'finalAt') => {
    const ms = Date.parse(cell(name));
    if (Number.isNaN(ms)) throw wrong(name, 'an ISO time');
    return ms;
  };
  const status = STATUS_OF.get(cell('status'));
  if (status === undefined)
    throw wrong('status', `one of ${Object.values(STATUS_CODES).join(', ')}`);
  // Written with all decimals of its currency, so that it is read without knowing them.
  const amount = cell('amount');
  if (!/^([0-9]+(\.[0-9]+)?)?$/.test(amount)) throw wrong('amount', 'an amount');
  const pair = cell('pairedWith');
  return {
    uetr: cell('uetr'),
    status,
    reason: cell('reason'),
    mechanism: cell('mechanism'),
    debtorAgent: cell('debtorAgent'),
    creditorAgent: cell('creditorAgent'),
    currency: cell('currency'),
    amountMinor: BigInt(amount.replace('.', '')),
    submittedAtMs: instant('submittedAt'),
    finalAtMs: cell('finalAt') === '' ? null : instant('finalAt'),
    isCounted: pair === '' || Number(cell('position')) < Number(pair),
  };
}
