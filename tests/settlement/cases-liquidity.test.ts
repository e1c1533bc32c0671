import { readFileSync } from 'node:fs';
import { testCases } from './cases.ts';

const wasm = new WebAssembly.Module(
  readFileSync(new URL('../../assembly/corridor.wasm', import.meta.url)),
);

testCases(wasm, [
  {
    name: 'collateral: 1,000 less a haircut of 10 % and 100 of its own pay 1,000 and no more',
    accounts: { 'A EUR': 100, 'B EUR': 0 },
    rows: [
      ['open EUR 1', 'EUR opened'],
      ['collateral A EUR 1000 haircut 1000', 'collateralSet, capacity 900'],
      ['pay p1 A>B 1001 EUR', 'p1 queued'],
      ['pay p2 A>B 1000 EUR urgent', 'p2 settled entry'],
      // Rounded down: 2,000.7 gives 2,000. The line comes on top.
      ['collateral A EUR 2223 haircut 1000', 'collateralSet, capacity 2000', 'p1 settled queue'],
      ['line A EUR 7', 'creditLineSet'],
      ['collateral A EUR 0', 'collateralSet, capacity 7'],
      ['pay p3 A>B 1 EUR', 'p3 queued'],
      ['collateral A EUR 1 haircut 10001', 'refused recordInvalid'],
      ['collateral A EUR -1', 'refused recordInvalid'],
    ],
    after: { 'A EUR': -1901, 'B EUR': 2001 },
  },
  {
    name: 'reservations: each class may use what the higher ones have not reserved',
    accounts: { 'A EUR': 100, 'B EUR': 0 },
    rows: [
      ['open EUR 1', 'EUR opened'],
      ['reserve v1 A EUR urgent 50', 'v1 reservationSet'],
      ['reserve v2 A EUR high 30', 'v2 reservationSet'],
      ['pay p1 A>B 21 EUR', 'p1 queued'],
      ['pay p2 A>B 51 EUR high', 'p2 queued'],
      ['pay p3 A>B 100 EUR urgent', 'p3 settled entry'],
      // The urgent reservation is used up, the other one not.
      ['issue A EUR 50', 'issued'],
      ['issue A EUR 1', 'issued', 'p2 settled queue'],
      ['issue A EUR 21', 'issued', 'p1 settled queue'],
    ],
    after: { 'A EUR': 0, 'B EUR': 172 },
  },
  {
    name: 'reservations: a settled payment uses its own class up, a lowered one lets through',
    accounts: { 'A EUR': 100, 'B EUR': 0 },
    rows: [
      ['open EUR 1', 'EUR opened'],
      ['reserve v1 A EUR high 60', 'v1 reservationSet'],
      ['pay p1 A>B 20 EUR high', 'p1 settled entry'],
      // 80 left, of which 40 are reserved.
      ['pay p2 A>B 41 EUR', 'p2 queued'],
      ['pay p3 A>B 40 EUR', 'p3 queued'],
      ['reserve v2 A EUR high 39', 'v2 reservationSet', 'p2 settled queue'],
      ['reserve v3 A EUR high 0', 'v3 reservationSet'],
      ['reserve v4 A EUR normal 5', 'v4 rejected formatInvalid'],
      ['reserve v5 A EUR high -1', 'v5 rejected formatInvalid'],
      ['again v3', 'v3 repeated: reservationSet'],
    ],
  },
  {
    name: 'an issuer: no one else makes or takes away its money',
    accounts: { 'C EUR': 0, 'A EUR': 5, 'B EUR': 0 },
    rows: [
      ['issue A EUR 5', 'issued'],
      ['issuer EUR A', 'issuerSet'],
      ['issue A EUR 5', 'refused notIssuer'],
      ['issue A EUR 5 by A', 'issued'],
      ['issue B EUR 5 by A', 'issued'],
      ['redeem B EUR 5 by B', 'refused notIssuer'],
      ['redeem B EUR 5 by A', 'redeemed'],
      ['line B EUR 5', 'creditLineSet'],
      ['issuer EUR B', 'issuerSet'],
      ['issue A EUR 5 by A', 'refused notIssuer'],
    ],
    after: { 'A EUR': 15, 'B EUR': 0 },
  },
  {
    name: 'what is redeemed is money that is there: no credit is drawn for it, a reservation is no bar',
    accounts: { 'A EUR': 10, 'B EUR': 0 },
    rows: [
      ['line A EUR 30', 'creditLineSet'],
      ['collateral A EUR 20', 'collateralSet, capacity 50'],
      ['reserve v1 A EUR urgent 10', 'v1 reservationSet'],
      ['redeem A EUR 11', 'refused fundsInsufficient'],
      ['redeem A EUR 10', 'redeemed'],
      ['redeem A EUR 1', 'refused fundsInsufficient'],
      ['open EUR 1', 'EUR opened'],
      ['pay p1 A>B 5 EUR urgent', 'p1 settled entry'],
      ['redeem A EUR 1', 'refused fundsInsufficient'],
      ['redeem B EUR 5', 'redeemed'],
    ],
    after: { 'A EUR': -5, 'B EUR': 0 },
  },
  {
    name: 'rules by currency: EUR bypasses and carries over, USD is strict and cancels',
    accounts: { 'A EUR': 10, 'B EUR': 0, 'A USD': 10, 'B USD': 0 },
    rows: [
      ['rules EUR bypassFifo carryOver', 'EUR rules set'],
      ['open EUR 1', 'EUR opened'],
      ['open USD 1', 'USD opened'],
      ['pay e1 A>B 11 EUR', 'e1 queued'],
      ['pay e2 A>B 5 EUR', 'e2 settled entry'],
      ['pay u1 A>B 11 USD', 'u1 queued'],
      ['pay u2 A>B 5 USD', 'u2 queued'],
      ['close EUR 1', 'e1 carriedOver', 'EUR closed, 1 unsettled'],
      [
        'close USD 1',
        ...['u1', 'u2'].map((p) => `${p} cancelled cancelledAtClose`),
        'USD closed, 2 unsettled',
      ],
    ],
  },
  {
    name: 'a PvP payment follows the rule of each currency in that currency’s queue',
    accounts: { 'A EUR': 10, 'B EUR': 0, 'D EUR': 0, 'D USD': 10, 'B USD': 0, 'A USD': 0 },
    rows: [
      ['rules EUR bypassFifo', 'EUR rules set'],
      ['open EUR 1', 'EUR opened'],
      ['open USD 1', 'USD opened'],
      ['quote q1 D EUR/USD 1 for 100', 'q1 quoted'],
      ['pay e1 A>B 11 EUR', 'e1 queued'],
      ['pay p1 A>B 5 EUR via D 5 USD at 1', 'p1 settled entry'],
      ['pay u1 D>A 6 USD', 'u1 queued'],
      ['pay p2 A>B 5 EUR via D 5 USD at 1', 'p2 queued'],
      ['rules USD bypassFifo', 'USD rules set', 'p2 settled queue'],
    ],
  },
]);
