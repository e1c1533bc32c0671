-- What proves a cycle: its certificate, which `corridor verify` checks alone. A row stands beside the
-- cycle's (run, pool and event_number are the same); the bilateral offsetting with which a cycle may begin
-- has one of its own. Of a simulated run every cycle has one. Of a live network those up to the last
-- `corridor certify`: to make them is to settle again, which a reader of events does not do.
CREATE TABLE IF NOT EXISTS certificates
(
    run LowCardinality(String) COMMENT 'Name of the run',
    pool LowCardinality(String) COMMENT 'Settlement pool',
    event_number UInt64 COMMENT 'Number of the cycle’s event; of an offsetting of the first that settled',
    cycle UInt32 COMMENT 'Number of the cycle; of an offsetting 0',
    offsetting UInt32 COMMENT 'Number of the bilateral offsetting; of a cycle 0',
    time DateTime64(3, 'UTC') COMMENT 'State time, UTC',
    certificate String COMMENT 'JSON, as corridor explain --certificate writes it and corridor verify reads it' CODEC(ZSTD(3))
)
ENGINE = MergeTree
PARTITION BY toYYYYMM(time)
ORDER BY (run, pool, event_number)
SETTINGS non_replicated_deduplication_window = 100000;
