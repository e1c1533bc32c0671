/**
 * What each corridor achieved, and how that stands to the G20's targets for cross-border payments.
 * A corridor is the currency debited and the currency credited; trades between two banks (PvP, DvP)
 * are corridors of their own kind, from what the first leg delivers to what it receives.
 */
import { Exact } from '../../protocol/names/money.ts';
import { referenceRate } from '../../scenario/rates.ts';
import type { Scenario } from '../../scenario/scenario.ts';
import { type Percentiles, percentiles, ratio } from './delay-indicators.ts';
import { isCounted, isLeg, type PaymentRow, waitMs, waitsOf } from './payment-book.ts';
import { groupBy, sumMinor } from './sums.ts';
import { dateIndexAt } from './throughput.ts';

/** Percentiles are of the time to finality of what settled. */
export interface CorridorFigures extends Percentiles {
  readonly kind: 'payments' | 'trades';
  readonly currency: string;
  readonly currency2: string;
  readonly submitted: number;
  readonly settled: number;
  readonly rejected: number;
  readonly cancelled: number;
  /** Neither settled nor ended when the run ended. */
  readonly open: number;
  /** Of what settled; of trades the two legs. */
  readonly debitedMinor: bigint;
  readonly creditedMinor: bigint;
  readonly speed: SpeedFigures;
  readonly cost: CostFigures | null;
  /** Payments refused for their rate: the dealer had no such quote, or not enough of it. */
  readonly refusedForRate: number;
  readonly endedBy: Readonly<Record<string, number>>;
}

/** G20: 75 % within an hour, the rest within a business day. */
interface SpeedFigures {
  /** What could be credited: neither rejected nor withdrawn by its bank. */
  readonly payments: number;
  readonly withinHour: number;
  /** By the same time of the next business date of both currencies, or 24 hours after the last. */
  readonly withinBusinessDay: number;
}

/** What of the value debited does not arrive: the dealers' margin, with the rounding. */
interface CostFigures {
  /** 1 - credited / (debited x reference rate), of what settled; null where nothing did. */
  readonly share: number | null;
  readonly byDealer: readonly DealerCost[];
}

export interface DealerCost {
  readonly dealer: string;
  readonly payments: number;
  readonly debitedMinor: bigint;
  readonly creditedMinor: bigint;
  readonly share: number;
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

export function corridorFigures(
  scenario: Scenario,
  rows: readonly PaymentRow[],
): CorridorFigures[] {
  const counted = rows.filter((row) => isCounted(row) && row.currency !== '');
  const mates = new Map(rows.filter(isLeg).map((row) => [place(row.pool, row.position), row]));
  // By one text a corridor: to put it together for each payment takes as long as all the rest.
  const names = new Map<string, Map<string, string>>();
  const groups = groupBy(counted, (row) => {
    const corridor = corridorOf(row, mates);
    if (isLeg(row)) return corridor.join(' ');
    const of = names.get(row.currency) ?? new Map<string, string>();
    names.set(row.currency, of);
    const name = of.get(row.currency2) ?? corridor.join(' ');
    of.set(row.currency2, name);
    return name;
  });
  return [...groups]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, group]) => oneCorridor(scenario, group, mates));
}

const place = (pool: string, position: number) => `${pool} ${position}`;
const mateOf = (row: PaymentRow, mates: ReadonlyMap<string, PaymentRow>) =>
  row.pairPosition === null ? undefined : mates.get(place(row.pool, row.pairPosition));

/** Kind, currency debited, currency credited; '?' where a leg found no mirror to say it. */
function corridorOf(row: PaymentRow, mates: ReadonlyMap<string, PaymentRow>) {
  if (!isLeg(row)) return ['payments', row.currency, row.currency2] as const;
  const received = mateOf(row, mates)?.currency ?? '?';
  // Both directions of a trade are one corridor: which bank instructs first is chance.
  const [first, second] = [row.currency, received].sort() as [string, string];
  return received === '?'
    ? (['trades', row.currency, '?'] as const)
    : (['trades', first, second] as const);
}

function oneCorridor(
  scenario: Scenario,
  rows: readonly PaymentRow[],
  mates: ReadonlyMap<string, PaymentRow>,
): CorridorFigures {
  const [kind, currency, currency2] = corridorOf(rows[0] as PaymentRow, mates);
  const settled = rows.filter(({ status }) => status === 'settled');
  const waits = waitsOf(settled);
  const withStatus = (status: PaymentRow['status']) =>
    rows.filter((row) => row.status === status).length;
  return {
    kind,
    currency,
    currency2,
    submitted: rows.length,
    settled: settled.length,
    rejected: withStatus('rejected'),
    cancelled: withStatus('cancelled'),
    open: withStatus('queued') + withStatus('accepted'),
    ...settledValue(kind, currency, settled, mates),
    ...percentiles(waits),
    speed: speedOf(scenario, rows, currency, currency2),
    cost: kind === 'payments' ? costOf(scenario, settled, currency, currency2) : null,
    refusedForRate: rows.filter(({ reason }) => RATE_REASONS.has(reason)).length,
    endedBy: endedBy(rows),
  };
}

