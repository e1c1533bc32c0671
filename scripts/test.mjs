// Runs every *.test.js below dist (or those whose path contains an argument), building first.
//   node scripts/test.mjs [--long] [--built] [PART-OF-A-PATH ...]
// `node --test dist/` means different things on Node 20 and 22, so the files are listed here.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { build, root } from './build.mjs';
import { LIMITS, LONG_LIMITS, runTests } from './test-runner.mjs';

const args = process.argv.slice(2);
const isLong = args.includes('--long');
if (isLong) process.env.CORRIDOR_LONG_TESTS = '1';
const wanted = args.filter((arg) => !arg.startsWith('--'));

if (!args.includes('--built')) await build();
const files = readdirSync(join(root, 'dist'), { withFileTypes: true, recursive: true })
  .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
  .filter((file) => file.endsWith('.test.js'))
  // What takes half an hour has a name of its own, so that a plain run skips nothing.
  .filter((file) => isLong || !file.endsWith('.long.test.js'))
  // A test whose source was deleted or renamed leaves its compiled file behind: skip it.
  .filter((file) => existsSync(file.replace(`${root}/dist/`, `${root}/`).replace(/\.js$/, '.ts')))
  .filter((file) => wanted.length === 0 || wanted.some((part) => file.includes(part)))
  .sort();
const unmatched = wanted.filter((part) => !files.some((file) => file.includes(part)));
if (files.length === 0 || unmatched.length > 0) {
  process.stderr.write(`no test file matches ${unmatched.join(' ')}\n`);
  process.exit(2);
}

/** How many tests each area has at least: raised by hand as tests are added. */
const minimum = JSON.parse(readFileSync(join(root, 'scripts/test-minimum.json'), 'utf8'));

// Files that test on Kafka share a broker: the one that KAFKA_BROKERS names, or one for this run.
if (!process.env.KAFKA_BROKERS && files.some(usesKafka)) {
  const { startOwnBroker } = await import('../dist/tests/support/kafka-broker.js');
  const broker = await startOwnBroker();
  if ('skip' in broker) process.env.CORRIDOR_NO_KAFKA = broker.skip;
  else process.env.KAFKA_BROKERS = broker.brokers;
}

function usesKafka(file) {
  return readFileSync(file, 'utf8').includes('sharedBrokers');
}

const area = (file) => relative(join(root, 'dist'), file).split('/').slice(0, 2).join('/');
process.exitCode = await runTests({
  files,
  areaOf: (file) => (area(file).endsWith('.test.js') ? dirname(area(file)) : area(file)),
  minimum: wanted.length === 0 ? minimum : null,
  limits: isLong ? LONG_LIMITS : LIMITS,
  ci: process.env.CI === 'true',
});
