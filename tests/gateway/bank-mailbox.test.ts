import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Mailbox } from '../../services/gateway/bank-mailbox.ts';
import { readPosition } from '../../services/gateway/mail-resume-position.ts';
import { createMemoryLog } from '../../services/platform/log/embedded/memory.ts';

const TOPIC = 'statuses.ALFADE00';
const never = new AbortController().signal;

/** A log with `count` records, and a box whose subscription begins at offset `next` of it. */
async function boxOf(count: number, next: number) {
  const log = createMemoryLog({ now: () => 0 });
  await log.createTopics([{ name: TOPIC, partitions: 1, timestamps: 'append' }]);
  const write = (numbers: readonly number[]) =>
    log.produce(
      TOPIC,
      numbers.map((n) => ({
        ...{ key: null, value: Buffer.from(`${n}`) },
        headers: { ce_pool: 'main', ce_eventnumber: String(n) },
      })),
    );
  await write(Array.from({ length: count }, (_, n) => n));
  let reads = 0;
  const box = new Mailbox(
    TOPIC,
    {
      startOffset: (topic, partition) => log.startOffset(topic, partition),
      endOffset: (topic, partition) => log.endOffset(topic, partition),
      read: (...args) => {
        reads += 1;
        return log.read(...args);
      },
    },
    next,
  );
  const take = async (from: number) => {
    const records = await log.read(TOPIC, 0, from, 10_000);
    return records.map((record) => box.take(record));
  };
  return { box, write, take, log, reads: () => reads };
}

const offsets = (records: readonly { readonly logOffset: number }[]) =>
  records.map(({ logOffset }) => logOffset);

test('what the subscription brought is read from memory, what came before from the log', async () => {
  const { box, take, reads } = await boxOf(10, 6);
  assert.deepEqual(await take(4), [false, false, true, true, true, true]);
  assert.equal(box.next, 10);
  assert.deepEqual(offsets(await box.read(7, 2, 0, never)), [7, 8]);
  assert.equal(reads(), 0);
  assert.deepEqual(offsets(await box.read(3, 5, 0, never)), [3, 4, 5, 6, 7]);
  assert.equal(reads(), 1);
  assert.deepEqual(await box.read(10, 5, 0, never), [], 'there is none yet');
});

test('many records leave memory, the log has them, and none is left out between the two', async () => {
  const { box, take } = await boxOf(700, 0);
  await take(0);
  const seen: number[] = [];
  while (seen.length < 700) {
    const some = await box.read(seen.length, 37, 0, never);
    assert.ok(some.length > 0);
    seen.push(...offsets(some));
  }
  assert.deepEqual(
    seen,
    Array.from({ length: 700 }, (_, n) => n),
  );
});

test('a reader at the end wakes with the next record, and with its signal', async () => {
  const { box, write, take } = await boxOf(1, 0);
  await take(0);
  const woken: number[][] = [];
  const gone = new AbortController();
  const read = async () => woken.push(offsets(await box.read(1, 9, 60_000, gone.signal)));
  const waits = [read(), read()];
  await write([1]);
  await take(1);
  await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual(woken, [[1], [1]]);
  await Promise.all(waits);

  const waiting = box.read(2, 9, 60_000, gone.signal);
  gone.abort();
  assert.deepEqual(await waiting, []);
  assert.deepEqual(
    await box.read(2, 9, 60_000, gone.signal),
    [],
    'one that has gone does not wait',
  );
});

test('a position is gone on from where the log has its record, and refused where it has another', async () => {
  const { box, take, log } = await boxOf(10, 8);
  await take(8);
  assert.equal(await box.after(null), 0);
  assert.equal(await box.after(readPosition('9:main-9')), 10, 'from memory');
  assert.equal(await box.after(readPosition('3:main-3')), 4, 'from the log');
  for (const text of ['3:main-4', '3:other-3', '10:main-10', '500:main-500'])
    await assert.rejects(box.after(readPosition(text)), (error: Error) => {
      assert.match(JSON.stringify(error), new RegExp(`"value":"${text}"`));
      return true;
    });
  await log.deleteBefore(TOPIC, 0, 4);
  assert.equal(
    await box.after(readPosition('3:main-3')),
    4,
    'forgotten itself, and nothing behind it',
  );
  await assert.rejects(box.after(readPosition('2:main-2')), /no longer kept/);
  await log.close();
});
