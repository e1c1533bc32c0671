import { ALERT_OF } from '../../../services/analysis/watch/alert-budgets.ts';
import {
  BANK_OUTAGE_CLOCK_MS,
  BANK_OUTAGE_EVIDENCE_MIN,
  BANK_OUTAGE_MINUTES_MIN,
  BANK_OUTAGE_RANGE_MS,
  BANK_OUTAGE_SHARE_MIN,
  BANK_OUTAGE_SILENCE_MS,
  BANK_SILENCE_MAX_MS,
  BANK_SILENCE_MINUTES_MIN,
  BANK_SILENCE_PAUSE_MAX_MS,
  BANK_SILENCE_RANGE_MS,
  COSIGNATURE_WAIT_MAX_MS,
  CREDIT_USE_TIMES,
  CREDIT_USUAL_SHARE,
  FINALITY_LATE_SHARE_MAX,
  FINALITY_P99_TARGET_MS,
  FINALITY_RANGE_MS,
  LAG_MAX_MS,
  PROOF_RANGE_MS,
  QUEUE_AGE_MAX_MS,
  QUEUE_GROWN_TIMES,
  QUEUE_USUAL_MIN,
  RECONCILIATION_RANGE_MS,
  REJECTED_MESSAGES_MIN,
  REJECTED_RANGE_MS,
  REJECTED_SHARE_MAX,
  SERVICE_SILENCE_MAX_MS,
  USUAL_CLOCK_MS,
  USUAL_DAYS,
  USUAL_DAYS_MIN,
  WATCH_ALERT_TIMES,
  WATCH_ALERTS_MIN,
  WATCH_RANGE_MS,
} from '../../../services/live/alert-thresholds.ts';
import { SHUT_DOWN } from '../../../services/protocol/records/telemetry.ts';
import { DATASOURCE } from './clickhouse-target.ts';
import { inTime } from './sql-pieces.ts';

/**
 * A month: of a service that died or stopped nothing newer comes, and the alert is not to end while it
 * is missed.
 */
const SERVICE_RANGE_S = 2_592_000;

const minutes = (ms: number) => `${ms / 60_000} minutes`;

/** An alert: it fires for each row whose value is above the limit for as long as `forDuration`. */
export interface Alert {
  readonly uid: string;
  readonly title: string;
  readonly summary: string;
  /** What to do. */
  readonly runbook: string;
  readonly severity: 'critical' | 'warning';
  readonly forDuration: string;
  /** How far back it looks, seconds; the SQL says the same by its macros. */
  readonly rangeSeconds: number;
  readonly above: number;
  /** Rows with one number, and strings as labels. */
  readonly sql: string;
}

/**
 * Readers of services, each with its instance's last word. An instance has ended where it stopped over a
 * fault, or is silent and was not shut down; it is missed until as many of its service and pool have
 * begun since as have ended. Once metrics was shut down nobody's silence is heard: until is then its end.
 * Readers of the partitions of `payments` come and go: they are of no pool.
 */
const MISSED = `SELECT *, fault_now != '${SHUT_DOWN}' AND (fault_now != '' OR until - toUnixTimestamp(seen) > ${SERVICE_SILENCE_MAX_MS / 1000}) AS has_ended,
    groupUniqArrayIf((instance, seen), has_ended) OVER kind AS ends, groupUniqArray((instance, begun)) OVER kind AS begins,
    has_ended AND arrayCount(one -> one.2 >= seen, ends) > arrayCount(one -> one.2 > seen, begins) AS is_missed FROM
    (SELECT run, service, instance, reader, extract(reader, '^([^/]+)/[a-z]') AS pool, min(first_sample) AS first, max(last_sample) AS read, argMaxMerge(last_fault) AS fault, argMaxMerge(last_lag_ms) AS lag,
       max(read) OVER process AS seen, argMax(fault, read) OVER process AS fault_now, min(first) OVER (PARTITION BY run, service, instance, pool) AS begun,
       toInt64(if(argMaxIf(fault, read, service = 'metrics') OVER (PARTITION BY run) = '${SHUT_DOWN}', toUnixTimestamp(maxIf(read, service = 'metrics') OVER (PARTITION BY run)), toUnixTimestamp($__toTime))) AS until
     FROM service_minutes WHERE ${inTime('minute')} GROUP BY run, service, instance, reader
     WINDOW process AS (PARTITION BY run, service, instance))
  WHERE toUnixTimestamp(seen) - toUnixTimestamp(read) <= ${SERVICE_SILENCE_MAX_MS / 1000} WINDOW kind AS (PARTITION BY run, service, pool)`;

