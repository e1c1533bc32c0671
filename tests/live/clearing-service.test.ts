import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createClearing } from '../../services/clearing/clearing.ts';
import { startClearing } from '../../services/clearing/clearing-service.ts';
import type { SnapshotStore } from '../../services/clearing/snapshot-format.ts';
import { EVENT_BYTES } from '../../services/core/settlement/events.ts';
import { createSettlement } from '../../services/core/settlement/settlement.ts';
import { EventsFollower } from '../../services/live/events-follower.ts';
import { type Log, LogError } from '../../services/platform/log/log.ts';
import type { Bic } from '../../services/protocol/names/bic-and-uetr.ts';
import { poolEvents } from '../../services/protocol/names/topic-plan.ts';
import { EventChain } from '../../services/protocol/records/event-chain.ts';
import {
  eventsHeaders,
  readEventsHeaders,
} from '../../services/protocol/records/events-message.ts';
import {
  isControl,
  readVerified,
  writeControl,
} from '../../services/protocol/records/input-record.ts';
import { KEY_ID } from '../../services/simulator/keys-and-genesis.ts';
import { type FlatEvent, readFlatEvent } from '../core/flat-events.ts';
import { ALFA } from '../faults/banks.ts';
import { checkPool } from '../faults/topics-against-replay.ts';
import { signerOf } from '../faults/traffic.ts';
import {
  appendInput,
  clearingOptions,
  core,
  ended,
  liveNetwork,
  memoryLog,
  POOL,
  pause,
  processOver,
  recordInput,
  scenario,
  startNetwork,
  until,
} from '../support/live.ts';

/** Clearing of one pool over a log: who writes, from where it starts, and when it must stop. */
const traffic = await recordInput(1, 150);
const half = Math.floor(traffic.length / 2);
/** Of the last payment: which bank's come last is the verifier's turns'. */
const lastSender = traffic.reduce<Bic>((last, value) => {
  const { content } = isControl(value) ? { content: null } : readVerified(value);
  return content && 'debtorAgent' in content ? (content.debtorAgent as Bic) : last;
}, ALFA);
/** Behind the genesis a key is revoked and a command taken; the command comes again at the end. */
const control = {
  revocation: {
    kind: 'key',
    timeMs: Date.now(),
    bic: lastSender,
    keyId: KEY_ID,
    publicKey: Buffer.from(signerOf(scenario, lastSender).publicKey).toString('hex'),
    state: 'revoked',
  },
  command: {
    kind: 'issue',
    timeMs: Date.now(),
    bic: ALFA,
    currency: 'EUR',
    amountMinor: '100',
    command: { id: 'C-1', issuedAtMs: 0, signature: '', payload: '' },
  },
} as const;
const revocation = writeControl(control.revocation);
const command = writeControl(control.command);
const EARLY = 30;
const input = [...traffic.slice(0, EARLY), revocation, command, ...traffic.slice(EARLY), command];

const replayed = (values: readonly Uint8Array[]) =>
  createClearing(createSettlement(core.module)).apply(
    values.map((value, position) => ({ position, value })),
  );
const whole = replayed(input);

const start = (log: Log, options: Parameters<typeof clearingOptions>[0] = {}) =>
  startClearing(processOver(log).context('clearing', POOL), clearingOptions(options));

async function digestInTopic(log: Log): Promise<string> {
  const end = await log.endOffset(poolEvents(POOL), 0);
  const [last] = end > 0 ? await log.read(poolEvents(POOL), 0, end - 1, 1) : [];
  return last?.headers.digestafter ?? '';
}

const caughtUp = (log: Log) =>
  until('the topic has every event', async () => (await digestInTopic(log)) === whole.digestAfter);

/** Everything that banks and auditors see agrees with a replay; a notifier writes what is missing. */
async function checkAll(log: Log) {
  const notifier = await startNetwork(log, { services: ['notifier', 'verifier'] });
  await notifier.quiet();
  await notifier.stop();
  return checkPool(log, core.module, liveNetwork.network, POOL);
}

test('what a snapshot must remember matters to what comes behind it', () => {
  const events = Array.from({ length: whole.count }, (_, index) =>
    readFlatEvent(whole.events, index),
  );
  const behind = (from: number, wanted: (event: FlatEvent) => boolean) =>
    events.filter((event) => event.position >= from && wanted(event)).length;
  assert.ok(behind(half, ({ reason }) => reason === 'keyRevoked') > 0);
  assert.equal(
    behind(EARLY, ({ kind }) => kind === 'issued'),
    1,
  );
});

