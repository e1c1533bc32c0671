/** Rows that alert rules are tried on, so many seconds before NOW. */
import { clickHouseTime } from '../../services/metrics/store-rows.ts';

type Rows = Readonly<Record<string, readonly object[]>>;
interface Case {
  /** Rows of a run of this name, by table. */
  readonly rows: (run: string) => Rows;
  /** What of its labels each alert that fires has; none: it must not fire. */
  readonly fires?: readonly Readonly<Record<string, string | number>>[];
}

export const NOW = Date.parse('2026-03-16T12:00:00Z');
export const MINUTE = 60;
export const HOUR = 3_600;
export const DAY = 24 * HOUR;
const ago = (seconds: number) => clickHouseTime(NOW - seconds * 1000);
export const times = <Row>(count: number, row: (index: number) => Row): Row[] =>
  Array.from({ length: count }, (_, index) => row(index));

export const check = (run: string, figure: string, agrees: boolean, seconds: number) => ({
  ...{ run, pool: 'main', event_number: 9, figure, expected: '41', found: agrees ? '41' : '34' },
  ...{ agrees: agrees ? 1 : 0, time: ago(seconds) },
});
export const proof = (run: string, instance: string, faults: number, seconds: number) => ({
  ...{ run, pool: 'main', time: ago(seconds), instance, records: 90, proven: 90 - faults, faults },
  ...{ first_fault: faults > 0 ? 'pool main, offset 7: issue: no signature' : '' },
  ...{ unchecked_ms: 0, covered_time: ago(seconds) },
});
export const cosignatures = (run: string, seconds: number, more: object = {}) => ({
  ...{ run, pool: 'main', time: ago(seconds), instance: 'one', sealed: 90, cosigned: 80 },
  ...{ waiting_ms: 0, missing: '', forks: 0, first_fork: '', ...more },
});
export const sample = (run: string, seconds: number, more: object = {}) => ({
  ...{ run, time: ago(seconds), service: 'clearing', instance: 'one', reader: 'main/input' },
  ...{ is_ready: 1, lag_records: 0, lag_ms: 0, records: 1, fault: '', ...more },
});
export const diverged = { fault: 'historyDiverged', is_ready: 0 };
export const shutDown = { fault: 'shutDown', is_ready: 0 };
export const metrics = { service: 'metrics', reader: 'main/events' };
/** A word of a process at its beginning, then some, and its last: all in seconds before now. */
export const lives = (run: string, instance: string, from: number, to: number, more: object = {}) =>
  times(20, (index) =>
    sample(run, Math.round(from - ((from - to) * index) / 19), { instance, ...more }),
  );
/** As often as a process speaks, every two seconds, from one instant to another before now. */
export const speaks = (
  run: string,
  instance: string,
  from: number,
  to: number,
  more: object = {},
) => times((from - to) / 2 + 1, (index) => sample(run, from - 2 * index, { instance, ...more }));
let position = 0;
export const payment = (run: string, seconds: number, more: object = {}) => {
  position += 1;
  return {
    ...{ run, pool: 'main', event_number: position, payment_position: position, uetr: '' },
    ...{ time: ago(seconds), submitted_at: ago(seconds), status: 'ACSC', kind: 'settled' },
    ...{ reason: '', iso_reason: '', mechanism: 'entry', priority: 'normal', cycle: 0 },
    ...{ debtor_agent: 'ALFADE00', creditor_agent: 'BETADE00', dealer: '', corridor: 'EUR' },
    ...{ currency: 'EUR', amount_minor: '1', currency2: 'EUR', amount2_minor: '1' },
    ...{ is_first: 1, message_type: 'pacs.008.001.08', second_leg: 0, ...more },
  };
};
export const rejected = {
  status: 'RJCT',
  kind: 'rejected',
  reason: 'accountUnknown',
  iso_reason: 'AC01',
};
export const tooLate = { ...rejected, reason: 'afterCutOff', iso_reason: 'TM01' };
export const forged = { ...rejected, kind: 'noticed', currency: '', currency2: '', corridor: '' };
export const queue = (run: string, seconds: number, count: number, oldestSeconds: number) => ({
  ...{ run, pool: 'main', time: ago(seconds), participant: '', currency: 'EUR', count },
  ...{ value_minor: '5', count_max: count, value_max_minor: '5' },
  oldest_submitted_at: ago(oldestSeconds),
});
/** Payments that settled so long before now, so many of them after 15 minutes and a second. */
export const waits = (run: string, count: number, late: number, seconds: number) =>
  times(count, (index) =>
    payment(run, seconds, { submitted_at: ago(seconds + (index < late ? 15 * MINUTE + 20 : 1)) }),
  );
/** Messages of a bank, one in each of so many minutes, the last so long before now. */
export const sends = (
  run: string,
  bic: string,
  minutes: number,
  seconds: number,
  more: object = {},
) =>
  times(minutes, (index) => payment(run, seconds + index * MINUTE, { debtor_agent: bic, ...more }));

/** At this time of so many days before so many waited at most, each settled at once; now so many, since a minute. */
export const usualQueue = (run: string, days: number, usual: number, now: number) => ({
  payments: times(days, (day) => payment(run, (day + 1) * DAY)),
  queue_samples: [
    ...times(days, (day) => ({
      ...queue(run, (day + 1) * DAY, 0, (day + 1) * DAY),
      count_max: usual,
    })),
    queue(run, 60, now, 60),
  ],
});
export const balance = (
  run: string,
  seconds: number,
  minor: number,
  lowest: number,
  credit: number,
) => ({
  ...{ run, pool: 'main', time: ago(seconds), participant: 'ALFADE00', currency: 'EUR' },
  ...{ balance_minor: String(minor), lowest_minor: String(lowest), injected_minor: '0' },
  ...{ credit_line_minor: String(credit), drawn_max_minor: '0' },
});
/** Payments of a bank that were scored so long before now, so many of them alerts. */
export const scored = (
  run: string,
  bic: string,
  payments: number,
  alerts: number,
  seconds: number,
  model = 'a',
) =>
  times(payments, (index) => ({
    ...{ run, pool: 'main', submitted_at: ago(seconds), uetr: `${bic} ${seconds} ${index}` },
    ...{ debtor_agent: bic, creditor_agent: 'BETADE00', currency: 'EUR', amount_minor: '1' },
    ...{ score: 0.5, known: 0.1, isolated: 0.4, is_alert: index < alerts ? 1 : 0 },
    ...{ reasons: index < alerts ? ['payer60m'] : [], model },
  }));
export const issuer = (run: string) => ({
  ...{ run, pool: 'main', event_number: 1, time: ago(20 * DAY) },
  ...{ participant: 'ALFADE00', currency: 'EUR' },
});
/** An account's lowest balance on each day before, the last first, which recovered; and what it has now. */
export const usualCredit = (run: string, days: readonly number[], now: number, credit: number) => [
  ...days.map((lowest, day) => balance(run, (day + 1) * DAY, 7, lowest, credit)),
  balance(run, 60, now, now, credit),
];

/** Cases by the rule's title and their own names. */
export type Cases = Readonly<Record<string, Readonly<Record<string, Case>>>>;
