/** PSSimPy's tables in: its examples and drawn days settle as its rules say, or as a sentence says why not. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Day, RULES } from '../../bench/simulation/pssimpy-rules.ts';
import { atLeast } from '../support/at-least.ts';
import {
  asSentPassing,
  CHOICES,
  dayFiles,
  dayOfSingles,
  drawnDay,
  FAILS_AT_ONCE,
  filesOfSingles,
  fixtureText,
  imported,
  scenarioOf,
  settledMinutes,
} from './pssimpy-files.ts';

const example = (name: string) => imported({ 'a.json': fixtureText(`pssimpy-${name}.json`) });

test('the example of the manual: what settles there settles in its window, but for what a failed bank is sent', async () => {
  const { payments, bics, differences, ...rest } = example('quickstart');
  assert.deepEqual(
    payments.map(({ date, time, debtor, creditor, amount }) => [
      date,
      time,
      debtor,
      creditor,
      amount,
    ]),
    [
      ['2026-03-16', '08:00', 'ACC1XX00', 'ACC2XX00', '1'],
      ['2026-03-16', '08:10', 'ACC2XX00', 'ACC3XX00', '1'],
      ['2026-03-16', '08:30', 'ACC3XX00', 'ACC1XX00', '1'],
    ],
  );
  assert.equal(bics.get('acc1'), 'ACC1XX00');
  assert.equal(rest.observed, undefined);
  // PSSimPy: the first two at 08:00, the begin of their window; the third fails, as b1 has.
  const scenario = scenarioOf(example('quickstart'));
  assert.deepEqual(await settledMinutes(scenario), [480, 490, 510]);
  assert.match(differences.join('\n'), /1 payment to a bank that has failed \(row 3\)/);
});

test('the ring of its tests: nothing settles, as there', async () => {
  const scenario = scenarioOf(example('ring'));
  assert.deepEqual(scenario.businessDates, ['2026-03-16', '2026-03-17', '2026-03-18']);
  assert.deepEqual(await settledMinutes(scenario), new Array(9).fill(-1));
});

/** Its rule with money enough, and the window of each payment. */
const windowOf = (day: Day, minute: number) =>
  Math.floor((minute - day.opensMinute) / day.windowMinutes);

test('without a constraint on money every payment settles in the window that PSSimPy settles it in', async () => {
  for (const [seed, args] of atLeast(3, [
    [1, {}],
    [2, { queue: 'FIFOQueue' }],
    [3, { queue: 'PriorityQueue', credit_facility: 'SimplePriced' }],
    [4, { queue: 'DirectQueue', credit_facility: 'SimpleCollateralized' }],
  ] as const)) {
    const day = drawnDay(seed, 150, 15);
    const theirs = RULES[0]!.settle({ ...day, balances: day.balances.map(() => 1e9) });
    const mine = await settledMinutes(scenarioOf(imported(dayFiles(day, args))));
    for (const [index, minute] of atLeast(150, theirs.entries())) {
      assert.notEqual(minute, -1);
      assert.equal(
        windowOf(day, mine[index]!),
        windowOf(day, minute),
        `seed ${seed}, payment ${index}`,
      );
    }
  }
});

test('where money is short each settles as sent and may pass another, and what PSSimPy does otherwise is told', async () => {
  let differing = 0;
  for (const seed of atLeast(4, [1, 2, 3, 4])) {
    const day = drawnDay(seed, 120, 5);
    const made = imported(
      dayFiles(day, { queue: 'FIFOQueue', credit_facility: 'SimpleCollateralized' }),
    );
    const mine = await settledMinutes(scenarioOf(made));
    assert.deepEqual(mine, [...asSentPassing(day)], `seed ${seed}`);
    differing += mine.filter((minute, index) => minute !== RULES[0]!.settle(day)[index]).length;
    const told = made.differences.join('\n');
    for (const said of [/at the begin of a window/, /together they may overdraw/, /no fixed order/])
      assert.match(told, said);
    assert.ok(mine.includes(-1), 'some wait for ever');
  }
  assert.ok(differing > 0, 'and there is something to tell of');
});

