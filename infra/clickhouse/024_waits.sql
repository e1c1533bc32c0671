-- What waits in a live network's pool and why, by bank, account debited and reason: whole snapshots, each under the
-- number of the event that it is as of. What waits at a time is the snapshot with the highest number until then. Where
-- nothing waits a snapshot has one row, without a participant.
CREATE TABLE IF NOT EXISTS waits
(
    run LowCardinality(String) COMMENT 'Name of the run',
    pool LowCardinality(String) COMMENT 'Settlement pool',
    event_number UInt64 COMMENT 'Number of the last event that the snapshot has',
    time DateTime64(3, 'UTC') COMMENT 'State time of the snapshot, UTC',
    participant LowCardinality(String) COMMENT 'BIC of the bank whose messages wait; empty: nothing waits',
    currency LowCardinality(String) COMMENT 'Currency that they debit',
    kind LowCardinality(String) COMMENT 'What they wait for: balance, reservation, bilateralLimit, multilateralLimit, aggregateShortLimit, pooledCollateral, behind, counterparty, closed, earliestTime, unmatched, accepted or cycle',
    count UInt32 COMMENT 'Messages',
    value_minor Int128 COMMENT 'What they debit, minor units',
    oldest_since DateTime64(3, 'UTC') COMMENT 'Since when the oldest of them waits, UTC'
)
ENGINE = MergeTree
PARTITION BY toYYYYMM(time)
ORDER BY (run, pool, event_number, participant, currency, kind)
SETTINGS non_replicated_deduplication_window = 100000;
