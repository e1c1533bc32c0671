/** A seal on a thread of its own is that of the events and files that were there. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { openCheckpoint, parsePolicy } from '../../services/evidence/cosigner-policy.ts';
import { EventLog } from '../../services/evidence/event-transparency-log.ts';
import { RunSealThread } from '../../services/run/run-seal-thread.ts';
import { verifySeal } from '../../services/run/verify-seal.ts';
import { hashing, someEvents } from './sample-log.ts';

describe('a seal on a thread', () => {
  const folder = mkdtempSync(join(tmpdir(), 'corridor-seal-thread-'));
  after(() => rmSync(folder, { recursive: true }));
  const read = (path: string) => readFileSync(join(folder, 'evidence', path), 'utf8');

  it('has the events of each pool in their order, and every file', async () => {
    writeFileSync(join(folder, 'summary.json'), '{"observed":{}}');
    const seal = new RunSealThread(folder, 'sandbox-1');
    // Its events are the thread's own: who gave them may write over them.
    const given = someEvents(1_000);
    await seal.take('main', given.subarray(0, 700 * 128));
    await seal.take('other', someEvents(3));
    await seal.take('main', given.subarray(700 * 128));
    given.fill(0);
    await seal.finish();
    await seal.stop();
    const { faults, files, events, unchecked } = await verifySeal(folder, null);
    assert.deepEqual(faults, []);
    // As of an observed run.
    assert.deepEqual([events.size, unchecked], [0, ['main', 'other']]);
    // Of the pools two checkpoints, 9 tiles and 2; keys, policy and summary.
    assert.equal(files, 16);
    const keys = JSON.parse(read('day-keys.json'));
    assert.deepEqual(Object.keys(keys), ['2026-03-16', '2026-03-17']);
    const policy = parsePolicy(read('policy'));
    for (const [pool, count] of [
      ['main', 1_000],
      ['other', 3],
    ] as const) {
      const { size, root } = openCheckpoint(read(`pool/${pool}/checkpoint`), policy);
      const log = new EventLog(hashing, (day) => Buffer.from(keys[day], 'hex'));
      log.append(someEvents(count));
      assert.deepEqual([size, Buffer.from(root)], [count, Buffer.from(log.tree.root())]);
    }
  });

  it('takes of a file that it was told to hash what it had then, and ends once it has hashed', async () => {
    const sealed = join(folder, 'hashed');
    mkdirSync(sealed);
    // One is read at once, the other in pieces.
    const files = { small: Buffer.from('whole'), large: Buffer.alloc(9 << 20, 'whole') };
    for (const [name, bytes] of Object.entries(files)) writeFileSync(join(sealed, name), bytes);
    writeFileSync(join(sealed, 'summary.json'), '{}');
    const seal = new RunSealThread(sealed, 'sandbox-1');
    await seal.hash(['large', 'small']);
    await seal.finish();
    await seal.stop();
    const lines = readFileSync(join(sealed, 'evidence/files.sha256'), 'utf8').split('\n');
    for (const [name, bytes] of Object.entries(files)) {
      const digest = createHash('sha256').update(bytes).digest('hex');
      assert.ok(lines.includes(`${digest}  ${name}`), name);
    }
    const { faults } = await verifySeal(sealed, null);
    assert.deepEqual(faults, []);
  });

  it('says of a file that it was told to hash that it is not there', async () => {
    const seal = new RunSealThread(join(folder, 'hashed'), 'sandbox-1');
    await assert.rejects(async () => {
      await seal.hash(['gone.csv']);
      await seal.finish();
    }, /ENOENT.*gone\.csv/);
    await seal.stop();
  });

  it('says where the disk refused', async () => {
    writeFileSync(join(folder, 'file'), '');
    const seal = new RunSealThread(join(folder, 'file'), 'sandbox-1');
    await assert.rejects(async () => {
      await seal.take('main', someEvents(256));
      await seal.finish();
    }, /ENOTDIR/);
    await seal.stop();
  });
});