test('what does not fit when it is sent fails where PSSimPy fails it, and what is posted counts', async () => {
  for (const seed of atLeast(3, [1, 2, 3])) {
    const singles = dayOfSingles(seed);
    const { day, collateral } = singles;
    const money = day.balances.map((balance, bank) => balance + collateral[bank]!);
    const wanted = day.payments.map(({ debtor, creditor, amount, minute }) => {
      if (amount > money[debtor]!) return -1;
      money[debtor]! -= amount;
      money[creditor]! += amount;
      return minute;
    });
    assert.ok(wanted.includes(-1));
    const made = imported(filesOfSingles(singles, 'DirectQueue'));
    assert.deepEqual(await settledMinutes(scenarioOf(made)), wanted, `seed ${seed}`);
    assert.doesNotMatch(made.differences.join('\n'), /credit line|decides nothing|left out|waits/);
  }
});

test('columns, rows and CSV are the same tables', () => {
  const day = drawnDay(9, 20, 15);
  const files = dayFiles(day, {});
  const rowsOf = (csv: string) => {
    const [header = '', ...lines] = csv.trim().split('\n');
    const names = header.split(',');
    return lines.map((line) =>
      Object.fromEntries(line.split(',').map((cell, at) => [names[at], cell])),
    );
  };
  const names = ['banks', 'accounts', 'transactions'];
  const args = JSON.parse(files['arguments.json']!);
  const rows = Object.fromEntries(names.map((name) => [name, rowsOf(files[`${name}.csv`]!)]));
  const columns = Object.fromEntries(
    names.map((name) => [
      name,
      Object.fromEntries(
        Object.keys(rows[name]![0]!).map((key) => [key, rows[name]!.map((row) => row[key])]),
      ),
    ]),
  );
  const fromCsv = imported(files);
  assert.deepEqual(imported({ 'a.json': JSON.stringify({ ...args, ...rows }) }), fromCsv);
  assert.deepEqual(imported({ 'a.json': JSON.stringify({ ...args, ...columns }) }), fromCsv);
});

const BANKS = 'name\nb1\nb2\n';
const ACCOUNTS = 'id,owner,balance,posted_collateral\na1,b1,100,0\na2,b2,50.0,0\n';
const HEADER = 'sender_account,recipient_account,amount,priority,day,time\n';
const files = (rows: string, args: object = {}, more: Readonly<Record<string, string>> = {}) => ({
  'banks.csv': BANKS,
  'accounts.csv': ACCOUNTS,
  'transactions.csv': HEADER + rows,
  'args.json': JSON.stringify(args),
  ...more,
});
const ROW = 'a1,a2,5,1,1,09:00\n';
const FIFO = { queue: 'FIFOQueue', credit_facility: 'SimpleCollateralized' };

