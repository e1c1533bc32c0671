/** The first rows of a source as a mapping understands them, for the user to look at. */
import { amountText } from '../protocol/names/minor-units.ts';
import { MINOR_UNITS } from '../scenario/currency-decimals.ts';
import { BadRows, RowFault } from './bad-rows.ts';
import { paymentReader } from './imported-payments.ts';
import type { Mapping } from './mapping.ts';
import { headerOf, lacking, SourceTable, type TableMapping } from './source-table.ts';
import { SourceBics } from './test-bics.ts';

const ROWS = 3;

export function sampleRows(files: readonly string[], mapping: Mapping): string[] {
  const payments = mapping.payments as TableMapping;
  return files.flatMap((path) => {
    const header = headerOf(path, payments);
    if (header === null || lacking(payments, header.names).length > 0) return [];
    const table = new SourceTable(path, header, payments);
    const bics = new SourceBics(mapping.bics, false);
    const read = paymentReader(table, {
      mapping,
      bics,
      decimalsOf: (code) => MINOR_UNITS.get(code),
    });
    const [debtor, creditor] = [table.textOf('debtor'), table.textOf('creditor')];
    const lines: string[] = [];
    for (const { fields, line } of table.read(new BadRows())) {
      if (lines.length === ROWS) break;
      try {
        const { row, amountMinor, settledMs } = read(fields);
        const amount = amountText(amountMinor, MINOR_UNITS.get(row.currency as string) as number);
        const settled = settledMs === null ? '' : `, settled ${new Date(settledMs).toISOString()}`;
        const priority = row.priority ? `, ${row.priority}` : '';
        lines.push(
          `${path}:${line}: ${row.date} ${row.time} ${mapping.payments.zone}: ${debtor(fields)} pays ${creditor(fields)} ${amount} ${row.currency}${priority}${settled}`,
        );
      } catch (error) {
        if (!(error instanceof RowFault)) throw error;
        lines.push(
          `${path}:${line}: column ${error.column}: a bad row, expected ${error.expected}`,
        );
      }
    }
    return lines;
  });
}
