/** Examples that other open simulators publish, run in Corridor. */
import type { Claim, ClaimGroup } from './claim-and-finding.ts';
import {
  balancesText,
  projectScenario,
  runOf,
  type SmallDay,
  type SmallRun,
  settledText,
  smallDay,
} from './small-runs.ts';

const README = 'KennethSee/PSSimPy (MIT) 7c76168, README; run with PSSimPy 0.1.5';
const TESTS = 'KennethSee/PSSimPy (MIT) 7c76168, tests/test_basic_sim.py; run with PSSimPy 0.1.5';
const LSM = 'aerugo/SimCash (MIT) b97854b, simulator/tests/test_lsm.rs; read, not run';

/** The README's three payments; a bank that fails sends nothing more. */
const quickStart = (events: object): SmallDay => ({
  balances: { A: 100, B: 100, C: 100 },
  payments: [
    ['08:00', 'A', 'B', 1],
    ['08:10', 'B', 'C', 1],
    ['08:30', 'C', 'A', 1],
  ],
  settlement: { queue: 'fifo', cycle: 'off' },
  opens: '08:00',
  closes: '17:00',
  events,
});
const FAILURES = {
  outages: [
    { participant: 'AAAADE00', from: '08:15' },
    { participant: 'BBBBDE00', from: '13:00' },
  ],
};

const ring = async (set: readonly string[]) => {
  const run = await runOf(projectScenario('pssimpy-ring', set));
  const { settled, cancelled, queuedAtClose } = run.summary;
  const balances = [...run.balances.values()].join(', ');
  return {
    found: `${settled} settled, ${cancelled} cancelled, ${queuedAtClose} queued; balances ${balances}`,
  };
};

const outcomesText = (run: SmallRun, letters: readonly string[]) =>
  `settle: ${settledText(run)}; then ${balancesText(run, letters)}`;
const day = (
  claim: string,
  source: string,
  expected: string,
  of: SmallDay,
  elsewhere?: string,
): Claim => ({
  mark: 'exact',
  ...{ claim, source, expected, ...(elsewhere !== undefined && { elsewhere }) },
  find: async () => ({ found: outcomesText(await smallDay(of), Object.keys(of.balances)) }),
});

export const pssimpyClaims: ClaimGroup = {
  title: 'PSSimPy',
  text: [
    `Banks b1, b2 and b3 are A, B and C. The meanings differ in these:`,
    `- **A failed bank.** PSSimPy rejects payments from and to it. In Corridor an outage stops what a bank sends, and what the
  others send it settles. In the README's stress test that is the third payment.
- **Overdrafts.** PSSimPy's default queue settles whatever is submitted, and collateral that does not suffice is left alone: its
  own test ends with 110 below zero and 100 of collateral left. Its FIFO queue takes several payments of an account before it
  settles any, so two of 60 settle from 100. Corridor settles nothing beyond balance and credit.
- **Credit.** PSSimPy adds the credit drawn to the balance; Corridor's balance goes below zero and the line stays beside it.
- **End of day.** \`eod_clear_queue\` is \`atClose: cancel\`, and without it \`atClose: carry-over\`. \`eod_force_settlement\` books
  against money that is not there and has no counterpart; netting settles the same ring with what there is.
- **Time.** PSSimPy rounds times down to steps of 15 minutes by default; Corridor keeps them.`,
  ],
  claims: [
    day('quick start', README, 'settle: 1 2 3; then A 100, B 100, C 100', quickStart({})),
    day(
      'stress test: A fails at 08:15, B at 13:00',
      README,
      'settle: 1 2 3; then A 100, B 100, C 100',
      quickStart(FAILURES),
      'settle: 1 2, 3 is rejected; then A 99, B 100, C 101',
    ),
    {
      mark: 'exact',
      claim: 'ring of three days, FIFO, the queue cleared at the end of each day',
      source: TESTS,
      expected: '0 settled, 9 cancelled, 0 queued; balances 50, 50, 50',
      find: () => ring(['settlement.cycle=off']),
    },
    {
      mark: 'exact',
      claim: 'the same, the queue kept',
      source: TESTS,
      expected: '0 settled, 0 cancelled, 9 queued; balances 50, 50, 50',
      find: () => ring(['settlement.cycle=off', 'settlement.atClose=carry-over']),
    },
    {
      mark: 'exact',
      claim: 'the same, settlement forced at the end of the day; here by gridlock resolution',
      source: TESTS,
      expected: '9 settled, 0 cancelled, 0 queued; balances 50, 50, 50',
      find: () => ring([]),
    },
    day(
      'collateralised credit: A pays 250 and 110 from 200 with collateral of 150',
      TESTS,
      'settle: 1 2; then A -50, B 900, C 1100',
      {
        balances: { A: 200, B: 750, C: 1000 },
        payments: [
          ['08:50', 'A', 'B', 250],
          ['09:00', 'B', 'C', 100],
          ['09:15', 'A', 'C', 110],
        ],
        settlement: { queue: 'fifo', cycle: 'off' },
        accounts: { A: { collateral: { amount: '150' } } },
        opens: '08:00',
        closes: '12:00',
      },
      'settle: 1 2 3; then A -110, B 900, C 1210',
    ),
    day(
      'FIFO: two payments of 60 from 100 at one instant',
      'PSSimPy 0.1.5, run',
      'settle: 1; then A 40, B 160',
      {
        balances: { A: 100, B: 100 },
        payments: [
          ['08:00', 'A', 'B', 60],
          ['08:00', 'A', 'B', 60],
        ],
        settlement: { queue: 'fifo', cycle: 'off' },
      },
      'settle: 1 2; then A -20, B 220',
    ),
    {
      mark: 'data missing',
      claim: 'agents: PettyBank pays nobody who owes it money',
      source: README,
      expected: '–',
      why: 'Not expressed: banks of a scenario do not decide what they send.',
    },
  ],
};

