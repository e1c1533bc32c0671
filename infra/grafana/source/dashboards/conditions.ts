import {
  CURRENCY_VARIABLE,
  type Dashboard,
  POOL_VARIABLE,
  RUN_VARIABLE,
} from '../dashboard-frame.ts';
import { bars, lines, number, PARTICIPANT_LINK, rows } from '../panels.ts';
import { CURRENCY, inRange, inTime, POOL, RUN, units, withDecimals } from '../sql-pieces.ts';

const OF_POOLS = `${RUN} AND ${POOL}`;

/** Complete chains that stood at the end of the range or ended before: whether met, and what leg 1 came to. */
const CHAINS = `(SELECT run, pool, chain, legs, is_met, since, met_at, ended_at,
    multiIf(outcome = 'ACSC', 'settled', outcome = '', if(is_met, 'condition met', 'waits'),
      why = 'conditionRefused', 'refused by attestors', why = 'conditionUnmet', 'ended at its deadline',
      why = 'earmarkExpired', 'earmarks expired', 'ended otherwise') AS state
  FROM (SELECT run, pool, chain, any(e.legs) AS legs, max(kind = 'triggered') AS is_met,
      minIf(e.time, kind = 'matched') AS since, minIf(e.time, kind = 'triggered') AS met_at
    FROM chain_events AS e WHERE ${OF_POOLS} AND e.time < $__toTime AND leg = 1 AND kind IN ('matched', 'triggered')
    GROUP BY run, pool, chain) AS m
  LEFT JOIN (SELECT run, pool, payment_position AS chain, status AS outcome, reason AS why, p.time AS ended_at
    FROM chain_ends AS p WHERE ${OF_POOLS} AND p.time < $__toTime) AS s
  USING (run, pool, chain))`;

/** By what each event changes what is set aside; what settles by mechanism earmark is so no more. */
const CHANGES = `(SELECT run, e.time AS time, event_number, e.participant AS participant, e.currency AS currency,
      if(kind = 'earmarked', toInt128(amount_minor), -toInt128(amount_minor)) AS change, if(kind = 'earmarked', 1, -1) AS leg_change
    FROM chain_events AS e WHERE ${OF_POOLS} AND ${CURRENCY} AND kind IN ('earmarked', 'released') AND e.time <= $__toTime
  UNION ALL SELECT run, p.time AS time, event_number, debtor_agent AS participant, p.currency AS currency,
      -toInt128(amount_minor) AS change, -1 AS leg_change
    FROM chain_ends AS p WHERE ${OF_POOLS} AND ${CURRENCY} AND status = 'ACSC' AND mechanism = 'earmark' AND p.time <= $__toTime)`;

/** Of each event after it, and at both ends of the range. */
const EARMARKED = `(SELECT run, time, currency, level FROM
    (SELECT run, time, currency, sum(change) OVER (PARTITION BY run, currency ORDER BY time, event_number ROWS UNBOUNDED PRECEDING) AS level FROM ${CHANGES})
    WHERE time > $__fromTime
  UNION ALL SELECT run, end.1 AS time, currency, end.2 AS level FROM
    (SELECT run, currency, arrayJoin([(toDateTime64($__fromTime, 3, 'UTC'), sumIf(change, g.time <= $__fromTime)), (toDateTime64($__toTime, 3, 'UTC'), sum(change))]) AS end
     FROM ${CHANGES} AS g GROUP BY run, currency))`;

