import assert from 'node:assert/strict';
import { createWriteStream, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { InputLogThread } from './input-log-thread.ts';
import { InputLogWriter } from './input-log-writer.ts';

const made = {
  scenario: { name: 's', seed: 7, network: 'n', pools: [{ name: 'main' }, { name: 'other' }] },
  version: '0.1.0',
  signatures: true,
};
const said = { eventsHash: 'e', summaryDigest: 's' };
/** More slices than may wait, of small records and of large ones. */
const slices = Array.from({ length: 40 }, (_, slice) => ({
  pool: slice % 2,
  values: Array.from({ length: slice % 7 }, (_, at) =>
    Buffer.alloc(1 + slice * at * 97, `${slice}-${at}.`),
  ),
}));

describe('input.log by a thread', () => {
  let folder = '';
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'corridor-input-log-'));
  });
  after(() => rmSync(folder, { recursive: true }));

  test('has the bytes that it has without one', async () => {
    const [alone, beside] = [join(folder, 'alone'), join(folder, 'beside')];
    const writer = new InputLogWriter(createWriteStream(alone), made);
    const thread = new InputLogThread(beside, made);
    for (const { pool, values } of slices) {
      await writer.write(pool, values);
      const kept = values.map((value) => Buffer.from(value));
      await thread.write(pool, values);
      assert.deepEqual(values, kept, 'whoever gave the records has them still');
    }
    await writer.end(said);
    await thread.end(said);
    thread.destroy();
    assert.deepEqual(readFileSync(beside), readFileSync(alone));
  });

  test('a file that cannot be written ends it, whoever waits', async () => {
    const thread = new InputLogThread(join(folder, 'none/input.log'), made);
    const all = async () => {
      for (const { pool, values } of slices) await thread.write(pool, values);
      await thread.end(said);
    };
    await assert.rejects(all(), /ENOENT/);
    thread.destroy();
  });
});
