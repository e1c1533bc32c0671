/** PSSimPy's tables out: an import, exported and imported again, has the same payments; what is left out is told. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { stringify } from 'csv-stringify/sync';
import { type PssimpyTables, pssimpyTablesOf } from '../../services/export/scenario-to-pssimpy.ts';
import type { RivalImport } from '../../services/import/rival-folder.ts';
import { loadScenario } from '../../services/scenario/load-scenario.ts';
import { planPayments } from '../../services/scenario/payments-in-sending-order.ts';
import { atLeast } from '../support/at-least.ts';
import { load, scenarioFile } from '../support/run.ts';
import {
  CHOICES,
  dayFiles,
  drawnDay,
  fixtureText,
  imported,
  scenarioOf,
  settledMinutes,
} from './pssimpy-files.ts';

/** As `corridor export` writes them. */
const filesOf = ({ banks, accounts, transactions, args }: PssimpyTables) => ({
  'banks.csv': stringify(
    banks.map((name) => ({ name })),
    { header: true },
  ),
  'accounts.csv': stringify([...accounts], { header: true }),
  'transactions.csv': stringify([...transactions], { header: true }),
  'arguments.json': JSON.stringify(args),
});
const sorted = ({ payments }: RivalImport) => payments.map((one) => JSON.stringify(one)).sort();

test('in, out and in again: the same payments and the same outcome', async () => {
  const sources = [
    ...['quickstart', 'ring'].map((name) => ({ 'a.json': fixtureText(`pssimpy-${name}.json`) })),
    ...[1, 2, 3].map((seed) =>
      dayFiles(drawnDay(seed, 80, 15), {
        ...{ queue: 'FIFOQueue', credit_facility: 'SimpleCollateralized' },
      }),
    ),
  ];
  for (const source of atLeast(5, sources)) {
    const once = imported(source);
    const scenario = scenarioOf(once);
    const twice = imported(filesOf(pssimpyTablesOf(scenario, undefined)));
    assert.deepEqual(sorted(twice), sorted(once));
    assert.ok(
      [...twice.bics].every(([name, bic]) => name === bic),
      'its names are test BICs already',
    );
    assert.deepEqual(await settledMinutes(scenarioOf(twice)), await settledMinutes(scenario));
  }
});

test('of priorities the order comes back', () => {
  const transactions =
    'sender_account,recipient_account,amount,priority,time\na,b,1,7,09:00\na,b,2,2,09:01\na,b,3,4,09:02\n';
  const once = imported({
    'b.csv': 'name\na\nb\n',
    'a.csv': 'id,owner,balance\na,a,9\nb,b,9\n',
    't.csv': transactions,
    'x.json': '{"queue":"PriorityQueue","credit_facility":"SimpleCollateralized"}',
  });
  assert.deepEqual(
    once.payments.map(({ priority }) => priority),
    ['normal', 'urgent', 'high'],
  );
  const out = pssimpyTablesOf(scenarioOf(once), undefined);
  assert.equal(out.args.queue, 'PriorityQueue');
  assert.deepEqual(
    out.transactions.map(({ priority }) => priority),
    [3, 1, 2],
  );
  assert.deepEqual(sorted(imported(filesOf(out))), sorted(once));
});

