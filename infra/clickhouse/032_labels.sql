-- What a scenario injected into the flow, payment by payment: the truth that a watch over the flow is judged by. No message
-- and no event tells it.
CREATE TABLE IF NOT EXISTS labels
(
    run LowCardinality(String) COMMENT 'Name of the run',
    injection LowCardinality(String) COMMENT 'Name of the anomaly in the scenario',
    kind LowCardinality(String) COMMENT 'hijackedKey, mistypedAmount, run, ring, stuckBatch or silentOutage',
    participant LowCardinality(String) COMMENT 'BIC of the bank that sends the payment, or is silent',
    from_time DateTime64(3, 'UTC') COMMENT 'Begin of the anomaly, UTC',
    until_time DateTime64(3, 'UTC') COMMENT 'End of the anomaly, UTC',
    uetr String COMMENT 'UETR of the payment that is labelled; empty in the one row of a silentOutage',
    end_to_end_id String COMMENT 'EndToEndId of the payment; empty in the one row of a silentOutage'
)
ENGINE = MergeTree
ORDER BY (run, injection, uetr)
SETTINGS non_replicated_deduplication_window = 1000;

-- The accounts of customers that the messages of payments name. No event has them: clearing does not read them.
CREATE TABLE IF NOT EXISTS payment_accounts
(
    run LowCardinality(String) COMMENT 'Name of the run',
    uetr String COMMENT 'UETR of the payment',
    debtor_account String COMMENT 'Account that the payment debits at the debtor''s agent',
    creditor_account String COMMENT 'Account that the payment credits at the creditor''s agent'
)
ENGINE = MergeTree
ORDER BY (run, uetr)
SETTINGS non_replicated_deduplication_window = 10000;
