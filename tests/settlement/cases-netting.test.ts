import { readFileSync } from 'node:fs';
import { testCases } from './cases.ts';

const wasm = new WebAssembly.Module(
  readFileSync(new URL('../../assembly/corridor.wasm', import.meta.url)),
);
const NETTING = { cycle: 'deferredNet' } as const;
const FOUR = { 'A EUR': 100, 'B EUR': 100, 'C EUR': 100, 'D EUR': 100 } as const;
const RING = [
  ['pay p1 A>B 70 EUR', 'p1 accepted'],
  ['pay p2 B>C 40 EUR', 'p2 accepted'],
  ['pay p3 C>D 30 EUR', 'p3 accepted'],
  ['pay p4 D>A 120 EUR', 'p4 accepted'],
  ['pay p5 B>D 10 EUR', 'p5 accepted'],
] as const;

testCases(wasm, [
  {
    name: 'netting: accepted payments book nothing until the cycle settles the nets, all at once',
    rules: NETTING,
    accounts: FOUR,
    rows: [
      ['open EUR 1', 'EUR opened'],
      ...RING,
      ['again p1', 'p1 repeated: accepted'],
      [
        'cycle EUR',
        'cycle 1 netted: 5 settled, 0 unwound',
        'A EUR netted 50',
        'B EUR netted 20',
        'C EUR netted 10',
        'D EUR netted -80',
        'p1 settled deferredNet',
        'p2 settled deferredNet',
        'p3 settled deferredNet',
        'p4 settled deferredNet',
        'p5 settled deferredNet',
      ],
      ['cycle EUR', 'cycle 2 nothing accepted: 0 settled, 0 unwound'],
    ],
    after: { 'A EUR': 150, 'B EUR': 120, 'C EUR': 110, 'D EUR': 20 },
  },
  {
    name: 'netting: periodic cycles run where something was accepted, and the last before the close',
    rules: { ...NETTING, cycleIntervalMs: 1000 },
    accounts: { 'A EUR': 10, 'B EUR': 0 },
    rows: [
      ['open EUR 1', 'EUR opened'],
      ['at 2500'],
      ['pay p1 A>B 10 EUR', 'p1 accepted'],
      [
        'at 9000',
        'cycle 1 netted: 1 settled, 0 unwound',
        'A EUR netted -10',
        'B EUR netted 10',
        'p1 settled deferredNet',
      ],
      ['pay p2 B>A 3 EUR', 'p2 accepted'],
      [
        'close EUR 1',
        'cycle 2 netted: 1 settled, 0 unwound',
        'A EUR netted 3',
        'B EUR netted -3',
        'p2 settled deferredNet',
        'EUR closed, 0 unsettled',
      ],
    ],
    after: { 'A EUR': 3, 'B EUR': 7 },
  },
  {
    name: 'caps: what would pass the net debit cap is refused; what comes in makes room',
    rules: NETTING,
    accounts: FOUR,
    rows: [
      ['open EUR 1', 'EUR opened'],
      ['cap A EUR 60', 'capSet'],
      ['pay p1 A>B 70 EUR', 'p1 rejected capExceeded'],
      ['pay p2 A>B 60 EUR', 'p2 accepted'],
      ['pay p3 A>B 1 EUR', 'p3 rejected capExceeded'],
      ['pay p4 B>A 5 EUR', 'p4 accepted'],
      ['pay p5 A>C 5 EUR', 'p5 accepted'],
      // A lower cap undoes nothing; without one anything goes.
      ['cap A EUR 10', 'capSet'],
      ['pay p6 A>C 1 EUR', 'p6 rejected capExceeded'],
      ['cap A EUR -1', 'capSet'],
      ['pay p7 A>C 100 EUR', 'p7 accepted'],
    ],
  },
  {
    name: 'caps: a bilateral cap bounds what one bank owes another, counted from what is accepted',
    rules: NETTING,
    accounts: FOUR,
    rows: [
      ['open EUR 1', 'EUR opened'],
      ['pay p1 D>A 30 EUR', 'p1 accepted'],
      ['cap A EUR 50 for D', 'capSet'],
      ['pay p2 D>A 21 EUR', 'p2 rejected capExceeded'],
      ['pay p3 D>A 20 EUR', 'p3 accepted'],
      ['pay p4 D>B 500 EUR', 'p4 accepted'],
      ['pay p5 A>D 1 EUR', 'p5 accepted'],
      ['pay p6 D>A 1 EUR', 'p6 accepted'],
      ['cap A EUR 5 for A', 'refused recordInvalid'],
      ['cap A EUR -2', 'refused recordInvalid'],
    ],
  },
  {
    name: 'caps: there is room for so many pairs; the sums of a cycle are bounded',
    rules: { ...NETTING, limitsMax: 1 },
    accounts: FOUR,
    rows: [
      ['open EUR 1', 'EUR opened'],
      ['cap A EUR 50 for D', 'capSet'],
      ['cap B EUR 50 for D', 'refused limitReached'],
      ['cap A EUR 9223372036854775807 for D', 'capSet'],
      ['pay p1 A>B 9223372036854775807 EUR', 'p1 accepted'],
      ['pay p2 A>C 1 EUR', 'p2 rejected limitReached'],
      ['pay p3 C>B 1 EUR', 'p3 rejected limitReached'],
      ['pay p4 B>A 9223372036854775807 EUR', 'p4 accepted'],
    ],
  },
  {
    name: 'hybrid: urgent and high settle gross, the normal class is netted',
    rules: { ...NETTING, deferredNetClasses: 'normal' },
    accounts: { 'A EUR': 50, 'B EUR': 0 },
    rows: [
      ['open EUR 1', 'EUR opened'],
      ['pay p1 A>B 60 EUR urgent', 'p1 queued'],
      ['pay p2 B>A 15 EUR', 'p2 accepted'],
      ['pay p3 A>B 5 EUR', 'p3 accepted'],
      [
        'cycle EUR',
        'cycle 1 all unwound: 0 settled, 2 unwound',
        'B EUR defaulted, 10 short',
        'p2 unwound participantDefaulted',
        'p3 unwound participantDefaulted',
      ],
      ['pay p4 B>A 1 EUR', 'p4 rejected participantDefaulted'],
      ['issue A EUR 10', 'issued', 'p1 settled queue'],
    ],
    after: { 'A EUR': 0, 'B EUR': 60 },
  },
  {
    name: 'hybrid: a cycle’s credit lets the gross stream move',
    rules: { ...NETTING, deferredNetClasses: 'normal' },
    accounts: { 'A EUR': 50, 'B EUR': 10 },
    rows: [
      ['open EUR 1', 'EUR opened'],
      ['pay p1 A>B 60 EUR urgent', 'p1 queued'],
      ['pay p2 B>A 10 EUR', 'p2 accepted'],
      [
        'cycle',
        'cycle 1 netted: 1 settled, 0 unwound',
        'A EUR netted 10',
        'B EUR netted -10',
        'p2 settled deferredNet',
        'p1 settled queue',
      ],
    ],
    after: { 'A EUR': 0, 'B EUR': 60 },
  },
  {
    name: 'waiting payments are accepted at the opening, or end where the caps keep them out',
    rules: NETTING,
    accounts: { 'A EUR': 50, 'B EUR': 0 },
    rows: [
      ['cap A EUR 40', 'capSet'],
      ['pay p1 A>B 30 EUR', 'p1 queued'],
      ['pay p2 A>B 20 EUR', 'p2 queued'],
      ['pay p3 A>B 10 EUR', 'p3 queued'],
      ['open EUR 1', 'EUR opened', 'p1 accepted', 'p2 cancelled capExceeded', 'p3 accepted'],
    ],
  },
  {
    name: 'a payment in two currencies settles gross, whatever its currencies net',
    rules: NETTING,
    accounts: { 'A EUR': 10, 'D EUR': 0, 'D USD': 11, 'B USD': 0 },
    rows: [
      ['open EUR 1', 'EUR opened'],
      ['open USD 1', 'USD opened'],
      ['quote q1 D EUR/USD 1.1 for 100', 'q1 quoted'],
      ['pay p1 A>B 10 EUR via D 11 USD at 1.1', 'p1 settled entry'],
    ],
  },
]);
