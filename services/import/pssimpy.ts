/**
 * PSSimPy's tables to a scenario. An account becomes a participant, since it is accounts that pay there
 * and a participant has one in a currency here. What PSSimPy 0.1.5 does was read in its source
 * (simulator/basic_sim.py, queues/, credit_facilities/); bench/simulation/pssimpy-rules.ts states its queue.
 */
import { counted } from '../explain/amount-words.ts';
import { amountText, minorUnits } from '../protocol/names/minor-units.ts';
import { MINOR_UNITS } from '../scenario/currency-decimals.ts';
import { instantMs } from '../scenario/local-time-to-instant.ts';
import { ScenarioError } from '../scenario/scenario-error.ts';
import {
  differencesOf,
  type PssimpyAccount,
  type PssimpyChoices,
  type PssimpyFacts,
  type PssimpyPayment,
} from './pssimpy-differences.ts';
import { PSSIMPY_DEFAULTS } from './pssimpy-schema.ts';
import {
  columnOf,
  type PssimpySource,
  type RivalTable,
  type TransactionKind,
} from './pssimpy-tables.ts';
import type { RivalImport, RivalPayment } from './rival-folder.ts';
import { testBicsOf } from './test-bics.ts';
import { type ObservedTimes, scenarioName } from './write-import.ts';

const DAY_MS = 86_400_000;
const MINUTES_A_DAY = 1440;

