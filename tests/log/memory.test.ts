import assert from 'node:assert/strict';
import { it } from 'node:test';
import { createMemoryLog } from '../../services/platform/log/embedded/memory.ts';
import { logContract } from './log-contract.ts';

logContract('memory', async () => createMemoryLog({ now: Date.now }));

it('the memory log: takes its time from the given clock and keeps references', async () => {
  let nowMs = 1_000;
  const log = createMemoryLog({ now: () => nowMs });
  await log.createTopics([
    { name: 'stamped', partitions: 2, timestamps: 'append' },
    { name: 'timed', partitions: 1, timestamps: 'create' },
  ]);
  const value = Uint8Array.of(1);
  for (const [time, key] of [
    [1_000, 'DEUTDEF0'],
    [900, 'BKKBTHB0'],
    [1_100, 'DEUTDEF0'],
  ] as const) {
    nowMs = time;
    await log.produce('stamped', [{ key, value, headers: {}, timestampMs: 5 }]);
    await log.produce('timed', [{ key, value, headers: {} }]);
  }
  const timesOf = async (topic: string, partition: number) =>
    (await log.read(topic, partition, 0, 10)).map((record) => record.timestampMs);
  const stamped = [...(await timesOf('stamped', 0)), ...(await timesOf('stamped', 1))];
  assert.deepEqual(stamped.sort(), [1_000, 1_000, 1_100]);
  assert.deepEqual(await timesOf('timed', 0), [1_000, 900, 1_100]);
  const [record] = await log.read('timed', 0, 0, 1);
  assert.equal(record?.value, value);
});
