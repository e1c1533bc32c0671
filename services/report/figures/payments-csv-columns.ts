import { reasonOfMessage } from '../../protocol/messages/own-ids.ts';
import { isoTime } from '../../protocol/names/dates.ts';
import { amountText } from '../../protocol/names/minor-units.ts';
import type { PaymentRow } from './payment-table.ts';

/** Columns of `payments.csv`, in order; one row for each submitted payment, in the order of the log. */
export const PAYMENT_COLUMNS = [
  'pool',
  'position',
  'uetr',
  'status',
  'reason',
  'reasonText',
  'mechanism',
  'priority',
  'debtorAgent',
  'creditorAgent',
  'dealer',
  'currency',
  'amount',
  'creditedCurrency',
  'creditedAmount',
  'submittedAt',
  'queuedAt',
  'finalAt',
  'messageType',
  'pairedWith',
] as const;

/** What a payment came to, as ISO 20022 names it. */
export const STATUS_CODES = {
  queued: 'PDNG',
  accepted: 'ACSP',
  settled: 'ACSC',
  rejected: 'RJCT',
  cancelled: 'CANC',
};

/** A row's cells: statuses and reasons as ISO 20022 codes, amounts in major units, times in UTC. */
export function paymentCells(row: PaymentRow, decimals: (currency: string) => number): string[] {
  const reason = reasonOfMessage(row.reason, row.messageType);
  const instant = (ms: number | null) => (ms === null ? '' : isoTime(ms));
  const amount = (minor: bigint, currency: string) =>
    currency === '' ? '' : amountText(minor, decimals(currency));
  return [
    row.pool,
    String(row.position),
    row.uetr,
    STATUS_CODES[row.status],
    reason?.code ?? '',
    reason?.text ?? '',
    row.mechanism === 'none' ? '' : row.mechanism,
    row.priority,
    row.debtorAgent,
    row.creditorAgent,
    row.dealer,
    row.currency,
    amount(row.amountMinor, row.currency),
    row.currency2,
    amount(row.amount2Minor, row.currency2),
    instant(row.submittedAtMs),
    instant(row.queuedAtMs),
    instant(row.finalAtMs),
    row.messageType,
    row.pairPosition === null ? '' : String(row.pairPosition),
  ];
}
