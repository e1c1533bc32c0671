/** Flows of records: who counts, how often, and how much. */

import type { LookUps } from './look-ups.ts';
import { resolveArrivals } from './resolve-profiles.ts';
import type { ScenarioRecordFlow } from './scenario.ts';
import type { Path } from './scenario-error.ts';
import type { ScenarioDocument } from './schema.ts';
import type { RecordFlowDocument } from './schema-chains.ts';
import { PAYMENTS_MAX } from './schema-traffic.ts';

export function resolveRecordFlows(
  document: ScenarioDocument,
  directory: LookUps,
): ScenarioRecordFlow[] {
  const { recordFlows = [], businessDates } = document;
  const { fail } = directory;
  const names = new Set<string>();
  const counters = new Map<number, string>();
  let total = 0;
  return recordFlows.map((flow, index) => {
    const path = ['recordFlows', index];
    if (names.has(flow.name))
      fail([...path, 'name'], 'each name once among flows of records', flow.name);
    names.add(flow.name);
    const attestors = flow.attestors.flatMap((bic, place) =>
      attestorsOf([...path, 'attestors', place], bic, directory),
    );
    for (const attestor of attestors) {
      const { bic } = directory.participants[attestor]!;
      if (counters.has(attestor))
        fail([...path, 'attestors'], `${bic} once: it counts in ${counters.get(attestor)}`, bic);
      counters.set(attestor, flow.name);
    }
    total += attestors.length * flow.recordsPerDate * businessDates.length;
    if (total > PAYMENTS_MAX)
      fail(
        [...path, 'recordsPerDate'],
        `at most ${PAYMENTS_MAX} records over all flows, attestors and dates`,
        flow.recordsPerDate,
      );
    const { name, kind, recordsPerDate, startsAt, counts, repeatEvery, rollBackEvery } = flow;
    checkCounts(flow, path, directory, businessDates.length);
    const currency =
      flow.currency === undefined ? 0 : directory.currency([...path, 'currency'], flow.currency);
    return {
      ...{ name, recordKind: kind, currency, attestors, recordsPerDate, startsAt, counts },
      arrivals: resolveArrivals(flow, path, document, directory, currency),
      ...{ repeatEvery: repeatEvery ?? null, rollBackEvery: rollBackEvery ?? null },
    };
  });
}

/** A participant, or all branches of 8 characters that none has. */
function attestorsOf(path: Path, bic: string, directory: LookUps): readonly number[] {
  const branches = directory.participants.flatMap((one, number) =>
    one.bic.length > bic.length && one.bic.startsWith(bic) ? [number] : [],
  );
  const isOne = directory.participants.some((one) => one.bic === bic);
  return isOne || branches.length === 0 ? [directory.participant(path, bic)] : branches;
}

function checkCounts(
  { counts, startsAt, recordsPerDate }: RecordFlowDocument,
  path: Path,
  { fail }: LookUps,
  dates: number,
): void {
  const { median, min, max } = counts;
  if (median < min || median > max)
    fail([...path, 'counts', 'median'], 'a count from min to max', median);
  if (startsAt + max * recordsPerDate * dates > Number.MAX_SAFE_INTEGER)
    fail([...path, 'counts', 'max'], `counters of at most ${Number.MAX_SAFE_INTEGER}`, max);
}
