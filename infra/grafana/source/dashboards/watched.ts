import { ALERT_OF } from '../../../../services/analysis/watch/alert-budgets.ts';
import { type Dashboard, RUN_VARIABLE, type Variable } from '../dashboard-frame.ts';
import { lines, PARTICIPANT_LINK, rows } from '../panels.ts';
import { everyInterval, inTime, RUN, units, withDecimals } from '../sql-pieces.ts';

const MODEL_VARIABLE: Variable = {
  name: 'model',
  label: 'Model',
  description: 'A model that scored the run, by the SHA-256 of its file',
  sql: 'SELECT model FROM watch_hours WHERE run IN (${run:sqlstring}) GROUP BY model ORDER BY model',
  several: false,
};

const HOUR_S = 3_600;

const OF_MODEL = `${RUN} AND model IN (\${model:sqlstring})`;
/** What the model says of the payments that came in the time range. */
const WITHIN = `${OF_MODEL} AND ${inTime('submitted_at')}`;
const SCORED = `watch_scores WHERE ${WITHIN}`;
const WHOLE_HOURS = 'hour >= $__fromTime AND hour <= $__toTime - 3600';
/** The same by hour, bank and label: whole hours of the range from the table of hours, the others from that of scores. */
const HOURS = `(SELECT hour, debtor_agent, label, payments, alerts, highest_score FROM watch_hours WHERE ${OF_MODEL} AND ${WHOLE_HOURS}
  UNION ALL SELECT toStartOfHour(toDateTime(submitted_at)) AS hour, debtor_agent, label, count() AS payments, sum(toUInt64(is_alert)) AS alerts, max(score) AS highest_score
    FROM ${SCORED} AND NOT (toStartOfHour(toDateTime(submitted_at)) >= $__fromTime AND toStartOfHour(toDateTime(submitted_at)) <= $__toTime - 3600)
    GROUP BY hour, debtor_agent, label)`;
const SHOWN = 100;
/** A score that so many payments of the range reach at least: each hour, bank and label has one with its highest. 0: there are fewer of these. */
const REACHED = `(SELECT if(count() = ${SHOWN}, min(highest), 0) FROM (SELECT max(watch_hours.highest_score) AS highest FROM watch_hours
    WHERE ${OF_MODEL} AND ${WHOLE_HOURS} GROUP BY run, pool, model, hour, debtor_agent, label ORDER BY highest DESC LIMIT ${SHOWN}))`;
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
      description: `By hour, UTC, of their submission: payments whose score reaches the model’s threshold, and the budget: one in ${ALERT_OF} of the payments scored, about what the threshold lets through on days like the training’s.`,
      unit: 'short',
      steps: true,
      noValue: NO_SCORES,
      sql: everyInterval(
        'alerts, budget',
        `SELECT h.hour AS time, sum(h.alerts) AS alerts, sum(h.payments) / ${ALERT_OF} AS budget FROM ${HOURS} AS h GROUP BY time`,
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
      sql: `SELECT debtor_agent AS participant, sum(h.payments) AS payments, sum(h.alerts) AS alerts, alerts / payments AS alert_share, max(h.highest_score) AS highest_score
FROM ${HOURS} AS h GROUP BY participant ORDER BY alerts DESC, highest_score DESC, participant`,
    }),
    rows({
      title: 'Highest scores',
      description:
        'The hundred payments with the highest scores: score, probability of a known kind, how easily it is told from all others, whether it is an alert (1), of an alert the features that moved the score most, and the model’s SHA-256. Amounts in whole units. A reason is no cause.',
      unit: 'short',
      width: 24,
      noValue: NO_SCORES,
      link: PARTICIPANT_LINK,
      // Where there are as many alerts, they are the highest; the others are looked at where there are not.
      sql: `SELECT submitted_at, debtor_agent AS participant, creditor_agent, t.currency AS currency, ${units('amount_minor')} AS amount, score, known, isolated, is_alert, arrayStringConcat(reasons, ', ') AS features, uetr, model
FROM ${withDecimals(`SELECT * FROM (SELECT * FROM watch_alerts WHERE ${WITHIN}
    UNION ALL SELECT * FROM ${SCORED} AND is_alert = 0 AND (SELECT count() FROM watch_alerts WHERE ${WITHIN}) < ${SHOWN} AND score >= ${REACHED})
  ORDER BY score DESC, uetr LIMIT ${SHOWN}`)}
ORDER BY score DESC, uetr`,
    }),
    rows({
      title: 'Alerts by label',
      description: `Of a run whose scenario injected anomalies, by kind: its payments that are scored, how many and which share of them are alerts, and their share of all alerts. What nobody injected is “${UNLABELLED}”: its alerts are false ones. A bank that is silent has no payment, so no row.`,
      unit: 'short',
      width: 24,
      noValue: 'the run has no labels, or no scores in this range',
      columnUnits: { alert_share: 'percentunit', share_of_alerts: 'percentunit' },
      sql: `SELECT if(h.label = '', '${UNLABELLED}', h.label) AS label, sum(h.payments) AS payments, sum(h.alerts) AS alerts, alerts / payments AS alert_share,
  alerts / nullIf(sum(sum(h.alerts)) OVER (), 0) AS share_of_alerts
FROM ${HOURS} AS h
WHERE (SELECT count() FROM watch_hours WHERE ${OF_MODEL} AND label != '') > 0
GROUP BY label ORDER BY label = '${UNLABELLED}', label`,
    }),
  ],
};
