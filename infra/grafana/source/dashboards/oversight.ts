import { type Dashboard, POOL_VARIABLE, RUN_VARIABLE } from '../dashboard-frame.ts';
import { PARTICIPANT_LINK, rows } from '../panels.ts';
import { DECIMALS, inRange, POOL, RUN, units, withDecimals } from '../sql-pieces.ts';

const inHours = (figure: string) => `sumIf(b.${figure}, hour >= $__fromTime)`;

/** By corridor across a border. Owed: settled in the range, waiting at its end, or cancelled in it by another than its bank. */
const BORDERS = `(SELECT run, segment, country, currency, country2, currency2, ${inHours('submitted')} AS sent, ${inHours('settled')} AS done,
    toInt64(sum(b.submitted)) - toInt64(sum(b.ended)) - toInt64(sumIf(b.settled, hour < $__fromTime)) + toInt64(${inHours('cancelled')}) AS owed,
    ${inHours('within_hour')} AS in_hour, ${inHours('within_day')} AS in_day, ${inHours('amount_minor')} AS debited, ${inHours('amount2_minor')} AS credited
  FROM border_hours AS b WHERE ${RUN} AND ${POOL} AND hour < $__toTime
  GROUP BY run, segment, country, currency, country2, currency2)`;

/** In this currency values are made comparable: reference rates have every pair. */
const BASE = `(SELECT min(currency2) FROM reference_rates WHERE ${RUN})`;

/** The same with what of the value debited did not arrive: NULL inside one currency and without a rate. */
const COSTS = `(SELECT v.segment AS segment, concat(v.country, ' ', v.currency, ' → ', v.country2, ' ', v.currency2) AS corridor,
    sent, done, owed, in_hour, in_day, toFloat64(debited) / exp10(c1.minor_units) AS paid,
    if(v.currency = v.currency2 OR debited = 0 OR r.rate = 0, NULL, 1 - toFloat64(credited) / exp10(c2.minor_units) / (paid * r.rate)) AS lost,
    if(lost IS NULL, NULL, paid * if(v.currency = ${BASE}, 1, w.rate)) AS weight
  FROM ${BORDERS} AS v
  LEFT JOIN (SELECT run, currency, currency2, any(reference_rates.rate) AS rate FROM reference_rates WHERE ${RUN} GROUP BY run, currency, currency2) AS r
    ON v.run = r.run AND v.currency = r.currency AND v.currency2 = r.currency2
  LEFT JOIN (SELECT run, currency, any(reference_rates.rate) AS rate FROM reference_rates WHERE ${RUN} AND currency2 = ${BASE} GROUP BY run, currency) AS w
    ON v.run = w.run AND v.currency = w.currency
  INNER JOIN ${DECIMALS} AS c1 ON v.run = c1.run AND v.currency = c1.code
  INNER JOIN ${DECIMALS} AS c2 ON v.run = c2.run AND v.currency2 = c2.code)`;

const SHARES =
  'sent AS submitted, done AS settled, owed, in_hour / nullIf(owed, 0) AS within_hour, in_day / nullIf(owed, 0) AS within_day';
const HOURS = 'Counted by hour: those that begin in the time range, each whole.';
const SPEED =
  'Shares are of the payments neither rejected nor withdrawn by their bank: settled in the time range, waiting at its end or cancelled in it otherwise, from submission to settlement. A business day is 24 hours here; the report of a run has it to the same time of the next business date.';

/** What settled, by day: who has how much of it. */
const VALUES = `(SELECT run, toDate(hour) AS date, 'debtors' AS shared_by, currency, sum(amount_minor) AS value
    FROM pair_hours WHERE ${inRange('hour')} GROUP BY run, date, currency, debtor_agent
  UNION ALL SELECT run, toDate(hour) AS date, 'pairs' AS shared_by, currency, sum(amount_minor) AS value
    FROM pair_hours WHERE ${inRange('hour')} GROUP BY run, date, currency, debtor_agent, creditor_agent
  UNION ALL SELECT run, toDate(hour) AS date, 'dealers' AS shared_by, currency, sum(amount_minor) AS value
    FROM dealer_hours WHERE ${inRange('hour')} GROUP BY run, date, currency, dealer
  UNION ALL SELECT run, toDate(minute) AS date, 'creditors' AS shared_by, currency2 AS currency, sum(amount2_minor) AS value
    FROM receiver_minutes WHERE ${inRange('minute')} GROUP BY run, date, currency, creditor_agent)`;

