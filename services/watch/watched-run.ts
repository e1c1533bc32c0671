/** The payments of a recorded run as the watch over the flow sees them, with what is true of them where the run says it. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import {
  FEATURES,
  FlowWatch,
  WATCHED_TYPES,
  type WatchedPayment,
} from '../analysis/watch/watched-features.ts';
import { BadInput } from '../platform/exit-codes.ts';
import { damagedFile } from '../replay/recorded-inputs.ts';
import { readSummary } from '../replay/replay-run.ts';
import { eachTableRow } from '../replay/table-rows.ts';

export interface RecordedPayment extends WatchedPayment {
  readonly pool: string;
  readonly uetr: string;
  /** The kind of anomaly that was injected; empty: none was. */
  readonly label: string;
}

export interface RecordedFlow {
  readonly folder: string;
  /** As its rows name it. */
  readonly run: string;
  readonly eventsHash: string;
  readonly payments: readonly RecordedPayment[];
  /** A row of features a payment, in single precision: what models are trained on and asked with. */
  readonly features: Float32Array;
}

const PAYMENTS = [
  ...['run', 'pool', 'uetr', 'submitted_at', 'debtor_agent', 'creditor_agent', 'currency'],
  ...['amount_minor', 'is_first', 'message_type'],
];
type PaymentRow = readonly [
  ...[run: string, pool: string, uetr: string, submitted: Date, debtorAgent: string],
  ...[creditorAgent: string, currency: string, amount: bigint, isFirst: number, type: string],
];
const ACCOUNTS = ['uetr', 'debtor_account', 'creditor_account'];
const LABELS = ['uetr', 'kind'];

async function byUetr(path: string, columns: readonly string[]) {
  const rows = new Map<string, readonly string[]>();
  if (existsSync(path))
    await eachTableRow<readonly [string, ...string[]]>(path, columns, ([uetr, ...rest]) =>
      rows.set(uetr, rest),
    );
  return rows;
}

/**
 * Reads a run's tables and computes the features of all its payments.
 * @throws BadInput where it has no tables or no summary, or one is damaged
 */
export async function recordedFlow(folder: string): Promise<RecordedFlow> {
  const table = (name: string) => join(folder, 'tables', `${name}.parquet`);
  const path = table('payments');
  if (!existsSync(path))
    throw new BadInput(
      `watch: ${folder}: it has no tables/payments.parquet; expected the folder of a run with --results tables`,
    );
  const accounts = await byUetr(table('payment_accounts'), ACCOUNTS);
  const labels = await byUetr(table('labels'), LABELS);
  const watched = new Set<string>(WATCHED_TYPES);
  const payments: RecordedPayment[] = [];
  let run = '';
  await eachTableRow<PaymentRow>(path, PAYMENTS, (row) => {
    const [name, pool, uetr, submitted, debtorAgent, creditorAgent, ...rest] = row;
    const [currency, amountMinor, isFirst, type] = rest;
    if (isFirst !== 1 || currency === '' || !watched.has(type)) return;
    run = name;
    const [debtorAccount = '', creditorAccount = ''] = accounts.get(uetr) ?? [];
    const [label = ''] = labels.get(uetr) ?? [];
    payments.push({
      ...{ pool, uetr, timeMs: submitted.getTime(), debtorAgent, creditorAgent },
      ...{ debtorAccount, creditorAccount, currency, amountMinor, label },
    });
  });
  const summary = readSummary(folder)?.summary as { readonly eventsHash?: string } | null;
  const eventsHash = summary?.eventsHash;
  if (eventsHash === undefined)
    throw damagedFile(join(folder, 'summary.json'), 'it has no eventsHash');
  return { ...{ folder, run, eventsHash, payments }, features: flowFeatures(payments) };
}

/** Of a flow the payments from a time on; what was before stays the history that their features have. */
export const flowFrom = (flow: RecordedFlow, fromMs: number): RecordedFlow =>
  flowOf(flow, ({ timeMs }) => timeMs >= fromMs);

/** Of a flow the payments before a time. */
export const flowUntil = (flow: RecordedFlow, untilMs: number): RecordedFlow =>
  flowOf(flow, ({ timeMs }) => timeMs < untilMs);

function flowOf(flow: RecordedFlow, isKept: (payment: RecordedPayment) => boolean): RecordedFlow {
  const width = FEATURES.length;
  const kept = [...flow.payments.keys()].filter((at) => isKept(flow.payments[at]!));
  const features = new Float32Array(kept.length * width);
  for (const [to, at] of kept.entries())
    features.set(flow.features.subarray(at * width, (at + 1) * width), to * width);
  return { ...flow, payments: kept.map((at) => flow.payments[at]!), features };
}

/** Share of payments that name the payer's account. */
export const withAccounts = (payments: readonly RecordedPayment[]): number =>
  payments.filter(({ debtorAccount }) => debtorAccount !== '').length /
  Math.max(1, payments.length);

/** Features of payments in the order in which they came, each pool by itself. */
export function flowFeatures(payments: readonly RecordedPayment[]): Float32Array {
  const width = FEATURES.length;
  const features = new Float32Array(payments.length * width);
  const watches = new Map<string, FlowWatch>();
  for (const [at, payment] of payments.entries()) {
    const watch = watches.get(payment.pool) ?? new FlowWatch();
    watches.set(payment.pool, watch);
    features.set(watch.take(payment), at * width);
  }
  return features;
}
