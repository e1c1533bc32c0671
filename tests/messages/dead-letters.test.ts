/**
 * What names no participant is the operator's to look at: however much of it comes, nothing of it goes
 * into anybody's topic, and nothing into a pool's input. What anybody sends under a bank's name reaches
 * that bank's topic ten times a minute at most.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createMemoryLog } from '../../services/platform/log/embedded/memory.ts';
import type { Bic } from '../../services/protocol/names/bic-and-uetr.ts';
import { headersFromHttp } from '../../services/protocol/names/http-headers.ts';
import type { Message } from '../../services/protocol/names/message.ts';
import {
  PAYMENTS,
  PAYMENTS_REJECTED,
  poolInput,
  topicsOf,
} from '../../services/protocol/names/topic-plan.ts';
import { TestNetwork } from '../support/network.ts';

const MESSAGES = 10_000;

async function ends(network: TestNetwork): Promise<ReadonlyMap<string, number>> {
  const topics = [
    ...network.scenario.participants.flatMap(({ bic }) => topicsOf(bic as Bic)),
    ...network.pools.map(({ name }) => ({ name: poolInput(name) })),
  ];
  const found = topics.map(
    async ({ name }) => [name, await network.log.endOffset(name, 0)] as const,
  );
  return new Map(await Promise.all(found));
}

test('10,000 messages that nobody can be named for put nothing into anybody’s topic', async () => {
  const network = new TestNetwork(createMemoryLog({ now: Date.now }));
  await network.create();
  const { headers, payload } = network.payment({ uetr: '8a562c67-ca16-48ba-b074-65581be6f001' });
  const good = headersFromHttp(headers);
  const without = (name: string) => {
    const { [name]: _, ...rest } = good;
    return rest;
  };
  const forms: readonly (() => Pick<Message, 'headers' | 'value'>)[] = [
    () => ({ headers: { ...good, ce_source: 'NOBODE00' }, value: payload }),
    () => ({ headers: { ...good, ce_source: 'alfade00' }, value: payload }),
    () => ({ headers: without('ce_source'), value: payload }),
    () => ({ headers: {}, value: payload }),
    () => ({ headers: { ...good, ce_source: '' }, value: Buffer.from('{') }),
  ];
  const before = await ends(network);
  const messages = Array.from({ length: MESSAGES }, (_, at): Message => {
    const form = forms[at % forms.length] as (typeof forms)[number];
    return { key: 'anybody', ...form() };
  });
  await network.log.produce(PAYMENTS, messages);
  await network.step();
  await network.step();
  assert.deepEqual(await ends(network), before);
  assert.equal(await network.log.endOffset(PAYMENTS_REJECTED, 0), MESSAGES);
});

test('500 messages under a key that is not registered put ten notices a minute into the bank’s topic', async () => {
  const network = new TestNetwork(createMemoryLog({ now: Date.now }));
  await network.create();
  const [bank] = topicsOf('BETASG00' as Bic);
  const { headers, payload } = network.payment({ uetr: '8a562c67-ca16-48ba-b074-65581be6f002' });
  const forged = { ...headersFromHttp(headers), ce_source: 'BETASG00', ce_keyid: 'no-key' };
  const before = await ends(network);
  const messages = Array.from(
    { length: 500 },
    (): Message => ({ key: 'BETASG00', value: payload, headers: forged }),
  );
  await network.log.produce(PAYMENTS, messages);
  await network.step();
  await network.step();
  const after = await ends(network);
  const name = bank?.name ?? '';
  const told = (after.get(name) ?? 0) - (before.get(name) ?? 0);
  // A minute may end while they come.
  assert.ok(told >= 10 && told <= 21, `${told} notices`);
  for (const [topic, end] of after)
    if (topic !== name && !topic.startsWith('pool.')) assert.equal(end, before.get(topic), topic);
});
