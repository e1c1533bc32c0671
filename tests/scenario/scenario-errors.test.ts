import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { idleLimitLines } from '../../services/run/summary-on-terminal.ts';
import { loadScenario } from '../../services/scenario/load-scenario.ts';
import { ScenarioError } from '../../services/scenario/scenario-error.ts';
import { genesisRecords } from '../../services/simulator/keys-and-genesis.ts';
import { loadText, replaced, TEST_FILE, TEST_YAML } from '../support/scenario.ts';

function messageOf(load: () => unknown): string {
  try {
    load();
  } catch (error) {
    if (error instanceof ScenarioError) return error.message;
    throw error;
  }
  return 'no error';
}

/** Mistake, the text replaced, by what, and what the message says after "pilots/test.yaml". */
const EDITS: readonly [string, string, string, string][] = [
  [
    'malformed YAML',
    'seed: 42',
    'seed: [42',
    ':3:1: expected well-formed YAML: Flow sequence in block collection must be sufficiently indented and end with a ]',
  ],
  [
    'a key twice',
    'seed: 42',
    'name: other\nseed: 42',
    ':2:1: expected well-formed YAML: Map keys must be unique',
  ],
  [
    'unknown key',
    'seed: 42',
    'sed: 42',
    ':2: sed: 42: expected a key of the schema; did you mean "seed"?',
  ],
  [
    'unknown key below',
    '{ opens: "08:00", closes',
    '{ opens: "08:00", close',
    ':6: currencies.EUR.close: "16:00": expected a key of the schema; did you mean "closes"?',
  ],
  [
    'unknown key, two edits from a known one',
    '{ opens: "08:00", closes',
    '{ oepns: "08:00", closes',
    ':6: currencies.EUR.oepns: "08:00": expected a key of the schema; did you mean "opens"?',
  ],
  [
    'unknown key, three edits from a known one',
    'seed: 42',
    'soldd: 42',
    ':2: soldd: 42: expected a key of the schema: name, description, seed, network, businessDates, zone, pools, currencies, securities, realBics, participants, rates, quotes, profiles, traffic, trades, chains, chainFlows, synchronisation, deposits, customerPayments, attestations, attestors, records, recordFlows, customers, anomalies, payments, settlement, statements, batchSize, tickMs, events',
  ],
  [
    'missing key',
    'name: test\n',
    '',
    ':1: name: missing: expected a name of at most 40 lower-case letters, digits and hyphens',
  ],
  [
    'seed not whole',
    'seed: 42',
    'seed: 1.5',
    ':2: seed: 1.5: expected a whole number from 0 to 9007199254740991',
  ],
  [
    'seed a text',
    'seed: 42',
    'seed: abc',
    ':2: seed: "abc": expected a whole number from 0 to 9007199254740991',
  ],
  [
    'impossible date',
    '2026-03-16]',
    '2026-02-30]',
    ':3: businessDates[0]: "2026-02-30": expected a date that the calendar has, from 1970 on',
  ],
  [
    'dates not ascending',
    '2026-03-16]',
    '2026-03-16, 2026-03-13]',
    ':3: businessDates[1]: "2026-03-13": expected a date after 2026-03-16',
  ],
  [
    'nothing opens',
    'EUR: { opens: "08:00", closes: "16:00", zone: UTC }\n  JPY: { opens: "07:00", closes: "15:00", zone: UTC }',
    'EUR: { opens: "08:00", closes: "16:00", zone: UTC, holidays: [2026-03-16] }\n  JPY: { opens: "07:00", closes: "15:00", zone: UTC, holidays: [2026-03-16] }',
    ':3: businessDates[0]: "2026-03-16": expected a date on which some currency opens',
  ],
  [
    'unknown zone',
    'closes: "16:00", zone: UTC',
    'closes: "16:00", zone: Mars/Base',
    ':6: currencies.EUR.zone: "Mars/Base": expected an IANA time zone',
  ],
  [
    'closes before opens',
    'closes: "16:00"',
    'closes: "07:59"',
    ':6: currencies.EUR.closes: "07:59": expected a time after opens, 08:00',
  ],
  [
    'no time of day',
    'closes: "16:00"',
    'closes: "16:60"',
    ':6: currencies.EUR.closes: "16:60": expected a time of day as HH:MM, up to 24:00',
  ],
  [
    'no currency of ISO 4217',
    '  JPY: { opens',
    '  JPX: { opens',
    ':7: currencies.JPX: "JPX": expected a currency of ISO 4217, or XTS',
  ],
  [
    'wrong minor units',
    '{ opens: "07:00"',
    '{ minorUnits: 2, opens: "07:00"',
    ':7: currencies.JPY.minorUnits: 2: expected 0, by ISO 4217',
  ],
  [
    'a maximum with too many decimals',
    '{ opens: "07:00"',
    '{ maximumPayment: "5.5", opens: "07:00"',
    ':7: currencies.JPY.maximumPayment: "5.5": expected at most 0 decimals, as JPY has',
  ],
  [
    'an earmark cap of nothing',
    '{ opens: "07:00"',
    '{ earmarkCap: "0", opens: "07:00"',
    ':7: currencies.JPY.earmarkCap: "0": expected an amount above 0',
  ],
  [
    'an earmark cap beyond 64 bits',
    '{ opens: "07:00"',
    '{ earmarkCap: "2562047788015216", opens: "07:00"',
    ':7: currencies.JPY.earmarkCap: "2562047788015216": expected at most 2^63 / 3,600 minor units',
  ],
  [
    'a maximum of nothing',
    '{ opens: "07:00"',
    '{ maximumPayment: "0", opens: "07:00"',
    ':7: currencies.JPY.maximumPayment: "0": expected an amount above 0',
  ],
  [
    'unknown currency of an account',
    '      EUR: { balance: "5000.00" }',
    '      USD: { balance: "5000.00" }',
    ':23: participants[2].accounts.USD: "USD": expected a currency of the scenario (EUR, JPY)',
  ],
  [
    'a bank twice',
    'bic: BBBBDE00',
    'bic: AAAADE00',
    ':14: participants[1].bic: "AAAADE00": expected each BIC once; participants[0] has this one',
  ],
  [
    'no test BIC',
    'bic: BBBBDE00',
    'bic: BBBBDEFF',
    ':14: participants[1].bic: "BBBBDEFF": expected a test BIC of 8 or 11 characters, the eighth a 0, such as "BANKDE00"',
  ],
  [
    'a negative amount',
    '"5000.00"',
    '"-5000.00"',
    ':23: participants[2].accounts.EUR.balance: "-5000.00": expected an amount of 0 or more as a decimal in quotes, such as "1250.00"',
  ],
  [
    'an amount of 2^63 minor units',
    '"5000.00"',
    '"92233720368547758.08"',
    ':23: participants[2].accounts.EUR.balance: "92233720368547758.08": expected at most 9223372036854775807 minor units (64 bits)',
  ],
  [
    'an amount of more digits than any that fits',
    '"5000.00"',
    '"10000000000000000000000.00"',
    ':23: participants[2].accounts.EUR.balance: "10000000000000000000000.00": expected at most 9223372036854775807 minor units (64 bits)',
  ],
  [
    'an amount without quotes',
    '"5000.00"',
    '5000.00',
    ':23: participants[2].accounts.EUR.balance: 5000: expected an amount of 0 or more as a decimal in quotes, such as "1250.00"',
  ],
  [
    'excess decimals',
    '"900000"',
    '"900000.5"',
    ':24: participants[2].accounts.JPY.balance: "900000.5": expected at most 0 decimals, as JPY has',
  ],
  [
    'beyond 64 bits',
    '"5000.00"',
    '"99999999999999999.00"',
    ':23: participants[2].accounts.EUR.balance: "99999999999999999.00": expected at most 9223372036854775807 minor units (64 bits)',
  ],
  [
    'balances beyond 64 bits',
    '"5000.00"',
    '"92233720368547758.00"',
    ':23: participants[2].accounts.EUR.balance: "92233720368547758.00": expected balances and lines whose sum fits 64 bits',
  ],
  [
    'a rate missing',
    'perBase: { JPY: "160.5" }',
    'perBase: {}',
    ':29: rates.perBase.JPY: missing: expected the rate of JPY for 1 EUR, for EUR/JPY',
  ],
  ['a rate of 0', '"160.5"', '"0.0"', ':29: rates.perBase.JPY: "0.0": expected a rate above 0'],
  [
    'a date of rates that is none',
    '  date: 2026-03-16',
    '  date: 2026-13-01',
    ':27: rates.date: "2026-13-01": expected a date that the calendar has, from 1970 on',
  ],
  [
    'a bank as dealer',
    '- dealer: DDDDJP00',
    '- dealer: AAAADE00',
    ':31: quotes[0].dealer: "AAAADE00": expected a participant whose role is dealer',
  ],
  [
    'a pair twice',
    'pairs: [EUR/JPY]',
    'pairs: [EUR/JPY, JPY/EUR]',
    ':32: quotes[0].pairs[1]: "JPY/EUR": expected each pair once for a dealer',
  ],
  [
    'a dealer without account',
    '      EUR: { balance: "5000.00" }\n',
    '',
    ':31: quotes[0].pairs[0]: "DDDDJP00": expected a participant with an account in EUR',
  ],
  [
    'nothing covered',
    ', JPY: "160000000"',
    '',
    ':34: quotes[0].covers.JPY: missing: expected the amount of JPY that a quote covers, for EUR/JPY',
  ],
  [
    'two pools',
    'zone: UTC\ncurrencies',
    'zone: UTC\npools: { west: [EUR], east: [JPY] }\ncurrencies',
    ':33: quotes[0].pairs[0]: "EUR/JPY": expected two currencies of one pool',
  ],
  [
    'a currency in no pool',
    'zone: UTC\ncurrencies',
    'zone: UTC\npools: { west: [EUR] }\ncurrencies',
    ':5: pools: ["west"]: expected a pool for JPY',
  ],
  [
    'a currency in two pools',
    'zone: UTC\ncurrencies',
    'zone: UTC\npools: { west: [EUR, JPY], east: [JPY] }\ncurrencies',
    ':5: pools.east[0]: "JPY": expected each currency once; pools.west has it',
  ],
  [
    'parts that overlap',
    'from: "10:00"',
    'from: "09:30"',
    ':40: profiles.day.parts[1].from: "09:30": expected a time from 10:00 on, where the part before ends',
  ],
  [
    'an unknown profile',
    'profile: day\n    dealers',
    'profile: night\n    dealers',
    ':52: traffic[1].profile: "night": expected a name in profiles',
  ],
  [
    'no common hours',
    'closes: "15:00"',
    'closes: "08:00"',
    ':52: traffic[1].profile: "day": expected arrivals while EUR and JPY are open on 2026-03-16',
  ],
  [
    'a huge count',
    'paymentsPerDate: 50',
    'paymentsPerDate: 5000001',
    ':44: traffic[0].paymentsPerDate: 5000001: expected a whole number from 0 to 5000000',
  ],
  [
    'a flow twice',
    'name: eur-jpy',
    'name: eur',
    ':48: traffic[1].name: "eur": expected each name once; traffic[0] has this one',
  ],
  [
    'an unknown currency of a flow',
    'from: EUR\n    to: JPY',
    'from: EUR\n    to: USD',
    ':50: traffic[1].to: "USD": expected a currency of the scenario (EUR, JPY)',
  ],
  [
    'no dealer',
    '    dealers: { DDDDJP00: 1 }\n',
    '',
    ':48: traffic[1].dealers: missing: expected at least one dealer with a weight above 0 for EUR/JPY',
  ],
  [
    'a dealer who does not quote',
    'dealers: { DDDDJP00: 1 }',
    'dealers: { BBBBDE00: 1 }',
    ':53: traffic[1].dealers.BBBBDE00: "BBBBDE00": expected a dealer that quotes EUR/JPY',
  ],
  [
    'a median below the least',
    'median: "20.00"',
    'median: "0.50"',
    ':46: traffic[0].amounts.median: "0.50": expected an amount from min to max',
  ],
  [
    'a negative weight',
    'urgent: 1',
    'urgent: -1',
    ':47: traffic[0].priorities.urgent: -1: expected a weight of 0 or more',
  ],
  [
    'no priority',
    'urgent: 1, high: 2, normal: 7',
    'urgent: 0',
    ':47: traffic[0].priorities: {"urgent":0,"high":0,"normal":0}: expected a weight above 0',
  ],
  [
    'a bank that pays itself',
    'priorities: { urgent: 1, high: 2, normal: 7 }',
    'matrix: { AAAADE00: { AAAADE00: 1 } }',
    ':47: traffic[0].matrix.AAAADE00.AAAADE00: "AAAADE00": expected a bank other than the debtor\'s',
  ],
  [
    'a list that is a text',
    'pairs: [EUR/JPY]',
    'pairs: EUR/JPY',
    ':32: quotes[0].pairs: "EUR/JPY": expected a list with at least 1 entry',
  ],
  [
    'a mapping that is a list',
    'amounts: { median',
    'amounts: [median] # { median',
    ':46: traffic[0].amounts: ["median"]: expected a mapping',
  ],
];