/** @throws ScenarioError naming file, line or path, value and expectation */
export function importPssimpy(source: PssimpySource, choices: PssimpyChoices): RivalImport {
  const { args, argsFile } = source;
  const decimals = MINOR_UNITS.get(choices.currency);
  if (decimals === undefined)
    throw new ScenarioError(
      `--currency ${choices.currency}: expected a currency of ISO 4217, or XTS`,
    );
  const rules = { ...PSSIMPY_DEFAULTS, ...args };
  const opens = minuteOf(rules.open_time);
  const closes = minuteOf(rules.close_time);
  if (closes <= opens)
    throw new ScenarioError(
      `${argsFile}: close_time: "${rules.close_time}": expected a time after open_time, ${rules.open_time}`,
    );
  const window = rules.processing_window;
  // The last window begins before the close and is taken whole.
  const ends = Math.min(opens + Math.ceil((closes - opens) / window) * window, MINUTES_A_DAY);
  const money = moneyReader(choices.currency, decimals);
  const banks = readBanks(source.banks);
  const accounts = readAccounts(source.accounts, banks.names, money);
  const read = readTransactions(source.transactions, source.kind, accounts, money);
  const lastDay = read.reduce((last, { day }) => Math.max(last, day), 1);
  if (args.num_days === undefined && lastDay > PSSIMPY_DEFAULTS.num_days)
    source.transactions.fail(
      read.findIndex(({ day }) => day > PSSIMPY_DEFAULTS.num_days),
      source.transactions.columns.includes('day') ? 'day' : 'time',
      `day 1: without num_days PSSimPy simulates one day; give a JSON file with {"num_days": ${lastDay}}`,
    );
  const taken = ({ day, minute }: PssimpyPayment) =>
    day <= rules.num_days && minute >= opens && minute < ends;
  const kept = read.filter((one) => taken(one) && one.debtor !== one.creditor);
  const bics = testBicsOf(accounts.map(({ id }) => id));
  const isPriced = rules.credit_facility === 'SimplePriced';
  const failsAtOnce = !isPriced && rules.constraint_handler === 'MinBalanceConstraintHandler';
  const isUnlimited = isPriced || (rules.queue === 'DirectQueue' && !failsAtOnce);
  const classes = priorityClasses(rules.queue === 'PriorityQueue' && !failsAtOnce ? kept : []);
  const failures = failuresOf(args, opens, ends, window, rules.num_days);
  for (const { bank } of failures)
    if (!banks.names.has(bank))
      throw new ScenarioError(
        `${argsFile}: bank_failure: "${bank}": expected a bank of the table of banks`,
      );
  const facts: PssimpyFacts = {
    ...{ rules, opens, ends, window, isUnlimited, failsAtOnce, choices },
    ...{ banks, accounts, failures, classes },
    ...{ kind: source.kind, read, kept, missed: read.filter((one) => !taken(one)) },
    isWhole: (closes - opens) % window === 0,
    strayColumns: strayColumns(source),
  };
  const dates = Array.from({ length: rules.num_days }, (_, index) =>
    new Date(instantMs(choices.firstDate, '00:00', 'UTC') + index * DAY_MS)
      .toISOString()
      .slice(0, 10),
  );
  const text = (minor: bigint) => amountText(minor, decimals);
  const spent = new Map<string, bigint>();
  for (const { debtor, amountMinor } of kept)
    spent.set(debtor, (spent.get(debtor) ?? 0n) + amountMinor);
  return {
    scenario: {
      name: scenarioName(args.name ?? '', 'pssimpy'),
      description: `Imported from PSSimPy: ${counted(kept.length, 'payment')} of ${counted(accounts.length, 'account')}.`,
      businessDates: dates,
      currencies: {
        [choices.currency]: { opens: clockText(opens), closes: clockText(ends), zone: 'UTC' },
      },
      participants: accounts.map(({ id, owner, balanceMinor, collateralMinor }) => ({
        bic: bics.get(id),
        name: id === owner ? id : `${id} of ${owner}`,
        accounts: {
          [choices.currency]: {
            balance: text(balanceMinor),
            ...(isUnlimited && { creditLine: text(spent.get(id) ?? 0n) }),
            ...(!isUnlimited &&
              collateralMinor > 0n && { collateral: { amount: text(collateralMinor) } }),
          },
        },
      })),
      settlement: {
        queue: 'bypass-fifo',
        cycle: 'off',
        atClose: rules.eod_clear_queue || rules.eod_force_settlement ? 'cancel' : 'carry-over',
      },
      // PSSimPy counts in minutes.
      tickMs: 60_000,
      ...(failures.length > 0 && {
        events: {
          outages: failures.flatMap(({ bank, day, fromMinute }) =>
            accounts
              .filter(({ owner }) => owner === bank)
              .map(({ id }) => ({
                participant: bics.get(id),
                date: dates[day - 1],
                from: clockText(fromMinute),
              })),
          ),
        },
      }),
    },
    payments: kept.map(
      (one): RivalPayment => ({
        date: dates[one.day - 1]!,
        time: clockText(one.minute),
        debtor: bics.get(one.debtor)!,
        creditor: bics.get(one.creditor)!,
        currency: choices.currency,
        amount: text(one.amountMinor),
        priority: classes.get(one.priority) ?? 'normal',
        // The shortest wait that there is. The next payments are sent a minute later.
        ...(failsAtOnce && { latest: `${clockText(one.minute)}:01` }),
      }),
    ),
    bics,
    differences: differencesOf(facts),
    ...(source.kind === 'processed' && {
      observed: kept.map((one) => observedOf(one, dates, closes)),
    }),
    counts: {
      ...{ banks: banks.names.size, accounts: accounts.length, transactions: read.length },
      leftOut: read.length - kept.length,
    },
    mapping: {
      currency: choices.currency,
      firstDate: choices.firstDate,
      arguments: argumentsUsed(rules),
    },
  };
}

/** Without tables and without what has no default here. */
function argumentsUsed(rules: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const { banks: _banks, accounts: _accounts, transactions: _transactions, ...used } = rules;
  return used;
}

/** Minutes since midnight of "8:05" or "08:05"; those of times that are none are no number. */
function minuteOf(time: string): number {
  const parts = /^(\d{1,2}):([0-5]\d)$/.exec(time);
  const minute = parts === null ? Number.NaN : Number(parts[1]) * 60 + Number(parts[2]);
  return minute < MINUTES_A_DAY ? minute : Number.NaN;
}

const clockText = (minute: number): string =>
  `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`;

type Money = (table: RivalTable, row: number, column: string, cell: string) => bigint;

function moneyReader(code: string, decimals: number): Money {
  const hint = code === 'XTS' ? '; give --currency, such as EUR, for amounts with decimals' : '';
  return (table, row, column, cell) => {
    const least = column === 'amount' ? 'above 0' : 'of 0 or more';
    const isAmount = /^[0-9]{1,19}(?:\.[0-9]+)?$/.test(cell);
    if (!isAmount || (column === 'amount' && Number(cell) === 0))
      table.fail(row, column, `an amount ${least} as a decimal, such as 1250.00`);
    // pandas writes 100 as 100.0: zeros behind are no decimals.
    const minor = minorUnits(cell.replace(/(\.[0-9]*?)0+$/, '$1').replace(/\.$/, ''), decimals);
    if (minor === 'decimalsExcess')
      return table.fail(
        row,
        column,
        `at most ${counted(decimals, 'decimal')}, as ${code} has${hint}`,
      );
    if (minor === 'amountTooLarge') return table.fail(row, column, 'an amount that fits 64 bits');
    return minor;
  };
}

