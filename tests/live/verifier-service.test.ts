import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createVerification } from '../../services/core/verification/verification.ts';
import { currenciesOf } from '../../services/live/network.ts';
import type { ServiceContext } from '../../services/live/service-context.ts';
import { partitionOfKey } from '../../services/platform/log/kafka/wire/partitioner.ts';
import { SYSTEM_EVENT } from '../../services/protocol/messages/system-event.ts';
import type { Bic } from '../../services/protocol/names/bic-and-uetr.ts';
import {
  deliveriesOf,
  PAYMENTS,
  PAYMENTS_REJECTED,
  poolInput,
  statusesOf,
} from '../../services/protocol/names/topic-plan.ts';
import { isControl } from '../../services/protocol/records/input-record.ts';
import { TURN_OF_SENDER } from '../../services/verifier/fair-queue.ts';
import type { SignatureVerification } from '../../services/verifier/verifier.ts';
import { startVerifier, VERIFIERS_GROUP } from '../../services/verifier/verifier-service.ts';
import { ALFA, bankAs, CUSTOMERS, paymentOf } from '../faults/banks.ts';
import { readAll } from '../faults/topics-against-replay.ts';
import { floodedPartition, verifiedOffsets } from '../support/flooded-partition.ts';
import {
  banksOf,
  core,
  liveNetwork,
  memoryLog,
  POOL,
  pause,
  processOver,
  scenario,
  serviceOver,
  startNetwork,
  until,
} from '../support/live.ts';

test('a payment that comes before the network is founded waits for its participants', async () => {
  const log = memoryLog();
  const verifier = await serviceOver(log, 'verifier');
  const [payment] = banksOf(1).messages(0);
  await log.produce(PAYMENTS, [payment ?? assert.fail()]);
  await pause(300);
  assert.equal(await log.endOffset(PAYMENTS_REJECTED, 0), 0);

  const live = await startNetwork(log, { services: ['clearing', 'notifier'] });
  const before = await log.endOffset(poolInput(POOL), 0);
  await until('it is verified', async () => (await log.endOffset(poolInput(POOL), 0)) > before);
  assert.equal(await log.endOffset(PAYMENTS_REJECTED, 0), 0);
  await live.stop();
  await verifier.stop();
});

test('a verifier that knows nobody stops when it is told to, and leaves what it was handed', async () => {
  const log = memoryLog();
  const verifier = await serviceOver(log, 'verifier');
  await log.produce(PAYMENTS, banksOf(1).messages(0));
  await verifier.stop();
  assert.equal(await log.endOffset(PAYMENTS_REJECTED, 0), 0);
});

test('what a verifier has no word of is handed again, and told as a repeat: once more and delivered once', async (t) => {
  const log = memoryLog();
  const live = await startNetwork(log, { services: ['clearing', 'notifier'] });
  // Its group was shared out anew while it had them in hand: its commits are without effect then, as on Kafka.
  const unheard: typeof log = { ...log, commit: async () => {} };
  const first = await startOver(unheard, createVerification(core.module));
  const sent = payments(5);
  await log.produce(PAYMENTS, sent);
  const statuses = async () =>
    (await readAll(log, statusesOf(ALFA as Bic))).filter(
      ({ headers }) => headers.ce_type !== SYSTEM_EVENT,
    );
  await until('all are told', async () => (await statuses()).length >= sent.length);
  await first.stop();
  const second = await startOver(log, createVerification(core.module));
  t.after(async () => {
    await second.stop();
    await live.stop();
  });
  await until('all are told again', async () => (await statuses()).length >= 2 * sent.length);
  const told = await statuses();
  const of = (isRepeat: boolean) =>
    told.filter(({ headers }) => (headers.ce_repeat === 'true') === isRepeat).map(({ key }) => key);
  const uetrs = sent.map(({ headers }) => headers.ce_id);
  assert.deepEqual([of(false), of(true)], [uetrs, uetrs]);
  const delivered = scenario.participants.map(({ bic }) => readAll(log, deliveriesOf(bic as Bic)));
  assert.equal((await Promise.all(delivered)).flat().length, sent.length);
});

