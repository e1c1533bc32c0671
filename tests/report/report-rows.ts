/**
 * A small run as rows of the analysis store, made by hand, and the figures that follow from them,
 * counted here in the plainest way: what the report's SQL is held against.
 */
import type { PaymentRecord } from '../../services/metrics/store-rows.ts';
import { clickHouseTime } from '../../services/metrics/store-rows.ts';
import type { PaymentRow } from '../../services/report/figures/payment-table.ts';

export const RUN = 'by-hand';
/** 2026-03-16T08:00Z: both currencies of the smoke scenario are open. */
const START_MS = Date.UTC(2026, 2, 16, 8);
const MINUTE_MS = 60_000;
/** Two of these exceed 64 bits; payments 0 and 6 settle alike in the same ten minutes. */
const HUGE = 6_000_000_000_000_000_000n;

interface Payment {
  readonly corridor: string;
  readonly debtor: string;
  readonly creditor: string;
  readonly amount: bigint;
  readonly amount2: bigint;
  readonly submittedMs: number;
  readonly status: 'ACSC' | 'RJCT' | 'CANC' | 'PDNG';
  readonly mechanism: string;
  readonly waitMs: number;
}

const BANKS = ['ALFADE00', 'BETASG00', 'GAMMFR00'];
const CORRIDORS = ['EUR', 'SGD', 'EUR-SGD'];
const WAITS_MS = [500, 9_000, 61_000, 3_600_001, 14_400_001];

/** Every kind of outcome in every corridor, at uneven times. */
const payments: readonly Payment[] = Array.from({ length: 60 }, (_, index) => {
  const queued = index % 4 === 3;
  const status = index % 15 === 14 ? 'CANC' : index % 29 === 28 ? 'PDNG' : 'ACSC';
  return {
    corridor: CORRIDORS[index % 3] as string,
    debtor: BANKS[index % 3] as string,
    creditor: BANKS[(index + 1) % 3] as string,
    amount: index % 15 === 0 || index === 6 ? HUGE : BigInt(index * index * 10_007 + 1),
    amount2: index % 3 === 2 ? BigInt(index * 15_013 + 7) : 0n,
    submittedMs: START_MS + index * 97_000,
    status,
    mechanism:
      status !== 'ACSC'
        ? ''
        : queued
          ? index % 8 === 7
            ? 'gridlockResolution'
            : 'queue'
          : 'entry',
    // Later ones wait for minutes more, so that each has a rank of its own.
    waitMs: queued ? (WAITS_MS[index % 5] as number) + (index > 20 ? index * 61_000 : 0) : 0,
  };
});

const currencyOf = ({ corridor }: Payment) => corridor.slice(0, 3);
const currency2Of = ({ corridor }: Payment) => corridor.slice(-3);
const credited = (payment: Payment) =>
  payment.corridor.length > 3 ? payment.amount2 : payment.amount;
const waits = (payment: Payment) => payment.waitMs > 0 || payment.status !== 'ACSC';

/** Two rows for a payment that waited, one for another; three forged messages. */
export function paymentRecords(): PaymentRecord[] {
  const rows = payments.flatMap((payment, position): PaymentRecord[] => {
    const statuses: string[] = waits(payment) ? ['PDNG', payment.status] : [payment.status];
    return [...new Set(statuses)].map((status, step) => ({
      ...common(payment, position),
      event_number: position * 2 + step + 1,
      is_first: step === 0 ? 1 : 0,
      status,
      time: clickHouseTime(
        payment.submittedMs + (step === 0 && waits(payment) ? 0 : payment.waitMs),
      ),
      mechanism: status === 'ACSC' ? payment.mechanism : '',
      reason: status === 'CANC' ? 'cancelledAtClose' : '',
      iso_reason: status === 'CANC' ? 'AM04' : '',
    }));
  });
  return [...rows, ...[0, 1, 2].map(forged)];
}

/** The same payments as the events' book has them. */
export function paymentRows(): PaymentRow[] {
  const rows = payments.map((payment, position): PaymentRow => {
    const { submittedMs, waitMs, status, mechanism } = payment;
    return {
      ...unknown(position, submittedMs),
      creditorAgent: payment.creditor,
      dealer: payment.corridor.length > 3 ? 'DELRSG00' : '',
      debtorAgent: payment.debtor,
      currency: currencyOf(payment),
      amountMinor: payment.amount,
      currency2: currency2Of(payment),
      amount2Minor: credited(payment),
      priority: 'normal',
      status: STATUSES[status],
      reason: status === 'CANC' ? 'cancelledAtClose' : 'none',
      mechanism: mechanism === '' ? 'none' : (mechanism as PaymentRow['mechanism']),
      finalAtMs: status === 'PDNG' ? null : submittedMs + waitMs,
      queuedAtMs: waits(payment) ? submittedMs : null,
    };
  });
  const forgeries = [0, 1, 2].map((index): PaymentRow => {
    const atMs = START_MS + (index * 30 + 5) * MINUTE_MS;
    const refused = { status: 'rejected', reason: 'signatureInvalid', finalAtMs: atMs } as const;
    return { ...unknown(1000 + index, atMs), ...refused };
  });
  return [...rows, ...forgeries];
}

const STATUSES = { ACSC: 'settled', RJCT: 'rejected', CANC: 'cancelled', PDNG: 'queued' } as const;

