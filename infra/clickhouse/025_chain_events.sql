-- What events tell of chains besides the statuses of their legs, which are in payments: a row for each leg whose chain
-- is complete (matched), whose condition is met (triggered), whose money is set aside (earmarked) or is not any more
-- (released), is promised to what the home pool of the chain decides (promised), or for which nothing is set aside as
-- the cap would be passed (notEarmarked), and for each attestation that counts. What settles by mechanism earmark is set aside no more either.
CREATE TABLE IF NOT EXISTS chain_events
(
    run LowCardinality(String) COMMENT 'Name of the run',
    pool LowCardinality(String) COMMENT 'Settlement pool',
    event_number UInt64 COMMENT 'Number of the event',
    time DateTime64(3, 'UTC') COMMENT 'State time, UTC',
    kind LowCardinality(String) COMMENT 'matched, triggered, earmarked, promised, released or notEarmarked, of a leg; attested, of a chain; recorded, of a document',
    chain UInt64 COMMENT 'Position of the chain''s leg 1 in the pool''s input log; of an attestation before all legs have come that of the lowest; 0: of a document',
    leg UInt8 COMMENT 'Which leg, from 1; 0: of an attestation',
    legs UInt8 COMMENT 'How many legs the chain has; 0: of a document',
    payment_position UInt64 COMMENT 'Position of the leg in the pool''s input log, or of the attestation',
    uetr String COMMENT 'UETR of the leg',
    participant LowCardinality(String) COMMENT 'BIC of the bank that the leg debits, or of the attestor',
    verdict LowCardinality(String) COMMENT 'Of an attestation: accepted, refused or held',
    reason LowCardinality(String) COMMENT 'Why it was released or not set aside; empty: carried over by a close',
    currency LowCardinality(String) COMMENT 'Currency that the leg moves',
    amount_minor Int64 COMMENT 'What the leg moves, minor units',
    earmarked_minor Int64 COMMENT 'What of the account is set aside after it, minor units',
    digest String COMMENT 'Of an attestation the first 20 bytes of the digest of the terms or of the document, hex'
)
ENGINE = MergeTree
PARTITION BY toYYYYMM(time)
ORDER BY (run, pool, event_number)
SETTINGS non_replicated_deduplication_window = 100000;