/** Mistake, what is appended to the file, and the message after "pilots/test.yaml". */
const ADDITIONS: readonly [string, string, string][] = [
  [
    'an unknown bank of an event',
    'events:\n  outages:\n    - { participant: AAABDE00, from: "09:00" }\n',
    ':57: events.outages[0].participant: "AAABDE00": expected a participant of the scenario; did you mean "AAAADE00"?',
  ],
  [
    'a time outside the day',
    'events:\n  outages:\n    - { participant: AAAADE00, from: "06:59" }\n',
    ':57: events.outages[0].from: "06:59": expected a time inside the day, 2026-03-16 07:00 to 2026-03-16 16:00 UTC',
  ],
  [
    'a time on a calendar day that the day does not reach',
    'events:\n  outages:\n    - { participant: AAAADE00, from: "15:00", until: "01:00+1" }\n',
    ':57: events.outages[0].until: "01:00+1": expected a time inside the day, 2026-03-16 07:00 to 2026-03-16 16:00 UTC',
  ],
  [
    'another calendar day that is none',
    'events:\n  outages:\n    - { participant: AAAADE00, from: "01:00+3" }\n',
    ':57: events.outages[0].from: "01:00+3": expected a time of day as HH:MM or HH:MM:SS, with +1 behind it on the calendar day after the date',
  ],
  [
    'an outage that ends before',
    'events:\n  outages:\n    - { participant: AAAADE00, from: "10:00", until: "09:00" }\n',
    ':57: events.outages[0].until: "09:00": expected a time after from, 10:00',
  ],
  [
    'a reaction when the outage is over',
    'events:\n  outages:\n    - { participant: AAAADE00, from: "10:00", until: "10:30", othersStopPayingAfterSeconds: 1800 }\n',
    ':57: events.outages[0].othersStopPayingAfterSeconds: 1800: expected less than the outage takes, 1800 s',
  ],
  [
    'payments taken back by nobody',
    'events:\n  outages:\n    - { participant: AAAADE00, from: "10:00", queuedToIt: cancelled }\n',
    ':57: events.outages[0].queuedToIt: "cancelled": expected left, or othersStopPayingAfterSeconds beside it',
  ],
  [
    'a deferral by nobody',
    'events:\n  outages:\n    - { participant: AAAADE00, from: "10:00", sends: true }\n',
    ':57: events.outages[0].sends: true: expected othersStopPayingAfterSeconds beside it, as nothing else happens',
  ],
  [
    'a date without business',
    'events:\n  outages:\n    - { participant: AAAADE00, from: "10:00", date: 2026-03-17 }\n',
    ':57: events.outages[0].date: "2026-03-17": expected one of the business dates (2026-03-16)',
  ],
  [
    'issuing nothing',
    'events:\n  issues:\n    - { participant: AAAADE00, currency: EUR, amount: "0", at: "09:00" }\n',
    ':57: events.issues[0].amount: "0": expected an amount above 0',
  ],
  [
    'a line in an unknown currency',
    'events:\n  creditLines:\n    - { participant: AAAADE00, currency: USD, amount: "1", at: "09:00" }\n',
    ':57: events.creditLines[0].currency: "USD": expected a currency of the scenario (EUR, JPY)',
  ],
  [
    'every 0th',
    'events:\n  corruptSignatures:\n    - { participant: AAAADE00, every: 0 }\n',
    ':57: events.corruptSignatures[0].every: 0: expected a whole number from 1 to 10000000',
  ],
  [
    'an unknown mechanism',
    'settlement: { cycle: gridlock }\n',
    ':55: settlement.cycle: "gridlock": expected one of off, gridlockResolution, allOrNothing, partial, multiple, bankClearing',
  ],
  [
    'a cycle every day and more',
    'settlement: { cycleEverySeconds: 86401 }\n',
    ':55: settlement.cycleEverySeconds: 86401: expected a whole number from 0 to 86400',
  ],
  [
    'a misspelt key of settlement',
    'settlement: { cycleEverySecond: 5 }\n',
    ':55: settlement.cycleEverySecond: 5: expected a key of the schema; did you mean "cycleEverySeconds"?',
  ],
  [
    'rules for a currency that there is not',
    'settlement: { currencies: { USD: { queue: fifo } } }\n',
    ':55: settlement.currencies.USD: "USD": expected a currency of the scenario (EUR, JPY)',
  ],
  [
    'a corridor in a currency that there is not',
    'settlement: { corridorLimits: [{ from: DE, to: JP, currency: USD, amount: "5" }] }\n',
    ':55: settlement.corridorLimits[0].currency: "USD": expected a currency of the scenario (EUR, JPY)',
  ],
  [
    'a corridor to no country',
    'settlement: { corridorLimits: [{ from: DE, to: japan, currency: EUR, amount: "5" }] }\n',
    ':55: settlement.corridorLimits[0].to: "japan": expected a country code of two capital letters (ISO 3166)',
  ],
  [
    'a limit of a corridor with too many decimals',
    'settlement: { corridorLimits: [{ from: DE, to: JP, currency: JPY, amount: "5.5" }] }\n',
    ':55: settlement.corridorLimits[0].amount: "5.5": expected at most 0 decimals, as JPY has',
  ],
  [
    'two limits of one corridor',
    'settlement:\n  corridorLimits:\n    - { from: DE, to: JP, currency: EUR, amount: "5" }\n    - { from: DE, to: JP, currency: EUR, amount: "6" }\n',
    ':58: settlement.corridorLimits[1]: "DE to JP in EUR": expected each corridor once',
  ],
  [
    'a cycle in the night',
    'settlement: { currencies: { JPY: { cyclesAt: ["16:00"] } } }\n',
    ':55: settlement.currencies.JPY.cyclesAt[0]: "16:00": expected a time while JPY is open',
  ],
  [
    'trades in one currency',
    'trades:\n  - { name: t, delivers: EUR, receives: EUR, tradesPerDate: 1, profile: day, price: "1", amounts: { median: "1", sigma: 0, min: "1", max: "1" } }\n',
    ':56: trades[0].receives: "EUR": expected another currency, or a security, for EUR',
  ],
  [
    'a price with too many decimals',
    'trades:\n  - { name: t, delivers: EUR, receives: JPY, tradesPerDate: 1, profile: day, price: "1.0000000000019", amounts: { median: "1", sigma: 0, min: "1", max: "1" } }\n',
    ':56: trades[0].price: "1.0000000000019": expected an exchange rate as a decimal in quotes, such as "1.1478", with at most 12 decimals',
  ],
  [
    'trades with a flow’s name',
    'trades:\n  - { name: eur, delivers: EUR, receives: JPY, tradesPerDate: 1, profile: day, amounts: { median: "1", sigma: 0, min: "1", max: "1" } }\n',
    ':56: trades[0].name: "eur": expected each name once, among flows and trades',
  ],
  [
    'trades without a price',
    'securities: { XS0000000009: { opens: "08:00", closes: "16:00", zone: UTC } }\ntrades:\n  - { name: t, delivers: EUR, receives: XS0000000009, tradesPerDate: 1, profile: day, amounts: { median: "1", sigma: 0, min: "1", max: "1" } }\n',
    ':57: trades[0].price: missing: expected the price of EUR in XS0000000009, or reference rates for the pair',
  ],
  [
    'a security with a wrong check digit',
    'securities: { XS0000000008: { opens: "08:00", closes: "16:00", zone: UTC } }\n',
    ':55: securities.XS0000000008: "XS0000000008": expected an ISIN whose check digit fits (ISO 6166)',
  ],
  [
    'a limit against itself',
    'events:\n  limits:\n    - { participant: AAAADE00, counterparty: AAAADE00, currency: EUR, amount: "1", at: "09:00" }\n',
    ':57: events.limits[0].counterparty: "AAAADE00": expected another participant',
  ],
  [
    'a default of nobody',
    'events:\n  defaults:\n    - { participant: AAAADE01, at: "09:00" }\n',
    ':57: events.defaults[0].participant: "AAAADE01": expected a participant of the scenario; did you mean "AAAADE00"?',
  ],
  [
    'a haircut of more than all',
    'events:\n  collaterals:\n    - { participant: AAAADE00, currency: EUR, amount: "1", haircutBasisPoints: 10001, at: "09:00" }\n',
    ':57: events.collaterals[0].haircutBasisPoints: 10001: expected a whole number from 0 to 10000',
  ],
  ['a batch of 0', 'batchSize: 0\n', ':55: batchSize: 0: expected a whole number from 1 to 65536'],
];

