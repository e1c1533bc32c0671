/** The card of a model: its data, what it finds of days that it was not shown, its limits, and how drift is seen. */
import {
  ALERT_OF,
  atBudget,
  BUDGETS,
  type BudgetFigures,
  type FoundByAlerts,
  foundByAlerts,
} from '../analysis/watch/alert-budgets.ts';
import { WatchModel } from '../analysis/watch/watch-model.ts';
import { FEATURES } from '../analysis/watch/watched-features.ts';
import { tableText } from './anomaly-page.ts';
import { scoredFlow } from './flow-scores.ts';
import { trainModel } from './train-model.ts';
import { flowFrom, flowUntil, type RecordedFlow } from './watched-run.ts';

/** Payments that a model like the one of the card is not shown, and those that it is. */
interface HeldOut {
  /** What is judged, in words. */
  readonly judgedOn: string;
  readonly training: readonly RecordedFlow[];
  readonly judged: readonly RecordedFlow[];
}

interface HeldOutFigures {
  readonly judgedOn: string;
  /** Payments that the model was trained on, those that it was judged by, and those of them that are labelled. */
  readonly trainedOn: number;
  readonly payments: number;
  readonly labelled: number;
  /** Of the payments whose score reaches the model's own threshold, which knows nothing of the judged ones. */
  readonly own: FoundByAlerts;
  /** Of those that rank highest. */
  readonly budgets: readonly BudgetFigures[];
}

const DAY_MS = 86_400_000;

/**
 * The last date (UTC) of each run; where nothing that is shown is labelled before it, the last of several runs.
 * Null: in neither are labels in both parts.
 * @param leftOut kinds that the model is not shown
 */
export function heldOutOf(
  flows: readonly RecordedFlow[],
  leftOut: readonly string[] = [],
): HeldOut | null {
  const last = flows.at(-1);
  const parts = flows.map((flow) => {
    const lastMs = flow.payments.reduce((most, { timeMs }) => Math.max(most, timeMs), 0);
    const fromMs = Math.floor(lastMs / DAY_MS) * DAY_MS;
    return { before: flowUntil(flow, fromMs), date: flowFrom(flow, fromMs) };
  });
  const ways: readonly HeldOut[] = [
    {
      judgedOn: 'the last date of each run, UTC',
      training: parts.flatMap(({ before }) => (before.payments.length > 0 ? [before] : [])),
      judged: parts.map(({ date }) => date),
    },
    { judgedOn: `the run ${last?.run}`, training: flows.slice(0, -1), judged: flows.slice(-1) },
  ];
  const kindsIn = (of: readonly RecordedFlow[]) =>
    of.flatMap(({ payments }) => payments.flatMap(({ label }) => label || []));
  return (
    ways.find(
      ({ training, judged }) =>
        kindsIn(training).some((kind) => !leftOut.includes(kind)) && kindsIn(judged).length > 0,
    ) ?? null
  );
}

/** Of a model that is trained as the card's was, on the other part alone. Null: there are no two parts with labels. */
export function heldOutFigures(
  flows: readonly RecordedFlow[],
  leftOut: readonly string[] = [],
): HeldOutFigures | null {
  const held = heldOutOf(flows, leftOut);
  if (held === null) return null;
  const { judgedOn, training, judged } = held;
  const kinds = new Set(training.flatMap(({ payments }) => payments.map(({ label }) => label)));
  const text = trainModel(
    training,
    leftOut.filter((kind) => kinds.has(kind)),
  );
  const model = new WatchModel(Buffer.from(text));
  const trainedOn = model.document.runs.reduce((sum, { payments }) => sum + payments, 0);
  return { judgedOn, trainedOn, ...judgedBy(model, judged) };
}

/** What a model finds of flows, by its threshold and ranked together. */
export function judgedBy(
  model: WatchModel,
  flows: readonly RecordedFlow[],
): Omit<HeldOutFigures, 'judgedOn' | 'trainedOn'> {
  const scored = flows.flatMap((flow) => scoredFlow(flow, model));
  const labels = scored.map(({ payment }) => payment.label);
  const scores = Float64Array.from(scored, ({ score }) => score);
  return {
    ...{ payments: scored.length, labelled: labels.filter((label) => label !== '').length },
    own: foundByAlerts(
      labels,
      [...scored.keys()].filter((at) => scored[at]!.isAlert),
    ),
    budgets: BUDGETS.map((budget) => atBudget(labels, scores, budget)),
  };
}

