/**
 * What every implementation of `Log` must do: one suite, run on each. It asks for nothing that
 * Apache Kafka does not promise.
 */
import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import {
  type Log,
  type LogErrorKind,
  type LogRecord,
  MESSAGE_BYTES_MAX,
} from '../../services/platform/log/log.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
const text = (value: Uint8Array) => new TextDecoder().decode(value);
const message = (key: string | null, value: string) => ({ key, value: bytes(value), headers: {} });

const failsWith = (kind: LogErrorKind, pattern: RegExp) => (error: Error & { kind?: string }) => {
  assert.equal(error.kind, kind);
  assert.match(error.message, pattern);
  return true;
};

/** Everything that a partition holds from an offset on, however little a read returns. */
export async function readAll(log: Log, topic: string, partition: number, from = 0) {
  const end = await log.endOffset(topic, partition);
  const records: LogRecord[] = [];
  let next = from;
  while (next < end) {
    const some = await log.read(topic, partition, next, 1_000, { waitMs: 10_000 });
    assert.ok(some.length > 0, `nothing at ${next} although the end is ${end}`);
    records.push(...some);
    next = some.at(-1)!.logOffset + 1;
  }
  return records;
}

/** @param open a log that holds no topics, closed by the suite; called once for each test. */
export function logContract(name: string, open: () => Promise<Log>): void {
  // One at a time: they share `log`.
  describe(`the log contract: ${name}`, { concurrency: 1 }, () => {
    let log: Log;
    beforeEach(async () => {
      log = await open();
    });
    afterEach(() => log.close());
    topicContract(() => log);
    recordContract(() => log);
    groupContract(() => log);
  });
}

function topicContract(log: () => Log): void {
  it('creates topics once and lists them', async () => {
    const specs = [
      { name: 'payments', partitions: 4, timestamps: 'append' },
      { name: 'pool.main.input', partitions: 1, timestamps: 'create' },
    ] as const;
    await log().createTopics(specs.map((spec) => ({ ...spec, retentionMs: 86_400_000 })));
    await log().createTopics(specs.map((spec) => ({ ...spec, retentionMs: 86_400_000 })));
    const found = (await log().topics()).sort((a, b) => a.name.localeCompare(b.name));
    assert.deepEqual(
      found.map(({ name, partitions, timestamps }) => ({ name, partitions, timestamps })),
      specs,
    );
  });

  it('refuses a topic that exists with other partitions or timestamps, and bad specs', async () => {
    const spec = { name: 'payments', partitions: 4, timestamps: 'append' } as const;
    await log().createTopics([spec]);
    const other = { name: 'other', partitions: 1, timestamps: 'append' } as const;
    await assert.rejects(
      log().createTopics([other, { ...spec, partitions: 8 }]),
      failsWith('topicDiffers', /payments exists with partitions 4, not 8/),
    );
    await assert.rejects(
      log().createTopics([{ ...spec, timestamps: 'create' }]),
      failsWith('topicDiffers', /payments exists with timestamps append, not create/),
    );
    await assert.rejects(
      log().createTopics([{ ...spec, compacted: true }]),
      failsWith('topicDiffers', /payments exists with compaction off, not on/),
    );
    await assert.rejects(
      log().createTopics([{ ...spec, name: 'none', retentionMs: 0 }]),
      failsWith('topicInvalid', /retention of 1 ms or more, not 0/),
    );
    await assert.rejects(
      log().createTopics([{ ...spec, name: 'a b' }]),
      failsWith('topicInvalid', /'a b'/),
    );
    await assert.rejects(
      log().createTopics([{ ...spec, name: 'none', partitions: 0 }]),
      failsWith('topicInvalid', /not 0/),
    );
    assert.deepEqual(
      (await log().topics()).map(({ name }) => name),
      ['payments'],
    );
  });

  it('names what is unknown', async () => {
    await log().createTopics([{ name: 'known', partitions: 2, timestamps: 'create' }]);
    const unknown = failsWith('topicUnknown', /no topic nowhere/);
    await assert.rejects(log().produce('nowhere', [message('a', 'b')]), unknown);
    await assert.rejects(log().read('nowhere', 0, 0, 1), unknown);
    await assert.rejects(log().endOffset('nowhere', 0), unknown);
    await assert.rejects(
      log().commit('group', [{ topic: 'nowhere', partition: 0, logOffset: 0 }]),
      unknown,
    );
    await assert.rejects(
      log().subscribe({ group: 'group', topics: ['nowhere'], handle: async () => {} }),
      unknown,
    );
    await assert.rejects(
      log().read('known', 2, 0, 1),
      failsWith('partitionUnknown', /known has no partition 2/),
    );
  });

  it('refuses everything once it is closed, and closes twice', async () => {
    await log().createTopics([{ name: 'known', partitions: 1, timestamps: 'create' }]);
    await log().close();
    await log().close();
    const closed = failsWith('closed', /closed/);
    await assert.rejects(log().produce('known', [message('a', 'b')]), closed);
    await assert.rejects(log().read('known', 0, 0, 1), closed);
    await assert.rejects(log().topics(), closed);
  });
}

