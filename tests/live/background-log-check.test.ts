import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { createVerification } from '../../services/core/verification/verification.ts';
import type {
  LoggedMessage,
  LogPort,
  ServiceContext,
} from '../../services/live/service-context.ts';
import { recordsOf } from '../../services/live/topic-reader.ts';
import { createMemoryLog } from '../../services/platform/log/embedded/memory.ts';
import type { Log } from '../../services/platform/log/log.ts';
import { poolInput, TELEMETRY } from '../../services/protocol/names/topic-plan.ts';
import { isControl, readVerified } from '../../services/protocol/records/input-record.ts';
import {
  isProof,
  type ProofTelemetry,
  readTelemetry,
} from '../../services/protocol/records/telemetry.ts';
import { type CheckLimits, startLogCheck } from '../../services/verifier/background-log-check.ts';
import { readAll } from '../faults/topics-against-replay.ts';
import { type Forgery, forgeries, modelsIn, OPERATOR_KEY } from '../run/log-forgeries.ts';
import {
  core,
  liveNetwork,
  memoryLog,
  POOL,
  processOver,
  send,
  startNetwork,
  until,
} from '../support/live.ts';

/** Somebody writes into a pool's input while the network runs: the check beside the verifier finds him. */
const SEED = 21;
const PAYMENTS = 300;
/** Of a verified record: the amount debited (protocol/records/verified-record.ts). */
const AMOUNT_AT = 160;
const SERVICES = ['clearing', 'verifier', 'notifier'] as const;

const append = (log: LogPort, forged: readonly Forgery[]) =>
  log.produce(
    poolInput(POOL),
    forged.map(({ value }) => ({ key: POOL, value, headers: {} })),
  );

async function told(log: LogPort): Promise<ProofTelemetry[]> {
  const records = await readAll(log, TELEMETRY);
  return records.map(({ value }) => readTelemetry(value)).filter(isProof);
}

/** The last word; little else is said between two. */
async function last(log: LogPort): Promise<ProofTelemetry | undefined> {
  const end = await log.endOffset(TELEMETRY, 0);
  const records = await log.read(TELEMETRY, 0, Math.max(0, end - 50), 50);
  return records
    .map(({ value }) => readTelemetry(value))
    .filter(isProof)
    .at(-1);
}

/** A network's log after so many payments, for the caller alone. */
async function traffic(): Promise<Log> {
  recorded ??= record();
  const from = await recorded;
  let nowMs = 0;
  const copy = createMemoryLog({ now: () => nowMs });
  const topics = await from.topics();
  await copy.createTopics(topics);
  for (const { name, partitions } of topics) {
    const records: LoggedMessage[] = [];
    for (let partition = 0; partition < partitions; partition++)
      for await (const one of recordsOf(from, name, partition, { from: 0 })) records.push(one);
    // Of all partitions in the order in which the log stamped them.
    for (const record of records.sort((a, b) => a.timestampMs - b.timestampMs)) {
      nowMs = record.timestampMs;
      await copy.produce(name, [{ ...record, key: record.key ?? null }]);
    }
  }
  nowMs = Date.now();
  return copy;
}

/** Once for the file: it takes longer than to check it. */
let recorded: Promise<Log> | undefined;
async function record(): Promise<Log> {
  const log = memoryLog();
  const live = await startNetwork(log, { operatorKey: OPERATOR_KEY, services: SERVICES });
  await send(log, SEED, 0, PAYMENTS);
  await live.quiet();
  await live.stop();
  return log;
}

/** A network whose check tells at once what it finds. */
const startChecked = (log: Log) =>
  startNetwork(log, {
    operatorKey: OPERATOR_KEY,
    services: SERVICES,
    checkLimits: { reportEveryMs: 10 },
  });

test('a network that nobody broke into: all is checked, and nothing is found', async () => {
  const log = memoryLog();
  const live = await startChecked(log);
  await send(log, SEED, 0, PAYMENTS);
  await live.quiet();
  const end = await log.endOffset(poolInput(POOL), 0);
  await until('all is covered', async () => {
    const proof = await last(log);
    return proof !== undefined && proof.records >= end && proof.proven >= end;
  });
  for (const { faults, firstFault } of await told(log)) assert.equal(`${faults}${firstFault}`, '0');
  await live.stop();
});

