import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import {
  openLogFile,
  unwrittenText,
  WAITING_BYTES_MAX,
} from '../../services/platform/service/log-file.ts';
import { inOwnMounts, needsMounts } from '../support/own-mounts.ts';

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
// Where nobody may mount, /dev/full above is the full disk.
const skip = needsMounts();
const PAGE_BYTES = 4_096;

test('on a small disk lines wait, up to a bound, and are written when there is room', {
  skip,
}, (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'corridor-log-file-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const mounts = inOwnMounts(folder, 'mount -t tmpfs -o size=8m none "$0"') ?? [];
  const [command = '', ...before] = mounts;
  const { stdout, stderr } = spawnSync(command, [...before, process.execPath, CHILD, folder], {
    encoding: 'utf8',
  });
  const { told, lines, waitedBytes } = JSON.parse(stdout || assert.fail(stderr));
  assert.deepEqual(
    told.map((reason: string) => reason.slice(0, 6)),
    ['ENOSPC', 'ENOSPC'],
    'told again, since it could be written between',
  );
  assert.equal(lines.before, 1);
  assert.equal(lines.between, 5, 'also where the bound was reached');
  assert.equal(lines.end, 1, 'its close waits for what was logged last');
  // What the disk's last page took before it was full has not waited.
  const most = WAITING_BYTES_MAX + 2 * PAGE_BYTES;
  assert.ok(waitedBytes > 500_000 && waitedBytes <= most, String(waitedBytes));
});
