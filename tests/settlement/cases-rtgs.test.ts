import { readFileSync } from 'node:fs';
import { testCases } from './cases.ts';

const wasm = new WebAssembly.Module(
  readFileSync(new URL('../../assembly/corridor.wasm', import.meta.url)),
);

testCases(wasm, [
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
]);
