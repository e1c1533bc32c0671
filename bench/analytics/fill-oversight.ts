/**
 * What the dashboards of oversight, intraday liquidity, studies, cases, chains and the watched flow ask beside payments, of the size
 * that ten days of a million payments have: dates and hours of accounts, a score and a label of payments, cases, drills,
 * chains, and a study and a stress test of a thousand cells each.
 */
import { DAYS, POOL, RUN, START_MS, scenario } from './history.ts';
import type { EngineOfOnesOwn } from './start-engine.ts';

export const STRESS = `${RUN}-stress`;
/** The model that is asked for, and another that scored the first day. */
export const MODEL = 'a'.repeat(64);
const OTHER_MODEL = 'b'.repeat(64);
/** One payment in so many is labelled, as in scenarios/watched-flow.yaml. */
const LABELLED_OF = 250;
const LABEL = `if(cityHash64(uetr, 2) % ${LABELLED_OF} = 0, ['hijackedKey', 'mistypedAmount', 'run', 'ring', 'stuckBatch'][1 + cityHash64(uetr, 3) % 5], '')`;
const HOURS = 10;
const CELLS = 1_000;
const CELL_FIGURES = 60;
const ACCOUNT_FIGURES = 12;
/** One payment in so many is leg 1 of a chain of two, which were set aside before. */
const CHAIN_OF = 1_000;
const CASES_A_DAY = 20;
const CASE_RECORDS = 8;
const WAITING_BANKS = 40;
const BANK = scenario.participants[0]?.bic;

export async function fillOversight({ command }: EngineOfOnesOwn): Promise<void> {
  await fillDates(command);
  await fillScores(command);
  await fillCases(command);
  await fillChains(command);
  await fillStudies(command);
}

type Command = (sql: string) => Promise<unknown>;
const start = `toDateTime64(${START_MS / 1000}, 3, 'UTC')`;
/** Accounts of the run as its samples name them, numbered. */
const ACCOUNTS = `(SELECT participant, currency, rowNumberInAllBlocks() AS account FROM
  (SELECT participant, currency FROM balances WHERE run = '${RUN}' GROUP BY participant, currency ORDER BY participant, currency))`;
const times = (count: number, name: string) =>
  `CROSS JOIN (SELECT number AS ${name} FROM numbers(${count})) AS of_${name}`;

async function fillDates(command: Command): Promise<void> {
  const at = (hour: string) => `${start} + toIntervalHour(day * 24 + 7 + ${hour})`;
  const place = `'${RUN}' AS run, '${POOL}' AS pool`;
  const date = `toDate('1970-01-01') + toUInt16(toRelativeDayNum(${at('0')})) AS date`;
  await command(`INSERT INTO account_days (run, pool, event_number, time, date, opened_at, participant, currency, balance_minor, credit_line_minor, collateral_minor, usage_minor, surplus_minor)
    SELECT ${place}, day, ${at(`${HOURS}`)} AS time, ${date}, ${at('0')} AS opened_at, participant, currency, 1000000, 50000, 0, rand() % 900000, rand(1) % 900000
    FROM ${ACCOUNTS} AS a ${times(DAYS, 'day')}`);
  await command(`INSERT INTO liquidity_needs (run, pool, event_number, time, date, hour, hour_at, participant, currency, need_minor, moved_minor, date_moved_minor)
    SELECT ${place}, day, ${at(`${HOURS}`)} AS time, ${date}, hour, ${at('hour')} AS hour_at, participant, currency, rand() % 900000, rand(1) % 900000, 900000
    FROM ${ACCOUNTS} AS a ${times(DAYS, 'day')} ${times(HOURS, 'hour')}`);
  await command(`INSERT INTO liquidity_forecasts (run, pool, event_number, time, date, hour, participant, currency, balance_minor, credit_minor, moved_minor, dates, lower_minor, middle_minor, upper_minor)
    SELECT run, pool, event_number, hour_at, date, hour, participant, currency, 1000000, 50000, moved_minor, 4, 100000, 400000, 800000
    FROM liquidity_needs WHERE run = '${RUN}'`);
  await command(`INSERT INTO cover_hours (run, pool, event_number, time, currency, participant, second, one_minor, two_minor)
    SELECT ${place}, day * 24 + hour, ${at('hour')} AS time, currency, min(participant), max(participant), 1 + rand() % 900000 AS one, one + rand(1) % 900000
    FROM ${ACCOUNTS} AS a ${times(DAYS, 'day')} ${times(HOURS, 'hour')} GROUP BY day, hour, currency`);
}

