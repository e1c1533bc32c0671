-- What each column means: the data dictionary of corridor export.
ALTER TABLE runs
    COMMENT COLUMN run 'Name of the run',
    COMMENT COLUMN scenario 'Name of the scenario',
    COMMENT COLUMN seed 'Seed of its random draws',
    COMMENT COLUMN version 'Version of Corridor that ran it',
    COMMENT COLUMN pools 'Settlement pools',
    COMMENT COLUMN events_hash 'Digest of all events: equal for equal runs',
    COMMENT COLUMN summary 'summary.json of the run';

ALTER TABLE currencies
    COMMENT COLUMN run 'Name of the run',
    COMMENT COLUMN pool 'Pool that settles the currency',
    COMMENT COLUMN currency 'ISO 4217 code, or the ISIN of a security',
    COMMENT COLUMN minor_units 'Decimals: an amount in units is the minor amount divided by 10 to this power';

ALTER TABLE participants
    COMMENT COLUMN run 'Name of the run',
    COMMENT COLUMN bic 'BIC',
    COMMENT COLUMN name 'Name',
    COMMENT COLUMN role 'bank, dealer or central-bank';

ALTER TABLE reference_rates
    COMMENT COLUMN run 'Name of the run',
    COMMENT COLUMN currency 'Currency that one unit is taken of',
    COMMENT COLUMN currency2 'Currency of the rate',
    COMMENT COLUMN rate 'Mid rate: units of currency2 for one unit of currency',
    COMMENT COLUMN source 'Where the rate comes from',
    COMMENT COLUMN date 'Day of the rate';

ALTER TABLE scenario_events
    COMMENT COLUMN run 'Name of the run',
    COMMENT COLUMN kind 'What the scenario did',
    COMMENT COLUMN participant 'BIC of whom it concerns',
    COMMENT COLUMN from_time 'Begin, UTC',
    COMMENT COLUMN until_time 'End, UTC; the begin for an instant',
    COMMENT COLUMN text 'The same in words';

ALTER TABLE payments
    COMMENT COLUMN run 'Name of the run',
    COMMENT COLUMN pool 'Settlement pool',
    COMMENT COLUMN event_number 'Number of the event in its pool, from 1',
    COMMENT COLUMN time 'State time of the event, UTC',
    COMMENT COLUMN payment_position 'Position of the payment in the pool’s input log: its key',
    COMMENT COLUMN uetr 'Unique end-to-end transaction reference',
    COMMENT COLUMN status 'ISO 20022 status: PDNG waits, ACSP accepted for netting, ACSC settled, RJCT rejected, CANC cancelled',
    COMMENT COLUMN reason 'Reason of a rejection or cancellation, docs/messages.md',
    COMMENT COLUMN iso_reason 'ISO 20022 code of the reason',
    COMMENT COLUMN mechanism 'What settled it, docs/settlement.md',
    COMMENT COLUMN priority 'urgent, high or normal; empty for a message that failed authentication',
    COMMENT COLUMN debtor_agent 'BIC of the debtor’s agent: who pays',
    COMMENT COLUMN creditor_agent 'BIC of the creditor’s agent',
    COMMENT COLUMN dealer 'BIC of the dealer of a payment over two currencies, else empty',
    COMMENT COLUMN currency 'Currency debited',
    COMMENT COLUMN amount_minor 'Amount debited, minor units',
    COMMENT COLUMN currency2 'Currency credited',
    COMMENT COLUMN amount2_minor 'Amount credited, minor units of currency2',
    COMMENT COLUMN corridor 'Currency debited, and currency credited where it differs',
    COMMENT COLUMN cycle 'Number of the cycle that settled it, 0 outside a cycle',
    COMMENT COLUMN submitted_at 'State time of its first event, UTC',
    COMMENT COLUMN is_first '1 in the first row of a message, else 0',
    COMMENT COLUMN kind 'Kind of the event that gave the status, docs/settlement.md',
    COMMENT COLUMN message_type 'Type of the message, docs/messages.md',
    COMMENT COLUMN second_leg '1 for the later leg of a matched PvP, from its match on: count payments without it';

ALTER TABLE balances
    COMMENT COLUMN run 'Name of the run',
    COMMENT COLUMN pool 'Settlement pool',
    COMMENT COLUMN time 'End of the minute, UTC; only minutes with a change have a row',
    COMMENT COLUMN participant 'BIC',
    COMMENT COLUMN currency 'Currency of the account',
    COMMENT COLUMN balance_minor 'Balance at the end of the minute, minor units',
    COMMENT COLUMN lowest_minor 'Lowest balance in the minute',
    COMMENT COLUMN credit_line_minor 'Credit line',
    COMMENT COLUMN injected_minor 'Issued to it less redeemed since its opening',
    COMMENT COLUMN drawn_max_minor 'The most in the minute by which payments drew it below what was put in';

