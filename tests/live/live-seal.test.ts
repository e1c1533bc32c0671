/** A network's services over a log in memory, whose notifier seals into a folder. */
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { startSealing } from '../../services/notifier/seal-loop.ts';
import type { Bic } from '../../services/protocol/names/bic-and-uetr.ts';
import { BLOCKS, poolEvents, poolInput } from '../../services/protocol/names/topic-plan.ts';
import { writeControl } from '../../services/protocol/records/input-record.ts';
import { logKeysFolder } from '../../services/sandbox/secret-keys.ts';
import { checkOpenings, checkSeal, sealIn } from '../faults/seal-check.ts';
import {
  liveNetwork,
  memoryLog,
  POOL,
  processOver,
  scenario,
  send,
  startNetwork,
  until,
} from '../support/live.ts';

const { network } = liveNetwork;
const NEVER_MS = 1e9;

function folderOf(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'corridor-seal-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

test('a live pool is sealed while it settles, and goes on behind a restart', async (t) => {
  const [log, folder] = [memoryLog(), folderOf(t)];
  const sealOf = (pool: string) => sealIn(folder, network, pool);
  let opened = 0;
  for (const from of [0, 40]) {
    const live = await startNetwork(log, { sealOf });
    await send(log, 71, from, from + 30);
    const before = await log.endOffset(BLOCKS, 0);
    await until('what came is sealed', async () => (await log.endOffset(BLOCKS, 0)) > before);
    await send(log, 71, from + 30, from + 40);
    await live.quiet();
    await live.stop();
    assert.ok((await checkSeal(log, folder, network, POOL)).length > 1);
    for (const { bic } of scenario.participants)
      opened += await checkOpenings(log, folder, POOL, bic as Bic);
  }
  assert.ok(opened > 100, `${opened} openings`);
  const secrets = join(logKeysFolder(folder), POOL);
  const day = new Date().toISOString().slice(0, 10);
  for (const name of ['log.pem', `${day}.key`].filter((one) => existsSync(join(secrets, one))))
    assert.equal(statSync(join(secrets, name)).mode & 0o777, 0o400, name);
});

test('the close of a currency is sealed at once, and so is what is left when the notifier stops', async (t) => {
  const [log, folder] = [memoryLog(), folderOf(t)];
  const live = await startNetwork(log, {
    sealOf: (pool) => sealIn(folder, network, pool, NEVER_MS),
  });
  await send(log, 72, 0, 10);
  await until('it is settled', async () => (await log.endOffset(poolEvents(POOL), 0)) > 3);
  assert.equal(await log.endOffset(BLOCKS, 0), 0);
  const [timeMs, date] = [Date.now(), new Date().toISOString().slice(0, 10)];
  const value = writeControl({ kind: 'close', timeMs, currency: 'EUR', date });
  await log.produce(poolInput(POOL), [{ key: POOL, value, headers: {} }]);
  await until('the close is sealed', async () => (await log.endOffset(BLOCKS, 0)) === 1);
  await send(log, 72, 10, 20);
  await live.stop();
  assert.equal((await checkSeal(log, folder, network, POOL)).length, 2);
});

test('a seal that fails for what passes is tried again, and tells how far it is behind', async () => {
  const shared = processOver(memoryLog());
  const seal = {
    ...{ taken: 7, sealed: 2, tries: 0 },
    async seal() {
      this.tries += 1;
      if (this.tries === 1) throw Object.assign(new Error('full'), { kind: 'diskFull' });
      this.sealed = this.taken;
    },
  };
  const loop = startSealing(shared.context('notifier', POOL), seal, NEVER_MS);
  await shared.health.look();
  const [sample] = shared.health.samples();
  assert.deepEqual(
    [sample?.service, sample?.reader, sample?.lagRecords],
    ['notifier', `${POOL}/seal`, 5],
  );
  assert.equal(seal.tries, 0);
  loop.soon();
  await until('it is sealed', () => seal.sealed === 7);
  assert.equal(await shared.health.outstanding(), 0);
  assert.equal(seal.tries, 2);
  seal.taken = 8;
  await loop.stop();
  assert.equal(seal.sealed, 8);
});
