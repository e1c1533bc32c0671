/**
 * How dates and times are written in a source: the forms that a mapping names. Amounts: amount-forms.ts.
 *
 * A form of dates or times is text with the tokens yyyy, yy (20yy), M, d (one or two digits), MM, dd, H,
 * HH, mm, ss, F (a mark and decimals of a second, or nothing), and ZZ: Z, or an offset such as +01:00. All
 * else stands for itself.
 */

import { escaped } from './amount-forms.ts';

/** What a text of a form says; null: the form has no such token. */
export interface ReadTime {
  readonly date: string | null;
  /** Since midnight, local. */
  readonly timeMs: number | null;
  /** Ahead of UTC. */
  readonly offsetMinutes: number | null;
}

/** Null: the text is not of the form. */
export type TimeReader = (text: string) => ReadTime | null;

const TOKEN = /yyyy|yy|MM|M|dd|d|HH|H|mm|ss|F|ZZ/g;
const PATTERNS: Readonly<Record<string, string>> = {
  ...{ yyyy: '\\d{4}', yy: '\\d{2}', MM: '\\d{2}', M: '\\d{1,2}', dd: '\\d{2}', d: '\\d{1,2}' },
  ...{ HH: '\\d{2}', H: '\\d{1,2}', mm: '[0-5]\\d', ss: '[0-5]\\d' },
  F: '(?:[.,]\\d{1,9})?',
  ZZ: 'Z|[+-]\\d{2}:?\\d{2}',
};
const DATE_PARTS = ['year', 'month', 'day'];

/** The part of a date or time that a token stands for. */
const partOf = (token: string): string =>
  ({ y: 'year', M: 'month', d: 'day', H: 'hour', m: 'minute', s: 'second', F: 'decimals' })[
    token[0] as string
  ] ?? 'offset';

export const hasDate = (form: string): boolean => /y/.test(form);
export const hasTime = (form: string): boolean => /H/.test(form);

/** What is wrong with a form; null: nothing. */
export function formProblem(form: string): string | null {
  const parts = [...form.matchAll(TOKEN)].map(([token]) => partOf(token));
  const twice = parts.find((part, at) => parts.indexOf(part) !== at);
  if (twice !== undefined) return `one form, in which the ${twice} stands once`;
  const dated = DATE_PARTS.filter((part) => parts.includes(part)).length;
  if (dated !== 0 && dated !== 3) return 'year, month and day, or none of them';
  if (parts.includes('hour') !== parts.includes('minute')) return 'hours and minutes together';
  if (dated === 0 && !parts.includes('hour')) return 'yyyy, M and d, or HH and mm';
  return null;
}

/** @param form one without a problem */
export function timeReader(form: string): TimeReader {
  const groupOf = new Map<string, number>();
  let source = '';
  let last = 0;
  for (const match of form.matchAll(TOKEN)) {
    const [token] = match;
    groupOf.set(partOf(token), groupOf.size + 1);
    source += `${escaped(form.slice(last, match.index))}(${PATTERNS[token]})`;
    last = match.index + token.length;
  }
  const regex = new RegExp(`^${source}${escaped(form.slice(last))}$`);
  // Numbered groups: named ones take as long as all the rest. Of 0 there is the whole text.
  const place = (part: string) => groupOf.get(part) ?? -1;
  const [year, month, day] = [place('year'), place('month'), place('day')];
  const [hour, minute, second] = [place('hour'), place('minute'), place('second')];
  const [decimals, offset] = [place('decimals'), place('offset')];
  return (text) => {
    const groups = regex.exec(text);
    if (groups === null) return null;
    const hours = Number(groups[hour] ?? 0);
    if (hours > 23) return null;
    const seconds = hours * 3600 + Number(groups[minute] ?? 0) * 60 + Number(groups[second] ?? 0);
    // What is less than a ms is cut off: the differences of an import say so.
    const ms = decimals < 0 ? 0 : Number((groups[decimals] as string).slice(1, 4).padEnd(3, '0'));
    return {
      date:
        year < 0
          ? null
          : dateText(groups[year] as string, groups[month] as string, groups[day] as string),
      timeMs: hour < 0 ? null : seconds * 1000 + ms,
      offsetMinutes: offset < 0 ? null : minutesOf(groups[offset] as string),
    };
  };
}

const dateText = (year: string, month: string, day: string): string =>
  `${year.length === 2 ? '20' : ''}${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`;

function minutesOf(offset: string): number {
  if (offset === 'Z') return 0;
  const minutes = Number(offset.slice(1, 3)) * 60 + Number(offset.slice(-2));
  return offset[0] === '-' ? -minutes : minutes;
}

const TWO_DIGITS = Array.from({ length: 60 }, (_, value) => String(value).padStart(2, '0'));

/** A time of day as tables of payments have it: with seconds, and with ms where there are any. */
export function timeOfDayText(timeMs: number): string {
  const seconds = Math.floor(timeMs / 1000);
  const minutes = Math.floor(seconds / 60);
  const whole = `${TWO_DIGITS[Math.floor(minutes / 60)]}:${TWO_DIGITS[minutes % 60]}:${TWO_DIGITS[seconds % 60]}`;
  return timeMs % 1000 === 0 ? whole : `${whole}.${String(timeMs % 1000).padStart(3, '0')}`;
}
