import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { EVENT_BYTES } from '../../services/core/settlement/events.ts';
import { createSettlement } from '../../services/core/settlement/settlement.ts';
import { readFlatEvent } from '../core/flat-events.ts';
import { createWorld } from './case-language.ts';
import { testCases } from './cases.ts';

const wasm = new WebAssembly.Module(
  readFileSync(new URL('../../assembly/corridor.wasm', import.meta.url)),
);
const CHAINS = { chainLegsMax: 16 } as const;
/** EUR from A to B, USD from B to C, SGD from C to A. */
const BANKS = {
  ...{ 'A EUR': 100, 'A SGD': 0, 'B EUR': 0, 'B USD': 110, 'C USD': 0, 'C SGD': 150 },
} as const;
const OPEN = [
  ['open EUR 1', 'EUR opened'],
  ['open USD 1', 'USD opened'],
  ['open SGD 1', 'SGD opened'],
] as const;
const LEGS = [
  ['link c1 A>B 100 EUR as 1/3 of x', 'c1 queued'],
  ['link c2 B>C 110 USD as 2/3 of x', 'c2 queued'],
  ['link c3 C>A 150 SGD as 3/3 of x', 'c3 matched', 'c1 matched', 'c2 matched'],
] as const;
const MATCHED = ['c1 matched', 'c2 matched', 'c3 matched'] as const;
const SETTLED = (how: string): string[] => ['c1', 'c2', 'c3'].map((leg) => `${leg} settled ${how}`);
const FIRST = LEGS[0];
const SECOND = LEGS[1];
const THIRD = LEGS[2][0];
const WAITING = [FIRST, SECOND, [THIRD, ...MATCHED]] as const;