test('a real BIC is taken where the scenario says so, and nowhere else', () => {
  const real = replaced(TEST_YAML, 'bic: BBBBDE00', 'bic: BBBBDEFF');
  assert.throws(() => loadText(`realBics: false\n${real}`), /participants\[1\]\.bic: "BBBBDEFF"/);
  const { participants } = loadText(`realBics: true\n${real}`);
  assert.equal(participants[1]?.bic, 'BBBBDEFF');
});

describe('a scenario that is wrong', () => {
  for (const [mistake, piece, by, expected] of EDITS)
    test(mistake, () => {
      const message = messageOf(() => loadText(replaced(TEST_YAML, piece, by)));
      assert.equal(message, TEST_FILE + expected);
    });
  for (const [mistake, added, expected] of ADDITIONS)
    test(mistake, () => {
      const message = messageOf(() => loadText(TEST_YAML + added));
      assert.equal(message, TEST_FILE + expected);
    });

  test('a flow to another pool', () => {
    const set = ['quotes=[]', 'pools={ west: [EUR], east: [JPY] }'];
    assert.equal(
      messageOf(() => loadText(TEST_YAML, set)),
      'pilots/test.yaml:50: traffic[1].to: "JPY": expected a currency of the same pool as EUR',
    );
  });

  test('too many payments over all flows and dates', () => {
    const set = ['traffic.eur.paymentsPerDate=5000000', 'traffic.eur-jpy.paymentsPerDate=5000000'];
    const dates = 'businessDates=[2026-03-16, 2026-03-17]';
    assert.equal(
      messageOf(() => loadText(TEST_YAML, [...set, dates])),
      'pilots/test.yaml: --set traffic.eur-jpy.paymentsPerDate=5000000: traffic[1].paymentsPerDate: 5000000: expected at most 10000000 payments over all flows and dates',
    );
  });

  test('not a mapping', () => {
    assert.equal(
      messageOf(() => loadText('- a list\n')),
      'pilots/test.yaml:1: (the whole file): ["a list"]: expected a scenario, as a mapping',
    );
  });

  test('an empty file', () => {
    assert.equal(
      messageOf(() => loadText('')),
      'pilots/test.yaml:1: (the whole file): null: expected a scenario, as a mapping',
    );
  });

  test('a file that cannot be read', () => {
    const readFile = () => {
      throw new Error('ENOENT: no such file');
    };
    assert.equal(
      messageOf(() => loadScenario('gone.yaml', { readFile })),
      'gone.yaml: cannot be read: ENOENT: no such file',
    );
  });

  test('nothing to pay', () => {
    const yaml = `${TEST_YAML.slice(0, TEST_YAML.indexOf('traffic:'))}`;
    assert.equal(
      messageOf(() => loadText(yaml)),
      'pilots/test.yaml:1: traffic: []: expected a flow, trades, chains, records, or payments from a CSV',
    );
  });
});

