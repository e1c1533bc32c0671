/**
 * The disk of a whole sandbox is full: log, log lines, snapshots and tables. Its gateway answers 503 or
 * what it read, nothing ends it, and it is ready again when there is room.
 */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { inOwnMounts, needsMounts } from '../support/own-mounts.ts';
import { scenarioFile } from '../support/run.ts';

const MAIN = fileURLToPath(new URL('../../services/cli/main.js', import.meta.url));
const SMALL_DISK = 'mount -t tmpfs -o size=160m none "$0"';
/** Keeps the mount, fills it on a line of its input, and makes room on the next. */
const FILLED = `"$@" & up=$!
  read line; dd if=/dev/zero of="$0/filler" bs=1M 2>/dev/null; echo FILLED
  read line; rm "$0/filler"; echo ROOM
  read line; kill -INT $up; wait $up`;

// Where nobody may mount, log-disk-full.system.test.ts has the log's own bound and log-file.test.ts /dev/full.
const skip = needsMounts();

test('a sandbox whose disk is full goes on when there is room', { skip }, async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'corridor-full-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const mounts = inOwnMounts(folder, SMALL_DISK) ?? [];
  const args = ['up', scenarioFile('smoke'), '--data', join(folder, 'sandbox'), '--traffic', '200'];
  const ports = ['--port', '0', '--view-port', '0'];
  const [command = '', ...before] = mounts;
  const shell = ['bash', '-c', FILLED, folder];
  const child = spawn(command, [...before, ...shell, process.execPath, MAIN, ...args, ...ports]);
  t.after(() => child.stdin.destroy());
  let said = '';
  let errors = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors += text;
  });
  const code = new Promise<number | null>((resolve) => child.once('close', resolve));
  const until = async (what: string, isSo: () => boolean | Promise<boolean>) => {
    for (let look = 0; look < 1_200; look++) {
      if (await isSo()) return;
      assert.equal(child.exitCode, null, `${what}: ended: ${errors}`);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    assert.fail(`${what}: in vain; ${said} ${errors}`);
  };
  const ready = async () => {
    const url = /probes +(http:\S+)\/readyz/.exec(said)?.[1];
    const answer = await fetch(`${url}/readyz`);
    return { status: answer.status, text: await answer.text() };
  };
  await until('it is up', () => said.includes('Ctrl-C ends it'));
  child.stdin.write('fill\n');
  await until('the disk is full', () => said.includes('FILLED'));
  await until('it says so', async () => (await ready()).status === 503);
  await until('its log lines are told', () => errors.includes('is full: nothing is taken'));
  child.stdin.write('room\n');
  await until('there is room', () => said.includes('ROOM'));
  await until('it is ready again', async () => (await ready()).status === 200);
  child.stdin.write('end\n');
  assert.equal(await code, 130, errors);
});
