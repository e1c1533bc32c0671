/** What `corridor disclose` says beside its rows: payments that fit none. */
import { type DisclosedDate, PAYMENTS_BEGUN } from '../export/disclosure.ts';
import { amountText } from '../protocol/names/minor-units.ts';
import { BUT_REFUSED_REPEATS } from '../report/queries/refused-repeats.ts';

type Ask = (sql: string, params: Readonly<Record<string, unknown>>) => Promise<unknown[]>;

/** Payments that are in no row. */
export interface UndisclosedPayments {
  /** Rejected, and of no currency that anyone knows: their messages were not authentic or could not be read. */
  readonly withoutCurrency: number;
  /** No close of their currency has followed. */
  readonly afterLastClose: number;
  /** Settled so, as an observation may have it: by currency, how many with what value, both legs of a trade. */
  readonly settledAfterLastClose: readonly UndisclosedSettled[];
}

interface UndisclosedSettled {
  readonly currency: string;
  readonly settled: number;
  /** In units of the currency, as a decimal. */
  readonly value: string;
}

const SETTLED_AFTER_SQL = `SELECT toString(p.currency) AS currency, countIf(p.second_leg = 0) AS settled, sum(toInt128(p.amount_minor)) AS value, any(m.minor_units) AS minor_units
FROM payments AS p
LEFT JOIN (SELECT pool, currency, max(a.time) AS closed FROM account_days AS a WHERE run = {run:String} GROUP BY pool, currency) AS d ON p.pool = d.pool AND p.currency = d.currency
INNER JOIN (SELECT pool, currency, minor_units FROM currencies WHERE run = {run:String} LIMIT 1 BY pool, currency) AS m ON p.pool = m.pool AND p.currency = m.currency
WHERE p.run = {run:String} AND p.status = 'ACSC' AND p.time > d.closed
GROUP BY currency ORDER BY currency`;

/** What a run has beside its dates: with their `submitted` and `settled` it is all that was submitted and settled. */
export async function undisclosedPayments(
  ask: Ask,
  run: string,
  dates: readonly DisclosedDate[],
): Promise<UndisclosedPayments> {
  const [row] = (await ask(
    `SELECT countIf(p.currency = '' AND status = 'RJCT' AND ${BUT_REFUSED_REPEATS}) AS without,
       sumIf(${PAYMENTS_BEGUN}, p.currency != '') AS submitted
     FROM payments AS p WHERE p.run = {run:String}`,
    { run },
  )) as { without: string; submitted: string }[];
  const inRows = dates.reduce((sum, { submitted }) => sum + submitted, 0);
  const settled = (await ask(SETTLED_AFTER_SQL, { run })) as {
    currency: string;
    settled: string;
    value: string;
    minor_units: number;
  }[];
  return {
    withoutCurrency: Number(row?.without ?? 0),
    afterLastClose: Number(row?.submitted ?? 0) - inRows,
    settledAfterLastClose: settled.map((one) => ({
      currency: one.currency,
      settled: Number(one.settled),
      value: amountText(BigInt(one.value), one.minor_units),
    })),
  };
}
