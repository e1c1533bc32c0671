import type { AnalysisStore } from './analysis-store.ts';
import type { EventTable, PoolTotals } from './pool-totals.ts';
import { clickHouseTime } from './store-rows.ts';

/** One figure by clearing's events and as the store has it: whole numbers, amounts in minor units. */
export interface Check {
  readonly figure: string;
  readonly expected: string;
  readonly found: string;
  readonly agrees: boolean;
}

export const check = (figure: string, expected: unknown, found: unknown): Check => {
  const [own, theirs] = [String(expected), String(found)];
  return { figure, expected: own, found: theirs, agrees: own === theirs };
};

export interface Scope {
  readonly run: string;
  readonly pool: string;
  /**
   * False where rows for later events may be there: then what is folded by the minute is left out,
   * for it has no event numbers to be bounded by.
   */
  readonly isComplete: boolean;
}

/** The rows of one pool. */
export const PLACE = 'run = {run:String} AND pool = {pool:String}';
const UP_TO = `${PLACE} AND event_number <= {number:UInt64}`;

/** Statuses by themselves: each payment has one final one, and its later leg, once matched, none. */
const PAYMENTS = `SELECT count() AS rows, sum(toUInt128(event_number)) AS numbers,
  countIf(status = 'ACSC' AND NOT second_leg) AS settled,
  countIf(status = 'RJCT' AND NOT second_leg) AS rejected,
  countIf(status = 'CANC' AND NOT second_leg) AS cancelled,
  toInt64(countIf(is_first = 1)) - toInt64(countIf(kind = 'matched' AND second_leg))
    - toInt64(settled) - toInt64(rejected) - toInt64(cancelled) AS waiting
FROM payments WHERE ${UP_TO}`;

const VALUES = `SELECT currency, sum(toInt128(amount_minor)) AS changed,
  sumIf(toInt128(amount_minor), status = 'ACSC') AS settled
FROM payments WHERE ${UP_TO} GROUP BY currency`;

const BALANCES = `SELECT currency, sum(toInt128(last)) AS stated FROM
  (SELECT participant, currency, argMax(balance_minor, time) AS last FROM balances
   WHERE ${PLACE} AND time <= {minute:DateTime64(3, 'UTC')} GROUP BY participant, currency)
GROUP BY currency`;

const NETTINGS = `SELECT currency, sum(toInt128(amount_minor)) AS netted
FROM nettings WHERE ${UP_TO} GROUP BY currency`;

/** Tables that views fold from the payments, and what must come of each. */
const FOLDED = `SELECT 'corridor_minutes: settled' AS figure, sumIf(statuses, status = 'ACSC') AS found
  FROM corridor_minutes WHERE ${PLACE}
UNION ALL SELECT 'finality_minutes: settled', sum(settled) FROM finality_minutes WHERE ${PLACE}
UNION ALL SELECT 'sender_minutes: status changes', sum(statuses) FROM sender_minutes WHERE ${PLACE}
UNION ALL SELECT 'receiver_minutes: legs settled', sum(settled) FROM receiver_minutes WHERE ${PLACE}
UNION ALL SELECT 'pair_hours: legs settled', sum(settled) FROM pair_hours WHERE ${PLACE}`;

/** Values in them, where each leg of a trade counts in its own currency. */
const FOLDED_VALUES = `SELECT 'corridor_minutes' AS folded, currency, sumIf(amount_minor, status = 'ACSC') AS value
  FROM corridor_minutes WHERE ${PLACE} GROUP BY currency
UNION ALL SELECT 'sender_minutes', currency, sumIf(amount_minor, status = 'ACSC')
  FROM sender_minutes WHERE ${PLACE} GROUP BY currency
UNION ALL SELECT 'pair_hours', currency, sum(amount_minor) FROM pair_hours WHERE ${PLACE} GROUP BY currency`;
const VALUED = ['corridor_minutes', 'sender_minutes', 'pair_hours'];

type Row = Readonly<Record<string, string>>;

/**
 * Asks the store for its figures up to the totals' last event and holds them against these. The
 * figures `conserved <currency>` are clearing's own: what accounts were given against what they hold.
 */
export async function reconcile(
  store: Pick<AnalysisStore, 'query'>,
  { run, pool, isComplete }: Scope,
  totals: PoolTotals,
): Promise<Check[]> {
  const { number, statusChanges, numberSum, payments, settledLegs, tables } = totals;
  const currencies = totals.currencies();
  const minute = clickHouseTime(totals.minuteEndsMs);
  const ask = (sql: string) => store.query<Row>(sql, { run, pool, number, minute });
  const [[counts = {}], values, balances, nettings, folded, foldedValues] = await Promise.all([
    ask(PAYMENTS),
    ask(VALUES),
    ask(BALANCES),
    ask(NETTINGS),
    isComplete ? ask(FOLDED) : [],
    isComplete ? ask(FOLDED_VALUES) : [],
  ]);
  const checks: Check[] = [];
  /** What the store has nothing of counts 0. */
  const add = (figure: string, expected: number | bigint, found = '0') => {
    checks.push(check(figure, expected, found));
  };
  add('payments settled', payments.ACSC, counts.settled);
  add('payments rejected', payments.RJCT, counts.rejected);
  add('payments cancelled', payments.CANC, counts.cancelled);
  add('payments without a final status', payments.open, counts.waiting);
  add('status changes', statusChanges, counts.rows);
  add('status changes: sum of event numbers', numberSum, counts.numbers);
  for (const { currency, ...sums } of currencies) {
    const of = (rows: readonly Row[]) => rows.find((row) => row.currency === currency) ?? {};
    add(`settled ${currency}`, sums.settled, of(values).settled);
    add(`status changes ${currency}`, sums.changed, of(values).changed);
    add(`balances ${currency}`, sums.statedAtMinute, of(balances).stated);
    add(`nettings ${currency}`, sums.netted, of(nettings).netted);
    add(`conserved ${currency}`, sums.putIn, sums.stated.toString());
    if (!isComplete) continue;
    for (const name of VALUED) {
      const own = foldedValues.find((row) => row.folded === name && row.currency === currency);
      add(`${name}: settled ${currency}`, sums.settled, own?.value);
    }
  }
  for (const [table, count] of Object.entries(tables)) {
    const [row] = await ask(`SELECT count() AS rows FROM ${table as EventTable} WHERE ${UP_TO}`);
    add(`${table}: rows`, count, row?.rows);
  }
  for (const { figure = '', found } of folded)
    add(figure, expectedOf(figure, payments.ACSC, statusChanges, settledLegs), found);
  return checks;
}

function expectedOf(figure: string, settled: number, changes: number, legs: number): number {
  if (figure.endsWith('status changes')) return changes;
  return figure.endsWith('legs settled') ? legs : settled;
}

/** Rows of `reconciliations`. */
export const checkRows = (
  { run, pool }: Pick<Scope, 'run' | 'pool'>,
  number: number,
  atMs: number,
  checks: readonly Check[],
) =>
  checks.map(({ figure, expected, found, agrees }) => ({
    run,
    pool,
    time: clickHouseTime(atMs),
    event_number: number,
    figure,
    expected,
    found,
    agrees: agrees ? 1 : 0,
  }));
