-- 1 in the row of a message's first status: it counts messages submitted.
ALTER TABLE payments ADD COLUMN IF NOT EXISTS is_first UInt8 AFTER submitted_at;

-- The oldest payment that waits at the end of the minute; its submission, 1970 where none waits.
ALTER TABLE queue_samples ADD COLUMN IF NOT EXISTS oldest_submitted_at DateTime64(3, 'UTC') AFTER value_max_minor;

-- Mid rates that costs are measured against: units of currency2 for one unit of currency.
CREATE TABLE IF NOT EXISTS reference_rates
(
    run LowCardinality(String),
    currency LowCardinality(String),
    currency2 LowCardinality(String),
    rate Float64,
    source String,
    date Date
)
ENGINE = MergeTree
ORDER BY (run, currency, currency2);

-- Attempts and keys: messages that failed authentication (notAuthentic), repeats, identities used for
-- another payload (identityReused), keyRegistered, keyRevoked.
CREATE TABLE IF NOT EXISTS security_events
(
    run LowCardinality(String),
    pool LowCardinality(String),
    event_number UInt64 CODEC(Delta, ZSTD(1)),
    position UInt64 CODEC(Delta, ZSTD(1)),
    time DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
    kind LowCardinality(String),
    participant LowCardinality(String),
    reason LowCardinality(String),
    uetr String CODEC(ZSTD(1))
)
ENGINE = MergeTree
PARTITION BY toYYYYMM(time)
ORDER BY (run, pool, event_number)
SETTINGS non_replicated_deduplication_window = 100000;

-- A payment's rows lie by position; its times rise with it, so a range of time reads few of them.
ALTER TABLE payments ADD INDEX IF NOT EXISTS time_range time TYPE minmax GRANULARITY 1;

-- How far each reader of each service is behind its topic, and whether the service is ready: a row
-- about every second, in no hash.
CREATE TABLE IF NOT EXISTS service_samples
(
    run LowCardinality(String),
    time DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
    service LowCardinality(String),
    instance LowCardinality(String),
    reader LowCardinality(String),
    is_ready UInt8,
    lag_records UInt64,
    lag_ms UInt64,
    records UInt64,
    fault LowCardinality(String)
)
ENGINE = MergeTree
PARTITION BY toYYYYMM(time)
ORDER BY (run, service, instance, reader, time)
TTL toDateTime(time) + INTERVAL 400 DAY
SETTINGS non_replicated_deduplication_window = 100000;

-- Clearing's own totals against these tables, one row a check and figure.
CREATE TABLE IF NOT EXISTS reconciliations
(
    run LowCardinality(String),
    time DateTime64(3, 'UTC'),
    pool LowCardinality(String),
    figure LowCardinality(String),
    expected String,
    found String,
    agrees UInt8
)
ENGINE = MergeTree
ORDER BY (run, time, figure);
