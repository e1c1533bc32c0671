/** What a reader is told of figures: names, values and differences, on the terminal and on the page. */
import { amountText, Exact } from '../protocol/names/minor-units.ts';
import { durationText, mechanismWords, settledWords } from '../protocol/names/vocabulary.ts';
import {
  countText,
  durationOrDash,
  grouped,
  moneyText,
  percentText,
  ratioText,
  timeOfDay,
} from '../report/format.ts';
import type {
  ChangedPayment,
  ConfigurationDifference,
  Fate,
  Figure,
  PaymentFate,
  Value,
} from './comparison-json.ts';
import { differs } from './figure-differences.ts';

export type Decimals = (currency: string) => number;

const NONE = '–';

type Figured = Pick<Figure, 'unit' | 'currency' | 'settledShares'>;

/** A value; a delay, or a time of what settled, with the settled share beside it. */
export function valueText(
  figure: Figured & Pick<Figure, 'values'>,
  run: number,
  decimals: Decimals,
): string {
  const value = figure.values[run] ?? null;
  if (value === null) return NONE;
  const text = plainText(figure, value, decimals);
  if (figure.settledShares === undefined) return text;
  return `${text} (${percentText(figure.settledShares[run] ?? null)} settled)`;
}

function plainText({ unit, currency }: Figured, value: NonNullable<Value>, decimals: Decimals) {
  const number = Number(value);
  switch (unit) {
    case 'money':
      return moneyText(BigInt(value), decimals(currency ?? ''));
    case 'ms':
    case 'delayMs':
      return durationText(number);
    case 'timeOfDay':
      return timeOfDay(number);
    case 'share':
      return percentText(number, 2);
    case 'ratio':
    case 'delay':
      return ratioText(number, 4);
    case 'count':
      return countText(number);
  }
}

/** "+1,234.00 (+5.0 %)"; a run that has no such figure has no difference. */
export function differenceText(figure: Figure, other: number, decimals: Decimals): string {
  const difference = figure.differences[other - 1];
  if (!difference) return figure.values[0] === figure.values[other] ? '' : NONE;
  const { absolute, relative } = difference;
  const much = new Exact(absolute);
  if (much.isZero()) return '0';
  const sign = much.isNegative() ? '−' : '+';
  const size = sizeText(figure, much.abs().toFixed(), decimals);
  return `${sign}${size}${relative === null ? '' : ` (${relativeText(relative)})`}`;
}

/** Of a share in percentage points: 0.5 % more of 10 % could be read in two ways. */
function sizeText({ unit, currency }: Figured, size: string, decimals: Decimals): string {
  switch (unit) {
    case 'money':
      return grouped(amountText(BigInt(size), decimals(currency ?? '')));
    case 'ms':
    case 'delayMs':
    case 'timeOfDay':
      return durationOrDash(Number(size));
    case 'share':
      return `${(Number(size) * 100).toFixed(2)} pp`;
    case 'ratio':
    case 'delay':
      return Number(size).toFixed(4);
    case 'count':
      return grouped(size);
  }
}

function relativeText(relative: number): string {
  const percent = Math.abs(relative * 100);
  if (percent < 0.05) return '< 0.1 %';
  return `${relative < 0 ? '−' : '+'}${grouped(percent.toFixed(1))} %`;
}

/** What a value was and became: "12 → 15"; one of them where they are the same. */
export function changeText(figure: Figure | undefined, other: number, decimals: Decimals): string {
  if (figure === undefined) return NONE;
  const [from, to] = [valueText(figure, 0, decimals), valueText(figure, other, decimals)];
  return from === to ? from : `${from} → ${to}`;
}

/** Names of the figures of a time that chains took. */
function spanNames(field: string, time: string): (readonly [RegExp, (name: string) => string])[] {
  const path = `^conditions\\.${field}\\.`;
  return [
    [new RegExp(`${path}chains$`), () => `${time}, chains`],
    [new RegExp(`${path}p(50|95|99)Ms$`), (name) => `${time} p${name}`],
    [new RegExp(`${path}maxMs$`), () => `${time}, longest`],
  ];
}

