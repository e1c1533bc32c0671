import { readFileSync } from 'node:fs';
import { PVP, testCases } from './cases.ts';

const wasm = new WebAssembly.Module(
  readFileSync(new URL('../../assembly/corridor.wasm', import.meta.url)),
);

testCases(wasm, [
  {
    name: 'a bilateral limit: what the counterparty pays makes room for what waits',
    accounts: { 'A EUR': 1000, 'B EUR': 1000 },
    rows: [
      ['open EUR 1', 'EUR opened'],
      ['limit l1 A>B EUR 50', 'l1 limitSet, 0 counted'],
      ['pay p1 A>B 100 EUR', 'p1 queued'],
      ['pay p2 B>A 60 EUR', 'p2 settled entry', 'p1 settled queue'],
      // Out 100, in 60: headroom 10.
      ['pay p3 A>B 11 EUR', 'p3 queued'],
      ['pay p4 A>B 10 EUR urgent', 'p4 settled entry'],
      ['limit l2 A>B EUR 60', 'l2 limitSet, 50 counted'],
      ['limit l3 A>B EUR 61', 'l3 limitSet, 50 counted', 'p3 settled queue'],
    ],
    after: { 'A EUR': 939, 'B EUR': 1061 },
  },
  {
    name: 'a limit counts from the moment at which it is set, and forgets when it is taken away',
    accounts: { 'A EUR': 1000, 'B EUR': 0 },
    rows: [
      ['open EUR 1', 'EUR opened'],
      ['pay p1 A>B 500 EUR', 'p1 settled entry'],
      ['limit l1 A>B EUR 20', 'l1 limitSet, 0 counted'],
      ['pay p2 A>B 20 EUR', 'p2 settled entry'],
      ['pay p3 A>B 1 EUR', 'p3 queued'],
      ['limit l2 A>B EUR none', 'l2 limitSet, 0 counted', 'p3 settled queue'],
      ['limit l3 A>B EUR 20', 'l3 limitSet, 0 counted'],
      ['pay p4 A>B 20 EUR', 'p4 settled entry'],
    ],
  },
  {
    name: 'a limit below what has flowed out: nothing comes back, nothing more goes out',
    accounts: { 'A EUR': 1000, 'B EUR': 1000 },
    rows: [
      ['open EUR 1', 'EUR opened'],
      ['limit l1 A>B EUR 100', 'l1 limitSet, 0 counted'],
      ['pay p1 A>B 80 EUR', 'p1 settled entry'],
      ['limit l2 A>B EUR 30', 'l2 limitSet, 80 counted'],
      ['pay p2 A>B 1 EUR', 'p2 queued'],
      ['pay p3 B>A 50 EUR', 'p3 settled entry'],
      ['pay p4 B>A 1 EUR', 'p4 settled entry', 'p2 settled queue'],
    ],
  },
  {
    name: 'a multilateral limit: against all who have no bilateral one',
    accounts: { 'A EUR': 1000, 'B EUR': 0, 'C EUR': 100, 'D EUR': 0 },
    rows: [
      ['open EUR 1', 'EUR opened'],
      ['limit l1 A>all EUR 100', 'l1 limitSet, 0 counted'],
      ['limit l2 A>B EUR 10', 'l2 limitSet, 0 counted'],
      ['pay p1 A>C 60 EUR', 'p1 settled entry'],
      ['pay p2 A>D 41 EUR', 'p2 queued'],
      ['pay p3 A>D 40 EUR high', 'p3 settled entry'],
      ['pay p4 A>B 10 EUR urgent', 'p4 settled entry'],
      ['pay p5 A>B 1 EUR urgent', 'p5 queued'],
      ['pay p6 C>A 41 EUR', 'p6 settled entry'],
      ['limit l3 A>B EUR 11', 'l3 limitSet, 10 counted', 'p5 settled queue', 'p2 settled queue'],
      // With D's own limit its payments count there from now on; 60 + 40 - 41 + 41 stay counted.
      ['limit l4 A>D EUR 5', 'l4 limitSet, 0 counted'],
      ['pay p7 A>D 5 EUR', 'p7 settled entry'],
      ['pay p8 A>C 1 EUR', 'p8 queued'],
      ['limit l5 A>all EUR none', 'l5 limitSet, 0 counted', 'p8 settled queue'],
    ],
  },
  {
    name: 'strict FIFO waits behind a limit, bypass FIFO passes it',
    accounts: { 'A EUR': 1000, 'B EUR': 0, 'C EUR': 0 },
    rows: [
      ['open EUR 1', 'EUR opened'],
      ['limit l1 A>B EUR 50', 'l1 limitSet, 0 counted'],
      ['pay p1 A>B 60 EUR', 'p1 queued'],
      ['pay p2 A>C 10 EUR', 'p2 queued'],
      ['rules EUR bypassFifo', 'EUR rules set', 'p2 settled queue'],
      ['pay p3 A>C 10 EUR', 'p3 settled entry'],
    ],
  },
  {
    name: 'PvP: each leg counts against the limit of who pays it, in its own currency',
    accounts: { ...PVP, 'C USD': 0, 'D EUR': 50, 'B USD': 200 },
    rows: [
      ['open EUR 1', 'EUR opened'],
      ['open USD 1', 'USD opened'],
      ['quote q1 D EUR/USD 1 for 1000', 'q1 quoted'],
      ['limit l1 D>B USD 30', 'l1 limitSet, 0 counted'],
      ['limit l2 A>D EUR 40', 'l2 limitSet, 0 counted'],
      ['pay p1 A>B 31 EUR via D 31 USD at 1', 'p1 queued'],
      ['pay p2 B>D 1 USD', 'p2 settled entry', 'p1 settled queue'],
      ['pay p3 A>C 10 EUR via D 10 USD at 1', 'p3 queued'],
      ['pay p4 D>A 1 EUR', 'p4 settled entry', 'p3 settled queue'],
    ],
    after: { 'A EUR': 60, 'D EUR': 90, 'D USD': 70, 'B USD': 230, 'C USD': 10 },
  },
  {
    name: 'limits: who may set what',
    rules: { limitsMax: 1 },
    accounts: { 'A EUR': 1000, 'B EUR': 0, 'C USD': 0 },
    rows: [
      ['limit l1 A>A EUR 5', 'l1 rejected sameAgent'],
      ['limit l2 C>A EUR 5', 'l2 rejected accountMissing'],
      ['limit l3 A>B EUR -2', 'l3 rejected formatInvalid'],
      ['limit l4 A>B EUR none', 'l4 limitSet, 0 counted'],
      ['limit l5 A>C EUR 5', 'l5 limitSet, 0 counted'],
      ['limit l6 A>B EUR 5', 'l6 rejected limitReached'],
      ['limit l7 A>C EUR 6', 'l7 limitSet, 0 counted'],
      ['limit l8 A>C EUR none', 'l8 limitSet, 0 counted'],
      ['limit l9 A>all EUR 0', 'l9 limitSet, 0 counted'],
      ['again l6', 'l6 repeated: rejected limitReached'],
      ['again l5', 'l5 repeated: limitSet'],
      ['changed l5', 'l5 rejected duplicateIdentity'],
      ['open EUR 1', 'EUR opened'],
      ['pay p1 A>B 1 EUR', 'p1 queued'],
    ],
  },
]);