function readBanks(table: RivalTable): PssimpyFacts['banks'] {
  const nameAt = columnOf(table, 'name', true);
  const strategyAt = columnOf(table, 'strategy_type', false);
  const names = new Set<string>();
  const strategies = new Map<string, string[]>();
  for (const [row, cells] of table.rows.entries()) {
    const name = cells[nameAt]!;
    if (name === '') table.fail(row, 'name', 'a name');
    if (names.has(name)) table.fail(row, 'name', 'a name that no bank before has');
    names.add(name);
    const strategy = cells[strategyAt] ?? '';
    if (strategy !== '' && strategy !== 'Normal')
      strategies.set(strategy, [...(strategies.get(strategy) ?? []), name]);
  }
  return { names, strategies };
}

function readAccounts(
  table: RivalTable,
  banks: ReadonlySet<string>,
  money: Money,
): PssimpyAccount[] {
  const idAt = columnOf(table, 'id', true);
  const ownerAt = columnOf(table, 'owner', true);
  const balanceAt = columnOf(table, 'balance', false);
  const collateralAt = columnOf(table, 'posted_collateral', false);
  const ids = new Set<string>();
  const accounts = table.rows.map((cells, row) => {
    const id = cells[idAt]!;
    if (id === '') table.fail(row, 'id', 'an id');
    if (ids.has(id)) table.fail(row, 'id', 'an id that no account before has');
    ids.add(id);
    const owner = cells[ownerAt]!;
    if (!banks.has(owner)) table.fail(row, 'owner', 'a bank of the table of banks');
    const amount = (at: number, column: string) =>
      money(table, row, column, cells[at] === undefined || cells[at] === '' ? '0' : cells[at]);
    return {
      ...{ id, owner, balanceMinor: amount(balanceAt, 'balance') },
      collateralMinor: amount(collateralAt, 'posted_collateral'),
    };
  });
  if (accounts.length < 2)
    throw new ScenarioError(
      `${table.file}: ${counted(accounts.length, 'account')}: expected at least two`,
    );
  return accounts;
}

const PARTIES = {
  input: ['sender_account', 'recipient_account'],
  arrivals: ['from_account', 'to_account'],
  processed: ['from_account', 'to_account'],
} as const;

function readTransactions(
  table: RivalTable,
  kind: TransactionKind,
  accounts: readonly PssimpyAccount[],
  money: Money,
): PssimpyPayment[] {
  const [debtorName, creditorName] = PARTIES[kind];
  const debtorAt = columnOf(table, debtorName, true);
  const creditorAt = columnOf(table, creditorName, true);
  const amountAt = columnOf(table, 'amount', true);
  const timeAt = columnOf(table, 'time', true);
  const dayAt = columnOf(table, 'day', false);
  const priorityAt = columnOf(table, 'priority', false);
  const settledDayAt = columnOf(table, 'settlement_day', kind === 'processed');
  const settledTimeAt = columnOf(table, 'settlement_time', kind === 'processed');
  const statusAt = columnOf(table, 'status', false);
  const ids = new Set(accounts.map(({ id }) => id));
  const minuteIn = (row: number, column: string, cell: string): number => {
    const minute = minuteOf(cell);
    return Number.isNaN(minute) ? table.fail(row, column, 'a time of day as HH:MM') : minute;
  };
  const wholeIn = (row: number, column: string, cell: string | undefined, standard: number) => {
    if (cell === undefined || cell === '') return standard;
    // pandas writes whole numbers of a column with gaps as 1.0.
    if (!/^-?[0-9]{1,9}(?:\.0+)?$/.test(cell)) table.fail(row, column, 'a whole number');
    return Number(cell);
  };
  const settledIn = (row: number, cells: readonly string[], day: number) => {
    const time = cells[settledTimeAt]!;
    const status = cells[statusAt] ?? '';
    if (!['', 'Success', 'Failed'].includes(status)) table.fail(row, 'status', 'Success or Failed');
    if (status === 'Failed' || (status === '' && time === '')) return null;
    return {
      day: wholeIn(row, 'settlement_day', cells[settledDayAt], day),
      minute: time === '' ? null : minuteIn(row, 'settlement_time', time),
    };
  };
  return table.rows.map((cells, row) => {
    const account = (at: number, column: string): string =>
      ids.has(cells[at]!)
        ? cells[at]!
        : table.fail(row, column, 'an account of the table of accounts');
    const debtor = account(debtorAt, debtorName);
    const creditor = account(creditorAt, creditorName);
    const amountMinor = money(table, row, 'amount', cells[amountAt]!);
    const day = wholeIn(row, 'day', cells[dayAt], 1);
    if (day < 1) table.fail(row, 'day', 'a day, counted from 1');
    return {
      ...{ row, debtor, creditor, amountMinor, day, minute: minuteIn(row, 'time', cells[timeAt]!) },
      priority: wholeIn(row, 'priority', cells[priorityAt], 1),
      settled: kind === 'processed' ? settledIn(row, cells, day) : null,
    };
  });
}