test('each forged record is found where it is written while the network runs, and told', async () => {
  const log = memoryLog();
  const live = await startChecked(log);
  await send(log, SEED, 0, 20);
  await live.quiet();
  const [junk, issue] = forgeries(await modelsIn(log), Date.now()).slice(1, 3) as [
    Forgery,
    Forgery,
  ];
  for (const [index, one] of [issue, junk].entries()) {
    const at = await log.endOffset(poolInput(POOL), 0);
    await append(log, [one]);
    await until(`${one.name} is told`, async () => ((await last(log))?.faults ?? 0) > index);
    if (index > 0) continue;
    assert.match((await last(log))?.firstFault ?? '', one.fault as RegExp);
    assert.match((await last(log))?.firstFault ?? '', new RegExp(`pool main, offset ${at}`));
  }
  const figures = await live.shared.registry.metrics();
  assert.match(figures, /corridor_proof_faults\{service="verifier",pool=""\} 2/);
  await live.stop();
});

/** What proving one message takes of a thread, ms. */
const PROOF_MS = 0.125;

/** A time in which whoever pauses is woken in turn, once nobody runs; until it is over. */
function simulatedTime(over: () => boolean) {
  let timeMs = 0;
  let turns = 0;
  const sleepers: { readonly dueMs: number; readonly wake: () => void }[] = [];
  const wakeInTurn = async () => {
    while (!over()) {
      await setImmediate();
      sleepers.sort((a, b) => a.dueMs - b.dueMs);
      const next = sleepers.shift();
      timeMs = Math.max(timeMs, next?.dueMs ?? 0);
      turns += 1;
      next?.wake();
    }
  };
  void wakeInTurn();
  return {
    timeMs: () => timeMs,
    turns: () => turns,
    pass: (ms: number) => {
      timeMs += ms;
    },
    pause: (ms: number) =>
      new Promise<void>((wake) => sleepers.push({ dueMs: timeMs + Math.max(1, ms), wake })),
  };
}

/** A check whose time passes by pauses, and by what is proven. */
function checkOver(log: LogPort, seed: number, limits: Partial<CheckLimits>) {
  let isOver = false;
  const { timeMs, turns, pass, pause } = simulatedTime(() => isOver);
  const lines: string[] = [];
  const verification = createVerification(core.module);
  /** Signatures in one go; and until others have the thread again. */
  const most = { atOnce: 0, inTurn: 0 };
  let inTurn = { turn: -1, count: 0 };
  const context: ServiceContext = {
    ...processOver(log as ReturnType<typeof memoryLog>).context('verifier'),
    elapsedMs: timeMs,
    pause,
    logger: {
      info() {},
      warn() {},
      error: (fields, text) => lines.push(`${fields.pool} ${fields.logOffset}: ${text}`),
    },
  };
  const check = startLogCheck(context, {
    network: liveNetwork.network,
    pools: [POOL],
    verification: {
      registerKey: (key) => verification.registerKey(key),
      figures: verification.figures,
      verify(batch) {
        inTurn = {
          turn: turns(),
          count: (inTurn.turn === turns() ? inTurn.count : 0) + batch.length,
        };
        most.atOnce = Math.max(most.atOnce, batch.length);
        most.inTurn = Math.max(most.inTurn, inTurn.count);
        pass(PROOF_MS * batch.length);
        return verification.verify(batch);
      },
    },
    instance: 'test',
    seed,
    limits: { reportEveryMs: 1_000, ...limits },
  });
  // Its last steps may still pause.
  const stop = async () => {
    await check.stop();
    isOver = true;
  };
  return { check: { stop }, lines, timeMs, most };
}

