import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PAYMENTS, PAYMENTS_REJECTED, poolInput } from '../../protocol/topics.ts';
import { startServices } from './services.ts';
import {
  banksOf,
  core,
  memoryLog,
  network,
  POOL,
  pause,
  processOver,
  startNetwork,
  until,
} from './test-live.ts';

const verifierOver = (log: ReturnType<typeof memoryLog>) => {
  const shared = processOver(log);
  return startServices({
    network,
    core,
    contextOf: (service, pool) => shared.context(service, pool),
    threads: 0,
    takeoverMs: 0,
    services: ['verifier'],
  });
};

test('a payment that comes before the network is founded waits for its participants', async () => {
  const log = memoryLog();
  const verifier = await verifierOver(log);
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
  const verifier = await verifierOver(log);
  await log.produce(PAYMENTS, banksOf(1).messages(0));
  await verifier.stop();
  assert.equal(await log.endOffset(PAYMENTS_REJECTED, 0), 0);
});