export const conditions: Dashboard = {
  uid: 'corridor-conditions',
  title: 'Chains and conditions',
  description:
    'Chains by state, what is set aside of whom, who is waited for, who attested what, and what was released or expired.',
  variables: [RUN_VARIABLE, POOL_VARIABLE, CURRENCY_VARIABLE],
  panels: [
    bars({
      title: 'Chains by state',
      description:
        'Chains whose legs have all come, at the end of the time range: settled, condition met and not settled, waits (for its condition where it has one, else for money or a time), refused by attestors, ended at its deadline, earmarks expired, ended otherwise.',
      unit: 'short',
      noValue: 'no chain was complete',
      sql: `SELECT state, count() AS chains FROM ${CHAINS} GROUP BY state ORDER BY state`,
    }),
    lines({
      title: 'Earmarked value',
      description:
        'What is set aside in all accounts of a currency, in whole units: the most since the point before, and what is set aside at both ends of the time range.',
      unit: 'short',
      steps: true,
      noValue: 'nothing was set aside',
      sql: `SELECT time, t.currency AS currency, ${units('earmarked')} AS value FROM
${withDecimals(`SELECT run, $__timeInterval(l.time) AS time, currency, max(l.level) AS earmarked FROM ${EARMARKED} AS l GROUP BY run, time, currency`)}
ORDER BY time, currency`,
    }),
    number({
      title: 'Attestation to settlement, p99',
      description:
        'Of chains that settled in the time range and whose condition was met: from when it was met, by attestations or silence, to settlement, by nearest rank.',
      unit: 'ms',
      width: 6,
      noValue: 'no chain with a condition settled',
      sql: `SELECT quantileExactLow(0.99)(toUnixTimestamp64Milli(ended_at) - toUnixTimestamp64Milli(met_at)) AS ms FROM ${CHAINS}
WHERE is_met AND state = 'settled' AND ${inTime('ended_at')} HAVING count() > 0`,
    }),
    number({
      title: 'Chains that wait',
      description:
        'Chains whose legs have all come and that have neither settled nor ended at the end of the time range.',
      unit: 'short',
      width: 6,
      noValue: 'no chain was complete',
      sql: `SELECT countIf(state IN ('waits', 'condition met')) AS chains FROM ${CHAINS} HAVING count() > 0`,
    }),
    bars({
      title: 'Attestations by attestor',
      description:
        'What attestors said in the time range that counted: accepted, refused or held a chain, or recorded a document.',
      unit: 'short',
      noValue: 'nothing was attested',
      sql: `SELECT participant AS attestor, countIf(verdict = 'accepted') AS accepted, countIf(verdict = 'refused') AS refused,
  countIf(verdict = 'held') AS held, countIf(kind = 'recorded') AS recorded
FROM chain_events WHERE ${inRange('time')} AND kind IN ('attested', 'recorded') GROUP BY attestor ORDER BY attestor`,
    }),
    rows({
      title: 'Waited for now',
      description:
        'Legs of complete chains whose condition is not met at the end of the time range, by the attestors of whom acceptances are missing: how many, and since when the oldest waits. Of a live network alone.',
      unit: 'short',
      noValue: 'no condition is waited for, or a recorded run',
      sql: `SELECT awaited, sum(w.count) AS legs, min(w.oldest_since) AS waits_since FROM waits AS w
WHERE ${OF_POOLS} AND kind = 'condition' AND ${CURRENCY} AND (run, pool, event_number) IN (
  SELECT run, pool, max(event_number) FROM waits WHERE ${OF_POOLS} AND waits.time < $__toTime GROUP BY run, pool)
GROUP BY awaited ORDER BY legs DESC, awaited`,
    }),
    rows({
      title: 'Waited for last',
      description:
        'By attestor: chains whose condition was met in the time range with what it said, all legs there and all others who were needed heard; and how long they had waited since their last leg, in the median, by nearest rank, and at the most.',
      unit: 'short',
      noValue: 'no attestation met a condition',
      columnUnits: { p50: 'ms', longest: 'ms' },
      sql: `SELECT attestor, count() AS chains, quantileExactLow(0.5)(waited) AS p50, max(waited) AS longest FROM
  (SELECT run, pool, chain, minIf(e.event_number, kind = 'triggered') AS met_as, minIf(e.time, kind = 'triggered') AS met_at,
      maxIf(e.event_number, kind = 'attested') AS said_as, argMaxIf(e.time, e.event_number, kind = 'attested') AS said_at,
      argMaxIf(e.participant, e.event_number, kind = 'attested') AS attestor,
      toUnixTimestamp64Milli(met_at) - toUnixTimestamp64Milli(minIf(e.time, kind = 'matched')) AS waited
    FROM chain_events AS e WHERE ${OF_POOLS} AND e.time < $__toTime AND (kind = 'attested' OR (leg = 1 AND kind IN ('matched', 'triggered')))
    GROUP BY run, pool, chain HAVING met_as = said_as + 1 AND met_at = said_at AND ${inTime('met_at')})
GROUP BY attestor ORDER BY chains DESC, attestor`,
    }),
    bars({
      title: 'Earmarks by their end',
      description:
        'Legs whose money was set aside no more in the time range: settled with their chain, expired, or released for another end of the chain or a close.',
      unit: 'short',
      noValue: 'no earmark ended',
      sql: `SELECT how, count() AS earmarks FROM
  (SELECT if(reason = 'earmarkExpired', 'expired', 'released') AS how FROM chain_events WHERE ${inRange('time')} AND ${CURRENCY} AND kind = 'released'
   UNION ALL SELECT 'settled' AS how FROM chain_ends WHERE ${inRange('time')} AND ${CURRENCY} AND status = 'ACSC' AND mechanism = 'earmark')
GROUP BY how ORDER BY how`,
    }),
    rows({
      title: 'Earmarked by bank',
      description:
        'What is set aside at the end of the time range by bank and currency: legs, and value in whole units.',
      unit: 'short',
      noValue: 'nothing is set aside',
      link: PARTICIPANT_LINK,
      sql: `SELECT t.participant AS participant, t.currency AS currency, legs, ${units('earmarked')} AS value FROM
${withDecimals(`SELECT run, participant, currency, sum(leg_change) AS legs, sum(change) AS earmarked FROM ${CHANGES}
  WHERE time < $__toTime GROUP BY run, participant, currency HAVING legs > 0`)}
ORDER BY value DESC, participant`,
    }),
    rows({
      title: 'Chains that wait, and who has spoken',
      description:
        'Chains whose legs have all come and that stand at the end of the time range, the oldest first: whether their condition is met, and whose last word is acceptance, hold or refusal.',
      unit: 'short',
      width: 24,
      noValue: 'no chain waits',
      sql: `SELECT since, c.pool AS pool, chain, legs, c.is_met AS is_met, accepted, held, refused FROM ${CHAINS} AS c
LEFT JOIN (SELECT run, pool, chain, groupArrayIf(attestor, word = 'accepted') AS accepted, groupArrayIf(attestor, word = 'held') AS held,
    groupArrayIf(attestor, word = 'refused') AS refused FROM
  (SELECT run, pool, chain, participant AS attestor, argMax(verdict, event_number) AS word FROM chain_events AS e
   WHERE ${OF_POOLS} AND e.time < $__toTime AND kind = 'attested' GROUP BY run, pool, chain, attestor ORDER BY attestor) GROUP BY run, pool, chain) AS w
USING (run, pool, chain) WHERE state IN ('waits', 'condition met') ORDER BY since, chain LIMIT 200`,
    }),
  ],
};
