-- What dashboards ask of long ranges took them to every minute, or to every payment: corridors by hour, accounts by quarter of
-- an hour, and by themselves the ends of chains' legs. What was cancelled by another than its bank is counted by minute and
-- hour, so that nobody looks for it among all payments.
-- What was there before comes in blocks of a million rows. A token tells none of those apart that were cut elsewhere when the file was
-- applied to its half, so what such a start left is taken away.
DROP VIEW IF EXISTS corridor_hours_view;

DROP VIEW IF EXISTS corridor_minutes_view;

ALTER TABLE corridor_minutes DROP COLUMN IF EXISTS cancelled_by_others;

ALTER TABLE corridor_minutes ADD COLUMN IF NOT EXISTS cancelled_by_others SimpleAggregateFunction(sum, UInt64) COMMENT 'Cancellations, but not by the debtor''s agent; two matched legs are one';

-- What was there before.
INSERT INTO corridor_minutes (run, pool, minute, corridor, currency, currency2, status, mechanism, cancelled_by_others)
SELECT
    run,
    pool,
    toStartOfMinute(toDateTime(time, 'UTC')) AS minute,
    corridor,
    currency,
    currency2,
    status,
    mechanism,
    count() AS cancelled_by_others
FROM payments
WHERE status = 'CANC' AND reason != 'cancelledByDebtorAgent' AND second_leg = 0
GROUP BY run, pool, minute, corridor, currency, currency2, status, mechanism
SETTINGS insert_deduplicate = 0;

DROP TABLE IF EXISTS corridor_hours;

CREATE TABLE corridor_hours
(
    run LowCardinality(String) COMMENT 'Name of the run',
    pool LowCardinality(String) COMMENT 'Settlement pool',
    hour DateTime('UTC') COMMENT 'Hour, UTC' CODEC(Delta, ZSTD(1)),
    corridor LowCardinality(String) COMMENT 'Corridor, as in payments',
    currency LowCardinality(String) COMMENT 'Currency debited',
    currency2 LowCardinality(String) COMMENT 'Currency credited',
    status LowCardinality(String) COMMENT 'ISO 20022 status that payments came to in the hour',
    statuses SimpleAggregateFunction(sum, UInt64) COMMENT 'Changes to the status; two matched legs are one',
    first_statuses SimpleAggregateFunction(sum, Int64) COMMENT 'Payments submitted, as in corridor_minutes',
    cancelled_by_others SimpleAggregateFunction(sum, UInt64) COMMENT 'Cancellations, but not by the debtor''s agent; two matched legs are one',
    amount_minor SimpleAggregateFunction(sum, Int128) COMMENT 'Their amounts debited, minor units of currency',
    amount2_minor SimpleAggregateFunction(sum, Int128) COMMENT 'Their amounts credited, minor units of currency2'
)
ENGINE = AggregatingMergeTree
PARTITION BY toYYYYMM(hour)
ORDER BY (run, pool, hour, corridor, currency, currency2, status)
SETTINGS non_replicated_deduplication_window = 100000;

INSERT INTO corridor_hours
SELECT
    run,
    pool,
    toStartOfHour(minute) AS hour,
    corridor,
    currency,
    currency2,
    status,
    sum(m.statuses) AS statuses,
    sum(m.first_statuses) AS first_statuses,
    sum(m.cancelled_by_others) AS cancelled_by_others,
    sum(m.amount_minor) AS amount_minor,
    sum(m.amount2_minor) AS amount2_minor
FROM corridor_minutes AS m
GROUP BY run, pool, hour, corridor, currency, currency2, status;

CREATE MATERIALIZED VIEW corridor_hours_view TO corridor_hours AS
SELECT
    run,
    pool,
    toStartOfHour(minute) AS hour,
    corridor,
    currency,
    currency2,
    status,
    sum(corridor_minutes.statuses) AS statuses,
    sum(corridor_minutes.first_statuses) AS first_statuses,
    sum(corridor_minutes.cancelled_by_others) AS cancelled_by_others,
    sum(corridor_minutes.amount_minor) AS amount_minor,
    sum(corridor_minutes.amount2_minor) AS amount2_minor
