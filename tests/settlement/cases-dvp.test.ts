import { readFileSync } from 'node:fs';
import { testCases } from './cases.ts';

const wasm = new WebAssembly.Module(
  readFileSync(new URL('../../assembly/corridor.wasm', import.meta.url)),
);
/** A made-up security, in units; an account of it is a bank's holding. I issues it, C issues EUR. */
const BOND = 'XS0000000009';
const HOLDINGS = {
  'I EUR': 0,
  [`I ${BOND}`]: 0,
  'S EUR': 0,
  [`S ${BOND}`]: 0,
  'B EUR': 0,
  [`B ${BOND}`]: 0,
  'C EUR': 0,
};
const DAY = [
  [`issuer ${BOND} I`, 'issuerSet'],
  ['issuer EUR C', 'issuerSet'],
  [`open ${BOND} 1`, `${BOND} opened`],
  ['open EUR 1', 'EUR opened'],
  [`issue S ${BOND} 50 by I`, 'issued'],
  ['issue B EUR 4900 by C', 'issued'],
] as const;

testCases(wasm, [
  {
    name: 'DvP: the security moves if and only if the money does',
    accounts: HOLDINGS,
    minorUnits: { [BOND]: 0 },
    rows: [
      ...DAY,
      [`issue S ${BOND} 50 by C`, 'refused notIssuer'],
      [`leg d1 S>B 50 ${BOND} for 4950 EUR key trade`, 'd1 queued'],
      [`leg d2 B>S 4950 EUR for 50 ${BOND} key trade`, 'd2 matched', 'd1 matched'],
      ['issue B EUR 50 by C', 'issued', 'd1 settled queue', 'd2 settled queue'],
    ],
    after: { [`S ${BOND}`]: 0, 'S EUR': 4950, [`B ${BOND}`]: 50, 'B EUR': 0 },
  },
  {
    name: 'DvP: a seller that does not hold the security cannot deliver, and is not paid',
    accounts: HOLDINGS,
    minorUnits: { [BOND]: 0 },
    rows: [
      ...DAY,
      [`leg d1 S>B 51 ${BOND} for 4900 EUR key trade`, 'd1 queued'],
      [`leg d2 B>S 4900 EUR for 51 ${BOND} key trade`, 'd2 matched', 'd1 matched'],
      [
        'close EUR 1',
        'd1 cancelled cancelledAtClose',
        'd2 cancelled cancelledAtClose',
        'EUR closed, 2 unsettled',
      ],
    ],
    after: { [`S ${BOND}`]: 50, 'S EUR': 0, [`B ${BOND}`]: 0, 'B EUR': 4900 },
  },
  {
    name: 'DvP: bought and sold on the same day, settled together in a cycle without the money',
    rules: { gridlockResolution: true },
    accounts: { ...HOLDINGS, 'E EUR': 0, [`E ${BOND}`]: 0 },
    minorUnits: { [BOND]: 0 },
    rows: [
      ...DAY,
      // B buys from S and sells to E for more; E has nothing but the same money from S.
      [`leg d1 S>B 50 ${BOND} for 5000 EUR key one`, 'd1 queued'],
      [`leg d2 B>S 5000 EUR for 50 ${BOND} key one`, 'd2 matched', 'd1 matched'],
      [`leg d3 B>E 50 ${BOND} for 5000 EUR key two`, 'd3 queued'],
      [`leg d4 E>B 5000 EUR for 50 ${BOND} key two`, 'd4 matched', 'd3 matched'],
      ['pay p1 S>E 5000 EUR', 'p1 queued'],
      [
        'cycle',
        'cycle 1 resolved: 3 settled, 0 left',
        'd1 settled gridlockResolution',
        'd2 settled gridlockResolution',
        'd3 settled gridlockResolution',
        'd4 settled gridlockResolution',
        'p1 settled gridlockResolution',
      ],
    ],
    after: { [`E ${BOND}`]: 50, 'B EUR': 4900, 'S EUR': 0, 'E EUR': 0 },
  },
]);
