/** How figures are written: thousands separators, exact amounts, durations, times in UTC. */

import { amountText } from '../protocol/names/minor-units.ts';
import { durationText as duration } from '../protocol/names/vocabulary.ts';

/** 1234567.50 gives "1,234,567.50". */
export function grouped(digits: string): string {
  const [whole, fraction] = digits.split('.') as [string, string?];
  const separated = whole.replace(/\B(?=(\d{3})+$)/g, ',');
  return fraction === undefined ? separated : `${separated}.${fraction}`;
}

export const countText = (count: number): string => grouped(String(count));

/** Exact amount in major units without its currency: columns and headings name that. */
export const moneyText = (minor: bigint, decimals: number): string =>
  grouped(amountText(minor, decimals));

/** A share of a whole as per cent; "-" of nothing. Few in many must not read as 0 or as all. */
export function shareText(part: number, whole: number): string {
  if (whole === 0) return '–';
  const percent = (part / whole) * 100;
  if (part > 0 && percent < 0.01) return '< 0.01 %';
  if (part < whole && percent > 99.99) return '> 99.99 %';
  return `${percent.toFixed(2)} %`;
}

/** A ratio with so many decimals; "–" where there is none. */
export const ratioText = (ratio: number | null, decimals: number): string =>
  ratio === null ? '–' : grouped(ratio.toFixed(decimals));

export const durationOrDash = (ms: number | null): string => (ms === null ? '–' : duration(ms));

export const timeOfDay = (ms: number): string => new Date(ms).toISOString().slice(11, 16);
const dateText = (ms: number): string => new Date(ms).toISOString().slice(0, 10);

/** Time of day, after the date where the run has several. */
export const instantText = (ms: number, severalDates: boolean): string =>
  severalDates ? `${dateText(ms)} ${timeOfDay(ms)}` : timeOfDay(ms);

const SUFFIXES: readonly [number, string][] = [
  [1e12, 't'],
  [1e9, 'bn'],
  [1e6, 'm'],
  [1e3, 'k'],
];

/** For axes and bars only: 1.5m. Tables have the exact figure. */
export function compact(value: number): string {
  for (const [unit, suffix] of SUFFIXES)
    if (Math.abs(value) >= unit * 0.9995) return `${shorten(value / unit)}${suffix}`;
  return shorten(value);
}

const shorten = (value: number): string =>
  String(Number(value.toPrecision(Math.abs(value) < 1 ? 2 : 3)));

/** Position of an amount on an axis, in major units: the one place where money becomes a Number. */
export const plotted = (minor: bigint, decimals: number): number =>
  Number(amountText(minor, decimals));

/** A share, 0 to 1, as per cent; "–" where there is none. What is not all must not read as all. */
export function percentText(share: number | null, decimals = 1): string {
  if (share === null) return '–';
  const percent = (share * 100).toFixed(decimals);
  const most = (100 - Number(`1e-${decimals}`)).toFixed(decimals);
  if (share < 1 && Number(percent) >= 100) return `> ${most} %`;
  if (share > 0 && Number(percent) === 0) return `< ${(100 - Number(most)).toFixed(decimals)} %`;
  return `${percent} %`;
}
