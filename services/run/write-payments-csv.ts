import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { stringify } from 'csv-stringify/sync';
import type { PaymentRow } from '../report/figures/payment-table.ts';
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
  const decimals = (currency: string) => minorUnits.get(currency) as number;
  function* texts() {
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
  await pipeline(Readable.from(texts()), createWriteStream(file));
}

const isPlain = new RegExp(`^[^",\\r\\n]*(?:,[^",\\r\\n]*){${PAYMENT_COLUMNS.length - 1}}$`);

/** The library takes six times as long for a line; few have what needs quotes. */
function lineOf(cells: readonly string[]): string {
  const line = cells.join(',');
  return isPlain.test(line) ? `${line}\n` : stringify([cells]);
}
