import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { packageFolder } from '../../services/platform/service/build-info.ts';
import { inOwnMounts, needsMounts } from '../support/own-mounts.ts';

test('a disk that has room for a folder and no file keeps nothing of a run', {
  skip: needsMounts(),
}, (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'corridor-begin-'));
  t.after(() => rmSync(folder, { recursive: true }));
  // Its own folder is the first of two.
  const [command = '', ...args] =
    inOwnMounts(folder, 'mount -t tmpfs -o nr_inodes=2 none "$0"') ?? [];
  const module = JSON.stringify(join(packageFolder, 'dist/services/run/run-folder.js'));
  const code = `
    import { readdirSync } from 'node:fs';
    import { RunFolder } from ${module};
    try { new RunFolder(process.argv[1] + '/X'); } catch (error) { console.log(error.name, error.message); }
    console.log(readdirSync(process.argv[1]).length);`;
  const child = [process.execPath, '--input-type=module', '-e', code, folder];
  const { stdout, stderr } = spawnSync(command, [...args, ...child], { encoding: 'utf8' });
  assert.equal(
    stdout,
    `BadInput --out ${folder}/X: expected a folder that can be written (ENOSPC)\n0\n`,
    stderr,
  );
});
