import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { parse } from 'csv-parse/sync';
import { packageFolder } from '../../services/platform/service/build-info.ts';
import { cellsHere } from '../../services/study/cells-in-process.ts';
import { conditionalColumns, conditionalCsv } from '../../services/study/conditional-page.ts';
import { conditionalPage } from '../../services/study/conditional-study.ts';
import { cellCount, settingOf } from '../../services/study/grid.ts';
import { readStudy } from '../../services/study/study-file.ts';
import { atLeast } from '../support/at-least.ts';

/** docs/studies/conditional.md: its tables follow from the cells beside it, and cells are what runs give. All of them: the long file. */
const fromDisk = (path: string) => readFileSync(path, 'utf8');
const file = (name: string) => fromDisk(join(packageFolder, 'docs/studies', name));
const studyFile = join(packageFolder, 'scenarios/studies/conditional.yaml');
const { study } = readStudy(studyFile, fromDisk(studyFile), fromDisk);
const rows: Record<string, string>[] = parse(file('conditional.csv'), { columns: true });
const cells = rows.map(conditionalColumns);
const [rules = [], levels = []] = study.dimensions.map(({ options }) =>
  options.map(({ label }) => label),
);

/** The cells of a rule at a level of liquidity, by seed. */
function cellsOf(rule: string, level: string) {
  const setting = settingOf(study, [rules.indexOf(rule), levels.indexOf(level)]);
  const repeats = study.seeds.length;
  return cells.slice(setting * repeats, (setting + 1) * repeats);
}

test('the page has the tables that the cells give, of at least 30 seeds', () => {
  assert.ok(study.seeds.length >= 30);
  assert.equal(cells.length, cellCount(study));
  assert.equal(conditionalCsv(study, cells), file('conditional.csv'));
  assert.equal(conditionalPage(packageFolder, study, cells), file('conditional.md'));
});

test('cells of each rule are what their runs give', async () => {
  const run = cellsHere(study);
  const drawn = [
    ['liquidity saving', '0.125', 0],
    ['earmark first, 2 h', '0.25', 29],
    ['condition first, 8 h', '1', 7],
  ] as const;
  for (const [rule, level, place] of atLeast(3, drawn)) {
    const setting = settingOf(study, [rules.indexOf(rule), levels.indexOf(level)]);
    const outcome = await run(setting * study.seeds.length + place + 1);
    assert.ok('rows' in outcome, rule);
    assert.deepEqual(conditionalColumns(outcome.rows.figures), cellsOf(rule, level)[place], rule);
  }
});

/** Mean over the seeds of what the page reads from. */
const meanOf = (rule: string, level: string, of: (cell: (typeof cells)[number]) => number) =>
  cellsOf(rule, level).reduce((sum, cell) => sum + of(cell), 0) / study.seeds.length;
const failed = (cell: (typeof cells)[number]) =>
  cell['chains.matched']! - cell['chains.settled']! - cell['conditions.chains.refused']!;

test('what the page says: scarce money settles most where nothing is set aside, and a long time-out then fails more', () => {
  const failures = (rule: string, level: string) => Math.round(meanOf(rule, level, failed));
  const at = (level: string) =>
    ['nothing set aside', 'earmark first, 2 h', 'earmark first, 8 h'].map((rule) =>
      failures(rule, level),
    );
  assert.deepEqual(at('0.25'), [34, 100, 153]);
  assert.deepEqual(at('4'), [0, 8, 0]);
  const locked = (rule: string) =>
    meanOf(rule, '4', (cell) => cell['conditions.locked.EUR.lockedMinorMs']!);
  assert.ok(locked('condition first, 8 h') < locked('earmark first, 8 h') / 100);
});
