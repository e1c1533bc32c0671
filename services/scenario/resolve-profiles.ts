/** Arrival profiles: when what a flow plans leaves, and within which times it may settle. */

import { instantMs, isZone } from './local-time-to-instant.ts';
import type { LookUps } from './look-ups.ts';
import type { ArrivalPart } from './scenario.ts';
import type { Path } from './scenario-error.ts';
import type { ScenarioDocument } from './schema.ts';

/** A flow of payments or trades, as far as its profile is concerned. */
interface Profiled {
  readonly profile: string;
  readonly earliest?: string;
  readonly latest?: string;
}

export function checkProfiles(document: ScenarioDocument, { fail }: LookUps): void {
  for (const [name, profile] of Object.entries(document.profiles)) {
    const path = ['profiles', name];
    if (!isZone(profile.zone)) fail([...path, 'zone'], 'an IANA time zone', profile.zone);
    let before = '00:00';
    for (const [index, part] of profile.parts.entries()) {
      const at = [...path, 'parts', index];
      if (part.from < before)
        fail([...at, 'from'], `a time from ${before} on, where the part before ends`, part.from);
      if (part.to <= part.from) fail([...at, 'to'], `a time after from, ${part.from}`, part.to);
      before = part.to;
    }
  }
}

/** The profile of each date, cut to the hours in which all the currencies are open. */
export function resolveArrivals(
  flow: Profiled,
  path: Path,
  document: ScenarioDocument,
  directory: LookUps,
  ...currencies: readonly number[]
): (ArrivalPart[] | null)[] {
  const at = [...path, 'profile'];
  const profile = profileOf(flow, path, document, directory);
  const codes = currencies.map((currency) => directory.currencies[currency]!.code);
  return document.businessDates.map((date, dateIndex) => {
    const all = currencies.flatMap(
      (currency) => directory.currencies[currency]!.hours[dateIndex] ?? [],
    );
    if (all.length < currencies.length) return null;
    const opensMs = Math.max(...all.map((hours) => hours.opensMs));
    const closesMs = Math.min(...all.map((hours) => hours.closesMs));
    const parts = profile.parts.flatMap((part) => {
      const begin = instantMs(date, part.from, profile.zone);
      const end = instantMs(date, part.to, profile.zone);
      const fromMs = Math.max(begin, opensMs);
      const toMs = Math.min(end, closesMs);
      if (fromMs >= toMs || part.weight === 0) return [];
      return [{ fromMs, toMs, weight: (part.weight * (toMs - fromMs)) / (end - begin) }];
    });
    if (parts.length === 0 && directory.draws !== false)
      directory.fail(at, `arrivals while ${codes.join(' and ')} are open on ${date}`, flow.profile);
    return parts;
  });
}

function profileOf(flow: Profiled, path: Path, { profiles }: ScenarioDocument, directory: LookUps) {
  const profile = Object.hasOwn(profiles, flow.profile) ? profiles[flow.profile] : undefined;
  return profile ?? directory.fail([...path, 'profile'], 'a name in profiles', flow.profile);
}

/** The earliest and latest settlement times of each date, ms since 1970; null where there is none. */
export function resolveWindow(
  flow: Profiled,
  path: Path,
  document: ScenarioDocument,
  directory: LookUps,
): { earliestMs: (number | null)[]; latestMs: (number | null)[] } {
  const { zone } = profileOf(flow, path, document, directory);
  const { earliest, latest } = flow;
  if (earliest !== undefined && latest !== undefined && latest <= earliest)
    directory.fail([...path, 'latest'], `a time after earliest, ${earliest}`, latest);
  const onEach = (time: string | undefined) =>
    document.businessDates.map((date) => (time === undefined ? null : instantMs(date, time, zone)));
  return { earliestMs: onEach(earliest), latestMs: onEach(latest) };
}
