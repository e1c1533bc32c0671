-- What was run, and the names that its rows use.
CREATE TABLE IF NOT EXISTS runs
(
    run LowCardinality(String),
    scenario LowCardinality(String),
    seed UInt64,
    version LowCardinality(String),
    pools Array(String),
    events_hash String,
    summary String CODEC(ZSTD(3))
)
ENGINE = MergeTree
ORDER BY run;

CREATE TABLE IF NOT EXISTS currencies
(
    run LowCardinality(String),
    pool LowCardinality(String),
    currency LowCardinality(String),
    minor_units UInt8
)
ENGINE = MergeTree
ORDER BY (run, currency);

CREATE TABLE IF NOT EXISTS participants
(
    run LowCardinality(String),
    bic LowCardinality(String),
    name String,
    role LowCardinality(String)
)
ENGINE = MergeTree
ORDER BY (run, bic);

-- What the scenario did to the run: outages, corrupted signatures, changes of liquidity.
CREATE TABLE IF NOT EXISTS scenario_events
(
    run LowCardinality(String),
    kind LowCardinality(String),
    participant LowCardinality(String),
    from_time DateTime64(3, 'UTC'),
    until_time DateTime64(3, 'UTC'),
    text String
)
ENGINE = MergeTree
ORDER BY (run, from_time);
