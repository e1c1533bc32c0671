import type { Summary } from './summary.ts';

type Query = <Row>(sql: string, params: Record<string, unknown>) => Promise<Row[]>;

/**
 * Holds what the analysis store says of a run against its summary, to the payment and to the minor
 * unit. Returns what differs, in words; empty where they agree.
 */
export async function differences(query: Query, run: string, summary: Summary): Promise<string[]> {
  const parts = [compareCounts, compareValues, compareReasons, compareIndicators, compareDefaults];
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

/** How many payments have each outcome. */
async function compareCounts(
  query: Query,
  run: string,
  summary: Summary,
  compare: Compare,
): Promise<void> {
  const counts = await query<{ status: string; number: string }>(
    `SELECT status, count() AS number FROM payments_current
     WHERE run = {run:String} AND NOT second_leg GROUP BY status`,
    { run },
  );
  const stored = new Map(counts.map(({ status, number }) => [status, number]));
  // The summary has one figure for what has not ended, whether it is queued or accepted for netting.
  const waiting = ['PDNG', 'ACSP'].reduce((sum, code) => sum + Number(stored.get(code) ?? 0), 0);
  stored.set('PDNG', String(waiting));
  const expected = {
    ACSC: summary.settled,
    RJCT: summary.rejected,
    CANC: summary.cancelled,
    PDNG: summary.queuedAtClose,
  };
  for (const [status, number] of Object.entries(expected))
    compare(`payments with status ${status}`, stored.get(status) ?? '0', String(number));
}

/** Why those that were rejected were. */
async function compareReasons(
  query: Query,
  run: string,
  summary: Summary,
  compare: Compare,
): Promise<void> {
  const reasons = await query<{ reason: string; number: string }>(
    `SELECT iso_reason AS reason, count() AS number FROM payments_current
     WHERE run = {run:String} AND status = 'RJCT' AND NOT second_leg GROUP BY iso_reason ORDER BY iso_reason`,
    { run },
  );
  compare(
    'rejects by reason',
    reasons.map(({ reason, number }) => `${reason} ${number}`).join(', '),
    Object.entries(summary.rejectedByReason)
      .map(([reason, number]) => `${reason} ${number}`)
      .join(', '),
  );
}

type Default = Summary['defaults'][number];
type Compare = (what: string, stored: string, summarized: string) => void;

/** What each outcome came to, in each currency. */
async function compareValues(
  query: Query,
  run: string,
  summary: Summary,
  compare: Compare,
): Promise<void> {
  const values = await query<{ outcome: string; currency: string; value: string }>(
    `SELECT if(status = 'ACSP', 'PDNG', status) AS outcome, currency,
       toString(sum(toInt128(amount_minor))) AS value FROM payments_current
     WHERE run = {run:String} GROUP BY outcome, currency`,
    { run },
  );
  const stored = new Map(
    values.map(({ outcome, currency, value }) => [`${outcome} ${currency}`, value]),
  );
  const expected = [
    ['settled', 'ACSC', summary.settledValueMinor],
    ['rejected', 'RJCT', summary.rejectedValueMinor],
    ['cancelled', 'CANC', summary.cancelledValueMinor],
    ['queued', 'PDNG', summary.queuedValueMinor],
  ] as const;
  for (const [what, status, summarized] of expected)
    for (const [currency, value] of Object.entries(summarized))
      compare(`${what} value in ${currency}`, stored.get(`${status} ${currency}`) ?? '0', value);
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

/** Peaks of the queues and what each mechanism settled, in each currency. */
async function compareIndicators(
  query: Query,
  run: string,
  { indicators }: Summary,
  compare: Compare,
): Promise<void> {
  const [peaks, settled] = await Promise.all([
    query<{ currency: string; payments: string; value: string }>(
      `SELECT currency, toString(max(count_max)) AS payments, toString(max(value_max_minor)) AS value
       FROM queue_samples WHERE run = {run:String} AND participant = '' GROUP BY currency`,
      { run },
    ),
    query<{ currency: string; mechanism: string; tally: string }>(
      `SELECT currency, mechanism,
         concat(toString(countIf(NOT second_leg)), ' of ', toString(sum(toInt128(amount_minor)))) AS tally
       FROM payments_current WHERE run = {run:String} AND status = 'ACSC'
       GROUP BY currency, mechanism ORDER BY mechanism`,
      { run },
    ),
  ]);
  for (const { currency, queuePeak, settledByMechanism } of indicators.currencies) {
    const stored = peaks.find((row) => row.currency === currency);
    compare(
      `most payments in the queue in ${currency}`,
      stored?.payments ?? '0',
      String(queuePeak.payments),
    );
    compare(`most value in the queue in ${currency}`, stored?.value ?? '0', queuePeak.valueMinor);
    compare(
      `settled by mechanism in ${currency}`,
      settled
        .filter((row) => row.currency === currency)
        .map(({ mechanism, tally }) => `${mechanism} ${tally}`)
        .join(', '),
      Object.entries(settledByMechanism)
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([mechanism, { payments, valueMinor }]) => `${mechanism} ${payments} of ${valueMinor}`)
        .join(', '),
    );
  }
}
