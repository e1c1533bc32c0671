import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { stringify } from 'csv-stringify';
import type { PaymentRow } from '../report/figures/payment-table.ts';
import { PAYMENT_COLUMNS, paymentCells } from '../report/figures/payments-csv.ts';
import type { Scenario } from '../scenario/scenario.ts';

/** Writes `payments.csv`: a header, then a row for each submitted payment (RFC 4180). */
export async function writePaymentsCsv(
  file: string,
  scenario: Scenario,
  rows: Iterable<PaymentRow>,
): Promise<void> {
  const minorUnits = new Map(scenario.currencies.map(({ code, minorUnits }) => [code, minorUnits]));
  const decimals = (currency: string) => minorUnits.get(currency) as number;
  function* cells() {
    for (const row of rows) yield paymentCells(row, decimals);
  }
  await pipeline(
    Readable.from(cells()),
    stringify({ header: true, columns: [...PAYMENT_COLUMNS] }),
    createWriteStream(file),
  );
}