const offset = (claim: string, expected: string, of: Omit<SmallDay, 'settlement'>) =>
  day(claim, LSM, expected, {
    ...of,
    settlement: { queue: 'fifo', cycle: 'gridlockResolution', cycleEverySeconds: 0 },
  });

export const simcashClaims: ClaimGroup = {
  title: 'SimCash',
  text: [
    `The liquidity game that SimCash publishes stands [above](#initial-liquidity-game). Here are its tests of offsetting, in cents,
with Corridor's gridlock resolution.`,
    `- **Offsetting.** SimCash looks for pairs and then for rings. Corridor looks for the largest set that keeps the order of the
  queues. In these tests both come to the same.
- **Drawn payments.** SimCash's \`LogNormal\` takes mean and deviation of the amounts, Corridor's \`median\` and \`sigma\` are of
  the logarithm. Payments drawn by one are not those of the other: translate the event stream.
- **Limits.** SimCash's limit what leaves a bank in a day, Corridor's the net position.
- **Costs and policies.** SimCash's decision trees and cost rates have no counterpart.`,
  ],
  claims: [
    offset('two equal payments against each other', 'settle: 1 2; then A 100000, B 100000', {
      balances: { A: 100_000, B: 100_000 },
      payments: [
        ['09:00', 'A', 'B', 500_000],
        ['09:01', 'B', 'A', 500_000],
      ],
    }),
    offset('500,000 against 300,000, A has the net 200,000', 'settle: 1 2; then A 0, B 300000', {
      balances: { A: 200_000, B: 100_000 },
      payments: [
        ['09:00', 'A', 'B', 500_000],
        ['09:01', 'B', 'A', 300_000],
      ],
    }),
    offset('three each way without money', 'settle: 1 2 3 4 5 6; then A 0, B 0', {
      balances: { A: 0, B: 0 },
      payments: (['A', 'B'] as const).flatMap((from) =>
        [0, 1, 2].map((at) => [
          `09:0${from === 'A' ? at : at + 3}`,
          from,
          from === 'A' ? 'B' : 'A',
          200_000,
        ]),
      ),
    }),
    offset('no pair: A to B to C, A has half', 'settle: none; then A 100000, B 0, C 0', {
      balances: { A: 100_000, B: 0, C: 0 },
      payments: [
        ['09:00', 'A', 'B', 200_000],
        ['09:01', 'B', 'C', 200_000],
      ],
    }),
    offset(
      'a ring of three with a fifth of the money each',
      'settle: 1 2 3; then A 100000, B 100000, C 100000',
      {
        balances: { A: 100_000, B: 100_000, C: 100_000 },
        payments: [
          ['09:00', 'A', 'B', 500_000],
          ['09:01', 'B', 'C', 500_000],
          ['09:02', 'C', 'A', 500_000],
        ],
      },
    ),
  ],
};
