// Loaded into every test file by scripts/test-runner.mjs: ends one that hangs, and finds what node:test
// would report as a pass: a file that leaves before its tests are through, and a loop over no cases.
import { readFileSync } from 'node:fs';
import { register } from 'node:module';
import { after, afterEach, beforeEach } from 'node:test';
import { fileURLToPath } from 'node:url';
import { isMainThread, Worker } from 'node:worker_threads';
import { MARK } from './test-empty-loops.mjs';
import { LIMITS } from './test-time-limits.mjs';
import { isPlain, runningFile, tellTime } from './test-times.mjs';

/** `cases`, with `turn` called as soon as there is one; they are read no earlier than before. */
function counted(cases, turn) {
  const size = cases.length ?? cases.size;
  if (size === undefined) return lazily(cases, turn);
  if (size > 0) turn();
  return cases;
}

function lazily(cases, turn) {
  return {
    *[Symbol.iterator]() {
      for (const one of cases) {
        turn();
        yield one;
      }
    },
    async *[Symbol.asyncIterator]() {
      for await (const one of cases) {
        turn();
        yield one;
      }
    },
  };
}

// A process or thread that a test starts inherits the options of Node, and is no test file.
if (isMainThread && /\.test\.[cm]?js$/.test(process.argv[1] ?? '')) {
  if (isPlain(process.argv[1])) await import('./test-plain-bans.mjs');
  process.on('exit', tellTime);
  let isThrough = false;
  process.once('beforeExit', () => {
    isThrough = true;
  });
  process.on('exit', (code) => {
    if (code !== 0) return;
    const idle = [...turns].filter(([, count]) => count === 0).map(([place]) => place);
    const faults = idle.map((place) => `${place}: a loop that asserts never had a turn`);
    if (!isThrough) faults.push(`${runningFile()} ended before its tests: process.exit was called`);
    if (faults.length > 0) process.exitCode = 1;
    for (const fault of faults) process.stderr.write(`${fault}\n`);
  });

  /** Turns of each loop of this file that asserts, by place: those that were reached. */
  const turns = new Map();
  globalThis[Symbol.for('corridor.loops')] = (url) => {
    const reached = (line) => {
      const place = `${fileURLToPath(url)}:${line}`;
      if (!turns.get(place)) turns.set(place, 0);
      return () => turns.set(place, 1);
    };
    return {
      /** The cases of a loop. */
      over: (line, cases) => counted(cases, reached(line)),
      /** The arguments of forEach and the like. */
      called(line, callback, ...others) {
        const turn = reached(line);
        const call = function (...args) {
          turn();
          return callback.apply(this, args);
        };
        return [call, ...others];
      },
    };
  };
  if (!readFileSync(process.argv[1], 'utf8').startsWith(MARK))
    register('./test-empty-loops.mjs', import.meta.url);

  const said = process.env.CORRIDOR_TEST_LIMITS_S?.split(' ').map(Number);
  const [limitS, fileLimitS, leftLimitS] = said ?? Object.values(LIMITS);
  // On a thread of its own, as a loop without end lets no timer of this one come. This one may still
  // clean up and exit; where it does not it is killed.
  const watchdog = new Worker(
    `const { writeSync } = require('node:fs');
    const { parentPort } = require('node:worker_threads');
    const timers = new Map();
    let left;
    const limit = (what, seconds) =>
      setTimeout(() => {
        writeSync(2, what + ' ran for more than ' + seconds + ' seconds\\n');
        parentPort.postMessage('exit');
        setTimeout(() => process.kill(process.pid, 'SIGKILL'), 2_000);
      }, seconds * 1_000);
    limit('the file', ${fileLimitS});
    parentPort.on('message', ({ id, begins, areOver }) => {
      clearTimeout(left);
      if (areOver) left = limit('what the tests of ' + areOver + ' left running', ${leftLimitS});
      else if (begins !== undefined) timers.set(id, limit('the test "' + begins + '"', ${limitS}));
      else {
        clearTimeout(timers.get(id));
        timers.delete(id);
      }
    });`,
    { eval: true, execArgv: [] },
  );
  watchdog.on('message', () => process.exit(1));
  watchdog.unref();

  // By the context of the test, as tests of one name may run at once.
  const ids = new WeakMap();
  let count = 0;
  beforeEach((test) => {
    count += 1;
    ids.set(test, count);
    watchdog.postMessage({ id: count, begins: test.fullName ?? test.name });
  });
  // A test that fails may leave open what its last lines would have closed.
  after(() => watchdog.postMessage({ areOver: runningFile() }));
  afterEach((test) => watchdog.postMessage({ id: ids.get(test) }));
}