test('what lies in the log at the start is covered at the rate, whatever the seed, and told once', async () => {
  const log = await traffic();
  const from = await log.endOffset(poolInput(POOL), 0);
  const forged = forgeries(await modelsIn(log), Date.now());
  await append(log, forged);
  const expected = forged.flatMap(({ fault }, index) => (fault ? [from + index] : []));
  for (const seed of [1, 2]) {
    const before = (await told(log)).length;
    const { check, lines, timeMs, most } = checkOver(log, seed, {
      messagesPerSecond: 200,
      passEveryMs: 60_000,
    });
    await until('it is covered three times', () => timeMs() > 130_000);
    await check.stop();
    assert.ok(timeMs() > 120_000, `${timeMs()}`);
    // What has just come waits for no more than that. What is forged is looked at as by verifiers that know less, thrice.
    assert.equal(most.atOnce, 16, `seed ${seed}`);
    assert.ok(most.inTurn <= 16 + 3 * expected.length, `seed ${seed}: ${most.inTurn}`);
    const found = lines.map((line) => Number(/main (\d+):/.exec(line)?.[1]));
    assert.deepEqual(
      found.sort((a, b) => a - b),
      expected,
      `seed ${seed}`,
    );
    const proofs = (await told(log)).slice(before);
    const messages = PAYMENTS;
    const covered = proofs.find(({ coveredAtMs }) => coveredAtMs > 0);
    assert.ok(covered, `seed ${seed}`);
    // The burst, and then the rate.
    const atMost = (messages / 200 + 4) * 1_000;
    assert.ok(
      proofs.indexOf(covered) * 1_000 <= atMost,
      `covered by word ${proofs.indexOf(covered)}`,
    );
    assert.equal(proofs.at(-1)?.faults, expected.length);
  }
});

test('new records beyond the rate wait for their turn, and how long is told', async () => {
  const log = await traffic();
  const records = await readAll(log, poolInput(POOL));
  const copy = memoryLog();
  await copy.createTopics([
    { name: poolInput(POOL), partitions: 1, timestamps: 'create' },
    { name: TELEMETRY, partitions: 1, timestamps: 'create' },
  ]);
  const { check } = checkOver(copy, 3, { messagesPerSecond: 5 });
  const produce = (some: typeof records) =>
    copy.produce(
      poolInput(POOL),
      some.map(({ key, value }) => ({ key, value, headers: {} })),
    );
  for (let from = 0; from < records.length; from += 60) {
    await produce(records.slice(from, from + 60));
    const read = Math.min(from + 60, records.length);
    await until('it follows the end', async () => ((await last(copy))?.records ?? 0) === read);
  }
  await until('none waits any more', async () => {
    const proof = await last(copy);
    return proof?.uncheckedMs === 0 && proof.proven === records.length;
  });
  await check.stop();
  const words = await told(copy);
  assert.ok(
    words.some(({ uncheckedMs, proven, records: read }) => uncheckedMs > 2_000 && proven < read),
    'some waited',
  );
  assert.equal(words.at(-1)?.faults, 0);
});

test('what was proven as it came is proven again: a record that is changed later is found', async () => {
  const log = await traffic();
  const records = await readAll(log, poolInput(POOL));
  const copy = memoryLog();
  await copy.createTopics([
    { name: poolInput(POOL), partitions: 1, timestamps: 'create' },
    { name: TELEMETRY, partitions: 1, timestamps: 'create' },
  ]);
  let changed = -1;
  const changing: Log = {
    ...copy,
    read: async (...where) =>
      (await copy.read(...where)).map((record) => {
        if (record.logOffset !== changed) return record;
        const value = Buffer.from(record.value);
        value[AMOUNT_AT] = (value[AMOUNT_AT] as number) ^ 1;
        return { ...record, value };
      }),
  };
  const { check, lines, timeMs } = checkOver(changing, 10, { passEveryMs: 10_000 });
  const has = async (count: number) => ((await last(copy))?.proven ?? 0) >= count;
  await until('it follows the end, and may prove what comes', () => timeMs() > 2_000);
  await copy.produce(
    poolInput(POOL),
    records.map(({ key, value }) => ({ key, value, headers: {} })),
  );
  await until('each was proven once', () => has(records.length));
  assert.deepEqual(lines, []);
  changed = records.findLastIndex(
    ({ value }) => !isControl(value) && readVerified(value).kind === 'payment',
  );
  await until('the change is found', () => lines.length > 0);
  assert.match(lines.join(), new RegExp(`^main ${changed}: `));
  await check.stop();
});

