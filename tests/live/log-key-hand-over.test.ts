/** A live network's log changes its key: wherever its notifier is stopped, and what auditors take and refuse then. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { verifyNotes } from '../../services/cli/verify-notes.ts';
import {
  createSigner,
  secretKeyFromPem,
  secretKeyPem,
} from '../../services/core/verification/signing.ts';
import { createVerification } from '../../services/core/verification/verification.ts';
import { checkpointText } from '../../services/evidence/checkpoint.ts';
import { HAND_OVER_FILE, nextKeyIn, openHandOver } from '../../services/evidence/key-hand-over.ts';
import { openCheckpoint, parsePolicy } from '../../services/evidence/policy.ts';
import {
  formatNote,
  isSignedBy,
  KEY_TYPE,
  noteKey,
  parseVerifierKey,
  signNote,
  verifierKey,
} from '../../services/evidence/signed-note.ts';
import type { SealedBy } from '../../services/notifier/notifier-service.ts';
import { PoolSeal } from '../../services/notifier/pool-seal.ts';
import { type Log, LogError } from '../../services/platform/log/log.ts';
import { openDayKeyFiles, openSealFiles } from '../../services/platform/service/seal-folders.ts';
import { BLOCKS, DAY_KEYS } from '../../services/protocol/names/topic-plan.ts';
import { LogAudit } from '../../services/replay/audit-log.ts';
import { dayKey, hashing, someEvents } from '../evidence/sample-log.ts';
import { readAll } from '../faults/history-check.ts';
import { sealIn } from '../faults/seal-check.ts';
import {
  core,
  liveNetwork,
  memoryLog,
  POOL,
  processOver,
  send,
  startNetwork,
} from '../support/live.ts';
import { Stopped, StoppingDisk } from '../support/stopping-disk.ts';

const ORIGIN = 'corridor.invalid/sandbox-1/00000000/pool/main';
const [FIRST, SECOND] = [Buffer.alloc(32, 81), Buffer.alloc(32, 82)];
const keyOf = (secret: Uint8Array, origin = ORIGIN) =>
  verifierKey(noteKey(origin, KEY_TYPE.log, createSigner(secret).publicKey));
const policyOf = (...keys: readonly string[]) =>
  parsePolicy(`${keys.map((key) => `log ${key}\n`).join('')}quorum none\n`);

function folderOf(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'corridor-hand-over-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

test('wherever it is stopped, the key is handed over once it goes on, and the log stays one', async () => {
  const context = processOver(memoryLog()).context('notifier', POOL);
  let isThrough = false;
  let stops = 0;
  for (let after = 0; !isThrough; after += 1) {
    const log = memoryLog();
    await log.createTopics(
      [BLOCKS, DAY_KEYS].map((name) => ({ name, partitions: 1, timestamps: 'create' as const })),
    );
    const disk = new StoppingDisk('/keys');
    const stopping: Log = {
      ...log,
      async produce(topic, messages) {
        disk.step();
        const places = await log.produce(topic, messages);
        disk.step();
        return places;
      },
      read: log.read,
    };
    const open = (logKey: string, pem: string) =>
      PoolSeal.open(
        { ...context, log: stopping, reached: disk.step },
        {
          ...{ logKey, secretPem: pem, hashing },
          files: openSealFiles('/log', disk.port),
          dayKeys: openDayKeyFiles('/keys', disk.port),
          newDayKey: () => dayKey('one'),
        },
      );
    const [one, both] = [secretKeyPem(FIRST), `${secretKeyPem(FIRST)}${secretKeyPem(SECOND)}`];
    const before = await open(keyOf(FIRST), one);
    await before.take(someEvents(30));
    await before.seal();
    disk.stopAt(after + 1);
    try {
      const handing = await open(keyOf(FIRST), both);
      await handing.take(someEvents(40));
      await handing.seal();
      isThrough = true;
    } catch (error) {
      if (!(error instanceof Stopped)) throw error;
      stops += 1;
    }
    disk.restart((after % 3) / 2);
    const again = await open(keyOf(FIRST), both);
    await again.take(someEvents(50));
    await again.seal();
    await again.take(someEvents(60));
    await again.seal();
    const notes = (await readAll(log, BLOCKS)).map(({ value }) => Buffer.from(value).toString());
    const handOvers = notes.filter((note) => nextKeyIn(note) !== null);
    assert.ok(handOvers.length >= 1, `stopped after ${after}`);
    const policy = policyOf(keyOf(FIRST), keyOf(SECOND));
    const sizes = notes.map((note) => openCheckpoint(note, policy).size);
    assert.deepEqual(
      sizes,
      [...sizes].sort((a, b) => a - b),
    );
    assert.ok(
      isSignedBy(
        openCheckpoint(notes.at(-1) as string, policy).note,
        parseVerifierKey(keyOf(SECOND)),
      ),
    );
    // The folder keeps it for whoever believes the first key alone.
    const kept = Buffer.from(disk.files().get(`/log/${HAND_OVER_FILE}`) ?? '').toString();
    const { to } = openHandOver(kept, policyOf(keyOf(FIRST)));
    assert.equal(verifierKey(to), keyOf(SECOND));
    assert.ok(handOvers.includes(kept), `stopped after ${after}`);
    // The network's file names the second key then, and the first secret goes.
    const later = await open(keyOf(SECOND), secretKeyPem(SECOND));
    await later.take(someEvents(65));
    await later.seal();
    assert.equal(later.sealed, 65);
  }
  assert.ok(stops > 5, `${stops} stops`);
});

test('a key is handed over once, also where nobody said that it was written, and then to a third', async () => {
  const log = memoryLog();
  await log.createTopics(
    [BLOCKS, DAY_KEYS].map((name) => ({ name, partitions: 1, timestamps: 'create' as const })),
  );
  const disk = new StoppingDisk('/keys');
  const context = processOver(log).context('notifier', POOL);
  let unclear = 1;
  const timingOut: Log = {
    ...log,
    async produce(topic, messages) {
      const places = await log.produce(topic, messages);
      if (topic === BLOCKS && unclear-- > 0) throw new LogError('unavailable', 'timed out');
      return places;
    },
    read: log.read,
  };
  const open = (...secrets: readonly Uint8Array[]) =>
    PoolSeal.open(
      { ...context, log: timingOut },
      {
        ...{ logKey: keyOf(FIRST), secretPem: secrets.map(secretKeyPem).join(''), hashing },
        files: openSealFiles('/log', disk.port),
        dayKeys: openDayKeyFiles('/keys', disk.port),
        newDayKey: () => dayKey('one'),
      },
    );
  const THIRD = Buffer.alloc(32, 83);
  const seal = await open(FIRST, SECOND);
  await seal.take(someEvents(30));
  await assert.rejects(seal.seal(), /timed out/);
  await seal.take(someEvents(33));
  await seal.seal();
  const later = await open(FIRST, SECOND, THIRD);
  await later.take(someEvents(40));
  await later.seal();
  await later.take(someEvents(41));
  await later.seal();
  const notes = (await readAll(log, BLOCKS)).map(({ value }) => Buffer.from(value).toString());
  const policy = policyOf(...[FIRST, SECOND, THIRD].map((secret) => keyOf(secret)));
  const signed = notes.map((text) => {
    const { size, note } = openCheckpoint(text, policy);
    const by = [FIRST, SECOND, THIRD].map((one) => isSignedBy(note, parseVerifierKey(keyOf(one))));
    return `${size} ${by.map(Number).join('')}`;
  });
  assert.deepEqual(signed, ['30 110', '33 010', '40 011', '41 001']);
});

test('nobody seals under a key to which the log was not handed over', async () => {
  const log = memoryLog();
  await log.createTopics(
    [BLOCKS, DAY_KEYS].map((name) => ({ name, partitions: 1, timestamps: 'create' as const })),
  );
  const disk = new StoppingDisk('/keys');
  const context = processOver(log).context('notifier', POOL);
  const open = (logKey: string, ...secrets: readonly Uint8Array[]) =>
    PoolSeal.open(context, {
      ...{ logKey, secretPem: secrets.map(secretKeyPem).join(''), hashing },
      files: openSealFiles('/log', disk.port),
      dayKeys: openDayKeyFiles('/keys', disk.port),
      newDayKey: () => randomBytes(32),
    });
  const before = await open(keyOf(FIRST), FIRST);
  await before.take(someEvents(10));
  await before.seal();
  await assert.rejects(open(keyOf(SECOND), SECOND), /signed by no log of that name/);
  await assert.rejects(
    open(keyOf(SECOND), FIRST, SECOND),
    /was not handed over: name the key before/,
  );
  await assert.rejects(open(keyOf(SECOND), FIRST), /log\.pem .* is not the secret key of/);
});

test('an auditor takes the next key where its policy has both, and the old one no more', async (t) => {
  const [log, folder] = [memoryLog(), folderOf(t)];
  const { network } = liveNetwork;
  const seal = sealIn(folder, network, POOL) as SealedBy;
  const origin = parseVerifierKey(seal.logKey).name;
  const next = keyOf(SECOND, origin);
  const secretPem = `${seal.secretPem}\n${secretKeyPem(SECOND)}`;
  for (const [from, of] of [
    [0, seal],
    [20, { ...seal, secretPem }],
    [40, { ...seal, secretPem: secretKeyPem(SECOND), logKey: next }],
  ] as const) {
    const live = await startNetwork(log, { sealOf: () => of });
    await send(log, 91, from, from + 20);
    await live.quiet();
    await live.stop();
  }
  const handOver = readFileSync(join(folder, 'evidence', 'pool', POOL, HAND_OVER_FILE), 'utf8');
  assert.equal(verifierKey(openHandOver(handOver, policyOf(seal.logKey)).to), next);
  const said = await verifyNotes('hand-over', handOver, policyOf(seal.logKey), null);
  assert.ok(said.endsWith(`keep the line of the old key: log ${next}`), said);
  const audit = async (...keys: readonly string[]) => {
    const one = await LogAudit.begin(log, 'a log', {
      ...{ core: core.module, hashing, policy: policyOf(...keys), state: null },
      verify: (keysMax) => createVerification(core.module, { keysMax }),
      keyOf: (_, day) => Buffer.from(seal.dayKeys.read(day) ?? '', 'hex'),
      filesOf: () => null,
    });
    await one.step();
    const [pool] = one.pools();
    return one.fault?.fault ?? (pool?.sealed?.size === pool?.events ? 'it agrees' : 'not sealed');
  };
  assert.equal(await audit(seal.logKey, next), 'it agrees');
  assert.equal(await audit(next, seal.logKey), 'it agrees');
  assert.match(await audit(seal.logKey), /signed by no log of that name/);
  const blocks = await readAll(log, BLOCKS);
  const { size, root } = openCheckpoint(
    Buffer.from(blocks.at(-1)?.value ?? '').toString(),
    policyOf(next),
  );
  // Whoever has the old key goes on under it.
  const old = createSigner(secretKeyFromPem(seal.secretPem));
  const text = checkpointText({ origin, size, root });
  const note = formatNote({ text, signatures: [signNote(text, origin, old)] });
  await log.produce(BLOCKS, [{ key: origin, value: Buffer.from(note), headers: {} }]);
  assert.match(await audit(seal.logKey, next), /is signed by the key that was handed over/);
});
