/** A cell of a study as the scenario that it runs. Which seeds there are: study-seeds.ts. */
import { type LoadOptions, loadScenario } from '../scenario/load-scenario.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { type Option, optionsOf, ownMechanismOf, type StudyCell, type StudyDay } from './grid.ts';
import { readingOf } from './imported-days.ts';
import { scalingOverrides } from './scale-factors.ts';
import { stressedSet } from './stress/bcbs-stress.ts';
import type { Study } from './study-file.ts';

type ReadFile = LoadOptions['readFile'];

/**
 * What `--set` would be given to have the cells with these options. What is varied comes first, then stress scenarios, each
 * of what is there by then, so that neither is undone; a factor is one on all of it.
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
  const { scenarioFile } = study;
  const reading = readingOf(scenarioFile, day, readFile);
  const ofDay = day?.set ?? [];
  const varied = [...ofDay, ...options.flatMap((option) => option.set)];
  const stressed = stressedSet(scenarioFile, stressOf(options), { readFile: reading, set: varied });
  const scales = options
    .flatMap(({ scale }) => scale ?? [])
    .filter(({ factor }) => Number(factor) !== 1);
  const set = stressed.slice(ofDay.length);
  if (scales.length === 0) return set;
  const scenario = loadScenario(scenarioFile, { readFile: reading, set: stressed });
  return [...set, ...scales.flatMap((scale) => scalingOverrides(scenario, scale))];
}

const stressOf = (options: readonly Option[]): string[] =>
  options.flatMap(({ stressScenario }) => stressScenario ?? []);

/**
 * The scenarios of cells, one after the other.
 * @returns throws ScenarioError where a cell's is none
 */
export function cellScenarios(study: Study, readFile: ReadFile): (cell: StudyCell) => Scenario {
  // Cells with the same options follow each other and differ by their seed or day alone. Stress begins as the day opens.
  let last: { readonly key: string; readonly set: readonly string[] } | null = null;
  return ({ picks, seed, day }) => {
    const isStressed = stressOf(optionsOf(study, picks)).length > 0;
    const key = [...picks, isStressed && day?.date].join();
    if (last?.key !== key) last = { key, set: settingOverrides(study, picks, readFile, day) };
    return loadScenario(study.scenarioFile, {
      readFile: readingOf(study.scenarioFile, day, readFile),
      set: [...last.set, ...(day?.set ?? [])],
      seed,
      proposes: ownMechanismOf(study, picks) !== undefined,
    });
  };
}
