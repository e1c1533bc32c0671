-- A live reader inserts names again after a crash: with a token, and once.
ALTER TABLE runs MODIFY SETTING non_replicated_deduplication_window = 1000;
ALTER TABLE currencies MODIFY SETTING non_replicated_deduplication_window = 1000;
ALTER TABLE participants MODIFY SETTING non_replicated_deduplication_window = 10000;