/** A verification that fails for the batches that hold one of these signatures. */
function failingAt(isBad: (signature: Uint8Array) => boolean): SignatureVerification {
  const real = createVerification(core.module);
  return {
    figures: real.figures,
    registerKey: (publicKey) => real.registerKey(publicKey),
    verify(batch) {
      if (batch.some(({ signature }) => isBad(signature))) throw new Error('out of order');
      return real.verify(batch);
    },
  };
}

const startOver = (
  log: ReturnType<typeof memoryLog>,
  verification: SignatureVerification,
  by: Partial<ServiceContext> = {},
) =>
  startVerifier(
    { ...processOver(log).context('verifier'), ...by },
    {
      network: liveNetwork.network,
      currencies: currenciesOf(liveNetwork),
      defaultPool: POOL,
      paymentPartitions: liveNetwork.paymentPartitions,
      verification,
    },
  );

/** Payments of one bank, and so of one partition. */
const payments = (count: number) => {
  const bank = bankAs(scenario, ALFA);
  return Array.from({ length: count }, (_, at) =>
    bank.pay(paymentOf(61, at), CUSTOMERS, Date.now()),
  );
};

test('positions are committed so often at most, those of all partitions together', async (t) => {
  const log = memoryLog();
  const live = await startNetwork(log, { services: ['clearing', 'notifier'] });
  t.after(() => live.stop());
  const calls: (readonly number[])[] = [];
  const watched: typeof log = {
    ...log,
    async commit(group, positions) {
      if (group === VERIFIERS_GROUP) calls.push(positions.map(({ partition }) => partition));
      await log.commit(group, positions);
    },
  };
  let open = () => {};
  const gate = new Promise<void>((resolve) => {
    open = resolve;
  });
  const { pause } = processOver(log).context('verifier');
  const verifier = await startOver(watched, createVerification(core.module), {
    // No time passes: a wait of the whole interval is one for the next commit.
    elapsedMs: () => 0,
    pause: (ms) => (ms === 100 ? gate : pause(ms)),
  });
  const before = await log.endOffset(poolInput(POOL), 0);
  const send = async (from: number, to: number) => {
    const placed = [];
    for (let at = from; at < to; at += 1)
      placed.push(...(await log.produce(PAYMENTS, banksOf(62).messages(at))));
    return placed;
  };
  const [first] = await send(0, 1);
  await until('the first is committed at once', () => calls.length === 1);
  const placed = await send(1, 40);
  await until('all are verified', async () => {
    const inputs = await log.read(poolInput(POOL), 0, before, 1_000);
    const verified = inputs.filter(({ value }) => !isControl(value)).length;
    return verified + (await log.endOffset(PAYMENTS_REJECTED, 0)) === placed.length + 1;
  });
  assert.deepEqual(calls, [[first?.partition]]);
  open();
  const partitions = new Set(placed.map(({ partition }) => partition));
  for (const partition of partitions) {
    const end = await log.endOffset(PAYMENTS, partition);
    await until(
      'it is committed',
      async () => (await log.committed(VERIFIERS_GROUP, PAYMENTS, partition)) === end,
    );
  }
  assert.ok(partitions.size > 1);
  assert.deepEqual(new Set(calls[1]), partitions);
  await verifier.stop();
});

