import { readFileSync } from 'node:fs';
import { PVP, RESOLUTION, testCases } from './cases.ts';

const wasm = new WebAssembly.Module(
  readFileSync(new URL('../../../assembly/corridor.wasm', import.meta.url)),
);

testCases(wasm, [
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
]);
