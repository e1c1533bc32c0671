// Runs test files and judges the run: what node:test calls a pass is not always one.
import { randomUUID } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, relative, resolve } from 'node:path';
import { run } from 'node:test';
import { spec } from 'node:test/reporters';
import { MARK } from './test-empty-loops.mjs';
import { LIMITS } from './test-time-limits.mjs';

/**
 * Runs `files` and says on stdout what failed. Beyond a failed test this is a fault:
 * - a file or group without a test, a file that leaves by process.exit, and one that exceeds a limit;
 * - a failed `todo`;
 * - where `ci`: a skip, but one by needsFixtures() (tests/support/needs-fixtures.ts) with
 *   CORRIDOR_FIXTURES unset;
 * - with `minimum`: an area with fewer tests than its row says, or one without a row. An area that
 *   had a skip outside of `ci` is not counted.
 * @param options.files absolute paths; a list of them shares a process, in which they run in turn
 * @param options.areaOf the area of a file: a row of `minimum`
 * @param options.minimum tests by area; null where a part alone runs
 * @param options.concurrency files that run at once
 * @param options.nodeOptions of Node, for each process
 * @param options.took told in the end what each file took, in seconds (test-times.mjs says of what)
 * @returns exit code: 0, 1 where anything failed, 130 where interrupted
 */
export async function runTests({
  files,
  areaOf,
  minimum,
  concurrency = 2,
  limits = LIMITS,
  ci,
  nodeOptions = [],
  took,
}) {
  const excuse = `CORRIDOR_FIXTURES is not set [${randomUUID()}]`;
  process.env.CORRIDOR_EXCUSE = excuse;
  process.env.CORRIDOR_TEST_LIMITS_S = `${limits.testS} ${limits.fileS} ${limits.leftS}`;
  const folder = mkdtempSync(join(tmpdir(), 'corridor-tests-'));
  process.env.CORRIDOR_TEST_TIMES = folder;
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  const leads = new Map(
    files.filter(Array.isArray).map((group) => [group, leadInto(folder, group)]),
  );
  const names = new Map([...leads].map(([group, lead]) => [lead, nameOf(group)]));
  // Test files inherit these options; the guard finds what node:test in this process cannot see.
  const execArgv = [
    ...nodeOptions,
    '--import',
    import.meta.resolve('./test-hangs-and-false-passes.mjs'),
  ];
  process.execArgv.push(...execArgv); // Node 20; later releases take the option of run() instead

  const interrupted = new AbortController();
  setMaxListeners(0, interrupted.signal); // one a file
  for (const signal of ['SIGINT', 'SIGTERM'])
    process.once(signal, () => {
      interrupted.abort();
      setTimeout(() => process.exit(130), 2_000);
    });

  const faults = [];
  const skipped = [];
  const tests = new Map(files.flat().map((file) => [file, 0]));
  const isSet = (mark) => mark !== undefined && mark !== false;
  /** By nesting: how many have ended since one further out did. Children end before their group. */
  const ended = [];
  const note = (passed) => (event) => {
    const { name, skip, details } = event;
    const isFile = resolve(name) === resolve(event.file ?? '') && event.nesting === 0;
    const fileName = names.get(resolve(name)) ?? relative('.', name);
    if (isFile && passed) faults.push(`${fileName}: no test ran`);
    if (!passed)
      faults.push(isFile ? `${fileName}: ${reason(details)}` : name + failedWith(details));
    const [children = 0] = ended.splice(event.nesting + 1);
    ended[event.nesting] = (ended[event.nesting] ?? 0) + 1;
    if (isFile) return;
    const isGroup = details?.type === 'suite';
    if (isGroup && passed && children === 0 && !isSet(skip))
      faults.push(`${name}: no test ran in this group`);
    if (!isGroup) tests.set(event.file, (tests.get(event.file) ?? 0) + 1);
    if (isSet(skip)) skipped.push({ name, file: event.file, reason: String(skip) });
  };
  const stream = run({
    files: files.map((file) => leads.get(file) ?? file),
    concurrency,
    execArgv,
    signal: interrupted.signal,
  })
    .on('test:pass', note(true))
    .on('test:fail', note(false));
  stream.compose(spec).pipe(process.stdout);
  await new Promise((done) => stream.once('end', done));
  if (interrupted.signal.aborted) return 130;
  for (const name of readdirSync(folder).filter((name) => name.endsWith('.json'))) {
    const { file, seconds } = JSON.parse(readFileSync(join(folder, name), 'utf8'));
    took?.(file, seconds);
  }

  const said = (reason) => (reason === excuse ? 'CORRIDOR_FIXTURES is not set' : reason);
  for (const { name, reason } of skipped)
    process.stdout.write(`skipped: ${name} (${said(reason)})\n`);
  const isExcused = ({ reason }) =>
    reason === excuse && process.env.CORRIDOR_FIXTURES === undefined;
  const unexcused = skipped.filter((one) => !isExcused(one));
  if (ci)
    for (const { name, reason } of unexcused)
      faults.push(`${name}: skipped (${reason}), which CI excuses for missing fixtures alone`);
  if (minimum) {
    const partial = ci ? [] : unexcused.map(({ file }) => areaOf(file));
    faults.push(...tooFew(tests, areaOf, minimum, partial));
  }
  for (const fault of faults) process.stdout.write(`FAILED: ${fault}\n`);
  return faults.length > 0 ? 1 : 0;
}

/** Writes what runs the files of a group in turn. */
function leadInto(folder, group) {
  const place = join(folder, `${readdirSync(folder).length}.test.mjs`);
  const isMarked = group.every((file) => readFileSync(file, 'utf8').startsWith(MARK));
  const runner = JSON.stringify(import.meta.resolve('./test-files-in-turn.mjs'));
  const text = `import { runInTurn } from ${runner};\nawait runInTurn(${JSON.stringify(group)});\n`;
  writeFileSync(place, `${isMarked ? MARK : ''}${text}`);
  return place;
}

function nameOf(group) {
  return `${relative('.', group[0])} to ${basename(group.at(-1))}, in one process`;
}

function reason(details) {
  const { message = 'failed', exitCode, signal } = details?.error ?? {};
  if (signal) return `ended by ${signal}`;
  return exitCode ? `ended with exit code ${exitCode}` : message;
}

const SAID_MAX = 160;

/** What a test failed with: its first line, for those who see no more of the output than that. */
function failedWith({ error } = {}) {
  const thrown = error?.cause ?? '';
  const [line] = String(thrown.message ?? thrown).split('\n');
  return line && `: ${line.slice(0, SAID_MAX)}`;
}

/** A line for every area that ran fewer tests than its row says, and for one that has no row. */
function tooFew(tests, areaOf, minimum, partial) {
  const counts = new Map(Object.keys(minimum).map((area) => [area, 0]));
  for (const [file, count] of tests)
    counts.set(areaOf(file), (counts.get(areaOf(file)) ?? 0) + count);
  process.stdout.write(
    `tests by area: ${[...counts].map(([area, count]) => `${area} ${count}`).join(', ')}\n`,
  );
  return [...counts].flatMap(([area, count]) => {
    if (minimum[area] === undefined) return [`${area} has no row in the table of minimum tests`];
    if (count >= minimum[area] || partial.includes(area)) return [];
    return [`${area}: ${count} tests ran, at least ${minimum[area]} are expected`];
  });
}
