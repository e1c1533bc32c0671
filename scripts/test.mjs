// Runs tests, building first; by the ends of their names:
//   *.test.ts          plain: no broker, browser, database engine or killed process (scripts/test-plain-bans.mjs)
//   *.system.test.ts   the rest
//   *.long.test.ts     what takes longer than the gate has
//   node scripts/test.mjs [--plain | --system | --long] [--built] [--record] [PART-OF-A-PATH ...]
// Without an option the plain ones run, and with parts of paths the plain and the system ones that match;
// with --plain or --system those alone; with --long all, in their long forms. --record writes what each file took to
// scripts/test-durations.json, by which files are begun: the longest first. Plain files that stand side by
// side share a process.
// `node --test dist/` means different things on Node 20 and 22, so the files are listed here.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { build, root } from './build.mjs';
import { runTests } from './test-runner.mjs';
import { LIMITS, LONG_LIMITS } from './test-time-limits.mjs';

const BUDGETS_S = { plain: 240, system: 900 };
/** A whole run names the files that took longer: plain ones of processors, others by the clock. */
const TOLD_S = 10;
/**
 * V8 compiles and collects garbage on the thread that runs: there are more processes than cores, and other threads
 * of one would help it at the expense of the next. Its young objects begin with the room that most come to need.
 */
const ONE_THREAD = ['--single-threaded', '--min-semi-space-size=16'];
/** What the files that share a process take together: small beside a run, so that its lanes end together. */
const SHARED_S = 30;

const args = process.argv.slice(2);
const isLong = args.includes('--long');
const isSystem = args.includes('--system');
if (isLong) process.env.CORRIDOR_LONG_TESTS = '1';
const wanted = args.filter((arg) => !arg.startsWith('--'));
const kinds = kindsWanted();

if (!args.includes('--built')) await build();
const all = readdirSync(join(root, 'dist'), { withFileTypes: true, recursive: true })
  .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
  .filter((file) => file.endsWith('.test.js'))
  // A test whose source was deleted or renamed leaves its compiled file behind: skip it.
  .filter((file) => existsSync(join(root, sourceOf(file))));
const files = all
  .filter((file) => kinds.includes(kindOf(file)))
  .filter((file) => wanted.length === 0 || wanted.some((part) => file.includes(part)));
const unmatched = wanted.filter((part) => !files.some((file) => file.includes(part)));
if (files.length === 0 || unmatched.length > 0) {
  const which = isSystem ? 'system test file' : 'test file';
  process.stderr.write(`no ${which} matches ${unmatched.join(' ')}\n`);
  process.exit(2);
}

const DURATIONS = join(root, 'scripts/test-durations.json');
/** Seconds by source file, as the last recorded run had them. */
const durations = JSON.parse(readFileSync(DURATIONS, 'utf8'));
const recorded = (file) => durations[sourceOf(file)] ?? Number.POSITIVE_INFINITY;
const together = (group) => group.reduce((sum, file) => sum + recorded(file), 0);
// The longest first, so that two cores end together; one of which nothing is known may be long.
const groups = grouped(files.sort()).sort((a, b) => together(b) - together(a));

/** How many tests each area has at least, by kind: raised by hand as tests are added. */
const minimum = JSON.parse(readFileSync(join(root, 'scripts/test-minimum.json'), 'utf8'));

// No broker of a test lives long enough to win back what the second compiler of Java takes, or its threads
// that collect garbage.
process.env.JDK_JAVA_OPTIONS ??= '-XX:TieredStopAtLevel=1 -XX:+UseSerialGC';
// Whoever a test starts inherits it too, where the test hands its environment down.
const v8Flags = `--require=${JSON.stringify(join(root, 'scripts/test-v8-flags.cjs'))}`;
process.env.NODE_OPTIONS = `${process.env.NODE_OPTIONS ?? ''} ${v8Flags}`.trim();
// Files that test on Kafka share a broker: the one that KAFKA_BROKERS names, or one for this run.
if (!process.env.KAFKA_BROKERS && files.some(needs('sharedBrokers'))) {
  const { startOwnBroker } = await import('../dist/tests/support/kafka-broker.js');
  const broker = await startOwnBroker();
  if ('skip' in broker) process.env.CORRIDOR_NO_KAFKA = broker.skip;
  else process.env.KAFKA_BROKERS = broker.brokers;
}
// Those that ask the database engine share one, each with a database of its own.
let engine;
if (files.filter(needs('ownDatabase')).length > 1) {
  const { startEngine } = await import('../dist/tests/support/engine.js');
  engine = await startEngine();
  process.env.CORRIDOR_TEST_ENGINE = JSON.stringify(engine.address);
}

