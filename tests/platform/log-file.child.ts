/**
 * Logs to a file on a disk that is full for a while, twice: run by `log-file.test.ts`.
 *   node log-file.child.js FOLDER-ON-A-SMALL-DISK
 */
import { closeSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { openLogFile } from '../../services/platform/service/log-file.ts';

const [folder = ''] = process.argv.slice(2);
const filler = join(folder, 'filler');
const file = join(folder, 'corridor.log');
const told: string[] = [];
const { logger, close } = openLogFile(file, (reason) => told.push(reason));

/** Logs lines, of 150 bytes or so, while the disk has no room. */
async function logFull(text: string, count: number): Promise<void> {
  const before = told.length;
  const descriptor = openSync(filler, 'w');
  try {
    for (;;) writeSync(descriptor, Buffer.alloc(512, 'x'));
  } catch {
    // It is full.
  }
  for (let line = 0; line < count; line++) {
    logger.info({ line, pad: 'x'.repeat(100) }, text);
    if (line % 100 === 0) await pause(1);
  }
  // Beside other work the first write that finds no room may be late: there is none until it has.
  for (let looks = 0; told.length === before && looks < 2_000; looks++) await pause(5);
  closeSync(descriptor);
  rmSync(filler);
}

logger.info({}, 'before');
await pause(50);
await logFull('waits', 20_000);
for (let line = 0; line < 100; line++) {
  // Longer than those before, so that none finds room among what waits.
  logger.info({ pad: 'x'.repeat(300) }, line < 95 ? 'room' : 'between');
  await pause(2);
}
await logFull('waits again', 500);
// The write that is under way fails first; what waits is written with the last line.
await pause(50);
logger.info({}, 'end');
await close();
const written = readFileSync(file, 'utf8').split('\n');
const all = (text: string) => written.filter((line) => line.includes(`"msg":"${text}"`));
process.stdout.write(
  JSON.stringify({
    told,
    lines: Object.fromEntries(['before', 'between', 'end'].map((text) => [text, all(text).length])),
    waitedBytes: all('waits').reduce((sum, line) => sum + line.length + 1, 0),
  }),
);
process.exit(0);
