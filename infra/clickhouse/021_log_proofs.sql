-- What verifiers found who check, while the network runs, that each record of a pool's input is what only
-- its author could have caused.
CREATE TABLE IF NOT EXISTS log_proofs
(
    run LowCardinality(String) COMMENT 'Name of the run',
    time DateTime64(3, 'UTC') COMMENT 'When, UTC' CODEC(Delta, ZSTD(1)),
    pool LowCardinality(String) COMMENT 'Settlement pool',
    instance LowCardinality(String) COMMENT 'Which of the processes that check',
    records UInt64 COMMENT 'Records of the pool’s input that it had read',
    proven UInt64 COMMENT 'Proofs that held since it began; a record may be proven more than once',
    faults UInt64 COMMENT 'Records that are not proven',
    first_fault String COMMENT 'Place, kind, sender and reason of the first of them; empty where there is none',
    unchecked_ms UInt64 COMMENT 'For how long the oldest record that was not checked yet had waited for it, ms',
    covered_time DateTime64(3, 'UTC') COMMENT 'When every record had been checked last, UTC; 1970: not yet'
)
ENGINE = MergeTree
PARTITION BY toYYYYMM(time)
ORDER BY (run, pool, time)
TTL toDateTime(time) + INTERVAL 400 DAY
SETTINGS non_replicated_deduplication_window = 10000;
