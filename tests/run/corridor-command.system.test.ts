import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { constants, getPriority, tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { gunzipSync, gzipSync } from 'node:zlib';
import { parse } from 'csv-parse/sync';
import { packageFolder } from '../../services/platform/service/build-info.ts';
import type { Summary } from '../../services/report/figures/summary.ts';
import { scenarioFile } from '../support/run.ts';
import { endWarmCorridor, warmCorridor } from '../support/warm-corridor.ts';

/** The `corridor` command as a user runs it: a process, its output, its exit code and its files. */
let folder = '';
before(() => {
  folder = mkdtempSync(join(tmpdir(), 'corridor-cli-'));
});
after(async () => {
  await endWarmCorridor();
  rmSync(folder, { recursive: true, force: true });
});

interface Finished {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function start(
  args: readonly string[],
  env = process.env,
): { child: ChildProcess; finished: Promise<Finished> } {
  const child = spawn(
    process.execPath,
    [join(packageFolder, 'dist/services/cli/main.js'), ...args],
    { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'], env },
  );
  let stdout = '';
  let stderr = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const finished = new Promise<Finished>((resolve) => {
    child.on('close', (code) => resolve({ code, stdout, stderr }));
  });
  return { child, finished };
}
const corridor = (...args: string[]) => start(args).finished;

const smoke = scenarioFile('smoke');

test('run writes its files, whole, and they agree; replay agrees with them', async () => {
  const run = join(folder, 'whole');
  const { code, stdout, stderr } = await corridor('run', smoke, '--out', run, '--json');
  assert.equal(code, 0, stderr);
  const summary = JSON.parse(stdout) as Summary;
  assert.deepEqual(readdirSync(run).sort(), [
    'clickhouse',
    'evidence',
    'input.log',
    'payments.csv',
    'report.html',
    'scenario.json',
    'summary.json',
  ]);
  assert.deepEqual(JSON.parse(readFileSync(join(run, 'summary.json'), 'utf8')), summary);
  const alone = join(folder, 'alone');
  const direct = await corridor('run', smoke, '--results', 'summary', '--out', alone, '--json');
  assert.equal(direct.stdout, stdout, 'by the direct door');
  assert.deepEqual(readdirSync(alone), ['summary.json']);
  const rows = parse(readFileSync(join(run, 'payments.csv')), { columns: true }) as Record<
    string,
    string
  >[];
  const count = (status: string) => rows.filter((row) => row.status === status).length;
  assert.deepEqual(
    [rows.length, count('ACSC'), count('RJCT'), count('CANC'), count('PDNG')],
    [
      summary.submitted,
      summary.settled,
      summary.rejected,
      summary.cancelled,
      summary.queuedAtClose,
    ],
  );
  for (const [currency, minor] of Object.entries(summary.settledValueMinor)) {
    const sum = rows
      .filter((row) => row.status === 'ACSC' && row.currency === currency)
      .reduce((total, row) => total + BigInt((row.amount as string).replace('.', '')), 0n);
    assert.equal(sum.toString(), minor);
  }
  assert.match(readFileSync(join(run, 'report.html'), 'utf8'), new RegExp(summary.eventsHash));
  const replay = await corridor('replay', run);
  assert.equal(replay.code, 0, replay.stderr);
  assert.match(
    replay.stdout,
    /the replay agrees with the run\nnot read: scenario\.json, payments\.csv, report\.html, the tables \(these: corridor reconcile \S+\)\n$/,
  );
});

test('what comes again under a revoked key is no further payment in files, store, report, replay and reconciliation', async () => {
  const run = join(folder, 'revoked');
  const revoked = ['ALFADE00', 'BETASG00'].flatMap((bic) => [
    ...['--set', `events.revocations.+={ participant: ${bic}, at: "09:00" }`],
    ...['--set', `events.repeatMessages.+={ participant: ${bic}, every: 2, afterSeconds: 60 }`],
  ]);
  const { code, stdout, stderr } = await corridor('run', smoke, ...revoked, '--out', run, '--json');
  assert.equal(code, 0, stderr);
  const summary = JSON.parse(stdout) as Summary;
  assert.equal(summary.submitted, 400);
  const rows = parse(readFileSync(join(run, 'payments.csv')), { columns: true }) as unknown[];
  assert.equal(rows.length, 400);
  assert.match(
    readFileSync(join(run, 'report.html'), 'utf8'),
    /ClickHouse and summary\.json agree/,
  );
  for (const command of ['replay', 'reconcile']) {
    const done = await corridor(command, run);
    assert.equal(done.code, 0, done.stdout + done.stderr);
  }
});

test('replay says when the input was changed, and refuses what is no run', async () => {
  const run = join(folder, 'changed');
  await corridor('run', scenarioFile('pssimpy-ring'), '--out', run);
  const file = join(run, 'input.log');
  const log = gunzipSync(readFileSync(file));
  const at = log.indexOf('"balanceMinor":"50"');
  log.write('"balanceMinor":"99"', at);
  writeFileSync(file, gzipSync(log));
  const changed = await warmCorridor('replay', run);
  assert.equal(changed.code, 1);
  assert.match(changed.stdout, /THE REPLAY DIFFERS/);
  writeFileSync(file, gzipSync(log.subarray(0, log.length - 10)));
  const torn = await warmCorridor('replay', run);
  assert.equal(torn.code, 2);
  const damaged = (file: string, reason: string) =>
    new RegExp(
      `^corridor: \\S+/${file} is damaged or was changed after the run: ${reason}; take it from a copy or run the scenario again\\n$`,
    );
  assert.match(torn.stderr, damaged('input\\.log', 'it ends before its trailer.*'));
  const whole = gzipSync(log);
  const flipped = Buffer.from(whole);
  flipped.fill(0xff, 40, 60);
  for (const other of [flipped, whole.subarray(0, whole.length - 30)]) {
    writeFileSync(file, other);
    const { code, stderr } = await warmCorridor('replay', run);
    assert.equal(code, 2, stderr);
    assert.match(stderr, damaged('input\\.log', 'what is compressed is broken \\(.*\\)'));
  }
  const summary = readFileSync(join(run, 'summary.json'));
  writeFileSync(file, whole);
  writeFileSync(join(run, 'summary.json'), summary.subarray(0, 100));
  const cut = await warmCorridor('replay', run);
  assert.equal(cut.code, 2);
  assert.match(cut.stderr, damaged('summary\\.json', 'it is no JSON \\(.*\\)'));
  writeFileSync(join(run, 'summary.json'), summary);
  for (const other of [gzipSync('hi\n'), gzipSync(Buffer.alloc(200_000, 7)), Buffer.from('hi')]) {
    writeFileSync(file, other);
    const { code, stderr } = await warmCorridor('replay', run);
    assert.equal(code, 2, stderr);
    assert.match(stderr, /expected the input\.log of a finished run/);
  }
  const none = await warmCorridor('replay', folder);
  assert.equal(none.code, 2);
  assert.match(none.stderr, /not found; expected the folder of a finished run/);
});

test('replay verifies the recorded messages again: none can be changed behind its record', async () => {
  const run = join(folder, 'forged');
  cpSync(join(folder, 'whole'), run, { recursive: true });
  const file = join(run, 'input.log');
  const log = gunzipSync(readFileSync(file));
  for (const [what, from, to] of [
    ['amount', '"Amt":"', '"Amt":"9'],
    ['signature', '"ce_signature":"', '"ce_signature":"AAAA'],
  ] as const) {
    const forged = Buffer.from(log);
    const at = forged.indexOf(from, forged.indexOf('FIToFICstmrCdtTrf'));
    forged.write(to, at);
    assert.notEqual(Buffer.compare(forged, log), 0);
    writeFileSync(file, gzipSync(forged));
    const { code, stderr } = await warmCorridor('replay', run);
    assert.equal(code, 2, what);
    assert.match(
      stderr,
      /pool main, offset \d+: \S+ of \w+ \S+: the message in it is not what the record says/,
    );
  }
});

test('a second run of the same name replaces the first', async () => {
  const run = join(folder, 'twice');
  for (const seed of ['1', '2']) {
    const args = ['--results', 'tables', '--out', run, '--seed', seed];
    const { code } = await corridor('run', smoke, ...args);
    assert.equal(code, 0);
    assert.equal(JSON.parse(readFileSync(join(run, 'summary.json'), 'utf8')).seed, Number(seed));
  }
  assert.ok(!existsSync(`${run}.partial`));
});

test('a folder may have any name: none is a pattern to the engine', async () => {
  const own = mkdtempSync(join(folder, 'own-'));
  const run = join(folder, "a?$b {1,2}*'s.zip::x");
  const environment = { ...process.env, TMPDIR: own };
  const args = ['--out', run, '--no-signatures'];
  const { code, stderr } = await start(
    ['run', scenarioFile('pssimpy-quickstart'), ...args],
    environment,
  ).finished;
  assert.equal(code, 0, stderr);
  assert.ok(existsSync(join(run, 'report.html')));
  assert.deepEqual(readdirSync(own), [], 'nothing is left beside it');
});

/** Each row: a field set to a bad value, and what the one line must name. */
const BAD_INPUT: readonly [string[], RegExp][] = [
  [['--set', 'traffic.0.from=XYZ'], /traffic\[0\]\.from.*"XYZ".*expected/],
  [['--set', 'participants.0.bic=BETASG00'], /participants.*BETASG00/],
  [['--set', 'participants.0.accounts.EUR.balance=-1'], /accounts\.EUR\.balance.*-1.*expected/],
  [
    ['--set', 'participants.0.accounts.EUR.balance=1.001'],
    /accounts\.EUR\.balance.*1\.001.*decimals/,
  ],
  [['--set', 'rates.perBase={}'], /rates\.perBase.*SGD.*expected/],
  [['--set', 'currencies.EUR.zone=Mars/Base'], /currencies\.EUR\.zone.*Mars\/Base/],
  [['--set', 'no.such.path=1'], /no/],
  [
    [
      '--set',
      'businessDates=[2026-03-16, 2026-03-17]',
      '--set',
      'settlement.identityDays=1',
      '--set',
      'events.repeatMessages.0.afterSeconds=86000',
    ],
    /repeatMessages\[0\]\.afterSeconds: 86000: expected at most \d+: 1 identityDays later/,
  ],
  [['--seed', 'many'], /--seed many: expected a whole number/],
  [['--log', 'paper'], /--log paper: expected memory or embedded/],
  [['--colour'], /unknown option '--colour'/],
];

for (const [args, line] of BAD_INPUT)
  test(`bad input gives exit 2 and one line: ${args.join(' ')}`, async () => {
    const run = join(folder, 'bad');
    const { code, stdout, stderr } = await warmCorridor('run', smoke, '--out', run, ...args);
    assert.equal(code, 2, stderr);
    assert.equal(stdout, '');
    assert.equal(stderr.trim().split('\n').length, 1, stderr);
    assert.match(stderr, line);
    assert.ok(!existsSync(run) && !existsSync(`${run}.partial`), 'nothing is written');
  });

test('a malformed file and a missing one are named', async () => {
  const file = join(folder, 'broken.yaml');
  writeFileSync(file, 'name: [unclosed\n');
  const broken = await warmCorridor('run', file);
  assert.equal(broken.code, 2);
  assert.match(broken.stderr, /broken\.yaml:\d+/);
  const missing = await warmCorridor('run', join(folder, 'none.yaml'));
  assert.equal(missing.code, 2);
  assert.match(missing.stderr, /none\.yaml: cannot be read/);
});

test('an output folder that cannot be written, or holds something else, is refused', async () => {
  const inFile = join(folder, 'a-file');
  writeFileSync(inFile, 'x');
  const nested = await warmCorridor('run', smoke, '--out', join(inFile, 'run'));
  assert.equal(nested.code, 2);
  assert.match(nested.stderr, /--out .*a-file\/run: expected a folder that can be written/);
  const foreign = join(folder, 'foreign');
  mkdirSync(foreign);
  writeFileSync(join(foreign, 'thesis.doc'), 'x');
  const refused = await warmCorridor('run', smoke, '--out', foreign);
  assert.equal(refused.code, 2);
  assert.match(refused.stderr, /an earlier run or a new name; \S+foreign holds thesis\.doc$/m);
  assert.deepEqual(readdirSync(foreign), ['thesis.doc']);
  // What looks like a part of a run is not one, and a .partial that no run wrote is not ours.
  const lookalike = join(folder, 'lookalike');
  mkdirSync(join(lookalike, 'log'), { recursive: true });
  const half = await warmCorridor('run', smoke, '--out', lookalike);
  assert.equal(half.code, 2);
  assert.match(half.stderr, /lookalike holds log and is no run$/m);
  const beside = join(folder, 'beside');
  mkdirSync(`${beside}.partial`);
  writeFileSync(join(`${beside}.partial`, 'thesis.doc'), 'x');
  const unasked = await warmCorridor('run', smoke, '--out', beside);
  assert.equal(unasked.code, 2);
  assert.match(
    unasked.stderr,
    /beside\.partial is there, and no run has begun it; or move it away$/m,
  );
  assert.ok(existsSync(join(`${beside}.partial`, 'thesis.doc')));
  for (const out of ['', '/proc/corridor-run']) {
    const { code } = await warmCorridor('run', smoke, '--out', out);
    assert.equal(code, 2, `--out '${out}'`);
  }
  if (process.getuid?.() !== 0) {
    const locked = join(folder, 'locked');
    mkdirSync(locked);
    chmodSync(locked, 0o500);
    assert.equal((await warmCorridor('run', smoke, '--out', join(locked, 'run'))).code, 2);
  }
});

test('Ctrl-C ends a run with 130, says what was written and leaves nothing', async () => {
  const run = join(folder, 'interrupted');
  const { child, finished } = start(['run', scenarioFile('four-corridors'), '--out', run]);
  // The first plain line of progress: the run is under way.
  await new Promise<void>((resolve) => child.stderr?.once('data', () => resolve()));
  child.kill('SIGINT');
  const { code, stderr } = await finished;
  assert.equal(code, 130, stderr);
  assert.match(stderr, /interrupted at 2026-03-16T.* of the scenario's time; nothing was written/);
  assert.deepEqual(
    readdirSync(folder).filter((name) => name.startsWith('interrupted')),
    [],
  );
});

describe('threads of a run', {
  skip: process.platform !== 'linux' && 'elsewhere a priority is the process’s',
}, () => {
  /** The most threads of a run that stood behind its own at once, looked for until there are so many; and its own's priority. */
  async function behind(wanted: number, ...args: string[]) {
    const { child, finished } = start(['run', scenarioFile('four-corridors'), ...args]);
    const tasks = `/proc/${child.pid}/task`;
    /** Behind the name, which stands in brackets, from the third field on: the 19th. Of a thread that is over: none. */
    const niceOf = (task: string | number | undefined): number => {
      try {
        const stat = readFileSync(`${tasks}/${task}/stat`, 'utf8');
        return Number(stat.split(') ')[1]?.split(' ')[16]);
      } catch {
        return Number.NaN;
      }
    };
    const own = niceOf(child.pid);
    let most = 0;
    while (child.exitCode === null && most < wanted) {
      const found = existsSync(tasks)
        ? readdirSync(tasks).filter((task) => niceOf(task) > own)
        : [];
      most = Math.max(most, found.length);
      await setTimeout(20);
    }
    child.kill('SIGINT');
    return { own, most, ...(await finished) };
  }
  const isLowest = getPriority() === constants.priority.PRIORITY_LOW;

  test('those of banks, tables, input.log and seal stand behind its own, and that behind nobody', async () => {
    const { own, most } = await behind(4, '--out', join(folder, 'behind'));
    assert.equal(own, getPriority());
    assert.ok(most >= 4 || isLowest, `${most} threads`);
  });

  test('by the direct door that of its tables, which have as much to do, does not', async () => {
    const out = join(folder, 'direct');
    const { most, code, stderr } = await behind(1, '--results', 'tables', '--out', out);
    assert.equal(most, 0);
    assert.equal(code, 0, stderr);
  });
});

test('a run that was killed is no obstacle to the next', async () => {
  const run = join(folder, 'killed');
  const { child, finished } = start(['run', scenarioFile('four-corridors'), '--out', run]);
  await new Promise<void>((resolve) => child.stderr?.once('data', () => resolve()));
  child.kill('SIGKILL');
  await finished;
  assert.ok(!existsSync(run));
  assert.ok(existsSync(`${run}.partial`));
  const { code, stderr } = await corridor('run', smoke, '--results', 'tables', '--out', run);
  assert.equal(code, 0, stderr);
  assert.deepEqual(
    readdirSync(folder).filter((name) => name.startsWith('killed')),
    ['killed'],
  );
});

test('a reader that goes away ends the output, not the run', async () => {
  const run = join(folder, 'piped');
  const { child, finished } = start(['run', smoke, '--results', 'tables', '--out', run]);
  child.stdout?.destroy();
  const { code } = await finished;
  assert.equal(code, 0);
  assert.ok(existsSync(join(run, 'summary.json')));
});

test('a reader of documents that has seen enough is no failure', async () => {
  const { child, finished } = start(['documents', scenarioFile('insurance-burst')]);
  child.stdout?.once('data', () => child.stdout?.destroy());
  const { code, stderr } = await finished;
  assert.deepEqual([code, stderr], [0, '']);
});

test('--help of each command says what it does', async () => {
  for (const args of [['--help'], ['run', '--help'], ['replay', '--help']]) {
    const { code, stdout } = await corridor(...args);
    assert.equal(code, 0);
    assert.match(stdout, /Usage: corridor/);
  }
});
