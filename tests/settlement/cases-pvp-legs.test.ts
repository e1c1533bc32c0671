import { readFileSync } from 'node:fs';
import { testCases } from './cases.ts';

const wasm = new WebAssembly.Module(
  readFileSync(new URL('../../assembly/corridor.wasm', import.meta.url)),
);
/** A sells EUR to B for USD. */
const BANKS = { 'A EUR': 100, 'A USD': 0, 'B EUR': 0, 'B USD': 110 } as const;
const OPEN = [
  ['open EUR 1', 'EUR opened'],
  ['open USD 1', 'USD opened'],
] as const;
/** The other bank's leg of f1, which finds it. */
const MIRROR = 'leg f2 B>A 110 USD for 100 EUR key fx';

testCases(wasm, [
  {
    name: 'two matching legs settle together, each with events of its own',
    accounts: BANKS,
    rows: [
      ...OPEN,
      ['leg f1 A>B 100 EUR for 110 USD key fx', 'f1 queued'],
      [MIRROR, 'f2 matched', 'f1 matched', 'f1 settled entry', 'f2 settled entry'],
      ['again f1', 'f1 repeated: settled'],
    ],
    after: { 'A EUR': 0, 'A USD': 110, 'B EUR': 100, 'B USD': 0 },
  },
  {
    name: 'one minor unit short on one leg, and neither books; the money releases both',
    accounts: { ...BANKS, 'B USD': 109 },
    rows: [
      ...OPEN,
      ['leg f1 A>B 100 EUR for 110 USD key fx', 'f1 queued'],
      [MIRROR, 'f2 matched', 'f1 matched'],
      ['pay p1 A>B 1 EUR', 'p1 queued'],
      ['issue A EUR 1', 'issued'],
      ['issue B USD 1', 'issued', 'f1 settled queue', 'f2 settled queue', 'p1 settled queue'],
    ],
    after: { 'A EUR': 0, 'A USD': 110, 'B EUR': 101, 'B USD': 0 },
  },
  {
    name: 'a leg that waits for its mirror holds nothing up and locks nothing',
    accounts: BANKS,
    rows: [
      ...OPEN,
      ['leg f1 A>B 100 EUR for 110 USD key fx urgent', 'f1 queued'],
      ['pay p1 A>B 100 EUR', 'p1 settled entry'],
    ],
  },
  {
    name: 'terms must mirror each other: key, date, agents, currencies and amounts',
    accounts: { ...BANKS, 'C EUR': 0, 'C USD': 500 },
    rows: [
      ...OPEN,
      ['leg f1 A>B 100 EUR for 110 USD key fx', 'f1 queued'],
      ['leg f2 B>A 110 USD for 100 EUR key other', 'f2 queued'],
      ['leg f3 B>A 111 USD for 100 EUR key fx', 'f3 queued'],
      ['leg f4 B>A 110 USD for 99 EUR key fx', 'f4 queued'],
      ['leg f5 C>A 110 USD for 100 EUR key fx', 'f5 queued'],
      ['leg f6 B>A 110 EUR for 100 USD key fx', 'f6 queued'],
      ['leg f7 A>B 100 EUR for 110 USD key fx', 'f7 queued'],
      // The first that came is the first that is matched.
      [
        'leg f8 B>A 110 USD for 100 EUR key fx',
        'f8 matched',
        'f1 matched',
        'f1 settled entry',
        'f8 settled entry',
      ],
      ['leg f9 A>A 1 EUR for 1 USD key fx', 'f9 rejected sameAgent'],
      ['leg f10 A>B 0 EUR for 1 USD key fx', 'f10 rejected amountNotPositive'],
      ['leg f11 A>B 1 EUR for 1 EUR key fx', 'f11 rejected formatInvalid'],
    ],
    after: { 'A EUR': 0, 'A USD': 110, 'B EUR': 100, 'B USD': 0 },
  },
  {
    name: 'unmatched: a leg ends when its time is out, or at its latest time',
    rules: { pvpTimeoutMs: 5000 },
    accounts: BANKS,
    rows: [
      ...OPEN,
      ['leg f1 A>B 100 EUR for 110 USD key fx', 'f1 queued'],
      ['leg f2 A>B 50 EUR for 55 USD key gx till 3000', 'f2 queued'],
      ['at 3000', 'f2 cancelled unmatched'],
      ['at 4999'],
      ['at 5000', 'f1 cancelled unmatched'],
      [MIRROR.replace('f2', 'f3'), 'f3 queued'],
    ],
  },
  {
    name: 'a matched pair has no time-out but the first latest time of its legs',
    rules: { pvpTimeoutMs: 5000 },
    accounts: { ...BANKS, 'B USD': 0 },
    rows: [
      ...OPEN,
      ['leg f1 A>B 100 EUR for 110 USD key fx till 9000', 'f1 queued'],
      ['leg f2 B>A 110 USD for 100 EUR key fx till 8000', 'f2 matched', 'f1 matched'],
      ['pay p1 A>B 1 EUR', 'p1 queued'],
      ['at 7000'],
      [
        'at 8000',
        'f2 cancelled latestTimePassed',
        'f1 cancelled matchCancelled',
        'p1 settled queue',
      ],
    ],
  },
  {
    name: 'earliest times: the pair comes in when the later of the two has come',
    accounts: BANKS,
    rows: [
      ...OPEN,
      ['leg f1 A>B 100 EUR for 110 USD key fx from 2000', 'f1 queued'],
      ['leg f2 B>A 110 USD for 100 EUR key fx from 4000', 'f2 matched', 'f1 matched'],
      ['at 3999'],
      ['at 4000', 'f1 settled entry', 'f2 settled entry'],
    ],
  },
  {
    name: 'one bank cancels its leg: the other’s ends for that',
    accounts: { ...BANKS, 'B USD': 0 },
    rows: [
      ...OPEN,
      ['leg f1 A>B 100 EUR for 110 USD key fx', 'f1 queued'],
      ['cancel c1 f1', 'f1 cancelled cancelledByDebtorAgent'],
      [MIRROR, 'f2 queued'],
      ['leg f3 A>B 100 EUR for 110 USD key fx', 'f3 matched', 'f2 matched'],
      ['pay p1 A>B 1 EUR', 'p1 queued'],
      [
        'cancel c2 f3',
        'f3 cancelled cancelledByDebtorAgent',
        'f2 cancelled matchCancelled',
        'p1 settled queue',
      ],
      ['cancel c3 f2', 'c3 rejected paymentFinal'],
    ],
  },
  {
    name: 'both currencies must be open; the close ends or carries over both legs',
    rules: { atClose: 'carryOver' },
    accounts: { ...BANKS, 'B USD': 0 },
    rows: [
      ['open EUR 1', 'EUR opened'],
      ['leg f1 A>B 100 EUR for 110 USD key fx', 'f1 queued'],
      ['leg f2 A>B 5 EUR for 6 USD key gx', 'f2 queued'],
      ['leg f3 B>A 110 USD for 100 EUR key fx', 'f3 matched', 'f1 matched'],
      ['open USD 1', 'USD opened'],
      [
        'close EUR 1',
        'f1 carriedOver',
        'f3 carriedOver',
        'f2 carriedOver',
        'EUR closed, 3 unsettled',
      ],
      ['issue B USD 110', 'issued'],
      ['open EUR 2', 'EUR opened', 'f1 settled entry', 'f3 settled entry'],
    ],
  },
  {
    name: 'priorities: a pair has the less urgent of the two, so neither bank passes the other’s queue',
    accounts: { ...BANKS, 'A EUR': 0, 'B USD': 110 },
    rows: [
      ...OPEN,
      ['pay p1 A>B 10 EUR', 'p1 queued'],
      ['leg f1 A>B 100 EUR for 110 USD key fx urgent', 'f1 queued'],
      ['leg f2 B>A 110 USD for 100 EUR key fx', 'f2 matched', 'f1 matched'],
      ['pay p2 B>A 1 USD', 'p2 queued'],
      ['pay p3 B>A 1 USD urgent', 'p3 settled entry'],
      ['reorder r1 f2 high', 'r1 reordered'],
      ['issue B USD 2', 'issued'],
      ['issue A EUR 100', 'issued', 'f1 settled queue', 'f2 settled queue', 'p2 settled queue'],
      ['issue A EUR 10', 'issued', 'p1 settled queue'],
    ],
  },
  {
    name: 'a default of one bank ends its leg, and the other’s for that; unmatched ones as well',
    accounts: { ...BANKS, 'B USD': 0 },
    rows: [
      ...OPEN,
      ['leg f1 A>B 100 EUR for 110 USD key fx', 'f1 queued'],
      [MIRROR, 'f2 matched', 'f1 matched'],
      ['leg f3 A>B 1 EUR for 1 USD key gx', 'f3 queued'],
      [
        'default B',
        'B EUR defaulted, 0 short',
        'B USD defaulted, 0 short',
        'f1 cancelled matchCancelled',
        'f2 cancelled participantDefaulted',
        'f3 cancelled participantDefaulted',
      ],
      ['leg f4 A>B 1 EUR for 1 USD key hx', 'f4 rejected participantDefaulted'],
    ],
  },
  {
    name: 'gridlock: two pairs that fund each other settle in a cycle; only the net needs money',
    rules: { gridlockResolution: true },
    accounts: { 'A EUR': 10, 'A USD': 0, 'B EUR': 0, 'B USD': 12 },
    rows: [
      ...OPEN,
      ['leg f1 A>B 100 EUR for 110 USD key fx', 'f1 queued'],
      ['leg f2 B>A 110 USD for 100 EUR key fx', 'f2 matched', 'f1 matched'],
      ['leg g1 B>A 90 EUR for 98 USD key gx', 'g1 queued'],
      ['leg g2 A>B 98 USD for 90 EUR key gx', 'g2 matched', 'g1 matched'],
      [
        'cycle',
        'cycle 1 resolved: 2 settled, 0 left',
        'f1 settled gridlockResolution',
        'f2 settled gridlockResolution',
        'g1 settled gridlockResolution',
        'g2 settled gridlockResolution',
      ],
    ],
    after: { 'A EUR': 0, 'A USD': 12, 'B EUR': 10, 'B USD': 0 },
  },
  {
    name: 'legs need room like any payment; what was there goes on',
    rules: { livePaymentsMax: 1 },
    accounts: BANKS,
    rows: [
      ...OPEN,
      ['leg f1 A>B 100 EUR for 110 USD key fx', 'f1 queued'],
      [MIRROR, 'f2 rejected limitReached'],
      ['cancel c1 f1', 'f1 cancelled cancelledByDebtorAgent'],
      ['leg f3 A>B 1 EUR for 1 USD key fx', 'f3 queued'],
    ],
  },
]);
