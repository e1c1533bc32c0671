import assert from 'node:assert/strict';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { WholeFolder } from './whole-folder.ts';

const root = mkdtempSync(join(tmpdir(), 'corridor-whole-'));
after(() => rmSync(root, { recursive: true, force: true }));
const at = (name: string) => join(root, name);
const WRITING = {
  word: 'import',
  isOurs: (name: string) => ['a.csv', 'b.csv', 'mark.json'].includes(name),
  mark: 'mark.json',
};
const begun = (path: string, files: readonly string[], text: string): WholeFolder => {
  const folder = new WholeFolder(path, WRITING);
  for (const name of files) writeFileSync(folder.file(name), text);
  return folder;
};

test('a folder is the earlier one or the later one, never a part of each', () => {
  begun(at('one'), ['a.csv', 'b.csv', 'mark.json'], 'earlier').finish();
  const later = begun(at('one'), ['a.csv', 'mark.json'], 'later');
  assert.equal(readFileSync(join(at('one'), 'a.csv'), 'utf8'), 'earlier');
  later.finish();
  assert.deepEqual(readdirSync(at('one')).sort(), ['a.csv', 'mark.json']);
  assert.equal(readFileSync(join(at('one'), 'a.csv'), 'utf8'), 'later');
  assert.deepEqual(
    readdirSync(root).filter((name) => name.startsWith('one.')),
    [],
  );
});

/** Of a process that was killed while it wrote; no process of Linux has a number as large. */
const leave = (name: string) =>
  writeFileSync(at(`${name}.writing`), `${hostname()} 4194305 0123 2026-03-16T09:00:00.000Z`);

test('a process that was killed between both leaves the earlier one, which comes back', () => {
  begun(at('two'), ['a.csv', 'mark.json'], 'earlier').finish();
  renameSync(at('two'), at('two.earlier'));
  mkdirSync(at('two.partial'));
  writeFileSync(at('two.partial/a.csv'), 'later');
  leave('two');
  begun(at('two'), ['a.csv', 'mark.json'], 'third').discard();
  assert.equal(readFileSync(join(at('two'), 'a.csv'), 'utf8'), 'earlier');
  assert.deepEqual(
    readdirSync(root).filter((name) => name.startsWith('two')),
    ['two'],
  );
});

test('one that no process began is left alone, and so is one that another process writes', () => {
  mkdirSync(at('away.partial'));
  writeFileSync(at('away.partial/a.csv'), 'by hand');
  assert.throws(() => new WholeFolder(at('away'), WRITING), {
    name: 'BadInput',
    message: /away\.partial is there, and no import has begun it; or move it away$/,
  });
  assert.ok(existsSync(at('away.partial/a.csv')) && !existsSync(at('away.writing')));
  leave('away');
  const first = begun(at('away'), ['mark.json'], 'first');
  assert.throws(() => new WholeFolder(at('away'), WRITING), {
    name: 'BadInput',
    message: new RegExp(
      `^--out \\S+away: process ${process.pid} writes into it; .*away\\.writing if`,
    ),
  });
  first.finish();
  assert.deepEqual(readdirSync(at('away')), ['mark.json']);
});

test('who has lost the folder to another machine ends, and leaves it what it writes', () => {
  const late = begun(at('lost'), ['a.csv'], 'late');
  writeFileSync(at('lost.writing'), 'another-machine 7 0123 2026-03-16T09:00:00.000Z');
  const lost = /^--out \S+lost: process 7 on another-machine has taken the folder/;
  assert.throws(() => late.file('mark.json'), { name: 'Error', message: lost });
  assert.throws(() => late.finish(), { name: 'Error', message: lost });
  late.discard();
  assert.deepEqual(readdirSync(at('lost.partial')), ['a.csv']);
  assert.match(readFileSync(at('lost.writing'), 'utf8'), /^another-machine 7 /);
});

test('files of its names without its mark are somebody else’s', () => {
  mkdirSync(at('mine'));
  writeFileSync(join(at('mine'), 'a.csv'), 'by hand');
  assert.throws(() => new WholeFolder(at('mine'), WRITING), {
    name: 'BadInput',
    message: /an earlier import or a new name; \S+mine holds a\.csv and is no import$/,
  });
  assert.deepEqual(readdirSync(at('mine')), ['a.csv']);
  mkdirSync(at('empty'));
  begun(at('empty'), ['mark.json'], '').finish();
  assert.deepEqual(readdirSync(at('empty')), ['mark.json']);
});

test('a link to a folder stays one', () => {
  mkdirSync(at('real'));
  symlinkSync(at('real'), at('link'));
  begun(at('link'), ['mark.json'], '').finish();
  assert.deepEqual(readdirSync(at('real')), ['mark.json']);
});
