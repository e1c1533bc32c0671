/** The study of docs/studies/conditional.md, from its file to its page. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { loadScenario } from '../scenario/load-scenario.ts';
import {
  type ConditionalCells,
  conditionalColumns,
  conditionalCsv,
  conditionalTables,
} from './conditional-page.ts';
import { withGeneratedTables } from './generated-tables.ts';
import { cellCount } from './grid.ts';
import { sweep } from './run-study.ts';
import type { Study } from './study-file.ts';
import { StudyResults } from './study-folder.ts';

const STUDY_FILE = 'scenarios/studies/conditional.yaml';
const PAGE_FILE = 'docs/studies/conditional.md';
const readFile = (path: string): string => readFileSync(path, 'utf8');

/**
 * The page with its tables made of these cells.
 * @param root folder of the project
 */
export function conditionalPage(root: string, study: Study, cells: ConditionalCells): string {
  const scenario = loadScenario(study.scenarioFile, { readFile, set: [] });
  const perEur = Object.fromEntries(
    Object.entries(scenario.document.rates?.perBase ?? {}).map(([code, rate]) => [code, +rate]),
  );
  return withGeneratedTables(
    readFile(join(root, PAGE_FILE)),
    'study:conditional',
    conditionalTables(study, cells, perEur),
  );
}

/**
 * Runs every cell anew: what an earlier build left is no proof of this one.
 * @param jobs cells at once
 */
export async function conditionalStudy(
  root: string,
  jobs: number,
): Promise<{ readonly table: string; readonly page: string }> {
  const file = relative(process.cwd(), join(root, STUDY_FILE));
  const out = mkdtempSync(join(tmpdir(), 'corridor-conditional-'));
  try {
    const asked = { file, text: readFile(file), out, jobs, shard: null, keepGoing: false };
    const { study } = await sweep(asked);
    const results = new StudyResults(out, '--out', 'r');
    const cells = Array.from({ length: cellCount(study) }, (_, index) => {
      const result = results.result(index + 1);
      if (!result || result.error !== null) throw new Error(`cell ${index + 1} has no figures`);
      return conditionalColumns(result.figures);
    });
    results.close();
    return { table: conditionalCsv(study, cells), page: conditionalPage(root, study, cells) };
  } finally {
    rmSync(out, { recursive: true, force: true });
  }
}
