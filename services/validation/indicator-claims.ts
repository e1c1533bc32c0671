/** Indicators of two small days, worked out by hand from their definitions. */
import type { Claim, ClaimGroup } from './claim-and-finding.ts';
import { type SmallRun, smallDay } from './small-runs.ts';

const SOURCE =
  'definition: Leinonen and Soramäki, Bank of Finland Discussion Paper 16/1999; numbers by hand';
const PLAIN = { queue: 'fifo', cycle: 'off' };

/** Of ten hours the first payment waits four, and the second none. */
const waiting = () =>
  smallDay({
    balances: { A: 0, B: 50 },
    payments: [
      ['08:00', 'A', 'B', 100],
      ['10:00', 'B', 'A', 50],
    ],
    settlement: PLAIN,
    events: {
      issues: [{ participant: 'AAAADE00', currency: 'XTS', amount: '100', at: '12:00' }],
    },
  });

const flowing = () =>
  smallDay({
    balances: { A: 500, B: 500, C: 500 },
    payments: [
      ['09:00', 'A', 'B', 100],
      ['09:01', 'B', 'C', 60],
      ['09:02', 'C', 'A', 90],
    ],
    settlement: PLAIN,
  });

const indicator = (
  claim: string,
  expected: string,
  day: () => Promise<SmallRun>,
  of: (run: SmallRun) => string,
): Claim => ({
  mark: 'exact',
  claim,
  source: SOURCE,
  expected,
  find: async () => ({ found: of(await day()) }),
});

const flows = (run: SmallRun) => {
  const [currency] = run.summary.indicators.currencies;
  if (currency === undefined) throw new Error('a run has its currency');
  return currency;
};
const byAccount = (run: SmallRun, bound: 'upperMinor' | 'lowerMinor') =>
  ['A', 'B', 'C']
    .map((letter) => {
      const account = flows(run).accounts.find(({ participant }) => participant[0] === letter);
      return `${letter} ${account?.[bound]}`;
    })
    .join(', ');

export const indicatorClaims: ClaimGroup = {
  title: 'Indicators',
  text: [
    `Two days. In the first A has to pay 100 from the opening on and gets the money after 4 of 10 hours, and B pays 50 at once
after 2 hours: ρ is (100·4 + 50·0) / (100·10 + 50·8). A is funded by an issuance, which is in no indicator of delay.
In the second A pays B 100, then B pays C 60, then C pays A 90.`,
  ],
  claims: [
    indicator('settlement delay indicator ρ', '0.285714286', waiting, ({ summary }) =>
      String(summary.delay.settlementDelayIndicator.XTS),
    ),
    indicator(
      'value-weighted delay: (100·4 h + 50·0 h) / 150',
      '9600000 ms',
      waiting,
      ({ summary }) => `${summary.delay.valueWeightedDelayMs.XTS} ms`,
    ),
    indicator(
      'upper bound by account, and in all',
      'A 100, B 0, C 30; 130',
      flowing,
      (run) => `${byAccount(run, 'upperMinor')}; ${flows(run).valid.upperMinor}`,
    ),
    indicator(
      'lower bound by account, and in all',
      'A 10, B 0, C 30; 40',
      flowing,
      (run) => `${byAccount(run, 'lowerMinor')}; ${flows(run).valid.lowerMinor}`,
    ),
    indicator('netting efficiency: 1 − 40 / 250', '0.84', flowing, (run) =>
      String(flows(run).valid.nettingEfficiency),
    ),
    indicator(
      'turnover at the bounds: 250 / 130 and 250 / 40',
      '1.923076923 and 6.25',
      flowing,
      (run) => `${flows(run).valid.turnoverAtUpper} and ${flows(run).valid.turnoverAtLower}`,
    ),
    indicator('concentration: (100² + 60² + 90²) / 250²', '0.3472', flowing, (run) =>
      String(flows(run).valid.concentration),
    ),
  ],
};
