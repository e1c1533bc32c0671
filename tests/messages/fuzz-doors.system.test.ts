import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { randomPrefix, removeTopics, sharedBrokers } from '../support/kafka-broker.ts';
import { fuzzDoor } from './fuzz-doors.ts';

/** 600 through each door; `npm run test:long` sends 100,000. */
const brokers = await sharedBrokers();
const COUNT = process.env.CORRIDOR_LONG_TESTS === '1' ? 100_000 : 600;

if ('skip' in brokers)
  test('changed messages through both doors', { skip: brokers.skip }, () => {});
else
  for (const door of ['kafka', 'http'] as const) {
    const prefix = randomPrefix();
    after(() => removeTopics(brokers, [prefix]));
    test(`changed messages over ${door}: none is lost, no service fails, and what is taken is written again`, async (t) => {
      const { taken, refused, heapBytes } = await fuzzDoor(brokers, prefix, door, COUNT, 5);
      const [early, late] = heapBytes;
      t.diagnostic(`${taken} taken, ${refused} refused; heap ${early} bytes, at the end ${late}`);
      assert.ok(taken > COUNT / 50, `${taken} were taken`);
      assert.ok(refused > COUNT / 2, `${refused} were refused`);
      if (COUNT < 100_000) return;
      // A gateway keeps the digests of 100,000 messages and an index of 128 MiB, and then no more of them.
      const kept = door === 'http' ? 128 * 1_048_576 : 0;
      assert.ok(late < early * 1.05 + kept, `${late} bytes after ${early}`);
    });
  }
