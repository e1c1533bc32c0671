import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { openKafkaLog } from '../../services/platform/log/kafka/kafka.ts';
import { poolInput, statusesOf } from '../../services/protocol/names/topic-plan.ts';
import { startServices } from '../../services/sandbox/start-services.ts';
import { TURN_OF_SENDER } from '../../services/verifier/fair-queue.ts';
import { ALFA } from '../faults/banks.ts';
import { checkPool } from '../faults/topics-against-replay.ts';
import { isGenuine, uetrOf } from '../faults/traffic.ts';
import { floodedPartition, verifiedOffsets } from '../support/flooded-partition.ts';
import { randomPrefix, removeTopics, sharedBrokers } from '../support/kafka-broker.ts';
import {
  core,
  ended,
  liveNetwork,
  POOL,
  processOver,
  send,
  serviceOver,
  startNetwork,
  until,
} from '../support/live.ts';

/** The same services over a real Apache Kafka, each over a connection of its own. */
const brokers = await sharedBrokers();
const SEED = 11;
const PAYMENTS = 120;

if ('skip' in brokers) test('a live network on Kafka', { skip: brokers.skip }, () => {});
else {
  const prefix = randomPrefix();
  const flooded = randomPrefix();
  after(() => removeTopics(brokers, [prefix, flooded]));

  test('a live network on Kafka: two verifiers, a standby, and all that was sent arrives', async () => {
    const open = () => openKafkaLog({ brokers, prefix });
    const log = await open();
    const live = await startNetwork(log, { services: ['clearing', 'verifier', 'notifier'] });
    const second = await open();
    const others = await startServices({
      network: liveNetwork,
      core,
      contextOf: (
        (shared) => (service: string, pool?: string) =>
          shared.context(service, pool)
      )(processOver(second)),
      threads: 0,
      takeoverMs: 1_000,
      services: ['clearing', 'verifier'],
    });
    await send(log, SEED, 0, PAYMENTS);
    await live.quiet();
    await others.stop();
    await live.stop();
    const { outcomes } = await checkPool(log, core.module, liveNetwork.network, POOL);
    for (let index = 0; index < PAYMENTS; index++)
      if (isGenuine(index)) assert.ok(outcomes.has(uetrOf(SEED, index)), `payment ${index}`);
    await second.close();
    await log.close();
  });

  test('of two notifiers on Kafka that start together one tells, the other ends, and so does one that comes later', async () => {
    const shared = randomPrefix();
    after(() => removeTopics(brokers, [shared]));
    const open = () => openKafkaLog({ brokers, prefix: shared });
    const log = await open();
    // One that comes while another is a member is refused after half a minute, or its patience.
    const impatient = () => openKafkaLog({ brokers, prefix: shared, patienceMs: 10_000 });
    const logs = [await impatient(), await impatient(), await impatient()] as const;
    const refused = {
      kind: 'notifierRuns',
      message:
        'another notifier tells the banks of pool main: end it, or this one: a network has one',
    };
    const both = logs.slice(0, 2).map((one) => serviceOver(one, 'notifier'));
    const isRefused = assert.rejects(Promise.race(both.map((one) => one.then(ended))), refused);
    const live = await startNetwork(log, { services: ['clearing', 'verifier'] });
    await isRefused;
    await assert.rejects(serviceOver(logs[2], 'notifier'), refused);
    await send(log, SEED, 0, PAYMENTS);
    await live.quiet();
    const told = await Promise.allSettled(
      both.map(async (one) => {
        const running = await one;
        await running.caughtUp?.();
        await running.stop();
      }),
    );
    assert.deepEqual(told.map(({ status }) => status).sort(), ['fulfilled', 'rejected']);
    await live.stop();
    const { outcomes } = await checkPool(log, core.module, liveNetwork.network, POOL);
    for (let index = 0; index < PAYMENTS; index++)
      if (isGenuine(index)) assert.ok(outcomes.has(uetrOf(SEED, index)), `payment ${index}`);
    const ids = (await log.read(statusesOf(ALFA), 0, 0, 10_000)).map(
      ({ headers }) => headers.ce_id,
    );
    assert.equal(new Set(ids).size, ids.length, 'each is written once');
    await Promise.all([...logs, log].map((one) => one.close()));
  });

  test('who stands behind a flood on Kafka is verified before most of it, and a second verifier goes on with the rest', async () => {
    const open = () => openKafkaLog({ brokers, prefix: flooded });
    const log = await open();
    const live = await startNetwork(log, { services: ['clearing', 'notifier'] });
    const before = await log.endOffset(poolInput(POOL), 0);
    const { flood, all } = await floodedPartition(log, 1_500);
    const reached = async (what: string, isSo: (offsets: readonly number[]) => boolean) =>
      until(what, async () => isSo(await verifiedOffsets(log, POOL, before)));
    const logs = [await open(), await open()] as const;
    const first = await serviceOver(logs[0], 'verifier');
    await reached('the others come', (offsets) => offsets.some((offset) => offset >= flood));
    await first.stop();
    const done = (await verifiedOffsets(log, POOL, before)).length;
    const second = await serviceOver(logs[1], 'verifier');
    await reached('all is verified', (offsets) => new Set(offsets).size === all);
    await live.quiet();
    await second.stop();
    await live.stop();
    const offsets = await verifiedOffsets(log, POOL, before);
    // The batches of one fetch come one after the other, each with a turn.
    const others = offsets.findIndex((offset) => offset >= flood);
    assert.ok(others <= 8 * TURN_OF_SENDER, `they came behind ${others} messages`);
    assert.ok(done < all, 'the first had verified everything');
    const firsts = [...new Set(offsets)].filter((offset) => offset < flood);
    assert.deepEqual(
      firsts,
      Array.from({ length: flood }, (_, at) => at),
    );
    const { outcomes } = await checkPool(log, core.module, liveNetwork.network, POOL);
    assert.equal(outcomes.size, all);
    await Promise.all([...logs, log].map((one) => one.close()));
  });
}