const startedMs = Date.now();
const seconds = new Map();
process.exitCode = await runTests({
  files: groups.map((group) => (group.length > 1 ? group : group[0])),
  areaOf,
  minimum: wanted.length === 0 && !isLong ? minimum[kinds[0]] : null,
  // On two cores: some wait for brokers, browsers and processes to begin and end, some for a clock. Seconds
  // of the clock are recorded with one file a core.
  concurrency: args.includes('--record') && files.some((file) => kindOf(file) !== 'plain') ? 2 : 4,
  limits: isLong ? LONG_LIMITS : LIMITS,
  ci: process.env.CI === 'true',
  nodeOptions: isSystem || isLong ? [] : ONE_THREAD,
  took: (file, s) => seconds.set(sourceOf(file), s),
});
await engine?.stop();
if (args.includes('--record')) record();
if (wanted.length === 0) tellTimes((Date.now() - startedMs) / 1_000);

function kindsWanted() {
  if (isLong) return ['plain', 'system', 'long'];
  if (isSystem) return ['system'];
  return wanted.length > 0 && !args.includes('--plain') ? ['plain', 'system'] : ['plain'];
}

function kindOf(file) {
  return /\.(system|long)\.test\.js$/.exec(file)?.[1] ?? 'plain';
}

/** The path of a test's source below the root. */
function sourceOf(file) {
  return relative(join(root, 'dist'), file).replace(/\.js$/, '.ts');
}

/** The folder of a test: two names, or one where it stands at the top. */
function areaOf(file) {
  return dirname(sourceOf(file)).split('/').slice(0, 2).join('/');
}

/** Files in the order of their paths, by the process that they run in. */
function grouped(files) {
  const groups = [];
  for (const file of files) {
    const joined = [...(groups.at(-1) ?? []), file];
    const fits = together(joined) <= SHARED_S && joined.every((one) => kindOf(one) === 'plain');
    if (fits) groups.pop();
    groups.push(fits ? joined : [file]);
  }
  return groups;
}

function needs(support) {
  return (file) => kindOf(file) !== 'plain' && readFileSync(file, 'utf8').includes(support);
}

/** Writes what ran over what is recorded, and forgets files that are gone. */
function record() {
  const known = new Set(all.map(sourceOf));
  const rows = Object.entries({ ...durations, ...Object.fromEntries(seconds) })
    .filter(([file]) => known.has(file))
    .sort(([a], [b]) => (a < b ? -1 : 1));
  const rounded = rows.map(([file, s]) => [file, Math.round(s * 10) / 10]);
  writeFileSync(DURATIONS, `${JSON.stringify(Object.fromEntries(rounded), null, 2)}\n`);
}

/** The files that took long, and the whole beside its budget. */
function tellTimes(totalS) {
  const long = [...seconds].filter(([, s]) => s > TOLD_S).sort(([, a], [, b]) => b - a);
  for (const [file, s] of long) process.stdout.write(`${s.toFixed(0).padStart(5)} s  ${file}\n`);
  const command = { plain: 'npm test', system: 'npm run test:system' }[kinds.join()];
  if (command === undefined) return;
  const budgetS = BUDGETS_S[kinds[0]];
  const beyond = totalS > budgetS ? ': MORE THAN ITS BUDGET' : '';
  process.stdout.write(`${command}: ${totalS.toFixed(0)} s of ${budgetS} s${beyond}\n`);
}