testCases(wasm, [
  {
    name: 'a chain settles as its last leg comes in, whichever it is; each leg has events of its own',
    rules: CHAINS,
    accounts: BANKS,
    rows: [
      ...OPEN,
      ['link c3 C>A 150 SGD as 3/3 of x', 'c3 queued'],
      ['link c1 A>B 100 EUR as 1/3 of x', 'c1 queued'],
      ['link c2 B>C 110 USD as 2/3 of x', ...MATCHED, ...SETTLED('entry')],
      ['again c1', 'c1 repeated: settled'],
      ['link c4 A>B 100 EUR as 1/3 of x', 'c4 queued'],
    ],
    after: { 'A EUR': 0, 'A SGD': 150, 'B EUR': 100, 'B USD': 0, 'C USD': 110, 'C SGD': 0 },
  },
  {
    name: 'one minor unit short on one leg, and none books; the money releases all, and what waits behind them',
    rules: CHAINS,
    accounts: { ...BANKS, 'C SGD': 149, 'B SGD': 0 },
    rows: [
      ...OPEN,
      ...WAITING,
      ['pay p1 A>B 1 EUR', 'p1 queued'],
      ['pay p2 C>B 1 SGD', 'p2 queued'],
      ['issue A EUR 1', 'issued'],
      ['issue C SGD 1', 'issued', ...SETTLED('queue'), 'p1 settled queue'],
    ],
    after: { 'A EUR': 0, 'A SGD': 150, 'B EUR': 101, 'B USD': 0, 'C USD': 110, 'C SGD': 0 },
  },
  {
    name: 'only the net is needed: what the chain brings in counts against what it takes',
    rules: CHAINS,
    accounts: { 'A EUR': 10, 'B EUR': 0, 'C EUR': 0 },
    rows: [
      ['open EUR 1', 'EUR opened'],
      ['link c1 A>B 100 EUR as 1/3 of x', 'c1 queued'],
      ['link c2 B>C 95 EUR as 2/3 of x', 'c2 queued'],
      ['link c3 C>A 90 EUR as 3/3 of x', ...MATCHED, ...SETTLED('entry')],
    ],
    after: { 'A EUR': 0, 'B EUR': 5, 'C EUR': 5 },
  },
  {
    name: 'the order of the legs does not decide what is needed; one unit more than the net does not settle',
    rules: CHAINS,
    accounts: { 'A EUR': 9, 'B EUR': 0, 'C EUR': 0 },
    rows: [
      ['open EUR 1', 'EUR opened'],
      ['link c1 B>C 95 EUR as 1/3 of x', 'c1 queued'],
      ['link c2 A>B 100 EUR as 2/3 of x', 'c2 queued'],
      ['link c3 C>A 90 EUR as 3/3 of x', ...MATCHED],
      ['issue A EUR 1', 'issued', ...SETTLED('queue')],
    ],
  },
  {
    name: 'legs of one bank stand one behind the other, and are no obstacle to each other',
    rules: CHAINS,
    accounts: { 'A EUR': 0, 'B EUR': 0, 'C EUR': 0 },
    rows: [
      ['open EUR 1', 'EUR opened'],
      ['link c1 A>B 60 EUR as 1/2 of x', 'c1 queued'],
      ['link c2 A>C 40 EUR as 2/2 of x', 'c1 matched', 'c2 matched'],
      ['pay p1 A>B 1 EUR', 'p1 queued'],
      ['issue A EUR 99', 'issued'],
      ['issue A EUR 1', 'issued', 'c1 settled queue', 'c2 settled queue'],
      ['issue A EUR 1', 'issued', 'p1 settled queue'],
    ],
  },
  {
    name: 'what is of one chain: the digest, the number of legs and the date',
    rules: CHAINS,
    accounts: BANKS,
    rows: [
      ...OPEN,
      FIRST,
      ['link d2 B>C 110 USD as 2/3 of y', 'd2 queued'],
      ['link d3 B>C 110 USD as 2/4 of x', 'd3 queued'],
      ['link d4 B>C 110 USD as 2/3 of x date 0', 'd4 queued'],
      ['link d5 B>C 110 USD as 2/3 of x~0', 'd5 queued'],
      ['link d6 B>C 110 USD as 2/3 of x~7', 'd6 queued'],
      ['link d7 B>C 110 USD as 2/3 of x~8', 'd7 queued'],
      ['link d8 B>C 110 USD as 2/3 of x~15', 'd8 queued'],
      ['link d9 B>C 110 USD as 2/3 of x~16', 'd9 queued'],
      ['link e1 B>C 110 USD as 2/3 of x~19', 'e1 queued'],
      SECOND,
      [THIRD, ...MATCHED, ...SETTLED('entry')],
    ],
  },
  {
    name: 'a leg is instructed once while it lives, unmatched or matched',
    rules: CHAINS,
    accounts: { ...BANKS, 'A EUR': 0 },
    rows: [
      ...OPEN,
      FIRST,
      ['link d1 A>B 100 EUR as 1/3 of x', 'd1 rejected legInstructed'],
      ['link d1 C>B 1 SGD as 1/3 of x', 'd1 rejected accountMissing'],
      SECOND,
      [THIRD, ...MATCHED],
      ['link d2 B>C 110 USD as 2/3 of x', 'd2 rejected legInstructed'],
      [
        'cancel k1 c2',
        'c2 cancelled cancelledByDebtorAgent',
        'c1 cancelled matchCancelled',
        'c3 cancelled matchCancelled',
      ],
      ['link d3 B>C 110 USD as 2/3 of x', 'd3 queued'],
    ],
  },
  {
    name: 'what a leg must be: its form, its sender, accounts, agents, amount, date and times, in this order',
    rules: { chainLegsMax: 4 },
    accounts: BANKS,
    rows: [
      ...OPEN,
      ['link c1 A>B 0 USD as 0/3 of x by C', 'c1 rejected formatInvalid'],
      ['link c2 A>B 1 EUR as 4/3 of x', 'c2 rejected formatInvalid'],
      ['link c3 A>B 1 EUR as 1/1 of x', 'c3 rejected formatInvalid'],
      ['link c4 A>B 1 EUR as 1/5 of x', 'c4 rejected formatInvalid'],
      ['link c5 A>B 0 USD as 1/4 of x by C', 'c5 rejected instructingAgentNotDebtorAgent'],
      ['link c6 A>B 0 USD as 1/4 of x', 'c6 rejected accountMissing'],
      ['link c7 A>C 0 EUR as 1/4 of x', 'c7 rejected accountMissing'],
      ['link c8 A>A 0 EUR as 1/4 of x', 'c8 rejected sameAgent'],
      ['link c9 A>B 0 EUR as 1/4 of x date 99', 'c9 rejected amountNotPositive'],
      ['link d1 A>B 1 EUR as 1/4 of x date 99 till 1', 'd1 rejected settlementDateInvalid'],
      ['link d2 A>B 1 EUR as 1/4 of x from 2000 till 1000', 'd2 rejected timesInvalid'],
      ['link d3 A>B 1 EUR as 4/4 of x', 'd3 queued'],
      ['default A EUR', 'A EUR defaulted, 0 short', 'd3 cancelled participantDefaulted'],
      ['link d4 A>B 1 EUR as 4/4 of x', 'd4 rejected participantDefaulted'],
    ],
  },
  {
    name: 'a network without chains knows no such record',
    accounts: BANKS,
    rows: [...OPEN, ['link c1 A>B 100 EUR as 1/3 of x', 'refused recordInvalid']],
  },
  {
    name: 'unmatched: a leg ends when its time is out, or at its latest time, and the others wait on',
    rules: { ...CHAINS, pvpTimeoutMs: 5000 },
    accounts: BANKS,
    rows: [
      ...OPEN,
      FIRST,
      ['link c2 B>C 110 USD as 2/3 of x till 3000', 'c2 queued'],
      ['at 3000', 'c2 cancelled unmatched'],
      ['cancel k1 c1', 'c1 cancelled cancelledByDebtorAgent'],
      [THIRD, 'c3 queued'],
      ['at 8000', 'c3 cancelled unmatched'],
    ],
  },
  {
    name: 'a leg that waits for the others holds nothing up and locks nothing',
    rules: CHAINS,
    accounts: BANKS,
    rows: [
      ...OPEN,
      ['link c1 A>B 100 EUR as 1/3 of x urgent', 'c1 queued'],
      ['pay p1 A>B 100 EUR', 'p1 settled entry'],
    ],
  },
  {
    name: 'the first latest time of its legs ends a chain; it has no time-out',
    rules: { ...CHAINS, pvpTimeoutMs: 5000 },
    accounts: { ...BANKS, 'A EUR': 99 },
    rows: [
      ...OPEN,
      ['link c1 A>B 100 EUR as 1/3 of x till 9000', 'c1 queued'],
      ['link c2 B>C 110 USD as 2/3 of x till 8000', 'c2 queued'],
      [THIRD, ...MATCHED],
      ['pay p1 A>B 99 EUR', 'p1 queued'],
      ['at 7999'],
      [
        'at 8000',
        'c2 cancelled latestTimePassed',
        'c1 cancelled matchCancelled',
        'c3 cancelled matchCancelled',
        'p1 settled queue',
      ],
    ],
  },
  {
    name: 'earliest times: a chain comes in when the latest of them has come; a latest time before it ends it',
    rules: CHAINS,
    accounts: { ...BANKS, 'A EUR': 200, 'B USD': 220, 'C SGD': 300 },
    rows: [
      ...OPEN,
      ['link c1 A>B 100 EUR as 1/3 of x from 2000', 'c1 queued'],
      ['link c2 B>C 110 USD as 2/3 of x from 4000', 'c2 queued'],
      [THIRD, ...MATCHED],
      ['link d1 A>B 100 EUR as 1/3 of y till 3000', 'd1 queued'],
      ['link d2 B>C 110 USD as 2/3 of y from 3500', 'd2 queued'],
      ['link d3 C>A 150 SGD as 3/3 of y', ...MATCHED.map((word) => word.replace('c', 'd'))],
      [
        'at 3000',
        'd1 cancelled latestTimePassed',
        'd2 cancelled matchCancelled',
        'd3 cancelled matchCancelled',
      ],
      ['at 3999'],
      ['at 4000', ...SETTLED('entry')],
    ],
  },
  {
    name: 'all currencies must be open; a close carries all legs over, and unmatched ones of its currency',
    rules: { ...CHAINS, atClose: 'carryOver' },
    accounts: { ...BANKS, 'A EUR': 99 },
    rows: [
      ['open EUR 1', 'EUR opened'],
      ['open USD 1', 'USD opened'],
      FIRST,
      SECOND,
      ['link d1 A>B 1 EUR as 1/2 of y', 'd1 queued'],
      ['link d2 B>C 1 USD as 1/2 of z', 'd2 queued'],
      [THIRD, ...MATCHED],
      ['open SGD 1', 'SGD opened'],
      [
        'close EUR 1',
        'c1 carriedOver',
        'c2 carriedOver',
        'c3 carriedOver',
        'd1 carriedOver',
        'EUR closed, 4 unsettled',
      ],
      ['issue A EUR 1', 'issued'],
      [
        'close USD 1',
        'c1 carriedOver',
        'c2 carriedOver',
        'c3 carriedOver',
        'd2 carriedOver',
        'USD closed, 4 unsettled',
      ],
      ['open EUR 2', 'EUR opened'],
      ['open USD 2', 'USD opened', ...SETTLED('entry')],
    ],
  },
  {
    name: 'a close cancels all legs in leg order; the queues of what stays open are scanned',
    rules: CHAINS,
    accounts: { ...BANKS, 'A EUR': 99, 'B USD': 110 },
    rows: [
      ...OPEN,
      ...WAITING,
      ['pay p1 B>C 100 USD', 'p1 queued'],
      ['pay p2 C>A 100 SGD', 'p2 queued'],
      [
        'close EUR 1',
        'c1 cancelled cancelledAtClose',
        'c2 cancelled cancelledAtClose',
        'c3 cancelled cancelledAtClose',
        'EUR closed, 3 unsettled',
        'p1 settled queue',
        'p2 settled queue',
      ],
    ],
  },
  {
    name: 'classes: a chain has the least urgent of what its banks ask for; a re-ordering moves all of it',
    rules: CHAINS,
    accounts: { ...BANKS, 'A EUR': 0, 'C EUR': 0 },
    rows: [
      ...OPEN,
      ['pay p1 A>B 10 EUR', 'p1 queued'],
      ['link c1 A>B 100 EUR as 1/3 of x urgent', 'c1 queued'],
      ['link c2 B>C 110 USD as 2/3 of x high', 'c2 queued'],
      [THIRD, ...MATCHED],
      ['pay p2 B>C 1 USD', 'p2 queued'],
      ['pay p3 B>C 1 USD high', 'p3 settled entry'],
      ['reorder r1 c3 high', 'r1 reordered'],
      ['pay p4 B>C 1 USD high', 'p4 queued'],
      ['issue B USD 2', 'issued'],
      ['issue A EUR 100', 'issued', ...SETTLED('queue'), 'p4 settled queue'],
      ['issue B USD 1', 'issued', 'p2 settled queue'],
      ['issue A EUR 10', 'issued', 'p1 settled queue'],
    ],
  },
  {
    name: 'a re-ordering to the front keeps the order of the legs',
    rules: { ...CHAINS, ...{ gridlockResolution: true } },
    accounts: { 'A EUR': 0, 'B EUR': 0, 'C EUR': 0 },
    rows: [
      ['open EUR 1', 'EUR opened'],
      ['pay p1 A>B 5 EUR', 'p1 queued'],
      ['link c1 A>B 60 EUR as 1/3 of x', 'c1 queued'],
      ['link c2 A>C 40 EUR as 2/3 of x', 'c2 queued'],
      ['link c3 B>C 40 EUR as 3/3 of x', ...MATCHED],
      ['reorder r1 c2 normal to the front', 'r1 reordered'],
      ['issue A EUR 100', 'issued', ...SETTLED('queue')],
      ['issue A EUR 5', 'issued', 'p1 settled queue'],
    ],
  },
  {
    name: 'a default ends the chain in leg order, each leg by the account that it debits',
    rules: CHAINS,
    accounts: { ...BANKS, 'A EUR': 0 },
    rows: [
      ...OPEN,
      ...WAITING,
      ['link d1 B>C 1 USD as 1/2 of y', 'd1 queued'],
      ['pay p1 C>A 5 SGD', 'p1 queued'],
      [
        'default B USD',
        'B USD defaulted, 0 short',
        'c1 cancelled matchCancelled',
        'c2 cancelled participantDefaulted',
        'c3 cancelled matchCancelled',
        'd1 cancelled participantDefaulted',
        'p1 settled queue',
      ],
    ],
  },
  {
    name: 'reservations and limits: the chain is held by what is reserved above its class, and by a limit on a leg',
    rules: CHAINS,
    accounts: { 'A EUR': 100, 'B EUR': 0, 'C EUR': 0 },
    rows: [
      ['open EUR 1', 'EUR opened'],
      ['reserve v1 A EUR urgent 30', 'v1 reservationSet'],
      ['limit l1 A>B EUR 10', 'l1 limitSet, 0 counted'],
      ['link c1 A>B 80 EUR as 1/3 of x', 'c1 queued'],
      ['link c2 B>A 60 EUR as 2/3 of x', 'c2 queued'],
      ['link c3 A>C 51 EUR as 3/3 of x', ...MATCHED],
      ['limit l2 A>B EUR 20', 'l2 limitSet, 0 counted'],
      ['issue A EUR 1', 'issued', ...SETTLED('queue')],
      ['limit l3 A>B EUR 20', 'l3 limitSet, 20 counted'],
    ],
    after: { 'A EUR': 30, 'B EUR': 20, 'C EUR': 51 },
  },
  {
    name: 'what a chain takes in its class uses the reservation up gross, though only the net leaves',
    rules: CHAINS,
    accounts: { 'A EUR': 20, 'B EUR': 0 },
    rows: [
      ['open EUR 1', 'EUR opened'],
      ['reserve v1 A EUR high 15', 'v1 reservationSet'],
      ['link c1 A>B 15 EUR as 1/2 of x high', 'c1 queued'],
      [
        'link c2 B>A 10 EUR as 2/2 of x high',
        'c1 matched',
        'c2 matched',
        'c1 settled entry',
        'c2 settled entry',
      ],
      ['pay p1 A>B 15 EUR', 'p1 settled entry'],
    ],
  },
  {
    name: 'limits across currencies look at all legs of a chain together',
    rules: CHAINS,
    accounts: { 'A EUR': [0, 100], 'A USD': 0, 'B EUR': 0, 'B USD': 100 },
    rows: [
      ['open EUR 1', 'EUR opened'],
      ['open USD 1', 'USD opened'],
      ['value EUR 1', 'valuationSet'],
      ['value USD 1', 'valuationSet'],
      ['across A EUR short 10 pooled none', 'crossLimitSet'],
      ['link c1 A>B 50 EUR as 1/3 of x', 'c1 queued'],
      ['link c2 B>A 39 EUR as 2/3 of x', 'c2 queued'],
      ['link c3 B>A 10 USD as 3/3 of x', ...MATCHED],
      ['issue A EUR 1', 'issued', ...SETTLED('queue')],
    ],
  },
  {
    name: 'bypass FIFO: a normal chain is passed, and passes, where nothing of a higher class stands before a leg',
    rules: { ...CHAINS, queueRule: 'bypassFifo' },
    accounts: { 'A EUR': 10, 'B EUR': 0, 'C EUR': 0 },
    rows: [
      ['open EUR 1', 'EUR opened'],
      ['pay p1 A>B 50 EUR', 'p1 queued'],
      ['link c1 A>B 20 EUR as 1/2 of x', 'c1 queued'],
      ['link c2 A>C 20 EUR as 2/2 of x', 'c1 matched', 'c2 matched'],
      ['pay p2 A>C 10 EUR', 'p2 settled entry'],
      ['issue A EUR 40', 'issued', 'c1 settled queue', 'c2 settled queue'],
    ],
  },
  {
    name: 'a chain that brings in what it takes settles from an account that has nothing, also behind a lone look at the smallest amount',
    rules: { ...CHAINS, queueRule: 'bypassFifo' },
    accounts: { 'A EUR': 0, 'B EUR': 0, 'B USD': 0, 'C EUR': 0, 'C USD': 0 },
    rows: [
      ['open EUR 1', 'EUR opened'],
      ['open USD 1', 'USD opened'],
      ['pay p1 A>B 50 EUR', 'p1 queued'],
      ['link c1 A>B 20 EUR as 1/3 of x', 'c1 queued'],
      ['link c2 B>A 20 EUR as 2/3 of x', 'c2 queued'],
      ['link c3 B>C 5 USD as 3/3 of x', ...MATCHED],
      ['issue A EUR 5', 'issued'],
      ['issue B USD 5', 'issued', ...SETTLED('queue')],
    ],
  },
  {
    name: 'bypass FIFO: a scan tries a chain though its account has less than the leg takes',
    rules: { ...CHAINS, queueRule: 'bypassFifo' },
    accounts: { 'A EUR': 0, 'B EUR': 0 },
    rows: [
      ['open EUR 1', 'EUR opened'],
      ['link c1 A>B 20 EUR as 1/2 of x', 'c1 queued'],
      ['link c2 B>A 15 EUR as 2/2 of x', 'c1 matched', 'c2 matched'],
      ['issue A EUR 4', 'issued'],
      ['issue A EUR 1', 'issued', 'c1 settled queue', 'c2 settled queue'],
    ],
  },
  {
    name: 'a chain waits for its turn in every queue that a leg stands in, though there is money for it',
    rules: CHAINS,
    accounts: { 'A EUR': 50, 'B EUR': 50, 'C EUR': 0 },
    rows: [
      ['open EUR 1', 'EUR opened'],
      ['pay p1 B>C 60 EUR', 'p1 queued'],
      ['link c1 A>C 10 EUR as 1/2 of x', 'c1 queued'],
      ['link c2 B>C 10 EUR as 2/2 of x', 'c1 matched', 'c2 matched'],
      ['pay p2 A>C 10 EUR', 'p2 queued'],
      ['issue A EUR 1', 'issued'],
      ['pay p3 A>C 10 EUR urgent', 'p3 settled entry'],
      [
        'cancel k1 p1',
        'p1 cancelled cancelledByDebtorAgent',
        'c1 settled queue',
        'c2 settled queue',
        'p2 settled queue',
      ],
    ],
  },
  {
    name: 'limits of two legs against one bank count together, and money back from it counts against them',
    rules: CHAINS,
    accounts: { 'A EUR': 100, 'B EUR': 100 },
    rows: [
      ['open EUR 1', 'EUR opened'],
      ['limit l1 A>B EUR 10', 'l1 limitSet, 0 counted'],
      ['link c1 A>B 8 EUR as 1/3 of x', 'c1 queued'],
      ['link c2 A>B 8 EUR as 2/3 of x', 'c2 queued'],
      ['link c3 B>A 5 EUR as 3/3 of x', ...MATCHED],
      ['pay p1 B>A 1 EUR', 'p1 queued'],
      ['pay p2 B>A 1 EUR urgent', 'p2 settled entry', ...SETTLED('queue'), 'p1 settled queue'],
    ],
  },
  {
    name: 'a chain that leaves the queues lets what waits behind its legs be tried, in leg order',
    rules: CHAINS,
    accounts: { 'A EUR': 9, 'B EUR': 9, 'C EUR': 0, 'D EUR': 0 },
    rows: [
      ['open EUR 1', 'EUR opened'],
      ['link c1 B>D 5 EUR as 1/3 of x', 'c1 queued'],
      ['link c2 C>D 5 EUR as 2/3 of x', 'c2 queued'],
      ['link c3 A>D 5 EUR as 3/3 of x', ...MATCHED],
      ['pay p1 A>D 1 EUR', 'p1 queued'],
      ['pay p2 B>D 1 EUR', 'p2 queued'],
      ['issue C EUR 5', ...['issued', ...SETTLED('queue'), 'p2 settled queue', 'p1 settled queue']],
    ],
  },
  {
    name: 'the account that is scanned and that its own chain credits is scanned again',
    rules: CHAINS,
    accounts: { 'A EUR': 0, 'B EUR': 0, 'C EUR': 30 },
    rows: [
      ['open EUR 1', 'EUR opened'],
      ['link c1 A>B 20 EUR as 1/2 of x', 'c1 queued'],
      ['link c2 C>A 40 EUR as 2/2 of x', 'c1 matched', 'c2 matched'],
      ['pay p1 A>B 15 EUR', 'p1 queued'],
      ['pay p2 A>B 5 EUR', 'p2 queued'],
      [
        'issue C EUR 10',
        'issued',
        'c1 settled queue',
        'c2 settled queue',
        'p1 settled queue',
        'p2 settled queue',
      ],
    ],
  },
  {
    name: 'gridlock: chains that fund each other settle together; only the net of all needs money',
    rules: { ...CHAINS, gridlockResolution: true },
    accounts: { 'A EUR': 10, 'B EUR': 0, 'A USD': 0, 'B USD': 12, 'C EUR': 0, 'C USD': 0 },
    rows: [
      ['open EUR 1', 'EUR opened'],
      ['open USD 1', 'USD opened'],
      ['link c1 A>B 100 EUR as 1/3 of x', 'c1 queued'],
      ['link c2 B>C 110 USD as 2/3 of x', 'c2 queued'],
      ['link c3 C>A 5 EUR as 3/3 of x', ...MATCHED],
      ['link d1 B>C 95 EUR as 1/2 of y', 'd1 queued'],
      ['link d2 C>B 98 USD as 2/2 of y', 'd1 matched', 'd2 matched'],
      ['pay p1 C>A 85 EUR', 'p1 queued'],
      [
        'cycle',
        'cycle 1 resolved: 6 settled, 0 left',
        ...SETTLED('gridlockResolution'),
        'd1 settled gridlockResolution',
        'd2 settled gridlockResolution',
        'p1 settled gridlockResolution',
      ],
    ],
    after: { 'A EUR': 0, 'B EUR': 5, 'C EUR': 5, 'A USD': 0, 'B USD': 0, 'C USD': 12 },
  },
  {
    name: 'gridlock: a chain that cannot stay takes all of its legs, and what stands behind each, out of the set',
    rules: { ...CHAINS, gridlockResolution: true, certificates: true },
    accounts: { 'A EUR': 0, 'B EUR': 0, 'C EUR': 0, 'D EUR': 0 },
    rows: [
      ['open EUR 1', 'EUR opened'],
      ['link c1 A>B 10 EUR as 1/3 of x', 'c1 queued'],
      ['link c2 B>A 10 EUR as 2/3 of x', 'c2 queued'],
      ['link c3 C>D 1 EUR as 3/3 of x', ...MATCHED],
      ['pay p1 A>B 5 EUR', 'p1 queued'],
      ['pay p2 B>A 5 EUR', 'p2 queued'],
      ['cycle', 'cycle 1 deadlock: 0 settled, 5 left', 'c1 held up by balance of C EUR: 1'],
      ['issue C EUR 1', 'issued', ...SETTLED('queue')],
      [
        'cycle',
        'cycle 2 resolved: 2 settled, 0 left',
        'p1 settled gridlockResolution',
        'p2 settled gridlockResolution',
      ],
    ],
  },
  {
    name: 'gridlock: a chain with a leg in a currency that takes no part is held, with what stands behind its legs',
    rules: { ...CHAINS, gridlockResolution: true },
    accounts: { ...BANKS, 'A EUR': 0, 'B EUR': 0, 'B USD': 0, 'C SGD': 150 },
    rows: [
      ...OPEN,
      ['rules SGD', 'SGD rules set'],
      ...WAITING,
      ['pay p1 A>B 5 EUR', 'p1 queued'],
      ['pay p2 B>A 5 EUR', 'p2 queued'],
      ['cycle', 'cycle 1 deadlock: 0 settled, 5 left'],
    ],
  },
  {
    name: 'one currency: all or nothing and partial take a chain all of whose legs are in it, and hold any other',
    rules: { ...CHAINS, cycle: 'partial' },
    accounts: { 'A EUR': 0, 'B EUR': 0, 'A USD': 0, 'B USD': 0 },
    rows: [
      ['open EUR 1', 'EUR opened'],
      ['open USD 1', 'USD opened'],
      ['link c1 A>B 10 EUR as 1/2 of x', 'c1 queued'],
      ['link c2 B>A 8 EUR as 2/2 of x', 'c1 matched', 'c2 matched'],
      ['pay p1 B>A 2 EUR', 'p1 queued'],
      [
        'cycle EUR',
        'cycle 1 resolved: 3 settled, 0 left',
        'c1 settled partial',
        'c2 settled partial',
        'p1 settled partial',
      ],
      ['link d1 A>B 10 EUR as 1/2 of y', 'd1 queued'],
      ['link d2 B>A 10 USD as 2/2 of y', 'd1 matched', 'd2 matched'],
      ['pay p2 B>A 10 EUR', 'p2 queued'],
      ['cycle EUR', 'cycle 2 deadlock: 0 settled, 3 left'],
      ['rules EUR allOrNothing', 'EUR rules set'],
      ['rules USD allOrNothing', 'USD rules set'],
      ['cycle EUR', 'cycle 3 deadlock: 0 settled, 3 left'],
      ['cycle USD', 'cycle 4 deadlock: 0 settled, 2 left'],
      ['cancel k1 d1', 'd1 cancelled cancelledByDebtorAgent', 'd2 cancelled matchCancelled'],
      ['link e1 A>B 6 EUR as 1/2 of z', 'e1 queued'],
      ['link e2 A>B 4 EUR as 2/2 of z', 'e1 matched', 'e2 matched'],
      [
        'cycle EUR',
        'cycle 5 resolved: 3 settled, 0 left',
        'p2 settled allOrNothing',
        'e1 settled allOrNothing',
        'e2 settled allOrNothing',
      ],
    ],
  },
  {
    name: 'without the order: multiple and bankClearing hold chains, also those wholly in their currency',
    rules: { ...CHAINS, cycle: 'bankClearing' },
    accounts: { 'A EUR': 0, 'B EUR': 0 },
    rows: [
      ['open EUR 1', 'EUR opened'],
      ['link c1 A>B 10 EUR as 1/2 of x', 'c1 queued'],
      ['link c2 B>A 9 EUR as 2/2 of x', 'c1 matched', 'c2 matched'],
      ['pay p1 A>B 5 EUR', 'p1 queued'],
      ['pay p2 B>A 5 EUR', 'p2 queued'],
      ['pay p3 B>A 1 EUR', 'p3 queued'],
      [
        'cycle EUR',
        'cycle 1 resolved: 2 settled, 3 left',
        'p1 settled bankClearing',
        'p2 settled bankClearing',
      ],
      ['rules EUR multiple', 'EUR rules set'],
      ['cycle EUR', 'cycle 2 deadlock: 0 settled, 3 left'],
      ['rules EUR gridlockResolution', 'EUR rules set'],
      [
        'cycle EUR',
        'cycle 3 resolved: 3 settled, 0 left',
        'c1 settled gridlockResolution',
        'c2 settled gridlockResolution',
        'p3 settled gridlockResolution',
      ],
    ],
  },
  {
    name: 'a leg ends the search of offsetting; deferred net settlement leaves chains to gross settlement',
    rules: { ...CHAINS, entryOffsetting: true, bilateralOffsetting: true, cycle: 'deferredNet' },
    accounts: { 'A EUR': 5, 'B EUR': 0 },
    rows: [
      ['open EUR 1', 'EUR opened'],
      ['link c1 B>A 10 EUR as 1/2 of x', 'c1 queued'],
      ['link c2 A>B 9 EUR as 2/2 of x', 'c1 matched', 'c2 matched'],
      ['rules EUR', 'EUR rules set'],
      ['pay p1 B>A 7 EUR', 'p1 queued'],
      ['pay p2 A>B 7 EUR', 'p2 queued'],
      ['issue B EUR 1', 'issued', 'c1 settled queue', 'c2 settled queue'],
    ],
  },
  {
    name: 'proposed sets name a chain by its leg 1, and settle it whole',
    rules: { ...CHAINS, cycle: 'proposed' },
    accounts: { 'A EUR': 5, 'B EUR': 0, 'C EUR': 0 },
    rows: [
      ['open EUR 1', 'EUR opened'],
      ['pay p1 A>B 50 EUR', 'p1 queued'],
      ['link c2 B>C 9 EUR as 2/3 of x', 'c2 queued'],
      ['link c1 A>B 10 EUR as 1/3 of x', 'c1 queued'],
      ['link c3 C>A 4 EUR as 3/3 of x', ...MATCHED],
      ['propose c2', 'cycle 1 undecided: 0 settled, 4 left', 'set 1 refused paymentUnknown: 11'],
      [
        'propose c1',
        'cycle 2 undecided: 0 settled, 4 left',
        'set 1 refused by balance of A EUR: 1',
      ],
      ['issue A EUR 1', 'issued'],
      ['propose c1 c1', 'cycle 3 undecided: 0 settled, 4 left', 'set 1 refused paymentUnknown: 12'],
      [
        'propose c1 / c1',
        'cycle 4 resolved: 3 settled, 1 left',
        ...SETTLED('proposed'),
        'set 2 refused paymentUnknown: 12',
      ],
    ],
    after: { 'A EUR': 0, 'B EUR': 1, 'C EUR': 5 },
  },
]);

