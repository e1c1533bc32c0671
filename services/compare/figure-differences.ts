/** Figures of several runs side by side, and how they differ from those of the first. */
import { Exact } from '../protocol/names/minor-units.ts';
import { type CorridorFigures, shareOf } from '../report/figures/corridor-figures.ts';
import type { Json, Summary } from '../report/figures/summary.ts';
import { corridorName } from '../report/sections/section-input.ts';
import type { CorridorComparison, Figure, Unit, Value } from './comparison-json.ts';

/** A run's figure before it is compared. */
export interface Leaf {
  readonly path: string;
  readonly value: Value;
  /** Of a delay, or of a time of what settled: the share that settled; null: not known. */
  readonly settledShare?: number | null | undefined;
}

/** By the end of a path, the first that fits; what fits none is a count. */
const UNITS: readonly (readonly [RegExp, Unit])[] = [
  [/(^|\.)settlementDelayIndicator(Submitted)?(\.|$)/, 'delay'],
  [/(^|\.)valueWeightedDelayMs(\.|$)/, 'delayMs'],
  [/(^|\.)\w*Minor(\.\w+)?$/, 'money'],
  [/(^|\.)(halfByMs|ninetyPercentByMs)$/, 'timeOfDay'],
  [/Ms$/, 'ms'],
  [
    /(^|\.)(settledShare|settledValueShare|settledOfSubmitted|usage|nettingEfficiency|share|reached|byDate\.\d+|withinHourShare|highestShare|largestShare|fiveLargestShare|tenLargestShare)(\.\w+)?$/,
    'share',
  ],
  [/(^|\.)(turnover\w*|concentration)$/, 'ratio'],
];

export const unitOf = (path: string): Unit =>
  UNITS.find(([pattern]) => pattern.test(path))?.[1] ?? 'count';

/** Figures of the runs by path, in the order in which the runs first have them. */
export function compareLeaves(
  runs: readonly (readonly Leaf[])[],
  currencyOf: (path: string) => string | null,
): Figure[] {
  const byPath = runs.map((leaves) => new Map(leaves.map((leaf) => [leaf.path, leaf])));
  const paths = new Set(runs.flatMap((leaves) => leaves.map(({ path }) => path)));
  return [...paths].map((path) => {
    const leaves = byPath.map((of) => of.get(path));
    const unit = unitOf(path);
    const values = leaves.map((leaf) => (leaf ? leaf.value : absentValue(path, unit)));
    return {
      ...{ path, unit, currency: currencyOf(path), values },
      differences: values.slice(1).map((value) => difference(values[0] ?? null, value, unit)),
      ...(leaves.some((leaf) => leaf?.settledShare !== undefined) && {
        settledShares: leaves.map((leaf) => leaf?.settledShare ?? null),
      }),
    };
  });
}

/** Tables by mechanism and reason have those alone that occurred, and those of what was set aside such accounts. */
const absentValue = (path: string, unit: Unit): Value =>
  /(^|\.)(settledByMechanism|rejectedByReason|cancelledByReason|locked)\./.test(path)
    ? (({ count: 0, money: '0' } as Partial<Record<Unit, Value>>)[unit] ?? null)
    : null;

function difference(first: Value, other: Value, unit: Unit): Figure['differences'][number] {
  if (first === null || other === null) return null;
  const from = new Exact(first);
  const much = new Exact(other).sub(from);
  const isRelative = !from.isZero() && unit !== 'timeOfDay';
  return {
    absolute: typeof first === 'string' ? much.toFixed(0) : much.toNumber(),
    // Adding 0 makes 0 of what is rounded to -0.
    relative: isRelative ? Number(much.div(from.abs()).toFixed(9)) + 0 : null,
  };
}

/** Whether any run's value is another than that of the first. */
export const differs = ({ values }: Pick<Figure, 'values'>): boolean =>
  values.some((value) => value !== values[0]);

/** What a summary says beside figures, and what has a place of its own in a comparison. */
const NO_FIGURES: readonly string[] = [
  ...['scenario', 'seed', 'version', 'overrides', 'counterfactualOf', 'observed', 'signatures'],
  ...['conserved', 'eventsHash'],
  ...['indicators.corridors', 'indicators.crossBorder.corridors', 'indicators.heldUp', 'defaults'],
];

/** What each account's bank reports to its supervisor, and what is told by date: looked up in each run. */
const REPORTED = /^indicators\.currencies\.[^.]+\.(intraday|sharesByDate|defaultCoverByHour)$/;

/** What cycles find in queues. */
const STANDSTILLS = /^indicators\.(gridlocks|deadlocks|gridlocksLeft)\./;

/**
 * Every figure of a summary, and how many accounts defaulted, or lay below their floor as observed.
 * @param looks whether cycles looked at queues: else gridlocks and deadlocks are not known
 */
export function summaryLeaves(summary: Summary, looks: boolean): Leaf[] {
  // Those of version 0.1.0 have neither.
  const { defaults, observed } = summary as Partial<Summary>;
  return [
    { path: 'defaults', value: defaults?.length ?? null },
    ...lockedLeaves(summary),
    ...(observed
      ? [
          { path: 'belowFloor', value: observed.belowFloor.length },
          { path: 'settledAfterClose', value: observed.settledAfterClose },
        ]
      : []),
    ...leavesOf(summary, '').map((leaf) => {
      if (!looks && STANDSTILLS.test(leaf.path)) return { ...leaf, value: null };
      return { ...leaf, settledShare: shareBeside(leaf.path, summary) };
    }),
  ];
}

