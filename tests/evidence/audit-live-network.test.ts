/** The auditor of a live network: what it cosigns, what it keeps, and what stops it, each trick of an operator by itself. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { cosignedLines, followAudit, sayHowFar } from '../../services/cli/audit-command.ts';
import { EVENT_OFFSETS as AT, EVENT_BYTES } from '../../services/core/settlement/events.ts';
import { createSigner } from '../../services/core/verification/signing.ts';
import { createVerification } from '../../services/core/verification/verification.ts';
import { type Checkpoint, checkpointText } from '../../services/evidence/checkpoint.ts';
import { openCheckpoint, parsePolicy } from '../../services/evidence/cosigner-policy.ts';
import { EventLog } from '../../services/evidence/event-transparency-log.ts';
import { HAND_OVER_FILE, handOverNote } from '../../services/evidence/key-hand-over.ts';
import {
  formatNote,
  KEY_TYPE,
  noteKey,
  signNote,
  verifierKey,
} from '../../services/evidence/signed-note.ts';
import type { SealedBy } from '../../services/notifier/notifier-service.ts';
import type { Log } from '../../services/platform/log/log.ts';
import { uetrFromBytes } from '../../services/protocol/names/bic-and-uetr.ts';
import { BLOCKS, poolEvents, poolInput } from '../../services/protocol/names/topic-plan.ts';
import { EventChain } from '../../services/protocol/records/event-chain.ts';
import { eventsMessages } from '../../services/protocol/records/events-message.ts';
import { writeControl } from '../../services/protocol/records/input-record.ts';
import { LogAudit } from '../../services/replay/audit-live-network.ts';
import { AuditorState, auditorKey } from '../../services/replay/auditor-key-and-memory.ts';
import { ALFA } from '../faults/banks.ts';
import { sealIn } from '../faults/seal-check.ts';
import { readAll } from '../faults/topics-against-replay.ts';
import { core, liveNetwork, memoryLog, POOL, send, startNetwork } from '../support/live.ts';
import { dayKey, hashing, logSigner, ORIGIN, readerOf } from './sample-log.ts';

const SEED = 41;
const NAME = 'corridor.example/auditor/CENTRAL';
const signer = createSigner(Buffer.alloc(32, 61));
const auditor = auditorKey(NAME, signer);
const logKey = verifierKey(noteKey(ORIGIN, KEY_TYPE.log, logSigner.publicKey));
const policy = parsePolicy(`log ${logKey}\nquorum none\n`);
const quorum = parsePolicy(
  `log ${logKey}\nwitness central ${verifierKey(auditor.key)}\nquorum central\n`,
);

/** A log's topics, as far as an auditor reads them. */
interface Told {
  input: Uint8Array[];
  events: Buffer;
  /** What is sealed, which is the same but of a rogue operator. */
  sealed: Buffer;
  sizes: number[];
}

const eventAt = (events: Buffer, number: number) =>
  events.subarray((number - 1) * EVENT_BYTES, number * EVENT_BYTES);

/** A log with these topics, and the files of its pool's log. */
async function logOf({ input, events, sealed, sizes }: Told) {
  const log = memoryLog();
  const topics = [poolInput(POOL), poolEvents(POOL), BLOCKS];
  await log.createTopics(
    topics.map((name) => ({ name, partitions: 1, timestamps: 'create' as const })),
  );
  const put = (values: readonly Uint8Array[]) =>
    log.produce(
      poolInput(POOL),
      values.map((value) => ({ key: POOL, value, headers: {} })),
    );
  await put(input);
  await log.produce(poolEvents(POOL), eventsMessages(POOL, new EventChain(), events));
  const files = new Map<string, Uint8Array>();
  const tree = new EventLog(hashing, dayKey);
  const seal = async (piece: Uint8Array) => {
    for (const { path, bytes } of tree.append(piece)) files.set(path, bytes);
    for (const { path, bytes } of tree.tree.partialTiles()) files.set(path, bytes);
    const text = checkpointText({ origin: ORIGIN, size: tree.tree.size, root: tree.tree.root() });
    const note = formatNote({ text, signatures: [signNote(text, ORIGIN, logSigner)] });
    await log.produce(BLOCKS, [{ key: ORIGIN, value: Buffer.from(note), headers: {} }]);
  };
  let from = 0;
  const notes = new Map<number, Uint8Array>();
  for (const size of sizes) {
    const known = notes.get(size);
    if (known) await log.produce(BLOCKS, [{ key: ORIGIN, value: known, headers: {} }]);
    else await seal(sealed.subarray(from * EVENT_BYTES, size * EVENT_BYTES));
    from = Math.max(from, size);
    const end = await log.endOffset(BLOCKS, 0);
    const [last] = await log.read(BLOCKS, 0, end - 1, 1);
    notes.set(size, (last as { value: Uint8Array }).value);
  }
  return { log, files: readerOf(files), seal, put };
}

