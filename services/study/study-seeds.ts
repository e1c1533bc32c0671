import type { Scenario } from '../scenario/scenario.ts';
import type { Fail } from '../scenario/scenario-error.ts';
import type { StudyDocument } from './study-schema.ts';

/**
 * Which seed each repetition of a study has: so many from the scenario's own on, or those that are listed. Each
 * combination of what is varied runs with every one: grid.ts.
 */
export function seedsOf({ seeds = 1 }: StudyDocument, scenario: Scenario, fail: Fail): number[] {
  if (!Array.isArray(seeds)) {
    if (scenario.seed + seeds - 1 > Number.MAX_SAFE_INTEGER)
      fail(['seeds'], `fewer seeds: the scenario's is ${scenario.seed}`, seeds);
    return Array.from({ length: seeds }, (_, index) => scenario.seed + index);
  }
  const again = seeds.findIndex((seed, index) => seeds.indexOf(seed) !== index);
  if (again >= 0) fail(['seeds', again], 'each seed once', seeds[again]);
  return [...seeds];
}
