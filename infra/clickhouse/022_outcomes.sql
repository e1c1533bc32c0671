-- One word for what a run of a cycle came to, in the store as in certificates, reports and the live view:
-- the store called a set that settled together `gridlock`, and a gridlock that its mechanism left `unresolved`.
-- What was written before is renamed. A second run of this file finds nothing to change.
ALTER TABLE cycles
    UPDATE outcome = multiIf(
        outcome = 'unresolved', 'gridlock',
        outcome = 'gridlock', 'resolved',
        mechanism = 'deferredNet', 'nothingAccepted',
        'nothingQueued')
    WHERE outcome IN ('empty', 'unresolved') OR (outcome = 'gridlock' AND settled > 0)
    SETTINGS mutations_sync = 2;

ALTER TABLE cycles
    COMMENT COLUMN outcome 'nothingQueued, resolved (a set settled together), deadlock (nothing can settle in order), gridlock (something can, and the mechanism settled nothing) or undecided (a heuristic settled nothing, and whether anything could is not known); of netting nothingAccepted, netted or unwound (all of it)';