/** Key figures by their path, `X` for a currency or another name; in the order in which they are shown. */
const NAMES: readonly (readonly [RegExp, (name: string) => string])[] = [
  [/^submitted$/, () => 'Submitted'],
  [/^settled$/, () => 'Settled'],
  [/^settledShare$/, () => 'Settled share'],
  [/^settledValueShare\.\w+$/, () => 'Settled share of value'],
  [/^rejected$/, () => 'Rejected'],
  [/^rejectedByReason\.(.+)$/, (name) => `Rejected ${name}`],
  [/^cancelled$/, () => 'Cancelled'],
  [/^cancelledByReason\.(.+)$/, (name) => `Cancelled ${name}`],
  [/^queuedAtClose$/, () => 'Queued at close'],
  [/^unsent$/, () => 'Never sent'],
  [/^repeated$/, () => 'Repeated messages'],
  [/^defaults$/, () => 'Accounts that defaulted'],
  [/^belowFloor$/, () => 'Accounts below their floor'],
  [/^settledAfterClose$/, () => 'Settled after the close'],
  [/^refusedChanges$/, () => 'Changes refused'],
  [/^refusedRequests$/, () => 'Messages refused, other than payments'],
  [/^chains\.matched$/, () => 'Chains complete'],
  [/^chains\.settled$/, () => 'Chains settled'],
  [/^chains\.ended$/, () => 'Chains ended unsettled'],
  [/^conditions\.chains\.met$/, () => 'Conditions met'],
  [/^conditions\.chains\.metBySilence$/, () => 'Conditions met by silence'],
  [/^conditions\.chains\.refused$/, () => 'Chains refused by attestors'],
  [/^conditions\.chains\.deadline$/, () => 'Chains ended at the deadline'],
  [/^conditions\.chains\.expired$/, () => 'Chains ended as earmarks expired'],
  [/^conditions\.chains\.capped$/, () => 'Chains ended as the cap was reached'],
  [/^conditions\.chains\.unearmarked$/, () => 'Chains gone on without earmarks for the cap'],
  [/^conditions\.chains\.promised$/, () => 'Chains promised to what another pool decides'],
  [/^conditions\.chains\.waiting$/, () => 'Chains waiting at the end'],
  [/^conditions\.earmarks\.set$/, () => 'Legs set aside'],
  [/^conditions\.earmarks\.settled$/, () => 'Legs settled of what was set aside'],
  [/^conditions\.earmarks\.expired$/, () => 'Earmarks expired'],
  [/^conditions\.earmarks\.released$/, () => 'Earmarks released'],
  [/^conditions\.earmarks\.standing$/, () => 'Earmarks standing at the end'],
  [/^conditions\.locked\.\w+\.hoursMinor$/, () => 'Liquidity locked, amount × hours'],
  [/^conditions\.locked\.\w+\.peakMinor$/, () => 'Earmarked, most of one bank'],
  [/^supply\.\w+\.issuedMinor$/, () => 'Issued'],
  [/^supply\.\w+\.redeemedMinor$/, () => 'Redeemed'],
  [/^supply\.\w+\.closingMinor$/, () => 'Supply at the end'],
  [/^supply\.\w+\.reserves\.leastMinor$/, () => 'Reserves, least'],
  [/^supply\.\w+\.reserves\.leastCover$/, () => 'Cover of deposits, least'],
  [/^supply\.\w+\.customers\.sentMinor$/, () => 'Payments for customers'],
  [/^supply\.\w+\.customers\.exposureMinor$/, () => 'Exposure of customers, largest'],
  ...spanNames('timeToLastAttestation', 'Time to last attestation'),
  ...spanNames('attestationToSettlement', 'Attestation to settlement'),
  [/^settledByMechanism\.(.+)$/, (name) => `Settled ${settledWords(name)}`],
  [/^delay\.settledAfterQueuing$/, () => 'Settled after queuing'],
  [/^delay\.settlementDelayIndicator\.\w+$/, () => 'Settlement delay indicator ρ'],
  [/^delay\.settlementDelayIndicatorSubmitted\.\w+$/, () => 'The same over all submitted'],
  [/^delay\.valueWeightedDelayMs\.\w+$/, () => 'Value-weighted delay'],
  [/^delay\.p(50|95|99)Ms$/, (name) => `Time to finality p${name}`],
  [/^delay\.maxMs$/, () => 'Time to finality, longest'],
  [/^settledValueMinor\.\w+$/, () => 'Value settled'],
  [/^liquidity\.\w+\.usedMinor$/, () => 'Liquidity used'],
  [/^liquidity\.\w+\.availableMinor$/, () => 'Liquidity available'],
  [/^liquidity\.\w+\.usage$/, () => 'Liquidity usage'],
  [/^liquidity\.\w+\.turnover$/, () => 'Turnover ratio'],
  [/^indicators\.currencies\.\w+\.throughput\.halfByMs$/, () => 'Half of value settled by'],
  [
    /^indicators\.currencies\.\w+\.throughput\.ninetyPercentByMs$/,
    () => 'Nine tenths of value settled by',
  ],
  [/^indicators\.currencies\.\w+\.queuePeak\.payments$/, () => 'Queue, most payments'],
  [/^indicators\.currencies\.\w+\.queuePeak\.valueMinor$/, () => 'Queue, most value'],
  [/^indicators\.currencies\.\w+\.timeInQueue\.p(50|95|99)Ms$/, (name) => `Time in queue p${name}`],
  [
    /^indicators\.currencies\.\w+\.settledByMechanism\.(\w+)\.valueMinor$/,
    (name) => `Value settled, ${mechanismWords(name)}`,
  ],
  [/^indicators\.gridlocks\.number$/, () => 'Gridlocks'],
  [/^indicators\.gridlocks\.totalMs$/, () => 'Gridlocks, duration'],
  [/^indicators\.gridlocksLeft\.number$/, () => 'Gridlocks left'],
  [/^indicators\.gridlocksLeft\.totalMs$/, () => 'Gridlocks left, duration'],
  [/^indicators\.deadlocks\.number$/, () => 'Deadlocks'],
  [/^indicators\.deadlocks\.totalMs$/, () => 'Deadlocks, duration'],
];

