/** Queues of a few payments whose answer is known by hand: gridlock resolution and its relatives. */
import type { Claim, ClaimGroup } from './claim-and-finding.ts';
import {
  balancesText,
  bicOfLetter,
  runOf,
  settledText,
  smallDay,
  writtenScenario,
} from './small-runs.ts';

const BECH =
  'definition: Bech and Soramäki, Bank of Finland Discussion Paper 9/2001; numbers by hand';
const ECB = 'definition of offsetting: docs/settlement.md; numbers by hand';

interface QueueCase {
  readonly name: string;
  readonly balances: Readonly<Record<string, number>>;
  /** From, to, amount; in this order. */
  readonly queue: readonly (readonly [string, string, number])[];
  readonly cycle: string;
  readonly source?: string;
  readonly settlement?: object;
  /** Numbers of what settles, and the balances then. */
  readonly settles: string;
  readonly after: string;
}

const RING = [
  ['A', 'B', 50],
  ['B', 'C', 80],
  ['C', 'A', 70],
] as const;
const PARTIAL = [
  ['A', 'B', 20],
  ['A', 'D', 40],
  ['B', 'C', 20],
  ['C', 'A', 15],
  ['D', 'A', 10],
] as const;
const BYPASS = [
  ['A', 'B', 100],
  ['A', 'C', 30],
  ['A', 'B', 20],
] as const;

const CASES: readonly QueueCase[] = [
  {
    name: 'a ring of three equal payments without money',
    ...{ balances: { A: 0, B: 0, C: 0 }, cycle: 'gridlockResolution' },
    queue: [
      ['A', 'B', 10],
      ['B', 'C', 10],
      ['C', 'A', 10],
    ],
    ...{ settles: '1 2 3', after: 'A 0, B 0, C 0' },
  },
  {
    name: 'an unequal ring (50, 80, 70); B has its net outflow of 30',
    ...{ balances: { A: 0, B: 30, C: 0 }, queue: RING, cycle: 'gridlockResolution' },
    ...{ settles: '1 2 3', after: 'A 20, B 0, C 10' },
  },
  {
    name: 'the same with 29 at B: a deadlock',
    ...{ balances: { A: 0, B: 29, C: 0 }, queue: RING, cycle: 'gridlockResolution' },
    ...{ settles: 'none', after: 'A 0, B 29, C 0' },
  },
  {
    name: 'two rings that share a payment: neither alone, both together',
    ...{ balances: { A: 0, B: 0, C: 0, D: 0 }, cycle: 'gridlockResolution' },
    queue: [
      ['A', 'B', 10],
      ['B', 'C', 6],
      ['C', 'A', 6],
      ['B', 'D', 4],
      ['D', 'A', 4],
    ],
    ...{ settles: '1 2 3 4 5', after: 'A 0, B 0, C 0, D 0' },
  },
  {
    name: 'without its last payments the rest of a queue can settle',
    ...{ balances: { A: 5, B: 0, C: 0, D: 0 }, queue: PARTIAL, cycle: 'gridlockResolution' },
    ...{ settles: '1 3 4', after: 'A 0, B 0, C 5, D 0' },
  },
  {
    name: 'the same, all or nothing',
    ...{ balances: { A: 5, B: 0, C: 0, D: 0 }, queue: PARTIAL, cycle: 'allOrNothing' },
    ...{ settles: 'none', after: 'A 5, B 0, C 0, D 0' },
  },
  {
    name: 'the largest set is found by dropping again and again',
    ...{ balances: { A: 0, B: 0, C: 0, D: 0 }, cycle: 'gridlockResolution' },
    queue: [
      ['A', 'B', 10],
      ['B', 'C', 10],
      ['C', 'A', 10],
      ['C', 'D', 5],
      ['D', 'A', 5],
      ['A', 'B', 5],
    ],
    ...{ settles: '1 2 3', after: 'A 0, B 0, C 0, D 0' },
  },
  {
    name: 'FIFO: 100 at the front of A with 50 holds 30 and 20 behind it',
    ...{ balances: { A: 50, B: 0, C: 0 }, queue: BYPASS, cycle: 'gridlockResolution' },
    ...{ settles: 'none', after: 'A 50, B 0, C 0' },
  },
  {
    name: 'bypass FIFO: 30 and 20 pass it',
    ...{ balances: { A: 50, B: 0, C: 0 }, queue: BYPASS, cycle: 'gridlockResolution' },
    ...{ settlement: { queue: 'bypass-fifo' }, settles: '2 3', after: 'A 0, B 20, C 30' },
  },
  {
    name: 'bilateral offsetting: 100 against 80, A has the net 20',
    ...{ balances: { A: 20, B: 0 }, cycle: 'off', source: ECB },
    queue: [
      ['A', 'B', 100],
      ['B', 'A', 80],
    ],
    settlement: { offsetting: { entry: true } },
    ...{ settles: '1 2', after: 'A 0, B 20' },
  },
  {
    name: 'the same with 19 at A',
    ...{ balances: { A: 19, B: 0 }, cycle: 'off', source: ECB },
    queue: [
      ['A', 'B', 100],
      ['B', 'A', 80],
    ],
    settlement: { offsetting: { entry: true } },
    ...{ settles: 'none', after: 'A 19, B 0' },
  },
];

