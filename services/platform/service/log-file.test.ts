import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { openLogFile, unwrittenText } from './log-file.ts';

test('a disk that is full is told once, and ends nothing', async () => {
  const told: string[] = [];
  // The device of Linux on which every write finds the disk full.
  const { logger, close } = openLogFile('/dev/full', (reason) => told.push(reason));
  for (let line = 0; line < 50; line++) {
    logger.info({ line }, 'a line');
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  await close();
  assert.deepEqual(
    told.map((reason) => reason.slice(0, 6)),
    ['ENOSPC'],
  );
  const line = unwrittenText('/data/smoke/corridor.log', told[0] ?? '');
  assert.equal(line, 'the disk of /data/smoke is full: nothing is taken until there is room');
});

test('another fault of the file than a full disk stops nothing else', () => {
  assert.equal(
    unwrittenText('/data/smoke/corridor.log', 'EIO: i/o error, write'),
    'corridor.log cannot be written, all else goes on: EIO: i/o error, write',
  );
});

const CHILD = fileURLToPath(new URL('./log-file.child.js', import.meta.url));
/** In a mount namespace of its own, which ends with the command; $0 is the folder, $@ the command. */
const SMALL =
  'mount -t tmpfs -o size=256k none "$0" && "$@" && echo && grep -c before "$0/corridor.log" && grep -c after "$0/corridor.log"';

test('on a small disk lines are written again when there is room', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'corridor-log-file-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const ways = [['--mount'], ['--user', '--map-root-user', '--mount']].map((flags) =>
    spawnSync('unshare', [...flags, 'sh', '-c', SMALL, folder, process.execPath, CHILD, folder], {
      encoding: 'utf8',
    }),
  );
  const done = ways.find(({ status }) => status === 0);
  // Where nobody may mount, /dev/full above is the full disk.
  if (!done) return t.diagnostic('no file system can be mounted here');
  const [told = '', before, after] = done.stdout.trim().split('\n');
  assert.match(told, /^\["ENOSPC[^"]*"\]$/);
  assert.deepEqual([before, Number(after) >= 1], ['1', true], done.stdout);
});
