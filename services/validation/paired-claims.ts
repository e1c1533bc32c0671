/** Claims about many days: each seed is one, and two settings are compared seed by seed. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageFolder } from '../platform/service/build-info.ts';
import type { Summary } from '../report/figures/summary.ts';
import type { CellRows } from '../study/cell-run.ts';
import { cellsHere } from '../study/cells-in-process.ts';
import { cellAt, cellCount } from '../study/grid.ts';
import { type PairedDifference, pairedDifference } from '../study/paired-t-test.ts';
import { readStress } from '../study/stress/stress-grid.ts';
import { readStudy } from '../study/study-file.ts';
import { type BoundedAccount, drawnDay, fundedWith, GROSS, needed, PLAIN } from './bounded-days.ts';
import type { Claim, ClaimGroup, Finding, ValidationScope } from './claim-and-finding.ts';
import { runOf } from './small-runs.ts';

const LIQUIDITY = [0.5, 1, 2, 4] as const;
const SCENARIO = 'linked-gridlock';

/** A study over scenarios of the project, with rows by the options picked and the seed. */
async function studied(document: object, { seeds }: ValidationScope) {
  const file = join(packageFolder, 'scenarios/claim.yaml');
  const text = JSON.stringify({ scenario: `${SCENARIO}.yaml`, seeds, ...document });
  const { study } = readStudy(file, text, (path) => readFileSync(path, 'utf8'));
  const run = cellsHere(study);
  const cells = new Map<string, CellRows>();
  for (let number = 1; number <= cellCount(study); number++) {
    const outcome = await run(number);
    if ('error' in outcome) throw new Error(outcome.error);
    const { picks, seed } = cellAt(study, number);
    cells.set([...picks, seed].join(' '), outcome.rows);
  }
  return {
    /** The difference that the second pick makes to the first, over the seeds. */
    difference: (
      before: readonly number[],
      after: readonly number[],
      of: (rows: CellRows) => number,
    ): PairedDifference => {
      const at = (picks: readonly number[], seed: number) =>
        of(cells.get([...picks, seed].join(' ')) as CellRows);
      const pairs = study.seeds.map((seed) => [at(before, seed), at(after, seed)] as const);
      return pairedDifference(pairs) as PairedDifference;
    },
  };
}

const CURRENCIES = ['EUR', 'USD', 'SGD'] as const;
const mean = (values: readonly number[]) =>
  values.reduce((sum, value) => sum + value, 0) / values.length;
const figureOf = (rows: CellRows, name: string) => Number(rows.figures[name]);
const settledShare = (rows: CellRows) => figureOf(rows, 'settledShare');
const delay = (rows: CellRows) =>
  mean(CURRENCIES.map((code) => figureOf(rows, `delay.settlementDelayIndicatorSubmitted.${code}`)));

const half = ({ halfWidth }: PairedDifference) => halfWidth ?? 0;
const low = (one: PairedDifference) => one.mean - half(one);
const high = (one: PairedDifference) => one.mean + half(one);
const points = (one: PairedDifference) =>
  `${(100 * one.mean).toFixed(2)} ± ${(100 * half(one)).toFixed(2)}`;

const studies = new Map<number, ReturnType<typeof studied>>();
/** Cycles off and on, at each level of liquidity; run once for both claims. */
function cycleStudy(scope: ValidationScope) {
  const study =
    studies.get(scope.seeds) ??
    studied(
      {
        vary: { 'settlement.cycle': ['off', 'gridlockResolution'] },
        scale: { liquidity: LIQUIDITY },
      },
      scope,
    );
  studies.set(scope.seeds, study);
  return study;
}

/** Where between both bounds each account opens. */
const BETWEEN = [0, 25, 50, 75, 100] as const;
const CYCLES =
  'settlement={ cycle: gridlockResolution, cycleEverySeconds: 300, queue: fifo, atClose: carry-over }';

const PAYMENTS = 'traffic.eur.paymentsPerDate=150';