FROM corridor_minutes
GROUP BY run, pool, hour, corridor, currency, currency2, status;

CREATE MATERIALIZED VIEW corridor_minutes_view TO corridor_minutes AS
SELECT
    run,
    pool,
    toStartOfMinute(toDateTime(time, 'UTC')) AS minute,
    corridor,
    currency,
    currency2,
    status,
    mechanism,
    countIf(second_leg = 0 AND kind != 'matched') AS statuses,
    toInt64(countIf(is_first = 1)) - toInt64(countIf(second_leg = 1 AND kind = 'matched')) AS first_statuses,
    countIf(second_leg = 0 AND status = 'CANC' AND reason != 'cancelledByDebtorAgent') AS cancelled_by_others,
    sum(toInt128(payments.amount_minor)) AS amount_minor,
    sum(toInt128(payments.amount2_minor)) AS amount2_minor
FROM payments
GROUP BY run, pool, minute, corridor, currency, currency2, status, mechanism;

-- Accounts by quarter of an hour: hours after an opening at a full quarter are sums of these. A quarter ends with its full
-- minute, which is of it, as a minute of account_minutes does.
DROP VIEW IF EXISTS account_quarters_view;

DROP TABLE IF EXISTS account_quarters;

CREATE TABLE account_quarters
(
    run LowCardinality(String) COMMENT 'Name of the run',
    pool LowCardinality(String) COMMENT 'Settlement pool',
    quarter_end DateTime('UTC') COMMENT 'End of the quarter of an hour in which payments settled, itself of it, UTC' CODEC(Delta, ZSTD(1)),
    participant LowCardinality(String) COMMENT 'BIC of the account''s bank',
    currency LowCardinality(String) COMMENT 'Currency of the account',
    last_ms SimpleAggregateFunction(max, Int64) COMMENT 'When the last of them settled, ms since 1970',
    sent_minor SimpleAggregateFunction(sum, Int128) COMMENT 'What the account sent of these, minor units',
    received_minor SimpleAggregateFunction(sum, Int128) COMMENT 'What the account received of these, minor units'
)
ENGINE = AggregatingMergeTree
PARTITION BY toYYYYMM(quarter_end)
ORDER BY (run, pool, quarter_end, participant, currency)
SETTINGS non_replicated_deduplication_window = 100000;

INSERT INTO account_quarters
SELECT
    run,
    pool,
    toStartOfFifteenMinutes(minute_end + 899) AS quarter_end,
    participant,
    currency,
    max(m.last_ms) AS last_ms,
    sum(m.sent_minor) AS sent_minor,
    sum(m.received_minor) AS received_minor
FROM account_minutes AS m
GROUP BY run, pool, quarter_end, participant, currency;

CREATE MATERIALIZED VIEW account_quarters_view TO account_quarters AS
SELECT
    run,
    pool,
    toStartOfFifteenMinutes(minute_end + 899) AS quarter_end,
    participant,
    currency,
    max(account_minutes.last_ms) AS last_ms,
    sum(account_minutes.sent_minor) AS sent_minor,
    sum(account_minutes.received_minor) AS received_minor
FROM account_minutes
GROUP BY run, pool, quarter_end, participant, currency;

-- A run has few chains among its payments, or none. What was there before comes in many blocks: one token would not tell them
-- apart where the file is applied again, so those are left out that are in.
DROP VIEW IF EXISTS chain_ends_view;