/** As many as `corridor watch score` writes: all payments, one in a hundred of them alerts. */
async function fillScores(command: Command): Promise<void> {
  const scored = (model: string, where: string) =>
    command(`INSERT INTO watch_scores (run, pool, submitted_at, uetr, debtor_agent, creditor_agent, currency, amount_minor, score, known, isolated, is_alert, reasons, label, model)
      SELECT run, pool, submitted_at, uetr, debtor_agent, creditor_agent, currency, amount_minor, 1 - (1 - known) * (1 - isolated), pow(cityHash64(uetr) % 1000003 / 1000003, 12) AS known,
        0.35 + 0.2 * (cityHash64(uetr, 1) % 1000003 / 1000003) AS isolated, known > 0.886 AS is_alert,
        if(is_alert, ['payer60m', 'roundness', 'hourHabit'], []), ${LABEL}, '${model}'
      FROM payments WHERE run = '${RUN}' AND is_first = 1 AND ${where}`);
  const ofDay = (day: number) =>
    `time >= ${start} + toIntervalDay(${day}) AND time < ${start} + toIntervalDay(${day + 1})`;
  // Those of the last day end behind midnight.
  for (let day = 0; day <= DAYS; day++) await scored(MODEL, ofDay(day));
  await scored(OTHER_MODEL, ofDay(0));
}

/** Each opened, told to be held now and then, acknowledged and closed; one in ten stays open. */
async function fillCases(command: Command): Promise<void> {
  const cases = DAYS * CASES_A_DAY;
  const kind = `['opened', 'held', 'held', 'acknowledged', 'held', 'stopped', 'closed', 'refused'][1 + record] AS event`;
  await command(`INSERT INTO case_events (run, case_id, position, time, event, rule, title, severity, summary, subject, pool, participant, currency, by_key, why, command_id, command_pool, reason)
    SELECT '${RUN}', concat('case-', toString(of)), of * ${CASE_RECORDS} + record, ${start} + toIntervalMinute(of * ${(24 * 60) / CASES_A_DAY} + record * 15) AS time, ${kind},
      'outage', 'A large bank does not send', ['critical', 'warning'][1 + of % 2], 'It is silent', map('bank', '${BANK}'), '${POOL}', '${BANK}', 'EUR', 'operator', 'seen', '', '', ''
    FROM (SELECT number AS of FROM numbers(${cases})) AS c ${times(CASE_RECORDS, 'record')} WHERE NOT (of % 10 = 0 AND event IN ('stopped', 'closed'))`);
  await command(`INSERT INTO case_money (run, case_id, position, time, kind, participant, currency, amount_minor, payments)
    SELECT e.run, case_id, position, e.time, if(bank = 0, 'trapped', 'waiting'), concat('BANK', toString(bank)), 'EUR', if(bank = 0, 5000000, 0), bank
    FROM case_events AS e ${times(WAITING_BANKS, 'bank')} WHERE e.run = '${RUN}' AND event IN ('opened', 'held')`);
  await command(`INSERT INTO drills (run, time, breaks, recovery_ms, recovery_ms_max, log_records, log_lost, events, replay_fault, store_figures, store_different, not_closed, is_passed)
    SELECT '${RUN}', ${start} + toIntervalHour(number), 'all', 60000, 7200000, 1000, 0, 1000, '', 30, 0, [], 1 FROM numbers(60)`);
}

