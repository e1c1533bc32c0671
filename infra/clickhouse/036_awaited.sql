-- Whom chains wait for: a bank's messages that wait for conditions have a row for each of the sets of attestors that
-- are still needed.
ALTER TABLE waits
    ADD COLUMN IF NOT EXISTS awaited String COMMENT 'Of condition: the attestors of whom acceptances are missing, as corridor explain names them; else empty' AFTER kind,
    COMMENT COLUMN kind 'What they wait for: balance, reservation, bilateralLimit, multilateralLimit, aggregateShortLimit, pooledCollateral, behind, counterparty, condition, closed, earliestTime, unmatched, accepted or cycle';
