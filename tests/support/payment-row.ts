import type { PaymentRow } from '../../services/report/figures/payment-book.ts';

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
