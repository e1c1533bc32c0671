-- Drills (corridor drill): a network that was broken, and how it recovered (PFMI, principle 17).
CREATE TABLE IF NOT EXISTS drills
(
    run LowCardinality(String) COMMENT 'Name of the network''s rows',
    time DateTime64(3, 'UTC') COMMENT 'When the result was known, UTC',
    breaks LowCardinality(String) COMMENT 'What was broken: all, services, store, snapshot or tables',
    recovery_ms UInt64 COMMENT 'From the kill until everything was ready again, ms',
    recovery_ms_max UInt64 COMMENT 'What PFMI 17 allows, ms',
    log_records UInt64 COMMENT 'Records that the log had at the break; 0: it went on',
    log_lost UInt64 COMMENT 'Those of them that it has not any more, or not as they were',
    events UInt64 COMMENT 'Events of the network afterwards',
    replay_fault String COMMENT 'Why a replay of the log gives other events; empty: it gives the same',
    store_figures UInt32 COMMENT 'Figures of the store that were held against the events',
    store_different UInt32 COMMENT 'Those that differ',
    not_closed Array(LowCardinality(String)) COMMENT 'Currencies whose business date did not close by command',
    is_passed UInt8 COMMENT '1: recovered in time, nothing lost, nothing different, all closed'
)
ENGINE = MergeTree
ORDER BY (run, time)
SETTINGS non_replicated_deduplication_window = 1000;
