-- What the default of the one and of the two participants with the largest shortfall leaves uncovered, at each full hour
-- at which a currency is open and there is any. Shortfall of an account: what it is to pay net for payments accepted for
-- netting, less its balance and what its collateral gives. The currency's own issuer is left out.
CREATE TABLE IF NOT EXISTS cover_hours
(
    run LowCardinality(String) COMMENT 'Name of the run',
    pool LowCardinality(String) COMMENT 'Settlement pool',
    event_number UInt64 COMMENT 'Number of the first event behind the hour, which tells that it is over; at a run''s end of the last',
    time DateTime64(3, 'UTC') COMMENT 'The full hour, after all of its instant, UTC',
    currency LowCardinality(String) COMMENT 'Currency of the shortfalls',
    participant LowCardinality(String) COMMENT 'BIC of the participant with the largest shortfall',
    second LowCardinality(String) COMMENT 'BIC of the participant with the next largest; empty: no other has any',
    one_minor Int64 COMMENT 'What the default of the one leaves uncovered (cover 1), minor units',
    two_minor Int64 COMMENT 'What the default of both leaves uncovered (cover 2), minor units'
)
ENGINE = MergeTree
PARTITION BY toYYYYMM(time)
ORDER BY (run, pool, event_number, time, currency)
SETTINGS non_replicated_deduplication_window = 100000;

-- Who issues a currency, from the event on: what its account is below zero is what it issued, and no credit.
CREATE TABLE IF NOT EXISTS issuers
(
    run LowCardinality(String) COMMENT 'Name of the run',
    pool LowCardinality(String) COMMENT 'Settlement pool',
    event_number UInt64 COMMENT 'Number of the event that appointed it',
    time DateTime64(3, 'UTC') COMMENT 'State time, UTC',
    participant LowCardinality(String) COMMENT 'BIC of the issuer',
    currency LowCardinality(String) COMMENT 'Currency or security that it issues'
)
ENGINE = MergeTree
ORDER BY (run, pool, event_number)
SETTINGS non_replicated_deduplication_window = 10000;
