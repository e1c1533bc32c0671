import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Worker } from 'node:worker_threads';
import { createSigner } from '../../services/core/verification/signing.ts';
import { createVerification } from '../../services/core/verification/verification.ts';
import {
  createVerificationPool,
  PoolClosedError,
} from '../../services/core/verification/verification-pool.ts';
import { currenciesOf } from '../../services/live/network.ts';
import { createTopics } from '../../services/live/network-against-log.ts';
import type { LogPort } from '../../services/live/service-context.ts';
import type { Bic } from '../../services/protocol/names/bic-and-uetr.ts';
import type { Message } from '../../services/protocol/names/message.ts';
import {
  PARTICIPANTS,
  PAYMENTS,
  PAYMENTS_REJECTED,
  poolInput,
  TELEMETRY,
} from '../../services/protocol/names/topic-plan.ts';
import { verifiedIn } from '../../services/protocol/records/input-record.ts';
import { participantMessage } from '../../services/protocol/records/participant-message.ts';
import { isBatchTelemetry, readTelemetry } from '../../services/protocol/records/telemetry.ts';
import { startPooledVerifier } from '../../services/verifier/pooled-verifier.ts';
import { startVerifier } from '../../services/verifier/verifier-service.ts';
import {
  banksOf,
  core,
  ended,
  liveNetwork,
  memoryLog,
  POOL,
  processOver,
  startNetwork,
  until,
} from '../support/live.ts';

/** A verifier's own part of a network, with what its context replaces. */
const options = {
  network: liveNetwork.network,
  currencies: currenciesOf(liveNetwork),
  defaultPool: POOL,
  paymentPartitions: liveNetwork.paymentPartitions,
};
const threadsOfProcess = () =>
  process.getActiveResourcesInfo().filter((name) => name === 'MessagePort').length;

for (const failing of ['startOffset', 'subscribe'] as const)
  test(`a verifier whose start fails at ${failing} leaves no thread that keeps the process`, async () => {
    const log = memoryLog();
    await createTopics(log, liveNetwork);
    const context = processOver(log).context('verifier');
    const before = threadsOfProcess();
    const broken = {
      ...context,
      log: { ...log, [failing]: () => Promise.reject(new Error('broker lost')) },
    };
    await assert.rejects(
      startPooledVerifier(broken, { ...options, module: core.module, threads: 1 }),
      /broker lost/,
    );
    await until('its threads have ended', () => threadsOfProcess() === before);
  });

test('a verifier that ends by itself leaves no thread', async () => {
  const log = memoryLog();
  await createTopics(log, liveNetwork);
  const context = processOver(log).context('verifier');
  const before = threadsOfProcess();
  let broken = false;
  const read: typeof log.read = (...request) =>
    broken ? Promise.reject(new Error('log damaged')) : log.read(...request);
  const running = await startPooledVerifier(
    { ...context, log: { ...log, read } },
    { ...options, module: core.module, threads: 1 },
  );
  assert.ok(threadsOfProcess() > before);
  broken = true;
  await assert.rejects(ended(running), /log damaged/);
  await until('its threads have ended', () => threadsOfProcess() === before);
  await running.stop().catch(() => {});
});

/** What telemetry says of each batch: threads, and keys without room. */
async function batchesOf(log: LogPort): Promise<[number, number][]> {
  const records = await log.read(TELEMETRY, 0, 0, 100);
  return records
    .map(({ value }) => readTelemetry(value))
    .filter(isBatchTelemetry)
    .map(({ threads, keysWithoutRoom }) => [threads, keysWithoutRoom]);
}

test('telemetry says with how many threads a batch was verified', async () => {
  const log = memoryLog();
  const live = await startNetwork(log, { services: ['clearing', 'notifier'] });
  await live.quiet();
  const context = processOver(log).context('verifier');
  const running = await startPooledVerifier(context, {
    ...options,
    module: core.module,
    threads: 1,
  });
  const [payment] = banksOf(1).messages(0);
  await log.produce(PAYMENTS, [payment ?? assert.fail()]);
  await until('it is verified', async () => (await batchesOf(log)).length > 0);
  assert.deepEqual(await batchesOf(log), [[1, 0]]);
  await running.stop();
  await live.stop();
});

