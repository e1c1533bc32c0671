import type { ExplainedScore, WatchModel } from '../analysis/watch/watch-model.ts';
import type { WatchedPayment } from '../analysis/watch/watched-features.ts';
import { clickHouseTime } from './store-rows.ts';

interface PoolPayment extends WatchedPayment {
  readonly pool: string;
  readonly uetr: string;
  /** The kind of anomaly that a recorded run's tables name. */
  readonly label?: string;
}

/** A payment of a pool, and what a model says of it. */
export interface ScoredPayment<Payment extends PoolPayment = PoolPayment> extends ExplainedScore {
  readonly payment: Payment;
}

/** A row of `watch_scores`. */
export const scoreRow = (run: string, model: Pick<WatchModel, 'digest'>, scored: ScoredPayment) => {
  const { payment, score, known, isolated, isAlert, reasons } = scored;
  // One literal: spreads would take longer than the features.
  return {
    run,
    pool: payment.pool,
    submitted_at: clickHouseTime(payment.timeMs),
    uetr: payment.uetr,
    debtor_agent: payment.debtorAgent,
    creditor_agent: payment.creditorAgent,
    currency: payment.currency,
    amount_minor: payment.amountMinor.toString(),
    score,
    known,
    isolated,
    is_alert: isAlert ? 1 : 0,
    reasons: reasons.map(({ feature }) => feature),
    label: payment.label ?? '',
    model: model.digest,
  };
};
