-- Mechanisms beside gross settlement: netting, certificates, and legs of PvP and DvP.
-- kind is that of the event that gave the status; second_leg marks the later leg of a matched pair,
-- from its match on: the two are one payment, so payments are counted without it.
-- Statuses: ACSP accepted for netting, beside those that payments names.
ALTER TABLE payments
    ADD COLUMN IF NOT EXISTS kind LowCardinality(String),
    ADD COLUMN IF NOT EXISTS message_type LowCardinality(String),
    ADD COLUMN IF NOT EXISTS second_leg UInt8;

-- The latest status of each payment. A match alone is no wait in a queue.
DROP VIEW IF EXISTS payments_current;

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
    countIf(payments.status = 'PDNG' AND payments.kind != 'matched') > 0 AS was_queued,
    argMax(message_type, event_number) AS message_type,
    max(payments.second_leg) AS second_leg
FROM payments
GROUP BY run, pool, payment_position;

-- What a cycle did, and in which currency (empty: in all together). Outcomes of gross settlement:
-- empty, gridlock, deadlock; of netting: empty, netted, unwound (all of it), and left_queued is then
-- the number of payments that it unwound.
ALTER TABLE cycles
    ADD COLUMN IF NOT EXISTS mechanism LowCardinality(String),
    ADD COLUMN IF NOT EXISTS currency LowCardinality(String);

-- kind netted: the net position that a cycle settled on an account; lossShared: the share of
-- counterparty's loss that participant bore; defaulted: the shortfall of a defaulter.
CREATE TABLE IF NOT EXISTS nettings
(
    run LowCardinality(String),
    pool LowCardinality(String),
    event_number UInt64,
    time DateTime64(3, 'UTC'),
    cycle UInt32,
    kind LowCardinality(String),
    participant LowCardinality(String),
    counterparty LowCardinality(String),
    currency LowCardinality(String),
    amount_minor Int64,
    balance_minor Int64
)
ENGINE = MergeTree
PARTITION BY toYYYYMM(time)
ORDER BY (run, pool, event_number)
SETTINGS non_replicated_deduplication_window = 100000;

-- Certificates: after a cycle, what the first payment left in a queue is short of (balance,
-- bilateralLimit, multilateralLimit), on whose account, against whom, and by how much.
CREATE TABLE IF NOT EXISTS held_up
(
    run LowCardinality(String),
    pool LowCardinality(String),
    event_number UInt64,
    time DateTime64(3, 'UTC'),
    cycle UInt32,
    payment_position UInt64,
    uetr String,
    short LowCardinality(String),
    participant LowCardinality(String),
    counterparty LowCardinality(String),
    currency LowCardinality(String),
    amount_minor Int64
)
ENGINE = MergeTree
PARTITION BY toYYYYMM(time)
ORDER BY (run, pool, payment_position, event_number)
SETTINGS non_replicated_deduplication_window = 100000;
