/**
 * Logs to a file on a disk that is full for a while: run by `log-file.test.ts`.
 *   node log-file.child.js FOLDER-ON-A-SMALL-DISK
 */
import { closeSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { openLogFile } from './log-file.ts';

const [folder = ''] = process.argv.slice(2);
const filler = join(folder, 'filler');
const told: string[] = [];
const { logger, close } = openLogFile(join(folder, 'corridor.log'), (reason) => told.push(reason));
logger.info({}, 'before');
await pause(50);
const descriptor = openSync(filler, 'w');
try {
  for (;;) writeSync(descriptor, Buffer.alloc(512, 'x'));
} catch {
  // It is full.
}
for (let line = 0; line < 500; line++) {
  logger.info({ line, text: 'x'.repeat(100) }, 'while it is full');
  if (line % 100 === 0) await pause(1);
}
closeSync(descriptor);
rmSync(filler);
for (let line = 0; line < 5; line++) {
  logger.info({}, 'after');
  await pause(20);
}
await close();
process.stdout.write(JSON.stringify(told));
process.exit(0);
