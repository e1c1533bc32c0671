/** When cycles fall due and what they look at, the order at openings, and what a default takes out first. */
import { readFileSync } from 'node:fs';
import { PVP, testCases } from './cases.ts';

const wasm = new WebAssembly.Module(
  readFileSync(new URL('../../assembly/corridor.wasm', import.meta.url)),
);

const NONE = { 'A EUR': 0, 'B EUR': 0 } as const;
const USD = { 'A USD': 0, 'B USD': 0 } as const;
const gridlock = (currency: string, name: string) =>
  [
    [`pay ${name}1 A>B 10 ${currency}`, `${name}1 queued`],
    [`pay ${name}2 B>A 10 ${currency}`, `${name}2 queued`],
  ] as const;
const resolved = (cycle: number, name: string) =>
  [
    `cycle ${cycle} resolved: 2 settled, 0 left`,
    `${name}1 settled gridlockResolution`,
    `${name}2 settled gridlockResolution`,
  ] as const;

testCases(wasm, [
  {
    name: 'cycles are counted anew by an opening that finds no currency open',
    rules: { gridlockResolution: true, cycleIntervalMs: 2000 },
    accounts: NONE,
    rows: [
      ['open EUR 1', 'EUR opened'],
      ['at 1000'],
      ['close EUR 1', 'cycle 1 nothing queued: 0 settled, 0 left', 'EUR closed, 0 unsettled'],
      ['at 1500'],
      ['open EUR 2', 'EUR opened'],
      ...gridlock('EUR', 'e'),
      ['at 3499'],
      ['at 3500', ...resolved(2, 'e')],
    ],
  },
  {
    name: 'and go on where another is open',
    rules: { gridlockResolution: true, cycleIntervalMs: 2000 },
    accounts: { ...NONE, ...USD },
    rows: [
      ['open EUR 1', 'EUR opened'],
      ['open USD 1', 'USD opened'],
      ['at 1000'],
      ['close EUR 1', 'cycle 1 nothing queued: 0 settled, 0 left', 'EUR closed, 0 unsettled'],
      ['at 1500'],
      ['open EUR 2', 'EUR opened'],
      ...gridlock('EUR', 'e'),
      ['at 2000', ...resolved(2, 'e')],
    ],
  },
  {
    name: 'the shortest time in the queue makes a cycle due without an event',
    rules: { bilateralOffsetting: true, offsettingMinimumMs: 3000, cycleIntervalMs: 1000 },
    accounts: NONE,
    rows: [
      ['open EUR 1', 'EUR opened'],
      ...gridlock('EUR', 'e'),
      ['at 2999'],
      ['at 3000', 'e1 settled bilateralOffsetting', 'e2 settled bilateralOffsetting'],
    ],
  },
  {
    name: 'a cycle of one currency resolves gridlocks over all that do so, and offsets that one',
    rules: { gridlockResolution: true },
    accounts: { ...NONE, ...USD },
    rows: [
      ['open EUR 1', 'EUR opened'],
      ['open USD 1', 'USD opened'],
      ...gridlock('USD', 'u'),
      ['cycle EUR', ...resolved(1, 'u')],
      ...gridlock('USD', 'v'),
      ['close EUR 1', ...resolved(2, 'v'), 'EUR closed, 0 unsettled'],
      ['rules USD allOrNothing', 'USD rules set'],
      ...gridlock('USD', 'w'),
      ['cycle EUR', 'cycle 3 nothing queued: 0 settled, 0 left'],
      [
        'cycle USD',
        'cycle 4 resolved: 2 settled, 0 left',
        'w1 settled allOrNothing',
        'w2 settled allOrNothing',
      ],
    ],
  },
  {
    name: 'bilateral offsetting is of the currency that closes alone',
    rules: { bilateralOffsetting: true },
    accounts: { ...NONE, ...USD },
    rows: [
      ['open EUR 1', 'EUR opened'],
      ['open USD 1', 'USD opened'],
      ...gridlock('USD', 'u'),
      ['close EUR 1', 'EUR closed, 0 unsettled'],
      [
        'close USD 1',
        'u1 settled bilateralOffsetting',
        'u2 settled bilateralOffsetting',
        'USD closed, 0 unsettled',
      ],
    ],
  },
  {
    name: 'at an opening they come in as they came to wait: carried over, later arrivals, pairs by their match',
    rules: { atClose: 'carryOver' },
    accounts: { 'A EUR': 0, 'A USD': 0, 'B EUR': 0, 'B USD': 9 },
    rows: [
      ['open EUR 1', 'EUR opened'],
      ['open USD 1', 'USD opened'],
      ['leg f1 A>B 4 EUR for 4 USD key fx date 2', 'f1 rejected settlementDateInvalid'],
      ['pay p1 A>B 3 EUR', 'p1 queued'],
      ['close EUR 1', 'p1 carriedOver', 'EUR closed, 1 unsettled'],
      ['close USD 1', 'USD closed, 0 unsettled'],
      ['leg f2 A>B 4 EUR for 4 USD key fx date 2', 'f2 queued'],
      ['pay p2 A>B 5 EUR date 2', 'p2 queued'],
      ['leg f3 B>A 4 USD for 4 EUR key fx date 2', 'f3 matched', 'f2 matched'],
      ['pay p3 A>B 1 EUR date 2', 'p3 queued'],
      ['open USD 2', 'USD opened'],
      ['open EUR 2', 'EUR opened'],
      ['issue A EUR 3', 'issued', 'p1 settled queue'],
      ['issue A EUR 4', 'issued'],
      ['issue A EUR 1', 'issued', 'p2 settled queue'],
      ['issue A EUR 4', 'issued', 'f2 settled queue', 'f3 settled queue'],
      ['issue A EUR 1', 'issued', 'p3 settled queue'],
    ],
  },
  {
    name: 'unwinding takes out the payments of earlier defaulters before it looks for who is short',
    rules: { cycle: 'deferredNet' },
    accounts: { 'A EUR': 0, 'D EUR': 0 },
    rows: [
      ['open EUR 1', 'EUR opened'],
      ['pay p1 A>D 10 EUR', 'p1 accepted'],
      ['default D EUR', 'D EUR defaulted, 0 short'],
      ['cycle EUR', 'cycle 1 all unwound: 0 settled, 1 unwound', 'p1 unwound participantDefaulted'],
      ['pay p2 A>D 10 EUR', 'p2 accepted'],
    ],
  },
  {
    name: 'where losses are shared they stay in, and who owes them may fail',
    rules: { cycle: 'deferredNet', defaultRule: 'shareTheLoss' },
    accounts: { 'A EUR': 0, 'D EUR': 0 },
    rows: [
      ['open EUR 1', 'EUR opened'],
      ['pay p1 A>D 10 EUR', 'p1 accepted'],
      ['default D EUR', 'D EUR defaulted, 0 short'],
      [
        'cycle EUR',
        'cycle 1 all unwound: 0 settled, 1 unwound',
        'A EUR defaulted, 10 short',
        'p1 unwound participantDefaulted',
      ],
    ],
  },
  {
    name: 'what a payment is held up by is counted to what must be kept',
    rules: { gridlockResolution: true, certificates: true },
    accounts: { 'A EUR': 100, 'B EUR': 0 },
    rows: [
      ['open EUR 1', 'EUR opened'],
      ['reserve v1 A EUR urgent 30', 'v1 reservationSet'],
      ['pay p1 A>B 90 EUR', 'p1 queued'],
      ['cycle', 'cycle 1 deadlock: 0 settled, 1 left', 'p1 held up by balance of A EUR: 20'],
    ],
  },
  {
    name: 'also where the account had less than that before',
    rules: { gridlockResolution: true, certificates: true },
    accounts: { 'A EUR': 20, 'B EUR': 0 },
    rows: [
      ['open EUR 1', 'EUR opened'],
      ['reserve v1 A EUR urgent 30', 'v1 reservationSet'],
      ['pay p1 A>B 5 EUR', 'p1 queued'],
      ['cycle', 'cycle 1 deadlock: 0 settled, 1 left', 'p1 held up by balance of A EUR: 15'],
    ],
  },
  {
    name: 'a currency of a linked payment that carries over, closed on a date at which the other stays open',
    rules: { atClose: 'carryOver' },
    accounts: { ...PVP, 'D USD': 0 },
    rows: [
      ['open EUR 1', 'EUR opened'],
      ['open USD 1', 'USD opened'],
      ['quote q1 D EUR/USD 1 for 10', 'q1 quoted'],
      ['pay p1 A>B 10 EUR via D 10 USD at 1', 'p1 queued'],
      ['close EUR 1', 'p1 carriedOver', 'EUR closed, 1 unsettled'],
      ['issue D USD 10', 'issued'],
      ['open EUR 2', 'EUR opened', 'p1 settled entry'],
    ],
  },
]);
