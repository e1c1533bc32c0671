-- How far the witnesses of a network's policy have cosigned the pools' transparency logs, as gateways saw it.
CREATE TABLE IF NOT EXISTS log_cosignatures
(
    run LowCardinality(String) COMMENT 'Name of the run',
    time DateTime64(3, 'UTC') COMMENT 'When, UTC' CODEC(Delta, ZSTD(1)),
    pool LowCardinality(String) COMMENT 'Settlement pool',
    instance LowCardinality(String) COMMENT 'Which of the gateways',
    sealed UInt64 COMMENT 'Events that the log’s newest checkpoint covers',
    cosigned UInt64 COMMENT 'Events that the newest checkpoint covers which the quorum cosigned',
    waiting_ms UInt64 COMMENT 'For how long a checkpoint has waited for the quorum at most, ms; 0: none waits',
    missing String COMMENT 'Witnesses whose cosignature of that checkpoint was not seen',
    forks UInt64 COMMENT 'Cosigned checkpoints that contradict the log',
    first_fork String COMMENT 'The first of them; empty where there is none'
)
ENGINE = MergeTree
PARTITION BY toYYYYMM(time)
ORDER BY (run, pool, time)
TTL toDateTime(time) + INTERVAL 400 DAY
SETTINGS non_replicated_deduplication_window = 10000;