async function fillChains(command: Command): Promise<void> {
  const kinds = ['matched', 'triggered', 'earmarked'];
  const legs = kinds.flatMap((kind, at) => [`('${kind}', 1, ${at})`, `('${kind}', 2, ${at})`]);
  const first = `(SELECT * FROM payments WHERE run = '${RUN}' AND status = 'ACSC' AND cityHash64(uetr, 4) % ${CHAIN_OF} = 0) AS p`;
  await command(`INSERT INTO chain_events (run, pool, event_number, time, kind, chain, leg, legs, payment_position, uetr, participant, verdict, reason, currency, amount_minor, earmarked_minor, digest)
    SELECT run, pool, event_number, p.time - toIntervalSecond(600 - of.3), of.1 AS kind, payment_position AS chain, of.2 AS leg, 2, payment_position, uetr, debtor_agent, '', '', currency, amount_minor, amount_minor, ''
    FROM ${first} ARRAY JOIN [${legs.join(', ')}] AS of`);
  await command(`INSERT INTO chain_ends (run, pool, event_number, time, payment_position, status, reason, mechanism, debtor_agent, currency, amount_minor)
    SELECT run, pool, event_number, p.time, payment_position + leg, 'ACSC', '', 'earmark', debtor_agent, currency, amount_minor FROM ${first} ARRAY JOIN [0, 1] AS leg`);
}

async function fillStudies(command: Command): Promise<void> {
  for (const [run, kind] of [
    [RUN, 'study'],
    [STRESS, 'stress'],
  ] as const) {
    await command(`INSERT INTO studies (run, kind, name, description, scenario, version, digest, results, cells, failed, repeats, reference_currency, decimals)
      SELECT '${run}', '${kind}', 'bench', '', '', '', '', '', ${CELLS}, 0, 'seed', 'EUR', mapFromArrays(groupArray(currency), groupArray(toUInt8(2)))
      FROM (SELECT DISTINCT currency FROM ${ACCOUNTS})`);
    await command(`INSERT INTO study_cells (run, cell, variant, settings, repeat, error)
      SELECT '${run}', 1 + number, concat('variant ', toString(intDiv(number, 20))), map('bank', concat('BANK', toString(number % 40)), 'hour', toString(number % 10), 'reaction', 'none'), toString(number % 20), ''
      FROM numbers(${CELLS})`);
  }
  const figure =
    'INSERT INTO study_figures (run, cell, of_table, kind, participant, currency, currency2, figure, value, exact)';
  const ofCells = (run: string, table: string, names: readonly string[]) =>
    command(`${figure} SELECT '${run}', 1 + cell, '${table}', '', '', '', '', arrayJoin([${names.map((name) => `'${name}'`).join(', ')}]) AS figure,
      rand() % 1000000 / if(figure LIKE 'delay%' OR figure LIKE '%Share%', 1000000, 1), '' FROM (SELECT number AS cell FROM numbers(${CELLS}))`);
  const others = (asked: number, all: number) =>
    Array.from({ length: all - asked }, (_, at) => `another.${at}`);
  const codes = scenario.currencies.map(({ code }) => code);
  const byCurrency = codes.flatMap((code) => [
    ...[`delay.settlementDelayIndicator.${code}`, `liquidity.${code}.usedMinor`],
    ...[`liquidity.${code}.availableMinor`, `settledValueShare.${code}`],
  ]);
  const cells = ['planned', 'settled', ...byCurrency];
  await ofCells(RUN, 'cells', [...cells, ...others(cells.length, CELL_FIGURES)]);
  const failures = ['newlyUnsettled.payments', 'laterRounds.payments'];
  failures.push('newlyUnsettled.referenceMinor', 'trapped.referenceMinor');
  await ofCells(STRESS, 'stress', [...failures, ...others(failures.length, CELL_FIGURES / 4)]);
  const ofAccounts = (run: string, table: string, names: readonly string[]) =>
    command(`${figure} SELECT '${run}', 1 + cell, '${table}', '', participant, currency, '', arrayJoin([${names.map((name) => `'${name}'`).join(', ')}]) AS figure, rand() % 1000000, ''
      FROM ${ACCOUNTS} AS a ${times(CELLS, 'cell')}`);
  const banks = ['upperMinor', 'availableMinor'];
  await ofAccounts(RUN, 'banks', [...banks, ...others(banks.length, ACCOUNT_FIGURES)]);
  await ofAccounts(STRESS, 'losses', ['lossMinor', 'receivedLessMinor']);
}
