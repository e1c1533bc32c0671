import { parse } from 'csv-parse/sync';
import type { Currencies } from '../protocol/messages/instruction.ts';
import { PRIORITIES, type Priority } from '../protocol/messages/priorities.ts';
import { type Bic, isBic, isUetr, type Uetr } from '../protocol/names/bic-and-uetr.ts';
import { AMOUNT_PATTERN, minorUnits } from '../protocol/names/minor-units.ts';

/**
 * What a sample bank is told to pay: CSV with the columns uetr, creditorAgent, currency, amount and,
 * if wanted, priority. The UETR is the file's, so that the file may be sent again after a crash: what
 * was settled is not settled a second time.
 */
export interface Order {
  readonly uetr: Uetr;
  readonly creditorAgent: Bic;
  readonly currency: string;
  readonly amountMinor: bigint;
  readonly priority: Priority;
}

export class OrderFault extends Error {
  override readonly name = 'OrderFault';
}

const AMOUNT = new RegExp(AMOUNT_PATTERN);
const isPriority = (text: string): text is Priority =>
  (PRIORITIES as readonly string[]).includes(text);

/** Throws an OrderFault that names the line, the column, the value and what was expected. */
export function readOrders(text: string, currencies: Currencies): Order[] {
  let rows: Record<string, string>[];
  try {
    rows = parse(text, { columns: true, trim: true, skip_empty_lines: true });
  } catch (error) {
    throw new OrderFault((error as Error).message);
  }
  return rows.map((row, index) => readOrder(row, index + 2, currencies));
}

function readOrder(row: Record<string, string>, line: number, currencies: Currencies): Order {
  const fault = (column: string, expected: string) =>
    new OrderFault(
      `line ${line}, ${column} ${JSON.stringify(row[column] ?? '')}: expected ${expected}`,
    );
  const { uetr = '', creditorAgent = '', currency = '', amount = '' } = row;
  const priority = row.priority || 'normal';
  if (!isUetr(uetr)) throw fault('uetr', 'a UUID of version 4 in lower case');
  if (!isBic(creditorAgent)) throw fault('creditorAgent', 'a BIC of 8 or 11 characters');
  const minor = currencies.get(currency)?.minorUnits;
  if (minor === undefined) throw fault('currency', `one of ${[...currencies.keys()].join(', ')}`);
  const amountMinor = AMOUNT.test(amount) ? minorUnits(amount, minor) : 'decimalsExcess';
  if (typeof amountMinor === 'string' || amountMinor === 0n)
    throw fault('amount', `an amount above zero with at most ${minor} decimals`);
  if (!isPriority(priority)) throw fault('priority', PRIORITIES.join(', '));
  return { uetr, creditorAgent, currency, amountMinor, priority };
}