test('each difference is told where it applies, and nowhere else', () => {
  const plain = imported(files(ROW, { ...FIFO, processing_window: 1 })).differences.join('\n');
  const cases: [said: RegExp, given: Record<string, string>][] = [
    [
      /accounts of b1 are participants/,
      files(ROW, FIFO, { 'accounts.csv': `${ACCOUNTS}a3,b1,1,0\n` }),
    ],
    [/weekends included/, files(ROW, { ...FIFO, num_days: 2 })],
    [/taken whole: the close here is 17:20/, files(ROW, { ...FIFO, processing_window: 40 })],
    [/1 payment outside 08:00 to 17:00.*\(row 2\)/, files(`${ROW}a1,a2,5,1,1,07:59\n`, FIFO)],
    [
      /after day 1 \(rows 2, 3, 4, \.\.\.\)/,
      files(ROW + 'a1,a2,5,1,2,09:00\n'.repeat(4), { ...FIFO, num_days: 1 }),
    ],
    [/1 payment from an account to itself \(row 2\)/, files(`${ROW}a1,a1,5,1,1,09:01\n`, FIFO)],
    [/once in 15 minutes/, files(ROW, FIFO)],
    [/together they may overdraw/, files(`${ROW}a1,a2,5,1,1,09:05\n`, FIFO)],
    [
      /collateral of 1 account is credit/,
      files(ROW, FIFO, { 'accounts.csv': ACCOUNTS.replace('100,0', '100,7') }),
    ],
    [/DirectQueue settles whatever/, files(ROW)],
    [/SimplePriced lends whatever/, files(ROW, { queue: 'FIFOQueue' })],
    [
      /SimpleCollateralized decides nothing under DirectQueue: the collateral of 1 account is/,
      files(
        ROW,
        { credit_facility: 'SimpleCollateralized' },
        { 'accounts.csv': ACCOUNTS.replace('100,0', '100,7') },
      ),
    ],
    [
      /that does not fit any more fails/,
      files(`${ROW}a1,a2,5,1,1,09:05\n`, { ...FIFO, ...FAILS_AT_ONCE }),
    ],
    [
      /A queue in which nothing waits does not look at priorities: all payments are normal/,
      files(`${ROW}a1,a2,5,4,1,10:00\n`, { queue: 'PriorityQueue', ...FAILS_AT_ONCE }),
    ],
    [
      /1 is high and 4 is normal/,
      files(`${ROW}a1,a2,5,4,1,10:00\n`, { ...FIFO, queue: 'PriorityQueue' }),
    ],
    [
      /urgent or high payment that does not fit/,
      files(`${ROW}a1,a2,5,4,1,10:00\n`, { ...FIFO, queue: 'PriorityQueue' }),
    ],
    [/FIFOQueue does not look at priorities/, files(`${ROW}a1,a2,5,4,1,10:00\n`, FIFO)],
    [/eod_force_settlement settles/, files(ROW, { ...FIFO, eod_force_settlement: true })],
    [
      /b2 from 08:45 of day 1, the begin of the window/,
      files(ROW, { ...FIFO, bank_failure: { 1: [['08:50', 'b2']] } }),
    ],
    [
      /1 payment to a bank that has failed/,
      files(ROW, { ...FIFO, bank_failure: { 1: [['08:50', 'b2']] } }),
    ],
    [
      /strategy Petty of b1 and b2/,
      files(ROW, FIFO, { 'banks.csv': 'name,strategy_type\nb1,Petty\nb2,Petty\n' }),
    ],
    [
      /MinBalanceConstraintHandler fails.*cancelled then/,
      files(ROW, { ...FIFO, ...FAILS_AT_ONCE }),
    ],
    [
      /MaxSizeConstraintHandler splits/,
      files(ROW, { ...FIFO, constraint_handler: 'MaxSizeConstraintHandler' }),
    ],
    [/fees are left out/, files(ROW, { ...FIFO, transaction_fee_rate: 0.1 })],
    [/country of banks/, files(ROW, FIFO, { 'banks.csv': 'name,country\nb1,SG\nb2,SG\n' })],
  ];
  for (const [said, given] of atLeast(25, cases)) {
    assert.match(imported(given).differences.join('\n'), said);
    assert.doesNotMatch(plain, said);
  }
  assert.equal(plain.split('\n').length, 1, plain);
  // What lends whatever is lacking leaves this handler nothing to fail, and nothing is posted.
  const lent = imported(files(ROW, { constraint_handler: FAILS_AT_ONCE.constraint_handler }));
  const direct = imported(files(ROW, { credit_facility: FAILS_AT_ONCE.credit_facility }));
  for (const { differences, payments } of [lent, direct]) {
    assert.doesNotMatch(differences.join('\n'), /MinBalance|decides nothing|0 accounts/);
    assert.equal(payments[0]!.latest, undefined);
  }
});

test('a failed bank stops at the begin of its window on every account; without effect outside the hours', () => {
  const given = files(
    ROW,
    {
      bank_failure: {
        1: [
          ['08:50', 'b1'],
          ['07:00', 'b2'],
        ],
      },
    },
    {
      'accounts.csv': `${ACCOUNTS}a3,b1,1,0\n`,
    },
  );
  assert.deepEqual(imported(given).scenario.events, {
    outages: ['A1XXXX00', 'A3XXXX00'].map((participant) => ({
      ...{ participant, date: '2026-03-16', from: '08:45' },
    })),
  });
});

test('the logs that it writes are taken: what was drawn, and what settled when', () => {
  const arrivals = imported({
    ...files(ROW),
    'transactions.csv': 'day,time,from_account,to_account,amount,priority\n1,08:15,a1,a2,5,1\n',
  });
  assert.deepEqual(
    arrivals.payments.map(({ time }) => time),
    ['08:15'],
  );
  const header =
    'day,time,from_account,to_account,amount,status,submission_day,submission_time,settlement_day,settlement_time\n';
  const { observed, differences } = imported({
    ...files(ROW),
    'transactions.csv': `${header}1,08:20,a1,a2,5,Success,1,08:15,1,08:15\n1,08:30,a1,a2,5,Success,1,08:30,1.0,09:15\n1,08:40,a2,a1,5,Failed,,,,\n1,08:50,a2,a1,5,Success,1,08:50,,\n`,
  });
  const at = (time: string) => Date.parse(`2026-03-16T${time}Z`);
  assert.deepEqual(observed, [
    { submittedMs: at('08:20'), settledMs: at('08:20') },
    { submittedMs: at('08:30'), settledMs: at('09:15') },
    { submittedMs: at('08:40'), settledMs: null },
    // Forced at the close, which PSSimPy 0.1.5 writes no time of.
    { submittedMs: at('08:50'), settledMs: at('17:00') },
  ]);
  assert.match(differences.join('\n'), /1 payment settled by the log at the begin of a window/);
  assert.match(
    differences.join('\n'),
    /1 payment of status Success without a settlement time \(row 4\).*end of their day, 17:00/,
  );
  assert.throws(
    () =>
      imported({
        ...files(ROW),
        'transactions.csv': `${header}1,08:20,a1,a2,5,Open,1,08:15,1,08:15\n`,
      }),
    { message: 'transactions.csv:2: column status: "Open": expected Success or Failed' },
  );
});

