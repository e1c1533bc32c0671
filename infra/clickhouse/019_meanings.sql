-- Where values of a column are explained, and what the columns of the folded tables mean.
ALTER TABLE payments
    COMMENT COLUMN reason 'Reason of a rejection or cancellation, docs/messages.md (Reasons, last column)',
    COMMENT COLUMN mechanism 'What settled it, docs/indicators.md (settledByMechanism)',
    COMMENT COLUMN kind 'Kind of the event that gave the status, docs/messages.md (What comes back)';

ALTER TABLE cycles
    COMMENT COLUMN mechanism 'What it did, docs/indicators.md (settledByMechanism)';

ALTER TABLE corridor_minutes
    COMMENT COLUMN run 'Name of the run',
    COMMENT COLUMN pool 'Settlement pool',
    COMMENT COLUMN minute 'Minute, UTC',
    COMMENT COLUMN corridor 'Corridor, as in payments',
    COMMENT COLUMN currency 'Currency debited',
    COMMENT COLUMN currency2 'Currency credited',
    COMMENT COLUMN status 'ISO 20022 status that payments came to in the minute',
    COMMENT COLUMN mechanism 'What settled them, docs/indicators.md',
    COMMENT COLUMN statuses 'Changes to the status; two matched legs are one',
    COMMENT COLUMN first_statuses 'Payments submitted: those whose first status it is; two matched legs are one, so the later takes one back',
    COMMENT COLUMN amount_minor 'Their amounts debited, minor units of currency',
    COMMENT COLUMN amount2_minor 'Their amounts credited, minor units of currency2';

ALTER TABLE sender_minutes
    COMMENT COLUMN run 'Name of the run',
    COMMENT COLUMN pool 'Settlement pool',
    COMMENT COLUMN minute 'Minute, UTC',
    COMMENT COLUMN debtor_agent 'BIC of the sender, the debtor’s agent',
    COMMENT COLUMN currency 'Currency debited',
    COMMENT COLUMN status 'ISO 20022 status that messages came to in the minute',
    COMMENT COLUMN reason 'Why, docs/messages.md',
    COMMENT COLUMN iso_reason 'ISO 20022 code of the reason',
    COMMENT COLUMN statuses 'Changes to the status; each leg of a trade is its own bank’s',
    COMMENT COLUMN first_statuses 'Messages whose first status it is',
    COMMENT COLUMN amount_minor 'Amounts debited, minor units';

ALTER TABLE receiver_minutes
    COMMENT COLUMN run 'Name of the run',
    COMMENT COLUMN pool 'Settlement pool',
    COMMENT COLUMN minute 'Minute, UTC',
    COMMENT COLUMN creditor_agent 'BIC of the creditor’s agent',
    COMMENT COLUMN currency2 'Currency credited',
    COMMENT COLUMN settled 'Payments settled in its favour; each leg of a trade is its own',
    COMMENT COLUMN amount2_minor 'Amounts credited, minor units';

ALTER TABLE pair_hours
    COMMENT COLUMN run 'Name of the run',
    COMMENT COLUMN pool 'Settlement pool',
    COMMENT COLUMN debtor_agent 'BIC of the debtor’s agent',
    COMMENT COLUMN creditor_agent 'BIC of the creditor’s agent',
    COMMENT COLUMN currency 'Currency debited',
    COMMENT COLUMN hour 'Hour, UTC',
    COMMENT COLUMN settled 'Payments settled; each leg of a trade is its own',
    COMMENT COLUMN amount_minor 'Amounts debited, minor units';

ALTER TABLE service_minutes
    COMMENT COLUMN run 'Name of the run',
    COMMENT COLUMN service 'Service',
    COMMENT COLUMN instance 'Which of its processes',
    COMMENT COLUMN reader 'What it reads; empty where it reads nothing',
    COMMENT COLUMN minute 'Minute, UTC',
    COMMENT COLUMN last_sample 'Time of the last sample in the minute',
    COMMENT COLUMN last_ready 'State of argMax by that time: whether it was ready',
    COMMENT COLUMN last_lag_records 'State of argMax: records still to be handled',
    COMMENT COLUMN last_lag_ms 'State of argMax: for how long the first of them had been there',
    COMMENT COLUMN last_fault 'State of argMax: over what it had stopped',
    COMMENT COLUMN lag_records_max 'The most records still to be handled',
    COMMENT COLUMN lag_ms_max 'The longest that one had been there, ms',
    COMMENT COLUMN records 'Records handled';

ALTER TABLE finality_minutes
    COMMENT COLUMN run 'Name of the run',
    COMMENT COLUMN pool 'Settlement pool',
    COMMENT COLUMN minute 'Minute of settlement, UTC',
    COMMENT COLUMN corridor 'Corridor, as in payments',
    COMMENT COLUMN settled 'Payments settled; two matched legs are one',
    COMMENT COLUMN wait_ms 'Sum of their times to finality, ms',
    COMMENT COLUMN wait_max_ms 'The longest, ms',
    COMMENT COLUMN within_15_minutes 'Settled within 15 minutes of submission',
    COMMENT COLUMN within_hour 'Settled within an hour',
    COMMENT COLUMN within_day 'Settled within a day of 24 hours',
    COMMENT COLUMN waits 'State of the percentiles 0.5, 0.95 and 0.99 of their times, ms: nearest rank, each time rounded up by up to 1/128';

ALTER TABLE finality_hours
    COMMENT COLUMN run 'Name of the run',
    COMMENT COLUMN pool 'Settlement pool',
    COMMENT COLUMN hour 'Hour of settlement, UTC',
    COMMENT COLUMN corridor 'Corridor, as in payments',
    COMMENT COLUMN settled 'Payments settled; two matched legs are one',
    COMMENT COLUMN within_hour 'Settled within an hour of submission',
    COMMENT COLUMN within_day 'Settled within a day of 24 hours',
    COMMENT COLUMN waits 'As in finality_minutes';