const PAUSE_MAX_S = BANK_SILENCE_PAUSE_MAX_MS / 1000;
/** Times of messages, but a forged one, which names no currency: it is no word of the bank that it names. */
const MESSAGES = `${inTime('minute')} AND first_statuses > 0 AND debtor_agent != '' AND currency != ''`;
const SAID = `SELECT run, debtor_agent, currency, toInt64(toUnixTimestamp(minute)) AS at, min(reason = 'afterCutOff') AS is_late FROM sender_minutes
     WHERE ${MESSAGES} GROUP BY run, debtor_agent, currency, minute`;
/** The time that lies between instants, pauses left out. */
const timeIn = (instants: string) =>
  `arraySum(pause -> if(pause <= ${PAUSE_MAX_S}, pause, 0), arrayDifference(${instants}))`;
/**
 * Of each bank the longest time in which others sent in a currency in which it sends, after its last
 * message of all. What came after the close is a word of the bank, and opens no currency.
 */
const BANK_SILENCE = `SELECT run, debtor_agent, max(if(minutes >= ${BANK_SILENCE_MINUTES_MIN} AND silence * minutes >= ${BANK_SILENCE_MINUTES_MIN} * (before + 60)
  AND toUnixTimestamp($__toTime) - arrayMax(active) <= ${PAUSE_MAX_S}, silence, 0)) AS value FROM
  (SELECT run, debtor_agent, minutes, active, ${timeIn('arrayFilter(at -> at <= latest, active)')} AS before,
    ${timeIn('arrayPushFront(arrayFilter(at -> at > latest, active), latest)')} AS silence FROM
    (SELECT run, debtor_agent, currency, countIf(is_late = 0) AS minutes, max(max(at)) OVER (PARTITION BY run, debtor_agent) AS latest FROM
      (${SAID}) GROUP BY run, debtor_agent, currency) AS own
    INNER JOIN (SELECT run, currency, arraySort(groupUniqArray(at)) AS active FROM
      (${SAID}) WHERE is_late = 0 GROUP BY run, currency) AS others USING (run, currency))
GROUP BY run, debtor_agent ORDER BY run, debtor_agent`;

const TO = 'toUnixTimestamp($__toTime)';
const CLOCK_S = BANK_OUTAGE_CLOCK_MS / 1000;
const DAY_CLOCKS = 86_400 / CLOCK_S;
const OUTAGE_DAYS = BANK_OUTAGE_RANGE_MS / 86_400_000;
/** Whether a quarter of an hour lies, on its day, at a time of the silence that is asked about: the others say nothing of it. */
const IS_ASKED = `(intDiv(toUnixTimestamp(minute), ${CLOCK_S}) + ${DAY_CLOCKS} - first_clock % ${DAY_CLOCKS}) % ${DAY_CLOCKS} <= last_clock - first_clock`;
/**
 * Of each bank how little its silence is like its other days, by the rule that live/alert-thresholds.ts has: each minute since its
 * last message in which others sent, in all its currencies that are at work; 0 where it is not large.
 */