test('drawn payments go out: in one currency every booking that the plan has, to the minute', () => {
  for (const [name, code] of atLeast(3, [
    ['smoke', 'EUR'],
    ['smoke', 'SGD'],
    ['limits-hybrid', 'EUR'],
  ] as const)) {
    const scenario = load(name);
    const currency = scenario.currencies.findIndex((one) => one.code === code);
    const { transactions, accounts, differences } = pssimpyTablesOf(scenario, code);
    // Value out of and into each bank, in minor units.
    const wanted = new Map<string, bigint>();
    const move = (of: Map<string, bigint>, bic: string, by: bigint) =>
      of.set(bic, (of.get(bic) ?? 0n) + by);
    const bic = (participant: number) => scenario.participants[participant]!.bic;
    for (const one of planPayments(scenario)) {
      if (one.isRepeat) continue;
      const inner = one.dealer ?? one.creditorAgent;
      if (one.currency === currency) {
        move(wanted, bic(one.debtorAgent), -one.amountMinor);
        move(wanted, bic(inner), one.amountMinor);
      } else if (one.dealer !== null && one.currency2 === currency) {
        move(wanted, bic(one.dealer), -one.amount2Minor!);
        move(wanted, bic(one.creditorAgent), one.amount2Minor!);
      }
    }
    const found = new Map<string, bigint>();
    for (const { sender_account: debtor, recipient_account: creditor, amount } of transactions) {
      const minor = BigInt(amount.replace('.', ''));
      move(found, debtor, -minor);
      move(found, creditor, minor);
    }
    assert.deepEqual([...found].sort(), [...wanted].sort());
    assert.ok(transactions.length > 100 && accounts.length > 3);
    assert.match(differences.join('\n'), /in other currencies or securities: left out/);
  }
});

const LIMIT = 'events.limits=[{ participant: BONEDE00, currency: XTS, at: "08:10", amount: "5" }]';

test('what PSSimPy does not have is told where the scenario has it', () => {
  const told = (name: string, code: string | undefined, ...set: string[]) =>
    pssimpyTablesOf(load(name, set), code).differences.join('\n');
  const plain = told(
    'pssimpy-ring',
    undefined,
    'settlement.cycle=off',
    'settlement.queue=bypass-fifo',
  );
  const cases: [said: RegExp, text: string][] = [
    [/over two currencies: the part in EUR/, told('smoke', 'EUR')],
    [/legs of PvP or DvP/, told('limits-hybrid', 'EUR')],
    [/10 legs of chains: each is a payment by itself/m, told('agora-chains', 'EUR')],
    [/Limits, reservations and caps/, told('limits-hybrid', 'EUR')],
    [/Events left out: .*limits/, told('pssimpy-ring', 'XTS', LIMIT)],
    [/[1-9][0-9]* payments that the sender asks to cancel/, told('limits-hybrid', 'EUR')],
    [/sent within a minute/, told('smoke', 'EUR')],
    [/Credit lines and collateral/, told('smoke', 'EUR')],
    [/strictly FIFO/, told('pssimpy-ring', undefined)],
    [/PSSimPy saves no liquidity/, told('pssimpy-ring', undefined)],
    [/by dns; PSSimPy nets nothing/, told('pssimpy-ring', undefined, 'settlement.mechanism=dns')],
    [/is a bank_failure/, told('pssimpy-quickstart', undefined)],
    [/ends at 23:59/, told('pssimpy-ring', undefined, 'currencies.XTS.closes=24:00')],
    [
      /6 payments sent outside the hours/,
      told(
        'pssimpy-ring',
        'XTS',
        'currencies.EUR={ opens: "00:00", closes: "24:00", zone: UTC }',
        'currencies.XTS.opens=09:15',
      ),
    ],
  ];
  for (const [said, text] of atLeast(13, cases)) {
    assert.match(text, said);
    assert.doesNotMatch(plain, said);
  }
  assert.match(plain, /day 3 is 2026-03-18/);
});

/** The ring with a table of payments of its own. */
function ringWith(rows: string, ...set: string[]): PssimpyTables {
  const header =
    'date,time,debtor,creditor,currency,amount,priority,earliest,latest,cancelAfterSeconds\n';
  const readFile = (path: string) =>
    path.endsWith('.csv') ? header + rows : readFileSync(path, 'utf8');
  return pssimpyTablesOf(loadScenario(scenarioFile('pssimpy-ring'), { readFile, set }), undefined);
}