CREATE TABLE IF NOT EXISTS chain_ends
(
    run LowCardinality(String) COMMENT 'Name of the run',
    pool LowCardinality(String) COMMENT 'Settlement pool',
    event_number UInt64 COMMENT 'Number of the event' CODEC(Delta, ZSTD(1)),
    time DateTime64(3, 'UTC') COMMENT 'State time of the event, UTC' CODEC(Delta, ZSTD(1)),
    payment_position UInt64 COMMENT 'Position of the leg; of a chain''s first it names the chain' CODEC(Delta, ZSTD(1)),
    status LowCardinality(String) COMMENT 'What the leg came to: ACSC or CANC',
    reason LowCardinality(String) COMMENT 'Why it was cancelled, docs/messages.md',
    mechanism LowCardinality(String) COMMENT 'What settled it, docs/indicators.md',
    debtor_agent LowCardinality(String) COMMENT 'BIC of the bank that sends it',
    currency LowCardinality(String) COMMENT 'Currency debited',
    amount_minor Int64 COMMENT 'Amount debited, minor units'
)
ENGINE = MergeTree
PARTITION BY toYYYYMM(time)
ORDER BY (run, pool, payment_position, event_number)
SETTINGS non_replicated_deduplication_window = 100000;

INSERT INTO chain_ends
SELECT run, pool, event_number, time, payment_position, status, reason, mechanism, debtor_agent, currency, amount_minor
FROM payments
WHERE message_type = 'corridor.chain.1' AND status IN ('ACSC', 'CANC')
    AND (run, pool, event_number) NOT IN (SELECT run, pool, event_number FROM chain_ends);

CREATE MATERIALIZED VIEW chain_ends_view TO chain_ends AS
SELECT run, pool, event_number, time, payment_position, status, reason, mechanism, debtor_agent, currency, amount_minor
FROM payments
WHERE message_type = 'corridor.chain.1' AND status IN ('ACSC', 'CANC');

-- Alerts of the watched flow by themselves: where a range has as many as are shown, nobody looks at the other payments.
DROP VIEW IF EXISTS watch_alerts_view;

CREATE TABLE IF NOT EXISTS watch_alerts
(
    run LowCardinality(String) COMMENT 'Name of the run',
    pool LowCardinality(String) COMMENT 'Settlement pool',
    submitted_at DateTime64(3, 'UTC') COMMENT 'When the payment was submitted, UTC' CODEC(Delta, ZSTD(1)),
    uetr String COMMENT 'UETR of the payment' CODEC(ZSTD(1)),
    debtor_agent LowCardinality(String) COMMENT 'BIC of the bank that sends it',
    creditor_agent LowCardinality(String) COMMENT 'BIC of the bank that receives it',
    currency LowCardinality(String) COMMENT 'Currency debited',
    amount_minor Int64 COMMENT 'Amount debited, minor units',
    score Float64 COMMENT 'From 0 to 1: by what payments are ranked',
    known Float64 COMMENT 'Probability of a known kind of anomaly, by gradient boosting',
    isolated Float64 COMMENT 'How easily it is told from all others, by the isolation forest',
    is_alert UInt8 COMMENT '1: the score reaches the alert threshold of the model',
    reasons Array(LowCardinality(String)) COMMENT 'The features that moved the score most, first the most',
    label LowCardinality(String) COMMENT 'Kind of the anomaly that a scenario injected; empty: none, or not known',
    model LowCardinality(String) COMMENT 'SHA-256 of the model file'
)
ENGINE = MergeTree
PARTITION BY toYYYYMM(submitted_at)
ORDER BY (run, pool, model, submitted_at, uetr)
SETTINGS non_replicated_deduplication_window = 100000;

INSERT INTO watch_alerts
SELECT run, pool, submitted_at, uetr, debtor_agent, creditor_agent, currency, amount_minor, score, known, isolated, is_alert, reasons, label, model
FROM watch_scores
WHERE is_alert = 1 AND (run, pool, model, submitted_at, uetr) NOT IN (SELECT run, pool, model, submitted_at, uetr FROM watch_alerts);

CREATE MATERIALIZED VIEW watch_alerts_view TO watch_alerts AS
SELECT run, pool, submitted_at, uetr, debtor_agent, creditor_agent, currency, amount_minor, score, known, isolated, is_alert, reasons, label, model
FROM watch_scores
WHERE is_alert = 1;