ALTER TABLE queue_samples
    COMMENT COLUMN run 'Name of the run',
    COMMENT COLUMN pool 'Settlement pool',
    COMMENT COLUMN time 'End of the minute, UTC; only minutes with a change have a row',
    COMMENT COLUMN participant 'BIC of the debtor’s agent; empty: the whole currency',
    COMMENT COLUMN currency 'Currency debited',
    COMMENT COLUMN count 'Payments that wait at the end of the minute',
    COMMENT COLUMN value_minor 'Their value, minor units',
    COMMENT COLUMN count_max 'The most that waited in the minute',
    COMMENT COLUMN value_max_minor 'The highest value that waited in the minute',
    COMMENT COLUMN oldest_submitted_at 'Submission of the payment that waits longest; 1970 where none waits';

ALTER TABLE cycles
    COMMENT COLUMN run 'Name of the run',
    COMMENT COLUMN pool 'Settlement pool',
    COMMENT COLUMN event_number 'Number of its event',
    COMMENT COLUMN cycle 'Number of the cycle, from 1',
    COMMENT COLUMN time 'State time, UTC',
    COMMENT COLUMN outcome 'empty, gridlock (settled together), deadlock (nothing can settle in order), unresolved (something can, but the mechanism settles nothing) or undecided (a heuristic settled nothing); of netting empty, netted or unwound (all of it)',
    COMMENT COLUMN settled 'Payments that it settled',
    COMMENT COLUMN left_queued 'Payments that it left queued; of netting those that it unwound',
    COMMENT COLUMN mechanism 'What it did, docs/settlement.md',
    COMMENT COLUMN currency 'In which currency; empty: in all together';

ALTER TABLE security_events
    COMMENT COLUMN run 'Name of the run',
    COMMENT COLUMN pool 'Settlement pool',
    COMMENT COLUMN event_number 'Number of the event',
    COMMENT COLUMN position 'Position in the pool’s input log',
    COMMENT COLUMN time 'State time, UTC',
    COMMENT COLUMN kind 'notAuthentic, repeated, identityReused, keyRegistered or keyRevoked',
    COMMENT COLUMN participant 'BIC of whom it concerns; of a forged message whom it names',
    COMMENT COLUMN reason 'Why a message is not authentic',
    COMMENT COLUMN uetr 'UETR as claimed';

ALTER TABLE verifier_batches
    COMMENT COLUMN run 'Name of the run',
    COMMENT COLUMN time 'When, UTC: virtual time in a simulation',
    COMMENT COLUMN batch_size 'Messages',
    COMMENT COLUMN valid 'Signatures that verified',
    COMMENT COLUMN invalid 'Signatures that did not',
    COMMENT COLUMN duration_ns 'Time spent verifying, ns: of this machine, in no hash';

ALTER TABLE service_samples
    COMMENT COLUMN run 'Name of the run',
    COMMENT COLUMN time 'When, UTC',
    COMMENT COLUMN service 'bank, clearing, gateway, metrics, notifier or verifier',
    COMMENT COLUMN instance 'Which of them',
    COMMENT COLUMN reader 'What it reads, the pool for a pool’s topic; empty where it reads nothing',
    COMMENT COLUMN is_ready '1 ready, 0 not',
    COMMENT COLUMN lag_records 'Records of its topic still to read',
    COMMENT COLUMN lag_ms 'For how long at least the first of them has been there, ms',
    COMMENT COLUMN records 'Records handled since the sample before',
    COMMENT COLUMN fault 'Why it has stopped, empty where it has not';

ALTER TABLE reconciliations
    COMMENT COLUMN run 'Name of the run',
    COMMENT COLUMN time 'When it was checked, UTC',
    COMMENT COLUMN pool 'Settlement pool',
    COMMENT COLUMN figure 'What was compared',
    COMMENT COLUMN expected 'By clearing’s events',
    COMMENT COLUMN found 'In ClickHouse',
    COMMENT COLUMN agrees '1 equal, 0 not';

ALTER TABLE nettings
    COMMENT COLUMN run 'Name of the run',
    COMMENT COLUMN pool 'Settlement pool',
    COMMENT COLUMN event_number 'Number of the event',
    COMMENT COLUMN time 'State time, UTC',
    COMMENT COLUMN cycle 'Number of the cycle',
    COMMENT COLUMN kind 'netted, lossShared or defaulted',
    COMMENT COLUMN participant 'BIC of whose account it is',
    COMMENT COLUMN counterparty 'BIC of whose loss it is, for lossShared',
    COMMENT COLUMN currency 'Currency',
    COMMENT COLUMN amount_minor 'Net position, share or shortfall, minor units',
    COMMENT COLUMN balance_minor 'Balance after it';

ALTER TABLE held_up
    COMMENT COLUMN run 'Name of the run',
    COMMENT COLUMN pool 'Settlement pool',
    COMMENT COLUMN event_number 'Number of the event',
    COMMENT COLUMN time 'State time, UTC',
    COMMENT COLUMN cycle 'Number of the cycle after which it was told',
    COMMENT COLUMN payment_position 'Position of the payment that is held up',
    COMMENT COLUMN uetr 'Its UETR',
    COMMENT COLUMN short 'balance, bilateralLimit, multilateralLimit, aggregateShortLimit or pooledCollateral',
    COMMENT COLUMN participant 'BIC of the account that is short',
    COMMENT COLUMN counterparty 'BIC of the other bank of a bilateral limit',
    COMMENT COLUMN currency 'Currency',
    COMMENT COLUMN amount_minor 'By how much it is short, minor units';
