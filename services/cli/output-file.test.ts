import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { exitCode } from '../platform/exit-codes.ts';
import { refuseOverwrite } from './output-file.ts';

const folder = realpathSync(mkdtempSync(join(tmpdir(), 'corridor-output-file-')));
after(() => rmSync(folder, { recursive: true }));
const at = (name: string) => join(folder, name);

for (const name of ['run', 'other']) {
  mkdirSync(at(`${name}/tables`), { recursive: true });
  const summary = { scenario: 'smoke', version: '0.2.0', eventsHash: '00' };
  writeFileSync(at(`${name}/summary.json`), JSON.stringify(summary));
}
writeFileSync(at('model.json'), '{}');
writeFileSync(at('kept.html'), '');
symlinkSync(at('model.json'), at('link.json'));
symlinkSync(at('run'), at('linked'));

const READS = ['run', 'model.json'].map(at);
const cases: readonly [file: string, refused: RegExp | null][] = [
  ['model.json', /the command reads or writes \S+model\.json too; expected another file$/],
  ['run/../model.json', /reads or writes \S+model\.json too/],
  ['link.json', /reads or writes \S+model\.json too/],
  ['run', /reads or writes \S+run too/],
  ['run/report.html', /it lies in \S+run, which the command reads; expected a file beside it$/],
  ['run/new/page.html', /it lies in \S+run,/],
  ['linked/report.html', /it lies in \S+run,/],
  ['other/report.html', /it is a file of the run \S+other; expected another file$/],
  ['other/tables/payments.parquet', /it is a file of the run \S+other;/],
  ['other/scores.csv', null],
  ['runs.html', null],
  ['kept.html', null],
  ['report.html', null],
  ['none/report.html', null],
];
for (const [file, refused] of cases)
  test(`--out ${file} is ${refused === null ? 'written' : 'refused'}`, () => {
    const path = `${folder}/${file}`;
    const asked = () => refuseOverwrite('--out', path, READS);
    if (refused === null) return asked();
    assert.throws(asked, (error: Error) => {
      assert.ok(error.message.startsWith(`--out ${path}: `), error.message);
      assert.match(error.message, refused);
      assert.equal(exitCode(error), 2);
      return true;
    });
  });
