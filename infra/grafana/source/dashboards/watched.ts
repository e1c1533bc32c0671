import { ALERT_OF } from '../../../../services/analysis/watch/alert-budgets.ts';
import { type Dashboard, RUN_VARIABLE, type Variable } from '../dashboard-frame.ts';
import { lines, PARTICIPANT_LINK, rows } from '../panels.ts';
import { everyInterval, inTime, RUN, units, withDecimals } from '../sql-pieces.ts';

const MODEL_VARIABLE: Variable = {
  name: 'model',
  label: 'Model',
  description: 'A model that scored the run, by the SHA-256 of its file',
  sql: 'SELECT model FROM watch_scores WHERE run IN (${run:sqlstring}) GROUP BY model ORDER BY model',
  several: false,
};

const HOUR_S = 3_600;
/** What the model says of the payments that came in the time range. */
const SCORED = `watch_scores WHERE ${RUN} AND model IN (\${model:sqlstring}) AND ${inTime('submitted_at')}`;
const UNLABELLED = 'not labelled';
const NO_SCORES = 'no scores of this run and model in this range: corridor watch score';

export const watched: Dashboard = {
  uid: 'corridor-watched',
  title: 'Watched flow',
  description:
    'What a model of the watched flow says of a run’s payments, once corridor watch score has written it here: alerts against their budget, the highest scores with their reasons, by bank, and beside what a scenario injected. It advises; nothing in settlement reads it.',
  variables: [RUN_VARIABLE, MODEL_VARIABLE],
  panels: [
    lines({
      title: 'Alerts by hour',
      description: `By hour, UTC, of their submission: payments whose score reaches the model’s threshold, and the budget: one in ${ALERT_OF} of the payments scored, what the threshold lets through on days like the training’s.`,
      unit: 'short',
      steps: true,
      noValue: NO_SCORES,
      sql: everyInterval(
        'alerts, budget',
        `SELECT toStartOfInterval(toDateTime(submitted_at), INTERVAL ${HOUR_S} second) AS time, sum(is_alert) AS alerts, count() / ${ALERT_OF} AS budget
FROM ${SCORED} GROUP BY time`,
        undefined,
        `${HOUR_S}`,
      ),
    }),
    rows({
      title: 'Alerts by bank',
      description:
        'By bank that sends: payments scored, alerts of them and their share, and its highest score. Banks with most alerts first.',
      unit: 'short',
      noValue: NO_SCORES,
      columnUnits: { alert_share: 'percentunit' },
      link: PARTICIPANT_LINK,
      sql: `SELECT debtor_agent AS participant, count() AS payments, sum(is_alert) AS alerts, alerts / payments AS alert_share, max(score) AS highest_score
FROM ${SCORED} GROUP BY participant ORDER BY alerts DESC, highest_score DESC, participant`,
    }),
    rows({
      title: 'Highest scores',
      description:
        'The hundred payments with the highest scores: score, probability of a known kind, how easily it is told from all others, whether it is an alert (1), of an alert the features that moved the score most, and the model’s SHA-256. Amounts in whole units. A reason is no cause.',
      unit: 'short',
      width: 24,
      noValue: NO_SCORES,
      link: PARTICIPANT_LINK,
      sql: `SELECT submitted_at, debtor_agent AS participant, creditor_agent, t.currency AS currency, ${units('amount_minor')} AS amount, score, known, isolated, is_alert, arrayStringConcat(reasons, ', ') AS features, uetr, model
FROM ${withDecimals(`SELECT * FROM ${SCORED}`)}
ORDER BY score DESC, uetr LIMIT 100`,
    }),
    rows({
      title: 'Alerts by label',
      description: `Of a run whose scenario injected anomalies, by kind: its payments that are scored, how many and which share of them are alerts, and their share of all alerts. What nobody injected is “${UNLABELLED}”: its alerts are false ones. A bank that is silent has no payment, so no row.`,
      unit: 'short',
      width: 24,
      noValue: 'the run has no labels, or no scores in this range',
      columnUnits: { alert_share: 'percentunit', share_of_alerts: 'percentunit' },
      sql: `SELECT if(l.kind = '', '${UNLABELLED}', l.kind) AS label, count() AS payments, sum(s.is_alert) AS alerts, alerts / payments AS alert_share,
  alerts / nullIf(sum(sum(s.is_alert)) OVER (), 0) AS share_of_alerts
FROM (SELECT uetr, is_alert FROM ${SCORED}) AS s
LEFT JOIN (SELECT uetr, toString(any(labels.kind)) AS kind FROM labels WHERE ${RUN} AND uetr != '' GROUP BY uetr) AS l ON s.uetr = l.uetr
WHERE (SELECT count() FROM labels WHERE ${RUN}) > 0
GROUP BY label ORDER BY label = '${UNLABELLED}', label`,
    }),
  ],
};
