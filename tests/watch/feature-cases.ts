/** Payments to compute features of, with rows of the store that say the same. */
import {
  FEATURES,
  FlowWatch,
  type WatchedPayment,
} from '../../services/analysis/watch/watched-features.ts';
import { clickHouseTime } from '../../services/metrics/store-rows.ts';
import { SeededStream } from '../../services/scenario/random-streams.ts';

export interface PlacedPayment extends WatchedPayment {
  readonly pool: string;
  readonly uetr: string;
}

/** Features by name, one set a payment; each pool is watched by itself. */
export function featuresOf(payments: readonly PlacedPayment[]): Record<string, number>[] {
  const watches = new Map<string, FlowWatch>();
  return payments.map((payment) => {
    const watch = watches.get(payment.pool) ?? new FlowWatch();
    watches.set(payment.pool, watch);
    const row = watch.take(payment);
    return Object.fromEntries(FEATURES.map(({ name }, at) => [name, row[at] as number]));
  });
}

const BANKS = ['AAAADE00', 'BBBBFR00', 'CCCCSG00', 'DDDDUS00'];
/** Bursts in one millisecond, seconds, minutes, and gaps longer than each window. */
const STEPS_MS = [0, 0, 0, 1, 700, 4_000, 61_000, 299_999, 300_000, 3_600_000, 40_000_000];
const OFTEN = 7;

/** Two pools' payments over some days: few accounts and amounts, so that all comes again. */
export function randomPayments(count: number, seed: number): PlacedPayment[] {
  const stream = new SeededStream(seed, 'watched payments');
  const below = (most: number) => Math.floor(stream.uniform() * most);
  let timeMs = Date.UTC(2026, 2, 16, 7);
  return Array.from({ length: count }, (_, at) => {
    timeMs += STEPS_MS[stream.uniform() < 0.97 ? below(OFTEN) : below(STEPS_MS.length)] as number;
    const [from, to] = [below(BANKS.length), below(BANKS.length)];
    const isNamed = stream.uniform() < 0.7;
    // The last two banks name their accounts alike.
    const account = (bank: number) =>
      isNamed ? `${bank < 2 ? BANKS[bank] : 'ACCT'}-${below(3)}` : '';
    return {
      pool: stream.uniform() < 0.8 ? 'main' : 'other',
      uetr: `00000000-0000-4000-8000-${String(at).padStart(12, '0')}`,
      timeMs,
      debtorAgent: BANKS[from] as string,
      creditorAgent: BANKS[to] as string,
      debtorAccount: account(from),
      creditorAccount: account(to),
      currency: stream.uniform() < 0.6 ? 'EUR' : 'SGD',
      amountMinor: BigInt([100, 2_500, 70_000_000, 123_456, 1, 30_000_000_000][below(6)] as number),
    };
  });
}

/** Rows of `payments` of their first statuses. */
export const storeRows = (run: string, payments: readonly PlacedPayment[]) =>
  payments.map((payment, at) => ({
    ...{ run, pool: payment.pool, event_number: at + 1, time: clickHouseTime(payment.timeMs) },
    ...{ payment_position: at, uetr: payment.uetr, status: 'ACSC', kind: 'settled' },
    ...{ debtor_agent: payment.debtorAgent, creditor_agent: payment.creditorAgent },
    ...{ currency: payment.currency, amount_minor: payment.amountMinor.toString() },
    ...{ submitted_at: clickHouseTime(payment.timeMs), is_first: 1 },
    message_type: 'pacs.008.001.08',
  }));

/** Rows of `payment_accounts`. */
export const accountRows = (run: string, payments: readonly PlacedPayment[]) =>
  payments
    .filter(({ debtorAccount }) => debtorAccount !== '')
    .map(({ uetr, debtorAccount, creditorAccount }) => ({
      ...{ run, uetr, debtor_account: debtorAccount, creditor_account: creditorAccount },
    }));
