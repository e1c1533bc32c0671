/** Local times to instants. A time that a zone skips moves forward; of one that it repeats, the first counts. */
import { DateTime, IANAZone } from 'luxon';

export function isZone(zone: string): boolean {
  return IANAZone.isValidZone(zone);
}

/** What `isDate` says yes to, for messages. */
export const DATE_EXPECTED = 'a date that the calendar has, from 1970 on';

/** A date that the calendar has, from 1970 on, as YYYY-MM-DD. */
export function isDate(date: string): boolean {
  return date >= '1970-01-01' && DateTime.fromISO(date, { zone: 'UTC' }).isValid;
}

/**
 * The instant, in ms since 1970, of a local time (HH:MM, HH:MM:SS or 24:00) on a date in a zone. With +1 or
 * another number of days behind it the time is that many calendar days after the date: 01:00+1.
 */
export function instantMs(onDate: string, dayTime: string, zone: string): number {
  const { time, days } = splitDayTime(dayTime);
  const date = days === 0 ? onDate : dateAfter(onDate, days);
  const local =
    time === '24:00'
      ? DateTime.fromISO(`${date}T00:00`, { zone }).plus({ days: 1 })
      : DateTime.fromISO(`${date}T${time}`, { zone });
  if (!local.isValid) throw new RangeError(`${date} ${time} ${zone}: ${local.invalidExplanation}`);
  return Math.min(...local.getPossibleOffsets().map((candidate) => candidate.toMillis()));
}

/** A local time without the days behind it, and their number: of 01:00+1 it is 01:00 and 1. */
export function splitDayTime(dayTime: string): { readonly time: string; readonly days: number } {
  const sign = dayTime.at(-2);
  return sign === '+' || sign === '-'
    ? { time: dayTime.slice(0, -2), days: Number(dayTime.slice(-2)) }
    : { time: dayTime, days: 0 };
}

/** A local time with what `splitDayTime` takes off it. */
export function joinDayTime(time: string, days: number): string {
  return days === 0 ? time : `${time}${days > 0 ? '+' : '-'}${Math.abs(days)}`;
}

/** An instant as such a time, to the second, seen from a date. */
export function dayTimeText(date: string, atMs: number, zone: string): string {
  const onMs = Date.parse(`${formatInstant(atMs, zone, 'yyyy-MM-dd')}T00:00:00Z`);
  const days = (onMs - Date.parse(`${date}T00:00:00Z`)) / 86_400_000;
  return joinDayTime(formatInstant(atMs, zone, 'HH:mm:ss'), days);
}

const dateAfter = (date: string, days: number): string =>
  new Date(Date.parse(`${date}T00:00:00Z`) + days * 86_400_000).toISOString().slice(0, 10);

/** An instant as local time in a zone, for messages: 2026-03-16 02:30. */
export function formatInstant(atMs: number, zone: string, format = 'yyyy-MM-dd HH:mm'): string {
  return DateTime.fromMillis(atMs, { zone }).toFormat(format);
}
