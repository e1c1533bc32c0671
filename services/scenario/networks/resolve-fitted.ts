/** A flow that is fitted to totals: whole payments a date by pair of banks, and by hour. */

import { instantMs } from '../local-time-to-instant.ts';
import type { LookUps } from '../look-ups.ts';
import type { ArrivalPart, FittedFlow, FittedHour } from '../scenario.ts';
import type { Path } from '../scenario-error.ts';
import type { ScenarioDocument } from '../schema.ts';
import { roundTable } from './controlled-rounding.ts';
import { pairWeights, type WeighedRow } from './pair-weights.ts';
import { fitProportionally } from './proportional-fit.ts';
import { listedBy, type NetworkDocument } from './resolve-network.ts';

type FittedDocument = NonNullable<NetworkDocument['fitted']>;

interface FitParts {
  readonly flow: ScenarioDocument['traffic'][number];
  /** The pairs that there may be, and their weights before the fit. */
  readonly rows: readonly WeighedRow[];
  readonly arrivals: readonly (readonly ArrivalPart[] | null)[];
  readonly document: ScenarioDocument;
  readonly directory: LookUps;
  readonly path: Path;
}

const HOUR_MS = 3_600_000;
const totalOf = (numbers: Iterable<number>) => [...numbers].reduce((a, b) => a + b, 0);

export function fitFlow(totals: FittedDocument, parts: FitParts): FittedFlow {
  const { flow, rows, directory, path } = parts;
  const { sent, received, hours } = totals;
  const given = { sent, received, ...(hours && { hours }) };
  for (const [key, numbers] of Object.entries(given)) {
    const at = [...path, key];
    if (numbers === undefined) directory.fail(at, 'payments by bank, or a csv that has them');
    const sum = totalOf(Object.values(numbers ?? {}));
    if (sum !== flow.paymentsPerDate)
      directory.fail(at, `a sum of ${flow.paymentsPerDate}, as paymentsPerDate has it`, sum);
  }
  const { members, weights } = pairWeights(rows);
  const listed = (key: 'sent' | 'received') =>
    listedBy(totals[key]!, [...path, key], directory, members);
  const [asked, paid] = [listed('sent'), listed('received')];
  const { cells: fit, iterations, deviation } = fitProportionally(weights, asked, paid);
  const { cells, excess } = roundTable(fit, asked, paid);
  if (excess !== null) refuseExcess(excess, asked, paid, members, parts);
  const size = members.length;
  const pairs = [...cells.entries()].flatMap(([pair, payments]) =>
    payments === 0
      ? []
      : [
          {
            debtorAgent: members[Math.floor(pair / size)]!,
            creditorAgent: members[pair % size]!,
            payments,
          },
        ],
  );
  const byBank = (numbers: readonly number[]) =>
    new Map(numbers.map((number, at) => [members[at]!, number]));
  return {
    pairs,
    hours: hours ? fittedHours(hours, parts) : null,
    sent: byBank(asked),
    received: byBank(paid),
    byHour: new Map(Object.entries(hours ?? {})),
    iterations,
    deviation,
  };
}

/** Some banks send more than all that they may pay receives. */
function refuseExcess(
  { rows, columns }: { readonly rows: readonly number[]; readonly columns: readonly number[] },
  sent: readonly number[],
  received: readonly number[],
  members: readonly number[],
  { directory, path }: FitParts,
): never {
  const named = (banks: readonly number[]) => {
    const bics = banks.map((at) => directory.participants[members[at]!]!.bic);
    return bics.length > 5
      ? `${bics.slice(0, 5).join(', ')} and ${bics.length - 5} more`
      : bics.join(', ');
  };
  const sum = (numbers: readonly number[], at: readonly number[]) =>
    totalOf(at.map((one) => numbers[one]!));
  const those = columns.length === 0 ? 'nobody' : named(columns);
  return directory.fail(
    [...path, 'sent'],
    `at most ${sum(received, columns)} from ${named(rows)} together, which is what those whom they may pay receive (${those})`,
    sum(sent, rows),
  );
}

/** On each date the profile's parts, cut to the hours. */
function fittedHours(
  hours: Readonly<Record<string, number>>,
  { flow, arrivals, document, directory, path }: FitParts,
): (FittedHour[] | null)[] {
  const zone = document.profiles[flow.profile]!.zone;
  const ascending = Object.entries(hours).sort(([a], [b]) => (a < b ? -1 : 1));
  return document.businessDates.map((date, dateIndex) => {
    const day = arrivals[dateIndex];
    if (!day) return null;
    return ascending.map(([hour, payments]): FittedHour => {
      const begin = instantMs(date, hour, zone);
      const parts = day.flatMap(({ fromMs, toMs, weight }) => {
        const [from, to] = [Math.max(fromMs, begin), Math.min(toMs, begin + HOUR_MS)];
        if (from >= to) return [];
        return [{ fromMs: from, toMs: to, weight: (weight * (to - from)) / (toMs - fromMs) }];
      });
      if (parts.length === 0 && payments > 0 && directory.draws !== false)
        directory.fail(
          [...path, 'hours', hour],
          `0, as the profile ${flow.profile} has no arrivals in this hour of ${date} while the currencies are open`,
          payments,
        );
      return { parts, payments };
    });
  });
}
