import { readFileSync } from 'node:fs';
import { PVP, testCases } from './cases.ts';

const wasm = new WebAssembly.Module(
  readFileSync(new URL('../../assembly/corridor.wasm', import.meta.url)),
);

testCases(wasm, [
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
    name: 'quotes: one may come at its own last instant, not after it',
    accounts: { 'A EUR': 10, 'B USD': 0, 'D EUR': 0, 'D USD': 10 },
    rows: [
      ['open EUR 1', 'EUR opened'],
      ['open USD 1', 'USD opened'],
      ['at 1000'],
      ['quote q1 D EUR/USD 1 for 10 until 999', 'q1 rejected settlementDateInvalid'],
      ['quote q2 D EUR/USD 1 for 10 until 1000', 'q2 quoted'],
      ['pay p1 A>B 10 EUR via D 10 USD at 1', 'p1 settled entry'],
    ],
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
    name: 'the amount credited is the quoted one within half a unit, and at a whole rate exactly',
    accounts: { 'A EUR': 100, 'B USD': 0, 'D EUR': 0, 'D USD': 100 },
    rows: [
      ['open EUR 1', 'EUR opened'],
      ['open USD 1', 'USD opened'],
      ['quote q1 D EUR/USD 1 for 100', 'q1 quoted'],
      ['quote q2 D EUR/USD 1.5 for 100', 'q2 quoted'],
      ['quote q3 D EUR/USD 1.49 for 100', 'q3 quoted'],
      ['pay p1 A>B 10 EUR via D 11 USD at 1', 'p1 rejected amountNotAsQuoted'],
      ['pay p2 A>B 10 EUR via D 9 USD at 1', 'p2 rejected amountNotAsQuoted'],
      ['pay p3 A>B 10 EUR via D 10 USD at 1', 'p3 settled entry'],
      // 1.5: half a unit to either side. 1.49: only down.
      ['pay p4 A>B 1 EUR via D 1 USD at 1.5', 'p4 settled entry'],
      ['pay p5 A>B 1 EUR via D 2 USD at 1.5', 'p5 settled entry'],
      ['pay p6 A>B 1 EUR via D 2 USD at 1.49', 'p6 rejected amountNotAsQuoted'],
      ['pay p7 A>B 1 EUR via D 1 USD at 1.49', 'p7 settled entry'],
    ],
    after: { 'A EUR': 87, 'D EUR': 13, 'B USD': 14, 'D USD': 86 },
  },
]);
