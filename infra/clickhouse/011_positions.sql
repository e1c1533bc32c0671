-- How far each reader's blocks of rows are in, beside the rows themselves: whatever becomes of the log's
-- own positions, what is here is not inserted again and what is not here is. begun: where the block
-- under way ends; done: up to where all are in. Both are log offsets and only rise.
CREATE TABLE IF NOT EXISTS reader_positions
(
    run LowCardinality(String) COMMENT 'Name of the run',
    reader LowCardinality(String) COMMENT 'events/<pool>, or telemetry',
    begun SimpleAggregateFunction(max, UInt64) COMMENT 'Offset in its topic at which the block that was begun last ends',
    done SimpleAggregateFunction(max, UInt64) COMMENT 'Offset in its topic up to which all rows are in'
)
ENGINE = AggregatingMergeTree
ORDER BY (run, reader);

-- One row for each block of rows that a live reader inserted.
CREATE TABLE IF NOT EXISTS insertions
(
    run LowCardinality(String) COMMENT 'Name of the run',
    reader LowCardinality(String) COMMENT 'events/<pool>, or telemetry',
    time DateTime64(3, 'UTC') COMMENT 'When, UTC' CODEC(Delta, ZSTD(1)),
    records UInt64 COMMENT 'Events, or messages of telemetry, that it was folded from',
    rows UInt64 COMMENT 'Rows over all tables'
)
ENGINE = MergeTree
PARTITION BY toYYYYMM(time)
ORDER BY (run, reader, time)
TTL toDateTime(time) + INTERVAL 400 DAY
SETTINGS non_replicated_deduplication_window = 10000;

-- A queue may hold more than 64 bits of minor units, though no account does.
ALTER TABLE queue_samples
    MODIFY COLUMN value_minor Int128,
    MODIFY COLUMN value_max_minor Int128;

-- A live reader samples at the end of each block too, so that the present is not a minute away.
ALTER TABLE balances
    COMMENT COLUMN time 'When, UTC: the end of a minute, and live the last event of a block; only where something changed',
    COMMENT COLUMN balance_minor 'Balance then, minor units; it holds until the next row',
    COMMENT COLUMN lowest_minor 'Lowest balance since the row before',
    COMMENT COLUMN drawn_max_minor 'The most since the row before by which payments drew it below what was put in';

ALTER TABLE queue_samples
    COMMENT COLUMN time 'When, UTC: the end of a minute, and live the last event of a block; only where something changed',
    COMMENT COLUMN count 'Payments that wait then; it holds until the next row',
    COMMENT COLUMN count_max 'The most that waited since the row before',
    COMMENT COLUMN value_max_minor 'The highest value that waited since the row before';

-- Whatever is inserted again under its token is there once.
ALTER TABLE reference_rates MODIFY SETTING non_replicated_deduplication_window = 1000;
ALTER TABLE scenario_events MODIFY SETTING non_replicated_deduplication_window = 1000;

-- What services measured of themselves is worth a year and a little; what was settled is kept.
ALTER TABLE verifier_batches MODIFY TTL toDateTime(time) + INTERVAL 400 DAY;
ALTER TABLE reconciliations MODIFY TTL toDateTime(time) + INTERVAL 400 DAY;