test('each event of a leg says which leg it is of how many; the matched ones name leg 1', () => {
  const world = createWorld(wasm, CHAINS, BANKS);
  for (const [row] of OPEN) world.say(row);
  const counts = (): number[] =>
    Array.from({ length: world.events().length / EVENT_BYTES }, (_, i) => {
      const { kind, count } = readFlatEvent(world.events(), i);
      return kind === 'settled' ? 0 : count;
    });
  world.say(SECOND[0]);
  assert.deepEqual(counts(), [0x302]);
  world.say('link c9 B>C 1 USD as 2/3 of x');
  assert.deepEqual(counts(), [0x302]);
  world.say(FIRST[0]);
  assert.deepEqual(counts(), [0x301]);
  const first = readFlatEvent(world.events(), 0).paymentPosition;
  world.say(THIRD);
  assert.deepEqual(counts(), [0x301, 0x302, 0x303, 0, 0, 0]);
  for (let i = 0; i < 3; i += 1)
    assert.equal(readFlatEvent(world.events(), i).balances[0], BigInt(first));
  const third = readFlatEvent(world.events(), 5);
  assert.deepEqual(third.balances, [0n, 150n, 0n, 0n]);
  assert.equal(third.paymentPosition, third.position);
  // What has the size of a chain is told whole wherever the output ends.
  assert.equal(world.settlement.queued(), 0);
});