function recordContract(log: () => Log): void {
  it('gives back what was produced, in order, by key', async () => {
    await log().createTopics([{ name: 'payments', partitions: 3, timestamps: 'create' }]);
    const keys = ['DEUTDEF0', 'BKKBTHB0', 'ICBKCNB0', 'DBSSSGS0', 'ชื่อ'];
    const messages = Array.from({ length: 60 }, (_, i) => ({
      key: keys[i % keys.length]!,
      value: Uint8Array.of(i, 0, 255, 10, 13),
      headers: { ce_id: `id-${i}`, note: 'größer "als" \n' },
      timestampMs: 1_700_000_000_000 + i,
    }));
    const placed = [
      ...(await log().produce('payments', messages.slice(0, 25))),
      ...(await log().produce('payments', messages.slice(25))),
    ];
    const partitionOf = new Map<string, number>();
    const expected: LogRecord[][] = [[], [], []];
    messages.forEach((sent, i) => {
      const { partition, logOffset } = placed[i]!;
      assert.equal(partitionOf.get(sent.key) ?? partition, partition, 'a key keeps its partition');
      partitionOf.set(sent.key, partition);
      assert.equal(logOffset, expected[partition]!.length);
      expected[partition]!.push({ topic: 'payments', partition, logOffset, ...sent });
    });
    for (const partition of [0, 1, 2]) {
      const records = await readAll(log(), 'payments', partition);
      assert.deepEqual(
        records.map((record) => ({ ...record, value: Uint8Array.from(record.value) })),
        expected[partition],
      );
      assert.equal(await log().endOffset('payments', partition), expected[partition]!.length);
      assert.equal(await log().startOffset('payments', partition), 0);
    }
  });

  it('keeps the order of calls that are not waited for, and of many bytes', async () => {
    await log().createTopics([{ name: 'one', partitions: 1, timestamps: 'create' }]);
    const large = new Uint8Array(300_000);
    const calls = Array.from({ length: 40 }, (_, call) =>
      log().produce('one', [
        message('a', `${2 * call}`),
        { key: 'b', value: call % 4 === 0 ? large : bytes('small'), headers: {} },
      ]),
    );
    const offsets = (await Promise.all(calls)).flat().map(({ logOffset }) => logOffset);
    assert.deepEqual(
      offsets,
      offsets.map((_, i) => i),
    );
    const records = await readAll(log(), 'one', 0);
    assert.equal(records.length, 80);
    for (const { key, logOffset, value } of records)
      if (key === 'a') assert.equal(text(value), `${logOffset}`);
      else if (logOffset % 8 === 1) assert.equal(value.length, large.length);
  });

  it('places keys where Kafka places them', async () => {
    await log().createTopics([{ name: 'wide', partitions: 16, timestamps: 'create' }]);
    // murmur2 of Kafka's UtilsTest without its top bit, modulo 16.
    const known = { '21': 1173551340 % 16, foobar: 1357151166 % 16, abc: 479470107 % 16 };
    const placed = await log().produce(
      'wide',
      Object.keys(known).map((key) => message(key, key)),
    );
    assert.deepEqual(
      placed.map(({ partition }) => partition),
      Object.values(known),
    );
  });

  it('spreads messages without a key', async () => {
    await log().createTopics([{ name: 'spread', partitions: 2, timestamps: 'create' }]);
    const used = new Set<number>();
    for (let i = 0; i < 200 && used.size < 2; i++)
      for (const { partition } of await log().produce('spread', [message(null, 'x'.repeat(1000))]))
        used.add(partition);
    assert.equal(used.size, 2);
    const [first] = await log().read('spread', 0, 0, 1, { waitMs: 10_000 });
    assert.equal(first?.key, null);
  });

  it('reads from an offset, waits at the end, and refuses beyond it', async () => {
    await log().createTopics([{ name: 'one', partitions: 1, timestamps: 'create' }]);
    await log().produce('one', [message('a', '0'), message('a', '1'), message('a', '2')]);
    const [second] = await log().read('one', 0, 1, 1, { waitMs: 10_000 });
    assert.equal(second?.logOffset, 1);
    assert.equal(text(second!.value), '1');
    assert.deepEqual(await log().read('one', 0, 3, 10), []);
    assert.deepEqual(await log().read('one', 0, 3, 10, { waitMs: 5 }), []);
    const waiting = log().read('one', 0, 3, 10, { waitMs: 60_000 });
    await log().produce('one', [message('a', '3')]);
    assert.deepEqual(
      (await waiting).map(({ logOffset }) => logOffset),
      [3],
    );
    await assert.rejects(
      log().read('one', 0, 5, 1),
      failsWith('offsetOutOfRange', /offsets 0 to 4, not 5/),
    );
  });

  it('stamps records of an append topic itself, never backwards', async () => {
    await log().createTopics([{ name: 'stamped', partitions: 1, timestamps: 'append' }]);
    for (const timestampMs of [5, 4_000_000_000_000, 1])
      await log().produce('stamped', [{ ...message('a', 'x'), timestampMs }]);
    const times = (await readAll(log(), 'stamped', 0)).map((record) => record.timestampMs);
    assert.equal(times.length, 3);
    assert.deepEqual(times, times.toSorted());
    assert.ok(times[0]! > 5 && times[2]! < 4_000_000_000_000, `${times}`);
  });

  it('takes a message of the largest size and refuses a larger one without a trace', async () => {
    await log().createTopics([{ name: 'large', partitions: 1, timestamps: 'create' }]);
    const headers = { ab: 'ü' };
    const largest = { key: 'key', headers, value: new Uint8Array(MESSAGE_BYTES_MAX - 7).fill(7) };
    const tooLarge = { ...largest, value: new Uint8Array(MESSAGE_BYTES_MAX - 6) };
    await assert.rejects(
      log().produce('large', [message('a', 'small'), tooLarge]),
      failsWith('messageTooLarge', /1048577 bytes for topic large: at most 1048576/),
    );
    assert.equal(await log().endOffset('large', 0), 0);
    await log().produce('large', [largest]);
    const [record] = await log().read('large', 0, 0, 1, { waitMs: 10_000 });
    assert.equal(Buffer.compare(record!.value, largest.value), 0);
  });

  it('forgets records before an offset and keeps the numbers of the rest', async () => {
    await log().createTopics([{ name: 'short', partitions: 1, timestamps: 'create' }]);
    await log().produce(
      'short',
      Array.from({ length: 10 }, (_, i) => message('a', `${i}`)),
    );
    await log().deleteBefore('short', 0, 4);
    await log().deleteBefore('short', 0, 2);
    assert.equal(await log().startOffset('short', 0), 4);
    await assert.rejects(
      log().read('short', 0, 3, 1),
      failsWith('offsetOutOfRange', /offsets 4 to 10, not 3/),
    );
    assert.equal(text((await readAll(log(), 'short', 0, 4))[0]!.value), '4');
    await log().deleteBefore('short', 0, 10);
    assert.equal(await log().startOffset('short', 0), 10);
    const [placed] = await log().produce('short', [message('a', 'next')]);
    assert.equal(placed?.logOffset, 10);
    await assert.rejects(
      log().deleteBefore('short', 0, 12),
      failsWith('offsetOutOfRange', /not 12/),
    );
  });
}

