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

/** What is written in a row has the same millisecond time and again. */
let lastTime = { ms: 0, text: new Date(0).toISOString() };

/** RFC 3339 in UTC, with milliseconds. */
export function isoTime(ms: number): string {
  if (ms !== lastTime.ms) lastTime = { ms, text: new Date(ms).toISOString() };
  return lastTime.text;
}
