/**
 * The figures of a run as flat names: those of summary.json with dots for its levels, and currencies
 * for the places in its lists. So every figure has the meaning that docs/indicators.md gives it.
 */
import { shareOf } from '../report/figures/corridor-figures.ts';
import type { Summary } from '../report/figures/summary.ts';

/** Money in minor units as text, ratios and counts as numbers; null: there is no such figure. */
export type Figures = Readonly<Record<string, string | number | boolean | null>>;

export type Kind = 'count' | 'ratio' | 'money' | 'text' | 'flag';

/** What the last of these names in a figure's name says of it; others are counts, or times in ms. */
const KINDS: readonly (readonly [RegExp, Kind])[] = [
  [/Minor(?:Ms)?$/, 'money'],
  [/[sS]hare$/, 'ratio'],
  [/^settlementDelayIndicator/, 'ratio'],
  [/^valueWeightedDelayMs$/, 'ratio'],
  [/^(?:usage|turnover|turnoverAtUpper|turnoverAtLower)$/, 'ratio'],
  [/^(?:nettingEfficiency|concentration|leastCover)$/, 'ratio'],
  [/^conserved$/, 'flag'],
  [/^eventsHash$/, 'text'],
];

export function kindOf(name: string): Kind {
  for (const part of name.split('.').reverse())
    for (const [form, kind] of KINDS) if (form.test(part)) return kind;
  return 'count';
}

/** Counts by a name that a run without any leaves out: there the count is 0. */
const TALLIES =
  /^(?:rejectedByReason|cancelledByReason|settledByMechanism|proposals|chains|conditions\.(?:chains|earmarks|locked))\.|\.settledByMechanism\.|^rounds\.\d+\./;
export const isTally = (name: string): boolean => TALLIES.test(name);

/** What names the run stands in columns of its own. */
const NAMED = ['scenario', 'seed', 'version', 'overrides', 'signatures', 'indicators'] as const;

/** What a column's name begins with, by type: a figure is a column, and of a group columns stand behind a dot. */
export type ColumnGroups<Row> = {
  readonly [Name in keyof Row]-?: NonNullable<Row[Name]> extends string | number | bigint | boolean
    ? 'figure'
    : 'group';
};

export const CELL_ROW_COLUMNS: ColumnGroups<
  Omit<Summary, (typeof NAMED)[number]> & Pick<Summary, 'indicators'>
> = {
  ...{ counterfactualOf: 'figure', observed: 'group' },
  ...{ submitted: 'figure', settled: 'figure', rejected: 'figure', cancelled: 'figure' },
  ...{ queuedAtClose: 'figure', repeated: 'figure', unsent: 'figure', planned: 'figure' },
  ...{ settledShare: 'figure', settledValueShare: 'group' },
  ...{ refusedChanges: 'figure', refusedRequests: 'figure' },
  ...{ chains: 'group', conditions: 'group', supply: 'group' },
  ...{ rejectedByReason: 'group', cancelledByReason: 'group' },
  ...{ proposals: 'group', settledByMechanism: 'group' },
  ...{ settledValueMinor: 'group', submittedValueMinor: 'group', rejectedValueMinor: 'group' },
  ...{ cancelledValueMinor: 'group', queuedValueMinor: 'group', unsentValueMinor: 'group' },
  ...{ defaults: 'group', uncapped: 'group', delay: 'group', liquidity: 'group' },
  ...{ conserved: 'figure', eventsHash: 'figure', indicators: 'group' },
};

export function cellFigures(summary: Summary): Figures {
  const own = Object.entries(summary).filter(([name]) => !NAMED.some((named) => named === name));
  const { currencies, crossBorder, gridlocks, deadlocks, gridlocksLeft } = summary.indicators;
  const across = crossBorder.segments.map(({ segment, ...figures }) => [segment, figures] as const);
  return {
    ...flat(Object.fromEntries(own)),
    'defaults.number': summary.defaults.length,
    ...flat({ indicators: { gridlocks, deadlocks, gridlocksLeft } }),
    ...flat({ indicators: { crossBorder: Object.fromEntries(across) } }),
    ...lockedFigures(summary),
    ...Object.assign({}, ...(summary.supply ?? []).map(supplyFigures)),
    ...Object.assign({}, ...currencies.map(currencyFigures)),
  };
}

type SupplyJson = NonNullable<Summary['supply']>[number];
type CurrencyJson = Summary['indicators']['currencies'][number];

function currencyFigures({ currency, unsettledAtCloses, ...of }: CurrencyJson): Figures {
  const { valid, settled, shares, defaultCover, throughput, ...others } = of;
  const { queuePeak, timeInQueue, settledByMechanism } = others;
  const unsettled = {
    payments: unsettledAtCloses.reduce((sum, { payments }) => sum + payments, 0),
    valueMinor: unsettledAtCloses
      .reduce((sum, { valueMinor }) => sum + BigInt(valueMinor), 0n)
      .toString(),
  };
  const flows = { valid, settled, shares, defaultCover };
  const parts = { ...flows, throughput, queuePeak, timeInQueue, settledByMechanism };
  return flat({ indicators: { [currency]: { ...parts, unsettledAtCloses: unsettled } } });
}

/** Who issues it and what backs it are the scenario's. */
function supplyFigures({ currency, issuer: _, reserves, ...of }: SupplyJson): Figures {
  const { currency: __, ...backing } = reserves ?? {};
  return flat({ supply: { [currency]: { ...of, reserves: backing } } });
}

/** Liquidity locked × time over the banks of each currency in which money was set aside. */
function lockedFigures({ conditions }: Summary): Figures {
  const locked = new Map<string, bigint>();
  for (const { currency, lockedMinorMs } of conditions?.locked ?? [])
    locked.set(currency, (locked.get(currency) ?? 0n) + BigInt(lockedMinorMs));
  return Object.fromEntries([...locked].map(([code, sum]) => [lockedOf(code), sum.toString()]));
}

export const lockedOf = (code: string) => `conditions.locked.${code}.lockedMinorMs`;

export const CORRIDOR_ROW_COLUMNS: ColumnGroups<
  Omit<Summary['indicators']['corridors'][number], 'endedBy'> & { settledShare: number }
> = {
  ...{ kind: 'figure', currency: 'figure', currency2: 'figure', settledShare: 'figure' },
  ...{ submitted: 'figure', settled: 'figure', rejected: 'figure', cancelled: 'figure' },
  ...{ open: 'figure', debitedMinor: 'figure', creditedMinor: 'figure' },
  ...{ p50Ms: 'figure', p95Ms: 'figure', p99Ms: 'figure' },
  ...{ speed: 'group', cost: 'group', refusedForRate: 'figure' },
};

export const corridorRows = ({ indicators }: Summary): Figures[] =>
  indicators.corridors.map(({ endedBy: _, cost, ...corridor }) => ({
    settledShare: shareOf(corridor.settled, corridor.submitted),
    ...flat(corridor),
    'cost.share': cost?.share ?? null,
  }));

/** Lists have no place in a row, and are left out. */
function flat(tree: object, before = ''): Figures {
  const figures: Record<string, Figures[string]> = {};
  for (const [key, value] of Object.entries(tree)) {
    const name = before + key;
    if (Array.isArray(value)) continue;
    if (typeof value === 'object' && value !== null)
      Object.assign(figures, flat(value, `${name}.`));
    else figures[name] = value as Figures[string];
  }
  return figures;
}
