-- Intraday liquidity by account and business date, as the date closes: what the account had at the opening, and the most
-- by which payments took it below and above that. What is booked at once counts as a whole. What is issued, redeemed or
-- pledged is no payment. Where a live network closes a date again, the row of the later event_number counts.
CREATE TABLE IF NOT EXISTS account_days
(
    run LowCardinality(String) COMMENT 'Name of the run',
    pool LowCardinality(String) COMMENT 'Settlement pool',
    event_number UInt64 COMMENT 'Number of the event of the close',
    time DateTime64(3, 'UTC') COMMENT 'State time of the close, UTC',
    date Date COMMENT 'Business date',
    opened_at DateTime64(3, 'UTC') COMMENT 'State time at which the date opened first, UTC',
    participant LowCardinality(String) COMMENT 'BIC of the account''s bank',
    currency LowCardinality(String) COMMENT 'Currency of the account',
    balance_minor Int64 COMMENT 'Balance at the opening, minor units',
    credit_line_minor Int64 COMMENT 'Credit line at the opening, minor units',
    collateral_minor Int64 COMMENT 'What collateral gave after its haircut at the opening, minor units',
    usage_minor Int64 COMMENT 'The most by which payments had taken more than they had brought since the opening, 0 or more, minor units',
    surplus_minor Int64 COMMENT 'The most by which payments had brought more than they had taken since the opening, 0 or more, minor units'
)
ENGINE = MergeTree
PARTITION BY toYYYYMM(time)
ORDER BY (run, pool, event_number, participant)
SETTINGS non_replicated_deduplication_window = 100000;