test('what happens to single payments is told with their number, and nowhere else', () => {
  const row = (time: string, more = ',,', to = 'BTWODE00') =>
    `2026-03-16,${time},BONEDE00,${to},XTS,1,normal,${more}\n`;
  const down = (more: string) =>
    `events.outages=[{ participant: BTWODE00, from: "08:30"${more}, othersStopPayingAfterSeconds: 600 }]`;
  const six = row('08:20') + row('08:45').repeat(2) + row('09:00', ',,', 'BTHRDE00').repeat(3);
  const every = (name: string, more: string) =>
    `events.${name}=[{ participant: BONEDE00, every: 2${more} }]`;
  const plain = ringWith(six).differences.join('\n');
  const cases: [said: RegExp, made: PssimpyTables, transactions: number][] = [
    [/^1 payment with an earliest time/m, ringWith(six + row('09:00', '09:30,,')), 7],
    [/^2 payments with a latest time/m, ringWith(six + row('09:00', ',09:30,').repeat(2)), 8],
    [/^1 payment that the sender asks to cancel/m, ringWith(six + row('09:00', ',,60')), 7],
    [/^3 payments that the sender asks to cancel/m, ringWith(six, every('cancellations', '')), 6],
    [/^3 payments moved/m, ringWith(six, every('reorderings', ', priority: high')), 6],
    [/^3 payments sent a second time/m, ringWith(six, every('repeatMessages', '')), 6],
    [/^3 payments with a corrupted signature/m, ringWith(six, every('corruptSignatures', '')), 6],
    [/^2 payments that the others do not send/m, ringWith(six, down('')), 6],
    [/^1 payment to a bank in an outage/m, ringWith(six, down(', queuedToIt: cancelled')), 6],
    [
      /^1 payment to a bank in an outage/m,
      ringWith(six, down(', until: "09:30", queuedToIt: cancelled')),
      6,
    ],
  ];
  for (const [said, { differences, transactions: rows }, count] of atLeast(10, cases)) {
    assert.match(differences.join('\n'), said);
    assert.doesNotMatch(plain, said);
    assert.equal(rows.length, count);
    assert.doesNotMatch(differences.join('\n'), /Events left out/);
  }
  const left = ringWith(six, down(', until: "09:30"')).differences.join('\n');
  assert.doesNotMatch(left, /do not send|ask to cancel/, 'they are sent at its end, as here');
});

test('the end of day is that of the currency, where it has a rule of its own', () => {
  const clears = (...set: string[]) =>
    pssimpyTablesOf(load('pssimpy-ring', set), undefined).args.eod_clear_queue;
  const own = (rule: string) => `settlement.currencies.XTS={ atClose: ${rule} }`;
  assert.equal(clears(own('carry-over')), false);
  assert.equal(clears('settlement.atClose=carry-over', own('cancel')), true);
});

test('arguments: hours, days, and who fails when', () => {
  const { args, accounts, transactions } = pssimpyTablesOf(load('pssimpy-quickstart'), undefined);
  assert.equal(
    transactions.length,
    6,
    'what a failed bank would send is there, for PSSimPy to fail',
  );
  assert.deepEqual(args, {
    name: 'pssimpy-quickstart',
    ...{ open_time: '08:00', close_time: '17:00', processing_window: 1, num_days: 1 },
    ...{ queue: 'FIFOQueue', credit_facility: 'SimpleCollateralized', eod_clear_queue: true },
    bank_failure: {
      1: [
        ['08:15', 'BONEDE00'],
        ['13:00', 'BTWODE00'],
      ],
    },
  });
  const credit = pssimpyTablesOf(
    load('pssimpy-quickstart', [
      'participants.BONEDE00.accounts.XTS.creditLine=7',
      'participants.BONEDE00.accounts.XTS.collateral={ amount: "10", haircutBasisPoints: 1500 }',
    ]),
    undefined,
  ).accounts;
  assert.equal(accounts[0]!.posted_collateral, '0');
  assert.equal(credit[0]!.posted_collateral, '15');
});

test('one of several currencies has to be named', () => {
  assert.throws(() => pssimpyTablesOf(load('smoke'), undefined), {
    message: /smoke\.yaml: currencies EUR, SGD: expected --currency with one of them/,
  });
  assert.throws(() => pssimpyTablesOf(load('smoke'), 'USD'), {
    message: /^--currency USD: expected one of .*smoke\.yaml: EUR, SGD$/,
  });
  assert.equal(CHOICES.currency, 'XTS');
});
