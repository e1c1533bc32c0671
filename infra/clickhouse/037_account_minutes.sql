-- What accounts sent and received of payments that settled, by minute: what BCBS 248's tools A(iii) and C(i) are asked of over
-- long ranges. A minute here ends with its full minute, which is of it, so that hours after an opening at a full minute are
-- exact. Of a payment through a dealer there are four legs: two accounts send, two receive.
CREATE TABLE IF NOT EXISTS account_minutes
(
    run LowCardinality(String) COMMENT 'Name of the run',
    pool LowCardinality(String) COMMENT 'Settlement pool',
    minute_end DateTime('UTC') COMMENT 'End of the minute in which payments settled, itself of it, UTC' CODEC(Delta, ZSTD(1)),
    participant LowCardinality(String) COMMENT 'BIC of the account''s bank',
    currency LowCardinality(String) COMMENT 'Currency of the account',
    last_ms SimpleAggregateFunction(max, Int64) COMMENT 'When the last of them settled, ms since 1970',
    sent_minor SimpleAggregateFunction(sum, Int128) COMMENT 'What the account sent of these, minor units',
    received_minor SimpleAggregateFunction(sum, Int128) COMMENT 'What the account received of these, minor units'
)
ENGINE = AggregatingMergeTree
PARTITION BY toYYYYMM(minute_end)
ORDER BY (run, pool, minute_end, participant, currency)
SETTINGS non_replicated_deduplication_window = 100000;

CREATE MATERIALIZED VIEW IF NOT EXISTS account_minutes_view TO account_minutes AS
SELECT
    run,
    pool,
    toStartOfMinute(toDateTime(addMilliseconds(time, 59999), 'UTC')) AS minute_end,
    leg.1 AS participant,
    leg.2 AS currency,
    max(toUnixTimestamp64Milli(time)) AS last_ms,
    sum(leg.3) AS sent_minor,
    sum(leg.4) AS received_minor
FROM payments
ARRAY JOIN if(dealer = '',
    [(toString(debtor_agent), toString(payments.currency), toInt128(amount_minor), toInt128(0)),
     (toString(creditor_agent), toString(payments.currency), toInt128(0), toInt128(amount_minor))],
    [(toString(debtor_agent), toString(payments.currency), toInt128(amount_minor), toInt128(0)),
     (toString(dealer), toString(payments.currency), toInt128(0), toInt128(amount_minor)),
     (toString(dealer), toString(currency2), toInt128(amount2_minor), toInt128(0)),
     (toString(creditor_agent), toString(currency2), toInt128(0), toInt128(amount2_minor))]) AS leg
WHERE status = 'ACSC'
GROUP BY run, pool, minute_end, participant, currency;

-- What was there before.
INSERT INTO account_minutes
SELECT
    run,
    pool,
    toStartOfMinute(toDateTime(addMilliseconds(time, 59999), 'UTC')) AS minute_end,
    leg.1 AS participant,
    leg.2 AS currency,
    max(toUnixTimestamp64Milli(time)) AS last_ms,
    sum(leg.3) AS sent_minor,
    sum(leg.4) AS received_minor
FROM payments
ARRAY JOIN if(dealer = '',
    [(toString(debtor_agent), toString(payments.currency), toInt128(amount_minor), toInt128(0)),
     (toString(creditor_agent), toString(payments.currency), toInt128(0), toInt128(amount_minor))],
    [(toString(debtor_agent), toString(payments.currency), toInt128(amount_minor), toInt128(0)),
     (toString(dealer), toString(payments.currency), toInt128(0), toInt128(amount_minor)),
     (toString(dealer), toString(currency2), toInt128(amount2_minor), toInt128(0)),
     (toString(creditor_agent), toString(currency2), toInt128(0), toInt128(amount2_minor))]) AS leg
WHERE status = 'ACSC'
GROUP BY run, pool, minute_end, participant, currency
SETTINGS insert_deduplication_token = '037/account_minutes', max_insert_threads = 1;
