/** Business dates as days since 1970-01-01, the form in which records and events carry them. */
const DAY_MS = 86_400_000;

/** Nearly all payments of a day have its date. */
let last: { readonly date: string; readonly day: number | null } = { date: '', day: null };

/** Null for a text that is no calendar date, such as 2026-02-30. */
export function dayNumber(date: string): number | null {
  if (date !== last.date) last = { date, day: readDay(date) };
  return last.day;
}

function readDay(date: string): number | null {
  const ms = Date.parse(`${date}T00:00:00Z`);
  if (Number.isNaN(ms)) return null;
  const day = Math.floor(ms / DAY_MS);
  return day >= 0 && dateText(day) === date ? day : null;
}

export function dateText(day: number): string {
  return new Date(day * DAY_MS).toISOString().slice(0, 10);
}

/** What is written in a row has the same millisecond time and again, and the same day for long. */
let lastTime = { ms: 0, text: new Date(0).toISOString() };
let lastDay = { day: Number.NaN, text: '' };

/** RFC 3339 in UTC, with milliseconds. */
export function isoTime(ms: number): string {
  if (ms !== lastTime.ms) lastTime = { ms, text: writeTime(ms) };
  return lastTime.text;
}

const digitsUpTo = (numbers: number, width: number): readonly string[] =>
  Array.from({ length: numbers }, (_, number) => String(number).padStart(width, '0'));
const TWO_DIGITS = digitsUpTo(60, 2);
const THREE_DIGITS = digitsUpTo(1000, 3);
/** Beyond these there is no Date. */
const TIME_MAX_MS = 8_640_000_000_000_000;

/** The library takes three times as long, whose day is known or not. */
function writeTime(ms: number): string {
  // Also what is no instant: the library says so.
  if (!Number.isInteger(ms) || Math.abs(ms) >= TIME_MAX_MS) return new Date(ms).toISOString();
  const day = Math.floor(ms / DAY_MS);
  if (day !== lastDay.day)
    lastDay = { day, text: new Date(day * DAY_MS).toISOString().slice(0, -'00:00:00.000Z'.length) };
  const ofDay = ms - day * DAY_MS;
  const seconds = Math.floor(ofDay / 1000);
  const minutes = Math.floor(seconds / 60);
  const hour = TWO_DIGITS[Math.floor(minutes / 60)];
  return `${lastDay.text}${hour}:${TWO_DIGITS[minutes % 60]}:${TWO_DIGITS[seconds % 60]}.${THREE_DIGITS[ofDay % 1000]}Z`;
}

/** ISO 8601 as ISO 20022 has it: with a zone or without, the seconds in decimals or not. */
export const DATE_TIME_PATTERN =
  '^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\\.[0-9]+)?(Z|[+-](0[0-9]|1[0-4]):[0-5][0-9])?$';
const DATE_TIME = new RegExp(DATE_TIME_PATTERN);
const MONTH_DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
const DIGIT_0 = 0x30;
const DASH = 0x2d;

/** The number that digits of a text are; NaN where one of them is none. */
function digitsAt(text: string, from: number, to: number): number {
  let number = 0;
  for (let at = from; at < to; at++) {
    const digit = text.charCodeAt(at) - DIGIT_0;
    if (!(digit >= 0 && digit <= 9)) return Number.NaN;
    number = number * 10 + digit;
  }
  return number;
}

/** Whether the first ten characters of a text are a date that the calendar has, of any century. */
function beginsWithDate(text: string): boolean {
  if (text.charCodeAt(4) !== DASH || text.charCodeAt(7) !== DASH) return false;
  const year = digitsAt(text, 0, 4);
  const month = digitsAt(text, 5, 7);
  const day = digitsAt(text, 8, 10);
  const days = MONTH_DAYS[month - 1];
  if (Number.isNaN(year) || days === undefined) return false;
  const isLeap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  return day >= 1 && day <= (month === 2 && isLeap ? days + 1 : days);
}

/** Most dates of a document, and of a day's documents, are the same. */
let lastIsoDate = '';

/** Whether a text is a date that the calendar has, of any century. */
export function isIsoDate(text: string): boolean {
  if (text === lastIsoDate) return true;
  const isDate = text.length === 10 && beginsWithDate(text);
  if (isDate) lastIsoDate = text;
  return isDate;
}

/** What banks send together was made in the same millisecond, or second. */
let lastIsoDateTime = '';

export function isIsoDateTime(text: string): boolean {
  if (text === lastIsoDateTime) return true;
  const isDateTime = beginsWithDate(text) && DATE_TIME.test(text);
  if (isDateTime) lastIsoDateTime = text;
  return isDateTime;
}
