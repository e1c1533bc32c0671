import { BUT_REFUSED_REPEATS } from '../queries/refused-repeats.ts';
import type { Summary } from './summary.ts';

type Query = <Row>(sql: string, params: Record<string, unknown>) => Promise<Row[]>;

/**
 * Holds what the analysis store says of a run against its summary, to the payment and to the minor
 * unit. Returns what differs, in words; empty where they agree.
 */
export async function differences(query: Query, run: string, summary: Summary): Promise<string[]> {
  const parts = [compareOutcomes, comparePeaks, compareDefaults];
  // Side by side: one after the other each would wait for whoever draws the report beside it.
  const found = await Promise.all(
    parts.map(async (part) => {
      const lines: string[] = [];
      await part(query, run, summary, (what, stored, summarized) => {
        if (stored !== summarized)
          lines.push(`${what}: ${stored} stored, ${summarized} summarized`);
      });
      return lines;
    }),
  );
  return found.flat();
}

/** Payments of one outcome: `payments` without the later legs of pairs, whose value counts. */
interface Outcome {
  readonly status: string;
  readonly currency: string;
  readonly mechanism: string;
  readonly isoReason: string;
  readonly payments: string;
  /** Those of the payments that ever waited. */
  readonly queued: string;
  readonly value: string;
}

/** Asked for once: the latest status of every payment is a tenth of a second of a core for 100,000. */
async function compareOutcomes(
  query: Query,
  run: string,
  summary: Summary,
  compare: Compare,
): Promise<void> {
  const outcomes = await query<Outcome>(
    `SELECT status, currency, mechanism, iso_reason AS isoReason, countIf(NOT second_leg) AS payments,
       countIf(was_queued AND NOT second_leg) AS queued, toString(sum(toInt128(amount_minor))) AS value
     FROM payments_current WHERE run = {run:String} AND ${BUT_REFUSED_REPEATS}
     GROUP BY status, currency, mechanism, isoReason`,
    { run },
  );
  for (const compared of [
    compareCounts,
    compareValues,
    compareReasons,
    compareMechanisms,
    compareWaits,
  ])
    compared(outcomes, summary, compare);
}

/** Payments and value by what a key says of an outcome; those without a key are left out. */
function tallied(outcomes: readonly Outcome[], keyOf: (outcome: Outcome) => string | null) {
  const tallies = new Map<string, { payments: number; value: bigint }>();
  for (const outcome of outcomes) {
    const key = keyOf(outcome);
    if (key === null) continue;
    const { payments, value } = tallies.get(key) ?? { payments: 0, value: 0n };
    tallies.set(key, {
      payments: payments + Number(outcome.payments),
      value: value + BigInt(outcome.value),
    });
  }
  return tallies;
}

/** The summary has one figure for what has not ended, whether it is queued or accepted for netting. */
const outcomeOf = (status: string): string => (status === 'ACSP' ? 'PDNG' : status);

/** How many payments have each outcome. */
function compareCounts(outcomes: readonly Outcome[], summary: Summary, compare: Compare): void {
  const stored = tallied(outcomes, ({ status }) => outcomeOf(status));
  const expected = {
    ACSC: summary.settled,
    RJCT: summary.rejected,
    CANC: summary.cancelled,
    PDNG: summary.queuedAtClose,
  };
  for (const [status, number] of Object.entries(expected))
    compare(
      `payments with status ${status}`,
      String(stored.get(status)?.payments ?? 0),
      String(number),
    );
}

/** Why those that were rejected were. */
function compareReasons(outcomes: readonly Outcome[], summary: Summary, compare: Compare): void {
  const stored = tallied(outcomes, ({ status, isoReason }) =>
    status === 'RJCT' ? isoReason : null,
  );
  compare(
    'rejects by reason',
    [...stored]
      .filter(([, { payments }]) => payments > 0)
      .sort(byKey)
      .map(([reason, { payments }]) => `${reason} ${payments}`)
      .join(', '),
    Object.entries(summary.rejectedByReason)
      .map(([reason, number]) => `${reason} ${number}`)
      .join(', '),
  );
}

