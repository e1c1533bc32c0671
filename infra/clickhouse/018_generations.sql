-- Rows that were removed can come again: a store drops an insertion whose token it has had, and forgets
-- no token with the rows. Tokens have the generation in them, a new one after each removal. A
-- publication begins with the row that says of which events it is, so that no other goes on with it.
CREATE TABLE IF NOT EXISTS run_generations
(
    run LowCardinality(String) COMMENT 'Name of the run',
    generation UInt64 COMMENT 'Part of the tokens of its insertions: 0 until its rows were removed, then when they were, ms since 1970; the highest counts',
    events_hash String COMMENT 'Of a published run: digest of the events whose rows are inserted in this generation; else empty'
)
ENGINE = MergeTree
ORDER BY (run, generation)
SETTINGS non_replicated_deduplication_window = 10000;

-- Two blocks of one instant have samples a ms apart, after a restart too.
ALTER TABLE reader_positions
    ADD COLUMN IF NOT EXISTS sampled_ms SimpleAggregateFunction(max, UInt64)
        COMMENT 'Time of the last samples of balances and queues that are in, ms since 1970';
