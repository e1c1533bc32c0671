/** `corridor compare` as it is typed wrongly, or over folders that are no runs. */
import assert from 'node:assert/strict';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { compareRuns } from '../../services/compare/compare-runs.ts';
import { exitCode } from '../../services/platform/exit-codes.ts';
import { version } from '../../services/platform/service/build-info.ts';
import { recordRun } from '../support/explained-run.ts';
import { scenarioFile } from '../support/run.ts';
import { warmCorridor as corridor, endWarmCorridor } from '../support/warm-corridor.ts';

const folder = mkdtempSync(join(tmpdir(), 'corridor-compare-bad-'));
after(async () => {
  await endWarmCorridor();
  rmSync(folder, { recursive: true, force: true });
});
const at = (name: string) => join(folder, name);

before(async () => {
  await recordRun(scenarioFile('smoke'), at('run'));
  for (const name of ['damaged', 'old', 'rows', 'input', 'column', 'status', 'scenario'])
    cpSync(at('run'), at(name), { recursive: true });
  symlinkSync(at('run'), at('link'));
  mkdirSync(at('empty'));
  writeFileSync(at('damaged/summary.json'), '{"scenario":');
  const old = JSON.parse(readFileSync(at('run/summary.json'), 'utf8'));
  delete old.indicators.corridors;
  writeFileSync(at('old/summary.json'), JSON.stringify({ ...old, version: '0.0.9' }));
  const rows = readFileSync(at('run/payments.csv'), 'utf8').split('\n');
  const withRow = (name: string, index: number, row: string) =>
    writeFileSync(at(`${name}/payments.csv`), rows.with(index, row).join('\n'));
  withRow('rows', 3, 'main,1');
  withRow('column', 0, (rows[0] as string).replace('finalAt', 'endedAt'));
  withRow('status', 3, (rows[3] as string).replace(/,(ACSC|RJCT|CANC|PDNG),/, ',DONE,'));
  writeFileSync(at('input/input.log'), readFileSync(at('run/input.log')).subarray(0, 5000));
  writeFileSync(at('scenario/scenario.json'), '{');
});

const cases: readonly [string, readonly string[], RegExp][] = [
  ['one run', ['run'], /^compare: \S+run: expected the folders of two or more finished runs$/],
  [
    'the same run twice',
    ['run', 'run/'],
    /run\/: it is the same folder as \S+run; expected each run once$/,
  ],
  ['the same run by a link', ['run', 'link'], /link: it is the same folder as \S+run;/],
  [
    'a folder that is no run',
    ['run', 'empty'],
    /empty\/summary\.json: not found; expected the folder of a finished run$/,
  ],
  ['no such folder', ['run', 'nowhere'], /nowhere\/summary\.json: not found; expected/],
  ['an input.log', ['run', 'run/input.log'], /input\.log: expected the folder of a finished run$/],
  ['a damaged summary', ['run', 'damaged'], /damaged\/summary\.json is damaged or was changed/],
  [
    'a run of another version',
    ['run', 'old'],
    new RegExp(
      `old/summary\\.json: indicators must have required property 'corridors': version 0\\.0\\.9 wrote it, and this is ${version}; expected a run that this version can compare`,
    ),
  ],
  ['a row that is cut', ['run', 'rows'], /rows\/payments\.csv is damaged .*line 4/],
  [
    'a file of other columns',
    ['run', 'column'],
    /column\/payments\.csv is damaged .* no column finalAt/,
  ],
  [
    'a status that is none',
    ['run', 'status'],
    /status\/payments\.csv is damaged .*line 4, status "DONE": expected one of PDNG/,
  ],
  ['an input.log that is cut', ['run', 'input'], /input\/input\.log is damaged/],
  ['a scenario.json that is none', ['run', 'scenario'], /scenario\/scenario\.json is damaged/],
];
for (const [name, runs, message] of cases)
  test(`${name} is refused`, async () => {
    await assert.rejects(compareRuns({ runs: runs.map(at), explained: 0 }), (error: Error) => {
      assert.match(error.message, message);
      assert.equal(error.message.split('\n').length, 1);
      assert.equal(exitCode(error), 2);
      return true;
    });
  });

const typed: readonly [readonly string[], RegExp][] = [
  [[], /^corridor: missing required argument 'runs'\n$/],
  [['run'], /^corridor: compare: .*two or more finished runs\n$/],
  [
    ['run', 'run', '--explain', 'ten'],
    /^corridor: --explain ten: expected a whole number from 0 to 1000\n$/,
  ],
  [['run', 'run', '--explain', '1001'], /^corridor: --explain 1001: expected/],
];
for (const [args, message] of typed)
  test(`corridor compare ${args.join(' ')} ends with exit code 2 and one line`, async () => {
    const given = args.map((arg) => (arg === 'run' ? at(arg) : arg));
    const { code, stdout, stderr } = await corridor('compare', ...given);
    assert.equal(code, 2);
    assert.equal(stdout, '');
    assert.match(stderr, message);
  });

test('a page that cannot be written is named', async () => {
  cpSync(at('run'), at('copy'), { recursive: true });
  const { code, stderr } = await corridor(
    'compare',
    at('run'),
    at('copy'),
    '--html',
    at('none/x/p.html'),
  );
  assert.equal(code, 2);
  assert.match(stderr, /^corridor: --html \S+: expected a file that can be written \(ENOENT\)\n$/);
});
