import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CommandBook } from '../../services/gateway/command-outcomes.ts';
import { createMemoryLog } from '../../services/platform/log/embedded/memory.ts';
import { COMMANDS, topicPlan } from '../../services/protocol/names/topic-plan.ts';
import {
  type CommandReport,
  commandMessage,
} from '../../services/protocol/records/command-report.ts';

const report = (pool: string, id: string, outcome: CommandReport['outcome'] = 'done') =>
  commandMessage({
    ...{ pool, id, kind: 'tick', outcome, reason: null, detail: null },
    ...{ position: 1, eventNumber: 1, timeMs: 1, payloadDigest: '00'.repeat(32), waiting: null },
  });
const OPEN = new AbortController().signal;

/** A book over a log whose waiting reads end when they are let, and a clock that stands. */
async function build() {
  const log = createMemoryLog({ now: () => 0 });
  await log.createTopics(topicPlan(['main', 'other'], [], 1));
  const held: { readonly waitMs: number; end(): void }[] = [];
  let elapsedMs = 0;
  const read: typeof log.read = async (topic, partition, from, max, { waitMs = 0 } = {}) => {
    if (waitMs > 0) await new Promise<void>((end) => held.push({ waitMs, end }));
    return log.read(topic, partition, from, max);
  };
  const book = new CommandBook({ read, startOffset: log.startOffset.bind(log) }, () => elapsedMs);
  return {
    ...{ book, held },
    tell: (...reports: ReturnType<typeof report>[]) => log.produce(COMMANDS, reports),
    pass: (ms: number) => {
      elapsedMs += ms;
    },
    /** Lets what was begun come to where it waits. */
    settle: () => new Promise((resolve) => setImmediate(resolve)),
  };
}

test('who waits for an outcome holds up nobody, and is told with all who wait', async () => {
  const { book, held, tell, settle } = await build();
  const wait = { waitMs: 30_000, closing: OPEN };
  const waiting = [
    book.findAmong(['main', 'other'], 'a', wait),
    book.findAmong(['main', 'other'], 'a', wait),
  ];
  await settle();
  assert.deepEqual(
    held.map(({ waitMs }) => waitMs),
    [200],
    'one look for both pools and both who wait',
  );
  assert.equal(await book.find('main', 'a'), undefined);
  await tell(report('other', 'a'));
  assert.equal((await book.find('other', 'a'))?.pool, 'other');
  await tell(report('other', 'a', 'repeated'));
  for (const { end } of held) end();
  for (const found of await Promise.all(waiting))
    assert.deepEqual(
      found.map(({ pool, outcome }) => [pool, outcome]),
      [['other', 'done']],
    );
  assert.equal(book.again('other', 'a')?.outcome, 'repeated');
  // What is known is told at once.
  assert.equal((await book.findAmong(['other'], 'a', wait)).length, 1);
  assert.equal(held.length, 1);
});

test('a wait ends after what was asked, by the time that passed, and when the gateway closes', async () => {
  const { book, held, pass, settle } = await build();
  const ended = book.findAmong(['main', 'other'], 'a', { waitMs: 450, closing: OPEN });
  const looks: number[] = [];
  // A look that took longer than it was to counts as what it took.
  for (const tookMs of [300, 150]) {
    await settle();
    const look = held.shift()!;
    looks.push(look.waitMs);
    pass(tookMs);
    look.end();
  }
  assert.deepEqual(await ended, []);
  assert.deepEqual(looks, [200, 150]);
  const closing = new AbortController();
  const closed = book.findAmong(['main'], 'a', { waitMs: 30_000, closing: closing.signal });
  await settle();
  closing.abort();
  held.shift()!.end();
  assert.deepEqual(await closed, []);
});
