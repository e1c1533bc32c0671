/** Where the configurations of runs differ, by the paths that `--set` takes; and which of them plan other payments. */
import { isDeepStrictEqual } from 'node:util';
import { elementName } from '../scenario/overrides-by-flags.ts';
import type { ConfigurationDifference } from './comparison-json.ts';
import type { ComparedRun } from './finished-run.ts';

/** What a run's summary tells of its configuration beside the scenario. */
const TOLD = ['version', 'signatures', 'overrides', 'counterfactualOf'] as const;
/** The same of runs whose scenario is not known. */
const TOLD_OF_SCENARIO = ['scenario', 'seed'] as const;

export function configurationDifferences(runs: readonly ComparedRun[]): ConfigurationDifference[] {
  const documents = runs.map(({ document }) => document);
  const known = documents.every((document) => document !== null);
  const told = known ? TOLD : [...TOLD_OF_SCENARIO, ...TOLD];
  return [
    ...told.flatMap((field) =>
      differences(
        runs.map(({ summary }) => summary[field]),
        field,
      ),
    ),
    ...(known ? differences(documents, '') : []),
  ];
}

/** Fields that decide which payments are planned. */
const PLAN =
  /^(seed|businessDates|zone|profiles|traffic|trades|payments|chains|chainFlows|customerPayments)(\.|$)|^participants\.[^.]+(\.size)?$/;

/** The paths by which another run's plan of payments differs from the first's. */
export function planDifferences(
  configuration: readonly ConfigurationDifference[],
  runs: readonly ComparedRun[],
  other: number,
): string[] {
  const changed = configuration
    .filter(({ values }) => !isDeepStrictEqual(values[0], values[other]))
    .map(({ path }) => path);
  const paths = runs.every(({ document }) => document !== null)
    ? changed
    : [...changed, ...overriddenOnce(runs[0], runs[other])];
  return [...new Set(paths.filter((path) => PLAN.test(path)))];
}

/** Where scenarios are not known, overrides tell what was changed in one and not in the other. */
function overriddenOnce(first: ComparedRun | undefined, other: ComparedRun | undefined): string[] {
  const [one, two] = [first?.summary.overrides ?? [], other?.summary.overrides ?? []];
  return [
    ...one.filter((text) => !two.includes(text)),
    ...two.filter((text) => !one.includes(text)),
  ].map((text) => text.slice(0, text.indexOf('=')));
}

type Tree = Readonly<Record<string, unknown>>;

/** What one run has and another lacks is one difference, however much is below it. */
function differences(values: readonly unknown[], path: string): ConfigurationDifference[] {
  if (values.every((value) => isDeepStrictEqual(value, values[0]))) return [];
  const trees = path === 'overrides' ? null : asTrees(values);
  if (trees === null) return [{ path, values }];
  const keys = [...new Set(trees.flatMap((tree) => Object.keys(tree)))];
  return keys.flatMap((key) =>
    differences(
      trees.map((tree) => tree[key]),
      path === '' ? key : `${path}.${key}`,
    ),
  );
}

/** Null where not all are mappings, or lists. */
function asTrees(values: readonly unknown[]): readonly Tree[] | null {
  if (values.every(Array.isArray)) {
    const lists = values as unknown as (readonly unknown[])[];
    const areNamed = lists.every((list) => {
      const names = list.map(elementName);
      return names.every((name) => name !== '') && new Set(names).size === names.length;
    });
    return lists.map((list) =>
      Object.fromEntries(
        list.map((element, index) => [areNamed ? elementName(element) : `${index}`, element]),
      ),
    );
  }
  const areTrees = values.every(
    (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
  );
  return areTrees ? (values as readonly Tree[]) : null;
}
