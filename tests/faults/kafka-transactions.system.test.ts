/**
 * Kafka's own records are nobody's to read: a transaction ends with a marker, which takes an offset.
 * Whoever writes a topic in transactions, committed or aborted, and then is quiet, makes no reader stall.
 */
import assert from 'node:assert/strict';
import { startBank } from '../../services/bank/bank-service.ts';
import { currenciesOf } from '../../services/live/network.ts';
import type { Message } from '../../services/protocol/names/message.ts';
import { PAYMENTS } from '../../services/protocol/names/topic-plan.ts';
import { KEY_ID } from '../../services/simulator/keys-and-genesis.ts';
import { sendAsForeigner } from '../support/foreign-producer.ts';
import { sharedBrokers } from '../support/kafka-broker.ts';
import { core, liveNetwork, POOL, processOver, scenario, startNetwork } from '../support/live.ts';
import { ALFA, BETA, bankAs, CUSTOMERS, paymentOf } from './banks.ts';
import { onKafka } from './each-log.ts';
import { checkPool } from './topics-against-replay.ts';
import { uetrOf } from './traffic.ts';

const brokers = await sharedBrokers();
const SEED = 47;
const PAYMENTS_SENT = 6;
onKafka(brokers, 'transactions, then quiet: no reader stalls', async (_t, { log, prefix }) => {
  if ('skip' in brokers) return;
  // Nobody may stand at all: a reader with something before it has stalled at the second look.
  const shared = processOver(log, 0);
  const services = ['clearing', 'verifier', 'notifier'] as const;
  const live = await startNetwork(log, { shared, services });
  const sign = () => new Uint8Array(64);
  const banks = await Promise.all(
    [ALFA, BETA].map((bic) =>
      startBank(shared.context(bic), {
        ...{ bic, keyId: KEY_ID, network: liveNetwork.network, sign, orders: [], ratePerSecond: 0 },
        currencies: currenciesOf(liveNetwork),
      }),
    ),
  );
  const alfa = bankAs(scenario, ALFA);
  const send = async (topic: string, messages: readonly Message[]) => {
    for (const transaction of ['commit', 'abort'] as const) {
      const foreign = messages.map(({ key, value, headers }) => ({
        key,
        value: Buffer.from(value).toString('base64'),
        headers,
      }));
      const where = { brokers, topic: prefix + topic };
      const outcome = await sendAsForeigner({ ...where, messages: foreign, transaction });
      assert.equal(outcome, 'ok', `${topic}, ${transaction}`);
    }
  };
  for (let index = 0; index < PAYMENTS_SENT; index++)
    await send(PAYMENTS, [alfa.pay(paymentOf(SEED, index), CUSTOMERS, Date.now())]);
  await live.quiet();
  for (let look = 0; look < 4; look++) {
    await shared.health.look();
    assert.deepEqual(shared.health.faults(), [], `at look ${look}`);
  }
  for (const { lagRecords, reader } of shared.health.samples()) assert.equal(lagRecords, 0, reader);
  for (const bank of banks) await bank.stop();
  await live.stop();
  const { outcomes } = await checkPool(log, core.module, liveNetwork.network, POOL);
  for (let index = 0; index < PAYMENTS_SENT; index++)
    assert.deepEqual(outcomes.get(uetrOf(SEED, index)), ['settled'], `payment ${index}`);
});
