/** What `corridor disclose` says beside its rows: payments that fit none. */
import { type DisclosedDate, PAYMENTS_BEGUN } from '../export/disclosure.ts';
import { BUT_REFUSED_REPEATS } from '../report/queries/refused-repeats.ts';

type Ask = (sql: string, params: Readonly<Record<string, unknown>>) => Promise<unknown[]>;

/** Payments that are in no row. */
export interface UndisclosedPayments {
  /** Rejected, and of no currency that anyone knows: their messages were not authentic or could not be read. */
  readonly withoutCurrency: number;
  /** No close of their currency has followed. */
  readonly afterLastClose: number;
}

/** What a run has beside its dates: with their `submitted` it is all that was submitted. */
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
  return {
    withoutCurrency: Number(row?.without ?? 0),
    afterLastClose: Number(row?.submitted ?? 0) - inRows,
  };
}