const byKey = ([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number =>
  a < b ? -1 : 1;

type Default = Summary['defaults'][number];
type Compare = (what: string, stored: string, summarized: string) => void;

/** What each outcome came to, in each currency. */
function compareValues(outcomes: readonly Outcome[], summary: Summary, compare: Compare): void {
  const stored = tallied(outcomes, ({ status, currency }) => `${outcomeOf(status)} ${currency}`);
  const expected = [
    ['settled', 'ACSC', summary.settledValueMinor],
    ['rejected', 'RJCT', summary.rejectedValueMinor],
    ['cancelled', 'CANC', summary.cancelledValueMinor],
    ['queued', 'PDNG', summary.queuedValueMinor],
  ] as const;
  for (const [what, status, summarized] of expected)
    for (const [currency, value] of Object.entries(summarized))
      compare(
        `${what} value in ${currency}`,
        String(stored.get(`${status} ${currency}`)?.value ?? 0),
        value,
      );
}

/** What each mechanism settled, in each currency. */
function compareMechanisms(
  outcomes: readonly Outcome[],
  { indicators }: Summary,
  compare: Compare,
): void {
  for (const { currency, settledByMechanism } of indicators.currencies) {
    const stored = tallied(outcomes, (one) =>
      one.status === 'ACSC' && one.currency === currency ? one.mechanism : null,
    );
    compare(
      `settled by mechanism in ${currency}`,
      [...stored]
        .sort(byKey)
        .map(([mechanism, { payments, value }]) => `${mechanism} ${payments} of ${value}`)
        .join(', '),
      Object.entries(settledByMechanism)
        .sort(byKey)
        .map(([mechanism, { payments, valueMinor }]) => `${mechanism} ${payments} of ${valueMinor}`)
        .join(', '),
    );
  }
}

/** How many settled after a wait. Asked with the outcomes: who waited how long takes the store a tenth of a second more. */
function compareWaits(outcomes: readonly Outcome[], { delay }: Summary, compare: Compare): void {
  const stored = outcomes
    .filter(({ status }) => status === 'ACSC')
    .reduce((sum, { queued }) => sum + Number(queued), 0);
  compare('settled after queuing', String(stored), String(delay.settledAfterQueuing));
}

/** Who defaulted and how short, and which shares of whose loss were borne. */
async function compareDefaults(
  query: Query,
  run: string,
  { defaults }: Summary,
  compare: Compare,
): Promise<void> {
  const rows = await query<{ kind: string; line: string }>(
    `SELECT kind, concat(if(kind = 'defaulted', participant, counterparty), ' ', currency, ' ',
       toString(sum(toInt128(amount_minor)))) AS line
     FROM nettings WHERE run = {run:String} AND kind IN ('defaulted', 'lossShared')
     GROUP BY kind, currency, if(kind = 'defaulted', participant, counterparty)`,
    { run },
  );
  const stored = (kind: string) =>
    rows
      .filter((row) => row.kind === kind)
      .map(({ line }) => line)
      .sort()
      .join(', ');
  const told = (
    amountOf: (one: Default) => bigint,
    counts: (one: Default) => boolean = () => true,
  ) =>
    defaults
      .filter(counts)
      .map((one) => `${one.participant} ${one.currency} ${amountOf(one)}`)
      .sort()
      .join(', ');
  const shares = ({ borneBy }: Default) =>
    borneBy
      .filter(({ how }) => how === 'lossShared')
      .reduce((sum, { amountMinor }) => sum + BigInt(amountMinor), 0n);
  compare(
    'defaults',
    stored('defaulted'),
    told(({ shortfallMinor }) => BigInt(shortfallMinor)),
  );
  compare(
    'shares of losses',
    stored('lossShared'),
    told(shares, (one) => shares(one) > 0n),
  );
}

/** Peaks of the queues, in each currency. */
async function comparePeaks(
  query: Query,
  run: string,
  { indicators }: Summary,
  compare: Compare,
): Promise<void> {
  const peaks = await query<{ currency: string; payments: string; value: string }>(
    `SELECT currency, toString(max(count_max)) AS payments, toString(max(value_max_minor)) AS value
     FROM queue_samples WHERE run = {run:String} AND participant = '' GROUP BY currency`,
    { run },
  );
  for (const { currency, queuePeak } of indicators.currencies) {
    const stored = peaks.find((row) => row.currency === currency);
    compare(
      `most payments in the queue in ${currency}`,
      stored?.payments ?? '0',
      String(queuePeak.payments),
    );
    compare(`most value in the queue in ${currency}`, stored?.value ?? '0', queuePeak.valueMinor);
  }
}