test('a verifier that loses one of its threads verifies on the thread that reads, and says so once', async (t) => {
  const log = memoryLog();
  const live = await startNetwork(log, { services: ['clearing', 'notifier'] });
  t.after(() => live.stop());
  await live.quiet();
  const context = processOver(log).context('verifier');
  const errors: [object, string][] = [];
  const gauges = new Map<string, number>();
  const watched = {
    ...context,
    logger: {
      ...context.logger,
      error: (fields: object, text: string) => void errors.push([fields, text]),
    },
    figures: {
      ...context.figures,
      gauge: (name: string) => (value: number) => void gauges.set(name, value),
    },
  };
  const workers: Worker[] = [];
  const seen = (worker: Worker) => void workers.push(worker);
  const before = threadsOfProcess();
  process.on('worker', seen);
  const own = { ...options, module: core.module, threads: 2 };
  const running = await startPooledVerifier(watched, own);
  t.after(() => running.stop());
  process.off('worker', seen);
  assert.equal(workers.length, 2);
  const inUse = () => gauges.get('corridor_verifier_threads');
  assert.equal(inUse(), 2);
  const banks = banksOf(1);
  const payments = [0, 4, 5, 6].flatMap((index) => banks.messages(index));
  const [first, ...others] = payments as [Message, ...Message[]];
  const verified = async () => (await batchesOf(log)).map(([threads]) => threads);
  await log.produce(PAYMENTS, [first]);
  await until('it is verified', async () => (await verified()).length > 0);
  assert.deepEqual(await verified(), [2]);

  // In the midst of what it is given, and not only between.
  await log.produce(PAYMENTS, others);
  await workers[1]?.terminate();
  await until('the loss is known', () => inUse() === 0);
  await until('the other thread has ended', () => threadsOfProcess() === before);
  const forged = banks.messages(4).map((one) => ({ ...one, value: Buffer.from(`${one.value} `) }));
  await log.produce(PAYMENTS, forged);
  const verdicts = async () =>
    (await log.read(poolInput(POOL), 0, 0, 1_000)).flatMap(
      ({ value }) => verifiedIn(value)?.kind ?? [],
    );
  const expected = [...payments.map(() => 'payment'), ...forged.map(() => 'notice')];
  await until('all have a verdict', async () => (await verdicts()).length >= expected.length);
  assert.deepEqual((await verdicts()).sort(), expected.sort());
  await until('telemetry has no thread', async () => (await verified()).at(-1) === 0);
  assert.deepEqual(
    errors.map(([, text]) => text),
    ['a worker was lost: the reading thread verifies from now on'],
  );
  await running.stop();

  // Started again, it has its threads.
  const again = await startPooledVerifier(watched, own);
  t.after(() => again.stop());
  assert.equal(inUse(), 2);
  assert.equal(errors.length, 1);
});

test('a verifier has room for the keys of as many participants as its network has', async () => {
  const log = memoryLog();
  const limits = { participants: 4_200 };
  const live = await startNetwork(log, { services: ['clearing', 'notifier'], limits });
  await live.quiet();
  const secretKey = new Uint8Array(32);
  const keys = Array.from({ length: 4_100 }, (_, number) => {
    new DataView(secretKey.buffer).setUint32(0, number + 1);
    const publicKey = Buffer.from(createSigner(secretKey).publicKey).toString('hex');
    const bic = `METRDE${String(number).padStart(5, '0')}` as Bic;
    const named = { bic, name: '', role: 'meter' } as const;
    return participantMessage({ ...named, keyId: 'key-1', publicKey, state: 'registered' });
  });
  await log.produce(PARTICIPANTS, keys);
  const context = processOver(log).context('verifier');
  const running = await startPooledVerifier(context, {
    ...options,
    module: core.module,
    threads: 0,
  });
  const [payment] = banksOf(1).messages(0);
  await log.produce(PAYMENTS, [payment ?? assert.fail()]);
  await until('it is verified', async () => (await batchesOf(log)).length > 0);
  assert.deepEqual(await batchesOf(log), [[0, 0]]);
  await running.stop();
  await live.stop();
});

