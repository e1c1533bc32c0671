/** A small study in a folder of its own, for the tests beside this file. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import type { runCells } from '../../services/study/cell-workers.ts';
import { cellsHere } from '../../services/study/cells-in-process.ts';
import type { SweepRequest } from '../../services/study/run-study.ts';
import { TEST_YAML } from '../support/scenario.ts';

/** Two rules by two levels of liquidity by two seeds. */
export const STUDY_YAML = `scenario: test.yaml
vary: { settlement.cycle: [off, gridlockResolution] }
scale: { liquidity: [0.1, 1] }
seeds: 2
`;

/** In this process: another takes longer to begin than cells as small as these take. */
export const runHere: typeof runCells = async (study, cells, { told }) => {
  const outcomeOf = cellsHere(study);
  for (const { number } of cells) told(await outcomeOf(number));
};

export interface StudyFiles {
  readonly folder: string;
  readonly path: (name: string) => string;
  readonly read: (name: string) => string;
  readonly write: (name: string, text: string) => void;
  /** Of study.yaml as it is now. */
  readonly request: (out: string, changed?: Partial<SweepRequest>) => SweepRequest;
}

export function studyFiles(t: Pick<TestContext, 'after'>): StudyFiles {
  const folder = mkdtempSync(join(tmpdir(), 'corridor-study-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const path = (name: string) => join(folder, name);
  const read = (name: string) => readFileSync(path(name), 'utf8');
  // No study looks at clock records: a minute apart they are a sixtieth of what they are by default.
  writeFileSync(path('test.yaml'), `${TEST_YAML}tickMs: 60000\n`);
  writeFileSync(path('study.yaml'), STUDY_YAML);
  return {
    folder,
    path,
    read,
    write: (name, text) => writeFileSync(path(name), text),
    request: (out, changed = {}) => ({
      file: path('study.yaml'),
      text: read('study.yaml'),
      out: path(out),
      jobs: 1,
      shard: null,
      keepGoing: false,
      run: runHere,
      ...changed,
    }),
  };
}
