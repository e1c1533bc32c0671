import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { stringify } from 'csv-stringify/sync';
import { REASONS } from '../core/settlement/reasons.ts';
import type { PaymentRow } from '../report/figures/payment-table.ts';
import { PAYMENT_COLUMNS, paymentCells } from '../report/figures/payments-csv-columns.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { writePaymentsCsv } from './write-payments-csv.ts';

const ROW: PaymentRow = {
  ...{ pool: 'main', position: 7, messageType: 'pacs.008.001.08', uetr: '', debtorAgent: 'A' },
  ...{ creditorAgent: 'B', dealer: '', currency: 'EUR', amountMinor: 1n, currency2: 'EUR' },
  ...{ amount2Minor: 100_000n, priority: 'normal', submittedAtMs: 0, status: 'rejected' },
  ...{ reason: 'none', mechanism: 'none', finalAtMs: 1, queuedAtMs: null, pairPosition: null },
};

test('what ended with another leg says so of a chain, and of a pair what is true of PvP and DvP', () => {
  const told = ['corridor.chain.1', 'corridor.pvp.1'].map((messageType) => {
    const cells = paymentCells({ ...ROW, messageType, reason: 'matchCancelled' }, () => 2);
    return cells[PAYMENT_COLUMNS.indexOf('reasonText')];
  });
  assert.deepEqual(told, [
    'Another leg of the chain was cancelled',
    'A leg that was to settle with it was cancelled',
  ]);
});

test('payments.csv is as the library writes it, whatever stands in its cells, beyond one chunk', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'corridor-payments-'));
  try {
    const odd = ['a,b', 'say "no"', 'two\nlines', 'two\rlines', ',', '"', ' ', '7'];
    const rows = Array.from({ length: 4_500 }, (_, position) => ({
      ...ROW,
      position,
      reason: REASONS[position % REASONS.length] ?? 'none',
      mechanism: odd[position % odd.length] as string,
    }));
    const file = join(folder, 'payments.csv');
    const scenario = { currencies: [{ code: 'EUR', minorUnits: 2 }] } as unknown as Scenario;
    await writePaymentsCsv(file, scenario, rows);
    const expected = stringify(
      rows.map((row) => paymentCells(row, () => 2)),
      { header: true, columns: [...PAYMENT_COLUMNS] },
    );
    assert.equal(readFileSync(file, 'utf8'), expected);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
