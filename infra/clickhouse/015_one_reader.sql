-- Of two processes that begin a block after the same offset the store takes the first: the token of a
-- row with `begun` names that offset, and is remembered for this many insertions.
ALTER TABLE reader_positions MODIFY SETTING non_replicated_deduplication_window = 100000;
