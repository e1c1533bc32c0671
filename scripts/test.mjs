// Runs every *.test.js below dist (or those whose path contains an argument), building first.
//   node scripts/test.mjs [--long] [PART-OF-A-PATH ...]
// `node --test dist/` means different things on Node 20 and 22, so the files are listed here.
import { setMaxListeners } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from 'node:test';
import { spec } from 'node:test/reporters';
import { build, root } from './build.mjs';

const args = process.argv.slice(2);
if (args.includes('--long')) process.env.CORRIDOR_LONG_TESTS = '1';
const wanted = args.filter((arg) => !arg.startsWith('--'));

await build();
const files = readdirSync(join(root, 'dist'), { withFileTypes: true, recursive: true })
  .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
  .filter((file) => file.endsWith('.test.js'))
  // A test whose source was deleted or renamed leaves its compiled file behind: skip it.
  .filter((file) => existsSync(file.replace(`${root}/dist/`, `${root}/`).replace(/\.js$/, '.ts')))
  .filter((file) => wanted.length === 0 || wanted.some((part) => file.includes(part)))
  .sort();
if (files.length === 0) {
  process.stderr.write(`no test file matches ${wanted.join(' ')}\n`);
  process.exit(2);
}

// Files that test on Kafka share a broker: the one that KAFKA_BROKERS names, or one for this run.
if (!process.env.KAFKA_BROKERS && files.some(usesKafka)) {
  const { startOwnBroker } = await import('../dist/services/platform/kafka-broker/for-tests.js');
  const broker = await startOwnBroker();
  if ('skip' in broker) process.env.CORRIDOR_NO_KAFKA = broker.skip;
  else process.env.KAFKA_BROKERS = broker.brokers;
}

function usesKafka(file) {
  return readFileSync(file, 'utf8').includes('sharedBrokers');
}

// An interrupted run ends its test processes, and with them whatever they started.
const interrupted = new AbortController();
setMaxListeners(0, interrupted.signal); // one a file
for (const signal of ['SIGINT', 'SIGTERM'])
  process.once(signal, () => {
    interrupted.abort();
    process.exitCode = 130;
    setTimeout(() => process.exit(130), 2_000);
  });

let failed = 0;
const skipped = [];
run({ files, concurrency: 2, signal: interrupted.signal })
  .on('test:fail', (event) => {
    if (event.todo === undefined || event.todo === false) failed += 1;
  })
  .on('test:pass', (event) => {
    if (event.skip !== undefined && event.skip !== false)
      skipped.push({ name: event.name, reason: String(event.skip) });
  })
  .on('end', () => {
    for (const { name, reason } of skipped) process.stdout.write(`skipped: ${name} (${reason})\n`);
    // With CI=true nothing may be skipped but what needs the fixtures folder where that is unset.
    const unexcused = skipped.filter(
      ({ reason }) => process.env.CORRIDOR_FIXTURES || !reason.includes('CORRIDOR_FIXTURES'),
    );
    if (process.env.CI === 'true' && unexcused.length > 0) {
      process.stdout.write(`${unexcused.length} tests were skipped that should have run\n`);
      failed += unexcused.length;
    }
    if (!interrupted.signal.aborted) process.exitCode = failed > 0 ? 1 : 0;
  })
  .compose(spec)
  .pipe(process.stdout);