test('a log that gives a few records at a time is checked whole all the same', async () => {
  const log = await traffic();
  const from = await log.endOffset(poolInput(POOL), 0);
  const forged = forgeries(await modelsIn(log), Date.now());
  await append(log, forged);
  let reads = 0;
  const inParts: Log = {
    ...log,
    // As a broker does, whose answer is bounded by its bytes.
    read: (topic, partition, start, maxRecords, options) =>
      log.read(topic, partition, start, Math.min(maxRecords, 1 + ((reads++ * 37) % 23)), options),
  };
  const { check, lines, timeMs } = checkOver(inParts, 8, { passEveryMs: 60_000 });
  await until('it is covered', () => timeMs() > 59_000);
  await check.stop();
  assert.deepEqual(
    lines.map((line) => Number(/main (\d+):/.exec(line)?.[1])).sort((a, b) => a - b),
    forged.flatMap(({ fault }, index) => (fault ? [from + index] : [])),
  );
});

test('whoever follows the end of a log reads it ten times a second, however it grows', async () => {
  const log = await traffic();
  const records = await readAll(log, poolInput(POOL));
  const copy = memoryLog();
  await copy.createTopics([
    { name: poolInput(POOL), partitions: 1, timestamps: 'create' },
    { name: TELEMETRY, partitions: 1, timestamps: 'create' },
  ]);
  let reads = 0;
  const growing: Log = {
    ...copy,
    read: async (topic, ...where) => {
      const [next] = records.splice(0, 1);
      if (next) await copy.produce(topic, [{ key: POOL, value: next.value, headers: {} }]);
      reads += 1;
      return copy.read(topic, ...where);
    },
  };
  const { check, timeMs } = checkOver(growing, 9, {});
  await until('it followed', () => timeMs() > 10_000);
  const seen = reads;
  await check.stop();
  assert.ok(seen <= timeMs() / 100 + 20, `${seen} reads in ${timeMs()} ms`);
});

/** A pool into which so many records come in each second of its time: the same ones again and again. */
async function flooded(perSecond: number) {
  const log = await traffic();
  const records = await readAll(log, poolInput(POOL));
  const first = records.findIndex(({ value }) => !isControl(value));
  const messages = records.slice(first).filter(({ value }) => !isControl(value));
  const timed = { timeMs: () => 0 };
  const end = () => first + Math.floor((perSecond * timed.timeMs()) / 1000);
  const flood: Log = {
    ...log,
    endOffset: async (topic, partition) =>
      topic === TELEMETRY ? log.endOffset(topic, partition) : end(),
    read: async (topic, partition, from, count, ...how) => {
      if (topic === TELEMETRY) return log.read(topic, partition, from, count, ...how);
      return Array.from({ length: Math.max(0, Math.min(count, end() - from)) }, (_, place) => {
        const logOffset = from + place;
        const record =
          logOffset < first ? records[logOffset] : messages[(logOffset - first) % messages.length];
        return { ...(record as (typeof records)[number]), topic, logOffset };
      });
    },
  };
  return { log, flood, timed, first, end };
}

test('under a flood all is read as it comes, and the rate is proven, a few at a time', async () => {
  const { log, flood, timed, first, end } = await flooded(5_000);
  const { check, timeMs, most, lines } = checkOver(flood, 11, {});
  timed.timeMs = timeMs;
  await until('it ran for 8 s', () => timeMs() > 8_000);
  await check.stop();
  const proof = await last(log);
  assert.ok(proof);
  // The last word is of a second ago at most, and a round reads 512.
  assert.ok(end() - proof.records <= 5_000 + 2 * 512, `${proof.records} of ${end()} are read`);
  assert.ok(proof.proven - first >= 0.98 * (timeMs() - 1_000), `${proof.proven} in ${timeMs()} ms`);
  assert.ok(proof.proven - first <= timeMs() + 1_000, `${proof.proven} in ${timeMs()} ms`);
  assert.deepEqual(most, { atOnce: 16, inTurn: 16 });
  assert.deepEqual(lines, []);
});

test('a check that reads more slowly than records come tells for how long they wait unread', async () => {
  const { log, flood, timed } = await flooded(2_000);
  const limits = { recordsPerSecond: 1_000, messagesPerSecond: 10_000 };
  const { check, timeMs } = checkOver(flood, 12, limits);
  timed.timeMs = timeMs;
  await until('it ran for 8 s', () => timeMs() > 8_000);
  await check.stop();
  const proof = await last(log);
  // The last word is of 7 s at least, when what came at 3.5 s is read. An end is seen by the word after it.
  assert.ok(proof && proof.uncheckedMs >= 2_000, `${proof?.uncheckedMs}`);
});
