import { type Dashboard, POOL_VARIABLE, RUN_VARIABLE } from '../dashboard-frame.ts';
import { bars, lines, number, rows } from '../panels.ts';
import { everyInterval, inRange, inTime, RUN } from '../sql-pieces.ts';

const BATCHES = `${RUN} AND ${inTime('verifier_batches.time')}`;

/** None of something in a run is 0; where there is no run there is no data. */
const IS_RUN = `HAVING (SELECT count() FROM runs WHERE ${RUN}) > 0`;

export const security: Dashboard = {
  uid: 'corridor-security',
  title: 'Signatures and security',
  description:
    'Verification, what was refused and from whom, repeated messages, and changes of keys.',
  variables: [RUN_VARIABLE, POOL_VARIABLE],
  panels: [
    number({
      title: 'Signatures a second of verifying',
      description:
        'Signatures checked divided by the time that verifiers spent checking them, on the machine of the run: what one thread does, not the load.',
      unit: 'short',
      width: 6,
      sql: `SELECT sum(batch_size) / sum(duration_ns) * 1e9 AS rate FROM verifier_batches
WHERE ${BATCHES} HAVING sum(duration_ns) > 0`,
    }),
    number({
      title: 'Invalid signatures',
      description: 'Signatures in the time range that did not verify.',
      unit: 'short',
      width: 6,
      limits: [[1, 'orange']],
      sql: `SELECT sum(verifier_batches.invalid) AS invalid_signatures FROM verifier_batches
WHERE ${BATCHES} HAVING count() > 0`,
    }),
    number({
      title: 'Repeated messages',
      description:
        'Messages in the time range that had been received before, with the same payload: their first outcome was repeated and nothing booked again.',
      unit: 'short',
      width: 6,
      sql: `SELECT countIf(kind = 'repeated') AS repeats FROM security_events
WHERE ${inRange('security_events.time')} ${IS_RUN}`,
    }),
    number({
      title: 'Identities used twice',
      description:
        'Messages in the time range whose UETR had been used for another payload (AM05): refused.',
      unit: 'short',
      width: 6,
      limits: [[1, 'orange']],
      sql: `SELECT countIf(kind = 'identityReused') AS reused FROM security_events
WHERE ${inRange('security_events.time')} ${IS_RUN}`,
    }),
    lines({
      title: 'Signatures verified',
      description: 'Signatures checked a second, valid and invalid.',
      unit: 'reqps',
      sql: everyInterval(
        'valid_signatures, invalid_signatures',
        `SELECT $__timeInterval(verifier_batches.time) AS time, sum(valid) / $__interval_s AS valid_signatures,
  sum(verifier_batches.invalid) / $__interval_s AS invalid_signatures
FROM verifier_batches WHERE ${BATCHES}
GROUP BY time`,
      ),
    }),
    bars({
      title: 'Batches by size',
      description:
        'Verification is cheaper the larger the batch: how many batches had at most 1, 8, 64, 256, 1024 messages, or more.',
      unit: 'short',
      sql: `SELECT concat('<= ', toString(size)) AS batch_size_at_most, count() AS batches FROM
  (SELECT arrayFirst(x -> x >= batch_size, [1, 8, 64, 256, 1024, 4294967295]) AS size FROM verifier_batches WHERE ${BATCHES})
GROUP BY size ORDER BY size`,
    }),
    lines({
      title: 'Verifier threads',
      description:
        'Threads that verified beside the one that reads: the fewest and the most of a batch. 0 where a verifier has lost one, or was given none: then the reading thread verifies, and is slower.',
      unit: 'short',
      sql: everyInterval(
        'fewest, most',
        `SELECT $__timeInterval(verifier_batches.time) AS time, toNullable(min(threads)) AS fewest,
  toNullable(max(threads)) AS most
FROM verifier_batches WHERE ${BATCHES}
GROUP BY time`,
      ),
    }),
    number({
      title: 'Keys without room',
      description:
        'Keys, at most in the time range, for which a verifier’s tables had no room: signatures under them take three times the time.',
      unit: 'short',
      limits: [[1, 'orange']],
      sql: `SELECT max(keys_without_room) AS keys FROM verifier_batches
WHERE ${BATCHES} HAVING count() > 0`,
    }),
    rows({
      title: 'Rejects by reason and sender',
      description:
        'Messages rejected in the time range by reason and by the bank that sent them, or in whose name they came.',
      unit: 'short',
      noValue: 'nothing was rejected',
      sql: `SELECT debtor_agent AS sender, iso_reason, reason, sum(statuses) AS messages,
  min(minute) AS first_minute, max(minute) AS last_minute
FROM sender_minutes WHERE ${inRange('minute')} AND status = 'RJCT'
GROUP BY sender, iso_reason, reason ORDER BY messages DESC, sender, reason`,
    }),
    lines({
      title: 'Failed authentication',
      description:
        'Messages a second that did not prove to be of the bank that they name: invalid signature, unknown or revoked key, issued outside the window.',
      unit: 'reqps',
      noValue: 'none failed',
      sql: everyInterval(
        'reason, messages',
        `SELECT $__timeInterval(security_events.time) AS time, reason, count() / $__interval_s AS messages
FROM security_events WHERE ${inRange('security_events.time')} AND kind = 'notAuthentic'
GROUP BY time, reason`,
        'reason',
      ),
    }),
    rows({
      title: 'Keys',
      description:
        'Keys registered and revoked in the time range, with the position in the pool’s log from which on that holds.',
      unit: 'short',
      noValue: 'no key changed',
      sql: `SELECT security_events.time AS time, pool, kind, participant, position FROM security_events
WHERE ${inRange('security_events.time')} AND kind IN ('keyRegistered', 'keyRevoked')
ORDER BY time DESC, position DESC LIMIT 500`,
    }),
    rows({
      title: 'Latest incidents',
      description:
        'Messages that failed authentication, were repeated or reused an identity: the newest 200, with the UETR as claimed.',
      unit: 'short',
      noValue: 'none',
      sql: `SELECT security_events.time AS time, kind, participant, reason, uetr, pool, position FROM security_events
WHERE ${inRange('security_events.time')} AND kind IN ('notAuthentic', 'repeated', 'identityReused')
ORDER BY time DESC, position DESC LIMIT 200`,
    }),
  ],
};
