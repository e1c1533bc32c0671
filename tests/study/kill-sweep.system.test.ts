import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { packageFolder } from '../../services/platform/service/build-info.ts';
import { inOwnMounts, needsMounts } from '../support/own-mounts.ts';
import { endWarmCorridor, warmCorridorIn } from '../support/warm-corridor.ts';
import { type StudyFiles, studyFiles } from './study-folder-of.ts';

/** `corridor sweep` as a user runs it, and ends it. */
interface Ended {
  readonly code: number | null;
  readonly signal: string | null;
  readonly stdout: string;
  readonly stderr: string;
}

after(endWarmCorridor);

const MAIN = join(packageFolder, 'dist/services/cli/main.js');

const start = (study: StudyFiles, ...args: string[]) =>
  startIn(study, [process.execPath, MAIN, 'sweep', ...args]);

function startIn(study: StudyFiles, [command = '', ...args]: readonly string[]) {
  const child: ChildProcess = spawn(command, args, {
    cwd: study.folder,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const text = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const)
    child[name]?.setEncoding('utf8').on('data', (piece: string) => {
      text[name] += piece;
    });
  const ended = new Promise<Ended>((resolve) =>
    child.on('close', (code, signal) => resolve({ code, signal, ...text })),
  );
  return { child, ended };
}

const CELLS = 20;
const STUDY = `scenario: test.yaml
vary: { settlement.cycle: [off, gridlockResolution] }
seeds: 10
`;

const linesOf = (study: StudyFiles, out: string) =>
  existsSync(study.path(`${out}/results.jsonl`))
    ? readFileSync(study.path(`${out}/results.jsonl`), 'utf8').split('\n').length - 1
    : 0;

async function untilLines(study: StudyFiles, out: string, lines: number, child: ChildProcess) {
  while (linesOf(study, out) < lines) {
    assert.equal(child.exitCode, null, 'it ended before it was stopped');
    await pause(2);
  }
}

test('a study that is killed again and again, or interrupted, ends with the tables of one that was not', async (t) => {
  const study = studyFiles(t);
  study.write('study.yaml', STUDY);
  const whole = await start(study, 'study.yaml', '--out', 'whole').ended;
  assert.equal(whole.code, 0, whole.stderr);
  assert.match(whole.stderr, /50%\s+10 of 20 cells, .+ left/);
  assert.match(whole.stdout, /^20 of 20 cells in /);

  for (const lines of [1, 3, 6]) {
    const { child, ended } = start(study, 'study.yaml', '--out', 'killed', '--jobs', '2');
    await untilLines(study, 'killed', lines, child);
    child.kill('SIGKILL');
    assert.equal((await ended).signal, 'SIGKILL');
    assert.ok(!existsSync(study.path('killed/cells.csv')), 'what is not whole has no table');
  }
  const { child, ended } = start(study, 'study.yaml', '--out', 'killed', '--jobs', '2');
  await untilLines(study, 'killed', 8, child);
  child.kill('SIGINT');
  const interrupted = await ended;
  assert.equal(interrupted.code, 130);
  assert.match(
    interrupted.stderr,
    /interrupted: \d+ of 20 cells are kept in killed; the same command goes on with the rest\n$/,
  );
  const kept = linesOf(study, 'killed');
  assert.ok(kept >= 8 && kept < CELLS, `${kept} cells were kept`);

  const resumed = await start(study, 'study.yaml', '--out', 'killed').ended;
  assert.equal(resumed.code, 0, resumed.stderr);
  assert.match(resumed.stdout, new RegExp(`^20 of 20 cells, ${kept} of them from before`));
  for (const name of ['cells.csv', 'banks.csv', 'corridors.csv', 'cells.parquet', 'study.html'])
    assert.ok(
      readFileSync(study.path(`killed/${name}`)).equals(readFileSync(study.path(`whole/${name}`))),
      name,
    );
  assert.equal(linesOf(study, 'killed'), CELLS, 'no cell ran twice');
});

test('a full disk keeps what is whole, and with room the study goes on', {
  skip: needsMounts(),
}, async (t) => {
  const study = studyFiles(t);
  study.write('study.yaml', STUDY);
  mkdirSync(study.path('disk'));
  mkdirSync(study.path('kept'));
  // The disk goes with the command, so that what is on it is copied first.
  const copying = '"$0" "$@"; code=$?; cp disk/out/* kept/; exit $code';
  const sweeping = [process.execPath, MAIN, 'sweep', 'study.yaml', '--out', 'disk/out'];
  const onDisk = inOwnMounts(study.path('disk'), 'mount -t tmpfs -o size=128k none "$0"') ?? [];
  const full = await startIn(study, [...onDisk, 'sh', '-c', copying, ...sweeping]).ended;
  assert.equal(full.code, 1, full.stderr);
  assert.match(
    full.stderr,
    /the result of cell \d+ cannot be written: ENOSPC: no space left on device/,
  );
  const kept = linesOf(study, 'kept');
  assert.ok(kept > 3 && kept < CELLS, `${kept} cells were kept`);
  assert.ok(study.read('kept/results.jsonl').endsWith('}\n'), 'each is whole');
  const { code, stdout, stderr } = await start(study, 'study.yaml', '--out', 'kept').ended;
  assert.equal(code, 0, stderr);
  assert.match(stdout, new RegExp(`^20 of 20 cells, ${kept} of them from before`));
});

test('a reader that goes away ends the output, and not the study', async (t) => {
  const study = studyFiles(t);
  study.write('study.yaml', STUDY);
  const { child, ended } = start(study, 'study.yaml', '--out', 'out');
  await untilLines(study, 'out', 3, child);
  child.stdout?.destroy();
  child.stderr?.destroy();
  assert.equal((await ended).code, 0);
  assert.equal(linesOf(study, 'out'), CELLS);
  assert.ok(existsSync(study.path('out/study.html')));
});

test('a cell whose process dies is named, and the others run', async (t) => {
  const study = studyFiles(t);
  study.write('study.yaml', STUDY);
  const { child, ended } = start(
    study,
    'study.yaml',
    '--out',
    'out',
    '--jobs',
    '1',
    '--keep-going',
  );
  await untilLines(study, 'out', 3, child);
  const children = readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, 'utf8').trim();
  process.kill(Number(children.split(' ')[0]), 'SIGKILL');
  const { code, stderr, stdout } = await ended;
  assert.equal(code, 1);
  assert.match(
    stderr,
    /corridor: cell \d+ \(settlement\.cycle=\w+, seed \d+\): its process ended by SIGKILL\n$/,
  );
  assert.match(stdout, /^20 of 20 cells, 1 failed in /);
  // Run again, it is only that cell.
  const again = await start(study, 'study.yaml', '--out', 'out').ended;
  assert.equal(again.code, 0, again.stderr);
  assert.match(again.stdout, /^20 of 20 cells, 19 of them from before in /);
});

