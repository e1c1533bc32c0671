import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { randomPrefix, removeTopics, sharedBrokers } from '../support/kafka-broker.ts';
import { fuzzDoor } from './fuzz-doors.ts';

/** 600 through each door; `npm run test:long` sends 100,000. */
const brokers = await sharedBrokers();
const COUNT = process.env.CORRIDOR_LONG_TESTS === '1' ? 100_000 : 600;

/**
 * What a gateway's heap has more for each message, taken or refused, once its index of statuses is full: the
 * name by which it knows the message again (32 bytes, of at most the newest 200,000), and its place in a set that
 * doubles (at most 52). Two heap snapshots, 12,500 messages apart, differ by these and by compiled code.
 */
const NAME_BYTES = 84;

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
      const kept = door === 'http' ? NAME_BYTES * COUNT : 0;
      assert.ok(late < early * 1.05 + kept, `${late} bytes after ${early}`);
    });
  }