test('the genesis takes no chain of one leg, nor of more than 16', () => {
  for (const [chainLegsMax, reason] of [
    [1, 'recordInvalid'],
    [2, 'none'],
    [16, 'none'],
    [17, 'recordInvalid'],
  ] as const) {
    const world = createWorld(wasm, { chainLegsMax }, BANKS);
    assert.equal(readFlatEvent(world.history(), 0).reason, reason);
  }
});

test('a chain of 16 legs that is complete and settles is told whole, however little room the output has', () => {
  const names = Array.from({ length: 16 }, (_, i) => `c${i + 1}`);
  const rows = [
    'open EUR 1',
    ...names.map((name, i) => `link ${name} ${i % 2 ? 'B>A' : 'A>B'} 10 EUR as ${i + 1}/16 of x`),
  ];
  const told = [1, 4096].map((outputEvents) => {
    const world = createWorld(wasm, CHAINS, { 'A EUR': 0, 'B EUR': 0 }, {}, outputEvents);
    return rows.map((row) => world.say(row)).at(-1);
  });
  const expected = [
    ...names.map((name) => `${name} matched`),
    ...names.map((name) => `${name} settled entry`),
  ];
  assert.deepEqual(told, [expected, expected]);
});

test('the queues as the host reads them have a chain once, with all legs, by its leg 1', () => {
  const world = createWorld(wasm, CHAINS, { ...BANKS, 'A EUR': 0 });
  for (const [row] of [...OPEN, ...LEGS]) world.say(row);
  world.say('pay p1 A>B 5 EUR high');
  const { payments } = world.settlement.queues();
  const leg = (currency: number, debtor: number, creditor: number, amount: bigint) => ({
    ...{ currency, debtor, creditor, amount },
  });
  assert.deepEqual(
    payments.map(({ priority, sinceMs, legs }) => ({ priority, isTimed: sinceMs > 0, legs })),
    [
      {
        ...{ priority: 2, isTimed: false },
        legs: [leg(0, 0, 1, 100n), leg(2, 1, 2, 110n), leg(1, 2, 0, 150n)],
      },
      { priority: 1, isTimed: true, legs: [leg(0, 0, 1, 5n)] },
    ],
  );
  assert.equal(payments[0]?.id.slice(0, 4), '0100');
  assert.equal(world.settlement.queued(), 4);
});