/** By currency: delays, and times of what settled. */
const OF_CURRENCY = [
  /^delay\.(?:settlementDelayIndicator(?:Submitted)?|valueWeightedDelayMs)\.(.+)$/,
  /^indicators\.currencies\.([^.]+)\.(?:timeInQueue|throughput)\.\w+Ms$/,
];

/** What settles less may look quicker; undefined: the figure is no time of what settled. */
function shareBeside(path: string, summary: Partial<Summary>): number | null | undefined {
  const { settledShare = null, settledValueShare, chains } = summary;
  for (const pattern of OF_CURRENCY) {
    const [, currency] = pattern.exec(path) ?? [];
    if (currency !== undefined) return settledValueShare?.[currency] ?? null;
  }
  if (/^delay\.\w+Ms$/.test(path)) return settledShare;
  if (/^conditions\.attestationToSettlement\.\w+Ms$/.test(path))
    return chains ? shareOf(chains.settled, chains.matched) : null;
  return undefined;
}

function leavesOf(value: unknown, path: string): Leaf[] {
  if (NO_FIGURES.includes(path) || REPORTED.test(path)) return [];
  if (typeof value !== 'object' || value === null)
    return isFigure(value, path) ? [{ path, value }] : [];
  const below = (key: string, part: unknown) =>
    leavesOf(part, path === '' ? key : `${path}.${key}`);
  return Array.isArray(value)
    ? value.flatMap((part, index) => below(keyOf(part) ?? `${index}`, part))
    : Object.entries(value).flatMap(([key, part]) => (isKey(key) ? [] : below(key, part)));
}

/** Fields by which the elements of the summary's lists are known: they are in the path. */
const KEYS = [
  ...['participant', 'attestor', 'closesMs', 'by', 'dealer', 'currency', 'segment'],
] as const;
const isKey = (key: string): boolean => (KEYS as readonly string[]).includes(key);

function keyOf(element: unknown): string | null {
  const fields = element as Readonly<Record<string, unknown>> | null;
  const key = KEYS.find((one) => fields?.[one] !== undefined);
  const value = key && fields?.[key];
  if (value === undefined) return null;
  // What is told of each account of a participant.
  if (key === 'participant' && fields?.currency !== undefined) return `${value}.${fields.currency}`;
  return key === 'closesMs'
    ? `${new Date(Number(value)).toISOString().slice(0, 19)}Z`
    : String(value);
}

/** Only money is text. */
const isFigure = (value: unknown, path: string): value is Value =>
  value === null ||
  typeof value === 'number' ||
  (typeof value === 'string' && unitOf(path) === 'money');

/** The currency in a path of a summary, such as `liquidity.EUR.usedMinor`. */
export const currencyIn =
  (currencies: ReadonlySet<string>) =>
  (path: string): string | null =>
    path.split('.').find((part) => currencies.has(part)) ?? null;

const HOUR_MS = 3_600_000n;

/** Of each currency the liquidity locked over all banks, in minor units × hours, and the most that one had set aside. */
function lockedLeaves({ conditions }: Summary): Leaf[] {
  const locked = conditions?.locked ?? [];
  return [...new Set(locked.map(({ currency }) => currency))].flatMap((code) => {
    const accounts = locked.filter(({ currency }) => currency === code);
    const minorMs = accounts.reduce((sum, account) => sum + BigInt(account.lockedMinorMs), 0n);
    const peaks = accounts.map(({ peakMinor }) => BigInt(peakMinor));
    const peak = peaks.reduce((most, one) => (one > most ? one : most), 0n);
    return [
      { path: `conditions.locked.${code}.hoursMinor`, value: `${minorMs / HOUR_MS}` },
      { path: `conditions.locked.${code}.peakMinor`, value: `${peak}` },
    ];
  });
}

/** What is compared of each corridor, in the order in which it is shown. */
const OF_CORRIDOR: Readonly<Record<string, (corridor: Json<CorridorFigures>) => Value>> = {
  submitted: ({ submitted }) => submitted,
  settled: ({ settled }) => settled,
  settledOfSubmitted: ({ settled, submitted }) => shareOf(settled, submitted),
  rejected: ({ rejected }) => rejected,
  cancelled: ({ cancelled }) => cancelled,
  open: ({ open }) => open,
  debitedMinor: ({ debitedMinor }) => debitedMinor,
  creditedMinor: ({ creditedMinor }) => creditedMinor,
  p50Ms: ({ p50Ms }) => p50Ms,
  p95Ms: ({ p95Ms }) => p95Ms,
  p99Ms: ({ p99Ms }) => p99Ms,
  withinHourShare: ({ speed }) => shareOf(speed.withinHour, speed.payments),
  'cost.share': ({ cost }) => cost?.share ?? null,
  refusedForRate: ({ refusedForRate }) => refusedForRate,
};

export function compareCorridors(summaries: readonly Summary[]): CorridorComparison[] {
  const byName = summaries.map(
    ({ indicators }) =>
      new Map(indicators.corridors.map((corridor) => [corridorName(corridor), corridor])),
  );
  const corridors = new Map(byName.flatMap((of) => [...of]));
  return [...corridors].map(([name, { currency, currency2 }]) => ({
    corridor: name,
    figures: compareLeaves(
      byName.map((of) => {
        const corridor = of.get(name);
        return Object.entries(OF_CORRIDOR).map(([path, figure]) => ({
          path,
          value: corridor ? figure(corridor) : null,
        }));
      }),
      (path) => (path === 'creditedMinor' ? currency2 : currency),
    ),
  }));
}