/** Of a drawn day: by level, the figure without cycles and with them. */
async function dayBetween(seed: number): Promise<(readonly [Summary, Summary])[]> {
  const drawn = drawnDay(seed);
  const load = (set: readonly string[]) => drawn([PAYMENTS, ...set]);
  const ample = await runOf(load([...PLAIN, GROSS]));
  const [lower, upper] = [needed(ample, 'lowerMinor'), needed(ample, 'upperMinor')];
  const levels: (readonly [Summary, Summary])[] = [];
  for (const percent of BETWEEN) {
    const opening = lower.map((account, at) => {
      const above = (upper[at] as BoundedAccount).needed - account.needed;
      return { ...account, needed: account.needed + (above * BigInt(percent)) / 100n };
    });
    const of = async (rules: string) =>
      (await runOf(load([...PLAIN, rules, ...fundedWith(opening)]))).summary;
    levels.push([await of(GROSS), await of(CYCLES)]);
  }
  return levels;
}

const drawnDays = new Map<number, Promise<readonly Awaited<ReturnType<typeof dayBetween>>[]>>();
/** Run once for both claims. */
function daysBetween({ days }: ValidationScope) {
  const all =
    drawnDays.get(days) ??
    (async () => {
      const drawn: Awaited<ReturnType<typeof dayBetween>>[] = [];
      for (let seed = 1; seed <= days; seed++) drawn.push(await dayBetween(seed));
      return drawn;
    })();
  drawnDays.set(days, all);
  return all;
}

/** No level saves more than the one before it, the first saves for certain, and the upper bound leaves nothing to save. */
async function between(
  scope: ValidationScope,
  saved: (gross: Summary, withCycles: Summary) => number,
) {
  const days = await daysBetween(scope);
  const savings = BETWEEN.map(
    (_, level) =>
      pairedDifference(
        days.map((day) => [0, saved(...(day[level] as readonly [Summary, Summary]))] as const),
      ) as PairedDifference,
  );
  const risesNowhere = savings.every(
    (one, at) => at === 0 || one.mean <= (savings[at - 1]?.mean ?? 0),
  );
  const [first, last] = [savings.at(0), savings.at(-1)];
  return {
    holds: risesNowhere && first !== undefined && low(first) > 0 && last?.mean === 0,
    found: savings.map((one, level) => `${BETWEEN[level]} %: ${points(one)}`).join('; '),
  };
}

const LEINONEN =
  'Leinonen and Soramäki, Bank of Finland Discussion Paper 16/1999: netting helps most where liquidity is scarce; from memory';

const savingClaim = (claim: string, unit: string, saved: (rows: CellRows) => number): Claim => ({
  mark: 'shape',
  claim,
  source: LEINONEN,
  expected: 'more at 0.5, 1 and 2 than at 4; intervals apart',
  judge: async (scope) => {
    const study = await cycleStudy(scope);
    const savings = LIQUIDITY.map((_, level) => study.difference([0, level], [1, level], saved));
    const ample = savings.at(-1) as PairedDifference;
    return {
      holds: savings.slice(0, -1).every((one) => low(one) > high(ample)),
      found: savings.map((one, level) => `× ${LIQUIDITY[level]}: ${points(one)}`).join('; '),
      detail: `${unit}, 95 % intervals, ${scope.seeds} seeds`,
    };
  },
});

const boundedClaim = (
  claim: string,
  unit: string,
  saved: (gross: Summary, withCycles: Summary) => number,
): Claim => ({
  mark: 'shape',
  claim,
  source: LEINONEN,
  expected: 'rises at no level; above 0 at the lower bound; 0 at the upper',
  judge: async (scope) => ({
    ...(await between(scope, saved)),
    detail: `${unit}, 95 % intervals, ${scope.days} days of 150 payments`,
  }),
});
const ofEuro = ({ delay: { settlementDelayIndicatorSubmitted: of } }: Summary) => Number(of.EUR);

/** Of all banks but the one that fails: share of what they submitted that settled. */
const FAILED = 'ALFADE00';
function othersSettled({ banks }: CellRows): number {
  const others = banks.filter(({ participant }) => participant !== FAILED);
  const sum = (name: string) => others.reduce((total, row) => total + Number(row[name]), 0);
  return sum('settled') / sum('submitted');
}

async function outage(scope: ValidationScope): Promise<Finding & { readonly holds: boolean }> {
  const study = await studied(
    {
      vary: {
        outage: {
          none: { 'events.outages': [] },
          day: { 'events.outages': [{ participant: FAILED, from: '07:00' }] },
        },
      },
    },
    scope,
  );
  const lost = study.difference([1], [0], othersSettled);
  return {
    holds: low(lost) > 0,
    found: `${points(lost)} less settles`,
    detail: `percentage points of the others' payments, 95 % interval, ${scope.seeds} seeds`,
  };
}