const BANK_OUTAGE = `WITH ${TO} AS until, intDiv(until, 60) * 60 - ${BANK_OUTAGE_SILENCE_MS / 1000} AS since, intDiv(since, ${CLOCK_S}) AS first_clock, intDiv(until, ${CLOCK_S}) AS last_clock
SELECT run, debtor_agent, if(max(told) >= ${BANK_OUTAGE_MINUTES_MIN} AND max(part) >= ${BANK_OUTAGE_SHARE_MIN}, sum(evidence), 0) AS value FROM
  (SELECT run, debtor_agent, currency, any(share) AS part, sum(missed) AS told, sum(if(missed > 0, missed * -log(1 - least_rate), 0)) AS evidence FROM
   (SELECT run, debtor_agent, currency, any(share) AS share, if(countIf(lost = 0 AND exposure > 0) >= ${USUAL_DAYS_MIN} AND until - any(worked) <= ${PAUSE_MAX_S}, sum(lost), 0) AS missed,
      minIf(hits / (exposure + 1), lost = 0 AND exposure > 0) AS least_rate FROM
    (SELECT run, debtor_agent, currency, share, worked, clock, arrayCount(agents -> has(agents, debtor_agent) AND length(agents) > 1, sent) AS hits,
      arrayCount(agents -> length(agents) > has(agents, debtor_agent), sent) AS exposure, arrayCount(at -> at > latest, recent) AS lost FROM
      (SELECT run, debtor_agent, currency, said, max(said) OVER (PARTITION BY run, debtor_agent) AS latest, max(open) OVER (PARTITION BY run, currency) AS worked,
         toFloat64(paid) / greatest(1, toFloat64(sum(paid) OVER (PARTITION BY run, currency))) AS share FROM
        (SELECT run, toString(sender_minutes.debtor_agent) AS debtor_agent, currency, toUnixTimestamp(maxIf(minute, first_statuses > 0)) AS said,
           toUnixTimestamp(maxIf(minute, first_statuses > 0 AND reason != 'afterCutOff')) AS open, sumIf(amount_minor, status = 'ACSC' AND toDate(minute) > toDate($__toTime, 'UTC') - ${OUTAGE_DAYS}) AS paid
         FROM sender_minutes WHERE ${inTime('minute')} AND debtor_agent != '' AND currency != '' GROUP BY run, debtor_agent, currency)) AS bank
      LEFT JOIN (SELECT run, currency, intDiv(at, ${CLOCK_S}) AS clock, groupArray(agents) AS sent, groupArrayIf(at, at + 60 <= until AND at >= since) AS recent FROM
        (SELECT run, currency, toUnixTimestamp(minute) AS at, groupUniqArray(toString(debtor_agent)) AS agents FROM sender_minutes
         WHERE ${MESSAGES} AND reason != 'afterCutOff' AND ${IS_ASKED} GROUP BY run, currency, minute)
        GROUP BY run, currency, clock HAVING clock > last_clock - ${OUTAGE_DAYS * DAY_CLOCKS}) AS everyone USING (run, currency)
     WHERE said > 0)
    GROUP BY run, debtor_agent, currency, clock % ${DAY_CLOCKS})
   GROUP BY run, debtor_agent, currency)
GROUP BY run, debtor_agent ORDER BY run, debtor_agent`;

const DAY_RANGE_S = (USUAL_DAYS + 1) * 86_400;
const CLOCK_MINUTES = USUAL_CLOCK_MS / 60_000;
/** The lower median of those days that count; null: too few do. */
const usualOf = (days: string) =>
  `if(length(${days}) >= ${USUAL_DAYS_MIN}, arraySort(${days})[intDiv(length(${days}) + 1, 2)], NULL)`;
