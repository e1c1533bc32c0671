/** A live network's log changes its key: wherever its notifier is stopped, and what auditors take and refuse then. */
import assert from 'node:assert/strict';
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
import { openCheckpoint, parsePolicy } from '../../services/evidence/cosigner-policy.ts';
import { HAND_OVER_FILE, nextKeyIn, openHandOver } from '../../services/evidence/key-hand-over.ts';
import {
  formatNote,
  isSignedBy,
  KEY_TYPE,
  noteKey,
  parseVerifierKey,
  signNote,
  verifierKey,
} from '../../services/evidence/signed-note.ts';
import type { ServiceContext } from '../../services/live/service-context.ts';
import type { SealedBy } from '../../services/notifier/notifier-service.ts';
import { PoolSeal } from '../../services/notifier/pool-seal.ts';
import { type Log, LogError } from '../../services/platform/log/log.ts';
import { openDayKeyFiles, openSealFiles } from '../../services/platform/service/seal-folders.ts';
import { BLOCKS, DAY_KEYS } from '../../services/protocol/names/topic-plan.ts';
import { LogAudit } from '../../services/replay/audit-live-network.ts';
import { dayKey, hashing, someEvents } from '../evidence/sample-log.ts';
import { sealIn } from '../faults/seal-check.ts';
import { readAll } from '../faults/topics-against-replay.ts';
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
const [FIRST, SECOND, THIRD] = [81, 82, 83].map((fill) => Buffer.alloc(32, fill)) as [
  Buffer,
  Buffer,
  Buffer,
];
const keyOf = (secret: Uint8Array, origin = ORIGIN) =>
  verifierKey(noteKey(origin, KEY_TYPE.log, createSigner(secret).publicKey));
const policyOf = (...keys: readonly string[]) =>
  parsePolicy(`${keys.map((key) => `log ${key}\n`).join('')}quorum none\n`);

function folderOf(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'corridor-hand-over-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

const context = processOver(memoryLog()).context('notifier', POOL);

/** A log with a disk beside it, and notifiers that seal there. */
async function newPlace() {
  const log = memoryLog();
  await log.createTopics(
    [BLOCKS, DAY_KEYS].map((name) => ({ name, partitions: 1, timestamps: 'create' as const })),
  );
  const disk = new StoppingDisk('/keys');
  /** @param by how this notifier has the log, and what it tells */
  const open = (
    logKey: string,
    secrets: readonly Uint8Array[],
    by: Partial<ServiceContext> = { log: disk.stopping(log), reached: disk.step },
  ) =>
    PoolSeal.open(
      { ...context, log, ...by },
      {
        ...{ pool: POOL, logName: 'the log' },
        ...{ logKey, secretPem: secrets.map(secretKeyPem).join(''), hashing },
        files: openSealFiles('/log', disk.port),
        dayKeys: openDayKeyFiles('/keys', disk.port),
        newDayKey: () => dayKey('one'),
      },
    );
  return { log, disk, open };
}

/** By size, whose signatures each checkpoint in the topic has: 1 of who signed it. */
async function signedIn(log: Log, ...secrets: readonly Uint8Array[]): Promise<string[]> {
  const keys = secrets.map((secret) => keyOf(secret));
  return (await readAll(log, BLOCKS)).map(({ value }) => {
    const { size, note } = openCheckpoint(Buffer.from(value).toString(), policyOf(...keys));
    const by = keys.map((key) => isSignedBy(note, parseVerifierKey(key)));
    return `${size} ${by.map(Number).join('')}`;
  });
}

test('wherever it is stopped, the key is handed over once it goes on, and the log stays one', async () => {
  let isThrough = false;
  let stops = 0;
  for (let after = 0; !isThrough; after += 1) {
    const { log, disk, open } = await newPlace();
    const [one, both] = [[FIRST], [FIRST, SECOND]];
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
    const later = await open(keyOf(SECOND), [SECOND]);
    await later.take(someEvents(65));
    await later.seal();
    assert.equal(later.sealed, 65);
  }
  assert.ok(stops > 5, `${stops} stops`);
});

test('a key is handed over once, also where nobody said that it was written, and then to a third', async () => {
  const { log, open: openBy } = await newPlace();
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
    openBy(keyOf(FIRST), secrets, { log: timingOut });
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
  const signed = await signedIn(log, FIRST, SECOND, THIRD);
  assert.deepEqual(signed, ['30 110', '33 010', '40 011', '41 001']);
});

test('nobody seals under a key to which the log was not handed over', async () => {
  const { open } = await newPlace();
  const before = await open(keyOf(FIRST), [FIRST]);
  await before.take(someEvents(10));
  await before.seal();
  await assert.rejects(open(keyOf(SECOND), [SECOND]), /signed by no log of that name/);
  await assert.rejects(
    open(keyOf(SECOND), [FIRST, SECOND]),
    /was not handed over: name the key before/,
  );
  await assert.rejects(open(keyOf(SECOND), [FIRST]), /log\.pem .* is not the secret key of/);
});

test('a key that was handed over signs nothing more, whatever log.pem has and in whatever order', async () => {
  const { log, open } = await newPlace();
  const isAway = {
    name: 'SealFault',
    message:
      /^topic blocks, offset 0: .* is handed over to .*, whose secret key is not in log\.pem/,
  };
  const handsBack = {
    name: 'SealFault',
    message: /^log\.pem .* ends with .*, which handed the log over before/,
  };
  const behind = await open(keyOf(FIRST), [FIRST]);
  const further = await open(keyOf(FIRST), [FIRST, SECOND, THIRD]);
  const handing = await open(keyOf(FIRST), [FIRST, SECOND]);
  await handing.take(someEvents(30));
  await handing.seal();
  // Its key was handed over while it ran, and then before it began.
  await behind.take(someEvents(31));
  await assert.rejects(behind.seal(), isAway);
  await assert.rejects(open(keyOf(FIRST), [FIRST]), isAway);
  await assert.rejects(open(keyOf(FIRST), [FIRST, THIRD]), isAway);
  for (const named of [FIRST, SECOND])
    await assert.rejects(open(keyOf(named), [SECOND, FIRST]), handsBack);
  await handing.take(someEvents(32));
  await handing.seal();
  // Of the last checkpoint alone nobody would know: the folder does.
  for (const named of [FIRST, SECOND])
    await assert.rejects(open(keyOf(named), [SECOND, FIRST]), handsBack);
  await further.take(someEvents(33));
  await further.seal();
  assert.deepEqual(await signedIn(log, FIRST, SECOND, THIRD), ['30 110', '32 010', '33 011']);
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
  // Its own fault, which it mends: the network did as it should.
  await assert.rejects(audit(seal.logKey), ({ name, message }: Error) => {
    assert.equal(name, 'BadInput');
    assert.ok(
      message.endsWith(`was handed over to a key that it has not; add its line log ${next}`),
    );
    return true;
  });
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
