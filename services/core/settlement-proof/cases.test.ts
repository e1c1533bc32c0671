import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { type Accounts, createWorld, type Rules } from './words.ts';

const wasm = new WebAssembly.Module(
  readFileSync(new URL('../../../assembly/corridor.wasm', import.meta.url)),
);

interface Case {
  readonly name: string;
  readonly rules?: Rules;
  readonly accounts: Accounts;
  readonly minorUnits?: Readonly<Record<string, number>>;
  /** A record in words and the events that it causes, in words (words.ts). */
  readonly rows: readonly (readonly [string, ...string[]])[];
  readonly after?: Readonly<Record<string, number>>;
}

const RESOLUTION = { gridlockResolution: true } as const;
const PVP = { 'A EUR': 100, 'B USD': 0, 'D EUR': 0, 'D USD': 110 };

const CASES: readonly Case[] = [
  {
    name: 'a payment settles at entry, or queues for want of a single minor unit',
    accounts: { 'A EUR': 100, 'B EUR': 0 },
    rows: [
      ['open EUR 1', 'EUR opened'],
      ['pay p1 A>B 60 EUR', 'p1 settled entry'],
      ['pay p2 A>B 41 EUR', 'p2 queued'],
      ['issue A EUR 1', 'issued', 'p2 settled queue'],
    ],
    after: { 'A EUR': 0, 'B EUR': 101 },
  },
  {
    name: 'strict FIFO: what fits waits behind what does not; a higher priority passes',
    accounts: { 'A EUR': 50, 'B EUR': 0 },
    rows: [
      ['open EUR 1', 'EUR opened'],
      ['pay p1 A>B 100 EUR', 'p1 queued'],
      ['pay p2 A>B 10 EUR', 'p2 queued'],
      ['pay p3 A>B 20 EUR urgent', 'p3 settled entry'],
      ['pay p4 A>B 40 EUR high', 'p4 queued'],
      ['pay p5 A>B 5 EUR high', 'p5 queued'],
      ['pay p6 A>B 5 EUR urgent', 'p6 settled entry'],
      ['issue A EUR 15', 'issued', 'p4 settled queue'],
      ['issue A EUR 5', 'issued', 'p5 settled queue'],
      ['issue A EUR 110', 'issued', 'p1 settled queue', 'p2 settled queue'],
    ],
    after: { 'A EUR': 0, 'B EUR': 180 },
  },
  {
    name: 'bypass FIFO: normal payments pass one another, never a waiting higher class',
    rules: { queueRule: 'bypassFifo' },
    accounts: { 'A EUR': 50, 'B EUR': 0 },
    rows: [
      ['open EUR 1', 'EUR opened'],
      ['pay p1 A>B 100 EUR', 'p1 queued'],
      ['pay p2 A>B 10 EUR', 'p2 settled entry'],
      ['pay p3 A>B 41 EUR high', 'p3 queued'],
      ['pay p4 A>B 5 EUR high', 'p4 queued'],
      ['pay p5 A>B 7 EUR', 'p5 queued'],
      ['pay p6 A>B 6 EUR', 'p6 queued'],
      ['issue A EUR 12', 'issued', 'p3 settled queue', 'p4 settled queue', 'p6 settled queue'],
    ],
    after: { 'A EUR': 0, 'B EUR': 62 },
  },
  {
    name: 'a credit line is liquidity; a lowered one forces nothing back and lets nothing out',
    accounts: { 'A EUR': [10, 50], 'B EUR': 0 },
    rows: [
      ['open EUR 1', 'EUR opened'],
      ['pay p1 A>B 60 EUR', 'p1 settled entry'],
      ['line A EUR 20', 'creditLineSet'],
      ['pay p2 A>B 1 EUR', 'p2 queued'],
      ['issue A EUR 30', 'issued'],
      ['issue A EUR 1', 'issued', 'p2 settled queue'],
      ['redeem A EUR 1', 'refused fundsInsufficient'],
      ['redeem B EUR 61', 'redeemed'],
    ],
    after: { 'A EUR': -20, 'B EUR': 0 },
  },
  {
    name: 'a credit runs through the queues, account by account',
    accounts: { 'A EUR': 10, 'B EUR': 0, 'C EUR': 0, 'D EUR': 0 },
    rows: [
      ['open EUR 1', 'EUR opened'],
      ['pay p1 C>D 10 EUR', 'p1 queued'],
      ['pay p2 B>C 4 EUR', 'p2 queued'],
      ['pay p3 B>C 6 EUR', 'p3 queued'],
      [
        'pay p4 A>B 10 EUR',
        'p4 settled entry',
        ...['p2', 'p3', 'p1'].map((p) => `${p} settled queue`),
      ],
    ],
    after: { 'D EUR': 10 },
  },
  {
    name: 'a ring of equal payments without money: a gridlock, settled by the last cycle',
    rules: RESOLUTION,
    accounts: { 'A EUR': 0, 'B EUR': 0, 'C EUR': 0 },
    rows: [
      ['open EUR 1', 'EUR opened'],
      ['pay p1 A>B 10 EUR', 'p1 queued'],
      ['pay p2 B>C 10 EUR', 'p2 queued'],
      ['pay p3 C>A 10 EUR', 'p3 queued'],
      [
        'close EUR 1',
        'cycle 1 resolved: 3 settled, 0 left',
        'p1 settled gridlockResolution',
        'p2 settled gridlockResolution',
        'p3 settled gridlockResolution',
        'EUR closed, 0 unsettled',
      ],
    ],
    after: { 'A EUR': 0, 'B EUR': 0, 'C EUR': 0 },
  },
  {
    name: 'an unequal ring: B covers the net outflow of 30 exactly',
    rules: RESOLUTION,
    accounts: { 'A EUR': 0, 'B EUR': 30, 'C EUR': 0 },
    rows: [
      ['open EUR 1', 'EUR opened'],
      ['pay p1 A>B 50 EUR', 'p1 queued'],
      ['pay p2 B>C 80 EUR', 'p2 queued'],
      ['pay p3 C>A 70 EUR', 'p3 queued'],
      [
        'close EUR 1',
        'cycle 1 resolved: 3 settled, 0 left',
        ...['p1', 'p2', 'p3'].map((p) => `${p} settled gridlockResolution`),
        'EUR closed, 0 unsettled',
      ],
    ],
    after: { 'A EUR': 20, 'B EUR': 0, 'C EUR': 10 },
  },
  {
    name: 'the same with 29 at B: a deadlock, cancelled at close',
    rules: RESOLUTION,
    accounts: { 'A EUR': 0, 'B EUR': 29, 'C EUR': 0 },
    rows: [
      ['open EUR 1', 'EUR opened'],
      ['pay p1 A>B 50 EUR', 'p1 queued'],
      ['pay p2 B>C 80 EUR', 'p2 queued'],
      ['pay p3 C>A 70 EUR', 'p3 queued'],
      [
        'close EUR 1',
        'cycle 1 deadlock: 0 settled, 3 left',
        ...['p1', 'p2', 'p3'].map((p) => `${p} cancelled cancelledAtClose`),
        'EUR closed, 3 unsettled',
      ],
    ],
    after: { 'A EUR': 0, 'B EUR': 29, 'C EUR': 0 },
  },
  {
    name: 'periodic cycles run at their own instants, and only when something has happened',
    rules: { ...RESOLUTION, cycleIntervalMs: 1000 },
    accounts: { 'A EUR': 0, 'B EUR': 0 },
    rows: [
      ['open EUR 1', 'EUR opened'],
      ['at 900'],
      ['pay p1 A>B 10 EUR', 'p1 queued'],
      ['at 999'],
      ['at 1000', 'cycle 1 deadlock: 0 settled, 1 left'],
      ['at 900000'],
      ['pay p2 B>A 10 EUR', 'p2 queued'],
      [
        'at 901500',
        'cycle 2 resolved: 2 settled, 0 left',
        'p1 settled gridlockResolution',
        'p2 settled gridlockResolution',
      ],
      ['at 999999999'],
    ],
  },
  {
    name: 'PvP through a dealer: both legs book',
    accounts: PVP,
    rows: [
      ['open EUR 1', 'EUR opened'],
      ['open USD 1', 'USD opened'],
      ['quote q1 D EUR/USD 1.1 for 100', 'q1 quoted'],
      ['pay p1 A>B 100 EUR via D 110 USD at 1.10', 'p1 settled entry'],
    ],
    after: { 'A EUR': 0, 'D EUR': 100, 'D USD': 0, 'B USD': 110 },
  },
  {
    name: 'PvP: one minor unit short on one leg, and neither books',
    accounts: { ...PVP, 'D USD': 109 },
    rows: [
      ['open EUR 1', 'EUR opened'],
      ['open USD 1', 'USD opened'],
      ['quote q1 D EUR/USD 1.1 for 100', 'q1 quoted'],
      ['pay p1 A>B 100 EUR via D 110 USD at 1.1', 'p1 queued'],
    ],
    after: { 'A EUR': 100, 'D EUR': 0, 'D USD': 109, 'B USD': 0 },
  },
  {
    name: 'PvP: the leg behind another in the dealer’s queue waits, and holds its own currency up',
    accounts: { ...PVP, 'C USD': 0, 'A EUR': 200, 'D USD': 20, 'B EUR': 0 },
    rows: [
      ['open EUR 1', 'EUR opened'],
      ['open USD 1', 'USD opened'],
      ['quote q1 D EUR/USD 1.1 for 100', 'q1 quoted'],
      ['pay p1 D>C 50 USD', 'p1 queued'],
      ['pay p2 A>B 10 EUR via D 11 USD at 1.1', 'p2 queued'],
      ['pay p3 A>B 5 EUR', 'p3 queued'],
      ['issue D USD 41', 'issued', 'p1 settled queue', 'p2 settled queue', 'p3 settled queue'],
    ],
    after: { 'A EUR': 185, 'D USD': 0, 'B USD': 11, 'C USD': 50 },
  },
  {
    name: 'two PvP payments through dealers free each other in two currencies at once',
    rules: RESOLUTION,
    accounts: {
      ...{ 'A EUR': 0, 'B USD': 0, 'D EUR': 0, 'D USD': 0 },
      ...{ 'A USD': 0, 'B EUR': 0, 'E EUR': 0, 'E USD': 0 },
    },
    rows: [
      ['open EUR 1', 'EUR opened'],
      ['open USD 1', 'USD opened'],
      ['quote q1 D EUR/USD 1 for 100', 'q1 quoted'],
      ['quote q2 D USD/EUR 1 for 100', 'q2 quoted'],
      ['pay p1 A>B 10 EUR via D 10 USD at 1', 'p1 queued'],
      ['pay p2 B>A 10 USD via D 10 EUR at 1', 'p2 queued'],
      ['pay p3 A>E 1 EUR', 'p3 queued'],
      [
        'close EUR 1',
        'cycle 1 resolved: 2 settled, 1 left',
        'p1 settled gridlockResolution',
        'p2 settled gridlockResolution',
        'p3 cancelled cancelledAtClose',
        'EUR closed, 1 unsettled',
      ],
    ],
    after: { 'A EUR': 0, 'B USD': 0, 'D EUR': 0, 'D USD': 0 },
  },
  {
    name: 'a cycle takes an urgent payment away: what it held up behind it is looked at again',
    rules: { ...RESOLUTION, queueRule: 'bypassFifo', cycleIntervalMs: 1000 },
    accounts: { ...PVP, 'D USD': 0, 'C EUR': 0 },
    rows: [
      ['open EUR 1', 'EUR opened'],
      ['open USD 1', 'USD opened'],
      ['quote q1 D EUR/USD 1 for 100', 'q1 quoted'],
      ['pay p1 A>B 50 EUR via D 50 USD at 1 urgent', 'p1 queued'],
      ['pay p2 A>C 200 EUR', 'p2 queued'],
      ['pay p3 A>C 20 EUR', 'p3 queued'],
      ['pay p4 B>D 50 USD', 'p4 queued'],
      [
        'at 1000',
        'cycle 1 resolved: 2 settled, 2 left',
        'p1 settled gridlockResolution',
        'p4 settled gridlockResolution',
        'p3 settled queue',
      ],
    ],
  },
  {
    name: 'the same where the urgent payment held up the dealer',
    rules: { ...RESOLUTION, queueRule: 'bypassFifo', cycleIntervalMs: 1000 },
    accounts: { ...PVP, 'A EUR': 0, 'D USD': 100, 'C USD': 0 },
    rows: [
      ['open EUR 1', 'EUR opened'],
      ['open USD 1', 'USD opened'],
      ['quote q1 D EUR/USD 1 for 100', 'q1 quoted'],
      ['pay p1 A>B 50 EUR via D 50 USD at 1 urgent', 'p1 queued'],
      ['pay p2 D>C 200 USD', 'p2 queued'],
      ['pay p3 D>C 20 USD', 'p3 queued'],
      ['pay p4 D>A 50 EUR', 'p4 queued'],
      [
        'at 1000',
        'cycle 1 resolved: 2 settled, 2 left',
        'p1 settled gridlockResolution',
        'p4 settled gridlockResolution',
        'p3 settled queue',
      ],
    ],
  },
  {
    name: 'quotes: rate, validity, remaining amount, half a unit; a cancellation gives back',
    accounts: { 'A EUR': 1000, 'B JPY': 0, 'D EUR': 0, 'D JPY': 500 },
    minorUnits: { JPY: 0 },
    rows: [
      ['open EUR 1', 'EUR opened'],
      ['open JPY 1', 'JPY opened'],
      ['quote q1 D EUR/JPY 150 for 100 until 5000', 'q1 quoted'],
      ['pay p1 A>B 10 EUR via D 15 JPY at 150.01', 'p1 rejected quoteMissing'],
      ['pay p2 A>B 101 EUR via D 152 JPY at 150', 'p2 rejected quoteExhausted'],
      // 0.33 EUR is 49.5 JPY: both neighbours are within half a unit, nothing else is.
      ['pay p3 A>B 33 EUR via D 48 JPY at 150', 'p3 rejected amountNotAsQuoted'],
      ['pay p4 A>B 33 EUR via D 49 JPY at 150', 'p4 settled entry'],
      ['pay p5 A>B 33 EUR via D 50 JPY at 150', 'p5 settled entry'],
      ['pay p6 A>B 35 EUR via D 53 JPY at 150', 'p6 rejected quoteExhausted'],
      ['at 5000'],
      ['pay p7 A>B 1 EUR via D 2 JPY at 150', 'p7 settled entry'],
      ['at 5001'],
      ['pay p8 A>B 1 EUR via D 2 JPY at 150', 'p8 rejected quoteMissing'],
      ['quote q2 D EUR/JPY 1000 for 100', 'q2 quoted'],
      ['pay p9 A>B 100 EUR via D 1000 JPY at 1000', 'p9 queued'],
      ['pay p10 A>B 1 EUR via D 10 JPY at 1000', 'p10 rejected quoteExhausted'],
      ['close JPY 1', 'p9 cancelled cancelledAtClose', 'JPY closed, 1 unsettled'],
      ['open JPY 2', 'JPY opened'],
      ['pay p11 A>B 1 EUR via D 10 JPY at 1000 date 1', 'p11 settled entry'],
    ],
    after: { 'D JPY': 389 },
  },
  {
    name: 'quotes: the table holds those that are valid; what returns to one that has gone is lost',
    rules: { quotesMax: 1 },
    accounts: { 'A EUR': 100, 'B USD': 0, 'D EUR': 0, 'D USD': 0 },
    rows: [
      ['open EUR 1', 'EUR opened'],
      ['open USD 1', 'USD opened'],
      ['quote q1 D EUR/USD 1 for 10 until 1000', 'q1 quoted'],
      ['pay p1 A>B 10 EUR via D 10 USD at 1', 'p1 queued'],
      ['at 1000'],
      ['quote q2 D EUR/USD 1 for 10', 'q2 rejected limitReached'],
      ['at 1001'],
      ['quote q3 D EUR/USD 1 for 10', 'q3 quoted'],
      ['close USD 1', 'p1 cancelled cancelledAtClose', 'USD closed, 1 unsettled'],
      ['open USD 2', 'USD opened'],
      ['pay p2 A>B 15 EUR via D 15 USD at 1', 'p2 rejected quoteExhausted'],
      ['pay p3 A>B 10 EUR via D 10 USD at 1', 'p3 queued'],
    ],
  },
  {
    name: 'early and late: a payment waits for the openings, is refused after the close',
    accounts: { ...PVP, 'B EUR': 0 },
    rows: [
      ['quote q1 D EUR/USD 1.1 for 200', 'q1 quoted'],
      ['pay p1 A>B 10 EUR via D 11 USD at 1.1', 'p1 queued'],
      ['pay p2 A>B 90 EUR', 'p2 queued'],
      ['open EUR 1', 'EUR opened', 'p2 settled entry'],
      ['open USD 1', 'USD opened', 'p1 settled entry'],
      ['pay p3 A>B 1 EUR date 2', 'p3 rejected settlementDateInvalid'],
      ['close EUR 1', 'EUR closed, 0 unsettled'],
      ['pay p4 A>B 1 EUR', 'p4 rejected afterCutOff'],
      ['pay p5 A>B 1 EUR date 2', 'p5 queued'],
      ['open EUR 1', 'refused recordInvalid'],
      ['close USD 1', 'USD closed, 0 unsettled'],
      ['open EUR 2', 'EUR opened'],
      ['issue A EUR 1', 'issued', 'p5 settled queue'],
    ],
  },
  {
    name: 'carried over: waits outside the queues, then goes on in the old order',
    rules: { atClose: 'carryOver' },
    accounts: { 'A EUR': 0, 'B EUR': 0 },
    rows: [
      ['open EUR 1', 'EUR opened'],
      ['pay p1 A>B 10 EUR', 'p1 queued'],
      ['pay p2 A>B 5 EUR', 'p2 queued'],
      ['close EUR 1', 'p1 carriedOver', 'p2 carriedOver', 'EUR closed, 2 unsettled'],
      ['issue A EUR 12', 'issued'],
      ['again p1', 'p1 repeated: carriedOver'],
      ['pay p3 A>B 2 EUR date 2', 'p3 queued'],
      ['open EUR 2', 'EUR opened', 'p1 settled entry'],
      ['issue A EUR 5', 'issued', 'p2 settled queue', 'p3 settled queue'],
    ],
  },
  {
    name: 'identities: the same message changes nothing, another payload is refused, both for days',
    rules: { identityDays: 2 },
    accounts: { 'A EUR': 100, 'B EUR': 0 },
    rows: [
      ['open EUR 1', 'EUR opened'],
      ['pay p1 A>B 10 EUR', 'p1 settled entry'],
      ['again p1', 'p1 repeated: settled'],
      ['changed p1', 'p1 rejected duplicateIdentity'],
      ['pay p2 A>B 0 EUR', 'p2 rejected amountNotPositive'],
      ['again p2', 'p2 repeated: rejected amountNotPositive'],
      ['close EUR 1', 'EUR closed, 0 unsettled'],
      ['open EUR 2', 'EUR opened'],
      ['again p1', 'p1 repeated: settled'],
      ['close EUR 2', 'EUR closed, 0 unsettled'],
      ['open EUR 3', 'EUR opened'],
      // Dated before the window now, but still known.
      ['again p1', 'p1 repeated: settled'],
      ['close EUR 3', 'EUR closed, 0 unsettled'],
      ['open EUR 4', 'EUR opened'],
      ['again p1', 'p1 rejected settlementDateInvalid'],
    ],
    after: { 'A EUR': 90 },
  },
  {
    name: 'identities: what has been forgotten stays out, whichever currency closes later',
    rules: { identityDays: 2 },
    accounts: { 'A EUR': 0, 'A USD': 0, 'A CNY': 0, 'B CNY': 0 },
    rows: [
      ['open USD 1', 'USD opened'],
      ['open EUR 5', 'EUR opened'],
      ['close EUR 5', 'EUR closed, 0 unsettled'],
      ['close USD 1', 'USD closed, 0 unsettled'],
      ['pay p1 A>B 1 CNY date 1', 'p1 rejected settlementDateInvalid'],
    ],
  },
];

for (const { name, rules = {}, accounts, minorUnits = {}, rows, after = {} } of CASES) {
  test(name, () => {
    const world = createWorld(wasm, rules, accounts, minorUnits);
    const actual = rows.map(([row]) => [row, ...world.say(row)]);
    assert.deepEqual(actual, rows);
    for (const [account, balance] of Object.entries(after)) {
      const [participant, currency] = account.split(' ') as [string, string];
      assert.equal(world.balance(participant, currency), BigInt(balance), account);
    }
    assert.ok(world.settlement.conserved());
  });
}
