import { readFileSync } from 'node:fs';
import { testCases } from './cases.ts';

const wasm = new WebAssembly.Module(
  readFileSync(new URL('../../assembly/corridor.wasm', import.meta.url)),
);

const OPEN = [
  ['open EUR 1', 'EUR opened'],
  ['open USD 1', 'USD opened'],
  ['value EUR 2', 'valuationSet'],
  ['value USD 1', 'valuationSet'],
] as const;

testCases(wasm, [
  {
    name: 'an aggregate short limit: what one currency owes leaves the other less; a credit frees both',
    accounts: { 'A EUR': [0, 100], 'A USD': [0, 100], 'B EUR': 100, 'B USD': 100 },
    rows: [
      ...OPEN,
      ['across A USD short 50 pooled none', 'crossLimitSet'],
      ['pay p1 A>B 20 EUR', 'p1 settled entry'],
      ['pay p2 A>B 11 USD', 'p2 queued'],
      ['pay p3 A>B 6 EUR', 'p3 queued'],
      ['pay p4 B>A 1 EUR', 'p4 settled entry', 'p3 settled queue'],
      ['pay p5 B>A 6 EUR', 'p5 settled entry', 'p2 settled queue'],
    ],
    after: { 'A EUR': -19, 'A USD': -11 },
  },
  {
    name: 'both legs of a PvP count together: what comes in makes up for what goes out',
    accounts: { 'A EUR': [0, 100], 'A USD': [0, 100], 'B EUR': 0, 'B USD': 300 },
    rows: [
      ...OPEN,
      ['across A USD short 100 pooled none', 'crossLimitSet'],
      ['pay p0 A>B 100 USD', 'p0 settled entry'],
      ['pay p1 A>B 50 EUR', 'p1 queued'],
      ['cancel c1 p1', 'p1 cancelled cancelledByDebtorAgent'],
      ['leg f1 A>B 50 EUR for 100 USD key k', 'f1 queued'],
      [
        'leg f2 B>A 100 USD for 50 EUR key k',
        ...['f2 matched', 'f1 matched', 'f1 settled entry', 'f2 settled entry'],
      ],
    ],
    after: { 'A EUR': -50, 'A USD': 0 },
  },
  {
    name: 'pooled collateral: long balances count less their haircut, short ones more',
    accounts: { 'A EUR': 100, 'A USD': [0, 1000], 'B EUR': 0, 'B USD': 0 },
    rows: [
      ['open EUR 1', 'EUR opened'],
      ['open USD 1', 'USD opened'],
      ['value EUR 2 haircut 1000', 'valuationSet'],
      ['value USD 1 haircut 500', 'valuationSet'],
      ['across A USD short none pooled 30', 'crossLimitSet'],
      // 100 x 2 x 0.9 + 30 = 210 = 200 x 1.05
      ['pay p1 A>B 201 USD', 'p1 queued'],
      ['pay p2 A>B 200 USD urgent', 'p2 settled entry'],
      ['pay p3 A>B 1 EUR', 'p3 queued'],
      ['across A USD short none pooled 32', 'crossLimitSet', 'p3 settled queue'],
      ['value USD 0', 'valuationSet', 'p1 settled queue'],
    ],
    after: { 'A EUR': 99, 'A USD': -401 },
  },
  {
    name: 'a limit lowered below what is owed forces nothing back and lets nothing more out',
    accounts: { 'A EUR': [0, 100], 'A USD': [10, 100], 'B EUR': 100, 'B USD': 100 },
    rows: [
      ...OPEN,
      ['pay p1 A>B 50 EUR', 'p1 settled entry'],
      ['across A EUR short 10 pooled none', 'crossLimitSet'],
      ['pay p2 A>B 10 USD', 'p2 settled entry'],
      ['pay p3 A>B 1 USD', 'p3 queued'],
      ['across A EUR short none pooled none', 'crossLimitSet', 'p3 settled queue'],
      ['value EUR -1', 'refused recordInvalid'],
      ['value EUR 281474976710656', 'refused recordInvalid'],
      ['value EUR 1 haircut 10001', 'refused recordInvalid'],
    ],
    after: { 'A EUR': -50, 'A USD': -1 },
  },
  {
    name: 'a gridlock over two currencies: the limit across them is kept by a heuristic, which says so',
    rules: { gridlockResolution: true, certificates: true },
    accounts: { 'A EUR': [0, 100], 'A USD': [0, 100], 'B EUR': 0, 'B USD': 0 },
    rows: [
      ...OPEN,
      ['across A USD short 10 pooled none', 'crossLimitSet'],
      // All four together would leave A owing 6 EUR and 6 USD: 18. Without p1 and p3 it owes 6.
      ['pay p1 A>B 26 EUR', 'p1 queued'],
      ['pay p2 A>B 26 USD', 'p2 queued'],
      ['pay p3 B>A 20 EUR', 'p3 queued'],
      ['pay p4 B>A 20 USD', 'p4 queued'],
      [
        'cycle',
        'cycle 1 resolved: 2 settled, 2 left (2 by a heuristic)',
        'p2 settled gridlockResolution',
        'p4 settled gridlockResolution',
        'p1 held up by aggregateShortLimit of A USD: 48',
        'p3 held up by balance of B EUR: 20',
      ],
    ],
    after: { 'A EUR': 0, 'A USD': -6 },
  },
  {
    name: 'two sets, each allowed alone and not together: there is no largest one, and one of them settles',
    rules: { gridlockResolution: true },
    accounts: { 'A EUR': [0, 5], 'A USD': [0, 10], 'B EUR': 0, 'B USD': 0 },
    rows: [
      ...OPEN,
      ['across A USD short 10 pooled none', 'crossLimitSet'],
      // Either pair leaves A owing what is worth 6; both, 12.
      ['pay p1 A>B 23 EUR', 'p1 queued'],
      ['pay p2 A>B 26 USD', 'p2 queued'],
      ['pay p3 B>A 20 EUR', 'p3 queued'],
      ['pay p4 B>A 20 USD', 'p4 queued'],
      [
        'cycle',
        'cycle 1 resolved: 2 settled, 2 left (2 by a heuristic)',
        'p2 settled gridlockResolution',
        'p4 settled gridlockResolution',
      ],
      ['cancel c1 p1', 'p1 cancelled cancelledByDebtorAgent'],
      ['issue A USD 6', 'issued'],
      ['pay p5 A>B 23 EUR', 'p5 queued'],
      [
        'cycle',
        'cycle 2 resolved: 2 settled, 0 left',
        'p3 settled gridlockResolution',
        'p5 settled gridlockResolution',
      ],
    ],
    after: { 'A EUR': -3, 'A USD': 0 },
  },
  {
    name: 'offsetting and mechanisms of one currency keep a limit across currencies like a floor',
    rules: { entryOffsetting: true, cycle: 'bankClearing' },
    accounts: { 'A EUR': [0, 100], 'A USD': [0, 100], 'B EUR': 0, 'B USD': 0 },
    rows: [
      ...OPEN,
      ['across A USD short 10 pooled none', 'crossLimitSet'],
      ['pay p1 A>B 10 USD', 'p1 settled entry'],
      ['pay p2 B>A 20 EUR', 'p2 queued'],
      ['pay p3 A>B 21 EUR', 'p3 queued'],
      ['pay p4 A>B 20 EUR urgent', 'p4 settled entryOffsetting', 'p2 settled entryOffsetting'],
      ['pay p5 B>A 20 EUR', 'p5 queued'],
      ['cycle EUR', 'cycle 1 deadlock: 0 settled, 2 left'],
      ['across A USD short 12 pooled none', 'crossLimitSet'],
      [
        'cycle EUR',
        'cycle 2 resolved: 2 settled, 0 left',
        'p3 settled bankClearing',
        'p5 settled bankClearing',
      ],
    ],
    after: { 'A EUR': -1, 'A USD': -10 },
  },
]);
