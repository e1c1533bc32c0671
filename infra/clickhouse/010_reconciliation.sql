-- Up to which event a check went; a check inserted twice is there once.
ALTER TABLE reconciliations
    ADD COLUMN IF NOT EXISTS event_number UInt64 AFTER pool,
    COMMENT COLUMN event_number 'Number of the last event that the check went up to';

ALTER TABLE reconciliations MODIFY SETTING non_replicated_deduplication_window = 10000;
