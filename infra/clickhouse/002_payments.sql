-- One row a status change. PDNG queued, ACSC settled, RJCT rejected, CANC cancelled.
-- A message that failed authentication has a row of its own (RJCT, amounts 0): it is no other
-- payment's status, whatever UETR it claims.
CREATE TABLE IF NOT EXISTS payments
(
    run LowCardinality(String),
    pool LowCardinality(String),
    event_number UInt64 CODEC(Delta, ZSTD(1)),
    time DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
    payment_position UInt64 CODEC(Delta, ZSTD(1)),
    uetr String CODEC(ZSTD(1)),
    status LowCardinality(String),
    reason LowCardinality(String),
    iso_reason LowCardinality(String),
    mechanism LowCardinality(String),
    priority LowCardinality(String),
    debtor_agent LowCardinality(String),
    creditor_agent LowCardinality(String),
    dealer LowCardinality(String),
    currency LowCardinality(String),
    amount_minor Int64,
    currency2 LowCardinality(String),
    amount2_minor Int64,
    corridor LowCardinality(String),
    cycle UInt32,
    submitted_at DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1))
)
ENGINE = MergeTree
PARTITION BY toYYYYMM(time)
ORDER BY (run, pool, payment_position, event_number)
SETTINGS non_replicated_deduplication_window = 100000;

-- The latest status of each payment.
CREATE VIEW IF NOT EXISTS payments_current AS
SELECT
    run,
    pool,
    payment_position,
    argMax(uetr, event_number) AS uetr,
    argMax(status, event_number) AS status,
    argMax(reason, event_number) AS reason,
    argMax(iso_reason, event_number) AS iso_reason,
    argMax(mechanism, event_number) AS mechanism,
    argMax(priority, event_number) AS priority,
    argMax(debtor_agent, event_number) AS debtor_agent,
    argMax(creditor_agent, event_number) AS creditor_agent,
    argMax(dealer, event_number) AS dealer,
    argMax(currency, event_number) AS currency,
    argMax(amount_minor, event_number) AS amount_minor,
    argMax(currency2, event_number) AS currency2,
    argMax(amount2_minor, event_number) AS amount2_minor,
    argMax(corridor, event_number) AS corridor,
    argMax(cycle, event_number) AS cycle,
    min(submitted_at) AS submitted_at,
    max(time) AS status_at,
    countIf(payments.status = 'PDNG') > 0 AS was_queued
FROM payments
GROUP BY run, pool, payment_position;
