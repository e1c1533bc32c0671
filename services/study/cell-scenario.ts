/** A cell of a study as the scenario that it runs. */
import { type LoadOptions, loadScenario } from '../scenario/load.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { optionsOf, ownMechanismOf, type StudyCell, type StudyDay } from './grid.ts';
import { readingOf } from './imported-days.ts';
import { scalingOverrides } from './scale-factors.ts';
import type { Study } from './study-file.ts';

type ReadFile = LoadOptions['readFile'];

/**
 * What `--set` would be given to have the cells with these options. What is varied comes first, so
 * that a factor is one on what was varied.
 * @param day one that the scenario can be read with
 * @throws ScenarioError
 */
export function settingOverrides(
  study: Study,
  picks: readonly number[],
  readFile: ReadFile,
  day?: StudyDay,
): string[] {
  const options = optionsOf(study, picks);
  const set = options.flatMap((option) => option.set);
  const scales = options
    .flatMap(({ scale }) => scale ?? [])
    .filter(({ factor }) => Number(factor) !== 1);
  if (scales.length === 0) return set;
  const { scenarioFile } = study;
  const scenario = loadScenario(scenarioFile, {
    readFile: readingOf(scenarioFile, day, readFile),
    set: [...set, ...(day?.set ?? [])],
  });
  return [...set, ...scales.flatMap((scale) => scalingOverrides(scenario, scale))];
}

/**
 * The scenarios of cells, one after the other.
 * @returns throws ScenarioError where a cell's is none
 */
export function cellScenarios(study: Study, readFile: ReadFile): (cell: StudyCell) => Scenario {
  // Cells with the same options follow each other and differ by their seed or day alone.
  let last: { readonly key: string; readonly set: readonly string[] } | null = null;
  return ({ picks, seed, day }) => {
    const key = picks.join();
    if (last?.key !== key) last = { key, set: settingOverrides(study, picks, readFile, day) };
    return loadScenario(study.scenarioFile, {
      readFile: readingOf(study.scenarioFile, day, readFile),
      set: [...last.set, ...(day?.set ?? [])],
      seed,
      proposes: ownMechanismOf(study, picks) !== undefined,
    });
  };
}
