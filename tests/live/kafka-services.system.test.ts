import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { openKafkaLog } from '../../services/platform/log/kafka/kafka.ts';
import { startServices } from '../../services/sandbox/settlement-services.ts';
import { checkPool } from '../faults/history-check.ts';
import { isGenuine, uetrOf } from '../faults/traffic.ts';
import { randomPrefix, removeTopics, sharedBrokers } from '../support/kafka-broker.ts';
import { core, liveNetwork, POOL, processOver, send, startNetwork } from '../support/live.ts';

/** The same services over a real Apache Kafka, each over a connection of its own. */
const brokers = await sharedBrokers();
const SEED = 11;
const PAYMENTS = 120;

if ('skip' in brokers) test('a live network on Kafka', { skip: brokers.skip }, () => {});
else {
  const prefix = randomPrefix();
  after(() => removeTopics(brokers, [prefix]));

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
}