/** A promise and its ends. */
function deferred<T>() {
  let resolve: (value: T) => void = () => {};
  const promise = new Promise<T>((fulfil) => {
    resolve = fulfil;
  });
  const settled = { promise, resolve, isResolved: false };
  promise.then(() => {
    settled.isResolved = true;
  });
  return settled;
}

function groupContract(log: () => Log): void {
  it('keeps committed offsets by group', async () => {
    await log().createTopics([{ name: 'payments', partitions: 2, timestamps: 'create' }]);
    assert.equal(await log().committed('verifier', 'payments', 1), null);
    await log().commit('verifier', [
      { topic: 'payments', partition: 0, logOffset: 7 },
      { topic: 'payments', partition: 1, logOffset: 9 },
    ]);
    await log().commit('verifier', [{ topic: 'payments', partition: 1, logOffset: 11 }]);
    assert.equal(await log().committed('verifier', 'payments', 0), 7);
    assert.equal(await log().committed('verifier', 'payments', 1), 11);
    assert.equal(await log().committed('metrics', 'payments', 1), null);
  });

  it('hands a member what was there and what comes, from the committed offset', async () => {
    await log().createTopics([{ name: 'payments', partitions: 1, timestamps: 'create' }]);
    await log().produce('payments', [message('a', '0'), message('a', '1'), message('a', '2')]);
    await log().commit('verifier', [{ topic: 'payments', partition: 0, logOffset: 1 }]);
    const seen: string[] = [];
    const three = deferred<void>();
    const member = await log().subscribe({
      group: 'verifier',
      topics: ['payments'],
      maxRecords: 2,
      async handle({ topic, partition, records }) {
        assert.ok(records.length >= 1 && records.length <= 2);
        for (const record of records) seen.push(text(record.value));
        const logOffset = records.at(-1)!.logOffset + 1;
        await log().commit('verifier', [{ topic, partition, logOffset }]);
        if (seen.length >= 3) three.resolve();
      },
    });
    await log().produce('payments', [message('a', '3')]);
    await three.promise;
    await member.stop();
    await member.stopped;
    assert.deepEqual(seen, ['1', '2', '3']);
    assert.equal(await log().committed('verifier', 'payments', 0), 4);
  });

  it('takes a commit that comes when its batch is no longer in hand', async () => {
    await log().createTopics([{ name: 'payments', partitions: 1, timestamps: 'create' }]);
    await log().produce('payments', [message('a', '0'), message('a', '1'), message('a', '2')]);
    const seen: string[] = [];
    const three = deferred<void>();
    const member = await log().subscribe({
      group: 'verifier',
      topics: ['payments'],
      maxRecords: 1,
      async handle({ records }) {
        for (const record of records) seen.push(text(record.value));
        if (seen.length === 3) three.resolve();
      },
    });
    await three.promise;
    await log().commit('verifier', [{ topic: 'payments', partition: 0, logOffset: 2 }]);
    assert.equal(await log().committed('verifier', 'payments', 0), 2);
    await member.stop();
    assert.deepEqual(seen, ['0', '1', '2']);
  });

  it('tells a member that the group is shared out anew, and hands again what was not committed', async () => {
    await log().createTopics([{ name: 'payments', partitions: 2, timestamps: 'create' }]);
    const batch = Array.from({ length: 20 }, (_, at) => message(`bank-${at}`, `${at}`));
    await log().produce('payments', batch);
    const wanted = new Set(batch.map((_, at) => `${at}`));
    /** Since a share began: by member. */
    const seen: Record<string, Set<string>> = {};
    let shares = 0;
    const first = deferred<void>();
    const again = deferred<void>();
    const join = (name: string) =>
      log().subscribe({
        group: 'verifier',
        topics: ['payments'],
        async handle({ records }) {
          for (const record of records) (seen[name] as Set<string>).add(text(record.value));
          if (seen.first?.size === wanted.size) first.resolve();
          const all = new Set(Object.values(seen).flatMap((some) => [...some]));
          if (shares > 0 && all.size === wanted.size && seen.second!.size > 0) again.resolve();
        },
        released() {
          if (name === 'first' && first.isResolved) shares += 1;
          seen[name] = new Set();
        },
      });
    seen.first = new Set();
    const one = await join('first');
    await first.promise;
    seen.second = new Set();
    const two = await join('second');
    await again.promise;
    assert.deepEqual(
      [...(seen.first as Set<string>)].filter((value) => seen.second?.has(value)),
      [],
      'each is handed to one of them',
    );
    await one.stop();
    await two.stop();
  });

  it('finishes the batch in hand when a member stops, its commit included', async () => {
    await log().createTopics([{ name: 'payments', partitions: 1, timestamps: 'create' }]);
    await log().produce('payments', [message('a', '0'), message('a', '1')]);
    const begun = deferred<void>();
    const go = deferred<void>();
    let handled = 0;
    const member = await log().subscribe({
      group: 'verifier',
      topics: ['payments'],
      maxRecords: 1,
      async handle({ topic, partition, records }) {
        begun.resolve();
        await go.promise;
        handled += records.length;
        await log().commit('verifier', [
          { topic, partition, logOffset: records.at(-1)!.logOffset + 1 },
        ]);
      },
    });
    await begun.promise;
    const stopped = member.stop();
    go.resolve();
    await stopped;
    assert.equal(handled, 1);
    assert.equal(await log().committed('verifier', 'payments', 0), 1);
  });

  it('shares the partitions of a group and hands them on when a member leaves', async () => {
    await log().createTopics([{ name: 'payments', partitions: 4, timestamps: 'create' }]);
    const total = 400;
    const seen = new Map<string, string>();
    const all = deferred<void>();
    const half = deferred<void>();
    const member = (name: string) =>
      log().subscribe({
        group: 'verifier',
        topics: ['payments'],
        maxRecords: 10,
        async handle({ topic, partition, records }) {
          for (const record of records) seen.set(text(record.value), name);
          const logOffset = records.at(-1)!.logOffset + 1;
          await log().commit('verifier', [{ topic, partition, logOffset }]);
          if (seen.size >= total / 2) half.resolve();
          if (seen.size === total) all.resolve();
        },
      });
    const first = await member('first');
    const second = await member('second');
    const batch = (from: number) =>
      Array.from({ length: total / 2 }, (_, i) => message(`bank-${i % 20}`, `${from + i}`));
    await log().produce('payments', batch(0));
    await half.promise;
    assert.deepEqual(new Set(seen.values()), new Set(['first', 'second']));
    await first.stop();
    await log().produce('payments', batch(total / 2));
    await all.promise;
    for (let i = total / 2; i < total; i++) assert.equal(seen.get(`${i}`), 'second');
    await second.stop();
  });

  it('stops a member whose handler fails, and hands the batch out again', async () => {
    await log().createTopics([{ name: 'payments', partitions: 1, timestamps: 'create' }]);
    await log().produce('payments', [message('a', '0')]);
    const failing = await log().subscribe({
      group: 'verifier',
      topics: ['payments'],
      handle: () => Promise.reject(new Error('no core')),
    });
    await assert.rejects(failing.stopped, /no core/);
    await failing.stop();
    const again = deferred<string>();
    const member = await log().subscribe({
      group: 'verifier',
      topics: ['payments'],
      handle: async ({ records }) => again.resolve(text(records[0]!.value)),
    });
    assert.equal(await again.promise, '0');
    await member.stop();
  });

  it('ends its subscriptions when it closes', async () => {
    await log().createTopics([{ name: 'payments', partitions: 1, timestamps: 'create' }]);
    const member = await log().subscribe({
      group: 'verifier',
      topics: ['payments'],
      handle: async () => {},
    });
    await log().close();
    await member.stopped;
  });
}