const largest = (count: number) => `arraySum(arraySlice(ranked, 1, ${count})) / arraySum(ranked)`;

/** From the summary of a run that has ended: accounts by currency. */
const ACCOUNTS = `(SELECT run, JSONExtractString(of, 'currency') AS currency,
    toFloat64(JSONExtractString(JSONExtractRaw(of, 'valid'), 'grossMinor')) AS gross,
    arrayJoin(JSONExtractArrayRaw(of, 'accounts')) AS account
  FROM (SELECT run, arrayJoin(JSONExtractArrayRaw(JSONExtractRaw(any(runs.summary), 'indicators'), 'currencies')) AS of
    FROM runs WHERE ${RUN} GROUP BY run))`;
/** The same: banks with what they paid for those who have deposits at them, by ISIN of the deposits. */
const TIERS = `(SELECT run, JSONExtractString(of, 'issuer') AS participant, JSONExtractString(of, 'currency') AS deposits,
    JSONExtractRaw(of, 'reserves') AS reserves, JSONExtractRaw(of, 'customers') AS account
  FROM (SELECT run, arrayJoin(JSONExtractArrayRaw(any(runs.summary), 'supply')) AS of FROM runs WHERE ${RUN} GROUP BY run)
  WHERE JSONHas(of, 'customers'))`;
const minor = (name: string) => `toFloat64(JSONExtractString(account, '${name}'))`;

