import { MECHANISMS, type Mechanism, NO_CURRENCY } from '../../services/core/settlement/events.ts';
import { reasonNumber } from '../../services/core/settlement/reasons.ts';
import { NONE32 } from '../../services/core/settlement/records.ts';
import { MESSAGE_TYPES } from '../../services/protocol/messages/message-types.ts';
import { PRIORITIES } from '../../services/protocol/messages/priorities.ts';
import { uetrBytes } from '../../services/protocol/names/bic-and-uetr.ts';
import {
  type PaymentRow,
  PaymentTable,
  STATUS,
} from '../../services/report/figures/payment-table.ts';

/** A payment of EUR 1.00 from A to B that settled at once, but for what a test changes. */
export const row = (change: Partial<PaymentRow>): PaymentRow => ({
  pool: 'main',
  position: 0,
  messageType: 'pacs.008.001.08',
  uetr: '',
  debtorAgent: 'A',
  creditorAgent: 'B',
  dealer: '',
  currency: 'EUR',
  amountMinor: 100n,
  currency2: 'EUR',
  amount2Minor: 100n,
  priority: 'normal',
  submittedAtMs: 0,
  status: 'settled',
  reason: 'none',
  mechanism: 'entry',
  finalAtMs: 0,
  queuedAtMs: null,
  pairPosition: null,
  ...change,
});

/** A pool's table of these rows; empty names are nobody's. */
export function tableOf(
  rows: readonly PaymentRow[],
  currencies: readonly string[] = [],
): PaymentTable {
  const bics = names(
    rows.flatMap(({ debtorAgent, creditorAgent, dealer }) => [debtorAgent, creditorAgent, dealer]),
  );
  const codes = names([
    ...currencies,
    ...rows.flatMap(({ currency, currency2 }) => [currency, currency2]),
  ]);
  const table = new PaymentTable(rows[0]?.pool ?? 'main', {
    participants: bics.map((bic) => ({ bic })),
    currencies: codes.map((currency) => ({ currency })),
  } as never);
  for (const payment of rows) put(table, payment, bics, codes);
  return table;
}

const names = (all: readonly string[]) => [...new Set(all)].filter((name) => name !== '');

function put(
  table: PaymentTable,
  payment: PaymentRow,
  bics: readonly string[],
  codes: readonly string[],
): void {
  const handle = (of: readonly string[], name: string, none: number) =>
    name === '' ? none : of.indexOf(name);
  const number = table.add(payment.position);
  const { of } = table;
  if (payment.uetr !== '') of.ids.set(uetrBytes(payment.uetr as never), number * 16);
  of.messageTypes[number] = MESSAGE_TYPES.indexOf(payment.messageType as never);
  of.debtors[number] = handle(bics, payment.debtorAgent, NONE32);
  of.creditors[number] = handle(bics, payment.creditorAgent, NONE32);
  of.dealers[number] = handle(bics, payment.dealer, NONE32);
  of.currencies[number] = handle(codes, payment.currency, NO_CURRENCY);
  of.amounts[number] = payment.amountMinor;
  if (payment.currency2 !== payment.currency || payment.dealer !== '') {
    of.currencies2[number] = handle(codes, payment.currency2, NO_CURRENCY);
    of.amounts2[number] = payment.amount2Minor;
  }
  if (payment.priority !== '') of.priorities[number] = PRIORITIES.indexOf(payment.priority);
  of.submittedMs[number] = payment.submittedAtMs;
  of.statuses[number] = STATUS[payment.status];
  of.reasons[number] = reasonNumber(payment.reason);
  of.mechanisms[number] = MECHANISMS.indexOf(payment.mechanism as Mechanism);
  of.finalMs[number] = payment.finalAtMs ?? Number.NaN;
  of.queuedMs[number] = payment.queuedAtMs ?? Number.NaN;
  of.pairs[number] = payment.pairPosition ?? Number.NaN;
}
