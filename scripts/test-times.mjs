// What each test file takes, for the runner: which sees no process of a test from within. A plain file's
// seconds are of processors, hardly more where other work runs beside it. A system file waits for brokers and
// engines that others share: its seconds are of the clock.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export const isPlain = (name) => !/\.(?:system|long)\.test\.[cm]?js$/.test(name);

/** The one of several whose tests run now. */
let file = null;
let toldS = 0;
let count = 0;

/** The file whose tests run now in this process. */
export const runningFile = () => file ?? process.argv[1];

/** Of a process with several files: the tests of `next` begin. The first one has what the process took to start. */
export function beginFile(next) {
  if (file) tellTime();
  file = next;
}

/** Tells what the running file has taken so far. */
export function tellTime() {
  const name = runningFile();
  const nowS = isPlain(name) ? processorSeconds() : process.uptime();
  const row = JSON.stringify({ file: name, seconds: nowS - toldS });
  toldS = nowS;
  count += 1;
  const folder = process.env.CORRIDOR_TEST_TIMES;
  if (folder) writeFileSync(join(folder, `${process.pid}-${count}.json`), row);
}

/** Of this process with its threads, and of those that it started and that have ended: Linux alone tells of these. */
function processorSeconds() {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6 + endedChildrenSeconds();
}

function endedChildrenSeconds() {
  if (process.platform !== 'linux') return 0;
  const text = readFileSync('/proc/self/stat', 'utf8');
  // The name of the program stands in brackets, and may have spaces. cutime and cstime, in hundredths.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[13]) + Number(fields[14])) / 100;
}
