import { REASONS } from '../../core/settlement/reasons.ts';
import { isoReason } from '../../protocol/names/iso-reasons.ts';
import { amountText } from '../../protocol/names/minor-units.ts';
import type { Scenario, ScenarioCurrency } from '../../scenario/scenario.ts';
import { Cell, type Column } from '../elements.ts';
import type { TimeMark } from '../event-marks.ts';
import type { CorridorFigures } from '../figures/corridor-figures.ts';
import type { CurrencyIndicators } from '../figures/currency-indicators.ts';
import { ratio } from '../figures/ratio-rounding.ts';
import type { Indicators } from '../figures/run-indicators.ts';
import type { Summary } from '../figures/summary.ts';
import {
  countText,
  durationOrDash,
  instantText,
  moneyText,
  percentText,
  plotted,
  ratioText,
  shareText,
  timeOfDay,
} from '../format.ts';
import { html } from '../html.ts';
import type { Frame } from '../time-frame.ts';

/** What every section needs. */
export interface View {
  readonly scenario: Scenario;
  readonly summary: Summary;
  readonly indicators: Indicators;
  readonly frame: Frame;
  readonly marks: readonly TimeMark[];
  /** Names by BIC and decimals by currency, as the analysis store has them. */
  readonly names: ReadonlyMap<string, string>;
  readonly decimals: ReadonlyMap<string, number>;
}

const decimalsOf = ({ decimals }: View, currency: string): number => decimals.get(currency) ?? 0;

export const minorText = (view: View, minor: bigint, currency: string): string =>
  moneyText(minor, decimalsOf(view, currency));

export const position = (view: View, minor: bigint, currency: string): number =>
  plotted(minor, decimalsOf(view, currency));

/** A participant's name, or its BIC where the store has no name for it. */
export const bankName = ({ names }: View, bic: string): string => names.get(bic) ?? bic;

const instant = ({ frame }: View, ms: number): string => instantText(ms, frame.severalDates);

/** The scenario's currencies with their indices, which give their colours. */
export const scenarioCurrencies = ({
  scenario,
}: View): readonly (ScenarioCurrency & { readonly index: number })[] =>
  scenario.currencies.map((currency, index) => ({ ...currency, index }));

export function indexOf({ scenario }: View, code: string): number {
  return Math.max(
    0,
    scenario.currencies.findIndex((currency) => currency.code === code),
  );
}

/** "from 08:30" for the bucket that begins then. */
export const bucketText = (view: View, bucket: number, frame: Frame = view.frame): string =>
  instant(view, frame.startMs + bucket * frame.stepMs);

export const payments = (count: number): string =>
  `${countText(count)} ${count === 1 ? 'payment' : 'payments'}`;

/** What the events say of a currency; the same code stands in summary.json. */
export const currencyIndicators = (
  { indicators }: View,
  code: string,
): CurrencyIndicators | undefined =>
  indicators.currencies.find(({ currency }) => currency === code);

/** Cells that copy out as plain figures; what is not known is empty there. */
export const countCell = (count: number): Cell => new Cell(countText(count), String(count));

/** @param code stands before the amount where its column does not name it */
export function amountCell(view: View, minor: bigint, currency: string, code = ''): Cell {
  const shown = minorText(view, minor, currency);
  const csv = amountText(minor, decimalsOf(view, currency));
  return new Cell(code === '' ? shown : `${code} ${shown}`, csv);
}

export const ratioCell = (value: number | null, decimals: number): Cell =>
  new Cell(ratioText(value, decimals), value === null ? '' : String(value));

/** A share, 0 to 1, as per cent; as a ratio in CSV. */
export const percentCell = (share: number | null, decimals = 1): Cell =>
  new Cell(percentText(share, decimals), share === null ? '' : String(share));

export const shareCell = (part: number, whole: number): Cell =>
  new Cell(shareText(part, whole), whole === 0 ? '' : String(ratio(BigInt(part), BigInt(whole))));

/** In ms in CSV. */
export const durationCell = (ms: number | null): Cell =>
  new Cell(durationOrDash(ms), ms === null ? '' : String(ms));

export const instantCell = (view: View, ms: number): Cell =>
  new Cell(instant(view, ms), new Date(ms).toISOString());

export const numeric = (head: string): Column => ({ head, numeric: true });
export const durationColumn = (head: string, csvHead = head): Column => ({
  head,
  numeric: true,
  csvHead: `${csvHead} (ms)`,
});

/** A bank by name and BIC; by its BIC in CSV. */
export const bankCell = (view: View, bic: string): Cell =>
  new Cell(html`<span class="name">${bankName(view, bic)}</span> <small>${bic}</small>`, bic);

/** What the reason says; the code alone where newer rules made it. */
export function reasonText(reason: string): string {
  const known = REASONS.find((one) => one === reason);
  return (known && isoReason(known)?.text) ?? reason;
}

/** Opening hours in words: local times, and the instants of the first date that has them. */
export function hoursText(
  { scenario }: View,
  { code, hours, isSecurity }: ScenarioCurrency,
): [string, string][] {
  const { currencies, securities } = scenario.document;
  const entry = isSecurity ? securities[code] : currencies[code];
  const first = hours.find((open) => open !== null);
  if (!entry) return [];
  const inUtc = first && entry.zone !== 'UTC';
  const utc = inUtc ? ` (${timeOfDay(first.opensMs)} to ${timeOfDay(first.closesMs)} UTC)` : '';
  const closed = hours.filter((open) => open === null).length;
  const holidays = closed > 0 ? `; closed on ${countText(closed)} of the dates` : '';
  return [['Open', `${entry.opens} to ${entry.closes} ${entry.zone}${utc}${holidays}`]];
}

/** EUR, EUR → CNY through a dealer, EUR ⇄ USD between two banks. */
export function corridorName({
  kind,
  currency,
  currency2,
}: Pick<CorridorFigures, 'kind' | 'currency' | 'currency2'>): string {
  if (kind === 'payments') return currency === currency2 ? currency : `${currency} → ${currency2}`;
  return currency2 === '?' ? `${currency} ⇄ no match` : `${currency} ⇄ ${currency2}`;
}
