/**
 * Pairs of events at one instant whose order decides what settles: the rows of a table in
 * docs/settlement.md, each with a day that shows it. A row is here and there in the same words.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { type Case, PVP, testCases } from './cases.ts';

const wasm = new WebAssembly.Module(
  readFileSync(new URL('../../assembly/corridor.wasm', import.meta.url)),
);
const PAGE = readFileSync(
  fileURLToPath(new URL('../../../docs/settlement.md', import.meta.url)),
  'utf8',
);

const AB = { 'A EUR': 10, 'B EUR': 0 } as const;
const NONE = { 'A EUR': 0, 'B EUR': 0 } as const;
const CYCLES = { gridlockResolution: true, cycleIntervalMs: 2000 } as const;
const OPEN = ['open EUR 1', 'EUR opened'] as const;
const CHAINS = { chainLegsMax: 16 } as const;
/** A owes B 10 and B owes A 10, and neither has anything. */
const GRIDLOCK = [
  ['pay g1 A>B 10 EUR', 'g1 queued'],
  ['pay g2 B>A 10 EUR', 'g2 queued'],
] as const;
const RESOLVED = [
  'cycle 1 resolved: 2 settled, 0 left',
  'g1 settled gridlockResolution',
  'g2 settled gridlockResolution',
] as const;

/** Of two events at one instant, what the order makes of them. */
interface Pair extends Omit<Case, 'name'> {
  /** Both, the first first; then what follows. */
  readonly events: string;
  readonly so: string;
}

