/** What a model says of the payments of a recorded run, as rows of `watch_scores`. */
import type { ScoreReason, WatchModel } from '../analysis/watch/watch-model.ts';
import { FEATURES } from '../analysis/watch/watched-features.ts';
import { clickHouseTime } from '../metrics/store-rows.ts';
import { type RecordedFlow, type RecordedPayment, withAccounts } from './watched-run.ts';

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

/** How far the shares of payments with accounts may lie apart in the days of training and those that are scored. */
const ACCOUNTS_APART_MAX = 0.1;

/** Where a model was trained on another kind of flow: its scores would mark half of this one. Else null. */
export function accountsWarning(
  { folder, payments }: RecordedFlow,
  { document }: Pick<WatchModel, 'document'>,
): string | null {
  const share = withAccounts(payments);
  if (Math.abs(share - document.withAccounts) <= ACCOUNTS_APART_MAX) return null;
  const percent = (of: number) => `${(100 * of).toFixed(1)} %`;
  return `watch score: ${folder}: ${percent(share)} of the payments name the payer's account; expected about ${percent(document.withAccounts)}, as in the model's training: these scores tell that difference and little else`;
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
