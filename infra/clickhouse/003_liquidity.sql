-- Settlement accounts, one row for each minute in which the account changed: its balance at the end
-- of the minute and the lowest in it. balance_minor holds until the account's next row; injected_minor
-- is what was issued to it less what was redeemed since its opening; drawn_max_minor the most in the
-- minute by which payments drew it: max(0, opening balance + injected - balance).
CREATE TABLE IF NOT EXISTS balances
(
    run LowCardinality(String),
    pool LowCardinality(String),
    time DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
    participant LowCardinality(String),
    currency LowCardinality(String),
    balance_minor Int64,
    lowest_minor Int64,
    credit_line_minor Int64,
    injected_minor Int64,
    drawn_max_minor Int64
)
ENGINE = MergeTree
PARTITION BY toYYYYMM(time)
ORDER BY (run, pool, currency, participant, time)
SETTINGS non_replicated_deduplication_window = 100000;

-- Payments that wait, by debtor's agent and debited currency, one row for each minute in which the
-- queue changed; participant '' is the whole currency. count and value_minor are those at the end
-- of the minute and hold until the next row; count_max and value_max_minor the most in it.
CREATE TABLE IF NOT EXISTS queue_samples
(
    run LowCardinality(String),
    pool LowCardinality(String),
    time DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
    participant LowCardinality(String),
    currency LowCardinality(String),
    count UInt32,
    value_minor Int64,
    count_max UInt32,
    value_max_minor Int64
)
ENGINE = MergeTree
PARTITION BY toYYYYMM(time)
ORDER BY (run, pool, currency, participant, time)
SETTINGS non_replicated_deduplication_window = 100000;

-- Cycles of gridlock resolution that found something queued.
CREATE TABLE IF NOT EXISTS cycles
(
    run LowCardinality(String),
    pool LowCardinality(String),
    event_number UInt64,
    cycle UInt32,
    time DateTime64(3, 'UTC'),
    outcome LowCardinality(String),
    settled UInt32,
    left_queued UInt32
)
ENGINE = MergeTree
PARTITION BY toYYYYMM(time)
ORDER BY (run, pool, cycle)
SETTINGS non_replicated_deduplication_window = 100000;
