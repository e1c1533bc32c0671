import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { OWNER_FILE, own } from './one-writer-of-a-folder.ts';
import { packageFolder } from './service/build-info.ts';

/** No process of Linux has a number as large. */
const DEAD = `${hostname()} 4194305 0123 2026-03-16T09:00:00.000Z`;
const ELSEWHERE = 'another-machine 7 0123 2026-03-16T09:00:00.000Z';
const hashOf = (claim: string) => createHash('sha256').update(claim).digest('hex').slice(0, 16);

function folderOf(t: TestContext) {
  const folder = mkdtempSync(join(tmpdir(), 'corridor-owner-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return { folder, file: join(folder, OWNER_FILE) };
}
const silentFor = (file: string, seconds: number) => {
  const then = new Date(Date.now() - seconds * 1000);
  utimesSync(file, then, then);
};

test('an owner whose folder is removed goes on, and signs again once it can', (t) => {
  t.mock.timers.enable({ apis: ['setInterval'] });
  const { folder, file } = folderOf(t);
  const claim = own(file, '--out');
  rmSync(file);
  t.mock.timers.tick(10_000);
  assert.ok(existsSync(file));
  rmSync(folder, { recursive: true });
  t.mock.timers.tick(10_000);
  claim.check();
  claim.release();
  assert.ok(!existsSync(folder));
});

test('an owner signs every ten seconds, in the same words', (t) => {
  t.mock.timers.enable({ apis: ['setInterval'] });
  const { file } = folderOf(t);
  const claim = own(file, '--out');
  const text = readFileSync(file, 'utf8');
  assert.match(text, new RegExp(`^\\S+ ${process.pid} [0-9a-f]{16} \\d{4}-\\S+Z$`));
  silentFor(file, 90);
  t.mock.timers.tick(10_000);
  assert.ok(Date.now() - statSync(file).mtimeMs < 30_000);
  assert.equal(readFileSync(file, 'utf8'), text);
  assert.throws(() => own(file, '--out x'), {
    name: 'BadInput',
    message: `--out x: process ${process.pid} writes into it; expected another folder, or wait for it, or remove ${file} if that process is another program's`,
  });
  claim.release();
  assert.ok(!existsSync(file));
});

test('who was silent and lost the folder is told so, and leaves the claim of its successor', (t) => {
  t.mock.timers.enable({ apis: ['setInterval'] });
  const { file } = folderOf(t);
  const told: Error[] = [];
  const claim = own(file, '--out x', { onLost: (error) => told.push(error) });
  assert.equal(claim.isTakenOver, false);
  writeFileSync(file, ELSEWHERE);
  t.mock.timers.tick(10_000);
  const message =
    '--out x: process 7 on another-machine has taken the folder, as this process gave no sign for a minute; it writes no more';
  assert.deepEqual(
    told.map((error) => error.message),
    [message],
  );
  assert.equal(claim.isHeld(), false);
  assert.throws(() => claim.check(), { name: 'Error', message });
  claim.release();
  assert.equal(readFileSync(file, 'utf8'), ELSEWHERE);
});

test('a claim that is torn, or of another machine, is free after a minute of silence', (t) => {
  const { folder, file } = folderOf(t);
  for (const [left, who] of [
    ['', 'a process that has not written its number'],
    [hostname(), 'a process that has not written its number'],
    [ELSEWHERE, 'process 7 on another-machine'],
  ]) {
    writeFileSync(file, left as string);
    silentFor(file, 50);
    assert.throws(() => own(file, '--out x'), {
      name: 'BadInput',
      message: `--out x: ${who} writes into it; expected another folder, or wait for it: a minute after its last sign the folder is free`,
    });
    silentFor(file, 70);
    const claim = own(file, '--out');
    assert.ok(claim.isTakenOver);
    claim.release();
    assert.deepEqual(readdirSync(folder), []);
  }
});

test('what a killed taker left is taken too, and of a living one is not', (t) => {
  const { folder, file } = folderOf(t);
  const taker = DEAD.replace('0123', '4567');
  const taking = `${file}-${hashOf(DEAD)}`;
  writeFileSync(file, DEAD);
  writeFileSync(taking, `${hostname()} ${process.ppid} 4567 2026-03-16T09:00:00.000Z`);
  assert.throws(() => own(file, '--out x'), {
    message: new RegExp(`^--out x: process ${process.ppid} writes into it`),
  });
  assert.equal(readFileSync(file, 'utf8'), DEAD);
  // Each was killed as it took what the one before it had left; and a draft, and what is somebody else's.
  writeFileSync(taking, taker);
  writeFileSync(`${taking}-${hashOf(taker)}`, taker.replace('4567', '89ab'));
  writeFileSync(`${file}-0123456789abcdef`, DEAD);
  writeFileSync(`${file}-notes`, 'mine');
  const claim = own(file, '--out');
  assert.deepEqual(readdirSync(folder).sort(), ['.writing', '.writing-notes']);
  claim.release();
});

/** Kills the process before or after the nth call by which files change, as it takes a folder. */
const KILLED = `
  import fs, { readdirSync } from 'node:fs';
  import { syncBuiltinESMExports } from 'node:module';
  const [, file, at] = process.argv;
  let calls = 0;
  for (const name of ['writeFileSync', 'linkSync', 'renameSync', 'rmSync']) {
    const original = fs[name];
    fs[name] = (...args) => {
      if (++calls === Number(at)) process.kill(process.pid, 'SIGKILL');
      return original(...args);
    };
  }
  syncBuiltinESMExports();
  const { own } = await import(${JSON.stringify(join(packageFolder, 'dist/services/platform/one-writer-of-a-folder.js'))});
  own(file, '--out');
  process.stdout.write(String(calls));
  process.exit();`;

test('wherever a taker is killed, the next has the folder, and nothing is left beside its claim', (t) => {
  const { folder, file } = folderOf(t);
  for (let at = 1, steps = 7; at <= steps + 1; at++) {
    writeFileSync(file, DEAD);
    const child = ['--input-type=module', '-e', KILLED, file, String(at)];
    const { signal, stdout, stderr } = spawnSync(process.execPath, child, { encoding: 'utf8' });
    if (at <= steps) assert.equal(signal, 'SIGKILL', `step ${at}: ${stderr}`);
    // A draft, its link, away with it; a draft, its new name, away with it; away with what was held.
    else assert.equal(Number(stdout), steps, stderr);
    const claim = own(file, '--out');
    assert.ok(claim.isTakenOver);
    assert.deepEqual(readdirSync(folder), [OWNER_FILE], `step ${at}`);
    claim.release();
  }
});
