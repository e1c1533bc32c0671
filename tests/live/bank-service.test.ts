import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startBank } from '../../services/bank/bank-service.ts';
import type { Order } from '../../services/bank/payment-orders-csv.ts';
import { createSigner } from '../../services/core/verification/signing.ts';
import { currenciesOf } from '../../services/live/network.ts';
import type { Bic } from '../../services/protocol/names/bic-and-uetr.ts';
import { statusesOf } from '../../services/protocol/names/topic-plan.ts';
import { KEY_ID, simulatedSecretKey } from '../../services/simulator/keys-and-genesis.ts';
import { checkPool } from '../faults/topics-against-replay.ts';
import { uetrOf } from '../faults/traffic.ts';
import {
  core,
  liveNetwork,
  memoryLog,
  POOL,
  processOver,
  scenario,
  startNetwork,
  until,
} from '../support/live.ts';

const ALFA = 'ALFADE00' as Bic;
const BETA = 'BETASG00' as Bic;

function bankOn(log: ReturnType<typeof memoryLog>, bic: Bic, orders: readonly Order[]) {
  const signer = createSigner(simulatedSecretKey(scenario.seed, bic));
  const shared = processOver(log);
  const figure = async (name: string) => {
    const line = (await shared.registry.metrics())
      .split('\n')
      .find((one) => one.startsWith(`corridor_bank_payments_${name}{`));
    return Number(line?.split(' ')[1] ?? -1);
  };
  const service = startBank(shared.context('bank'), {
    bic,
    keyId: KEY_ID,
    network: liveNetwork.network,
    sign: (text) => signer.sign(text),
    currencies: currenciesOf(liveNetwork),
    orders,
    ratePerSecond: 0,
  });
  return { service, figure };
}

const order = (index: number, amountMinor: bigint): Order => ({
  uetr: uetrOf(77, index),
  creditorAgent: BETA,
  currency: 'EUR',
  amountMinor,
  priority: 'normal',
});

test('a bank sends its file, again after a crash, and counts what became of it once', async () => {
  const log = memoryLog();
  const live = await startNetwork(log);
  const orders = Array.from({ length: 40 }, (_, index) =>
    order(index, index === 7 ? 10n ** 12n : 100n),
  );
  const alfa = bankOn(log, ALFA, orders);
  const beta = bankOn(log, BETA, []);
  await until('39 are settled', async () => (await alfa.figure('settled')) === 39);
  await until('39 arrive', async () => (await beta.figure('received')) === 39);
  assert.equal(await alfa.figure('pending'), 1, 'the one beyond its funds waits');

  // The notifier repeats what it may have said before a crash: the bank knows it by its number.
  const repeated = (await log.read(statusesOf(ALFA), 0, 0, 100)).map(({ key, value, headers }) => ({
    key,
    value,
    headers,
  }));
  await log.produce(statusesOf(ALFA), repeated);
  // A bank that lost its memory sends the whole file again: nothing is settled a second time.
  await (await alfa.service).stop();
  const anew = bankOn(log, ALFA, orders);
  await until('39 are settled', async () => (await anew.figure('settled')) === 39);
  await live.quiet();
  await Promise.all([(await anew.service).stop(), (await beta.service).stop()]);
  await live.stop();
  const { events } = await checkPool(log, core.module, liveNetwork.network, POOL);
  assert.equal(events.filter(({ kind }) => kind === 'settled').length, 39);
  assert.equal(await beta.figure('received'), 39);
});