/** When it fails in a stress test (docs/stress.md), and after how long the others stop paying it. */
const FAILS_AT = '09:00';
const REACTION_SECONDS = 600;

/** Of each seed: payments in which the failed bank has no part, newly unsettled without and with the reaction. */
async function reaction(scope: ValidationScope): Promise<Finding & { readonly holds: boolean }> {
  const pairs: (readonly [number, number])[] = [];
  for (let seed = 1; seed <= scope.seeds; seed++) {
    const options = {
      scenario: join(packageFolder, `scenarios/${SCENARIO}.yaml`),
      set: [`seed=${seed}`],
      ...{ banks: [FAILED], hours: [FAILS_AT], lengthSeconds: null },
      ...{ reactionAfterSeconds: REACTION_SECONDS, queued: 'left' as const },
    };
    const { study } = readStress(options, (path) => readFileSync(path, 'utf8'));
    const run = cellsHere(study);
    const later: number[] = [];
    for (let number = 1; number <= cellCount(study); number++) {
      const outcome = await run(number);
      if ('error' in outcome) throw new Error(outcome.error);
      later.push(figureOf(outcome.rows, 'laterRounds.payments'));
    }
    const [without = 0, withReaction = 0] = later;
    pairs.push([withReaction, without]);
  }
  const less = pairedDifference(pairs) as PairedDifference;
  return {
    holds: low(less) > 0,
    found: `${less.mean.toFixed(2)} ± ${half(less).toFixed(2)} fewer of ${mean(pairs.map(([, without]) => without)).toFixed(1)}`,
    detail: `payments between other banks newly unsettled, ${FAILED} fails at ${FAILS_AT}, reaction after ${REACTION_SECONDS / 60} min, 95 % interval, ${scope.seeds} seeds`,
  };
}

export const pairedClaims: ClaimGroup = {
  title: 'Scarce liquidity, and contagion',
  text: [
    `Each seed draws the payments of a day, the same in every setting
([common random numbers](studies.md#common-random-numbers)): of five banks in one currency, or of
\`scenarios/linked-gridlock.yaml\`. Differences are taken seed by seed. The interval of their mean is Student's.`,
    `What cycles save is the difference between gridlock resolution every five minutes and gross settlement alone, all else the
same. In the delay over all submitted payments what never settles waits to the close, so settling less does not look quicker.`,
    `Scarce is meant between the bounds: at the upper bound there is nothing to save, at the lower bound most. Below what a day
needs, cycles save less again, because a set of payments needs money too. The study has that at half of its liquidity.`,
  ],
  claims: [
    boundedClaim(
      'drawn days, accounts opened between lower bound (0 %) and upper bound (100 %): cycles settle more',
      'percentage points of the payments',
      (gross, withCycles) => Number(withCycles.settledShare) - Number(gross.settledShare),
    ),
    boundedClaim(
      'the same days: cycles shorten the delay over all submitted',
      'hundredths of ρ',
      (gross, withCycles) => ofEuro(gross) - ofEuro(withCycles),
    ),
    savingClaim(
      'linked-gridlock with its liquidity × 0.5, 1, 2, 4: cycles settle more',
      'percentage points of the payments',
      settledShare,
    ),
    savingClaim(
      'the same study: cycles shorten the delay over all submitted',
      'hundredths of ρ, mean of the currencies',
      (rows) => -delay(rows),
    ),
    {
      mark: 'shape',
      claim: `a bank (${FAILED}) that sends nothing all day keeps payments of the others from settling`,
      source:
        'Bedford, Millard and Yang, Analysing the impact of operational incidents in large-value payment systems, Bank of Finland Studies E:31, 2005; from memory',
      expected: 'fewer payments of the others settle; interval apart from 0',
      judge: outage,
    },
    {
      mark: 'shape',
      claim: 'contagion falls where the others stop paying the bank that failed',
      source:
        'Berge and Christophersen, Operational problems in banks, Norges Bank, Penger og Kreditt 3/2011; its abstract alone',
      expected: 'fewer payments between the others stay unsettled; interval apart from 0',
      judge: reaction,
    },
  ],
};
