-- Both legs of a matched trade (PvP, DvP) move value, each in its own currency: the later one counts
-- as no payment of its own, and its value counts. That they matched is no wait in a queue, and no
-- change of status here. Corridors of trades are their own, A/B.
DROP VIEW IF EXISTS corridor_minutes_view;

CREATE MATERIALIZED VIEW IF NOT EXISTS corridor_minutes_view TO corridor_minutes AS
SELECT
    run,
    pool,
    toStartOfMinute(toDateTime(time, 'UTC')) AS minute,
    corridor,
    currency,
    currency2,
    status,
    mechanism,
    countIf(second_leg = 0 AND kind != 'matched') AS statuses,
    toInt64(countIf(is_first = 1)) - toInt64(countIf(second_leg = 1 AND kind = 'matched')) AS first_statuses,
    sum(toInt128(payments.amount_minor)) AS amount_minor,
    sum(toInt128(payments.amount2_minor)) AS amount2_minor
FROM payments
GROUP BY run, pool, minute, corridor, currency, currency2, status, mechanism;

-- What the view before left out.
INSERT INTO corridor_minutes
SELECT
    run,
    pool,
    toStartOfMinute(toDateTime(time, 'UTC')) AS minute,
    corridor,
    currency,
    currency2,
    status,
    mechanism,
    0 AS statuses,
    0 AS first_statuses,
    sum(toInt128(p.amount_minor)) AS amount_minor,
    sum(toInt128(p.amount2_minor)) AS amount2_minor
FROM payments AS p
WHERE second_leg = 1
GROUP BY run, pool, minute, corridor, currency, currency2, status, mechanism
SETTINGS insert_deduplication_token = '013/corridor_minutes', max_insert_threads = 1;

ALTER TABLE payments
    COMMENT COLUMN corridor 'Currency debited, and currency credited where it differs (EUR-SGD); of the legs of a trade both in order (EUR/USD), EUR/? while a leg has found no mirror';
