-- What crossed a border, by hour, segment and corridor (country and currency of both agents; the country stands in the
-- BIC): what the G20's targets for cross-border payments are about. Segments by the type of the message: pacs.009 is
-- between banks, pacs.008 of customers. Legs of trades and chains, and returns, are in none.
CREATE TABLE IF NOT EXISTS border_hours
(
    run LowCardinality(String) COMMENT 'Name of the run',
    pool LowCardinality(String) COMMENT 'Settlement pool',
    hour DateTime('UTC') COMMENT 'Hour of the outcome, UTC' CODEC(Delta, ZSTD(1)),
    segment LowCardinality(String) COMMENT 'wholesale (pacs.009) or customers (pacs.008)',
    country LowCardinality(String) COMMENT 'Country of the debtor''s agent, by its BIC',
    currency LowCardinality(String) COMMENT 'Currency debited',
    country2 LowCardinality(String) COMMENT 'Country of the creditor''s agent, by its BIC',
    currency2 LowCardinality(String) COMMENT 'Currency credited',
    submitted SimpleAggregateFunction(sum, UInt64) COMMENT 'Payments that came in',
    settled SimpleAggregateFunction(sum, UInt64) COMMENT 'Payments that settled',
    ended SimpleAggregateFunction(sum, UInt64) COMMENT 'Payments that were rejected or cancelled',
    cancelled SimpleAggregateFunction(sum, UInt64) COMMENT 'Cancelled by another than the debtor''s agent',
    within_hour SimpleAggregateFunction(sum, UInt64) COMMENT 'Settled within an hour of their submission',
    within_day SimpleAggregateFunction(sum, UInt64) COMMENT 'Settled within 24 hours of their submission',
    amount_minor SimpleAggregateFunction(sum, Int128) COMMENT 'Debited of what settled, minor units',
    amount2_minor SimpleAggregateFunction(sum, Int128) COMMENT 'Credited of what settled, minor units of currency2'
)
ENGINE = AggregatingMergeTree
PARTITION BY toYYYYMM(hour)
ORDER BY (run, pool, hour, segment, country, currency, country2, currency2)
SETTINGS non_replicated_deduplication_window = 100000;

-- ended: rejected or cancelled; cancelled: by another than the debtor's bank. Amounts are of what settled.
CREATE MATERIALIZED VIEW IF NOT EXISTS border_hours_view TO border_hours AS
SELECT
    run,
    pool,
    toStartOfHour(toDateTime(time, 'UTC')) AS hour,
    if(message_type = 'pacs.009.001.08', 'wholesale', 'customers') AS segment,
    substring(debtor_agent, 5, 2) AS country,
    currency,
    substring(creditor_agent, 5, 2) AS country2,
    currency2,
    countIf(is_first = 1) AS submitted,
    countIf(status = 'ACSC') AS settled,
    countIf(status IN ('RJCT', 'CANC')) AS ended,
    countIf(status = 'CANC' AND reason != 'cancelledByDebtorAgent') AS cancelled,
    countIf(status = 'ACSC' AND toUnixTimestamp64Milli(time) - toUnixTimestamp64Milli(submitted_at) <= 3600000) AS within_hour,
    countIf(status = 'ACSC' AND toUnixTimestamp64Milli(time) - toUnixTimestamp64Milli(submitted_at) <= 86400000) AS within_day,
    sumIf(toInt128(payments.amount_minor), status = 'ACSC') AS amount_minor,
    sumIf(toInt128(payments.amount2_minor), status = 'ACSC') AS amount2_minor
FROM payments
WHERE message_type IN ('pacs.008.001.08', 'pacs.009.001.08') AND payments.currency != '' AND creditor_agent != ''
    AND substring(debtor_agent, 5, 2) != substring(creditor_agent, 5, 2)
GROUP BY run, pool, hour, segment, country, currency, country2, currency2;

-- What dealers changed into another currency, by hour and currency debited.
CREATE TABLE IF NOT EXISTS dealer_hours
(
    run LowCardinality(String) COMMENT 'Name of the run',
    pool LowCardinality(String) COMMENT 'Settlement pool',
    hour DateTime('UTC') COMMENT 'Hour of the settlement, UTC' CODEC(Delta, ZSTD(1)),
    dealer LowCardinality(String) COMMENT 'BIC of the dealer',
    currency LowCardinality(String) COMMENT 'Currency debited',
    settled SimpleAggregateFunction(sum, UInt64) COMMENT 'Payments that settled through the dealer',
    amount_minor SimpleAggregateFunction(sum, Int128) COMMENT 'Debited of these, minor units'
)
ENGINE = AggregatingMergeTree
PARTITION BY toYYYYMM(hour)
ORDER BY (run, pool, hour, dealer, currency)
SETTINGS non_replicated_deduplication_window = 100000;

CREATE MATERIALIZED VIEW IF NOT EXISTS dealer_hours_view TO dealer_hours AS
SELECT
    run,
    pool,
    toStartOfHour(toDateTime(time, 'UTC')) AS hour,
    dealer,
    currency,
    count() AS settled,
    sum(toInt128(payments.amount_minor)) AS amount_minor
FROM payments
WHERE status = 'ACSC' AND dealer != ''
GROUP BY run, pool, hour, dealer, currency;

-- What was there before.
INSERT INTO border_hours
SELECT
    run,
    pool,
    toStartOfHour(toDateTime(time, 'UTC')) AS hour,
    if(message_type = 'pacs.009.001.08', 'wholesale', 'customers') AS segment,
    substring(debtor_agent, 5, 2) AS country,
    p.currency AS currency,
    substring(creditor_agent, 5, 2) AS country2,
    p.currency2 AS currency2,
    countIf(is_first = 1) AS submitted,
    countIf(status = 'ACSC') AS settled,
    countIf(status IN ('RJCT', 'CANC')) AS ended,
    countIf(status = 'CANC' AND reason != 'cancelledByDebtorAgent') AS cancelled,
    countIf(status = 'ACSC' AND toUnixTimestamp64Milli(time) - toUnixTimestamp64Milli(submitted_at) <= 3600000) AS within_hour,
    countIf(status = 'ACSC' AND toUnixTimestamp64Milli(time) - toUnixTimestamp64Milli(submitted_at) <= 86400000) AS within_day,
    sumIf(toInt128(p.amount_minor), status = 'ACSC') AS amount_minor,
    sumIf(toInt128(p.amount2_minor), status = 'ACSC') AS amount2_minor
FROM payments AS p
WHERE message_type IN ('pacs.008.001.08', 'pacs.009.001.08') AND p.currency != '' AND creditor_agent != ''
    AND substring(debtor_agent, 5, 2) != substring(creditor_agent, 5, 2)
GROUP BY run, pool, hour, segment, country, currency, country2, currency2
SETTINGS insert_deduplication_token = '027/border_hours', max_insert_threads = 1;

INSERT INTO dealer_hours
SELECT
    run,
    pool,
    toStartOfHour(toDateTime(time, 'UTC')) AS hour,
    dealer,
    currency,
    count() AS settled,
    sum(toInt128(p.amount_minor)) AS amount_minor
FROM payments AS p
WHERE status = 'ACSC' AND dealer != ''
GROUP BY run, pool, hour, dealer, currency
SETTINGS insert_deduplication_token = '027/dealer_hours', max_insert_threads = 1;
