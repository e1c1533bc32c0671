/** The same features as watched-features.ts, by the analysis store: what that computes as payments come, as one query. */
import {
  FEATURES,
  type FeatureName,
  HABIT_MS,
  HOURS_24,
  LOG_UNITS,
  MINUTES_5,
  MINUTES_60,
  PLACES,
  ROUNDNESS_MAX,
  WATCHED_TYPES,
} from './watched-features.ts';

const all = (by: string) =>
  `(PARTITION BY pool, ${by} ORDER BY place ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)`;
const within = (ms: number, by: string) =>
  `(PARTITION BY pool${by && `, ${by}`} ORDER BY place RANGE BETWEEN ${ms * PLACES} PRECEDING AND 1 PRECEDING)`;
const above = (by: string) => {
  const count = `count() OVER ${all(by)}`;
  return `if(${count} = 0, 0, (level - sum(level) OVER ${all(by)} / ${count}) / ${LOG_UNITS})`;
};

const BANK_60 = `count() OVER ${within(MINUTES_60, 'bank')}`;
const ALL_60 = `count() OVER ${within(MINUTES_60, '')}`;
const EARLIER = `count() OVER ${all('bank')}`;
/** Between the two, in either direction; what went from the one that comes first in the alphabet. */
const EITHER = within(HOURS_24, 'least(payer, payee), greatest(payer, payee)');
const FORWARD = `countIf(payer < payee) OVER ${EITHER}`;

const EXPRESSIONS: Readonly<Record<FeatureName, string>> = {
  amountToCurrency: above('currency'),
  amountToPayer: above('payer, currency'),
  amountToPair: above('payer, payee, currency'),
  payerPayments: `log(1 + count() OVER ${all('payer')})`,
  pairPayments: `log(1 + count() OVER ${all('payer, payee')})`,
  payeePayments: `log(1 + count() OVER ${all('payee')})`,
  payer5m: `count() OVER ${within(MINUTES_5, 'payer')}`,
  payer60m: `count() OVER ${within(MINUTES_60, 'payer')}`,
  bank5m: `(1 + count() OVER ${within(MINUTES_5, 'bank')}) / (1 + ${BANK_60} / 12)`,
  bankShare60m: `if(n = 1, 0, if(${ALL_60} = 0, 0, ${BANK_60} / ${ALL_60}) - ${EARLIER} / (n - 1))`,
  newPayees60m: `(sum(is_new) OVER ${within(MINUTES_60, 'payer')} + is_new) / (count() OVER ${within(MINUTES_60, 'payer')} + 1)`,
  roundness: `least(${ROUNDNESS_MAX}, if(amount = 0, 0, length(extract(toString(amount), '(0*)$'))))`,
  sameAmount60m: `count() OVER ${within(MINUTES_60, 'payer, payee, currency, amount')}`,
  fanOut60m: `uniqExact(payee) OVER ${within(MINUTES_60, 'payer')}`,
  fanIn60m: `uniqExact(payer) OVER ${within(MINUTES_60, 'payee')}`,
  flowBack24h: `multiIf(payer = payee, count() OVER ${EITHER}, payer < payee, count() OVER ${EITHER} - ${FORWARD}, ${FORWARD})`,
  passedOn24h: 'passed_on',
  hourHabit: `log(24 * (1 + count() OVER ${all(`bank, intDiv(ms, ${HABIT_MS}) % 24`)}) / (24 + ${EARLIER}))`,
  bankGap: `if(${EARLIER} < 2, 0, log((ms - max(ms) OVER ${all('bank')} + 1000) / ((max(ms) OVER ${all('bank')} - min(ms) OVER ${all('bank')}) / (${EARLIER} - 1) + 1000)))`,
};

/**
 * One row a payment of the run `{run:String}`: its pool, UETR, the number of the event of its first status, and its
 * features by name. No command runs it: it is for the test that holds both computations equal, and for who asks the store.
 * An hour's payments are looked at again for each payment.
 */
export const featureSql = (): string => `
WITH
base AS (
  SELECT pool, event_number, p.uetr AS uetr, toUnixTimestamp64Milli(submitted_at) AS ms, debtor_agent AS bank,
    if(a.debtor_account = '', debtor_agent, concat(debtor_agent, ' ', a.debtor_account)) AS payer,
    if(a.creditor_account = '', creditor_agent, concat(creditor_agent, ' ', a.creditor_account)) AS payee,
    p.currency AS currency, p.amount_minor AS amount,
    toInt64(round(${LOG_UNITS} * log(greatest(p.amount_minor, 1)))) AS level,
    toInt64(row_number() OVER (PARTITION BY pool ORDER BY event_number)) AS n
  FROM payments AS p LEFT ANY JOIN (SELECT uetr, debtor_account, creditor_account FROM payment_accounts WHERE run = {run:String}) AS a ON p.uetr = a.uetr
  WHERE run = {run:String} AND is_first = 1 AND p.currency != ''
    AND message_type IN (${WATCHED_TYPES.map((type) => `'${type}'`).join(', ')})
),
placed AS (
  SELECT *, n + max(ms * ${PLACES} - n) OVER (PARTITION BY pool ORDER BY n ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS place
  FROM base
),
sides AS (
  SELECT pool, payer AS account, currency, amount, place, event_number, 0 AS received FROM placed
  UNION ALL
  SELECT pool, payee AS account, currency, amount, place, event_number, 1 AS received FROM placed
),
passed AS (
  SELECT pool, event_number, received, sum(received) OVER ${within(HOURS_24, 'account, currency, amount')} AS passed_on
  FROM sides
),
known AS (
  SELECT *, if(count() OVER ${all('payer, payee')} = 0, 1, 0) AS is_new FROM placed
)
SELECT pool, uetr, event_number, ${FEATURES.map(({ name }) => `toFloat64(${EXPRESSIONS[name]}) AS ${name}`).join(',\n  ')}
FROM known INNER JOIN (SELECT pool, event_number, passed_on FROM passed WHERE received = 0) AS o USING (pool, event_number)
ORDER BY pool, event_number`;
