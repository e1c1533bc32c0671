import type { HeldMoney } from '../protocol/records/case-record.ts';
import { type AnalysisStore, ask } from './analysis-store.ts';
import { clickHouseTime } from './store-rows.ts';

/** The rule whose cases have it; its label `debtor_agent` is the bank. */
export const OUTAGE_RULE = 'corridor-outage';

/** Banks that a case names, those of which most payments wait. */
const WAITING_MAX = 100;

/**
 * By how much a bank's balances have risen since the end of the minute of its last message: the table has the
 * balances at the end of each minute. Minor units.
 */
const TRAPPED = `WITH (SELECT max(minute) + INTERVAL 1 MINUTE FROM sender_minutes
  WHERE run = {run:String} AND debtor_agent = {bic:String} AND currency != '' AND first_statuses > 0 AND minute < {to:DateTime('UTC')}) AS since
SELECT currency, toString(sum(risen)) AS amount FROM
  (SELECT pool, currency, argMax(balance_minor, balances.time) - argMaxIf(balance_minor, balances.time, balances.time <= since) AS risen FROM balances
   WHERE run = {run:String} AND participant = {bic:String} AND balances.time <= {to:DateTime('UTC')} GROUP BY pool, currency)
WHERE risen > 0 GROUP BY currency ORDER BY currency`;

/** Of others in the currencies in which the bank sends, payments that wait at the end of their last minute. */
const WAITING = `SELECT currency, participant, sum(waiting) AS payments FROM
  (SELECT pool, currency, participant, argMax(queue_samples.count, queue_samples.time) AS waiting FROM queue_samples
   WHERE run = {run:String} AND participant NOT IN ('', {bic:String}) AND queue_samples.time <= {to:DateTime('UTC')} AND currency IN
     (SELECT currency FROM sender_minutes WHERE run = {run:String} AND debtor_agent = {bic:String} AND currency != '' AND first_statuses > 0
      AND minute >= {from:DateTime('UTC')} AND minute < {to:DateTime('UTC')})
   GROUP BY pool, currency, participant)
WHERE waiting > 0 GROUP BY currency, participant ORDER BY payments DESC, currency, participant LIMIT ${WAITING_MAX}`;

/** A bank, the time in which a rule looks at what it sends, and at its end as of when. */
export interface OutageOf {
  readonly run: string;
  readonly bic: string;
  readonly fromMs: number;
  readonly toMs: number;
}

/** What came in at a bank since its last message and stays there, and who waits in the currencies in which it sends. */
export async function heldAt(
  store: Pick<AnalysisStore, 'query'>,
  { run, bic, fromMs, toMs }: OutageOf,
): Promise<HeldMoney> {
  const second = (ms: number) => clickHouseTime(ms).slice(0, 19);
  const of = { run, bic, from: second(fromMs), to: second(toMs) };
  const trapped = await ask(() => store.query<{ currency: string; amount: string }>(TRAPPED, of));
  const waiting = await ask(() =>
    store.query<{ currency: string; participant: string; payments: string }>(WAITING, of),
  );
  return {
    trapped: trapped.map(({ currency, amount }) => ({ currency, amountMinor: amount })),
    waiting: waiting.map(({ currency, participant, payments }) => ({
      ...{ currency, bic: participant, payments: Number(payments) },
    })),
  };
}
