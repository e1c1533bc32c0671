// Loaded into a plain test file by scripts/test-hangs-and-false-passes.mjs, and into every process of Node that it starts:
// such a test starts no broker, browser or database engine and kills no process, so that `npm test` is
// quick and needs Node alone. What does either is named *.system.test.ts.
import { ChildProcess } from 'node:child_process';
import { basename } from 'node:path';

const STARTED = [
  [/^java$/, 'a broker'],
  [/chrom/i, 'a browser'],
  [/^embedded-process\.js$/, 'a database engine'],
];

const faults = [];
function refuse(what) {
  const fault = `a plain test ${what}: a test that does is named *.system.test.ts`;
  faults.push(fault);
  throw new Error(fault);
}

const { spawn, kill } = ChildProcess.prototype;
ChildProcess.prototype.spawn = function (options) {
  // Newer releases of Node hand their own options down: many stand before the program.
  for (const word of [options.file, ...(options.args ?? [])].slice(0, 64))
    for (const [program, what] of STARTED)
      if (program.test(basename(String(word)))) refuse(`starts ${what} (${word})`);
  return spawn.call(this, options);
};
ChildProcess.prototype.kill = function (signal) {
  if (this.exitCode === null && this.signalCode === null && signal !== 0)
    refuse(`kills a process (${basename(String(this.spawnfile))})`);
  return kill.call(this, signal);
};
const killById = process.kill;
process.kill = (pid, signal) => {
  if (signal !== 0 && pid !== process.pid) refuse(`kills process ${pid}`);
  return killById.call(process, pid, signal);
};

// Nothing that catches the error makes the file pass.
process.on('exit', () => {
  for (const fault of faults) process.stderr.write(`${fault}\n`);
  if (faults.length > 0) process.exitCode = 1;
});
// An engine may be started by what the test starts.
const own = `--import=${import.meta.url}`;
if (!process.env.NODE_OPTIONS?.includes(own))
  process.env.NODE_OPTIONS = `${process.env.NODE_OPTIONS ?? ''} ${own}`.trim();
// A broker of the whole run is none of a plain test's.
delete process.env.KAFKA_BROKERS;
