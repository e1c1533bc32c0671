/** What a model says of the payments of a recorded run. */
import type { WatchModel } from '../analysis/watch/watch-model.ts';
import { FEATURES } from '../analysis/watch/watched-features.ts';
import type { ScoredPayment } from '../metrics/watch-score-rows.ts';
import { type RecordedFlow, type RecordedPayment, withAccounts } from './watched-run.ts';

/** In the order in which the payments came. */
export const scoredFlow = (
  { payments, features }: RecordedFlow,
  model: WatchModel,
): ScoredPayment<RecordedPayment>[] =>
  payments.map((payment, at) => ({ payment, ...model.judge(features, at * FEATURES.length) }));

/** Where a model was trained on another kind of flow: its scores would mark half of this one. Else null. */
export function accountsWarning(
  { folder, payments }: RecordedFlow,
  model: Pick<WatchModel, 'document' | 'knowsShare'>,
): string | null {
  const share = withAccounts(payments);
  if (model.knowsShare(share)) return null;
  const percent = (of: number) => `${(100 * of).toFixed(1)} %`;
  return `watch score: ${folder}: ${percent(share)} of the payments name the payer's account; expected about ${percent(model.document.withAccounts)}, as in the model's training: these scores tell that difference and little else`;
}
