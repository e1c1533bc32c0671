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

/** The instant, in ms since 1970, of a local time (HH:MM, HH:MM:SS or 24:00) on a date in a zone. */
export function instantMs(date: string, time: string, zone: string): number {
  const local =
    time === '24:00'
      ? DateTime.fromISO(`${date}T00:00`, { zone }).plus({ days: 1 })
      : DateTime.fromISO(`${date}T${time}`, { zone });
  if (!local.isValid) throw new RangeError(`${date} ${time} ${zone}: ${local.invalidExplanation}`);
  return Math.min(...local.getPossibleOffsets().map((candidate) => candidate.toMillis()));
}

/** An instant as local time in a zone, for messages: 2026-03-16 02:30. */
export function formatInstant(atMs: number, zone: string, format = 'yyyy-MM-dd HH:mm'): string {
  return DateTime.fromMillis(atMs, { zone }).toFormat(format);
}