describe('an auditor of a live network', () => {
  const folder = mkdtempSync(join(tmpdir(), 'corridor-audit-'));
  let states = 0;
  const newState = () => new AuditorState(join(folder, `state-${states++}`), auditor);
  it('says that nothing was cosigned where nothing was', () => {
    const [line, ...more] = cosignedLines({ key: auditor.key, state: newState() }, [
      { pool: POOL },
    ]);
    assert.match(line as string, /^nothing was cosigned; its key is \S+\/auditor\/\S+$/);
    assert.deepEqual(more, []);
  });
  let honest: Told;
  before(async () => {
    const log = memoryLog();
    const live = await startNetwork(log, { services: ['clearing', 'verifier', 'notifier'] });
    await send(log, SEED, 0, 120);
    await live.quiet();
    await live.stop();
    const input = (await readAll(log, poolInput(POOL))).map(({ value }) => value);
    const events = Buffer.concat((await readAll(log, poolEvents(POOL))).map(({ value }) => value));
    const count = events.length / EVENT_BYTES;
    assert.ok(count > 150, `${count} events`);
    honest = { input, events, sealed: events, sizes: [10, 140, count] };
    await log.close();
  });
  after(() => rmSync(folder, { recursive: true }));

  const begin = (
    log: Log,
    files: ReturnType<typeof readerOf> | null,
    state: AuditorState | null,
    onCosigned: (pool: string, notes: readonly string[]) => void = () => {},
  ) =>
    LogAudit.begin(log, 'a log', {
      ...{ core: core.module, hashing, policy, state, onCosigned },
      verify: (keysMax) => createVerification(core.module, { keysMax }),
      keyOf: (_, day) => dayKey(day),
      filesOf: () => files,
    });
  /** What an auditor that is new says of topics. */
  const faultOf = async (told: Told, hasFiles = true) => {
    const { log, files } = await logOf(told);
    const audit = await begin(log, hasFiles ? files : null, newState());
    await audit.step();
    await log.close();
    return audit.fault;
  };
  const count = () => honest.events.length / EVENT_BYTES;
  /** The number of a settled event behind some others. */
  const settledBehind = (number: number): number => {
    for (let at = number + 1; ; at += 1)
      if (uetrFromBytes(eventAt(honest.events, at).subarray(AT.id, AT.id + 16)) !== null) return at;
  };

  it('takes what comes between two checkpoints together, however often something comes', async () => {
    const { log, files, put } = await logOf(honest);
    const audit = await begin(log, files, null);
    const calls: string[] = [];
    const tick = () => writeControl({ kind: 'tick', timeMs: Date.now() });
    const noted = {
      get fault() {
        return audit.fault;
      },
      async step() {
        const isNew = await audit.step();
        calls.push(`step ${isNew}`);
        return isNew;
      },
      async arrival() {
        calls.push('arrival');
        await put([tick()]);
      },
    };
    await followAudit(noted, () => calls.length >= 6, assert.fail);
    const one = ['step true', 'arrival'];
    assert.deepEqual([calls, audit.fault], [[...one, ...one, ...one], null]);
  });

  it('cosigns what it has settled again, as the network goes on', async () => {
    const { log, files, seal } = await logOf({ ...honest, sizes: [10, 140] });
    const notes: string[] = [];
    const state = newState();
    const audit = await begin(log, files, state, (_, told) => notes.push(...told));
    assert.equal(await audit.step(), true);
    assert.equal(audit.fault, null);
    assert.deepEqual(
      notes.map((note) => openCheckpoint(note, quorum).size),
      [10, 140],
    );
    assert.equal(await audit.step(), false);
    await seal(honest.events.subarray(140 * EVENT_BYTES));
    assert.equal(await audit.step(), true);
    assert.equal(openCheckpoint(notes[2] as string, quorum).size, count());
    assert.equal(readFileSync(state.fileOf(POOL), 'utf8'), notes[2]);
    const [pool] = audit.pools();
    assert.deepEqual([pool?.events, pool?.sealed?.size], [count(), count()]);
    assert.ok((audit.proven().get('payment') ?? 0) > 60);
    await log.close();
  });

  it('takes a checkpoint that it waited for once, and those behind it with the next look', async () => {
    const { log, files, seal } = await logOf({ ...honest, sizes: [10] });
    const sizes: number[] = [];
    const audit = await begin(log, files, newState(), (_, told) =>
      sizes.push(...told.map((note) => openCheckpoint(note, quorum).size)),
    );
    await audit.step();
    await audit.arrival(1);
    await seal(honest.events.subarray(10 * EVENT_BYTES, 140 * EVENT_BYTES));
    assert.equal(await audit.step(), false, 'none was there when it was waited for');
    await audit.arrival(1);
    await seal(honest.events.subarray(140 * EVENT_BYTES));
    assert.equal(await audit.step(), true);
    assert.deepEqual(sizes, [10, 140]);
    assert.equal(await audit.step(), true);
    assert.deepEqual([sizes, audit.fault], [[10, 140, count()], null]);
    assert.equal(await audit.step(), false);
    await log.close();
  });

  it('follows a network that seals itself, by the keys and files of its notifier', async () => {
    const data = join(folder, 'sealed-network');
    const log = memoryLog();
    const { network } = liveNetwork;
    const seal = sealIn(data, network, POOL) as SealedBy;
    const live = await startNetwork(log, { sealOf: () => seal });
    const state = newState();
    const audit = await LogAudit.begin(log, 'a log', {
      ...{ core: core.module, hashing, state },
      policy: parsePolicy(`log ${seal.logKey}\nquorum none\n`),
      verify: (keysMax) => createVerification(core.module, { keysMax }),
      keyOf: (_, day) => Buffer.from(seal.dayKeys.read(day) ?? '', 'hex'),
      filesOf: () => seal.files,
    });
    for (const from of [0, 30]) {
      await send(log, SEED, from, from + 30);
      await live.quiet();
      await audit.step();
      assert.equal(audit.fault, null);
    }
    await live.stop();
    await audit.step();
    const [pool] = audit.pools();
    assert.ok((pool?.events ?? 0) > 60);
    assert.deepEqual([audit.fault, pool?.sealed?.size], [null, pool?.events]);
    assert.equal(state.last(POOL)?.size, pool?.events);
    await log.close();
  });

  it('settles all again after a restart, cosigns nothing twice, and tells again what it cosigned', async () => {
    const { log, files, seal } = await logOf({ ...honest, sizes: [140] });
    const state = newState();
    await (await begin(log, files, state)).step();
    const before = state.note(POOL);
    const notes: string[] = [];
    const audit = await begin(log, files, state, (_, told) => notes.push(...told));
    await audit.step();
    await audit.step();
    assert.equal(openCheckpoint(before as string, quorum).size, 140);
    // It may have been stopped before anybody was told.
    assert.deepEqual([audit.fault, notes], [null, [before]]);
    await seal(honest.events.subarray(140 * EVENT_BYTES));
    await audit.step();
    assert.equal(notes.length, 2);
    await log.close();
  });

  it('tells again what nobody took, and goes on meanwhile', async () => {
    const { log, files, seal } = await logOf({ ...honest, sizes: [10] });
    const sizes: number[] = [];
    let isAway = true;
    const audit = await begin(log, files, newState(), (_, notes) => {
      if (isAway) throw new Error('nobody is there');
      sizes.push(...notes.map((note) => openCheckpoint(note, quorum).size));
    });
    await assert.rejects(audit.step(), /nobody is there/);
    await seal(honest.events.subarray(10 * EVENT_BYTES, 140 * EVENT_BYTES));
    await assert.rejects(audit.step(), /nobody is there/);
    assert.equal(audit.pools()[0]?.sealed?.size, 140);
    isAway = false;
    await audit.step();
    await audit.step();
    assert.deepEqual([audit.fault, sizes], [null, [10, 140]]);
    await log.close();
  });

  it('says how far it is while a step goes on', async () => {
    const { log, files } = await logOf({ ...honest, sizes: [140] });
    let begun = Promise.resolve();
    const slow: Log = {
      ...log,
      async read(topic, partition, from, most, options) {
        if (topic === poolInput(POOL)) await begun;
        return log.read(topic, partition, from, most, options);
      },
    };
    const audit = await begin(slow, files, newState());
    // From here on the input comes once something was said.
    const lines: string[] = [];
    let quiet = () => {};
    begun = new Promise((resolve) => {
      quiet = sayHowFar(audit, 1, (line) => resolve(void lines.push(line)));
    });
    await audit.step();
    quiet();
    assert.equal(lines[0], `pool ${POOL}: 0 events re-executed, as sealed up to 0`);
    assert.equal(audit.pools()[0]?.sealed?.size, 140);
    await log.close();
  });

  it('holds few checkpoints of a log that has each, and passes sizes that fall between two looks', async () => {
    // Sizes of a notifier that is behind another, each at the end of what is held at once.
    const sizes = [...Array(39).fill(10), 140, 10, ...Array(60).fill(140), count()];
    const { log } = await logOf({ ...honest, sizes });
    const asked: number[] = [];
    const notes: string[] = [];
    const seen: Log = {
      ...log,
      read(topic, partition, from, most, options) {
        if (topic === BLOCKS) asked.push(most);
        return log.read(topic, partition, from, most, options);
      },
    };
    const audit = await LogAudit.begin(seen, 'a log', {
      ...{ core: core.module, hashing, policy, state: newState(), shownMax: 40 },
      verify: (keysMax) => createVerification(core.module, { keysMax }),
      keyOf: (_, day) => dayKey(day),
      filesOf: () => null,
      onCosigned: (_, told) => void notes.push(...told),
    });
    await audit.step();
    assert.deepEqual([audit.fault, audit.pools()[0]?.sealed?.size], [null, count()]);
    assert.deepEqual(
      notes.map((note) => openCheckpoint(note, quorum).size),
      [10, 140, count()],
    );
    assert.ok(asked.length > 3 && Math.max(...asked) === 40, `asked for ${asked}`);
    await log.close();
  });

  it('after a wait that brought more than it has room for goes on to the last, and cosigns none as if that were', async () => {
    const { log, seal } = await logOf({ ...honest, sizes: [10] });
    const told: number[][] = [];
    const audit = await LogAudit.begin(log, 'a log', {
      ...{ core: core.module, hashing, policy, state: newState(), shownMax: 40 },
      verify: (keysMax) => createVerification(core.module, { keysMax }),
      keyOf: (_, day) => dayKey(day),
      filesOf: () => null,
      onCosigned: (_, notes) =>
        void told.push(notes.map((note) => openCheckpoint(note, quorum).size)),
    });
    await audit.step();
    const sizes = Array.from({ length: 100 }, (_, at) => 11 + at);
    for (const size of sizes)
      await seal(honest.events.subarray((size - 1) * EVENT_BYTES, size * EVENT_BYTES));
    await audit.arrival(0);
    await audit.step();
    // The newest that are cosigned at once.
    assert.deepEqual([audit.fault, told], [null, [[10], sizes.slice(-64)]]);
    await log.close();
  });

  it('asks nothing of checkpoints where there are none yet', async () => {
    const { log } = await logOf({ ...honest, sizes: [] });
    const audit = await begin(log, null, newState());
    await audit.step();
    assert.deepEqual([audit.fault, audit.pools()[0]?.sealed], [null, null]);
    await log.close();
  });

  it('stops with the event that the topic has otherwise, by its fields', async () => {
    const number = settledBehind(100);
    const events = Buffer.from(honest.events);
    const event = eventAt(events, number);
    event.writeBigInt64LE(event.readBigInt64LE(AT.amount1) + 900n, AT.amount1);
    const fault = await faultOf({ ...honest, events, sealed: events });
    assert.equal(fault?.event?.number, number);
    assert.equal(fault.event.uetr, uetrFromBytes(event.subarray(AT.id, AT.id + 16)));
    assert.equal(fault.event.own, eventAt(honest.events, number).toString('hex'));
    assert.equal(fault.event.found, event.toString('hex'));
    const amount = event.readBigInt64LE(AT.amount1);
    assert.match(
      fault.fault,
      new RegExp(
        `^event ${number} .*gives amount1 "${amount - 900n}", .*, the topic of events has amount1 "${amount}",`,
      ),
    );
  });

  it('stops with the event that the log has otherwise, though the topic has it as it is', async () => {
    const number = settledBehind(100);
    const sealed = Buffer.from(honest.events);
    const event = eventAt(sealed, number);
    event.writeUInt8(event.readUInt8(AT.amount1) ^ 1, AT.amount1);
    const fault = await faultOf({ ...honest, sealed });
    assert.equal(fault?.event?.number, number);
    assert.match(fault.fault, /the input gives the event [0-9a-f]{256}, the log has the entry 01/);
    const blind = await faultOf({ ...honest, sealed }, false);
    assert.match(blind?.fault ?? '', /another root .*; at 10 entries it had the same; its files/);
  });

  it('names the log’s file that is none, where it looks there for what differs', async () => {
    const sealed = Buffer.from(honest.events);
    const event = eventAt(sealed, settledBehind(100));
    event.writeUInt8(event.readUInt8(AT.amount1) ^ 1, AT.amount1);
    const { log, files } = await logOf({ ...honest, sealed });
    const cut = { read: (path: string) => files.read(path).subarray(0, -1) };
    const audit = await begin(log, cut, newState());
    await audit.step();
    assert.equal(audit.fault?.fault, 'tile/entries/000.p/140: it ends within an entry');
    await log.close();
  });

  it('stops where more is sealed than the input gives, or less is in it than in the topic', async () => {
    const input = honest.input.slice(0, -5);
    const fault = await faultOf({ ...honest, input });
    assert.match(
      fault?.fault ?? '',
      new RegExp(
        `^${count()} events are sealed, and the input gives \\d+: its records from offset ${input.length} on`,
      ),
    );
    const last = eventAt(honest.events, count());
    const more = Buffer.concat([honest.events, last]);
    more.writeBigUInt64LE(BigInt(count() + 1), count() * EVENT_BYTES);
    const topic = await faultOf({ ...honest, events: more, sealed: honest.events });
    assert.match(
      topic?.fault ?? '',
      new RegExp(`holds events that its input does not give, from number ${count() + 1} on`),
    );
  });

  it('stops with a record that its author did not sign', async () => {
    const { log, files, put } = await logOf(honest);
    const audit = await begin(log, files, newState());
    await audit.step();
    assert.equal(audit.pools()[0]?.sealed?.size, count());
    const amountMinor = '99999999900';
    await put([
      writeControl({ kind: 'issue', bic: ALFA, currency: 'EUR', amountMinor, timeMs: Date.now() }),
    ]);
    await audit.step();
    assert.match(
      audit.fault?.fault ?? '',
      new RegExp(
        `not proven: pool main, offset ${honest.input.length}: issue: it carries no signature`,
      ),
    );
    assert.equal(await audit.step(), false);
    await log.close();
  });

  it('stops where the log is signed by nobody whom the policy has, or falls behind', async () => {
    const { log, files, seal } = await logOf(honest);
    await log.produce(BLOCKS, [
      {
        key: ORIGIN,
        value: Buffer.from(checkpointText({ origin: ORIGIN, size: 1, root: Buffer.alloc(32) })),
        headers: {},
      },
    ]);
    const audit = await begin(log, files, newState());
    await audit.step();
    assert.match(audit.fault?.fault ?? '', /the note has no empty line before its signatures/);
    await log.close();
    assert.ok(seal);
    const behind = await logOf({ ...honest, sizes: [count()] });
    const older = await logOf({ ...honest, sizes: [10] });
    for (const { key, value } of await readAll(older.log, BLOCKS))
      await behind.log.produce(BLOCKS, [{ key: key ?? null, value, headers: {} }]);
    const other = await begin(behind.log, behind.files, newState());
    await other.step();
    // Two notifiers of a log, one behind.
    assert.deepEqual([other.fault, other.pools()[0]?.sealed?.size], [null, count()]);
    // It comes behind what is held: the files tell.
    for (const { key, value } of await readAll(older.log, BLOCKS))
      await behind.log.produce(BLOCKS, [{ key: key ?? null, value, headers: {} }]);
    await other.step();
    assert.deepEqual([other.fault, other.pools()[0]?.sealed?.size], [null, count()]);
    const text = checkpointText({ origin: ORIGIN, size: 10, root: Buffer.alloc(32) });
    const false10 = formatNote({ text, signatures: [signNote(text, ORIGIN, logSigner)] });
    await behind.log.produce(BLOCKS, [{ key: ORIGIN, value: Buffer.from(false10), headers: {} }]);
    await other.step();
    assert.match(
      other.fault?.fault ?? '',
      /shows a checkpoint of 10 entries after one of \d+, with another root/,
    );
  });

  describe('of a log that changed its key', () => {
    const next = createSigner(Buffer.alloc(32, 99));
    const nextKey = verifierKey(noteKey(ORIGIN, KEY_TYPE.log, next.publicKey));
    const both = parsePolicy(`log ${logKey}\nlog ${nextKey}\nquorum none\n`);
    const by =
      (one: typeof next) =>
      (checkpoint: Checkpoint): string => {
        const text = checkpointText(checkpoint);
        return formatNote({ text, signatures: [signNote(text, ORIGIN, one)] });
      };
    const old = by(logSigner);
    const over = (checkpoint: Checkpoint) => handOverNote(checkpoint, logSigner, next);
    /** What an auditor says of these checkpoints, each of its size. */
    const audited = async (
      told: readonly (readonly [number, (checkpoint: Checkpoint) => string])[],
      { policy: of = both, state = newState(), handOver = '' } = {},
    ) => {
      const { log } = await logOf({ ...honest, sizes: [] });
      const tree = new EventLog(hashing, dayKey);
      const checkpoint = (size: number): Checkpoint => {
        tree.append(honest.sealed.subarray(tree.tree.size * EVENT_BYTES, size * EVENT_BYTES));
        return { origin: ORIGIN, size, root: tree.tree.root() };
      };
      for (const [size, note] of told) {
        const value = Buffer.from(note(checkpoint(size)));
        await log.produce(BLOCKS, [{ key: ORIGIN, value, headers: {} }]);
      }
      const audit = await LogAudit.begin(log, 'a log', {
        ...{ core: core.module, hashing, policy: of, state },
        verify: (keysMax) => createVerification(core.module, { keysMax }),
        keyOf: (_, day) => dayKey(day),
        filesOf: () => ({
          read: (path) => (path === HAND_OVER_FILE && handOver ? Buffer.from(handOver) : null),
        }),
      });
      await audit.step().finally(() => log.close());
      return audit.fault?.fault ?? audit.pools()[0]?.sealed?.size;
    };
    const OLD = /a checkpoint of 140 entries of .* is signed by the key that was handed over/;

    it('takes a hand-over that is written twice, and nothing else of the old key behind it', async () => {
      const twice = [
        [10, old],
        [100, over],
        [110, over],
      ] as const;
      for (const policy of [both, parsePolicy(`log ${logKey}\nquorum none\n`)])
        assert.equal(await audited(twice, { policy }), 110);
      assert.equal(await audited([...twice, [140, by(next)]]), 140);
      assert.match(String(await audited([...twice, [120, by(next)], [140, old]])), OLD);
      const third = createSigner(Buffer.alloc(32, 98));
      const elsewhere = (one: Checkpoint) => handOverNote(one, logSigner, third);
      assert.match(String(await audited([...twice, [140, elsewhere]])), OLD);
    });

    it('knows it where the topic is compacted: by its state, or by the log’s files', async () => {
      const state = newState();
      assert.equal(
        await audited(
          [
            [10, old],
            [100, over],
          ],
          { state },
        ),
        100,
      );
      assert.match(String(await audited([[140, old]], { state })), OLD);
      assert.equal(
        await audited(
          [
            [10, old],
            [100, over],
            [140, by(next)],
          ],
          { state },
        ),
        140,
      );
      const tree = new EventLog(hashing, dayKey);
      tree.append(honest.sealed.subarray(0, 100 * EVENT_BYTES));
      const handOver = over({ origin: ORIGIN, size: 100, root: tree.tree.root() });
      assert.match(String(await audited([[140, old]], { handOver })), OLD);
      assert.equal(
        await audited(
          [
            [10, old],
            [100, over],
          ],
          { handOver },
        ),
        100,
      );
      assert.equal(await audited([[140, old]], { handOver: 'junk' }), 140);
    });

    it('asks for a line of the policy that is missing, and accuses nobody', async () => {
      const other = verifierKey(noteKey(`${ORIGIN}2`, KEY_TYPE.log, next.publicKey));
      const policy = parsePolicy(`log ${other}\nquorum none\n`);
      await assert.rejects(audited([[140, old]], { policy }), {
        name: 'BadInput',
        message: /--policy: it has no log .*\/pool\/main, .*; expected a line log/,
      });
    });
  });

  it('finds after a restart that the whole history was made anew, with the same keys', async () => {
    const state = newState();
    const first = await logOf(honest);
    await (await begin(first.log, first.files, state)).step();
    const kept = readFileSync(state.fileOf(POOL));
    // Another network of the same banks, under the same keys and with as many events at least.
    const log = memoryLog();
    const live = await startNetwork(log, { services: ['clearing', 'verifier', 'notifier'] });
    await send(log, SEED + 1, 0, 160);
    await live.quiet();
    await live.stop();
    const input = (await readAll(log, poolInput(POOL))).map(({ value }) => value);
    const events = Buffer.concat((await readAll(log, poolEvents(POOL))).map(({ value }) => value));
    await log.close();
    const size = events.length / EVENT_BYTES;
    assert.ok(size >= count(), `${size} events`);
    const forged = await logOf({ input, events, sealed: events, sizes: [size] });
    const audit = await begin(forged.log, forged.files, state);
    await audit.step();
    assert.match(
      audit.fault?.fault ?? '',
      /other events than those that this auditor has cosigned before|^event \d+/,
    );
    assert.deepEqual(readFileSync(state.fileOf(POOL)), kept);
    const stranger = await begin(forged.log, forged.files, newState());
    await stranger.step();
    assert.equal(stranger.fault, null, 'who came later cannot know');
  });

  it('keeps what it cosigned, and nothing that contradicts it', async () => {
    const state = newState();
    const { log, files, seal } = await logOf({ ...honest, sizes: [140] });
    await (await begin(log, files, state)).step();
    assert.ok(seal);
    const noteOf = (size: number, fill: number, origin = ORIGIN) => {
      const text = checkpointText({ origin, size, root: Buffer.alloc(32, fill) });
      const note = formatNote({ text, signatures: [signNote(text, origin, logSigner)] });
      const key = verifierKey(noteKey(origin, KEY_TYPE.log, logSigner.publicKey));
      return openCheckpoint(note, parsePolicy(`log ${key}\nquorum none\n`));
    };
    const cosign = (...of: Parameters<typeof noteOf>) => state.cosign(POOL, [noteOf(...of)], 0);
    assert.throws(() => cosign(139, 1), /has one of 140 entries, this is of 139/);
    assert.throws(() => cosign(140, 1), /has another root at 140 entries/);
    assert.throws(() => cosign(141, 1, `${ORIGIN}x`), /has a cosigned checkpoint of .*, not of/);
    cosign(141, 1);
    assert.throws(() => cosign(141, 2), /has another root at 141 entries/);
    const text = readFileSync(state.fileOf(POOL), 'utf8');
    const larger = new AuditorState(join(folder, 'state-of-another-process'), auditor);
    const [theirs] = larger.cosign(POOL, [noteOf(143, 1)], 0);
    writeFileSync(state.fileOf(POOL), theirs as string);
    assert.throws(() => cosign(142, 1), /has one of 143 entries, this is of 142/, 'of the file');
    writeFileSync(state.fileOf(POOL), text.replace(/— \S+\/auditor\/.*\n/, ''));
    await assert.rejects(begin(log, files, state), /has no cosignature of .*CENTRAL; expected/);
    assert.throws(
      () => auditorKey('corridor.example/witness/ALFADE00', signer),
      /--name .*auditor/,
    );
    await log.close();
  });
});
