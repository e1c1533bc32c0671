import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createWriteStream, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { Worker } from 'node:worker_threads';
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
    await thread.destroy();
    assert.deepEqual(readFileSync(beside), readFileSync(alone));
  });

  test('a file that cannot be written ends it, whoever waits', async () => {
    const thread = new InputLogThread(join(folder, 'none/input.log'), made);
    const all = async () => {
      for (const { pool, values } of slices) await thread.write(pool, values);
      await thread.end(said);
    };
    await assert.rejects(all(), /ENOENT/);
    await thread.destroy();
  });

  for (const [file, fault] of [
    // The device of Linux on which every write finds the disk full.
    ['/dev/full', /ENOSPC/],
    ['none/input.log', /ENOENT/],
  ] as const)
    test(`what comes after ${file} failed is refused, not waited for`, async () => {
      const stream = createWriteStream(resolve(folder, file));
      const writer = new InputLogWriter(stream, made);
      await new Promise<void>((closed) => stream.once('close', () => closed()));
      for (let again = 0; again < 2; again++)
        await assert.rejects(writer.write(0, [Buffer.alloc(500, 'record')]), fault);
      await assert.rejects(writer.end(said), fault);
      await writer.destroy();
    });

  test('is over once it is given up; what is asked of it then is refused', async () => {
    const started = once(process, 'worker');
    const thread = new InputLogThread(join(folder, 'given-up'), made);
    const [worker] = (await started) as [Worker];
    await thread.destroy();
    assert.equal(worker.threadId, -1);
    await assert.rejects(thread.end(said), /the thread ended, with code \d, before/);
  });

  test('a writer that is given up has closed its file', async () => {
    const stream = createWriteStream(join(folder, 'given-up-alone'));
    const writer = new InputLogWriter(stream, made);
    await writer.destroy();
    assert.ok(stream.closed);
  });
});
