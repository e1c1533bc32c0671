import { instantMs } from './local-time-to-instant.ts';
import type { OpenHours, ThroughputGuideline } from './scenario.ts';
import type { Fail } from './scenario-error.ts';
import type { ScenarioDocument } from './schema.ts';

/** Guideline points, each inside the currency's hours, later ones with larger shares. */
export function resolveGuidelines(
  { currencies, businessDates }: ScenarioDocument,
  code: string,
  hours: readonly (OpenHours | null)[],
  fail: Fail,
): ThroughputGuideline[] {
  const { opens, closes, zone, throughputGuidelines = [] } = currencies[code] ?? {};
  return throughputGuidelines.map(({ by, share }, index) => {
    const path = ['currencies', code, 'throughputGuidelines', index];
    const before = throughputGuidelines[index - 1];
    if (!opens || !closes || !zone || by <= opens || by > closes)
      return fail([...path, 'by'], `a time after ${opens} and up to ${closes}`, by);
    if (before && by <= before.by) fail([...path, 'by'], `a time after ${before.by}`, by);
    if (before && share <= before.share)
      fail([...path, 'share'], `a share above ${before.share}`, share);
    const atMs = businessDates.map((date, dateIndex) =>
      hours[dateIndex] ? instantMs(date, by, zone) : null,
    );
    return { by, share, atMs };
  });
}