test('a position that comes while those of other partitions are committed is committed too', async (t) => {
  const log = memoryLog();
  const live = await startNetwork(log, { services: ['clearing', 'notifier'] });
  t.after(() => live.stop());
  let open = () => {};
  const gate = new Promise<void>((resolve) => {
    open = resolve;
  });
  const calls: string[] = [];
  const slow: typeof log = {
    ...log,
    async commit(group, positions) {
      if (group === VERIFIERS_GROUP && calls.push(group) === 1) await gate;
      await log.commit(group, positions);
    },
  };
  const verifier = await startOver(slow, createVerification(core.module), {
    pause: () => pause(0),
  });
  const { paymentPartitions } = liveNetwork;
  const [one, ...more] = Array.from({ length: 40 }, (_, at) => banksOf(62).messages(at)).flat();
  const partitionOf = (key?: string | null) => partitionOfKey(key ?? '', paymentPartitions);
  const other = more.find(({ key }) => partitionOf(key) !== partitionOf(one?.key));
  const before = await log.endOffset(poolInput(POOL), 0);
  await log.produce(PAYMENTS, [one ?? assert.fail()]);
  await until('the first is being committed', () => calls.length === 1);
  // One message alone: a second would have its partition ask once more.
  const [placed] = await log.produce(PAYMENTS, [other ?? assert.fail()]);
  await until('the other is verified', async () => {
    const inputs = await log.read(poolInput(POOL), 0, before, 1_000);
    const verified = inputs.filter(({ value }) => !isControl(value)).length;
    return verified + (await log.endOffset(PAYMENTS_REJECTED, 0)) === 2;
  });
  // Its turn is over once what follows from it is durable.
  await pause(0);
  open();
  const { partition = 0, logOffset = 0 } = placed ?? {};
  await until(
    'it is committed',
    async () => (await log.committed(VERIFIERS_GROUP, PAYMENTS, partition)) === logOffset + 1,
  );
  await verifier.stop();
});

test('a message that cannot be verified is rejected with its coordinates, and no other', async () => {
  const log = memoryLog();
  const live = await startNetwork(log, { services: ['clearing', 'notifier'] });
  const messages = payments(5);
  const bad = Buffer.from(messages[2]?.headers.ce_signature ?? '', 'base64');
  const before = await log.endOffset(poolInput(POOL), 0);
  const verifier = await startOver(
    log,
    failingAt((signature) => bad.equals(signature)),
  );
  const [{ partition } = assert.fail()] = await log.produce(PAYMENTS, messages);
  const handled = async () => (await log.committed(VERIFIERS_GROUP, PAYMENTS, partition)) === 5;
  await until('the partition goes on', handled);
  await verifier.stop();
  await live.stop();
  assert.equal(await log.endOffset(PAYMENTS_REJECTED, 0), 1);
  const [rejected] = await log.read(PAYMENTS_REJECTED, 0, 0, 1);
  const told = JSON.parse(Buffer.from(rejected?.value ?? '').toString());
  assert.equal(told.detail, 'the message cannot be verified');
  assert.deepEqual([told.partition, told.logOffset], [partition, 2]);
  const inputs = await log.read(poolInput(POOL), 0, before, 100);
  const verified = inputs.filter(({ value }) => !isControl(value));
  assert.equal(verified.length, 4);
});

test('where nothing can be verified the verifier ends, and rejects nothing', async () => {
  const log = memoryLog();
  const live = await startNetwork(log, { services: ['clearing', 'notifier'] });
  const verifier = await startOver(
    log,
    failingAt(() => true),
  );
  const [{ partition } = assert.fail()] = await log.produce(PAYMENTS, payments(5));
  await assert.rejects(verifier.done, /out of order/);
  await verifier.stop();
  await live.stop();
  assert.equal(await log.endOffset(PAYMENTS_REJECTED, 0), 0);
  assert.ok(!(await log.committed(VERIFIERS_GROUP, PAYMENTS, partition)));
});

test('who stands behind a flood in its partition is verified before most of it, and all of it is, in order', async () => {
  const log = memoryLog();
  const live = await startNetwork(log, { services: ['clearing', 'notifier'] });
  const before = await log.endOffset(poolInput(POOL), 0);
  const { partition, flood, all } = await floodedPartition(log, 600);
  const verifier = await startOver(log, createVerification(core.module));
  const handled = async () => (await log.committed(VERIFIERS_GROUP, PAYMENTS, partition)) === all;
  await until('all is handled', handled);
  await verifier.stop();
  await live.stop();
  const offsets = await verifiedOffsets(log, POOL, before);
  assert.equal(new Set(offsets).size, all);
  assert.equal(offsets.length, all);
  const places = offsets.flatMap((offset, place) => (offset >= flood ? [place] : []));
  assert.ok(Math.max(...places) < TURN_OF_SENDER + places.length, `they came at ${places}`);
  const ofFlood = offsets.filter((offset) => offset < flood);
  assert.deepEqual(
    ofFlood,
    [...ofFlood].sort((one, other) => one - other),
  );
});
