import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { asyncBufferFromFile, parquetReadObjects } from 'hyparquet';
import { DocumentColumn } from './parquet-encodings.ts';
import { ParquetTable } from './parquet-table.ts';

/** Nothing, what is not ASCII, what repeats itself, and what a copy of Snappy's does not reach back to. */
const GROUPS = [
  ['', 'é😀', 'ab'.repeat(40_000)],
  [Array.from({ length: 30_000 }, (_, n) => `${(n * 7919) % 10_007},`).join(''), 'x'],
  [''],
];

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'corridor-documents-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const read = async (file: string): Promise<unknown[]> =>
  (await parquetReadObjects({ file: await asyncBufferFromFile(file) })).map(({ text }) => text);

test('documents that are given row by row come out again', async () => {
  const file = join(folder, 'rows.parquet');
  const table = new ParquetTable(file, { text: 'document' });
  for (const text of GROUPS.flat()) table.add({ text });
  table.end();
  assert.deepEqual(await read(file), GROUPS.flat());
});

test('documents that are given as a column come out again, group by group', async () => {
  const file = join(folder, 'columns.parquet');
  const table = new ParquetTable(file, { text: 'document' });
  const column = new DocumentColumn();
  for (const texts of GROUPS) {
    for (const text of texts) column.add(text);
    table.addGroup(texts.length, [column.encode()]);
  }
  table.end();
  assert.deepEqual(await read(file), GROUPS.flat());
});
