-- Percentiles by nearest rank, as the report and the live view have them: the least time that so large a
-- share did not exceed. waits counts payments by time to finality, each at the end of its bucket: whole
-- milliseconds up to 256, then 128 buckets to each doubling, so a percentile is its payment's time or
-- up to 1/128 more. The live view has the same buckets (services/view/duration-buckets.ts).
DROP VIEW IF EXISTS finality_hours_view;

DROP VIEW IF EXISTS finality_minutes_view;

DROP TABLE IF EXISTS finality_hours;

DROP TABLE IF EXISTS finality_minutes;

-- Time to finality of what settled, by minute and corridor. The counts within limits are exact:
-- 15 minutes is the target of the alert (services/live/alert-thresholds.ts), an hour and a day are the G20's.
CREATE TABLE finality_minutes
(
    run LowCardinality(String),
    pool LowCardinality(String),
    minute DateTime('UTC') CODEC(Delta, ZSTD(1)),
    corridor LowCardinality(String),
    settled SimpleAggregateFunction(sum, UInt64),
    wait_ms SimpleAggregateFunction(sum, UInt64),
    wait_max_ms SimpleAggregateFunction(max, UInt64),
    within_15_minutes SimpleAggregateFunction(sum, UInt64),
    within_hour SimpleAggregateFunction(sum, UInt64),
    within_day SimpleAggregateFunction(sum, UInt64),
    waits AggregateFunction(quantilesExactWeighted(0.5, 0.95, 0.99), UInt64, UInt8)
)
ENGINE = AggregatingMergeTree
PARTITION BY toYYYYMM(minute)
ORDER BY (run, pool, minute, corridor)
SETTINGS non_replicated_deduplication_window = 100000;

-- By hour, for long ranges.
CREATE TABLE finality_hours
(
    run LowCardinality(String),
    pool LowCardinality(String),
    hour DateTime('UTC') CODEC(Delta, ZSTD(1)),
    corridor LowCardinality(String),
    settled SimpleAggregateFunction(sum, UInt64),
    within_hour SimpleAggregateFunction(sum, UInt64),
    within_day SimpleAggregateFunction(sum, UInt64),
    waits AggregateFunction(quantilesExactWeighted(0.5, 0.95, 0.99), UInt64, UInt8)
)
ENGINE = AggregatingMergeTree
PARTITION BY toYYYYMM(hour)
ORDER BY (run, pool, hour, corridor)
SETTINGS non_replicated_deduplication_window = 100000;

CREATE MATERIALIZED VIEW finality_hours_view TO finality_hours AS
SELECT
    run,
    pool,
    toStartOfHour(minute) AS hour,
    corridor,
    sum(finality_minutes.settled) AS settled,
    sum(finality_minutes.within_hour) AS within_hour,
    sum(finality_minutes.within_day) AS within_day,
    quantilesExactWeightedMergeState(0.5, 0.95, 0.99)(finality_minutes.waits) AS waits
FROM finality_minutes
GROUP BY run, pool, hour, corridor;

CREATE MATERIALIZED VIEW finality_minutes_view TO finality_minutes AS
SELECT
    run,
    pool,
    minute,
    corridor,
    count() AS settled,
    sum(wait) AS wait_ms,
    max(wait) AS wait_max_ms,
    countIf(wait <= 900000) AS within_15_minutes,
    countIf(wait <= 3600000) AS within_hour,
    countIf(wait <= 86400000) AS within_day,
    quantilesExactWeightedState(0.5, 0.95, 0.99)(bucket_end, 1) AS waits
FROM
(
    SELECT
        run,
        pool,
        toStartOfMinute(toDateTime(time, 'UTC')) AS minute,
        corridor,
        toUInt64(toUnixTimestamp64Milli(time) - toUnixTimestamp64Milli(submitted_at)) AS wait,
        toUInt64(bitOr(wait, greatest(intDiv(roundToExp2(wait), 128), 1) - 1)) AS bucket_end
    FROM payments
    WHERE status = 'ACSC' AND second_leg = 0
)
GROUP BY run, pool, minute, corridor;

-- What was there before; the hours follow by their view.
INSERT INTO finality_minutes
SELECT
    run,
    pool,
    minute,
    corridor,
    count() AS settled,
    sum(wait) AS wait_ms,
    max(wait) AS wait_max_ms,
    countIf(wait <= 900000) AS within_15_minutes,
    countIf(wait <= 3600000) AS within_hour,
    countIf(wait <= 86400000) AS within_day,
    quantilesExactWeightedState(0.5, 0.95, 0.99)(bucket_end, 1) AS waits
FROM
(
    SELECT
        run,
        pool,
        toStartOfMinute(toDateTime(time, 'UTC')) AS minute,
        corridor,
        toUInt64(toUnixTimestamp64Milli(time) - toUnixTimestamp64Milli(submitted_at)) AS wait,
        toUInt64(bitOr(wait, greatest(intDiv(roundToExp2(wait), 128), 1) - 1)) AS bucket_end
    FROM payments
    WHERE status = 'ACSC' AND second_leg = 0
)
GROUP BY run, pool, minute, corridor
SETTINGS insert_deduplication_token = '016/finality_minutes', max_insert_threads = 1;