const queueClaim = ({ name, source = BECH, settles, after, ...of }: QueueCase): Claim => ({
  mark: 'exact',
  claim: name,
  source,
  expected: `settle: ${settles}; then ${after}`,
  find: async () => {
    const run = await smallDay({
      balances: of.balances,
      payments: of.queue.map(([from, to, amount], at) => [`09:00:0${at}`, from, to, amount]),
      settlement: { queue: 'fifo', cycle: of.cycle, cycleEverySeconds: 0, ...of.settlement },
    });
    const letters = Object.keys(of.balances);
    return { found: `settle: ${settledText(run)}; then ${balancesText(run, letters)}` };
  },
});

const NETTED = [
  ['09:00:00', 'A', 'B', 70],
  ['09:00:01', 'B', 'C', 40],
  ['09:00:02', 'C', 'D', 30],
  ['09:00:03', 'D', 'A', 120],
  ['09:00:04', 'B', 'D', 10],
] as const;
const ARITHMETIC = 'arithmetic, by hand';

const nettingClaims: readonly Claim[] = [
  {
    mark: 'exact',
    claim: 'deferred net settlement: D owes 80 net and has nothing; its payments are unwound',
    source: ARITHMETIC,
    expected: 'settle: 1 2; D 80 short; then A 130, B 230, C 240, D 0',
    find: async () => {
      const run = await smallDay({
        balances: { A: 200, B: 200, C: 200, D: 0 },
        payments: NETTED,
        settlement: { mechanism: 'dns', onDefault: 'unwind' },
      });
      const [failed] = run.summary.defaults;
      return {
        found: `settle: ${settledText(run)}; D ${failed?.shortfallMinor} short; then ${balancesText(run, ['A', 'B', 'C', 'D'])}`,
      };
    },
  },
  {
    mark: 'exact',
    claim: 'the same with net debit caps (A 60, others 100) and money: 70 of A is beyond its cap',
    source: ARITHMETIC,
    expected: 'settle: 2 3 4 5; then A 320, B 150, C 210, D 120',
    find: async () => {
      const cap = (netDebitCap: string) => ({ netDebitCap });
      const run = await smallDay({
        balances: { A: 200, B: 200, C: 200, D: 200 },
        payments: NETTED,
        settlement: { mechanism: 'dns' },
        accounts: { A: cap('60'), B: cap('100'), C: cap('100'), D: cap('100') },
      });
      return {
        found: `settle: ${settledText(run)}; then ${balancesText(run, ['A', 'B', 'C', 'D'])}`,
      };
    },
  },
  ...(['108760000', '108759999'] as const).map(
    (dollars): Claim => ({
      mark: 'exact',
      claim: `payment versus payment: EUR 1,000,000.00 against USD 1,087,600.00, the payer of dollars has ${dollars} cents`,
      source: ARITHMETIC,
      expected:
        dollars === '108760000'
          ? 'A: EUR 0, USD 108760000; B: EUR 100000000, USD 0'
          : 'A: EUR 100000000, USD 0; B: EUR 0, USD 108759999',
      find: async () => {
        const { balances } = await runOf(exchangeDay(dollars));
        const of = (letter: string, code: string) =>
          `${code} ${balances.get(`${bicOfLetter(letter)} ${code}`)}`;
        const both = (letter: string) => `${letter}: ${of(letter, 'EUR')}, ${of(letter, 'USD')}`;
        return { found: `${both('A')}; ${both('B')}` };
      },
    }),
  ),
];

/** A sells euros to B for dollars, of which B has so many cents. */
function exchangeDay(cents: string) {
  const hours = { opens: '08:00', closes: '18:00', zone: 'UTC' };
  const [a, b] = [bicOfLetter('A'), bicOfLetter('B')];
  const bank = (bic: string, euros: string, dollars: string) => ({
    ...{ bic, name: bic },
    accounts: { EUR: { balance: euros }, USD: { balance: dollars } },
  });
  return writtenScenario(
    {
      name: 'claim',
      businessDates: ['2026-03-16'],
      currencies: { EUR: hours, USD: hours },
      participants: [
        bank(a, '1000000.00', '0'),
        bank(b, '0', `${cents.slice(0, -2)}.${cents.slice(-2)}`),
      ],
      payments: { csv: 'claim.csv' },
      tickMs: 60_000,
    },
    `date,time,debtor,creditor,currency,amount,priority,receives,receivesAmount,reference
2026-03-16,09:00,${a},${b},EUR,1000000.00,,USD,1087600.00,deal
2026-03-16,09:05,${b},${a},USD,1087600.00,,EUR,1000000.00,deal
`,
  );
}

export const queueClaims: ClaimGroup = {
  title: 'Gridlocks, netting, payment versus payment',
  text: [
    `Payments are numbered in the order in which they come in, and are written as debtor and creditor with balances in a
currency without decimals. Cycles run once, before the close. Bech and Soramäki define the problem: the largest set that
keeps the order of each queue and leaves no account below its floor. \`tests/settlement/gridlock.test.ts\` holds the same against
brute force over all sets.`,
  ],
  claims: [...CASES.map(queueClaim), ...nettingClaims],
};
