import { isoReason } from '../../protocol/names/iso-reasons.ts';
import type { DefaultFigures } from './default-book.ts';
import {
  type DelayedPayment,
  type Percentiles,
  percentile,
  percentiles,
  ratio,
  settlementDelayIndicator,
  valueWeightedDelayMs,
} from './delay-indicators.ts';
import type { AccountBook } from './liquidity-book.ts';
import { type LiquiditySummary, liquiditySummary } from './liquidity-figures.ts';
import { isCounted, type PaymentRow, waitsOf } from './payment-book.ts';
import { asJson, type Indicators, type Json } from './run-indicators.ts';
import { groupBy, sumMinor } from './sums.ts';

/** `summary.json`: money in minor units as strings, times in ms, every ratio a number. */
export interface Summary {
  readonly scenario: string;
  readonly seed: number;
  readonly version: string;
  /** What `--set` changed in the scenario's file, in order. */
  readonly overrides: readonly string[];
  /** False: nothing was signed or verified. */
  readonly signatures: boolean;
  /**
   * Payments that reached clearing or were refused at its door; repeats are not among them. The two
   * legs of a matched PvP are one payment; its value counts in both currencies.
   */
  readonly submitted: number;
  readonly settled: number;
  readonly rejected: number;
  readonly cancelled: number;
  readonly queuedAtClose: number;
  readonly repeated: number;
  /** Planned payments that an outage without end kept from being sent. */
  readonly unsent: number;
  /** Submitted and unsent. Legs of a trade count as one where they met, so it may differ by variant. */
  readonly planned: number;
  /** Settled / planned, by number; null without payments. */
  readonly settledShare: number | null;
  /** The same by value and currency debited. */
  readonly settledValueShare: Readonly<Record<string, number | null>>;
  /** Changes of liquidity that the scenario asks for and clearing refused. */
  readonly refusedChanges: number;
  /** Cancellations, re-orderings, limits and reservations that banks asked for and clearing refused. */
  readonly refusedRequests: number;
  /** By ISO 20022 code. */
  readonly rejectedByReason: Readonly<Record<string, number>>;
  readonly cancelledByReason: Readonly<Record<string, number>>;
  /** Settled by mechanism (core/events: MECHANISMS). */
  readonly settledByMechanism: Readonly<Record<string, number>>;
  /** By currency debited. */
  readonly settledValueMinor: Readonly<Record<string, string>>;
  /** The same of all that reached clearing, but for forged messages, whose amounts are nobody's word. */
  readonly submittedValueMinor: Readonly<Record<string, string>>;
  readonly rejectedValueMinor: Readonly<Record<string, string>>;
  readonly cancelledValueMinor: Readonly<Record<string, string>>;
  readonly queuedValueMinor: Readonly<Record<string, string>>;
  readonly unsentValueMinor: Readonly<Record<string, string>>;
  /** Who defaulted in deferred net settlement, when, and what that did to the others. */
  readonly defaults: readonly Json<DefaultFigures>[];
  /** Of each currency that nets: accounts whose net debit nothing bounds. */
  readonly uncapped: Readonly<Record<string, number>>;
  readonly delay: DelaySummary;
  readonly liquidity: Readonly<Record<string, LiquiditySummary>>;
  readonly conserved: boolean;
  readonly eventsHash: string;
  /** Those of a working paper, by currency and corridor: run-indicators.ts, docs/indicators.md. */
  readonly indicators: Json<Indicators>;
}

/** Percentiles are of the time from submission to settlement of settled payments. */
interface DelaySummary extends Percentiles {
  readonly maxMs: number | null;
  /** Settled payments that were queued first. */
  readonly settledAfterQueuing: number;
  /** By currency debited; see delay-indicators.ts and docs/indicators.md. */
  readonly settlementDelayIndicator: Readonly<Record<string, number | null>>;
  /** The same over all submitted: what did not settle, rejected payments too, waits to its day's end. */
  readonly settlementDelayIndicatorSubmitted: Readonly<Record<string, number | null>>;
  readonly valueWeightedDelayMs: Readonly<Record<string, number | null>>;
}

