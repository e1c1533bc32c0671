-- What dashboards ask most, folded as rows come in. The views add up what one insertion brought, so
-- a deduplication token that drops an insertion twice made drops it here too. Read them with sum()
-- and the -Merge functions: rows of one key are merged by the engine when it likes.

-- Status changes by minute and corridor. first_statuses counts payments by the minute in which their
-- first status came: those submitted. A PvP of two legs is one payment: its later leg, once matched,
-- is in no count, and its first status is taken back.
CREATE TABLE IF NOT EXISTS corridor_minutes
(
    run LowCardinality(String),
    pool LowCardinality(String),
    minute DateTime('UTC') CODEC(Delta, ZSTD(1)),
    corridor LowCardinality(String),
    currency LowCardinality(String),
    currency2 LowCardinality(String),
    status LowCardinality(String),
    mechanism LowCardinality(String),
    statuses SimpleAggregateFunction(sum, UInt64),
    first_statuses SimpleAggregateFunction(sum, Int64),
    amount_minor SimpleAggregateFunction(sum, Int128),
    amount2_minor SimpleAggregateFunction(sum, Int128)
)
ENGINE = AggregatingMergeTree
PARTITION BY toYYYYMM(minute)
ORDER BY (run, pool, minute, corridor, currency, currency2, status, mechanism)
SETTINGS non_replicated_deduplication_window = 100000;

CREATE MATERIALIZED VIEW IF NOT EXISTS corridor_minutes_view TO corridor_minutes AS
SELECT
    run,
    pool,
    toStartOfMinute(toDateTime(time, 'UTC')) AS minute,
    corridor,
    currency,
    currency2,
    status,
    mechanism,
    countIf(second_leg = 0) AS statuses,
    toInt64(countIf(is_first = 1)) - toInt64(countIf(second_leg = 1 AND kind = 'matched')) AS first_statuses,
    sumIf(toInt128(payments.amount_minor), second_leg = 0) AS amount_minor,
    sumIf(toInt128(payments.amount2_minor), second_leg = 0) AS amount2_minor
FROM payments
GROUP BY run, pool, minute, corridor, currency, currency2, status, mechanism;

-- Time to finality of what settled, by minute and corridor: waits is a sketch whose percentiles are
-- within 1 % (DDSketch); the counts within the G20 limits are exact.
CREATE TABLE IF NOT EXISTS finality_minutes
(
    run LowCardinality(String),
    pool LowCardinality(String),
    minute DateTime('UTC') CODEC(Delta, ZSTD(1)),
    corridor LowCardinality(String),
    settled SimpleAggregateFunction(sum, UInt64),
    wait_ms SimpleAggregateFunction(sum, UInt64),
    wait_max_ms SimpleAggregateFunction(max, UInt64),
    within_hour SimpleAggregateFunction(sum, UInt64),
    within_day SimpleAggregateFunction(sum, UInt64),
    waits AggregateFunction(quantilesDD(0.01, 0.5, 0.95, 0.99), Float64)
)
ENGINE = AggregatingMergeTree
PARTITION BY toYYYYMM(minute)
ORDER BY (run, pool, minute, corridor)
SETTINGS non_replicated_deduplication_window = 100000;

CREATE MATERIALIZED VIEW IF NOT EXISTS finality_minutes_view TO finality_minutes AS
SELECT
    run,
    pool,
    minute,
    corridor,
    count() AS settled,
    sum(wait) AS wait_ms,
    max(wait) AS wait_max_ms,
    countIf(wait <= 3600000) AS within_hour,
    countIf(wait <= 86400000) AS within_day,
    quantilesDDState(0.01, 0.5, 0.95, 0.99)(toFloat64(wait)) AS waits
FROM
(
    SELECT
        run,
        pool,
        toStartOfMinute(toDateTime(time, 'UTC')) AS minute,
        corridor,
        toUInt64(toUnixTimestamp64Milli(time) - toUnixTimestamp64Milli(submitted_at)) AS wait
    FROM payments
    WHERE status = 'ACSC' AND second_leg = 0
)
GROUP BY run, pool, minute, corridor;