test('a standby takes over from a writer that ended, and the history goes on', async () => {
  const log = memoryLog();
  await appendInput(log, input.slice(0, half));
  const first = await start(log);
  await until('events', async () => (await log.endOffset(poolEvents(POOL), 0)) > 0);
  const standby = await start(log, { takeoverMs: 100 });
  await pause(150);
  const written = await log.endOffset(poolEvents(POOL), 0);
  await first.stop();
  await appendInput(log, input.slice(half));
  await caughtUp(log);
  assert.ok((await log.endOffset(poolEvents(POOL), 0)) > written);
  await standby.stop();
  await checkAll(log);
});

test('a refused opening and a refused close are logged, each as what it is', async () => {
  const log = memoryLog();
  const date = '2001-01-01';
  const refused = [
    { kind: 'open', timeMs: Date.now(), currency: 'EUR', date, closesAtMs: Date.now() },
    { kind: 'close', timeMs: Date.now(), currency: 'SGD', date },
  ] as const;
  await appendInput(log, [...input, ...refused.map(writeControl)]);
  const warnings: unknown[] = [];
  const context = {
    ...processOver(log).context('clearing', POOL),
    logger: { info() {}, error() {}, warn: (...line: unknown[]) => warnings.push(line) },
  };
  const writer = await startClearing(context, clearingOptions());
  await until('two warnings', () => warnings.length >= 2);
  await writer.stop();
  // The openings of the day itself are none.
  assert.deepEqual(warnings, [
    [
      { pool: POOL, currency: 'EUR', date, position: input.length },
      'the opening was refused: a date is open still, or this date is not later than the last',
    ],
    [
      { pool: POOL, currency: 'SGD', date, position: input.length + 1 },
      'the close was refused: this date is not open',
    ],
  ]);
});

test('two that write at once agree; a reader sees one history', async () => {
  const log = memoryLog();
  await appendInput(log, input.slice(0, 10));
  const writers = [await start(log), await start(log)];
  for (let from = 10; from < input.length; from += 7) {
    await appendInput(log, input.slice(from, from + 7));
    await pause(1);
  }
  await caughtUp(log);
  await Promise.all(writers.map((writer) => writer.stop()));
  await checkAll(log);
});

test('a writer stops where the topic holds other events than it computes', async () => {
  const log = memoryLog();
  await appendInput(log, input);
  const events = Buffer.from(whole.events);
  events[events.length - 40] = (events[events.length - 40] as number) ^ 1;
  const chain = new EventChain();
  const digestBefore = chain.digest().toString('hex');
  chain.append(events);
  const digestAfter = chain.digest().toString('hex');
  const headers = eventsHeaders({ firstNumber: 1, count: whole.count, digestBefore, digestAfter });
  await log.produce(poolEvents(POOL), [{ key: POOL, value: events, headers }]);
  const writer = await start(log);
  await assert.rejects(ended(writer), /pool main: .* holds other events than this writer computes/);
  assert.equal(await log.endOffset(poolEvents(POOL), 0), 1, 'it wrote nothing');
});

test('a writer stops where the topic holds more than its input gives', async () => {
  const log = memoryLog();
  await appendInput(log, input);
  const writer = await start(log);
  await caughtUp(log);
  await writer.stop();
  const shorter = memoryLog();
  await appendInput(shorter, input.slice(0, half));
  for (const { value, headers } of await log.read(poolEvents(POOL), 0, 0, 1_000))
    await shorter.produce(poolEvents(POOL), [{ key: POOL, value, headers }]);
  const other = await start(shorter);
  await assert.rejects(ended(other), /the two topics do not belong together/);
});

test('a write that failed and had landed is found in the topic, and not repeated', async () => {
  const log = memoryLog();
  await appendInput(log, input.slice(0, half));
  let calls = 0;
  const unsure: Log = {
    ...log,
    async produce(topic, messages) {
      const placements = await log.produce(topic, messages);
      if (topic === poolEvents(POOL) && calls++ === 0)
        throw new LogError('unavailable', 'no answer');
      return placements;
    },
  };
  const writer = await start(unsure);
  await until('a write', () => calls > 0);
  // A reader that waits looks again after half a second.
  await pause(700);
  await appendInput(log, input.slice(half));
  await caughtUp(log);
  await writer.stop();
  assert.equal((await checkAll(log)).repeatedMessages, 0);
});

/** Snapshots in memory. */
function memorySnapshots(): SnapshotStore & { readonly files: Map<string, Uint8Array> } {
  const files = new Map<string, Uint8Array>();
  return {
    files,
    names: async () => [...files.keys()].sort().reverse(),
    read: async (name) => files.get(name) as Uint8Array,
    write: async (name, pieces) => void files.set(name, Buffer.concat(pieces)),
    remove: async (name) => void files.delete(name),
  };
}

