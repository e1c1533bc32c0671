/** Opening hours, cut-offs and holidays of a currency or security, as local times, to instants by business date. */

import { DATE_EXPECTED, instantMs, isDate, isZone } from './local-time-to-instant.ts';
import type { OpenHours } from './scenario.ts';
import type { Fail, Path } from './scenario-error.ts';

/** As the scenario has them: local times in a zone, dates without an opening. */
export interface Hours {
  readonly opens: string;
  readonly closes: string;
  readonly zone: string;
  readonly holidays: readonly string[];
}

/** Opening hours by business date; null on a holiday. */
export function resolveHours(
  { path, times }: { readonly path: Path; readonly times: Hours },
  businessDates: readonly string[],
  fail: Fail,
): (OpenHours | null)[] {
  const { opens, closes, zone, holidays } = times;
  if (!isZone(zone)) fail([...path, 'zone'], 'an IANA time zone', zone);
  if (closes <= opens) fail([...path, 'closes'], `a time after opens, ${opens}`, closes);
  for (const [index, holiday] of holidays.entries())
    if (!isDate(holiday)) fail([...path, 'holidays', index], DATE_EXPECTED, holiday);
  return businessDates.map((date): OpenHours | null => {
    if (holidays.includes(date)) return null;
    const opensMs = instantMs(date, opens, zone);
    const closesMs = instantMs(date, closes, zone);
    // A day on which the zone's clock jumps can swallow short hours.
    if (closesMs <= opensMs) fail([...path, 'closes'], `a close after the opening on ${date}`);
    return { opensMs, closesMs };
  });
}
