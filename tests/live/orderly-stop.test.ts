import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Log } from '../../services/platform/log/log.ts';
import { poolEvents, poolInput } from '../../services/protocol/names/topic-plan.ts';
import { checkPool } from '../faults/topics-against-replay.ts';
import {
  core,
  liveNetwork,
  memoryLog,
  POOL,
  pause,
  processOver,
  send,
  startNetwork,
  until,
} from '../support/live.ts';

test('stopped, the services end when what was verified is cleared and told', async () => {
  const log = memoryLog();
  let isSlow = false;
  let held = 0;
  const slow: Log = {
    ...log,
    async produce(topic, messages) {
      if (isSlow && [poolInput(POOL), poolEvents(POOL)].includes(topic)) {
        held += 1;
        await pause(150);
      }
      return log.produce(topic, messages);
    },
  };
  const live = await startNetwork(slow, { shared: processOver(slow) });
  isSlow = true;
  await send(log, 7, 0, 20);
  await until('a verified payment is on its way', () => held > 0);
  await live.stop();
  const { outcomes } = await checkPool(log, core.module, liveNetwork.network, POOL);
  assert.ok(outcomes.size > 0, 'payments were cleared');
});
