-- What dashboards ask of whole runs and of long ranges, folded from the tables of minutes as their rows
-- come in, and once from what was there before.

-- Time to finality by hour, as in finality_minutes.
CREATE TABLE IF NOT EXISTS finality_hours
(
    run LowCardinality(String),
    pool LowCardinality(String),
    hour DateTime('UTC') CODEC(Delta, ZSTD(1)),
    corridor LowCardinality(String),
    settled SimpleAggregateFunction(sum, UInt64),
    within_hour SimpleAggregateFunction(sum, UInt64),
    within_day SimpleAggregateFunction(sum, UInt64),
    waits AggregateFunction(quantilesDD(0.01, 0.5, 0.95, 0.99), Float64)
)
ENGINE = AggregatingMergeTree
PARTITION BY toYYYYMM(hour)
ORDER BY (run, pool, hour, corridor)
SETTINGS non_replicated_deduplication_window = 100000;

CREATE MATERIALIZED VIEW IF NOT EXISTS finality_hours_view TO finality_hours AS
SELECT
    run,
    pool,
    toStartOfHour(minute) AS hour,
    corridor,
    sum(finality_minutes.settled) AS settled,
    sum(finality_minutes.within_hour) AS within_hour,
    sum(finality_minutes.within_day) AS within_day,
    quantilesDDMergeState(0.01, 0.5, 0.95, 0.99)(finality_minutes.waits) AS waits
FROM finality_minutes
GROUP BY run, pool, hour, corridor;

INSERT INTO finality_hours
SELECT
    run,
    pool,
    toStartOfHour(minute) AS hour,
    corridor,
    sum(m.settled) AS settled,
    sum(m.within_hour) AS within_hour,
    sum(m.within_day) AS within_day,
    quantilesDDMergeState(0.01, 0.5, 0.95, 0.99)(m.waits) AS waits
FROM finality_minutes AS m
GROUP BY run, pool, hour, corridor
SETTINGS insert_deduplication_token = '012/finality_hours', max_insert_threads = 1;

-- Services by minute: the last of its samples, and what their sums and highest values are.
CREATE TABLE IF NOT EXISTS service_minutes
(
    run LowCardinality(String),
    service LowCardinality(String),
    instance LowCardinality(String),
    reader LowCardinality(String),
    minute DateTime('UTC') CODEC(Delta, ZSTD(1)),
    last_sample SimpleAggregateFunction(max, DateTime64(3, 'UTC')),
    last_ready AggregateFunction(argMax, UInt8, DateTime64(3, 'UTC')),
    last_lag_records AggregateFunction(argMax, UInt64, DateTime64(3, 'UTC')),
    last_lag_ms AggregateFunction(argMax, UInt64, DateTime64(3, 'UTC')),
    last_fault AggregateFunction(argMax, String, DateTime64(3, 'UTC')),
    lag_records_max SimpleAggregateFunction(max, UInt64),
    lag_ms_max SimpleAggregateFunction(max, UInt64),
    records SimpleAggregateFunction(sum, UInt64)
)
ENGINE = AggregatingMergeTree
PARTITION BY toYYYYMM(minute)
ORDER BY (run, service, instance, reader, minute)
TTL minute + INTERVAL 400 DAY
SETTINGS non_replicated_deduplication_window = 100000;

CREATE MATERIALIZED VIEW IF NOT EXISTS service_minutes_view TO service_minutes AS
SELECT
    run,
    service,
    instance,
    reader,
    toStartOfMinute(toDateTime(time, 'UTC')) AS minute,
    max(time) AS last_sample,
    argMaxState(is_ready, time) AS last_ready,
    argMaxState(service_samples.lag_records, time) AS last_lag_records,
    argMaxState(service_samples.lag_ms, time) AS last_lag_ms,
    argMaxState(toString(fault), time) AS last_fault,
    max(service_samples.lag_records) AS lag_records_max,
    max(service_samples.lag_ms) AS lag_ms_max,
    sum(service_samples.records) AS records
FROM service_samples
GROUP BY run, service, instance, reader, minute;

INSERT INTO service_minutes
SELECT
    run,
    service,
    instance,
    reader,
    toStartOfMinute(toDateTime(time, 'UTC')) AS minute,
    max(time) AS last_sample,
    argMaxState(is_ready, time) AS last_ready,
    argMaxState(s.lag_records, time) AS last_lag_records,
    argMaxState(s.lag_ms, time) AS last_lag_ms,
    argMaxState(toString(fault), time) AS last_fault,
    max(s.lag_records) AS lag_records_max,
    max(s.lag_ms) AS lag_ms_max,
    sum(s.records) AS records
FROM service_samples AS s
GROUP BY run, service, instance, reader, minute
SETTINGS insert_deduplication_token = '012/service_minutes', max_insert_threads = 1;
