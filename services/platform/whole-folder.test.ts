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
import { tmpdir } from 'node:os';
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

test('a process that was killed between both leaves the earlier one, which comes back', () => {
  begun(at('two'), ['a.csv', 'mark.json'], 'earlier').finish();
  begun(at('two'), ['a.csv', 'mark.json'], 'later');
  renameSync(at('two'), at('two.earlier'));
  begun(at('two'), ['a.csv', 'mark.json'], 'third').discard();
  assert.equal(readFileSync(join(at('two'), 'a.csv'), 'utf8'), 'earlier');
  assert.ok(!existsSync(at('two.earlier')));
});

test('files of its names without its mark are somebody else’s', () => {
  mkdirSync(at('mine'));
  writeFileSync(join(at('mine'), 'a.csv'), 'by hand');
  assert.throws(() => new WholeFolder(at('mine'), WRITING), {
    name: 'BadInput',
    message: /an earlier import or a new name; \S+mine holds a\.csv and no mark\.json$/,
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