type Given =
  | ('scenario' | 'seed' | 'version' | 'overrides' | 'signatures' | 'repeated' | 'unsent')
  | ('refusedChanges' | 'refusedRequests' | 'conserved' | 'eventsHash' | 'uncapped');

/** Members of the summary as they are, and what the others are counted from. */
export interface SummaryInput extends Pick<Summary, Given> {
  readonly rows: readonly PaymentRow[];
  readonly accounts: readonly (AccountBook & { readonly currencyCode: string })[];
  readonly currencies: readonly string[];
  /** Instants of a currency's closes, ms, in their order. */
  readonly closes: (currency: string) => readonly number[];
  readonly indicators: Indicators;
  readonly defaults: readonly DefaultFigures[];
  /** Value never sent, by currency debited. */
  readonly unsentMinor: (currency: string) => bigint;
}

export function summarize(input: SummaryInput): Summary {
  const rows = input.rows.filter(isCounted);
  const withStatus = (status: PaymentRow['status']) => rows.filter((row) => row.status === status);
  const settled = withStatus('settled');
  const rejected = withStatus('rejected');
  const cancelled = withStatus('cancelled');
  const legs = groupBy(input.rows, ({ currency }) => currency);
  const settledLegs = input.rows.filter(({ status }) => status === 'settled');
  const planned = rows.length + input.unsent;
  const by = <T>(figure: (currency: string) => T) =>
    Object.fromEntries(input.currencies.map((currency) => [currency, figure(currency)]));
  const values = new Map(
    [...legs].map(([currency, own]) => [currency, groupBy(own, ({ status }) => status)]),
  );
  const value = (currency: string, ...statuses: readonly PaymentRow['status'][]) =>
    statuses.reduce(
      (sum, status) => sum + sumMinor(values.get(currency)?.get(status) ?? [], debitedMinor),
      0n,
    );
  const valueWith = (...statuses: readonly PaymentRow['status'][]) =>
    by((currency) => value(currency, ...statuses).toString());
  return {
    scenario: input.scenario,
    seed: input.seed,
    version: input.version,
    overrides: input.overrides,
    signatures: input.signatures,
    submitted: rows.length,
    settled: settled.length,
    rejected: rejected.length,
    cancelled: cancelled.length,
    queuedAtClose: withStatus('queued').length + withStatus('accepted').length,
    repeated: input.repeated,
    unsent: input.unsent,
    planned,
    settledShare: planned === 0 ? null : ratio(BigInt(settled.length), BigInt(planned)),
    settledValueShare: by((currency) => {
      const all = value(currency, ...STATUSES) + input.unsentMinor(currency);
      return all === 0n ? null : ratio(value(currency, 'settled'), all);
    }),
    refusedChanges: input.refusedChanges,
    refusedRequests: input.refusedRequests,
    rejectedByReason: countBy(rejected, ({ reason }) => isoReason(reason)?.code ?? reason),
    cancelledByReason: countBy(cancelled, ({ reason }) => isoReason(reason)?.code ?? reason),
    settledByMechanism: countBy(settled, ({ mechanism }) => mechanism),
    settledValueMinor: valueWith('settled'),
    submittedValueMinor: valueWith(...STATUSES),
    rejectedValueMinor: valueWith('rejected'),
    cancelledValueMinor: valueWith('cancelled'),
    queuedValueMinor: valueWith('queued', 'accepted'),
    unsentValueMinor: by((currency) => input.unsentMinor(currency).toString()),
    defaults: asJson(input.defaults),
    uncapped: input.uncapped,
    delay: delaySummary(input, settled, legs),
    liquidity: by((currency) =>
      liquiditySummary(
        input.accounts.filter(({ currencyCode }) => currencyCode === currency),
        value(currency, 'settled') + paidByDealers(settledLegs, currency),
      ),
    ),
    conserved: input.conserved,
    eventsHash: input.eventsHash,
    indicators: asJson(input.indicators),
  };
}

