-- The liquidity need of an account for the rest of a business date, at each full hour after the opening (hour 0): the most
-- by which payments will take more than they bring until the close. Forecasts are made as the hour passes, from the same
-- account's dates before; needs are what it was, known at the close. docs/indicators.md has the definitions.
CREATE TABLE IF NOT EXISTS liquidity_forecasts
(
    run LowCardinality(String) COMMENT 'Name of the run',
    pool LowCardinality(String) COMMENT 'Settlement pool',
    event_number UInt64 COMMENT 'Number of the event before which the hour had passed; of the opening its own',
    time DateTime64(3, 'UTC') COMMENT 'The full hour, state time, UTC',
    date Date COMMENT 'Business date',
    hour UInt8 COMMENT 'Full hours after the opening of the date',
    participant LowCardinality(String) COMMENT 'BIC of the account''s bank',
    currency LowCardinality(String) COMMENT 'Currency of the account',
    balance_minor Int64 COMMENT 'Balance at the hour, minor units',
    credit_minor Int64 COMMENT 'Credit line and what collateral gives at the hour, minor units',
    moved_minor Int64 COMMENT 'What payments had moved since the opening, in and out together, minor units',
    dates UInt8 COMMENT 'On how many dates before it rests',
    lower_minor Int64 COMMENT 'Below which the need is forecast to be on one date in ten, minor units',
    middle_minor Int64 COMMENT 'Below which it is forecast to be on every second date, minor units',
    upper_minor Int64 COMMENT 'Below which it is forecast to be on nine dates in ten, minor units'
)
ENGINE = MergeTree
PARTITION BY toYYYYMM(time)
ORDER BY (run, pool, participant, currency, time)
SETTINGS non_replicated_deduplication_window = 100000;

CREATE TABLE IF NOT EXISTS liquidity_needs
(
    run LowCardinality(String) COMMENT 'Name of the run',
    pool LowCardinality(String) COMMENT 'Settlement pool',
    event_number UInt64 COMMENT 'Number of the event of the close',
    time DateTime64(3, 'UTC') COMMENT 'State time of the close, UTC',
    date Date COMMENT 'Business date',
    hour UInt8 COMMENT 'Full hours after the opening of the date',
    hour_at DateTime64(3, 'UTC') COMMENT 'The full hour, state time, UTC',
    participant LowCardinality(String) COMMENT 'BIC of the account''s bank',
    currency LowCardinality(String) COMMENT 'Currency of the account',
    need_minor Int64 COMMENT 'The most by which payments took more than they brought from the hour to the close, 0 or more, minor units',
    moved_minor Int64 COMMENT 'What payments had moved since the opening, in and out together, minor units',
    date_moved_minor Int64 COMMENT 'The same until the close, minor units'
)
ENGINE = MergeTree
PARTITION BY toYYYYMM(time)
ORDER BY (run, pool, participant, currency, time, hour)
SETTINGS non_replicated_deduplication_window = 100000;