describe('a scenario that is right', () => {
  const scenario = loadText(TEST_YAML);

  test('has its names as numbers and its money in minor units', () => {
    assert.deepEqual(
      scenario.currencies.map(({ code, minorUnits, pool }) => [code, minorUnits, pool]),
      [
        ['EUR', 2, 0],
        ['JPY', 0, 0],
      ],
    );
    const none = { collateral: null, netDebitCapMinor: null, bilateralCaps: [] };
    assert.deepEqual(scenario.participants[0]?.accounts, [
      { currency: 0, balanceMinor: 100000n, creditLineMinor: 5000n, ...none },
      { currency: 1, balanceMinor: 100000n, creditLineMinor: 0n, ...none },
    ]);
    assert.deepEqual(scenario.pools, [{ name: 'main', currencies: [0, 1] }]);
  });

  test('has the most of a payment in minor units, where it says so', () => {
    const bounded = TEST_YAML.replace(
      '{ opens: "07:00"',
      '{ maximumPayment: "500", opens: "07:00"',
    );
    assert.deepEqual(
      loadText(bounded).currencies.map(({ maximumMinor }) => maximumMinor),
      [undefined, 500n],
    );
  });

  test('has the cap on earmarks in minor units x seconds, and so has the record of the currency', () => {
    const capped = loadText(
      TEST_YAML.replace('{ opens: "07:00"', '{ earmarkCap: "500", opens: "07:00"'),
    );
    const [pool] = capped.pools as [(typeof capped.pools)[number]];
    assert.deepEqual(
      genesisRecords(capped, pool, 0, () => new Uint8Array(32)).flatMap((record) =>
        record.kind === 'currency' ? [record.earmarkCapMinorSeconds] : [],
      ),
      [undefined, '1800000'],
    );
  });

  test('has banks that are told in XML, by their registration, and no other is registered otherwise', () => {
    const withSyntax = (syntax: string) =>
      loadText(replaced(TEST_YAML, 'name: Bank A', `name: Bank A\n    syntax: ${syntax}`));
    const founded = (of: typeof scenario) =>
      genesisRecords(of, of.pools[0] as (typeof of.pools)[number], 0, () => new Uint8Array(32));
    const told = founded(withSyntax('xml'));
    const syntaxes = told.flatMap((record) =>
      record.kind === 'participant' ? [[record.bic, record.syntax]] : [],
    );
    assert.deepEqual(syntaxes, [
      ['AAAADE00', 'xml'],
      ['BBBBDE00', undefined],
      ['DDDDJP00', undefined],
    ]);
    const plain = told.map((record) =>
      record.kind === 'participant' && record.syntax ? { ...record, syntax: undefined } : record,
    );
    assert.equal(JSON.stringify(plain), JSON.stringify(founded(scenario)));
    assert.match(
      messageOf(() => withSyntax('csv')),
      /participants\[0\]\.syntax: "csv": expected one of json, xml/,
    );
  });

  test('has limits of corridors in minor units, and its genesis has room for them and no others', () => {
    const limited = loadText(
      `${TEST_YAML}settlement: { corridorLimits: [{ from: DE, to: JP, currency: EUR, amount: "12.50" }] }\n`,
    );
    const [pool] = limited.pools as [(typeof limited.pools)[number]];
    const founded = (of: typeof limited) => genesisRecords(of, pool, 0, () => new Uint8Array(32));
    const said = founded(limited).flatMap((record) =>
      record.kind === 'corridorLimit'
        ? [[record.currency, record.from, record.to, record.limitMinor]]
        : [],
    );
    assert.deepEqual(said, [['EUR', 'DE', 'JP', '1250']]);
    const roomOf = ([genesis]: ReturnType<typeof founded>) =>
      genesis?.kind === 'genesis' && genesis.limits.corridorLimits;
    assert.deepEqual([roomOf(founded(limited)), roomOf(founded(scenario))], [1, undefined]);
  });

  test('a limit of a corridor in which no account lies is told', () => {
    const limits = (...corridors: readonly string[]) =>
      loadText(
        `${TEST_YAML}settlement: { corridorLimits: [${corridors
          .map((corridor) => `{ ${corridor}, amount: "5" }`)
          .join(', ')}] }\n`,
      );
    const whole = limits('from: DE, to: JP, currency: EUR', 'from: JP, to: DE, currency: JPY');
    assert.equal(idleLimitLines(whole), '');
    assert.equal(idleLimitLines(scenario), '');
    assert.equal(
      idleLimitLines(limits('from: DX, to: JP, currency: EUR', 'from: DE, to: XX, currency: JPY')),
      [
        'corridor limit in EUR from DX to JP: it bounds nothing, as no bank of DX has an account in EUR; there is DE, JP\n',
        'corridor limit in JPY from DE to XX: it bounds nothing, as no bank of XX has an account in JPY; there is DE, JP\n',
      ].join(''),
    );
  });

  test('has limits across currencies in minor units, and weights for what they are about', () => {
    assert.ok(scenario.currencies.every(({ weight }) => weight === 0n));
    const across = `    acrossCurrencies: { currency: EUR, aggregateShortLimit: "12.50" }
  - bic: BBBBDE00`;
    const limited = loadText(replaced(TEST_YAML, '  - bic: BBBBDE00', across));
    assert.deepEqual(limited.participants[0]?.acrossCurrencies, {
      currency: 0,
      aggregateShortMinor: 1250n,
      pooledCollateralMinor: null,
    });
    // 160.5 JPY for a euro: a yen is worth 100 / 160.5 cents.
    assert.deepEqual(
      limited.currencies.map(({ weight }) => weight),
      [100_000_000_000_000n, 62_305_295_950_156n],
    );
  });

  test('has the defaults that the schema names', () => {
    assert.equal(scenario.network, 'sandbox-1');
    assert.equal(scenario.batchSize, 512);
    assert.equal(scenario.tickMs, 1000);
    const rules = {
      queueRule: 'bypass-fifo',
      cycleMechanism: 'gridlockResolution',
      atClose: 'cancel',
      entryOffsetting: false,
      bilateralOffsetting: false,
      offsettingMinimumMs: 0,
      deferredNetClasses: 'all',
      defaultRule: 'unwind',
    };
    assert.deepEqual(scenario.settlement, {
      rules: [rules, rules],
      common: rules,
      cycleEveryMs: 60_000,
      pvpTimeoutMs: 3_600_000,
      certificates: false,
      identityDays: 5,
      preValidation: [],
      corridorLimits: [],
    });
  });

  test('quotes both directions: 160.5 less 10 basis points, and 1 / 160.5 less 10', () => {
    assert.deepEqual(
      scenario.quotes.map(({ from, to, rate }) => [from, to, rate]),
      [
        [0, 1, { mantissa: 1603395n, scale: 4 }],
        [1, 0, { mantissa: 62242991n, scale: 10 }],
      ],
    );
  });

  test('cuts arrivals to the hours in which both currencies are open', () => {
    const late = loadText(TEST_YAML, ['currencies.JPY.opens=09:00', 'currencies.JPY.closes=11:00']);
    const at = (hour: number) => Date.UTC(2026, 2, 16, hour);
    assert.deepEqual(late.flows[1]?.arrivals, [
      [
        { fromMs: at(9), toMs: at(10), weight: 0.5 },
        { fromMs: at(10), toMs: at(11), weight: 0.75 },
      ],
    ]);
  });

  test('takes the seed that it is given', () => {
    const readFile = () => TEST_YAML;
    assert.equal(loadScenario(TEST_FILE, { readFile, seed: 9 }).seed, 9);
  });
});