function countBy(rows: readonly PaymentRow[], key: (row: PaymentRow) => string) {
  const counts: Record<string, number> = {};
  for (const row of rows) counts[key(row)] = (counts[key(row)] ?? 0) + 1;
  return Object.fromEntries(Object.entries(counts).sort(([a], [b]) => (a < b ? -1 : 1)));
}

const STATUSES = ['settled', 'rejected', 'cancelled', 'queued', 'accepted'] as const;

const debitedMinor = ({ amountMinor }: PaymentRow) => amountMinor;

/** What second legs take from dealers' accounts in a currency; first legs debit the debtor. */
const paidByDealers = (settled: readonly PaymentRow[], currency: string) =>
  sumMinor(
    settled.filter((row) => row.dealer !== '' && row.currency2 === currency),
    ({ amount2Minor }) => amount2Minor,
  );

function delaySummary(
  input: SummaryInput,
  settled: readonly PaymentRow[],
  legs: ReadonlyMap<string, readonly PaymentRow[]>,
): DelaySummary {
  const waits = waitsOf(settled);
  const valid = new Map<string, readonly DelayedPayment[]>();
  const submitted = new Map<string, readonly DelayedPayment[]>();
  for (const currency of input.currencies) {
    const rows = legs.get(currency) ?? [];
    const closes = input.closes(currency);
    valid.set(currency, delayed(rows, closes));
    submitted.set(currency, delayedOfSubmitted(rows, closes));
  }
  const byCurrency = <T>(
    indicator: (payments: readonly DelayedPayment[]) => T,
    payments: ReadonlyMap<string, readonly DelayedPayment[]>,
  ) => Object.fromEntries([...payments].map(([currency, of]) => [currency, indicator(of)]));
  return {
    ...percentiles(waits),
    maxMs: percentile(waits, 1),
    settledAfterQueuing: settled.filter(({ queuedAtMs }) => queuedAtMs !== null).length,
    settlementDelayIndicator: byCurrency(settlementDelayIndicator, valid),
    settlementDelayIndicatorSubmitted: byCurrency(settlementDelayIndicator, submitted),
    valueWeightedDelayMs: byCurrency(valueWeightedDelayMs, valid),
  };
}

/** Valid payments. */
function delayed(rows: readonly PaymentRow[], closes: readonly number[]): DelayedPayment[] {
  const lastCloseMs = Math.max(...closes);
  return rows
    .filter(({ status }) => status !== 'rejected')
    .map((row) => delayedPayment(row, closes, lastCloseMs));
}

/** All payments. One that did not settle waits to its day's end. */
function delayedOfSubmitted(
  rows: readonly PaymentRow[],
  closes: readonly number[],
): DelayedPayment[] {
  const lastCloseMs = Math.max(...closes);
  return rows.map((row) => {
    const payment = delayedPayment(row, closes, lastCloseMs);
    return row.status === 'settled' ? payment : { ...payment, settledAtMs: payment.dayEndsAtMs };
  });
}

/**
 * One that did not settle waits until it is cancelled, or to the run's last close; the day's end T is
 * the close at which, or before which, the wait ended; where it began at a close, a later one, as it
 * began after that close.
 * @param closes of the currency debited, ms, in their order
 */
export function delayedPayment(
  row: Pick<PaymentRow, 'amountMinor' | 'submittedAtMs' | 'finalAtMs'>,
  closes: readonly number[],
  lastCloseMs = Math.max(...closes),
): DelayedPayment {
  const endedAtMs = row.finalAtMs ?? Math.max(lastCloseMs, row.submittedAtMs);
  return {
    valueMinor: row.amountMinor,
    submittedAtMs: row.submittedAtMs,
    settledAtMs: endedAtMs,
    dayEndsAtMs:
      closes.find((closesMs) => closesMs >= endedAtMs && closesMs > row.submittedAtMs) ??
      Math.max(endedAtMs, lastCloseMs),
  };
}
