import { durationText } from '../../protocol/names/vocabulary.ts';

/** How figures are written. Money stays in whole minor units until it is text. */

const GROUPS = /\B(?=(\d{3})+(?!\d))/g;
const MINUS = '−';

export const shownCount = (count: number): string => String(count).replace(GROUPS, ',');

/** All of it: -123456 and 2 give "−1,234.56". */
export function shownMoney(minor: string | bigint, decimals: number): string {
  const value = BigInt(minor);
  const digits = (value < 0n ? -value : value).toString().padStart(decimals + 1, '0');
  const whole = digits.slice(0, digits.length - decimals).replace(GROUPS, ',');
  const fraction = decimals === 0 ? '' : `.${digits.slice(-decimals)}`;
  return `${value < 0n ? MINUS : ''}${whole}${fraction}`;
}

const UNITS = ['', ' k', ' M', ' bn', ' tn'];

/** Three figures of it, cut and not rounded: "1.23 M". */
export function shortMoneyText(minor: string | bigint, decimals: number): string {
  const value = BigInt(minor);
  const sign = value < 0n ? MINUS : '';
  const whole = ((value < 0n ? -value : value) / 10n ** BigInt(decimals)).toString();
  const unit = Math.min(UNITS.length - 1, Math.floor((whole.length - 1) / 3));
  const lead = whole.length - 3 * unit;
  if (unit === 0) return sign + whole;
  const shown =
    lead >= 3 ? whole.slice(0, lead) : `${whole.slice(0, lead)}.${whole.slice(lead, 3)}`;
  return `${sign}${shown.replace(GROUPS, ',')}${UNITS[unit]}`;
}

/** For lengths of bars and heights of curves, where a double is exact enough. */
export const approximately = (minor: string, decimals: number): number =>
  Number(BigInt(minor)) / 10 ** decimals;

/** For how long something has waited. */
export const ageText = (ms: number): string => (ms < 1_000 ? '< 1 s' : durationText(ms));

/** UTC. */
export const clockText = (ms: number): string => new Date(ms).toISOString().slice(11, 19);
export const preciseClockText = (ms: number): string => new Date(ms).toISOString().slice(11, 23);
export const dateTimeText = (ms: number): string =>
  new Date(ms).toISOString().slice(0, 19).replace('T', ' ');

export function shownShare(part: number, whole: number): string {
  if (whole === 0) return '0 %';
  const percent = (100 * part) / whole;
  if (part < whole && percent > 99.99) return '> 99.99 %';
  return `${percent >= 99.995 || percent === 0 ? percent.toFixed(0) : percent.toFixed(2)} %`;
}

/** A rate for one second. */
export function shownRate(rate: number): string {
  if (rate >= 100 || Number.isInteger(rate)) return shownCount(Math.round(rate));
  return rate.toFixed(1);
}