/** How long behind the begin of this time of day a minute lies, on its day: within twice the half of it, or between two of them. */
const SINCE_CLOCK = `(at + ${1440 + CLOCK_MINUTES} - now_minute % 1440)`;
/** How many times as many payments wait in a currency as usually at most at this time of day. */
const QUEUE_GROWN = `WITH intDiv(${TO}, 60) AS now_minute
SELECT run, pool, currency, if(isNotNull(usual) AND waiting > before, assumeNotNull(waiting / greatest(usual, ${QUEUE_USUAL_MIN})), 0) AS value FROM
  (SELECT run, pool, currency, samples, ${lastUpTo('now_minute')} AS waiting, ${lastUpTo(`now_minute - ${CLOCK_MINUTES + 1}`)} AS before,
    arrayMap(day -> greatest(${lastUpTo(`now_minute - 1440 * day - ${CLOCK_MINUTES + 1}`)}, arrayMax(one -> if(abs(now_minute - 1440 * day - one.1) <= ${CLOCK_MINUTES}, one.2, 0), samples)), used) AS days, ${usualOf('days')} AS usual FROM
    (SELECT run, pool, currency, arraySort(groupArray((last_at, most, last))) AS samples FROM
      (SELECT run, pool, currency, max(at) AS last_at, toInt64(max(count_max)) AS most, toInt64(argMax(queue_samples.count, queue_samples.time)) AS last FROM
        (SELECT *, intDiv(toUnixTimestamp64Milli(queue_samples.time) - 1, 60000) AS at FROM queue_samples
         WHERE participant = '' AND queue_samples.time >= $__fromTime AND queue_samples.time <= $__toTime) AS queue_samples
       GROUP BY run, pool, currency, intDiv(${SINCE_CLOCK}, 1440), ${SINCE_CLOCK} % 1440 <= ${2 * CLOCK_MINUTES}) GROUP BY run, pool, currency) AS queues
    LEFT JOIN (SELECT run, currency, groupUniqArray(intDiv(now_minute + ${CLOCK_MINUTES} - at, 1440)) AS used FROM
        (SELECT run, currency, intDiv(toUnixTimestamp(minute), 60) AS at FROM sender_minutes WHERE ${MESSAGES} AND reason != 'afterCutOff')
       WHERE ${SINCE_CLOCK} % 1440 <= ${2 * CLOCK_MINUTES} AND at + 720 < now_minute AND at + ${USUAL_DAYS * 1440 + 720} > now_minute GROUP BY run, currency) AS sent USING (run, currency))
ORDER BY run, pool, currency`;

/** What waited at the end of the last minute up to `minute` in which that changed. */
function lastUpTo(minute: string): string {
  return `arrayLast(one -> one.1 <= ${minute}, samples).3`;
}

/** How many times as much of its credit an account draws as it usually does at most on a day. */
const CREDIT_UNUSUAL = `SELECT run, pool, participant, currency, if(isNotNull(usual), assumeNotNull(used / greatest(toFloat64(usual), credit * ${CREDIT_USUAL_SHARE}, 1)), 0) AS value FROM
  (SELECT run, pool, participant, currency, argMax(drawn, day) AS used, argMax(line, day) AS credit,
    groupArrayIf(most, day < toDate($__toTime, 'UTC') AND day >= toDate($__toTime, 'UTC') - ${USUAL_DAYS}) AS days, ${usualOf('days')} AS usual FROM
    (SELECT run, pool, participant, currency, toDate(balances.time - INTERVAL 1 MILLISECOND) AS day, greatest(0, -min(lowest_minor)) AS most,
      greatest(0, -argMax(balance_minor, balances.time)) AS drawn, toFloat64(argMax(credit_line_minor, balances.time)) AS line FROM balances
     WHERE balances.time >= $__fromTime AND balances.time <= $__toTime AND (run, pool, participant, currency) NOT IN (SELECT run, pool, participant, currency FROM issuers)
     GROUP BY run, pool, participant, currency, day)
   GROUP BY run, pool, participant, currency)
ORDER BY run, pool, participant, currency`;

/** By pool what the process says that found most, and its first find: of each process the last word. */
const mostFound = (table: string, found: string, first: string) =>
  `SELECT run, pool, argMax(${first}, last) AS first, toFloat64(max(found)) AS value FROM
  (SELECT run, pool, instance, argMax(${found}, ${table}.time) AS found, argMax(${table}.${first}, ${table}.time) AS ${first}, (found, max(${table}.time)) AS last FROM ${table}
   WHERE ${inTime(`${table}.time`)} GROUP BY run, pool, instance)
GROUP BY run, pool ORDER BY run, pool`;