export const oversight: Dashboard = {
  uid: 'corridor-oversight',
  title: 'Oversight',
  description:
    'What an overseer asks: payments across borders against the G20’s targets, how concentrated the value is, what the outage of a participant leaves unsettled, and who takes part through whom.',
  variables: [RUN_VARIABLE, POOL_VARIABLE],
  panels: [
    rows({
      title: 'Segments against the G20 targets',
      description: `Payments between two countries, by segment: wholesale (pacs.009) and customers’ (pacs.008: retail, and remittances among them). Targets (FSB 2021): 75 % within an hour and all within a business day; of retail payments a cost of at most 1 % on average and 3 % in each corridor, of wholesale payments none. ${SPEED} Cost: the share of the value debited, at the scenario’s mid rates, that does not arrive, of what changed its currency; on average by value. ${HOURS}`,
      unit: 'short',
      width: 24,
      height: 6,
      noValue: 'no payment crossed a border in this range',
      columnUnits: {
        ...{ within_hour: 'percentunit', within_day: 'percentunit' },
        ...{ cost: 'percentunit', highest: 'percentunit' },
      },
      sql: `SELECT segment, ${SHARES}, cost, highest FROM
  (SELECT segment, sum(k.sent) AS sent, sum(k.done) AS done, sum(k.owed) AS owed, sum(k.in_hour) AS in_hour, sum(k.in_day) AS in_day,
    sum(lost * weight) / nullIf(sum(weight), 0) AS cost, max(lost) AS highest
  FROM ${COSTS} AS k GROUP BY segment HAVING sent > 0 OR owed > 0)
ORDER BY segment DESC`,
    }),
    rows({
      title: 'Corridors between countries',
      description: `The same by corridor: country and currency of the debtor’s and of the creditor’s agent; the country stands in the BIC. ${SPEED} ${HOURS}`,
      unit: 'short',
      width: 24,
      height: 10,
      noValue: 'no payment crossed a border in this range',
      columnUnits: { within_hour: 'percentunit', within_day: 'percentunit', cost: 'percentunit' },
      sql: `SELECT segment, corridor, ${SHARES}, lost AS cost FROM ${COSTS} AS k WHERE sent > 0 OR owed > 0
ORDER BY segment DESC, corridor`,
    }),
    rows({
      title: 'Concentration by day',
      description: `Of the value settled on a day (UTC), by currency: by debtors’ agents, ordered pairs of agents and dealers in the currency debited, by creditors’ agents in that credited. How many have any, the Herfindahl–Hirschman index (sum of the squared shares), and the share of the largest one, five and ten. Creditors are counted by minute, all others by hour: those that begin in the time range, each whole.`,
      unit: 'short',
      width: 24,
      noValue: 'nothing settled in this range',
      columnUnits: { largest: 'percentunit', largest_5: 'percentunit', largest_10: 'percentunit' },
      sql: `SELECT date, currency, shared_by, length(ranked) AS number, arraySum(one -> one * one, ranked) / pow(arraySum(ranked), 2) AS concentration,
  ${largest(1)} AS largest, ${largest(5)} AS largest_5, ${largest(10)} AS largest_10
FROM (SELECT date, currency, shared_by, arrayReverseSort(groupArray(toFloat64(value))) AS ranked FROM ${VALUES} WHERE value > 0
  GROUP BY date, currency, shared_by)
ORDER BY date, currency, shared_by`,
    }),
    rows({
      title: 'Cover 1 and cover 2',
      description:
        'By currency, in whole units, over the full hours in the time range at which it was open and a default would leave a shortfall (hours): the most that the default of the one participant (cover 1) and of the two (cover 2) with the largest shortfall leaves uncovered, whose, and the first hour at which cover 2 is the most. Shortfall of an account: what it is to pay net for payments accepted for netting, less its balance and what its collateral gives; a credit line covers nothing. The currency’s own issuer is left out.',
      unit: 'short',
      width: 24,
      height: 6,
      noValue: 'no default would leave a shortfall at a full hour in this range',
      link: PARTICIPANT_LINK,
      sql: `SELECT t.currency AS currency, hours, ${units('one')} AS cover_1, ${units('two')} AS cover_2, at, participant, second FROM
${withDecimals(`SELECT run, currency, count() AS hours, max(one_minor) AS one, max(two_minor) AS two,
    argMax((time, h.participant, h.second), (two_minor, -toUnixTimestamp64Milli(time))) AS worst, worst.1 AS at, worst.2 AS participant, worst.3 AS second
  FROM cover_hours AS h WHERE ${inRange('time')} GROUP BY run, currency`)}
ORDER BY currency`,
    }),
    rows({
      title: 'Participants whose outage leaves most unsettled',
      description:
        'Of a run that has ended, whole: what of the valid payments stays unsettled at least if a participant sends nothing in a currency, in whole units and of the gross value: what it was to pay, and what others then lack at the end above all that they have. Its share of the value: paid and received, by twice the gross value.',
      unit: 'short',
      width: 24,
      noValue: 'the run has not ended, or is a live network',
      link: PARTICIPANT_LINK,
      columnUnits: { value_share: 'percentunit', unsettled_share: 'percentunit' },
      sql: `SELECT participant, t.currency AS currency, value_share, ${units('outgoing')} AS pays, ${units('least')} AS unsettled, least / gross AS unsettled_share
FROM ${withDecimals(`SELECT run, currency, gross, JSONExtractString(account, 'participant') AS participant, ${minor('outMinor')} AS outgoing,
    ${minor('leastUnsettledMinor')} AS least, (outgoing + ${minor('inMinor')}) / (2 * gross) AS value_share FROM ${ACCOUNTS} WHERE gross > 0`)}
ORDER BY unsettled_share DESC, currency, participant LIMIT 100`,
    }),
    rows({
      title: 'Customers by bank',
      description:
        'Tiers, of a run that has ended, whole: by bank with deposits (ISIN) over its reserves in a currency how many customers have some, and what it paid for them (payments, value in whole units), the share of what the customers of all banks sent over the same reserves, the date with most and the average date, the most by which what it owed them exceeded its reserves (exposure), and its least reserves of what it owed them (cover). After CPMI-IOSCO principle 19 and BCBS 248, tool B(i).',
      unit: 'short',
      width: 24,
      height: 6,
      noValue: 'the run has not ended, is a live network, or no bank has deposits',
      link: PARTICIPANT_LINK,
      columnUnits: { share: 'percentunit', cover: 'percentunit' },
      sql: `SELECT participant, reserve AS currency, deposits, customers, payments, ${units('sent')} AS value, share, ${units('largest')} AS largest_date,
  ${units('average')} AS average_date, ${units('owed')} AS exposure, cover
FROM ${withDecimals(
        `SELECT run, participant, deposits, JSONExtractString(reserves, 'currency') AS reserve, JSONExtractUInt(account, 'number') AS customers,
    JSONExtractUInt(account, 'payments') AS payments, ${minor('sentMinor')} AS sent, JSONExtract(account, 'share', 'Nullable(Float64)') AS share,
    toFloat64(JSONExtract(account, 'outstandingMinor', 'Array(String)')[1]) AS largest, ${minor('averageMinor')} AS average,
    ${minor('exposureMinor')} AS owed, JSONExtract(reserves, 'leastCover', 'Nullable(Float64)') AS cover FROM ${TIERS}`,
        'deposits',
      )}
ORDER BY currency, value DESC, participant`,
    }),
  ],
};
