-- What the verifier had for a batch beside the time it took: threads it lost, and keys without tables.
ALTER TABLE verifier_batches
    ADD COLUMN IF NOT EXISTS threads UInt32 DEFAULT 0
        COMMENT 'Threads that verify beside the one that reads; 0: that one verifies',
    ADD COLUMN IF NOT EXISTS keys_without_room UInt32 DEFAULT 0
        COMMENT 'Keys beyond the room of the verifier’s tables';
