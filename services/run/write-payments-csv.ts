import { closeSync, createWriteStream, openSync, readSync } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { stringify } from 'csv-stringify/sync';
import type { PaymentRow, PaymentTable } from '../report/figures/payment-table.ts';
import { PAYMENT_COLUMNS, paymentCells } from '../report/figures/payments-csv-columns.ts';
import type { Scenario } from '../scenario/scenario.ts';

/** Rows whose text goes to the file at once. */
const CHUNK_ROWS = 2_000;

/** Writes `payments.csv`: a header, then a row for each submitted payment (RFC 4180). */
export async function writePaymentsCsv(
  file: string,
  scenario: Scenario,
  rows: Iterable<PaymentRow>,
): Promise<void> {
  const minorUnits = new Map(scenario.currencies.map(({ code, minorUnits }) => [code, minorUnits]));
  const texts = textsOf((currency) => minorUnits.get(currency) as number, rows);
  await pipeline(Readable.from(texts), createWriteStream(file));
}

/**
 * The first line of a `payments.csv` that these payments do not give.
 * @param pools in the order of the run
 * @returns null: they give all of it
 */
export function foreignPaymentsLine(file: string, pools: readonly PaymentTable[]): number | null {
  const minorUnits = new Map(
    pools.flatMap(({ directory }) =>
      directory.currencies.map(({ currency, minorUnits }) => [currency, minorUnits] as const),
    ),
  );
  const rows = function* () {
    for (const table of pools) yield* table.rows();
  };
  const opened = openSync(file, 'r');
  try {
    let line = 1;
    const linesIn = (text: Buffer) => text.reduce((sum, byte) => sum + (byte === 0x0a ? 1 : 0), 0);
    for (const text of textsOf((currency) => minorUnits.get(currency) as number, rows())) {
      const expected = Buffer.from(text);
      const found = Buffer.alloc(expected.length);
      readSync(opened, found);
      const at = expected.equals(found) ? -1 : expected.findIndex((byte, at) => byte !== found[at]);
      line += linesIn(at < 0 ? expected : expected.subarray(0, at));
      if (at >= 0) return line;
    }
    return readSync(opened, Buffer.alloc(1)) === 0 ? null : line;
  } finally {
    closeSync(opened);
  }
}

function* textsOf(
  decimals: (currency: string) => number,
  rows: Iterable<PaymentRow>,
): Generator<string, void> {
  let text = lineOf(PAYMENT_COLUMNS);
  let held = 0;
  for (const row of rows) {
    text += lineOf(paymentCells(row, decimals));
    held += 1;
    if (held < CHUNK_ROWS) continue;
    yield text;
    text = '';
    held = 0;
  }
  yield text;
}

const isPlain = new RegExp(`^[^",\\r\\n]*(?:,[^",\\r\\n]*){${PAYMENT_COLUMNS.length - 1}}$`);

/** The library takes six times as long for a line; few have what needs quotes. */
function lineOf(cells: readonly string[]): string {
  const line = cells.join(',');
  return isPlain.test(line) ? `${line}\n` : stringify([cells]);
}