/** What a message that names nothing has. */
const unknown = (position: number, submittedAtMs: number): PaymentRow => ({
  pool: 'main',
  position,
  messageType: 'pacs.008.001.08',
  uetr: `uetr-${position}`,
  debtorAgent: 'GAMMFR00',
  creditorAgent: '',
  dealer: '',
  currency: '',
  amountMinor: 0n,
  currency2: '',
  amount2Minor: 0n,
  priority: '',
  submittedAtMs,
  status: 'queued',
  reason: 'none',
  mechanism: 'none',
  finalAtMs: null,
  queuedAtMs: null,
  pairPosition: null,
});

function common(payment: Payment, position: number) {
  return {
    run: RUN,
    pool: 'main',
    payment_position: position,
    uetr: `uetr-${position}`,
    priority: 'normal',
    debtor_agent: payment.debtor,
    creditor_agent: payment.creditor,
    dealer: payment.corridor.length > 3 ? 'DELRSG00' : '',
    currency: currencyOf(payment),
    amount_minor: payment.amount.toString(),
    currency2: currency2Of(payment),
    amount2_minor: credited(payment).toString(),
    corridor: payment.corridor,
    cycle: 0,
    submitted_at: clickHouseTime(payment.submittedMs),
    kind: '',
    message_type: 'pacs.008.001.08',
    second_leg: 0,
  };
}

function forged(index: number): PaymentRecord {
  const at = clickHouseTime(START_MS + (index * 30 + 5) * MINUTE_MS);
  return {
    ...common(payments[0] as Payment, 1000 + index),
    event_number: 1000 + index,
    is_first: 1,
    time: at,
    submitted_at: at,
    debtor_agent: 'GAMMFR00',
    creditor_agent: '',
    status: 'RJCT',
    reason: 'signatureInvalid',
    iso_reason: 'DS0B',
    mechanism: '',
    currency: '',
    currency2: '',
    amount_minor: '0',
    amount2_minor: '0',
    corridor: '',
  };
}

/** One account's minutes: opened with 40,000.00, drawn to -123.45, closed with 50.00. */
export const balanceRecords = [
  [0, 4_000_000n, 4_000_000n],
  [61, 100_000n, -12_345n],
  [90, 5_000n, 5_000n],
].map(([minute, balance, lowest]) => ({
  run: RUN,
  pool: 'main',
  time: clickHouseTime(START_MS + Number(minute) * MINUTE_MS),
  participant: 'ALFADE00',
  currency: 'EUR',
  balance_minor: String(balance),
  lowest_minor: String(lowest),
  credit_line_minor: '1000000',
  injected_minor: '0',
  drawn_max_minor: String(4_000_000n - (lowest as bigint)),
}));

/**
 * EUR: 3 wait from 08:20 on, 7 for a moment in the minute before 08:50, none from 09:30 on. A sample
 * stands at the end of its minute, so that of 08:50 belongs to the ten minutes before.
 */
export const queueRecords = [
  [21, 3, 300n, 5, 900n],
  [50, 2, 250n, 7, 1_234_567n],
  [91, 0, 0n, 2, 250n],
].map(([minute, count, value, countMax, valueMax]) => ({
  run: RUN,
  pool: 'main',
  time: clickHouseTime(START_MS + Number(minute) * MINUTE_MS),
  participant: '',
  currency: 'EUR',
  count: Number(count),
  value_minor: String(value),
  count_max: Number(countMax),
  value_max_minor: String(valueMax),
}));

const settled = payments.filter(({ status }) => status === 'ACSC');
const sum = (values: readonly bigint[]) => values.reduce((total, value) => total + value, 0n);
const ranked = settled.map(({ waitMs }) => waitMs).sort((a, b) => a - b);
const rank = (share: number) => ranked[Math.ceil(share * ranked.length) - 1] as number;
const count = (status: Payment['status']) =>
  payments.filter((payment) => payment.status === status).length;

export const expected = {
  settled: count('ACSC'),
  cancelled: count('CANC'),
  queued: count('PDNG'),
  rejected: 3,
  p95Ms: rank(0.95),
  p99Ms: rank(0.99),
  maxMs: rank(1),
  mechanisms: Object.fromEntries(
    ['entry', 'queue', 'gridlockResolution'].map((mechanism) => [
      mechanism,
      settled.filter((payment) => payment.mechanism === mechanism).length,
    ]),
  ),
  corridors: CORRIDORS.map((corridor) => {
    const mine = settled.filter((payment) => payment.corridor === corridor);
    return {
      corridor,
      submitted: payments.filter((payment) => payment.corridor === corridor).length,
      settled: mine.length,
      debited: sum(mine.map(({ amount }) => amount)),
      credited: sum(mine.map(credited)),
    };
  }),
  value: (currency: string) =>
    sum(settled.filter((one) => currencyOf(one) === currency).map(({ amount }) => amount)),
  cancelledValue: sum(
    payments.filter(({ status }) => status === 'CANC').map(({ amount }) => amount),
  ),
  /** Payments settled in the ten minutes from each, by the time of settlement. */
  buckets: (fromMs: number) =>
    settled.filter(({ submittedMs, waitMs }) => {
      const at = submittedMs + waitMs;
      return at >= fromMs && at < fromMs + 10 * MINUTE_MS;
    }).length,
  /** Waits above `from` and up to `to`. */
  waits: (from: number, to: number) =>
    settled.filter(({ waitMs }) => waitMs > from && waitMs <= to).length,
};