/** By pool how many times as many payments are alerts as the model expects, 0 where they are few; of several models the highest. */
const WATCHED = `SELECT run, pool, argMax(bank, times) AS most_of, argMax(model, times) AS by_model, max(times) AS value FROM
  (SELECT run, pool, model, argMax(debtor_agent, alerts) AS bank, if(sum(alerts) >= ${WATCH_ALERTS_MIN}, sum(alerts) * ${ALERT_OF} / sum(payments), 0) AS times FROM
    (SELECT run, pool, model, debtor_agent, sum(is_alert) AS alerts, count() AS payments FROM watch_scores
     WHERE ${inTime('submitted_at')} GROUP BY run, pool, model, debtor_agent)
   GROUP BY run, pool, model)
GROUP BY run, pool ORDER BY run, pool`;

export const ALERTS: readonly Alert[] = [
  {
    uid: 'corridor-conservation',
    title: 'Conservation broken',
    summary:
      'Pool {{ $labels.pool }} of {{ $labels.run }}: balances no longer add up to what was issued',
    runbook:
      'Stop intake. Clearing stops itself on a breach; compare its log with a replay (corridor replay) before anything else.',
    severity: 'critical',
    forDuration: '0s',
    rangeSeconds: RECONCILIATION_RANGE_MS / 1000,
    above: 0,
    sql: `SELECT run, pool, countIf(agrees = 0) AS value FROM reconciliations
WHERE figure LIKE 'conserved%' AND ${inTime('reconciliations.time')}
GROUP BY run, pool ORDER BY run, pool`,
  },
  {
    uid: 'corridor-proof',
    title: 'A record in the log is not proven',
    summary:
      'Pool {{ $labels.pool }} of {{ $labels.run }}: {{ $values.A.Value }} records of its input are not what only a bank, the operator or the calendar could have caused; the first: {{ $labels.first }}',
    runbook:
      'Somebody wrote into the pool’s input past the services, and clearing has settled it. Stop intake, close who may write there, and name every such record with corridor replay --log. Records stay in the log: undo what they settled by commands of the operator. The alert stands as long as the log has them.',
    severity: 'critical',
    forDuration: '0s',
    rangeSeconds: PROOF_RANGE_MS / 1000,
    above: 0,
    sql: mostFound('log_proofs', 'faults', 'first_fault'),
  },
  {
    uid: 'corridor-fork',
    title: 'A transparency log was forked',
    summary:
      'Pool {{ $labels.pool }} of {{ $labels.run }}: a witness cosigned {{ $labels.first }}, which its log does not begin with; {{ $values.A.Value }} such checkpoints were seen',
    runbook:
      'The log’s key signed two trees: somebody else has it, or the log was made anew beside its witnesses. Stop the notifier, keep the topics blocks and cosignatures and the witnesses’ records, and show both notes to the banks: corridor verify NOTE --policy POLICY --against OTHER. The alert stands as long as a gateway knows of it.',
    severity: 'critical',
    forDuration: '0s',
    rangeSeconds: PROOF_RANGE_MS / 1000,
    above: 0,
    sql: mostFound('log_cosignatures', 'forks', 'first_fork'),
  },
  {
    uid: 'corridor-cosignatures',
    title: 'Cosignatures of a log are missing',
    summary: `Pool {{ $labels.pool }} of {{ $labels.run }}: a checkpoint has waited for the policy’s quorum for more than ${COSIGNATURE_WAIT_MAX_MS / 1000} seconds, and with it newer receipts; not heard of: {{ $labels.missing_now }}`,
    runbook:
      'Call the witnesses and auditors that it names: does their program run, does it reach the gateway’s tiles and the topic cosignatures? corridor_bank_witness_forks of a sample bank, or FORK in the output of corridor witness, says that one refuses. Payments settle all the same; under a quorum of auditors none is told as final meanwhile. Where one is gone for good, the policy needs another.',
    severity: 'warning',
    forDuration: '1m',
    rangeSeconds: 60,
    above: COSIGNATURE_WAIT_MAX_MS,
    // Of two gateways the one that has seen more.
    sql: `SELECT run, pool, argMin(missing, waiting) AS missing_now, toFloat64(min(waiting)) AS value FROM
  (SELECT run, pool, instance, argMax(waiting_ms, log_cosignatures.time) AS waiting, argMax(log_cosignatures.missing, log_cosignatures.time) AS missing FROM log_cosignatures
   WHERE ${inTime('log_cosignatures.time')} GROUP BY run, pool, instance)
GROUP BY run, pool ORDER BY run, pool`,
  },
  {
    uid: 'corridor-reconciliation',
    title: 'Reconciliation difference',
    summary:
      '{{ $labels.run }}: {{ $labels.figure }} in ClickHouse differs from clearing’s own total by {{ $values.A.Value }} (amounts in minor units)',
    runbook:
      'Analysis only: settlement is not affected. See the Operations dashboard for both values; corridor reconcile names rows and columns. To rebuild the run’s rows from the events, stop metrics, remove them with corridor forget, and start metrics again: it fills the tables from the log.',
    severity: 'critical',
    forDuration: '0s',
    rangeSeconds: RECONCILIATION_RANGE_MS / 1000,
    above: 0,
    // By how much; at least 1, so that whatever does not agree fires.
    sql: `SELECT run, pool, figure, argMax(if(agrees = 1, 0, greatest(1, abs(toFloat64(toInt256OrZero(found) - toInt256OrZero(expected))))), (reconciliations.event_number, reconciliations.time)) AS value FROM reconciliations
WHERE ${inTime('reconciliations.time')}
GROUP BY run, pool, figure ORDER BY run, pool, figure`,
  },
  {
    uid: 'corridor-divergence',
    title: 'Chain divergence or fault',
    summary: '{{ $labels.service }} {{ $labels.instance }} stopped over {{ $labels.fault_now }}',
    runbook:
      'A reader found events that contradict its own digest, or another fault. Do not restart it over the fault: compare eventsHash of both with corridor replay. It ends when the instance itself says again that it is well, when it is shut down, or when another of its service and pool is started in its place: as many must have begun since as have ended.',
    severity: 'critical',
    forDuration: '0s',
    rangeSeconds: SERVICE_RANGE_S,
    above: 0,
    sql: `SELECT run, service, instance, fault_now, max(is_missed AND fault_now != '') AS value FROM (${MISSED})
GROUP BY run, service, instance, fault_now ORDER BY run, service, instance`,
  },
  {
    uid: 'corridor-finality',
    title: 'Time to finality above target',
    summary: `{{ $labels.run }} {{ $labels.pool }}: more than ${FINALITY_LATE_SHARE_MAX * 100} % of the payments settled in the last ${minutes(FINALITY_RANGE_MS)} took longer than ${minutes(FINALITY_P99_TARGET_MS)}`,
    runbook:
      'See Queues and gridlock: is one bank short, or is the whole pool in gridlock? See Operations: does a service lag?',
    severity: 'warning',
    forDuration: '5m',
    rangeSeconds: FINALITY_RANGE_MS / 1000,
    above: FINALITY_LATE_SHARE_MAX,
    // More than 1 % is late exactly where the p99, by nearest rank, is above the target.
    sql: `SELECT run, pool, (sum(settled) - sum(within_15_minutes)) / sum(settled) AS value FROM finality_minutes
WHERE ${inTime('minute')}
GROUP BY run, pool ORDER BY run, pool`,
  },
  {
    uid: 'corridor-queue-age',
    title: 'Payments wait too long',
    summary: `{{ $labels.run }} {{ $labels.currency }}: the oldest payment has waited for more than ${minutes(QUEUE_AGE_MAX_MS)}`,
    runbook:
      'Queues and gridlock names the bank; Liquidity says by how much it is short; corridor explain names what holds a payment.',
    severity: 'warning',
    forDuration: '5m',
    // A queue that stands still over a long weekend is in its last row, however old.
    rangeSeconds: 604_800,
    above: QUEUE_AGE_MAX_MS,
    sql: `SELECT run, pool, currency, if(waiting = 0, 0, toUnixTimestamp($__toTime) * 1000 - toUnixTimestamp64Milli(oldest)) AS value FROM
  (SELECT run, pool, currency, argMax(queue_samples.count, queue_samples.time) AS waiting, argMax(oldest_submitted_at, queue_samples.time) AS oldest
   FROM queue_samples WHERE participant = '' AND $__timeFilter(queue_samples.time) GROUP BY run, pool, currency)
ORDER BY run, pool, currency`,
  },
  {
    uid: 'corridor-lag',
    title: 'A service lags or is silent',
    summary: `{{ $labels.run }}: {{ $labels.service }} {{ $labels.instance }} {{ $labels.pool }} is more than ${LAG_MAX_MS / 1000} seconds behind its topic, or says nothing of itself any more and was not shut down`,
    runbook:
      'Operations shows whether it works (time at work) or stands still. A stalled consumer says so in its log and on /readyz. A silent instance has died: start it again. The alert ends when it speaks, when it is shut down by a signal that it can obey, or when another of its service and pool has begun in its place; not by itself, for a month. Where all services are silent, metrics or the store is away; where metrics was shut down last, nobody is silent from then on.',
    severity: 'warning',
    forDuration: '1m',
    rangeSeconds: SERVICE_RANGE_S,
    above: LAG_MAX_MS,
    sql: `SELECT run, service, instance, pool, max(greatest(if(read >= $__toTime - 60, toInt64(lag), 0),
  if(is_missed AND fault_now = '', (until - toUnixTimestamp(seen)) * 1000 - ${SERVICE_SILENCE_MAX_MS - LAG_MAX_MS}, 0))) AS value FROM (${MISSED})
GROUP BY run, service, instance, pool ORDER BY run, service, instance, pool`,
  },
  {
    uid: 'corridor-rejects',
    title: 'Many messages are rejected',
    summary: `{{ $labels.run }} {{ $labels.pool }}: more than ${REJECTED_SHARE_MAX * 100} % of the messages of the last ${minutes(REJECTED_RANGE_MS)} were rejected`,
    runbook: 'Signatures and security names reasons and senders.',
    severity: 'warning',
    forDuration: '5m',
    rangeSeconds: REJECTED_RANGE_MS / 1000,
    above: REJECTED_SHARE_MAX,
    sql: `SELECT run, pool, sumIf(statuses, status = 'RJCT') / sum(first_statuses) AS value FROM sender_minutes
WHERE ${inTime('minute')}
GROUP BY run, pool HAVING sum(first_statuses) >= ${REJECTED_MESSAGES_MIN} ORDER BY run, pool`,
  },
  {
    uid: 'corridor-silence',
    title: 'A bank is silent',
    summary: `{{ $labels.debtor_agent }} has sent nothing for ${minutes(BANK_SILENCE_MAX_MS)} in which others sent in a currency in which it sends`,
    runbook:
      'Call the bank; see Participant. An announced outage is in the scenario events. It ends when the bank sends, or a quarter of an hour after the last message in the currency: closed, nobody is silent in it. It ends also while the bank is still away, six hours after its last message at the latest, sooner where it sent in fewer than ten minutes of the last six hours: the rule looks no further back, so call until the bank is heard. A bank that has sent nothing for six hours, or that does not come up in the morning, is not told by this rule; a large one is by another: A large bank does not send.',
    severity: 'warning',
    forDuration: '0s',
    rangeSeconds: BANK_SILENCE_RANGE_MS / 1000,
    above: BANK_SILENCE_MAX_MS / 1000,
    sql: BANK_SILENCE,
  },
  {
    uid: 'corridor-outage',
    title: 'A large bank does not send',
    summary: `{{ $labels.debtor_agent }} of {{ $labels.run }}, which has ${BANK_OUTAGE_SHARE_MIN * 100} % or more of a currency’s value, sends nothing, though on each of the days before it did at this time while others sent`,
    runbook:
      'Call the bank. The live view shows what came in at it since and stays there, and who waits in these currencies; Participant shows its queue. It ends when the bank sends, and while its currencies are closed. It is told also of a bank that does not come up in the morning, from the same time of the days before. Nothing is told before three days on which others sent at this time, nor at times at which it was away on one of the last seven: so of a longer outage the first day alone is told. A holiday of the bank alone is told on its day.',
    severity: 'critical',
    forDuration: '0s',
    rangeSeconds: BANK_OUTAGE_RANGE_MS / 1000,
    above: BANK_OUTAGE_EVIDENCE_MIN,
    sql: BANK_OUTAGE,
  },
  {
    uid: 'corridor-queue-grown',
    title: 'A queue grows against its usual shape',
    summary: `{{ $labels.run }} {{ $labels.currency }}: more than ${QUEUE_GROWN_TIMES} times as many payments wait as usually at this time of day, and more than ${minutes(USUAL_CLOCK_MS)} ago`,
    runbook:
      'Queues and gridlock names the banks. Look first for a large bank that does not send, then for one that is short (Liquidity). Nothing is told before three days on which the currency was used at this time.',
    severity: 'warning',
    forDuration: '5m',
    rangeSeconds: DAY_RANGE_S,
    above: QUEUE_GROWN_TIMES,
    sql: QUEUE_GROWN,
  },
  {
    uid: 'corridor-credit',
    title: 'A bank uses unusually much credit',
    summary: `{{ $labels.run }}: {{ $labels.participant }} draws more than ${CREDIT_USE_TIMES} times as much of its credit in {{ $labels.currency }} as it usually does at most on a day`,
    runbook:
      'Participant shows what it paid and what it waits for. Call the bank: who does not pay it, and when will it be covered? Nothing is told before three days on which the account was used.',
    severity: 'warning',
    forDuration: '5m',
    rangeSeconds: DAY_RANGE_S,
    above: CREDIT_USE_TIMES,
    sql: CREDIT_UNUSUAL,
  },
  {
    uid: 'corridor-watch',
    title: 'More payments are unusual than the model expects',
    summary: `{{ $labels.run }} {{ $labels.pool }}: of the last hour's payments {{ printf "%.1f" $values.A.Value }} times as many are alerts of the watch as its model expects (more than ${WATCH_ALERT_TIMES}); most of them {{ $labels.most_of }} sends; model {{ $labels.by_model }}`,
    runbook:
      'Watched flow has the payments and the features that moved their scores. Ask the bank that sends most of them: is its key in its own hands, does a batch come twice? It advises: nothing is held back. Where banks of all kinds are in it for hours, the flow has changed, or the model was trained on another one.',
    severity: 'warning',
    forDuration: '0s',
    rangeSeconds: WATCH_RANGE_MS / 1000,
    above: WATCH_ALERT_TIMES,
    sql: WATCHED,
  },
];

