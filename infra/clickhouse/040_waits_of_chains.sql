-- The leg that completes a chain is in no queue before its match: it waits with the others from then on, unless the chain
-- settles or ends at that very instant. A match of a pair is no wait, and the match of a leg that was queued before is no news.
DROP VIEW IF EXISTS payments_current;

CREATE VIEW IF NOT EXISTS payments_current AS
SELECT
    run,
    pool,
    payment_position,
    argMax(uetr, event_number) AS uetr,
    argMax(status, event_number) AS status,
    argMax(reason, event_number) AS reason,
    argMax(iso_reason, event_number) AS iso_reason,
    argMax(mechanism, event_number) AS mechanism,
    argMax(priority, event_number) AS priority,
    argMax(debtor_agent, event_number) AS debtor_agent,
    argMax(creditor_agent, event_number) AS creditor_agent,
    argMax(dealer, event_number) AS dealer,
    argMax(currency, event_number) AS currency,
    argMax(amount_minor, event_number) AS amount_minor,
    argMax(currency2, event_number) AS currency2,
    argMax(amount2_minor, event_number) AS amount2_minor,
    argMax(corridor, event_number) AS corridor,
    argMax(cycle, event_number) AS cycle,
    min(submitted_at) AS submitted_at,
    max(time) AS status_at,
    countIf(payments.status = 'PDNG' AND payments.kind != 'matched') > 0
        OR (countIf(payments.kind = 'matched' AND payments.message_type = 'corridor.chain.1') > 0
            AND (argMax(payments.status, event_number) = 'PDNG' OR max(time) > min(time))) AS was_queued,
    argMax(message_type, event_number) AS message_type,
    max(payments.second_leg) AS second_leg
FROM payments
GROUP BY run, pool, payment_position;