const RATE_REASONS: ReadonlySet<string> = new Set([
  'quoteMissing',
  'quoteExhausted',
  'amountNotAsQuoted',
]);

const sums = (rows: readonly PaymentRow[]) => ({
  debitedMinor: sumMinor(rows, ({ amountMinor }) => amountMinor),
  creditedMinor: sumMinor(rows, ({ amount2Minor }) => amount2Minor),
});

/** Of trades: what was delivered in the first currency, and in the second. */
function settledValue(
  kind: CorridorFigures['kind'],
  currency: string,
  settled: readonly PaymentRow[],
  mates: ReadonlyMap<string, PaymentRow>,
) {
  if (kind === 'payments') return sums(settled);
  const legs = settled.flatMap((row) => [row, mateOf(row, mates) ?? []].flat());
  const delivered = (first: boolean) =>
    sumMinor(
      legs.filter((leg) => (leg.currency === currency) === first),
      ({ amountMinor }) => amountMinor,
    );
  return { debitedMinor: delivered(true), creditedMinor: delivered(false) };
}

function endedBy(rows: readonly PaymentRow[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { reason, status } of rows)
    if (status === 'rejected' || status === 'cancelled') counts[reason] = (counts[reason] ?? 0) + 1;
  return Object.fromEntries(
    Object.entries(counts).sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1)),
  );
}

function speedOf(
  scenario: Scenario,
  rows: readonly PaymentRow[],
  currency: string,
  currency2: string,
): SpeedFigures {
  const creditable = rows.filter(
    ({ status, reason }) => status !== 'rejected' && reason !== 'cancelledByDebtorAgent',
  );
  const settled = creditable.filter(({ status }) => status === 'settled');
  const oneDayMs = businessDay(scenario, currency, currency2);
  return {
    payments: creditable.length,
    withinHour: settled.filter((row) => waitMs(row) <= HOUR_MS).length,
    withinBusinessDay: settled.filter((row) => waitMs(row) <= oneDayMs(row.submittedAtMs)).length,
  };
}

/** How long a business day is from an instant on: to the same time of the next date that both have. */
function businessDay(scenario: Scenario, code: string, code2: string): (atMs: number) => number {
  const hours = (of: string) => scenario.currencies.find((one) => one.code === of)?.hours ?? [];
  const [first, second] = [hours(code), hours(code2 === '?' ? code : code2)];
  const common = scenario.businessDates.flatMap((date, index) =>
    first[index] && second[index] ? [{ index, dayMs: Date.parse(`${date}T00:00:00Z`) }] : [],
  );
  return (atMs) => {
    const index = dateIndexAt(first, atMs);
    const from = common.findIndex((date) => date.index === index);
    const [today, next] = from < 0 ? [] : [common[from], common[from + 1]];
    return today && next ? next.dayMs - today.dayMs : DAY_MS;
  };
}

/** Null inside one currency, where nothing is charged, and where there is no rate to compare with. */
function costOf(
  scenario: Scenario,
  settled: readonly PaymentRow[],
  currency: string,
  currency2: string,
): CostFigures | null {
  const { rates } = scenario.document;
  if (currency === currency2 || !rates) return null;
  const rate = referenceRate(rates, currency, currency2);
  if (typeof rate === 'string') return null;
  const decimals = (code: string) =>
    scenario.currencies.find((one) => one.code === code)?.minorUnits ?? 0;
  const scale = new Exact(10).pow(decimals(currency2) - decimals(currency));
  const share = (debited: bigint, credited: bigint) =>
    Number(
      new Exact(1)
        .sub(new Exact(credited.toString()).div(rate.mul(scale).mul(debited.toString())))
        .toFixed(9),
    );
  const dealers = [...new Set(settled.map(({ dealer }) => dealer))].sort();
  const byDealer = dealers.map((dealer): DealerCost => {
    const mine = settled.filter((row) => row.dealer === dealer);
    const { debitedMinor, creditedMinor } = sums(mine);
    const costs = share(debitedMinor, creditedMinor);
    return { dealer, payments: mine.length, debitedMinor, creditedMinor, share: costs };
  });
  const all = sums(settled);
  return {
    share: all.debitedMinor > 0n ? share(all.debitedMinor, all.creditedMinor) : null,
    byDealer,
  };
}

/** Part of a whole to nine decimals; null of nothing. */
export const shareOf = (part: number, whole: number): number | null =>
  whole === 0 ? null : ratio(BigInt(part), BigInt(whole));
