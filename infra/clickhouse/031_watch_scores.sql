-- What a model of the watched flow says of each payment: `corridor watch score`. It advises; nothing in settlement reads it.
CREATE TABLE IF NOT EXISTS watch_scores
(
    run LowCardinality(String) COMMENT 'Name of the run',
    pool LowCardinality(String) COMMENT 'Settlement pool',
    submitted_at DateTime64(3, 'UTC') COMMENT 'When the payment was submitted, UTC' CODEC(Delta, ZSTD(1)),
    uetr String COMMENT 'UETR of the payment' CODEC(ZSTD(1)),
    debtor_agent LowCardinality(String) COMMENT 'BIC of the bank that sends it',
    creditor_agent LowCardinality(String) COMMENT 'BIC of the bank that receives it',
    currency LowCardinality(String) COMMENT 'Currency debited',
    amount_minor Int64 COMMENT 'Amount debited, minor units',
    score Float64 COMMENT 'From 0 to 1: by what payments are ranked',
    known Float64 COMMENT 'Probability of a known kind of anomaly, by gradient boosting',
    isolated Float64 COMMENT 'How easily it is told from all others, by the isolation forest',
    is_alert UInt8 COMMENT '1: the score reaches the alert threshold of the model',
    reasons Array(LowCardinality(String)) COMMENT 'Of an alert: the features that moved the score most, first the most',
    model LowCardinality(String) COMMENT 'SHA-256 of the model file'
)
ENGINE = MergeTree
PARTITION BY toYYYYMM(submitted_at)
ORDER BY (run, pool, model, submitted_at, uetr)
SETTINGS non_replicated_deduplication_window = 100000;
