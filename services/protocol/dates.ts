/** Business dates as days since 1970-01-01, the form in which records and events carry them. */
const DAY_MS = 86_400_000;

/** Null for a text that is no calendar date, such as 2026-02-30. */
export function dayNumber(date: string): number | null {
  const ms = Date.parse(`${date}T00:00:00Z`);
  if (Number.isNaN(ms)) return null;
  const day = Math.floor(ms / DAY_MS);
  return day >= 0 && dateText(day) === date ? day : null;
}

export function dateText(day: number): string {
  return new Date(day * DAY_MS).toISOString().slice(0, 10);
}