-- What each bank sent, by minute (each leg of a PvP is its bank's own): status, reason, and the value in the currency debited.
CREATE TABLE IF NOT EXISTS sender_minutes
(
    run LowCardinality(String),
    pool LowCardinality(String),
    minute DateTime('UTC') CODEC(Delta, ZSTD(1)),
    debtor_agent LowCardinality(String),
    currency LowCardinality(String),
    status LowCardinality(String),
    reason LowCardinality(String),
    iso_reason LowCardinality(String),
    statuses SimpleAggregateFunction(sum, UInt64),
    first_statuses SimpleAggregateFunction(sum, UInt64),
    amount_minor SimpleAggregateFunction(sum, Int128)
)
ENGINE = AggregatingMergeTree
PARTITION BY toYYYYMM(minute)
ORDER BY (run, pool, minute, debtor_agent, currency, status, reason, iso_reason)
SETTINGS non_replicated_deduplication_window = 100000;

CREATE MATERIALIZED VIEW IF NOT EXISTS sender_minutes_view TO sender_minutes AS
SELECT
    run,
    pool,
    toStartOfMinute(toDateTime(time, 'UTC')) AS minute,
    debtor_agent,
    currency,
    status,
    reason,
    iso_reason,
    count() AS statuses,
    countIf(is_first = 1) AS first_statuses,
    sum(toInt128(payments.amount_minor)) AS amount_minor
FROM payments
GROUP BY run, pool, minute, debtor_agent, currency, status, reason, iso_reason;

-- What each bank received, by minute.
CREATE TABLE IF NOT EXISTS receiver_minutes
(
    run LowCardinality(String),
    pool LowCardinality(String),
    minute DateTime('UTC') CODEC(Delta, ZSTD(1)),
    creditor_agent LowCardinality(String),
    currency2 LowCardinality(String),
    settled SimpleAggregateFunction(sum, UInt64),
    amount2_minor SimpleAggregateFunction(sum, Int128)
)
ENGINE = AggregatingMergeTree
PARTITION BY toYYYYMM(minute)
ORDER BY (run, pool, minute, creditor_agent, currency2)
SETTINGS non_replicated_deduplication_window = 100000;

CREATE MATERIALIZED VIEW IF NOT EXISTS receiver_minutes_view TO receiver_minutes AS
SELECT
    run,
    pool,
    toStartOfMinute(toDateTime(time, 'UTC')) AS minute,
    creditor_agent,
    if(message_type = 'corridor.pvp.1', payments.currency, payments.currency2) AS currency2,
    count() AS settled,
    sum(toInt128(if(message_type = 'corridor.pvp.1', payments.amount_minor, payments.amount2_minor))) AS amount2_minor
FROM payments
WHERE status = 'ACSC'
GROUP BY run, pool, minute, creditor_agent, currency2;

-- What settled between two banks, by hour and currency debited.
CREATE TABLE IF NOT EXISTS pair_hours
(
    run LowCardinality(String),
    pool LowCardinality(String),
    debtor_agent LowCardinality(String),
    creditor_agent LowCardinality(String),
    currency LowCardinality(String),
    hour DateTime('UTC') CODEC(Delta, ZSTD(1)),
    settled SimpleAggregateFunction(sum, UInt64),
    amount_minor SimpleAggregateFunction(sum, Int128)
)
ENGINE = AggregatingMergeTree
PARTITION BY toYYYYMM(hour)
ORDER BY (run, pool, debtor_agent, creditor_agent, currency, hour)
SETTINGS non_replicated_deduplication_window = 100000;

CREATE MATERIALIZED VIEW IF NOT EXISTS pair_hours_view TO pair_hours AS
SELECT
    run,
    pool,
    debtor_agent,
    creditor_agent,
    currency,
    toStartOfHour(toDateTime(time, 'UTC')) AS hour,
    count() AS settled,
    sum(toInt128(payments.amount_minor)) AS amount_minor
FROM payments
WHERE status = 'ACSC'
GROUP BY run, pool, debtor_agent, creditor_agent, currency, hour;