export interface NamedFigure {
  readonly name: string;
  readonly figure: Figure;
}

/** The key figures among these, in their order. */
function keyFigures(figures: readonly Figure[]): NamedFigure[] {
  return NAMES.flatMap(([pattern, name]) =>
    figures.flatMap((figure) => {
      const found = pattern.exec(figure.path);
      return found ? [{ name: name(found[1] ?? ''), figure }] : [];
    }),
  );
}

/** Figures that are told also where they do not differ. */
const ALWAYS = /^(settledShare|settledValueShare\.\w+|delay\.settlementDelayIndicator\.\w+)$/;

/** Key figures that differ, and those that are always told. */
export function toldFigures(figures: readonly Figure[]): NamedFigure[] {
  return keyFigures(figures).filter(({ figure }) => differs(figure) || ALWAYS.test(figure.path));
}

/** Of a bank's or a corridor's figures: the columns of their tables. */
export const BANK_COLUMNS: readonly (readonly [string, string])[] = [
  ['Settled', 'settled'],
  ['Rejected', 'rejected'],
  ['Delay indicator ρ', 'settlementDelayIndicator'],
  ['Liquidity used', 'liquidityUsedMinor'],
];
export const HOUR_COLUMNS: readonly (readonly [string, string])[] = [
  ['Submitted', 'submitted'],
  ['Settled', 'settled'],
  ['Value settled', 'settledValueMinor'],
  ['Mean delay', 'meanDelayMs'],
  ['Value-weighted delay', 'weightedDelayMs'],
  ['Liquidity used', 'liquidityUsedMinor'],
];
export const CORRIDOR_COLUMNS: readonly (readonly [string, string])[] = [
  ['Settled', 'settled'],
  ['Settled share', 'settledOfSubmitted'],
  ['Value debited', 'debitedMinor'],
  ['Time to finality p50', 'p50Ms'],
  ['p95', 'p95Ms'],
  ['Within an hour', 'withinHourShare'],
];

export const figureOf = (figures: readonly Figure[], path: string): Figure | undefined =>
  figures.find((figure) => figure.path === path);

/** "03-16 08:00". */
export const hourText = (hourMs: number): string =>
  new Date(hourMs).toISOString().slice(5, 16).replace('T', ' ');

/** A value of the configuration; short, for a whole list may stand in it. */
export function configuredText(value: unknown): string {
  if (value === undefined) return 'none';
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}

/** In words what `overrides` lists, which stand in several. */
export const configuredValue = ({ path, values }: ConfigurationDifference, run: number): string => {
  const value = values[run];
  if (path === 'overrides') return (value as readonly string[]).join(' ') || 'none';
  if (path === 'signatures') return value === true ? 'signed and verified' : 'off';
  return configuredText(value);
};

export const FATE_WORDS: Readonly<Record<Fate, string>> = {
  settled: 'settled',
  queued: 'queued at close',
  accepted: 'accepted for netting',
  cancelled: 'cancelled',
  rejected: 'rejected',
  notSubmitted: 'not submitted',
};

/** "settled 03-16 10:31:07 from the queue", "rejected AM04 03-16 10:31:07". */
export function fateText({ fate, reason, mechanism, finalAtMs }: PaymentFate): string {
  const at =
    finalAtMs === null
      ? ''
      : ` ${new Date(finalAtMs).toISOString().slice(5, 19).replace('T', ' ')}`;
  const how = fate === 'settled' ? ` ${settledWords(mechanism)}` : '';
  return `${FATE_WORDS[fate]}${reason === '' ? '' : ` ${reason}`}${at}${how}`;
}

/** What is said of it in one run, where it was asked for; null: it was not. */
export function saidIn({ fates, reasons }: ChangedPayment, run: 0 | 1): string[] | null {
  if (reasons.every((said) => said === null)) return null;
  return [...(reasons[run] ?? [`it was ${FATE_WORDS[fates[run].fate]}.`])];
}

/** Names of runs in tables: their last folders, where these tell them apart. */
export function shortNames(runs: readonly string[]): string[] {
  const last = runs.map((run) => run.replace(/\/+$/, '').split('/').at(-1) || run);
  return new Set(last).size === runs.length ? last : [...runs];
}
