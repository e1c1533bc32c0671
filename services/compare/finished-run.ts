import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { type Static, Type } from '@sinclair/typebox';
import { Ajv } from 'ajv';
import { BadInput } from '../platform/exit-codes.ts';
import { version } from '../platform/service/build-info.ts';
import { damagedFile } from '../replay/recorded-inputs.ts';
import { readSummary } from '../replay/replay-run.ts';
import type { Summary } from '../report/figures/summary.ts';
import { MINOR_UNITS } from '../scenario/currency-decimals.ts';
import { OBSERVED_FILE } from '../scenario/observed-times.ts';
import type { ScenarioDocument } from '../scenario/schema.ts';

/** A finished run, as its folder tells. */
export interface ComparedRun {
  /** As the user named it. */
  readonly name: string;
  readonly summary: Summary;
  /** The scenario as it was run; null in a run of an earlier version, or without that file. */
  readonly document: ScenarioDocument | null;
  /** Paths; null where the run has no such file. */
  readonly paymentsCsv: string | null;
  readonly inputLog: string | null;
  /** Of an observation: the times that it was made of. */
  readonly observedTimes: string | null;
}

/** @throws BadInput where these are not two or more finished runs that this version can compare */
export function comparedRuns(names: readonly string[]): [ComparedRun, ...ComparedRun[]] {
  const [first, ...others] = names;
  if (first === undefined || others.length === 0)
    throw new BadInput(
      `compare: ${first ?? 'no run'}: expected the folders of two or more finished runs`,
    );
  const runs = names.map((name) => finishedRun('compare', name));
  const places = names.map((name) => realpathSync(name));
  const again = places.findIndex((place, index) => places.indexOf(place) < index);
  if (again >= 0)
    throw new BadInput(
      `compare: ${names[again]}: it is the same folder as ${names[places.indexOf(places[again] as string)]}; expected each run once`,
    );
  return runs as [ComparedRun, ...ComparedRun[]];
}

/**
 * @param command that messages name
 * @throws BadInput where the folder is none of a finished run that this version can read
 */
export function finishedRun(command: string, name: string): ComparedRun {
  // An input.log is named by itself elsewhere; of a run all is read here.
  const read = name.endsWith('.log') ? null : readSummary(name);
  if (read === null)
    throw new BadInput(`${command}: ${name}: expected the folder of a finished run`);
  const there = (file: string) => {
    const path = join(name, file);
    return existsSync(path) ? path : null;
  };
  return {
    name,
    summary: checkedSummary(join(name, 'summary.json'), read.summary),
    document: readDocument(there('scenario.json')),
    paymentsCsv: there('payments.csv'),
    inputLog: there('input.log'),
    observedTimes: there(join('inputs', OBSERVED_FILE)),
  };
}

function readDocument(file: string | null): ScenarioDocument | null {
  if (file === null) return null;
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw damagedFile(file, `it is no JSON (${(error as Error).message})`);
  }
}

const BY_NAME = Type.Record(Type.String(), Type.Unknown());
/** What is read by name; all other figures are taken as they come. */
const ReadSummary = Type.Object({
  scenario: Type.String(),
  seed: Type.Number(),
  version: Type.String(),
  overrides: Type.Array(Type.String()),
  signatures: Type.Boolean(),
  submitted: Type.Number(),
  settled: Type.Number(),
  unsent: Type.Number(),
  eventsHash: Type.String(),
  settledValueMinor: Type.Record(Type.String(), Type.String()),
  delay: Type.Object({ settlementDelayIndicator: BY_NAME, valueWeightedDelayMs: BY_NAME }),
  liquidity: BY_NAME,
  indicators: Type.Object({
    currencies: Type.Array(Type.Object({ currency: Type.String() })),
    corridors: Type.Array(
      Type.Object({
        kind: Type.String(),
        currency: Type.String(),
        currency2: Type.String(),
        submitted: Type.Number(),
        settled: Type.Number(),
      }),
    ),
  }),
});
type ReadSummary = Static<typeof ReadSummary>;
const isReadSummary = new Ajv().compile<ReadSummary>(ReadSummary);

/** Another version's figures may have other names: such a run is refused, not compared in part. */
function checkedSummary(file: string, summary: unknown): Summary {
  if (isReadSummary(summary)) return summary as unknown as Summary;
  const [{ instancePath = '', message = '' } = {}] = isReadSummary.errors ?? [];
  const path = instancePath.slice(1).replaceAll('/', '.') || 'it';
  const by = (summary as { version?: unknown } | null)?.version;
  const written = typeof by === 'string' ? `version ${by}` : 'another version';
  throw new BadInput(
    `${file}: ${path} ${message}: ${written} wrote it, and this is ${version}; expected a run that this version can compare: run the scenario again`,
  );
}

/** Decimals of amounts: by ISO 4217, of securities as the scenario says. */
export function decimalsByCurrency(runs: readonly ComparedRun[]): (currency: string) => number {
  const securities = new Map(
    runs.flatMap(({ document }) =>
      Object.entries(document?.securities ?? {}).map(
        ([code, { decimals }]) => [code, decimals] as const,
      ),
    ),
  );
  return (currency) => MINOR_UNITS.get(currency) ?? securities.get(currency) ?? 0;
}
