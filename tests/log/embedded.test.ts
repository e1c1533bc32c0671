import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { openEmbeddedLog } from '../../services/platform/log/embedded/embedded.ts';
import { logContract, readAll } from './log-contract.ts';

const folders: string[] = [];
function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'corridor-log-'));
  folders.push(folder);
  return folder;
}
after(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

logContract('embedded', async () => openEmbeddedLog({ folder: newFolder() }));

const TOPIC = { name: 'payments', partitions: 2, timestamps: 'append' } as const;
const message = (value: Uint8Array) => ({ key: 'DEUTDEF0', value, headers: { ce_id: 'ü' } });

describe('the embedded log', () => {
  it('is as it was after it was closed and opened again', async () => {
    const folder = newFolder();
    let nowMs = 5_000;
    let log = openEmbeddedLog({ folder, now: () => nowMs });
    const compacted = {
      name: 'keys',
      partitions: 1,
      timestamps: 'create',
      compacted: true,
    } as const;
    await log.createTopics([TOPIC, compacted]);
    const [{ partition } = assert.fail()] = await log.produce('payments', [
      message(Buffer.from('a')),
    ]);
    await log.produce('payments', [message(Buffer.from('b')), message(Buffer.from('c'))]);
    await log.commit('verifier', [{ topic: 'payments', partition, logOffset: 2 }]);
    await log.deleteBefore('payments', partition, 1);
    const before = await readAll(log, 'payments', partition, 1);
    await log.close();
    assert.deepEqual(readdirSync(folder), ['log.sqlite']);

    nowMs = 4_000;
    log = openEmbeddedLog({ folder, now: () => nowMs });
    assert.deepEqual(await log.topics(), [compacted, { ...TOPIC, compacted: false }]);
    assert.equal(await log.startOffset('payments', partition), 1);
    assert.deepEqual(await readAll(log, 'payments', partition, 1), before);
    assert.equal(await log.committed('verifier', 'payments', partition), 2);
    const [placed] = await log.produce('payments', [message(Buffer.from('d'))]);
    assert.equal(placed?.logOffset, 3);
    const [last] = await log.read('payments', partition, 3, 1);
    assert.equal(last?.timestampMs, 5_000, 'the clock never goes backwards');
    await log.close();
  });

  it('has in its file what was sent, whatever is sent while that is written', async () => {
    const folder = newFolder();
    let log = openEmbeddedLog({ folder });
    await log.createTopics([{ ...TOPIC, partitions: 1 }]);
    const sent: string[] = [];
    const calls: Promise<unknown>[] = [];
    for (let call = 0; call < 200; call++) {
      const value = `${call} ${String(call % 10).repeat(4_000)}`;
      sent.push(value);
      calls.push(log.produce('payments', [message(Buffer.from(value))]));
      // Some go with those before them, others while these are written.
      if (call % 3 === 0) await new Promise(setImmediate);
      if (call % 50 === 49) await Promise.all(calls);
    }
    await Promise.all(calls);
    await log.close();
    log = openEmbeddedLog({ folder });
    const found = await readAll(log, 'payments', 0, 0);
    assert.deepEqual(
      found.map(({ value }) => Buffer.from(value).toString()),
      sent,
    );
    await log.close();
  });

  it('finds every record from any offset, in memory, in its file and beside a deletion', async () => {
    const folder = newFolder();
    let log = openEmbeddedLog({ folder });
    const topic = { name: 'input', partitions: 1, timestamps: 'create' } as const;
    await log.createTopics([topic]);
    // Calls of 1 to 299 records: several share a run of the file, and large ones have more than one.
    const sent: string[] = [];
    for (let call = 0; call < 12; call++) {
      const messages = Array.from({ length: 1 + ((call * 149) % 299) }, (_, index) => {
        const value = `${sent.length + index} ${'x'.repeat((call * 613 + index * 71) % 2_000)}`;
        return { key: index % 3 === 0 ? null : 'ü', value: Buffer.from(value), headers: {} };
      });
      for (const { value } of messages) sent.push(value.toString());
      await log.produce('input', messages);
    }
    const check = async (start: number) => {
      for (let from = start; from < sent.length; from += 13) {
        const records = await log.read('input', 0, from, 1 + (from % 700));
        assert.ok(records.length > 0 && records.length <= 1 + (from % 700));
        records.forEach(({ logOffset, value }, index) => {
          assert.equal(logOffset, from + index);
          assert.equal(Buffer.from(value).toString(), sent[logOffset]);
        });
      }
    };
    await check(0);
    await log.close();
    log = openEmbeddedLog({ folder });
    await check(0);
    await log.deleteBefore('input', 0, 401);
    await check(401);
    await log.close();
    log = openEmbeddedLog({ folder });
    assert.equal(await log.startOffset('input', 0), 401);
    assert.equal(await log.endOffset('input', 0), sent.length);
    await check(401);
    await log.close();
  });

  it('keeps a second writer out while it is open, in this process and another', async () => {
    const folder = newFolder();
    const log = openEmbeddedLog({ folder });
    const owner = process.platform === 'linux' ? `process ${process.pid}` : 'another process';
    const locked = { kind: 'locked', message: new RegExp(`is open in ${owner}: stop that one`) };
    assert.throws(() => openEmbeddedLog({ folder }), locked);
    const script = `import { openEmbeddedLog } from ${JSON.stringify(import.meta.resolve('../../services/platform/log/embedded/embedded.js'))};
      try { openEmbeddedLog({ folder: ${JSON.stringify(folder)} }); console.log('opened'); }
      catch (error) { console.log(error.kind, error.message); }`;
    const open = () =>
      spawnSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' });
    assert.match(open().stdout, new RegExp(`^locked the log in .* is open in ${owner}: stop that`));
    await log.close();
    assert.equal(open().stdout, 'opened\n');
    // That process ended without closing the log: what it held is free.
    await openEmbeddedLog({ folder }).close();
  });

  it('says that the disk is full, wrote nothing of that call, and still reads', async () => {
    const folder = newFolder();
    const log = openEmbeddedLog({ folder, bytesMax: 2_000_000 });
    await log.createTopics([TOPIC]);
    let stored = 0;
    const batch = Array.from({ length: 20 }, () => message(new Uint8Array(10_000)));
    const fill = async () => {
      for (;;) stored += (await log.produce('payments', batch)).length;
    };
    await assert.rejects(fill(), { kind: 'diskFull', message: /the disk is full/ });
    assert.ok(stored >= 80 && stored < 200, `${stored} messages of 10 kB in 2 MB`);
    const ends = [await log.endOffset('payments', 0), await log.endOffset('payments', 1)];
    assert.equal(ends[0]! + ends[1]!, stored);
    const partition = ends[0] === stored ? 0 : 1;
    assert.equal((await readAll(log, 'payments', partition)).length, stored);

    await log.deleteBefore('payments', partition, stored);
    const [placed] = await log.produce('payments', batch);
    assert.equal(placed?.logOffset, stored, 'it goes on once there is room');
    await log.close();
  });

  it('fails together what it would have written together', async () => {
    const log = openEmbeddedLog({ folder: newFolder(), bytesMax: 1_000_000 });
    await log.createTopics([TOPIC]);
    const results = await Promise.allSettled([
      log.produce('payments', [message(new Uint8Array(10))]),
      log.produce('payments', [message(new Uint8Array(1_000_000))]),
      log.commit('verifier', [{ topic: 'payments', partition: 0, logOffset: 1 }]),
    ]);
    assert.deepEqual(
      results.map(({ status }) => status),
      ['rejected', 'rejected', 'rejected'],
    );
    assert.equal(await log.committed('verifier', 'payments', 0), null);
    const [placed] = await log.produce('payments', [message(new Uint8Array(10))]);
    assert.equal(placed?.logOffset, 0);
    await log.close();
  });

  it('names a folder or file that it cannot use', () => {
    const folder = newFolder();
    const file = join(folder, 'log.sqlite');
    writeFileSync(file, 'this is not a database, and long enough to be read as one'.repeat(100));
    assert.throws(() => openEmbeddedLog({ folder }), {
      kind: 'damaged',
      message: /not a database/,
    });
    assert.throws(() => openEmbeddedLog({ folder: file }), {
      kind: 'storeFailed',
      message: new RegExp(`nothing can be written in ${file} \\(ENOTDIR: .*: name a folder`),
    });
  });
});
