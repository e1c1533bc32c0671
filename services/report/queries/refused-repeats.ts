/**
 * Of `payments` and `payments_current`: all but messages under a revoked key that came before. Each has a row of its own, as
 * whatever failed authentication has, and is no further payment: figures/payment-book.ts counts the same.
 */
export const BUT_REFUSED_REPEATS = `NOT (reason = 'keyRevoked' AND uetr != '' AND (pool, payment_position) NOT IN (
       SELECT pool, min(payment_position) FROM payments WHERE run = {run:String} AND uetr IN (
         SELECT uetr FROM payments WHERE run = {run:String} AND reason = 'keyRevoked')
       GROUP BY pool, debtor_agent, message_type, uetr))`;
