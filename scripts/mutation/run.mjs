// `npm run mutation`: changes the built gateway, verifier, notifier and protocol one place at a time, and
// counts the changes that their tests notice. StrykerJS does both; it is installed here at the first run.
//   node scripts/mutation/run.mjs [--seed N] [--count 500] [--minutes 60]
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { SourceMap } from 'node:module';
import { join, relative } from 'node:path';
import { parseArgs } from 'node:util';
import { build, root } from '../build.mjs';

const number = (default_) => ({ type: 'string', default: String(default_) });
const { values } = parseArgs({
  options: { seed: number(1), count: number(500), minutes: number(60) },
});
for (const [name, value] of Object.entries(values))
  if (!/^[1-9]\d{0,8}$/.test(value)) {
    process.stderr.write(`--${name} ${value}: a whole number above 0 is expected\n`);
    process.exit(2);
  }

const home = join(root, 'scripts/mutation');
const results = join(root, 'dist/mutation.jsonl');
const stryker = join(home, 'node_modules/@stryker-mutator/core/bin/stryker.js');
if (!existsSync(stryker)) {
  const { status } = spawnSync('npm', ['ci', '--ignore-scripts'], { cwd: home, stdio: 'inherit' });
  if (status !== 0) process.exit(1);
}
await build();
mkdirSync(join(root, 'dist'), { recursive: true });
writeFileSync(results, '');

const child = spawn(process.execPath, [stryker, 'run', join(home, 'stryker.config.mjs')], {
  cwd: root,
  stdio: ['ignore', 'inherit', 'inherit'],
  detached: true, // a group of its own, so that its test processes end with it
  env: {
    ...process.env,
    MUTATION_SEED: values.seed,
    MUTATION_COUNT: values.count,
    MUTATION_RESULTS: results,
  },
});
const stop = () => {
  try {
    process.kill(-child.pid, 'SIGTERM');
  } catch {
    // It has ended.
  }
};
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, stop);
const limit = setTimeout(stop, Number(values.minutes) * 60_000);
await new Promise((resolve) => child.once('exit', resolve));
clearTimeout(limit);
rmSync(join(root, '.stryker-tmp'), { recursive: true, force: true });
report();

/** The place in the source of a place in what was built of it. */
function source({ fileName, location: { start } }) {
  const map = new SourceMap(JSON.parse(readFileSync(`${fileName}.map`, 'utf8')));
  const { originalLine } = map.findEntry(start.line - 1, start.column - 1);
  const path = relative(join(root, 'dist'), fileName).replace(/\.js$/, '.ts');
  return `${path}:${(originalLine ?? 0) + 1}`;
}

function report() {
  const lines = readFileSync(results, 'utf8').split('\n').slice(0, -1);
  const mutants = lines.map((line) => JSON.parse(line));
  const left = mutants.filter(({ status }) => status === 'Survived' || status === 'NoCoverage');
  for (const mutant of left.sort((a, b) => source(a).localeCompare(source(b), 'en'))) {
    const to = mutant.replacement.replaceAll(/\s+/g, ' ').slice(0, 100);
    process.stdout.write(`${mutant.status} ${source(mutant)} ${mutant.mutatorName}: ${to}\n`);
  }
  const count = (room, ...statuses) =>
    mutants.filter((one) => roomOf(one) === room && statuses.includes(one.status)).length;
  process.stdout.write(`seed ${values.seed}: ${mutants.length} of ${values.count} mutants tried\n`);
  // Those that no test reaches are known at once, and so all of the sample: they are told apart, as
  // else they would weigh too much where the time limit came first.
  for (const room of [...new Set(mutants.map(roomOf))].sort()) {
    const caught = count(room, 'Killed', 'Timeout');
    const tried = caught + count(room, 'Survived');
    const share = tried === 0 ? '-' : `${((100 * caught) / tried).toFixed(1)} %`;
    process.stdout.write(
      `${room}: of ${tried} that a test reaches ${caught} were caught (${share}); ` +
        `no test reaches ${count(room, 'NoCoverage')}\n`,
    );
  }
}

function roomOf({ fileName }) {
  return relative(join(root, 'dist/services'), fileName).split('/')[0];
}
