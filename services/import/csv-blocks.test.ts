import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { parse } from 'csv-parse/sync';
import { SeededStream } from '../scenario/random-streams.ts';
import { type CsvForm, csvBlocks } from './csv-blocks.ts';

const folder = mkdtempSync(join(tmpdir(), 'corridor-blocks-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const FORM: CsvForm = { separator: ';', encoding: 'utf-8' };

function rowsOf(content: string | Uint8Array, form = FORM) {
  const path = join(folder, 'p.csv');
  writeFileSync(path, content);
  return [...csvBlocks(path, form)].flatMap(({ rows, lines }) =>
    rows.map((row, at) => ({ line: lines[at], row: row.map((field) => field.trim()) })),
  );
}

for (const seed of [1, 2])
  test(`rows and lines are csv-parse's over several blocks, seed ${seed}`, () => {
    const stream = new SeededStream(seed, 'blocks');
    const upTo = (count: number) => Math.floor(stream.uniform() * count);
    const pieces = ['a', 'ü', ' ', ';', '\n', '""', '\r\n', '€', '12'];
    const end = seed % 2 === 0 ? '\r\n' : '\n';
    const field = () => {
      const isQuoted = upTo(3) === 0;
      const text = Array.from({ length: upTo(12) }, () => pieces[upTo(pieces.length)]).join('');
      return isQuoted ? `"${text}"` : text.replace(/[;\n\r"]/g, 'x').trim();
    };
    const text = `${Array.from({ length: 9000 }, () => ['r', field(), field(), field()].join(';')).join(end)}${end}`;
    assert.ok(text.length > 200_000);
    const expected = parse(text, { delimiter: ';', info: true, record_delimiter: end, trim: true });
    const found = rowsOf(`\uFEFF${text}`);
    let line = 1;
    for (const [at, { record }] of (expected as unknown as { record: string[] }[]).entries()) {
      assert.deepEqual(found[at], { line, row: record.map((one) => one.trim()) });
      line += 1 + record.join('').split('\n').length - 1;
    }
    assert.equal(found.length, expected.length);
  });

test('a quote that nothing closes is told by its line, in a long file too', () => {
  for (const more of [10, 300_000])
    assert.throws(() => rowsOf(`a;b\n"c\nd";e\nf;"g\n${'h;i\n'.repeat(more)}`), {
      name: 'ScenarioError',
      message: /p\.csv:4: expected a quote that closes the field that one opens/,
    });
});

test('text is read in its encoding, and no other', () => {
  const latin = Buffer.from('M\xfcller;1\n', 'latin1');
  assert.deepEqual(rowsOf(latin, { ...FORM, encoding: 'windows-1252' })[0]?.row, ['Müller', '1']);
  assert.throws(() => rowsOf(latin), {
    message:
      /p\.csv:1: from this line on, not utf-8: expected an encoding that fits \(utf-16le or windows-1252\)/,
  });
  const wide = Buffer.from('\uFEFFMüller;1\n', 'utf16le');
  assert.deepEqual(rowsOf(wide, { ...FORM, encoding: 'utf-16le' })[0]?.row, ['Müller', '1']);
});