test('bad input is one line: file, line or path, value and what was expected', () => {
  const cases: [given: Record<string, string>, message: string][] = [
    [
      files('a1,a9,5,1,1,09:00\n'),
      'transactions.csv:2: column recipient_account: "a9": expected an account of the table of accounts',
    ],
    [
      files(`${ROW}a1,a2,-5,1,1,09:00\n`),
      'transactions.csv:3: column amount: "-5": expected an amount above 0 as a decimal, such as 1250.00',
    ],
    [
      files('a1,a2,0,1,1,09:00\n'),
      'transactions.csv:2: column amount: "0": expected an amount above 0 as a decimal, such as 1250.00',
    ],
    [
      files('a1,a2,0.00,1,1,09:00\n'),
      'transactions.csv:2: column amount: "0.00": expected an amount above 0 as a decimal, such as 1250.00',
    ],
    [
      files(ROW, {}, { 'accounts.csv': ACCOUNTS.replace('100', '-1') }),
      'accounts.csv:2: column balance: "-1": expected an amount of 0 or more as a decimal, such as 1250.00',
    ],
    [
      files(ROW, {}, { 'accounts.csv': ACCOUNTS.replaceAll(',', ';') }),
      'accounts.csv:1: separator ";": expected commas, as PSSimPy has them',
    ],
    [
      files(ROW, {}, { 'accounts.csv': ACCOUNTS.replaceAll(',', '\t').replace('50.0', '50,0') }),
      'accounts.csv:1: separator "\\t": expected commas, as PSSimPy has them',
    ],
    [
      files('a1,a2,1.50,1,1,09:00\n'),
      'transactions.csv:2: column amount: "1.50": expected at most 0 decimals, as XTS has; give --currency, such as EUR, for amounts with decimals',
    ],
    [
      files('a1,a2,5,1,1,24:00\n'),
      'transactions.csv:2: column time: "24:00": expected a time of day as HH:MM',
    ],
    [
      files('a1,a2,5,1,1,\n'),
      'transactions.csv:2: column time: missing: expected a time of day as HH:MM',
    ],
    [
      files('a1,a2,5,1,0,09:00\n'),
      'transactions.csv:2: column day: "0": expected a day, counted from 1',
    ],
    [
      files('a1,a2,5,x,1,09:00\n'),
      'transactions.csv:2: column priority: "x": expected a whole number',
    ],
    [
      files(`${ROW}a1,a2,5,1,3,09:00\n`),
      'transactions.csv:3: column day: "3": expected day 1: without num_days PSSimPy simulates one day; give a JSON file with {"num_days": 3}',
    ],
    [
      files('a1,a2\n'),
      'transactions.csv:2: expected well-formed CSV: Invalid Record Length: expect 6, got 2 on line 2',
    ],
    [
      files(ROW, {}, { 'accounts.csv': 'id,owner\na1,b1\na1,b2\n' }),
      'accounts.csv:3: column id: "a1": expected an id that no account before has',
    ],
    [
      files(ROW, {}, { 'accounts.csv': 'id,owner\na1,b1\na2,b7\n' }),
      'accounts.csv:3: column owner: "b7": expected a bank of the table of banks',
    ],
    [
      files(ROW, {}, { 'banks.csv': 'name\nb1\nb1\n' }),
      'banks.csv:3: column name: "b1": expected a name that no bank before has',
    ],
    [
      files(ROW, {}, { 'x.csv': 'a,b\n1,2\n' }),
      'x.csv:1: columns "a", "b": expected the columns of banks (name), of accounts (id, owner, balance), of transactions (sender_account, recipient_account, amount, time), or of a log of PSSimPy’s transactions (from_account, to_account, amount)',
    ],
    [
      files(ROW, {}, { 'x.csv': 'name\nb1\n' }),
      'x.csv: banks: expected one table of them, banks.csv has them too',
    ],
    [
      { 'banks.csv': BANKS, 'accounts.csv': ACCOUNTS },
      'banks.csv, accounts.csv: transactions: missing: expected a CSV with the columns sender_account, recipient_account, amount, or transactions in a JSON file of arguments',
    ],
    [
      files(ROW, { bank_failure: { 1: [['09:00', 'b7']] } }),
      'args.json: bank_failure: "b7": expected a bank of the table of banks',
    ],
    [
      files(ROW, { open_time: '17:00' }),
      'args.json: close_time: "17:00": expected a time after open_time, 17:00',
    ],
    [
      files(ROW, { queu: 'FIFOQueue' }),
      'args.json:1: queu: "FIFOQueue": expected a key of the schema; did you mean "queue"?',
    ],
    [
      files(ROW, { queue: 'MyQueue' }),
      'args.json:1: queue: "MyQueue": expected the name of one of PSSimPy’s own classes (DirectQueue, FIFOQueue, PriorityQueue); one written in Python cannot be imported',
    ],
    [
      {
        'a.json': JSON.stringify({
          banks: { name: ['b1'] },
          accounts: { id: ['a'], owner: ['b1'] },
          txn_arrival_prob: 0.5,
        }),
      },
      'a.json: txn_arrival_prob: 0.5: expected transactions: PSSimPy draws them without a seed, and no other program can repeat that; give the log NAME-transactions_arrival.csv that it wrote',
    ],
    [
      {
        'a.json': JSON.stringify({
          banks: { name: ['b1', 'b2'] },
          accounts: { id: ['a', 'b'], owner: ['b1'] },
        }),
        'transactions.csv': HEADER + ROW,
      },
      'a.json:1: accounts.owner: ["b1"]: expected 2 values, as id has, found 1',
    ],
  ];
  for (const written of ['90071992547409.93', '9007199254740993', '90071992547409.999'])
    for (const [table, path] of [
      [`[{"id":"a","owner":"b1","balance":${written}}]`, 'accounts[0].balance'],
      [`{"id":["a"],"owner":["b1"],"balance":[${written}]}`, 'accounts.balance[0]'],
    ] as const)
      cases.push([
        { ...files(ROW, {}), 'args.json': `{\n"accounts":${table}}` },
        `args.json:2: ${path}: ${written}: expected a number of at most 15 digits, or a text in quotes: a double does not hold it`,
      ]);
  for (const [given, message] of atLeast(32, cases))
    assert.throws(() => imported(given), { name: 'ScenarioError', message });
  assert.throws(() => imported(files(ROW), { ...CHOICES, currency: 'EURO' }), {
    message: '--currency EURO: expected a currency of ISO 4217, or XTS',
  });
});

