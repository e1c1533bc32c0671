-- What the verifier measured of its own work: figures of this run on this machine, in no hash.
CREATE TABLE IF NOT EXISTS verifier_batches
(
    run LowCardinality(String),
    time DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
    batch_size UInt32,
    valid UInt32,
    invalid UInt32,
    duration_ns UInt64
)
ENGINE = MergeTree
PARTITION BY toYYYYMM(time)
ORDER BY (run, time)
SETTINGS non_replicated_deduplication_window = 100000;
