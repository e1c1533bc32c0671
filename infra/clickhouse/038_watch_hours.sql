-- The label of a scored payment stands with its score: a join with labels took seconds over ten million scores. And scores by
-- hour, bank and label, for long ranges; the index lets the highest scores of a range be found without reading the others.
ALTER TABLE watch_scores ADD COLUMN IF NOT EXISTS label LowCardinality(String) COMMENT 'Kind of the anomaly that a scenario injected, as the tables of the scored run say; empty: none, or not known' AFTER reasons;
ALTER TABLE watch_scores ADD INDEX IF NOT EXISTS score_range score TYPE minmax GRANULARITY 1;

CREATE TABLE IF NOT EXISTS watch_hours
(
    run LowCardinality(String) COMMENT 'Name of the run',
    pool LowCardinality(String) COMMENT 'Settlement pool',
    model LowCardinality(String) COMMENT 'SHA-256 of the model file',
    hour DateTime('UTC') COMMENT 'Hour in which the payments were submitted, UTC' CODEC(Delta, ZSTD(1)),
    debtor_agent LowCardinality(String) COMMENT 'BIC of the bank that sends them',
    label LowCardinality(String) COMMENT 'Kind of the anomaly that a scenario injected; empty: none, or not known',
    payments SimpleAggregateFunction(sum, UInt64) COMMENT 'Payments that are scored',
    alerts SimpleAggregateFunction(sum, UInt64) COMMENT 'Alerts of them',
    highest_score SimpleAggregateFunction(max, Float64) COMMENT 'The highest of their scores'
)
ENGINE = AggregatingMergeTree
PARTITION BY toYYYYMM(hour)
ORDER BY (run, pool, model, hour, debtor_agent, label)
SETTINGS non_replicated_deduplication_window = 100000;

CREATE MATERIALIZED VIEW IF NOT EXISTS watch_hours_view TO watch_hours AS
SELECT
    run,
    pool,
    model,
    toStartOfHour(toDateTime(submitted_at, 'UTC')) AS hour,
    debtor_agent,
    label,
    count() AS payments,
    sum(toUInt64(is_alert)) AS alerts,
    max(score) AS highest_score
FROM watch_scores
GROUP BY run, pool, model, hour, debtor_agent, label;

-- What was there before.
INSERT INTO watch_hours
SELECT
    run,
    pool,
    model,
    toStartOfHour(toDateTime(submitted_at, 'UTC')) AS hour,
    debtor_agent,
    label,
    count() AS payments,
    sum(toUInt64(is_alert)) AS alerts,
    max(score) AS highest_score
FROM watch_scores
GROUP BY run, pool, model, hour, debtor_agent, label
SETTINGS insert_deduplication_token = '038/watch_hours', max_insert_threads = 1;
