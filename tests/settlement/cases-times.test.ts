import { readFileSync } from 'node:fs';
import { PVP, testCases } from './cases.ts';

const wasm = new WebAssembly.Module(
  readFileSync(new URL('../../assembly/corridor.wasm', import.meta.url)),
);

testCases(wasm, [
  {
    name: 'before its earliest time a payment stands in no queue; then it comes in behind the others',
    accounts: { 'A EUR': 100, 'B EUR': 0 },
    rows: [
      ['open EUR 1', 'EUR opened'],
      ['pay p1 A>B 60 EUR from 2000', 'p1 queued'],
      ['pay p2 A>B 70 EUR', 'p2 settled entry'],
      ['at 1999'],
      ['issue A EUR 30', 'issued'],
      ['at 2000', 'p1 settled entry'],
      ['pay p3 A>B 1 EUR from 3000', 'p3 queued'],
      ['pay p4 A>B 1 EUR', 'p4 queued'],
      ['at 3000'],
      ['issue A EUR 1', 'issued', 'p4 settled queue'],
      ['issue A EUR 1', 'issued', 'p3 settled queue'],
      // What has come already is none.
      ['issue A EUR 1', 'issued'],
      ['pay p5 A>B 1 EUR from 3000', 'p5 settled entry'],
    ],
  },
  {
    name: 'at its latest time a payment is cancelled, and what waited behind it goes on',
    accounts: { 'A EUR': 10, 'B EUR': 0 },
    rows: [
      ['open EUR 1', 'EUR opened'],
      ['pay p1 A>B 11 EUR till 2000', 'p1 queued'],
      ['pay p2 A>B 10 EUR', 'p2 queued'],
      ['at 1999'],
      ['at 2000', 'p1 cancelled latestTimePassed', 'p2 settled queue'],
      ['again p1', 'p1 repeated: cancelled latestTimePassed'],
      ['pay p3 A>B 1 EUR till 2000', 'p3 rejected timesInvalid'],
      ['pay p4 A>B 1 EUR from 4000 till 4000', 'p4 rejected timesInvalid'],
      ['pay p5 A>B 1 EUR from 4000 till 5000', 'p5 queued'],
      // Several fall due before the next record: each at its own instant.
      ['at 9000', 'p5 cancelled latestTimePassed'],
    ],
  },
  {
    name: 'equal instants: in the order of arrival, timers before the cycle',
    rules: { gridlockResolution: true, cycleIntervalMs: 1000 },
    accounts: { 'A EUR': 0, 'B EUR': 0, 'C EUR': 0 },
    rows: [
      ['open EUR 1', 'EUR opened'],
      ['pay p1 A>B 10 EUR', 'p1 queued'],
      ['pay p2 B>A 10 EUR from 1000', 'p2 queued'],
      ['pay p3 B>C 5 EUR till 1000', 'p3 queued'],
      [
        'at 1000',
        'p3 cancelled latestTimePassed',
        'cycle 1 resolved: 2 settled, 0 left',
        'p1 settled gridlockResolution',
        'p2 settled gridlockResolution',
      ],
      // A payment that comes in without an event is reason enough for a cycle.
      ['pay p4 A>B 10 EUR', 'p4 queued'],
      ['pay p5 B>A 10 EUR from 3000', 'p5 queued'],
      ['at 2000', 'cycle 2 deadlock: 0 settled, 1 left'],
      [
        'at 9000',
        'cycle 3 resolved: 2 settled, 0 left',
        'p4 settled gridlockResolution',
        'p5 settled gridlockResolution',
      ],
    ],
  },
  {
    name: 'times and openings: a payment comes in when both have come, and ends while it waits',
    accounts: { 'A EUR': 10, 'B EUR': 0 },
    rows: [
      ['pay p1 A>B 1 EUR from 2000', 'p1 queued'],
      ['pay p2 A>B 1 EUR from 1000', 'p2 queued'],
      ['pay p3 A>B 1 EUR till 1000', 'p3 queued'],
      ['at 1500', 'p3 cancelled latestTimePassed'],
      ['open EUR 1', 'EUR opened', 'p2 settled entry'],
      ['at 2000', 'p1 settled entry'],
    ],
  },
  {
    name: 'what ends early takes its timer along; a quote gets its part back',
    accounts: { ...PVP, 'D USD': 0 },
    rows: [
      ['open EUR 1', 'EUR opened'],
      ['open USD 1', 'USD opened'],
      ['quote q1 D EUR/USD 1 for 10', 'q1 quoted'],
      ['pay p1 A>B 10 EUR via D 10 USD at 1 till 2000', 'p1 queued'],
      ['pay p2 A>B 1 EUR via D 1 USD at 1', 'p2 rejected quoteExhausted'],
      ['pay p3 A>D 1 EUR till 3000', 'p3 queued'],
      ['at 2000', 'p1 cancelled latestTimePassed', 'p3 settled queue'],
      ['pay p4 A>B 1 EUR via D 1 USD at 1', 'p4 queued'],
      ['at 9000'],
    ],
  },
]);