/** Grafana's provisioning file of alert rules: https://grafana.com/docs/grafana/latest/alerting/ */
export function alertRules(): object {
  return {
    apiVersion: 1,
    groups: [
      {
        orgId: 1,
        name: 'corridor',
        folder: 'Corridor',
        interval: '1m',
        rules: ALERTS.map(rule),
      },
    ],
  };
}

function rule(alert: Alert): object {
  const timeRange = { from: alert.rangeSeconds, to: 0 };
  return {
    uid: alert.uid,
    title: alert.title,
    condition: 'C',
    for: alert.forDuration,
    noDataState: 'OK',
    execErrState: 'Error',
    labels: { severity: alert.severity },
    annotations: { summary: alert.summary, runbook: alert.runbook },
    data: [
      {
        refId: 'A',
        relativeTimeRange: timeRange,
        datasourceUid: DATASOURCE.uid,
        model: {
          refId: 'A',
          datasource: DATASOURCE,
          pluginVersion: '4.20.0',
          editorType: 'sql',
          queryType: 'table',
          format: 1,
          rawSql: alert.sql,
        },
      },
      {
        refId: 'C',
        relativeTimeRange: timeRange,
        datasourceUid: '__expr__',
        model: {
          refId: 'C',
          type: 'threshold',
          expression: 'A',
          conditions: [{ evaluator: { type: 'gt', params: [alert.above] } }],
        },
      },
    ],
  };
}