const PAIRS: readonly Pair[] = [
  {
    events: 'two earliest times',
    so: 'the payment whose message arrived first comes in first',
    accounts: AB,
    rows: [
      OPEN,
      ['pay p1 A>B 8 EUR from 2000', 'p1 queued'],
      ['pay p2 A>B 7 EUR from 2000', 'p2 queued'],
      ['at 2000', 'p1 settled entry'],
    ],
  },
  {
    events: 'two latest times',
    so: 'what waits behind the first is tried before the second ends, but does not settle past it',
    accounts: AB,
    rows: [
      OPEN,
      ['pay p1 A>B 11 EUR till 2000', 'p1 queued'],
      ['pay p2 A>B 12 EUR till 2000', 'p2 queued'],
      ['pay p3 A>B 1 EUR', 'p3 queued'],
      [
        'at 2000',
        'p1 cancelled latestTimePassed',
        'p2 cancelled latestTimePassed',
        'p3 settled queue',
      ],
    ],
  },
  {
    events: 'an earliest time, the latest time of a message that arrived later',
    so: 'the first comes in behind the second, and settles from the queue when that ends',
    accounts: AB,
    rows: [
      OPEN,
      ['pay p1 A>B 10 EUR from 2000', 'p1 queued'],
      ['pay p2 A>B 11 EUR till 2000', 'p2 queued'],
      ['at 2000', 'p2 cancelled latestTimePassed', 'p1 settled queue'],
    ],
  },
  {
    events: 'a latest time, the earliest time of a message that arrived later',
    so: 'the second finds the first gone, and settles as it comes in',
    accounts: AB,
    rows: [
      OPEN,
      ['pay p1 A>B 11 EUR till 2000', 'p1 queued'],
      ['pay p2 A>B 10 EUR from 2000', 'p2 queued'],
      ['at 2000', 'p1 cancelled latestTimePassed', 'p2 settled entry'],
    ],
  },
  {
    events: 'the latest time and the time-out of one leg',
    so: 'it ends as unmatched (AB03)',
    rules: { pvpTimeoutMs: 2000 },
    accounts: { 'A EUR': 9, 'A USD': 0, 'B EUR': 0, 'B USD': 9 },
    rows: [
      ['leg f1 A>B 9 EUR for 9 USD key fx till 2000', 'f1 queued'],
      ['at 2000', 'f1 cancelled unmatched'],
    ],
  },
  {
    events: 'an earliest time, the latest time of a later message that it funds',
    so: 'the later one settles at its last instant',
    accounts: { 'A EUR': 0, 'B EUR': 0, 'C EUR': 10 },
    rows: [
      OPEN,
      ['pay p1 C>A 10 EUR from 2000', 'p1 queued'],
      ['pay p2 A>B 10 EUR till 2000', 'p2 queued'],
      ['at 2000', 'p1 settled entry', 'p2 settled queue'],
    ],
  },
  {
    events: 'an earliest time of the first leg of a pair, the latest time of the second',
    so: 'the pair comes in, and ends if it does not settle at once',
    accounts: { 'A EUR': 10, 'A USD': 0, 'B EUR': 0, 'B USD': 9 },
    rows: [
      OPEN,
      ['open USD 1', 'USD opened'],
      ['leg f1 A>B 9 EUR for 9 USD key fx from 2000', 'f1 queued'],
      ['leg f2 B>A 9 USD for 9 EUR key fx till 2000', 'f2 matched', 'f1 matched'],
      ['leg f3 A>B 1 EUR for 1 USD key gx from 2000', 'f3 queued'],
      ['leg f4 B>A 1 USD for 1 EUR key gx till 2000', 'f4 matched', 'f3 matched'],
      [
        'at 2000',
        'f1 settled entry',
        'f2 settled entry',
        'f4 cancelled latestTimePassed',
        'f3 cancelled matchCancelled',
      ],
    ],
  },
  {
    events: 'the latest time of the first leg of a pair, the earliest time of the second',
    so: 'both end',
    accounts: { 'A EUR': 9, 'A USD': 0, 'B EUR': 0, 'B USD': 9 },
    rows: [
      OPEN,
      ['open USD 1', 'USD opened'],
      ['leg f1 A>B 9 EUR for 9 USD key fx till 2000', 'f1 queued'],
      ['leg f2 B>A 9 USD for 9 EUR key fx from 2000', 'f2 matched', 'f1 matched'],
      ['at 2000', 'f1 cancelled latestTimePassed', 'f2 cancelled matchCancelled'],
    ],
  },
  {
    events: 'an earliest time, a periodic cycle',
    so: 'the payment is in the cycle',
    rules: CYCLES,
    accounts: NONE,
    rows: [
      OPEN,
      ['pay g1 A>B 10 EUR', 'g1 queued'],
      ['pay g2 B>A 10 EUR from 2000', 'g2 queued'],
      ['at 2000', ...RESOLVED],
    ],
  },
  {
    events: 'a latest time, a periodic cycle',
    so: 'the payment is not in the cycle',
    rules: CYCLES,
    accounts: NONE,
    rows: [
      OPEN,
      ['pay g1 A>B 10 EUR', 'g1 queued'],
      ['pay g2 B>A 10 EUR till 2000', 'g2 queued'],
      ['at 2000', 'g2 cancelled latestTimePassed', 'cycle 1 deadlock: 0 settled, 1 left'],
    ],
  },
  {
    events: 'an earliest time, a payment',
    so: 'the payment that waited for the time stands before the one that arrives',
    accounts: AB,
    rows: [
      OPEN,
      ['pay p1 A>B 8 EUR from 2000', 'p1 queued'],
      ['at 1999'],
      ['at 2000', 'p1 settled entry'],
      ['pay p2 A>B 8 EUR', 'p2 queued'],
    ],
  },
  {
    events: 'a latest time, a payment that would fund it',
    so: 'the money comes too late',
    accounts: { 'A EUR': 0, 'B EUR': 0, 'C EUR': 10 },
    rows: [
      OPEN,
      ['pay p1 A>B 10 EUR till 2000', 'p1 queued'],
      ['at 2000', 'p1 cancelled latestTimePassed'],
      ['pay p2 C>A 10 EUR', 'p2 settled entry'],
    ],
  },
  {
    events: 'a latest time, an issuance, credit line, limit or reservation that would free it',
    so: 'it comes too late',
    accounts: NONE,
    rows: [
      OPEN,
      ['pay p1 A>B 10 EUR till 2000', 'p1 queued'],
      ['at 2000', 'p1 cancelled latestTimePassed'],
      ['issue A EUR 10', 'issued'],
    ],
  },
  {
    events: 'a latest time, the cancellation or re-ordering of the payment',
    so: 'the request is refused: paymentFinal',
    accounts: NONE,
    rows: [
      OPEN,
      ['pay p1 A>B 10 EUR till 2000', 'p1 queued'],
      ['at 2000', 'p1 cancelled latestTimePassed'],
      ['cancel c1 p1', 'c1 rejected paymentFinal'],
      ['reorder r1 p1 urgent', 'r1 rejected paymentFinal'],
    ],
  },
  {
    events: 'an earliest time, the cancellation of the payment',
    so: 'where the payment can settle it has: paymentFinal',
    accounts: AB,
    rows: [
      OPEN,
      ['pay p1 A>B 10 EUR from 2000', 'p1 queued'],
      ['at 2000', 'p1 settled entry'],
      ['cancel c1 p1', 'c1 rejected paymentFinal'],
    ],
  },
  {
    events: 'an earliest time, a limit, reservation, redemption or default',
    so: 'the payment has settled by what was before',
    accounts: AB,
    rows: [
      OPEN,
      ['pay p1 A>B 6 EUR from 2000', 'p1 queued'],
      ['at 2000', 'p1 settled entry'],
      ['limit l1 A>B EUR 5', 'l1 limitSet, 0 counted'],
      ['reserve v1 A EUR urgent 4', 'v1 reservationSet'],
      ['redeem A EUR 4', 'redeemed'],
      ['default A EUR', 'A EUR defaulted, 0 short'],
    ],
  },
  {
    events: 'an earliest time, an opening',
    so: 'the payment comes in with those that waited for the opening, in the order in which they came to wait',
    accounts: AB,
    rows: [
      ['pay p1 A>B 8 EUR from 2000', 'p1 queued'],
      ['pay p2 A>B 7 EUR', 'p2 queued'],
      ['at 2000'],
      ['open EUR 1', 'EUR opened', 'p1 settled entry'],
    ],
  },
  {
    events: 'a latest time, an opening',
    so: 'the payment ends before the currency opens',
    accounts: AB,
    rows: [
      ['pay p1 A>B 8 EUR till 2000', 'p1 queued'],
      ['at 2000', 'p1 cancelled latestTimePassed'],
      ['open EUR 1', 'EUR opened'],
    ],
  },
  {
    events: 'an earliest time, a close',
    so: 'the payment comes in, and the cycle of the close has it',
    rules: { gridlockResolution: true },
    accounts: NONE,
    rows: [
      OPEN,
      ['pay g1 A>B 10 EUR', 'g1 queued'],
      ['pay g2 B>A 10 EUR from 2000', 'g2 queued'],
      ['at 2000'],
      ['close EUR 1', ...RESOLVED, 'EUR closed, 0 unsettled'],
    ],
  },
  {
    events: 'a latest time, a close',
    so: 'the reason is latestTimePassed, not cancelledAtClose',
    accounts: NONE,
    rows: [
      OPEN,
      ['pay p1 A>B 10 EUR till 2000', 'p1 queued'],
      ['at 2000', 'p1 cancelled latestTimePassed'],
      ['close EUR 1', 'EUR closed, 0 unsettled'],
    ],
  },
  {
    events: 'a time-out of a leg, the arrival of its mirror',
    so: 'the first ends unmatched (AB03), the mirror looks for another',
    rules: { pvpTimeoutMs: 2000 },
    accounts: { 'A EUR': 9, 'A USD': 0, 'B EUR': 0, 'B USD': 9 },
    rows: [
      OPEN,
      ['open USD 1', 'USD opened'],
      ['leg f1 A>B 9 EUR for 9 USD key fx', 'f1 queued'],
      ['at 2000', 'f1 cancelled unmatched'],
      ['leg f2 B>A 9 USD for 9 EUR key fx', 'f2 queued'],
    ],
  },
  {
    events: 'two latest times of one chain',
    so: 'the leg whose message arrived first ends it, the others end for that',
    rules: CHAINS,
    accounts: NONE,
    rows: [
      OPEN,
      ['link c2 B>A 8 EUR as 2/2 of x till 2000', 'c2 queued'],
      ['link c1 A>B 9 EUR as 1/2 of x till 2000', 'c1 matched', 'c2 matched'],
      ['at 2000', 'c2 cancelled latestTimePassed', 'c1 cancelled matchCancelled'],
    ],
  },
  {
    events: 'the last earliest time of a chain, the latest time of a leg that arrived after leg 1',
    so: 'the chain comes in, and ends if it does not settle at once',
    rules: CHAINS,
    accounts: NONE,
    rows: [
      OPEN,
      ['link c1 A>B 9 EUR as 1/2 of x', 'c1 queued'],
      ['link c2 B>A 9 EUR as 2/2 of x from 2000 till 3000', 'c1 matched', 'c2 matched'],
      ['link d1 A>B 9 EUR as 1/3 of y from 2000', 'd1 queued'],
      ['link d2 B>A 5 EUR as 2/3 of y till 2000', 'd2 queued'],
      ['link d3 B>A 3 EUR as 3/3 of y', 'd1 matched', 'd2 matched', 'd3 matched'],
      ['link e1 A>B 9 EUR as 1/2 of z from 2000', 'e1 queued'],
      ['link e2 B>A 9 EUR as 2/2 of z till 2000', 'e1 matched', 'e2 matched'],
      [
        'at 2000',
        ...['c1 settled entry', 'c2 settled entry', 'd2 cancelled latestTimePassed'],
        ...['d1 cancelled matchCancelled', 'd3 cancelled matchCancelled'],
        ...['e1 settled entry', 'e2 settled entry'],
      ],
    ],
  },
  {
    events:
      'the latest time of a leg that arrived before leg 1, the last earliest time of its chain',
    so: 'the chain ends',
    rules: CHAINS,
    accounts: NONE,
    rows: [
      OPEN,
      ['link c2 B>A 9 EUR as 2/2 of x till 2000', 'c2 queued'],
      ['link c1 A>B 9 EUR as 1/2 of x from 2000', 'c1 matched', 'c2 matched'],
      ['at 2000', 'c2 cancelled latestTimePassed', 'c1 cancelled matchCancelled'],
    ],
  },
  {
    events: 'a time-out of a leg, the leg that would complete its chain',
    so: 'the first ends unmatched (AB03), the chain stays incomplete',
    rules: { ...CHAINS, pvpTimeoutMs: 2000 },
    accounts: NONE,
    rows: [
      OPEN,
      ['link c1 A>B 9 EUR as 1/2 of x', 'c1 queued'],
      ['at 2000', 'c1 cancelled unmatched'],
      ['link c2 B>A 9 EUR as 2/2 of x', 'c2 queued'],
    ],
  },
  {
    events: 'a default of a bank, the leg that would complete its chain',
    so: 'its leg has ended, and the chain stays incomplete; in the other order it settles where it can',
    rules: CHAINS,
    accounts: NONE,
    rows: [
      OPEN,
      ['link c1 A>B 9 EUR as 1/2 of x', 'c1 queued'],
      ['default A', 'A EUR defaulted, 0 short', 'c1 cancelled participantDefaulted'],
      ['link c2 B>A 9 EUR as 2/2 of x', 'c2 queued'],
    ],
  },
  {
    events: 'a time-out of a leg, a close',
    so: 'the leg ends unmatched (AB03), also where the close carries over',
    rules: { pvpTimeoutMs: 2000, atClose: 'carryOver' },
    accounts: { 'A EUR': 9, 'A USD': 0, 'B EUR': 0, 'B USD': 9 },
    rows: [
      OPEN,
      ['leg f1 A>B 9 EUR for 9 USD key fx', 'f1 queued'],
      ['at 2000', 'f1 cancelled unmatched'],
      ['close EUR 1', 'EUR closed, 0 unsettled'],
    ],
  },
  {
    events: 'a periodic cycle, a payment',
    so: 'the payment is not in the cycle',
    rules: CYCLES,
    accounts: NONE,
    rows: [
      OPEN,
      ['pay g1 A>B 10 EUR', 'g1 queued'],
      ['at 2000', 'cycle 1 deadlock: 0 settled, 1 left'],
      ['pay g2 B>A 10 EUR', 'g2 queued'],
      ['at 4000', 'cycle 2 resolved: 2 settled, 0 left', ...RESOLVED.slice(1)],
    ],
  },
  {
    events: 'a periodic cycle, new money, a limit, a reservation or a re-ordering',
    so: 'the cycle runs without it; what it lets settle alone settles after the cycle',
    rules: CYCLES,
    accounts: NONE,
    rows: [
      OPEN,
      ['pay p1 A>B 10 EUR', 'p1 queued'],
      ['at 2000', 'cycle 1 deadlock: 0 settled, 1 left'],
      ['issue A EUR 10', 'issued', 'p1 settled queue'],
    ],
  },
  {
    events: 'a periodic cycle, the cancellation of a payment',
    so: 'what the cycle settles is final',
    rules: CYCLES,
    accounts: NONE,
    rows: [
      OPEN,
      ...GRIDLOCK,
      ['at 2000', ...RESOLVED],
      ['cancel c1 g1', 'c1 rejected paymentFinal'],
    ],
  },
  {
    events: 'a periodic cycle, a default',
    so: 'the cycle settles what the defaulter owes and is owed',
    rules: CYCLES,
    accounts: NONE,
    rows: [
      OPEN,
      ...GRIDLOCK,
      ['at 2000', ...RESOLVED],
      ['default A EUR', 'A EUR defaulted, 0 short'],
    ],
  },
  {
    events: 'a periodic cycle, a cycle at a fixed time',
    so: 'both run, the periodic one first',
    rules: CYCLES,
    accounts: NONE,
    rows: [
      OPEN,
      ...GRIDLOCK,
      ['at 2000', ...RESOLVED],
      ['cycle EUR', 'cycle 2 nothing queued: 0 settled, 0 left'],
    ],
  },
  {
    events: 'a periodic cycle, a close',
    so: 'both cycles run, the periodic one first',
    rules: CYCLES,
    accounts: NONE,
    rows: [
      OPEN,
      ...GRIDLOCK,
      ['at 2000', ...RESOLVED],
      ['close EUR 1', 'cycle 2 nothing queued: 0 settled, 0 left', 'EUR closed, 0 unsettled'],
    ],
  },
  {
    events: 'a periodic cycle, an opening',
    so: 'what waits for the opening is not in the cycle',
    rules: CYCLES,
    accounts: { ...NONE, 'A USD': 0, 'B USD': 0 },
    rows: [
      OPEN,
      ['pay p1 A>B 1 EUR', 'p1 queued'],
      ['pay u1 A>B 10 USD', 'u1 queued'],
      ['pay u2 B>A 10 USD', 'u2 queued'],
      ['at 2000', 'cycle 1 deadlock: 0 settled, 1 left'],
      ['open USD 1', 'USD opened'],
      [
        'at 4000',
        'cycle 2 resolved: 2 settled, 1 left',
        'u1 settled gridlockResolution',
        'u2 settled gridlockResolution',
      ],
    ],
  },
  {
    events: 'a periodic cycle, a change of rules',
    so: 'the cycle runs by the rules that were',
    rules: CYCLES,
    accounts: NONE,
    rows: [
      OPEN,
      ...GRIDLOCK,
      ['at 2000', ...RESOLVED],
      ['rules EUR allOrNothing', 'EUR rules set'],
    ],
  },
  {
    events: 'an opening, a payment',
    so: 'the payment comes in at once; in the other order it waits, and comes in with the opening',
    accounts: AB,
    rows: [
      ['pay p1 A>B 1 EUR', 'p1 queued'],
      ['open EUR 1', 'EUR opened', 'p1 settled entry'],
      ['pay p2 A>B 1 EUR', 'p2 settled entry'],
    ],
  },
  {
    events: 'a close, a payment',
    so: 'the payment is late: afterCutOff; in the other order it is in the cycle of the close',
    accounts: AB,
    rows: [
      OPEN,
      ['pay p1 A>B 1 EUR', 'p1 settled entry'],
      ['close EUR 1', 'EUR closed, 0 unsettled'],
      ['pay p2 A>B 1 EUR', 'p2 rejected afterCutOff'],
    ],
  },
  {
    events: 'a close of a date, the opening of the next',
    so: 'both dates are kept; in the other order the opening is refused, and the date is lost',
    rules: { atClose: 'carryOver' },
    accounts: NONE,
    rows: [
      OPEN,
      ['pay p1 A>B 10 EUR', 'p1 queued'],
      ['close EUR 1', 'p1 carriedOver', 'EUR closed, 1 unsettled'],
      ['open EUR 2', 'EUR opened'],
      ['open EUR 3', 'refused recordInvalid'],
      ['close EUR 3', 'refused recordInvalid'],
      ['close EUR 2', 'p1 carriedOver', 'EUR closed, 1 unsettled'],
    ],
  },
  {
    events: 'the closes of both currencies of a payment',
    so: 'where they carry over it is told at each',
    rules: { atClose: 'carryOver' },
    accounts: { ...PVP, 'A EUR': 0 },
    rows: [
      OPEN,
      ['open USD 1', 'USD opened'],
      ['quote q1 D EUR/USD 1 for 10', 'q1 quoted'],
      ['pay p1 A>B 10 EUR via D 10 USD at 1', 'p1 queued'],
      ['close EUR 1', 'p1 carriedOver', 'EUR closed, 1 unsettled'],
      ['close USD 1', 'p1 carriedOver', 'USD closed, 1 unsettled'],
    ],
  },
  {
    events: 'the openings of both currencies of a payment',
    so: 'it comes in with the later one',
    accounts: PVP,
    rows: [
      ['quote q1 D EUR/USD 1 for 10', 'q1 quoted'],
      ['pay p1 A>B 10 EUR via D 10 USD at 1', 'p1 queued'],
      OPEN,
      ['open USD 1', 'USD opened', 'p1 settled entry'],
    ],
  },
  {
    events: 'a close, the opening of the other currency of a payment',
    so: 'it never comes in; in the other order both are open for it at that instant',
    accounts: PVP,
    rows: [
      OPEN,
      ['quote q1 D EUR/USD 1 for 20', 'q1 quoted'],
      ['pay p1 A>B 10 EUR via D 10 USD at 1', 'p1 queued'],
      ['close EUR 1', 'p1 cancelled cancelledAtClose', 'EUR closed, 1 unsettled'],
      ['open USD 1', 'USD opened'],
      ['open EUR 2', 'EUR opened'],
      ['close USD 1', 'USD closed, 0 unsettled'],
      ['pay p2 A>B 10 EUR via D 10 USD at 1 date 2', 'p2 queued'],
      ['open USD 2', 'USD opened', 'p2 settled entry'],
      ['close EUR 2', 'EUR closed, 0 unsettled'],
    ],
  },
  {
    events: 'a quote, a payment that names it',
    so: 'the payment uses it; in the other order it is rejected: quoteMissing',
    accounts: PVP,
    rows: [
      OPEN,
      ['open USD 1', 'USD opened'],
      ['pay p1 A>B 10 EUR via D 10 USD at 1', 'p1 rejected quoteMissing'],
      ['quote q1 D EUR/USD 1 for 10', 'q1 quoted'],
      ['pay p2 A>B 10 EUR via D 10 USD at 1', 'p2 settled entry'],
    ],
  },
  {
    events: 'the end of a quote, a payment that names it',
    so: 'the quote is valid to its last instant',
    accounts: PVP,
    rows: [
      OPEN,
      ['open USD 1', 'USD opened'],
      ['quote q1 D EUR/USD 1 for 20 until 2000', 'q1 quoted'],
      ['at 2000'],
      ['pay p1 A>B 10 EUR via D 10 USD at 1', 'p1 settled entry'],
      ['at 2001'],
      ['pay p2 A>B 10 EUR via D 10 USD at 1', 'p2 rejected quoteMissing'],
    ],
  },
  {
    events: 'a limit or reservation, a payment',
    so: 'it binds the payment; in the other order a limit does not count it',
    accounts: AB,
    rows: [
      OPEN,
      ['pay p1 A>B 2 EUR', 'p1 settled entry'],
      ['limit l1 A>B EUR 3', 'l1 limitSet, 0 counted'],
      ['pay p2 A>B 3 EUR', 'p2 settled entry'],
      ['reserve v1 A EUR urgent 5', 'v1 reservationSet'],
      ['limit l2 A>B EUR none', 'l2 limitSet, 0 counted'],
      ['pay p3 A>B 1 EUR', 'p3 queued'],
    ],
  },
  {
    events: 'a default, a payment of the defaulter',
    so: 'the payment is rejected: participantDefaulted; in the other order it settles where it can',
    accounts: AB,
    rows: [
      OPEN,
      ['pay p1 A>B 2 EUR', 'p1 settled entry'],
      ['default A EUR', 'A EUR defaulted, 0 short'],
      ['pay p2 A>B 2 EUR', 'p2 rejected participantDefaulted'],
    ],
  },
  {
    events: 'a cap, a payment that it would keep out',
    so: 'the cap binds the payment; in the other order it undoes nothing',
    rules: { cycle: 'deferredNet' },
    accounts: AB,
    rows: [
      OPEN,
      ['pay p1 A>B 5 EUR', 'p1 accepted'],
      ['cap A EUR 4', 'capSet'],
      ['pay p2 A>B 1 EUR', 'p2 rejected capExceeded'],
    ],
  },
  {
    events: 'a limit of a corridor, a payment',
    so: 'the limit binds the payment; in the other order a first limit does not count it',
    rules: { corridorLimitsMax: 1 },
    accounts: AB,
    rows: [
      OPEN,
      ['pay p1 A>B 5 EUR', 'p1 settled entry'],
      ['corridor A>B EUR 4', 'corridorLimitSet, 0 used'],
      ['pay p2 A>B 5 EUR', 'p2 rejected corridorLimitReached'],
      ['pay p3 A>B 4 EUR', 'p3 settled entry'],
    ],
  },
  {
    events: 'two payments of one corridor, of which it takes one',
    so: 'the second is rejected: corridorLimitReached',
    rules: { corridorLimitsMax: 1 },
    accounts: NONE,
    rows: [
      OPEN,
      ['corridor A>B EUR 4', 'corridorLimitSet, 0 used'],
      ['pay p1 A>B 3 EUR', 'p1 queued'],
      ['pay p2 A>B 2 EUR', 'p2 rejected corridorLimitReached'],
    ],
  },
  {
    events: 'a latest time, a payment for which it makes room in a corridor',
    so: 'the first ends, and the second is taken',
    rules: { corridorLimitsMax: 1 },
    accounts: NONE,
    rows: [
      OPEN,
      ['corridor A>B EUR 4', 'corridorLimitSet, 0 used'],
      ['pay p1 A>B 3 EUR till 2000', 'p1 queued'],
      ['at 1999'],
      ['pay p2 A>B 2 EUR', 'p2 rejected corridorLimitReached'],
      ['at 2000', 'p1 cancelled latestTimePassed'],
      ['pay p3 A>B 2 EUR', 'p3 queued'],
    ],
  },
  {
    events: 'two requests about one payment',
    so: 'the first that ends it counts',
    accounts: NONE,
    rows: [
      OPEN,
      ['pay p1 A>B 1 EUR', 'p1 queued'],
      ['reorder r1 p1 urgent', 'r1 reordered'],
      ['cancel c1 p1', 'p1 cancelled cancelledByDebtorAgent'],
      ['reorder r2 p1 high', 'r2 rejected paymentFinal'],
    ],
  },
  {
    events: 'a cycle at a fixed time, a close',
    so: 'in a run both cycles run, that of the fixed time first',
    rules: { gridlockResolution: true },
    accounts: NONE,
    rows: [
      OPEN,
      ...GRIDLOCK,
      ['cycle', ...RESOLVED],
      ['close EUR 1', 'cycle 2 nothing queued: 0 settled, 0 left', 'EUR closed, 0 unsettled'],
    ],
  },
];

testCases(
  wasm,
  PAIRS.map(({ events, so, ...day }) => ({ ...day, name: `${events}: ${so}` })),
);

test('docs/settlement.md has exactly these pairs, in the same words and order', () => {
  const [, section = ''] = PAGE.split('\n### Pairs at one instant\n');
  const rows = section
    .split(/\n##+ /)[0]
    ?.split('\n')
    .filter((line) => line.startsWith('| '))
    .slice(2)
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim().replaceAll('`', '')),
    );
  assert.deepEqual(
    rows,
    PAIRS.map(({ events, so }) => [events, so]),
  );
});
