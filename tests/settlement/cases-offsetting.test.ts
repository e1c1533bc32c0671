import { readFileSync } from 'node:fs';
import { testCases } from './cases.ts';

const wasm = new WebAssembly.Module(
  readFileSync(new URL('../../assembly/corridor.wasm', import.meta.url)),
);

const ENTRY = { entryOffsetting: true } as const;
const ELEVEN = Array.from({ length: 11 }, (_, i) => i);
const QUEUES = { bilateralOffsetting: true, cycleIntervalMs: 1000 } as const;

testCases(wasm, [
  {
    name: 'offsetting at entry: the arriving payment and the front of the counterparty’s queue at once',
    rules: ENTRY,
    accounts: { 'A EUR': 0, 'B EUR': 20 },
    rows: [
      ['open EUR 1', 'EUR opened'],
      ['pay p1 A>B 80 EUR', 'p1 queued'],
      ['pay p2 B>A 100 EUR', 'p2 settled entryOffsetting', 'p1 settled entryOffsetting'],
    ],
    after: { 'A EUR': 20, 'B EUR': 0 },
  },
  {
    name: 'offsetting at entry: one unit short, and it queues',
    rules: ENTRY,
    accounts: { 'A EUR': 0, 'B EUR': 19 },
    rows: [
      ['open EUR 1', 'EUR opened'],
      ['pay p1 A>B 80 EUR', 'p1 queued'],
      ['pay p2 B>A 100 EUR', 'p2 queued'],
    ],
  },
  {
    name: 'offsetting at entry: payments to others at the front are not passed',
    rules: ENTRY,
    accounts: { 'A EUR': 0, 'B EUR': 20, 'C EUR': 0 },
    rows: [
      ['open EUR 1', 'EUR opened'],
      ['pay p0 A>C 5 EUR', 'p0 queued'],
      ['pay p1 A>B 80 EUR', 'p1 queued'],
      ['pay p2 B>A 100 EUR', 'p2 queued'],
    ],
  },
  {
    name: 'offsetting at entry: as many as are needed, and no more',
    rules: ENTRY,
    accounts: { 'A EUR': 0, 'B EUR': 0 },
    rows: [
      ['open EUR 1', 'EUR opened'],
      ['pay p1 A>B 40 EUR', 'p1 queued'],
      ['pay p2 A>B 60 EUR', 'p2 queued'],
      ['pay p3 A>B 1 EUR', 'p3 queued'],
      [
        'pay p4 B>A 100 EUR',
        'p4 settled entryOffsetting',
        'p1 settled entryOffsetting',
        'p2 settled entryOffsetting',
      ],
    ],
  },
  {
    name: 'offsetting at entry: against ten payments and no more',
    rules: ENTRY,
    accounts: { 'A EUR': 0, 'B EUR': 0 },
    rows: [
      ['open EUR 1', 'EUR opened'],
      ...ELEVEN.map((i): [string, string] => [`pay q${i} A>B 1 EUR`, `q${i} queued`]),
      ['pay p1 B>A 11 EUR', 'p1 queued'],
      ['cancel c1 p1', 'p1 cancelled cancelledByDebtorAgent'],
      [
        'pay p2 B>A 10 EUR',
        ...['p2', ...ELEVEN.slice(0, 10).map((i) => `q${i}`)].map(
          (name) => `${name} settled entryOffsetting`,
        ),
      ],
    ],
  },
  {
    name: 'offsetting at entry keeps to a bilateral limit',
    rules: ENTRY,
    accounts: { 'A EUR': 0, 'B EUR': 50 },
    rows: [
      ['open EUR 1', 'EUR opened'],
      ['limit l1 B>A EUR 30', 'l1 limitSet, 0 counted'],
      ['pay p1 A>B 60 EUR', 'p1 queued'],
      ['pay p2 B>A 91 EUR', 'p2 queued'],
      ['limit l2 B>A EUR 31', 'l2 limitSet, 0 counted'],
      ['cycle EUR', 'refused recordInvalid'],
    ],
  },
  {
    name: 'bilateral offsetting of queues waits for the minimum time, then settles without an event between',
    rules: { ...QUEUES, offsettingMinimumMs: 60_000 },
    accounts: { 'A EUR': 0, 'B EUR': 20 },
    rows: [
      ['open EUR 1', 'EUR opened'],
      ['pay p1 A>B 80 EUR', 'p1 queued'],
      ['pay p2 B>A 100 EUR', 'p2 queued'],
      ['at 59999'],
      ['at 60000', 'p1 settled bilateralOffsetting', 'p2 settled bilateralOffsetting'],
    ],
    after: { 'A EUR': 20, 'B EUR': 0 },
  },
  {
    name: 'bilateral offsetting under bypass FIFO passes payments to others',
    rules: { ...QUEUES, queueRule: 'bypassFifo' },
    accounts: { 'A EUR': 0, 'B EUR': 0, 'C EUR': 0 },
    rows: [
      ['open EUR 1', 'EUR opened'],
      ['pay p0 B>C 5 EUR', 'p0 queued'],
      ['pay p1 B>A 10 EUR', 'p1 queued'],
      ['pay p2 A>B 10 EUR', 'p2 queued'],
      ['at 1000', 'p1 settled bilateralOffsetting', 'p2 settled bilateralOffsetting'],
    ],
  },
  {
    name: 'all or nothing: one unit short and nothing settles, though a part could',
    rules: { cycle: 'allOrNothing', certificates: true },
    accounts: { 'A EUR': 0, 'B EUR': 0, 'C EUR': 0 },
    rows: [
      ['open EUR 1', 'EUR opened'],
      ['pay p1 A>B 10 EUR', 'p1 queued'],
      ['pay p2 B>A 10 EUR', 'p2 queued'],
      ['pay p3 A>C 1 EUR', 'p3 queued'],
      [
        'cycle EUR',
        'cycle 1 gridlock: 0 settled, 3 left',
        'p1 held up by balance of A EUR: 10',
        'p2 held up by balance of B EUR: 10',
      ],
      ['rules EUR partial', 'EUR rules set'],
      [
        'cycle',
        'cycle 2 resolved: 2 settled, 1 left',
        'p1 settled partial',
        'p2 settled partial',
        'p3 held up by balance of A EUR: 1',
      ],
    ],
  },
  {
    name: 'multiple: the pair with the smaller difference first',
    rules: { cycle: 'multiple' },
    accounts: { 'A EUR': 10, 'B EUR': 0, 'C EUR': 0 },
    rows: [
      ['open EUR 1', 'EUR opened'],
      ['pay p1 A>B 50 EUR', 'p1 queued'],
      ['pay p2 B>A 40 EUR', 'p2 queued'],
      ['pay p3 A>C 30 EUR', 'p3 queued'],
      ['pay p4 C>A 25 EUR', 'p4 queued'],
      [
        'cycle EUR',
        'cycle 1 resolved: 2 settled, 2 left',
        'p3 settled multiple',
        'p4 settled multiple',
      ],
    ],
    after: { 'A EUR': 5 },
  },
  {
    name: 'without the order: a payment that cannot be funded is passed over',
    rules: { cycle: 'bankClearing' },
    accounts: { 'A EUR': 0, 'B EUR': 0, 'C EUR': 0 },
    rows: [
      ['open EUR 1', 'EUR opened'],
      ['pay p1 A>C 100 EUR', 'p1 queued'],
      ['pay p2 A>B 10 EUR', 'p2 queued'],
      ['pay p3 B>A 10 EUR', 'p3 queued'],
      [
        'cycle EUR',
        'cycle 1 resolved: 2 settled, 1 left',
        'p2 settled bankClearing',
        'p3 settled bankClearing',
      ],
    ],
  },
  {
    name: 'a PvP payment with a leg whose currency does something else is held, and what stands behind it',
    rules: { gridlockResolution: true, certificates: true },
    accounts: { 'A EUR': 0, 'B EUR': 0, 'D EUR': 0, 'B USD': 0, 'D USD': 50 },
    rows: [
      ['open EUR 1', 'EUR opened'],
      ['open USD 1', 'USD opened'],
      ['rules USD allOrNothing', 'USD rules set'],
      ['quote q1 D EUR/USD 1 for 100', 'q1 quoted'],
      ['pay p1 A>B 10 EUR via D 10 USD at 1', 'p1 queued'],
      ['pay p2 A>D 10 EUR', 'p2 queued'],
      ['pay p3 D>A 20 EUR', 'p3 queued'],
      [
        'cycle EUR',
        'cycle 1 deadlock: 0 settled, 3 left',
        'p1 held up by balance of A EUR: 10',
        'p3 held up by balance of D EUR: 20',
      ],
      ['rules USD gridlockResolution', 'USD rules set'],
      [
        'cycle USD',
        'cycle 2 resolved: 3 settled, 0 left',
        ...['p1', 'p2', 'p3'].map((p) => `${p} settled gridlockResolution`),
      ],
    ],
  },
  {
    name: 'a bilateral limit cuts the payer’s queue before its last payment to that counterparty',
    rules: { gridlockResolution: true, certificates: true },
    accounts: { 'A EUR': 0, 'B EUR': 0, 'C EUR': 0 },
    rows: [
      ['open EUR 1', 'EUR opened'],
      ['limit l1 A>B EUR 5', 'l1 limitSet, 0 counted'],
      ['pay p1 A>C 10 EUR', 'p1 queued'],
      ['pay p2 A>B 6 EUR', 'p2 queued'],
      ['pay p3 A>C 1 EUR', 'p3 queued'],
      ['pay p4 C>A 17 EUR', 'p4 queued'],
      [
        'cycle EUR',
        'cycle 1 deadlock: 0 settled, 4 left',
        'p1 held up by balance of A EUR: 10',
        'p4 held up by balance of C EUR: 17',
      ],
      ['issue C EUR 7', 'issued'],
      [
        'cycle EUR',
        'cycle 2 resolved: 2 settled, 2 left',
        'p1 settled gridlockResolution',
        'p4 settled gridlockResolution',
        'p2 held up by bilateralLimit of A EUR against B: 1',
      ],
    ],
  },
]);