test('what is captured with chains that wait, are queued or unmatched goes on as the original does', () => {
  const world = createWorld(wasm, CHAINS, { ...BANKS, 'A EUR': 99 });
  const [openEur, openUsd] = OPEN;
  for (const [row] of [openEur, openUsd, ...LEGS, ['open SGD 1']]) world.say(row as string);
  for (const row of [
    'link d1 A>B 1 EUR as 1/2 of y from 5000',
    'link d2 B>C 1 USD as 2/2 of y',
    'link e1 A>B 1 EUR as 1/2 of z',
  ])
    world.say(row);
  const copy = createSettlement(wasm, undefined, world.settlement.capture());
  assert.deepEqual(copy.queues(), world.settlement.queues());
  assert.equal(copy.queued(), 6);
  const rows = ['issue A EUR 2', 'at 5000', 'link e2 B>C 1 USD as 2/2 of z', 'issue B USD 1'];
  const told = rows.map((row) => {
    const words = world.say(row);
    assert.deepEqual(copy.apply(world.record(), 1), world.events(), row);
    return words;
  });
  assert.deepEqual(told, [
    ['issued', ...SETTLED('queue')],
    [],
    ['e1 matched', 'e2 matched'],
    ['issued', 'd1 settled queue', 'd2 settled queue'],
  ]);
  assert.equal(copy.queued(), 2);
});

