import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createSigner } from '../../services/core/verification/signing.ts';
import { BadInput } from '../../services/platform/exit-codes.ts';
import { createMemoryLog } from '../../services/platform/log/embedded/memory.ts';
import { poolInput, topicPlan } from '../../services/protocol/names/topic-plan.ts';
import { type GenesisOptions, writeGenesis } from '../../services/sandbox/genesis.ts';
import { load } from '../support/run.ts';

const keyOf = (byte: number) => createSigner(new Uint8Array(32).fill(byte)).publicKey;
const [FIRST, SECOND, THIRD] = [keyOf(1), keyOf(2), keyOf(3)];

async function emptyLog() {
  const scenario = load('smoke');
  const log = createMemoryLog({ now: () => 0 });
  const pools = scenario.pools.map(({ name }) => name);
  await log.createTopics(topicPlan(pools, [], 1));
  const options = { timeMs: 1, publicKeyOf: () => keyOf(9), operatorKey: FIRST };
  return {
    found: (more: Partial<GenesisOptions> = {}) =>
      writeGenesis(log, scenario, { ...options, ...more }),
    written: () => log.endOffset(poolInput(pools[0]!), 0),
  };
}
const refused = (text: RegExp) => (error: unknown) =>
  error instanceof BadInput && text.test(error.message);

test('a network is not founded with one key for two operators', async () => {
  const { found, written } = await emptyLog();
  await assert.rejects(
    found({ secondOperatorKey: FIRST }),
    refused(/genesis of pool .*: two operators have the publicKey/),
  );
  assert.equal(await written(), 0);
});

test('who asks for two operators where there is one, or another, is told that they are not', async () => {
  const one = await emptyLog();
  await one.found();
  const before = await one.written();
  await one.found();
  await assert.rejects(
    one.found({ secondOperatorKey: SECOND }),
    refused(/was founded with one operator, not with/),
  );
  assert.equal(await one.written(), before);
  const two = await emptyLog();
  await two.found({ secondOperatorKey: SECOND });
  await two.found({ secondOperatorKey: SECOND });
  // Who does not ask for them changes nothing.
  await two.found();
  await assert.rejects(
    two.found({ secondOperatorKey: THIRD }),
    refused(/was founded with the operators .*operator-2/),
  );
});
