/** Both bounds of liquidity, as docs/indicators.md defines them, each held from above and from below. */
import {
  type Bound,
  type BoundedAccount,
  drawnDay,
  fundedWith,
  GROSS,
  type Loader,
  needed,
  PLAIN,
} from './bounded-days.ts';
import type { Claim, ClaimGroup, Finding, ValidationScope } from './claim-and-finding.ts';
import { projectScenario, runOf } from './small-runs.ts';

const SOURCE = 'Leinonen and Soramäki, Bank of Finland Discussion Paper 16/1999';

/** Nothing settles by itself before the one cycle before the close. */
const FINAL =
  'settlement={ cycle: gridlockResolution, cycleEverySeconds: 0, queue: fifo, atClose: carry-over }';
interface Held {
  readonly payments: number;
  readonly accounts: number;
  /** All settled: with an upper bound as they came in. */
  readonly isEnough: boolean;
  /** Accounts on which one unit less was too little. */
  readonly tight: number;
}

async function heldAt(load: Loader, bound: Bound): Promise<Held> {
  const rules = bound === 'upperMinor' ? GROSS : FINAL;
  const ample = await runOf(load([...PLAIN, GROSS]));
  const accounts = needed(ample, bound);
  const { planned } = ample.summary;
  const settlesAll = async (short: number | null) => {
    const own = accounts.map((account, at) => ({
      ...account,
      needed: account.needed - (at === short ? 1n : 0n),
    }));
    const { summary } = await runOf(load([...PLAIN, rules, ...fundedWith(own)]));
    const isAll = summary.settled === planned;
    return isAll && (bound === 'lowerMinor' || summary.delay.maxMs === 0);
  };
  const isEnough = await settlesAll(null);
  const drawn = [...accounts.keys()].filter((at) => (accounts[at] as BoundedAccount).needed > 0n);
  let tight = 0;
  for (const at of drawn) if (!(await settlesAll(at))) tight += 1;
  return { payments: planned, accounts: drawn.length, isEnough, tight };
}

const WORDS: Readonly<Record<Bound, readonly [enough: string, tight: string]>> = {
  upperMinor: ['all settle at once', 'something waits'],
  lowerMinor: ['all are settled after the final netting', 'something is left'],
};

function heldText(bound: Bound, all: readonly Held[]): Finding {
  const [enough, tight] = WORDS[bound];
  const sum = (of: (held: Held) => number) => all.reduce((total, held) => total + of(held), 0);
  const [payments, accounts] = [sum((one) => one.payments), sum((one) => one.accounts)];
  const without = sum((one) => one.tight);
  const isEnough = all.every((one) => one.isEnough);
  const each = without === accounts ? 'on any account' : `on ${without} of ${accounts} accounts`;
  return {
    found: `${isEnough ? enough : `not: ${enough}`}; one unit less ${each}: ${tight}`,
    detail: `${payments.toLocaleString('en-US')} payments, ${accounts} ${accounts === 1 ? 'account' : 'accounts'}`,
  };
}

const expectedOf = (bound: Bound): string => {
  const [enough, tight] = WORDS[bound];
  return `${enough}; one unit less on any account: ${tight}`;
};

const boundClaim = (
  what: string,
  bound: Bound,
  loaders: (scope: ValidationScope) => Loader[],
): Claim => ({
  mark: 'exact',
  claim: `${what}: liquidity at the ${bound === 'upperMinor' ? 'upper' : 'lower'} bound`,
  source: SOURCE,
  expected: expectedOf(bound),
  find: async (scope) => {
    const all: Held[] = [];
    for (const load of loaders(scope)) all.push(await heldAt(load, bound));
    return heldText(bound, all);
  },
});

const drawnDays = ({ days }: ValidationScope): Loader[] =>
  Array.from({ length: days }, (_, day) => drawnDay(day + 1));
const own = (name: string, set: readonly string[] = []) => [
  (more: readonly string[]) => projectScenario(name, [...set, ...more]),
];
const FEW = ['traffic.*.paymentsPerDate=60'];

export const boundsClaims: ClaimGroup = {
  title: 'Bounds of liquidity',
  text: [
    `A first run has money without end and gives the bounds of each account as [indicators.md](indicators.md#flows-and-bounds)
defines them. A second run opens each account with its own bound and nothing else. In further runs one account after
the other has one minor unit less. Events of the scenarios are left out.`,
    `At the upper bound payments settle gross, without cycles. At the lower bound nothing but the one cycle before the
close looks at the queues, and gridlock resolution is the final netting.`,
  ],
  claims: [
    boundClaim('pssimpy-ring', 'upperMinor', () => own('pssimpy-ring')),
    boundClaim('netting-default, settled gross', 'upperMinor', () => own('netting-default')),
    boundClaim('netting-default, settled gross', 'lowerMinor', () => own('netting-default')),
    boundClaim('linked-gridlock without its trades, three currencies', 'upperMinor', () =>
      own('linked-gridlock', ['trades=[]', ...FEW]),
    ),
    boundClaim('linked-gridlock without its trades, three currencies', 'lowerMinor', () =>
      own('linked-gridlock', ['trades=[]', ...FEW]),
    ),
    boundClaim(
      'four-corridors with 60 payments a flow, five currencies and dealers',
      'upperMinor',
      () => own('four-corridors', FEW),
    ),
    boundClaim('days with 60 drawn payments of five banks', 'upperMinor', drawnDays),
    boundClaim('days with 60 drawn payments of five banks', 'lowerMinor', drawnDays),
  ],
};
