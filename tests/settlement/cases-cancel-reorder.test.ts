import { readFileSync } from 'node:fs';
import { PVP, testCases } from './cases.ts';

const wasm = new WebAssembly.Module(
  readFileSync(new URL('../../assembly/corridor.wasm', import.meta.url)),
);

testCases(wasm, [
  {
    name: 'query: of an account of one’s own or of all; it changes nothing, and is asked once',
    accounts: { 'A EUR': 10, 'B EUR': 0, 'B USD': 0 },
    rows: [
      ['open EUR 1', 'EUR opened'],
      ['pay p1 A>B 11 EUR', 'p1 queued'],
      ['ask q1 A EUR', 'q1 queried'],
      ['ask q2 A all', 'q2 queried'],
      ['ask q3 A USD', 'q3 rejected accountInvalid'],
      ['again q1', 'q1 repeated: queried'],
      ['changed q1', 'q1 rejected duplicateIdentity'],
      ['issue A EUR 1', 'issued', 'p1 settled queue'],
    ],
    after: { 'A EUR': 0, 'B EUR': 11 },
  },
  {
    name: 'cancellation: the debtor’s agent withdraws what waits, and what stood behind it goes on',
    accounts: { 'A EUR': 10, 'B EUR': 0 },
    rows: [
      ['open EUR 1', 'EUR opened'],
      ['pay p1 A>B 11 EUR', 'p1 queued'],
      ['pay p2 A>B 10 EUR', 'p2 queued'],
      ['cancel c1 p1 as B', 'c1 rejected paymentUnknown'],
      ['cancel c2 p1', 'p1 cancelled cancelledByDebtorAgent', 'p2 settled queue'],
      ['again c2', 'c2 repeated: cancelled'],
      ['changed c2', 'c2 rejected duplicateIdentity'],
      ['cancel c3 p1', 'c3 rejected paymentFinal'],
      ['cancel c4 p2', 'c4 rejected paymentFinal'],
      ['again c4', 'c4 repeated: rejected paymentFinal'],
      ['again p1', 'p1 repeated: cancelled cancelledByDebtorAgent'],
    ],
    after: { 'A EUR': 0, 'B EUR': 10 },
  },
  {
    name: 'cancellation of what waits for an opening, for its earliest time, or was carried over',
    rules: { atClose: 'carryOver' },
    accounts: { 'A EUR': 0, 'B EUR': 0 },
    rows: [
      ['pay p1 A>B 1 EUR', 'p1 queued'],
      ['cancel c1 p1', 'p1 cancelled cancelledByDebtorAgent'],
      ['open EUR 1', 'EUR opened'],
      ['pay p2 A>B 1 EUR from 5000', 'p2 queued'],
      ['cancel c2 p2', 'p2 cancelled cancelledByDebtorAgent'],
      ['at 6000'],
      ['pay p3 A>B 1 EUR', 'p3 queued'],
      ['close EUR 1', 'p3 carriedOver', 'EUR closed, 1 unsettled'],
      ['cancel c3 p3', 'p3 cancelled cancelledByDebtorAgent'],
    ],
  },
  {
    name: 'PvP: a cancellation gives the quote its part back and frees both queues',
    accounts: { ...PVP, 'A EUR': 5, 'C EUR': 0, 'C USD': 0 },
    rows: [
      ['open EUR 1', 'EUR opened'],
      ['open USD 1', 'USD opened'],
      ['quote q1 D EUR/USD 1 for 10', 'q1 quoted'],
      ['pay p1 A>B 10 EUR via D 10 USD at 1', 'p1 queued'],
      ['pay p2 A>C 5 EUR', 'p2 queued'],
      ['pay p3 D>C 5 USD', 'p3 queued'],
      [
        'cancel c1 p1',
        'p1 cancelled cancelledByDebtorAgent',
        'p2 settled queue',
        'p3 settled queue',
      ],
      ['pay p4 A>B 10 EUR via D 10 USD at 1', 'p4 queued'],
    ],
  },
  {
    name: 're-ordering: to the end of a class, to its front, into another class',
    accounts: { 'A EUR': 0, 'B EUR': 0 },
    rows: [
      ['open EUR 1', 'EUR opened'],
      ['pay p1 A>B 10 EUR', 'p1 queued'],
      ['pay p2 A>B 10 EUR', 'p2 queued'],
      ['pay p3 A>B 10 EUR', 'p3 queued'],
      ['pay p4 A>B 10 EUR high', 'p4 queued'],
      // p4, p1, p2, p3
      ['reorder r1 p1 normal', 'r1 reordered'],
      ['reorder r2 p3 normal to the front', 'r2 reordered'],
      ['reorder r3 p2 urgent', 'r3 reordered'],
      ['reorder r4 p4 normal to the front', 'r4 reordered'],
      ['issue A EUR 40', 'issued', ...['p2', 'p4', 'p3', 'p1'].map((p) => `${p} settled queue`)],
      ['reorder r5 p1 urgent', 'r5 rejected paymentFinal'],
      ['again r1', 'r1 repeated: reordered'],
    ],
  },
  {
    name: 're-ordering: what may go now goes',
    accounts: { 'A EUR': 10, 'B EUR': 0 },
    rows: [
      ['open EUR 1', 'EUR opened'],
      ['pay p1 A>B 11 EUR', 'p1 queued'],
      ['pay p2 A>B 5 EUR', 'p2 queued'],
      ['pay p3 A>B 5 EUR', 'p3 queued'],
      ['reorder r1 p3 urgent', 'r1 reordered', 'p3 settled queue'],
      ['reorder r2 p1 normal', 'r2 reordered', 'p2 settled queue'],
      ['reorder r3 p1 mostUrgent', 'r3 rejected formatInvalid'],
    ],
  },
  {
    name: 're-ordering of a PvP payment moves it in both queues alike, so that neither waits for ever',
    accounts: { ...PVP, 'A EUR': 0, 'D USD': 20 },
    rows: [
      ['open EUR 1', 'EUR opened'],
      ['open USD 1', 'USD opened'],
      ['quote q1 D EUR/USD 1 for 100', 'q1 quoted'],
      ['pay p1 A>B 10 EUR via D 10 USD at 1', 'p1 queued'],
      ['pay p2 A>B 9 EUR via D 9 USD at 1', 'p2 queued'],
      ['reorder r1 p2 normal to the front', 'r1 reordered'],
      ['issue A EUR 19', 'issued', 'p2 settled queue', 'p1 settled queue'],
    ],
  },
  {
    name: 're-ordering outside the queues changes the class, not the order of coming in',
    accounts: { 'A EUR': 10, 'B EUR': 0 },
    rows: [
      ['pay p1 A>B 11 EUR', 'p1 queued'],
      ['pay p2 A>B 6 EUR', 'p2 queued'],
      ['pay p3 A>B 5 EUR', 'p3 queued'],
      ['reorder r1 p3 urgent to the front', 'r1 reordered'],
      ['reorder r2 p2 high to the front', 'r2 reordered'],
      // p2 comes in first and settles; then p3 is urgent, and waits for money alone.
      ['open EUR 1', 'EUR opened', 'p2 settled entry'],
      ['issue A EUR 1', 'issued', 'p3 settled queue'],
    ],
  },
]);
