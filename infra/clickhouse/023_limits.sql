-- What bounds an account's payments, a row each time that it was set: amount_minor holds until the next row
-- of the account, kind and counterparty. is_removed 1: there is no such bound from then on, and the amount is 0.
CREATE TABLE IF NOT EXISTS limits
(
    run LowCardinality(String) COMMENT 'Name of the run',
    pool LowCardinality(String) COMMENT 'Settlement pool',
    event_number UInt64 COMMENT 'Number of the event',
    time DateTime64(3, 'UTC') COMMENT 'State time, UTC',
    kind LowCardinality(String) COMMENT 'bilateralLimit, multilateralLimit, reservationUrgent, reservationHigh, netDebitCap, bilateralCap, creditLine, creditCapacity (of collateral), aggregateShortLimit or pooledCollateral',
    participant LowCardinality(String) COMMENT 'BIC of the account owner',
    counterparty LowCardinality(String) COMMENT 'BIC of the other bank of a bilateral bound',
    currency LowCardinality(String) COMMENT 'Currency',
    amount_minor Int64 COMMENT 'The bound, minor units',
    is_removed UInt8 COMMENT '1: no such bound from then on'
)
ENGINE = MergeTree
PARTITION BY toYYYYMM(time)
ORDER BY (run, pool, event_number, kind)
SETTINGS non_replicated_deduplication_window = 100000;
