import { readFileSync } from 'node:fs';
import { PVP, testCases } from './cases.ts';

const wasm = new WebAssembly.Module(
  readFileSync(new URL('../../assembly/corridor.wasm', import.meta.url)),
);

testCases(wasm, [
  {
    name: 'early and late: a payment waits for the openings, is refused after the close',
    accounts: { ...PVP, 'B EUR': 0 },
    rows: [
      ['quote q1 D EUR/USD 1.1 for 200', 'q1 quoted'],
      ['pay p1 A>B 10 EUR via D 11 USD at 1.1', 'p1 queued'],
      ['pay p2 A>B 90 EUR', 'p2 queued'],
      ['open EUR 1', 'EUR opened', 'p2 settled entry'],
      ['open USD 1', 'USD opened', 'p1 settled entry'],
      ['pay p3 A>B 1 EUR date 2', 'p3 rejected settlementDateInvalid'],
      ['close EUR 1', 'EUR closed, 0 unsettled'],
      ['pay p4 A>B 1 EUR', 'p4 rejected afterCutOff'],
      ['pay p5 A>B 1 EUR date 2', 'p5 queued'],
      ['open EUR 1', 'refused recordInvalid'],
      ['close USD 1', 'USD closed, 0 unsettled'],
      ['open EUR 2', 'EUR opened'],
      ['issue A EUR 1', 'issued', 'p5 settled queue'],
    ],
  },
  {
    name: 'carried over: waits outside the queues, then goes on in the old order',
    rules: { atClose: 'carryOver' },
    accounts: { 'A EUR': 0, 'B EUR': 0 },
    rows: [
      ['open EUR 1', 'EUR opened'],
      ['pay p1 A>B 10 EUR', 'p1 queued'],
      ['pay p2 A>B 5 EUR', 'p2 queued'],
      ['close EUR 1', 'p1 carriedOver', 'p2 carriedOver', 'EUR closed, 2 unsettled'],
      ['issue A EUR 12', 'issued'],
      ['again p1', 'p1 repeated: carriedOver'],
      ['pay p3 A>B 2 EUR date 2', 'p3 queued'],
      ['open EUR 2', 'EUR opened', 'p1 settled entry'],
      ['issue A EUR 5', 'issued', 'p2 settled queue', 'p3 settled queue'],
    ],
  },
  {
    name: 'identities: the same message changes nothing, another payload is refused, both for days',
    rules: { identityDays: 2 },
    accounts: { 'A EUR': 100, 'B EUR': 0 },
    rows: [
      ['open EUR 1', 'EUR opened'],
      ['pay p1 A>B 10 EUR', 'p1 settled entry'],
      ['again p1', 'p1 repeated: settled'],
      ['changed p1', 'p1 rejected duplicateIdentity'],
      ['pay p2 A>B 0 EUR', 'p2 rejected amountNotPositive'],
      ['again p2', 'p2 repeated: rejected amountNotPositive'],
      ['close EUR 1', 'EUR closed, 0 unsettled'],
      ['open EUR 2', 'EUR opened'],
      ['again p1', 'p1 repeated: settled'],
      ['close EUR 2', 'EUR closed, 0 unsettled'],
      ['open EUR 3', 'EUR opened'],
      // Dated before the window now, but still known.
      ['again p1', 'p1 repeated: settled'],
      ['close EUR 3', 'EUR closed, 0 unsettled'],
      ['open EUR 4', 'EUR opened'],
      ['again p1', 'p1 rejected settlementDateInvalid'],
    ],
    after: { 'A EUR': 90 },
  },
  {
    name: 'identities: what has been forgotten stays out, whichever currency closes later',
    rules: { identityDays: 2 },
    accounts: { 'A EUR': 0, 'A USD': 0, 'A CNY': 0, 'B CNY': 0 },
    rows: [
      ['open USD 1', 'USD opened'],
      ['open EUR 5', 'EUR opened'],
      ['close EUR 5', 'EUR closed, 0 unsettled'],
      ['close USD 1', 'USD closed, 0 unsettled'],
      ['pay p1 A>B 1 CNY date 1', 'p1 rejected settlementDateInvalid'],
    ],
  },
]);
