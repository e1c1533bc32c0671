-- Cases of alerts: one for each rule and subject while it fires, until an operator closes it. A row for each change, in
-- the order of the topic `cases`; what an operator's command did not change stands here too, as refused.
CREATE TABLE IF NOT EXISTS case_events
(
    run LowCardinality(String) COMMENT 'Name of the run',
    case_id String COMMENT 'Id of the case: of rule, subject and the minute in which it opened',
    position UInt64 COMMENT 'Offset of the record in the topic cases',
    time DateTime64(3, 'UTC') COMMENT 'Of what a rule found the minute up to which it looked; of a command when it was taken, UTC' CODEC(Delta, ZSTD(1)),
    event LowCardinality(String) COMMENT 'opened, stopped (the rule fires no more), resumed, held (what an outage holds), acknowledged, closed, or refused (a command without effect)',
    rule LowCardinality(String) COMMENT 'uid of the alert rule; empty where a command named no case',
    title LowCardinality(String) COMMENT 'Title of the alert rule',
    severity LowCardinality(String) COMMENT 'critical or warning',
    summary String COMMENT 'What the alert says',
    subject Map(LowCardinality(String), String) COMMENT 'Whom the alert is of: labels of the rule',
    pool LowCardinality(String) COMMENT 'Settlement pool of the subject, empty where it is of none',
    participant LowCardinality(String) COMMENT 'BIC of the subject, empty where it is no bank',
    currency LowCardinality(String) COMMENT 'Currency of the subject, empty where it has none',
    by_key LowCardinality(String) COMMENT 'Id of the operator''s key that signed, empty where a rule said it',
    why String COMMENT 'The operator''s reason',
    command_id String COMMENT 'Id of the command, empty where a rule said it',
    command_pool LowCardinality(String) COMMENT 'Pool whose operator commanded',
    reason LowCardinality(String) COMMENT 'Why a command had no effect, empty where it had'
)
ENGINE = MergeTree
PARTITION BY toYYYYMM(time)
ORDER BY (run, case_id, position)
SETTINGS non_replicated_deduplication_window = 10000;

-- What an outage holds, as it was when the case opened and now and then since.
CREATE TABLE IF NOT EXISTS case_money
(
    run LowCardinality(String) COMMENT 'Name of the run',
    case_id String COMMENT 'Id of the case',
    position UInt64 COMMENT 'Offset of the record in the topic cases: rows of one position belong together',
    time DateTime64(3, 'UTC') COMMENT 'As of when, UTC' CODEC(Delta, ZSTD(1)),
    kind LowCardinality(String) COMMENT 'trapped (came in at the bank since its last message, and is there), or waiting (payments of others in these currencies)',
    participant LowCardinality(String) COMMENT 'BIC of the bank at which it is trapped, or whose payments wait',
    currency LowCardinality(String) COMMENT 'Currency',
    amount_minor Int64 COMMENT 'What is trapped, minor units; 0 of who waits',
    payments UInt32 COMMENT 'Payments that wait; 0 of what is trapped'
)
ENGINE = MergeTree
PARTITION BY toYYYYMM(time)
ORDER BY (run, case_id, position, kind, currency, participant)
SETTINGS non_replicated_deduplication_window = 10000;

-- One row a case, as it stands. 1970: it did not happen.
CREATE VIEW IF NOT EXISTS cases AS
SELECT
    run,
    case_id,
    anyIf(e.rule, event = 'opened') AS rule,
    anyIf(e.title, event = 'opened') AS title,
    anyIf(e.severity, event = 'opened') AS severity,
    anyIf(e.summary, event = 'opened') AS summary,
    anyIf(e.pool, event = 'opened') AS pool,
    anyIf(e.participant, event = 'opened') AS participant,
    anyIf(e.currency, event = 'opened') AS currency,
    minIf(time, event = 'opened') AS opened_at,
    minIf(time, event = 'acknowledged') AS acknowledged_at,
    anyIf(e.by_key, event = 'acknowledged') AS acknowledged_by,
    anyIf(e.why, event = 'acknowledged') AS acknowledged_why,
    minIf(time, event = 'closed') AS closed_at,
    anyIf(e.by_key, event = 'closed') AS closed_by,
    anyIf(e.why, event = 'closed') AS closed_why,
    argMaxIf(event, position, event IN ('opened', 'stopped', 'resumed')) != 'stopped' AS is_firing,
    maxIf(time, event = 'stopped') AS stopped_at
FROM case_events AS e
WHERE event != 'refused'
GROUP BY run, case_id;
