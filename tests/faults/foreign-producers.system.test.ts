/**
 * A bank's own producer compresses, sends a bomb, or headers without a value. What is a payment
 * settles, what is none is refused with its coordinates, and the others' payments go on.
 */
import assert from 'node:assert/strict';
import type { Message } from '../../services/protocol/names/message.ts';
import {
  PAYMENTS,
  PAYMENTS_REJECTED,
  statusesOf,
} from '../../services/protocol/names/topic-plan.ts';
import { atLeast } from '../support/at-least.ts';
import { type ForeignBatch, sendAsForeigner } from '../support/foreign-producer.ts';
import { sharedBrokers } from '../support/kafka-broker.ts';
import { core, liveNetwork, POOL, scenario, startNetwork, until } from '../support/live.ts';
import { ALFA, BETA, bankAs, CUSTOMERS, paymentOf } from './banks.ts';
import { onKafka } from './each-log.ts';
import { checkPool, readAll } from './topics-against-replay.ts';
import { uetrOf } from './traffic.ts';

const brokers = await sharedBrokers();
const SEED = 43;
const OTHER_CODECS = ['snappy', 'lz4', 'zstd'] as const;

const foreign = ({ key, value, headers }: Message, others: Record<string, null> = {}) => ({
  key,
  value: Buffer.from(value).toString('base64'),
  headers: { ...headers, ...others },
});

onKafka(brokers, 'what banks send with producers of their own', async (t, { log, prefix }) => {
  if ('skip' in brokers) return;
  const live = await startNetwork(log);
  const alfa = bankAs(scenario, ALFA);
  const beta = bankAs(scenario, BETA);
  const payment = (index: number) => alfa.pay(paymentOf(SEED, index), CUSTOMERS, Date.now());
  const topic = prefix + PAYMENTS;
  const send = (messages: ForeignBatch['messages'], codec: ForeignBatch['codec'] = 'none') =>
    sendAsForeigner({ brokers, topic, codec, messages });
  const settled: number[] = [];

  for (const [index, codec] of (['none', 'gzip'] as const).entries()) {
    assert.equal(await send([foreign(payment(index))], codec), 'ok', codec);
    settled.push(index);
  }
  assert.equal(await send([foreign(payment(10), { other: null })]), 'ok');
  settled.push(10);
  assert.equal(await send([foreign(payment(11), { ce_id: null })]), 'ok');
  assert.equal(await send([foreign(payment(12), { ce_source: null })]), 'ok');

  for (const codec of OTHER_CODECS)
    assert.equal(
      await send(
        [20, 21, 22].map((index) => foreign(payment(index))),
        codec,
      ),
      'ok',
      codec,
    );
  assert.equal(await send([{ key: ALFA, zeros: 64 * 1_048_576 }], 'gzip'), 'ok');

  for (let index = 30; index < 60; index++) {
    const fields = { debtorAgent: BETA, creditorAgent: ALFA };
    const isBack = index % 2 === 0;
    const message = isBack
      ? beta.pay(paymentOf(SEED, index, fields), CUSTOMERS, Date.now())
      : payment(index);
    await log.produce(PAYMENTS, [message]);
    settled.push(index);
  }
  await live.quiet();
  const letters = async () =>
    (await readAll(log, PAYMENTS_REJECTED)).map(({ value }) =>
      JSON.parse(Buffer.from(value).toString()),
    );
  await until('all is refused', async () => (await letters()).length === 1 + OTHER_CODECS.length);
  await live.stop();

  const { outcomes } = await checkPool(log, core.module, liveNetwork.network, POOL);
  assert.deepEqual(
    [...outcomes].sort(),
    settled.map((index) => [uetrOf(SEED, index), ['settled']] as const).sort(),
  );
  const told = (await letters()).map(({ reason, detail }) => `${reason}: ${detail}`);
  const unread = (codec: string) =>
    new RegExp(`3 records from offset \\d+ on are compressed by ${codec}; expected uncompressed`);
  const bomb = /1 records from offset \d+ on unfold to more than 2097152 bytes$/;
  for (const words of atLeast(4, [...OTHER_CODECS.map(unread), bomb]))
    assert.equal(told.filter((line) => words.test(line)).length, 1, `${words}`);
  // Where the sender is known, its bank is told, once a batch.
  const notices = (await readAll(log, statusesOf(ALFA))).flatMap(({ value }) => {
    // What nobody asked for, such as an opening, is no status.
    const { FIToFIPmtStsRpt } = JSON.parse(Buffer.from(value).toString()).Document;
    const { TxSts, StsRsnInf = [] } = FIToFIPmtStsRpt?.TxInfAndSts[0] ?? {};
    return TxSts === 'RJCT' ? [StsRsnInf[0].AddtlInf.join('')] : [];
  });
  const words = [
    /Header: ce_id/,
    /Header: ce_source/,
    ...OTHER_CODECS.map(unread),
    /unfold to more/,
  ];
  for (const one of atLeast(6, words))
    assert.equal(notices.filter((text) => one.test(text)).length, 1, `${one} in ${notices}`);
  assert.equal(notices.length, words.length);
  t.diagnostic(`refused: ${told.join('; ')}`);
});
