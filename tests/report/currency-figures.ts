import type { AccountDay } from '../../services/analysis/account-days.ts';
import {
  type AccountsAndQueues,
  type CurrencyIndicators,
  PaymentsOfCurrency,
} from '../../services/report/figures/currency-indicators.ts';
import { inFlowOrder } from '../../services/report/figures/liquidity-bounds.ts';
import type { PaymentRow } from '../../services/report/figures/payment-table.ts';
import type { ScenarioCurrency } from '../../services/scenario/scenario.ts';
import { tableOf } from '../support/payment-row.ts';

interface CurrencyAsked extends Partial<Pick<ScenarioCurrency, 'hours' | 'guidelines'>> {
  readonly code: string;
  readonly businessDates?: readonly string[];
  readonly days?: readonly AccountDay[];
}

/** Of accounts and queues in which nothing was. */
export const EMPTY_BOOKS: AccountsAndQueues = {
  days: () => [],
  available: () => new Map(),
  shortfalls: () => [],
  queuePeak: () => ({ payments: 0, valueMinor: 0n }),
  gridlocks: [],
  deadlocks: [],
  gridlocksLeft: [],
};

/** Indicators of a currency, of rows alone: without hours no date. */
export function currencyFigures(
  rows: readonly PaymentRow[],
  { code, hours = [], guidelines = [], businessDates = [], days = [] }: CurrencyAsked,
): CurrencyIndicators {
  const table = tableOf(rows, [code]);
  const currency = { code, pool: 0, hours, guidelines } as unknown as ScenarioCurrency;
  const payments = new PaymentsOfCurrency(table, currency, businessDates);
  payments.takeAll(inFlowOrder(table));
  return payments.figures()({ ...EMPTY_BOOKS, days: () => days });
}
