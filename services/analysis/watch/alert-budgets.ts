// From how many alerts in an hour on the watch opens a case: live/alert-thresholds.ts.

/** How good a ranking of payments is where so many of them may be looked at as alerts. */
export const BUDGETS = [0.001, 0.005, 0.01] as const;
/**
 * Of a model of the watch: one payment in so many is an alert of days like the training's. The score from which that is:
 * watch/train-model.ts; held against a payment's: watch-model.ts (`isAlert`).
 */
export const ALERT_OF = 100;

export interface FoundByAlerts {
  readonly alerts: number;
  /** Of the alerts those that are labelled; of what is labelled those that are alerts. */
  readonly precision: number;
  readonly recall: number;
  /** Of the kinds that there are those with an alert at least: who looks at one finds the others. */
  readonly kindsFound: number;
  /** Recall by kind. */
  readonly byKind: Readonly<Record<string, number>>;
}

export interface BudgetFigures extends FoundByAlerts {
  readonly budget: number;
}

/**
 * @param labels of each payment its kind of anomaly; empty: none
 * @param scores of each payment; of equal ones the earlier payment comes first
 */
export function atBudget(
  labels: readonly string[],
  scores: ArrayLike<number>,
  budget: number,
): BudgetFigures {
  const alerts = Math.max(1, Math.round(budget * labels.length));
  const order = [...labels.keys()].sort((a, b) => scores[b]! - scores[a]! || a - b);
  return { budget, ...foundByAlerts(labels, order.slice(0, alerts)) };
}

/** @param alerts numbers of the payments that are alerts */
export function foundByAlerts(labels: readonly string[], alerts: readonly number[]): FoundByAlerts {
  const all = new Map<string, number>();
  const found = new Map<string, number>();
  const count = (of: Map<string, number>, at: number) => {
    const label = labels[at]!;
    if (label !== '') of.set(label, (of.get(label) ?? 0) + 1);
  };
  for (const at of labels.keys()) count(all, at);
  for (const at of alerts) count(found, at);
  const sum = (of: Map<string, number>) => [...of.values()].reduce((a, b) => a + b, 0);
  return {
    ...{ alerts: alerts.length, precision: sum(found) / Math.max(1, alerts.length) },
    recall: sum(all) === 0 ? 0 : sum(found) / sum(all),
    kindsFound: all.size === 0 ? 0 : found.size / all.size,
    byKind: Object.fromEntries([...all].map(([kind, of]) => [kind, (found.get(kind) ?? 0) / of])),
  };
}