/** PSSimPy's smaller number goes first. Beyond three classes the others share the last. */
function priorityClasses(payments: readonly PssimpyPayment[]): PssimpyFacts['classes'] {
  const numbers = [...new Set(payments.map(({ priority }) => priority))].sort((a, b) => a - b);
  const names = (['urgent', 'high', 'normal'] as const).slice(Math.max(0, 3 - numbers.length));
  return new Map(numbers.map((number, index) => [number, names[index] ?? 'normal']));
}

/** From the begin of the window in which it is, a failure holds to the end; outside all it is never seen. */
function failuresOf(
  { bank_failure: given }: PssimpySource['args'],
  opens: number,
  ends: number,
  window: number,
  days: number,
): PssimpyFacts['failures'] {
  const failures = Object.entries(given ?? {}).flatMap(([day, entries]) =>
    entries.map(([time, bank]) => ({ bank, day: Number(day), minute: minuteOf(time) })),
  );
  return failures
    .filter(({ day, minute }) => day <= days && minute >= opens && minute < ends)
    .map(({ bank, day, minute }) => ({
      ...{ bank, day, minute },
      fromMinute: opens + Math.floor((minute - opens) / window) * window,
    }));
}

const KNOWN_COLUMNS: Readonly<Record<'banks' | 'accounts' | TransactionKind, readonly string[]>> = {
  banks: ['name', 'strategy_type'],
  accounts: ['id', 'owner', 'balance', 'posted_collateral'],
  input: ['sender_account', 'recipient_account', 'amount', 'priority', 'day', 'time'],
  arrivals: ['from_account', 'to_account', 'amount', 'priority', 'day', 'time'],
  processed: [
    ...['from_account', 'to_account', 'amount', 'status', 'day', 'time'],
    ...['submission_day', 'submission_time', 'settlement_day', 'settlement_time'],
  ],
};

/** Columns that PSSimPy keeps for classes of one's own. */
function strayColumns({ banks, accounts, transactions, kind }: PssimpySource): string[] {
  const tables = [
    ['banks', banks, KNOWN_COLUMNS.banks],
    ['accounts', accounts, KNOWN_COLUMNS.accounts],
    ['transactions', transactions, KNOWN_COLUMNS[kind]],
  ] as const;
  return tables.flatMap(([name, { columns }, known]) =>
    columns.filter((column) => !known.includes(column)).map((column) => `${column} of ${name}`),
  );
}

/** A settlement at its window's begin that is before the payment counts as at once. */
function observedOf(
  { day, minute, settled }: PssimpyPayment,
  dates: readonly string[],
  closes: number,
): ObservedTimes {
  const firstMs = instantMs(dates[0]!, '00:00', 'UTC');
  const atMs = (of: { day: number; minute: number }) =>
    firstMs + (of.day - 1) * DAY_MS + of.minute * 60_000;
  const submittedMs = atMs({ day, minute });
  if (settled === null) return { submittedMs, settledMs: null };
  const settledMs = atMs({ day: settled.day, minute: settled.minute ?? closes });
  return { submittedMs, settledMs: Math.max(submittedMs, settledMs) };
}