/** Arguments, and what the one line says. */
/** With an option in front that would be ignored. */
const beside = (args: readonly string[]): [readonly string[], RegExp] => [
  args,
  new RegExp(
    `^corridor: ${args[0]?.split('=')[0]}: expected none beside --${args.includes('--merge') ? 'merge' : 'cell'}, which runs no cell\n$`,
  ),
];

const MISTAKES: readonly [readonly string[], RegExp][] = [
  [
    [],
    /^corridor: expected a study file, or a scenario and --vary, --scale, --seeds or --dates\n$/,
  ],
  [['none.yaml'], /^corridor: none\.yaml: cannot be read: there is no such file\n$/],
  [
    ['study.yaml', '--shard', '21/20'],
    /^corridor: --shard 21\/20: expected I\/N with I from 1 to N/,
  ],
  [['study.yaml', '--jobs', '0'], /^corridor: --jobs 0: expected a whole number from 1 to 512\n$/],
  [
    ['test.yaml', '--vary', 'settlement.cycle'],
    /^corridor: --vary settlement\.cycle: expected path=values/,
  ],
  [
    ['test.yaml', '--vary', 'settlement.cycle=off,of'],
    /^corridor: --vary: vary: settlement\.cycle: of: test\.yaml: --set settlement\.cycle=of: settlement\.cycle: "of": expected /,
  ],
  [
    ['study.yaml', '--vary', 'settlement.cycle=off'],
    /^corridor: study\.yaml: expected a scenario, as --vary, --scale, --seeds and --dates take one: it is a study/,
  ],
  [
    ['test.yaml', '--seeds', '1-5'],
    /^corridor: --seeds: seeds\[0\]: "1-5": expected a whole number from 0/,
  ],
  ...[
    '--vary=settlement.cycle=off',
    '--scale=liquidity=1',
    '--seeds=2',
    '--dates=a.csv',
    '--jobs=1',
  ].map((option) => beside([option, '--merge', 'a', '--out', 'o'])),
  ...['--shard=1/2', '--cell=1', '--keep-going'].map((option) =>
    beside([option, '--merge', 'a', '--out', 'o']),
  ),
  ...['--out=o', '--jobs=1', '--shard=1/2', '--keep-going'].map((option) =>
    beside([option, 'test.yaml', '--seeds=2', '--cell', '1']),
  ),
  [['--merge', 'a'], /^corridor: --merge: expected --out, the folder of the whole study\n$/],
  [['--merge', '.', '--out', 'o'], /^corridor: --merge \.: it has no study\.json: expected/],
  [
    ['study.yaml', '--merge', 'a', '--out', 'o'],
    /^corridor: --merge: study\.yaml: expected no study file/,
  ],
];
test('what is wrong is one line and exit code 2', async (t) => {
  const study = studyFiles(t);
  for (const [args, expected] of MISTAKES) {
    const { code, stderr, stdout } = await warmCorridorIn(study.folder, 'sweep', ...args);
    assert.match(stderr, expected);
    assert.deepEqual([code, stdout], [2, ''], args.join(' '));
  }
});

test('the options are a study too, and shards of it are merged', async (t) => {
  const study = studyFiles(t);
  const flags = [
    'test.yaml',
    '--vary',
    'settlement.cycle=off,partial',
    '--scale',
    'liquidity=[0.1, 1]',
  ];
  const run = async (...args: string[]) => {
    const { code, stderr } = await start(study, ...args).ended;
    assert.equal(code, 0, stderr);
  };
  await run(...flags, '--seeds', '42,7', '--out', 'flags');
  study.write(
    'study.yaml',
    'scenario: test.yaml\nvary: { settlement.cycle: [off, partial] }\nscale: { liquidity: [0.1, 1] }\nseeds: [42, 7]\n',
  );
  await run('study.yaml', '--shard', '1/2', '--out', 's/1');
  await run('study.yaml', '--shard', '2/2', '--out', 's/2');
  await run('--merge', 's/1', 's/2', '--out', 'merged');
  assert.equal(study.read('merged/cells.csv'), study.read('flags/cells.csv'));
});