for (const threads of [0, 1])
  test(`a payment after the key feed has ended is not refused (threads: ${threads})`, async () => {
    const log = memoryLog();
    const live = await startNetwork(log, { services: ['clearing', 'notifier'] });
    await live.quiet();
    const context = processOver(log).context('verifier');
    let broken = false;
    const read: typeof log.read = (...request) =>
      broken && request[0] === PARTICIPANTS
        ? Promise.reject(new Error('log damaged'))
        : log.read(...request);
    const running = await startPooledVerifier(
      { ...context, log: { ...log, read } },
      { ...options, module: core.module, threads },
    );
    broken = true;
    const [payment] = banksOf(1).messages(0);
    await assert.rejects(ended(running), /log damaged/);
    await log.produce(PAYMENTS, [payment ?? assert.fail()]);
    await running.stop().catch(() => {});
    assert.equal(await log.endOffset(PAYMENTS_REJECTED, 0), 0);
    await live.stop();
  });

test('a pool that is closed ends the verifier: no payment is refused for it', async () => {
  const log = memoryLog();
  const live = await startNetwork(log, { services: ['clearing', 'notifier'] });
  await live.quiet();
  const verification = createVerificationPool(core.module, { threads: 0 });
  const context = processOver(log).context('verifier');
  const running = await startVerifier(context, { ...options, verification });
  await verification.close();
  const [payment] = banksOf(1).messages(0);
  await log.produce(PAYMENTS, [payment ?? assert.fail()]);
  await assert.rejects(ended(running), PoolClosedError);
  assert.equal(await log.endOffset(PAYMENTS_REJECTED, 0), 0);
  await running.stop().catch(() => {});
  await live.stop();
});

test('keys without room are told of once, and counted', async () => {
  const log = memoryLog();
  const verification = createVerification(core.module, { keysMax: 1 });
  const context = processOver(log).context('verifier');
  const warnings: string[] = [];
  const gauges = new Map<string, number>();
  const watched = {
    ...context,
    logger: {
      ...context.logger,
      info() {},
      error() {},
      warn: (_: object, text: string) => void warnings.push(text),
    },
    figures: {
      ...context.figures,
      gauge: (name: string) => (value: number) => void gauges.set(name, value),
    },
  };
  const live = await startNetwork(log, { services: ['clearing', 'notifier'] });
  await live.quiet();
  const running = await startVerifier(watched, { ...options, verification });
  await until('the keys are known', () => verification.figures.keysWithoutRoom > 1);
  const [payment] = banksOf(1).messages(0);
  await log.produce(PAYMENTS, [payment ?? assert.fail()]);
  await until('it is verified', async () => (await batchesOf(log)).length > 0);
  await running.stop();
  const { keysWithoutRoom } = verification.figures;
  assert.equal(gauges.get('corridor_verifier_keys_without_room'), keysWithoutRoom);
  assert.deepEqual(await batchesOf(log), [[0, keysWithoutRoom]]);
  assert.deepEqual(warnings, [
    'no room for another key: signatures under further ones take longer',
  ]);
  await live.stop();
});

test('a core that gives no verdict ends the verifier: nothing is refused for it', async () => {
  const log = memoryLog();
  const live = await startNetwork(log, { services: ['clearing', 'notifier'] });
  await live.quiet();
  const verification = { ...createVerification(core.module), verify: () => [] };
  const context = processOver(log).context('verifier');
  const before = await log.endOffset(poolInput(POOL), 0);
  const running = await startVerifier(context, { ...options, verification });
  const [payment] = banksOf(1).messages(0);
  await log.produce(PAYMENTS, [payment ?? assert.fail()]);
  await assert.rejects(ended(running), /no verdict/);
  assert.equal(await log.endOffset(PAYMENTS_REJECTED, 0), 0);
  assert.equal(await log.endOffset(poolInput(POOL), 0), before);
  await running.stop().catch(() => {});
  await live.stop();
});
