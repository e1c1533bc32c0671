// Loaded into every test file by scripts/test-runner.mjs: ends one that hangs, and finds what node:test
// would report as a pass: a file that leaves before its tests are through, and a loop over no cases.
import { register } from 'node:module';
import { afterEach, beforeEach } from 'node:test';
import { fileURLToPath } from 'node:url';
import { isMainThread, Worker } from 'node:worker_threads';

/** `cases`, with `turn` called as soon as there is one; they are read no earlier than before. */
function counted(cases, turn) {
  const size = cases.length ?? cases.size;
  if (size === undefined) return lazily(cases, turn);
  if (size > 0) turn();
  return cases;
}

function* lazily(cases, turn) {
  for (const one of cases) {
    turn();
    yield one;
  }
}

// A process or thread that a test starts inherits the options of Node, and is no test file.
if (isMainThread && /\.test\.[cm]?js$/.test(process.argv[1] ?? '')) {
  let isThrough = false;
  process.once('beforeExit', () => {
    isThrough = true;
  });
  process.on('exit', (code) => {
    if (code !== 0) return;
    const idle = [...turns].filter(([, count]) => count === 0).map(([place]) => place);
    const faults = idle.map((place) => `${place}: a loop that asserts never had a turn`);
    if (!isThrough)
      faults.push(`${process.argv[1]} ended before its tests: process.exit was called`);
    if (faults.length > 0) process.exitCode = 1;
    for (const fault of faults) process.stderr.write(`${fault}\n`);
  });

  /** Turns of each loop of this file that asserts, by place: those that were reached. */
  const turns = new Map();
  globalThis[Symbol.for('corridor.loops')] = (url) => (line, cases) => {
    const place = `${fileURLToPath(url)}:${line}`;
    if (!turns.get(place)) turns.set(place, 0);
    return counted(cases, () => turns.set(place, 1));
  };
  register('./test-loops.mjs', import.meta.url);

  const [limitS, fileLimitS] = (process.env.CORRIDOR_TEST_LIMITS_S ?? '600 1800')
    .split(' ')
    .map(Number);
  // On a thread of its own, as a loop without end lets no timer of this one come.
  const watchdog = new Worker(
    `const { writeSync } = require('node:fs');
    setTimeout(() => {
      writeSync(2, 'the file ran for more than ${fileLimitS} seconds\\n');
      process.kill(process.pid, 'SIGKILL');
    }, ${fileLimitS * 1_000});`,
    { eval: true, execArgv: [] },
  );
  watchdog.unref();

  const running = new Map();
  beforeEach(({ fullName, name }) => {
    const test = fullName ?? name;
    clearTimeout(running.get(test)); // tests of one name may run at once
    const timer = setTimeout(() => {
      process.stderr.write(`the test "${test}" ran for more than ${limitS} seconds\n`);
      process.exit(1);
    }, limitS * 1_000);
    running.set(test, timer.unref());
  });
  afterEach(({ fullName, name }) => {
    clearTimeout(running.get(fullName ?? name));
    running.delete(fullName ?? name);
  });
}