const percent = (share: number) => `${Number((100 * share).toFixed(1))} %`;
const list = (counts: Readonly<Record<string, number>>) =>
  Object.entries(counts)
    .map(([kind, count]) => `\`${kind}\` ${count}`)
    .join(', ');

/** Markdown. @param held null: no figures, and the card says why */
export function modelCard({ digest, document }: WatchModel, held: HeldOutFigures | null): string {
  const { runs, kinds, without, medians, libraries, alertFrom } = document;
  const shown = Object.entries(libraries).map(([name, version]) => `${name} ${version}`);
  return `# A model of the watched flow

SHA-256 \`${digest}\`, trained by ${shown.join(' and ')}. It advises: nothing in settlement reads it.

${tableText(
  'Data',
  ['run', 'payments', 'labelled', 'eventsHash'],
  runs.map((run) => [
    run.run,
    `${run.payments}`,
    `${run.labelled}`,
    run.eventsHash || 'planned, not run',
  ]),
)}
- Labelled, by kind: ${list(kinds)}. Kinds that it was not shown: ${without.join(', ') || 'none'}.
- ${percent(document.withAccounts)} of the payments name the payer's account.

${figuresText(held)}
${tableText(
  'Features',
  ['feature', 'median in training'],
  FEATURES.map(({ name }, at) => [`\`${name}\``, `${Number(medians[at]!.toFixed(3))}`]),
)}
### Limits

- Of a kind that training did not have next to nothing is found. Labels come from simulations: a model says nothing of a real flow before
  it was trained and judged there.
- A payment that is alone unusual is found, one that is unusual only with hundreds of others may not be. A bank that sends nothing has no payment to score.
- A reason is a feature whose replacement by its median lowers the score. It is no cause.

### Drift

- Scores from ${Number(alertFrom.toFixed(4))} on are alerts: ${percent(1 / ALERT_OF)} of the training's payments reach that where each is scored by a model that was not shown it${
    held === null
      ? ''
      : `. Of the payments held out, ${percent(held.own.alerts / held.payments)} reach their own training's threshold`
  }.
  \`corridor watch score\` prints the share of a run. Where it moves for days, the flow has changed, or the model no longer fits. Of the store:

\`\`\`sql
SELECT toDate(submitted_at) AS date, count() AS payments, avg(is_alert) AS alerts
FROM watch_scores WHERE model = '${digest}' GROUP BY date ORDER BY date
\`\`\`

- \`corridor watch score\` warns where another share of the payments names the payer's account.
- Where labels come later (a bank tells what was fraud), judge it by them anew, and train on them.
`;
}

function figuresText(held: HeldOutFigures | null): string {
  if (held === null)
    return `### Held out

No figures: labelled payments stand neither both before and on the last date of the runs, nor both in the last run and in others. What such
models find of other days: docs/studies/anomalies.md.
`;
  const { judgedOn, trainedOn, payments, labelled, own, budgets } = held;
  const row = (alertsBy: string, of: FoundByAlerts) => [
    ...[alertsBy, `${of.alerts}`, percent(of.precision), percent(of.recall)],
    percent(of.kindsFound),
  ];
  return `${tableText(
    'Held out',
    ['alerts', 'payments', 'precision', 'recall', 'kinds found'],
    [
      row('by its threshold', own),
      ...budgets.map((of) => row(`the highest ${percent(of.budget)}`, of)),
    ],
  )}
- Judged on ${judgedOn}: ${payments} payments, ${labelled} of them labelled, by a model that was trained as this one on ${trainedOn} other payments. The
  model of this card was shown the judged ones too.
- Recall by kind, by its threshold: ${Object.entries(own.byKind)
    .map(([kind, recall]) => `\`${kind}\` ${percent(recall)}`)
    .join(', ')}.
- As payments come in there is the threshold alone, with one model for all dates. The highest are ranked over all that is judged, which is known at its end. One day gives no interval.
`;
}