test('numbers of JSON that a double holds are taken as they are written', () => {
  const balances = ['1250.50', '1.5e3', '100.0', '0', '90071992547409.5'].map(
    (balance, index) => `{"id":"a${index}","owner":"b1","balance":${balance}}`,
  );
  const { 'accounts.csv': _, ...others } = files('a1,a2,5,1,1,09:00\n');
  const { scenario } = imported(
    { ...others, 'args.json': `{"accounts":[${balances}]}` },
    { ...CHOICES, currency: 'EUR' },
  );
  assert.deepEqual(
    (scenario.participants as { accounts: { EUR: { balance: string } } }[]).map(
      ({ accounts }) => accounts.EUR.balance,
    ),
    ['1250.50', '1500.00', '100.00', '0.00', '90071992547409.50'],
  );
});

test('amounts with decimals are those of the currency chosen', () => {
  const { payments, scenario } = imported(files('a1,a2,1.50,1,1,9:05\n'), {
    ...CHOICES,
    currency: 'EUR',
  });
  assert.deepEqual(payments[0], {
    ...{ date: '2026-03-16', time: '09:05', debtor: 'A1XXXX00', creditor: 'A2XXXX00' },
    ...{ currency: 'EUR', amount: '1.50', priority: 'normal' },
  });
  const [first] = scenario.participants as { accounts: object }[];
  assert.deepEqual(first!.accounts, { EUR: { balance: '100.00', creditLine: '1.50' } });
});