const withSnapshots = (store: SnapshotStore) => ({
  snapshots: { store, network: liveNetwork.network, module: core.digest, everyRecords: 40 },
});

/** The lowest input position that a start reads: where it began. */
function watched(log: Log): { readonly log: Log; lowest(): number } {
  let lowest = Number.MAX_SAFE_INTEGER;
  const read: Log['read'] = (topic, partition, from, ...rest) => {
    if (topic === `pool.${POOL}.input`) lowest = Math.min(lowest, from);
    return log.read(topic, partition, from, ...rest);
  };
  return { log: { ...log, read }, lowest: () => lowest };
}

/** A log in which the first half was cleared, with the snapshots that were made on the way. */
async function clearedHalf() {
  const log = memoryLog();
  const store = memorySnapshots();
  await appendInput(log, []);
  const writer = await start(log, withSnapshots(store));
  for (let from = 0; from < half; from += 10) {
    await appendInput(log, input.slice(from, Math.min(half, from + 10)));
    await pause(5);
  }
  await until('two snapshots', () => store.files.size === 2);
  await writer.stop();
  return { log, store };
}

async function goOn(log: Log, store: SnapshotStore): Promise<number> {
  const seen = watched(log);
  const writer = await start(seen.log, withSnapshots(store));
  await appendInput(log, input.slice(half));
  await caughtUp(log);
  await writer.stop();
  await checkAll(log);
  return seen.lowest();
}

test('a start from the newest snapshot gives what a replay gives', async () => {
  const { log, store } = await clearedHalf();
  const [newest] = await store.names();
  const position = Number(newest?.split(/[-.]/)[1]);
  assert.equal(await goOn(log, store), position);
});

test('a torn snapshot is passed over for the one before it', async () => {
  const { log, store } = await clearedHalf();
  const [newest = '', older = ''] = await store.names();
  const bytes = Buffer.from(store.files.get(newest) as Uint8Array);
  bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] as number) ^ 1;
  store.files.set(newest, bytes);
  assert.equal(await goOn(log, store), Number(older.split(/[-.]/)[1]));
});

test('snapshots of another history are passed over: the genesis is the start', async () => {
  const { store } = await clearedHalf();
  const other = await recordInput(2, 100);
  const log = memoryLog();
  await appendInput(log, other.slice(0, half));
  const before = await start(log);
  await until('events', async () => (await log.endOffset(poolEvents(POOL), 0)) > 0);
  await before.stop();
  const seen = watched(log);
  const writer = await start(seen.log, withSnapshots(store));
  await until('a start', () => seen.lowest() < Number.MAX_SAFE_INTEGER);
  await writer.stop();
  assert.equal(seen.lowest(), 0);
});

test('a snapshot that the topic contradicts by its digest alone is passed over', async () => {
  const { log, store } = await clearedHalf();
  const more = { ...control.command, amountMinor: '200' };
  const other = [...input.slice(0, half)];
  other[EARLY + 1] = writeControl(more);
  const { events } = replayed(other);
  const otherLog = memoryLog();
  await appendInput(otherLog, other);
  const follower = new EventsFollower(POOL);
  // Another history with the same numbers, positions and messages.
  for (const { headers } of await log.read(poolEvents(POOL), 0, 0, 1_000)) {
    const { firstNumber, count } = readEventsHeaders(headers);
    const from = (firstNumber - 1) * EVENT_BYTES;
    const value = events.subarray(from, from + count * EVENT_BYTES);
    await otherLog.produce(poolEvents(POOL), follower.messages(value));
  }
  const seen = watched(otherLog);
  const writer = await start(seen.log, withSnapshots(store));
  await until('a start', () => seen.lowest() < Number.MAX_SAFE_INTEGER);
  await writer.stop();
  assert.equal(seen.lowest(), 0);
});

test('a core goes on from its captured state as if nothing had been', () => {
  const inputs = input.map((value, position) => ({ position, value }));
  for (const at of [1, 20, half, input.length - 1]) {
    const settlement = createSettlement(core.module);
    const before = createClearing(settlement);
    const events = [before.apply(inputs.slice(0, at)).events];
    const restored = createSettlement(core.module, undefined, settlement.capture());
    const after = createClearing(restored, before.state());
    events.push(after.apply(inputs.slice(at)).events);
    assert.equal(Buffer.compare(Buffer.concat(events), whole.events), 0, `captured at ${at}`);
    assert.equal(after.digest().toString('hex'), whole.digestAfter);
  }
});