test('each byte of the digest counts, also where two chains share a bucket', () => {
  // With room for two there are two buckets, so half of these chains share one.
  const accounts = { 'A EUR': 9, 'B EUR': 0 };
  for (let byte = 0; byte < 20; byte += 1)
    for (const chain of ['x', 'y', 'z', 'u']) {
      const world = createWorld(wasm, { ...CHAINS, livePaymentsMax: 2 }, accounts);
      world.say('open EUR 1');
      assert.deepEqual(world.say(`link c1 A>B 1 EUR as 1/2 of ${chain}`), ['c1 queued']);
      const other = world.say(`link c2 A>B 1 EUR as 2/2 of ${chain}~${byte}`);
      assert.deepEqual(other, ['c2 queued'], `${chain}, byte ${byte}`);
    }
});

test('the slots of a chain that has settled are free, whether it had queued or not', () => {
  const accounts = { 'A EUR': 1, 'B EUR': 0, 'C EUR': 0 };
  const world = createWorld(wasm, { ...CHAINS, livePaymentsMax: 4 }, accounts);
  const legs = ['A>B', 'B>C', 'C>A'].map((pair, k) => `${pair} 1 EUR as ${k + 1}/3`);
  const chain = (name: string, how: string): void => {
    const told = legs.flatMap((leg, k) => world.say(`link ${name}${k} ${leg} of ${name}`));
    assert.equal(told.filter((word) => word.endsWith(`settled ${how}`)).length, 3, `${told}`);
    assert.equal(world.settlement.queued(), 0, name);
  };
  world.say('open EUR 1');
  for (let i = 0; i < 5; i += 1) {
    chain(`e${i}`, 'entry');
    // A payment that cannot settle holds the next chain up until it is cancelled.
    world.say(`pay p${i} A>B 9 EUR`);
    const told = legs.flatMap((leg, k) => world.say(`link q${i}${k} ${leg} of q${i}`));
    const after = world.say(`cancel k${i} p${i}`);
    assert.equal(
      after.filter((word) => word.endsWith('settled queue')).length,
      3,
      `${told} ${after}`,
    );
    assert.equal(world.settlement.queued(), 0, `q${i}`);
  }
});
