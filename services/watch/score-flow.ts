/** What a model says of the payments of a recorded run, as rows of `watch_scores`. */
import type { ScoreReason, WatchModel } from '../analysis/watch/watch-model.ts';
import { FEATURES } from '../analysis/watch/watched-features.ts';
import { clickHouseTime } from '../metrics/rows.ts';
import type { RecordedFlow, RecordedPayment } from './watched-run.ts';

export interface ScoredPayment {
  readonly payment: RecordedPayment;
  readonly score: number;
  readonly known: number;
  readonly isolated: number;
  readonly isAlert: boolean;
  /** Of an alert: what moved the score most. */
  readonly reasons: readonly ScoreReason[];
}

/** In the order in which the payments came. */
export function scoredFlow(
  { payments, features }: RecordedFlow,
  model: WatchModel,
): ScoredPayment[] {
  const width = FEATURES.length;
  return payments.map((payment, at) => {
    const suspicion = model.suspicion(features, at * width);
    const isAlert = suspicion.score >= model.document.alertFrom;
    const reasons = isAlert ? model.reasons(features, at * width) : [];
    return { payment, ...suspicion, isAlert, reasons };
  });
}

export const scoreRow = (run: string, model: WatchModel, scored: ScoredPayment) => {
  const { payment, score, known, isolated, isAlert, reasons } = scored;
  return {
    ...{ run, pool: payment.pool, submitted_at: clickHouseTime(payment.timeMs) },
    ...{ uetr: payment.uetr, debtor_agent: payment.debtorAgent },
    ...{ creditor_agent: payment.creditorAgent, currency: payment.currency },
    ...{ amount_minor: payment.amountMinor.toString(), score, known, isolated },
    ...{ is_alert: isAlert ? 1 : 0, reasons: reasons.map(({ feature }) => feature) },
    model: model.digest,
  };
};
