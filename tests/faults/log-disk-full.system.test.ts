/**
 * The embedded log's disk is full under load: the intake refuses clearly, nothing that it took is
 * lost, and all goes on when there is room. On a small file system of its own, in a mount namespace
 * that ends with the test, where the machine lets one be made; else by the log's own bound.
 */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { inOwnMounts } from '../support/own-mounts.ts';

const CHILD = fileURLToPath(new URL('./log-disk-full.child.js', import.meta.url));
const SMALL_DISK = 'mount -t tmpfs -o size=64m none "$0"';
const BYTES_MAX = 12_000_000;

function run(command: readonly string[]): Promise<{ how: string; stdout: string; stderr: string }> {
  const child = spawn(command[0] as string, command.slice(1), {
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: 300_000,
    killSignal: 'SIGKILL',
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  return new Promise((resolve) =>
    child.on('close', (code, signal) => resolve({ how: signal ?? String(code), stdout, stderr })),
  );
}

test('the disk is full under load: refused clearly, nothing lost, and it goes on', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'corridor-disk-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const disk = inOwnMounts(folder, SMALL_DISK);
  const node = [process.execPath, CHILD, folder];
  const { how, stdout, stderr } = await run(
    disk ? [...disk, ...node] : [...node, String(BYTES_MAX)],
  );
  assert.deepEqual({ how, stderr }, { how: '0', stderr: '' });
  t.diagnostic(`${disk ? 'a disk of 64 MB' : `a bound of ${BYTES_MAX} bytes`}: ${stdout.trim()}`);
});
