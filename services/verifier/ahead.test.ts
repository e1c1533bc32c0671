import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AHEAD_OF_SENDER, startAhead } from './ahead.ts';

const soon = () => new Promise<void>((resolve) => setImmediate(resolve));
const STEP_MS = 10;

/** What is ahead in a time that the test lets pass, and a notifier that has told what the test says. */
function held() {
  let nowMs = 0;
  let timers: { atMs: number; go: () => void }[] = [];
  const told = new Map<string, number | null>();
  const seen = { rooms: 0, questions: 0, warnings: 0 };
  let failure: Error | null = null;
  const ahead = startAhead(
    {
      elapsedMs: () => nowMs,
      pause: (ms) => new Promise((go) => timers.push({ atMs: nowMs + ms, go })),
      logger: { info() {}, error() {}, warn: () => (seen.warnings += 1) },
    },
    {
      async toldIn(pool) {
        seen.questions += 1;
        if (failure) throw failure;
        return told.get(pool) ?? null;
      },
      onRoom: () => {
        seen.rooms += 1;
      },
    },
  );
  const pass = async (ms: number) => {
    for (const endMs = nowMs + ms; nowMs < endMs; nowMs += STEP_MS) {
      await soon();
      const due = timers.filter(({ atMs }) => atMs <= nowMs);
      timers = timers.filter(({ atMs }) => atMs > nowMs);
      for (const { go } of due) go();
      await soon();
    }
  };
  return {
    ahead,
    told,
    seen,
    pass,
    fail: (error: Error | null) => {
      failure = error;
    },
    wrote: (sender: string, count: number, end: number, pool = 'main') =>
      ahead.wrote(new Map([[sender, count]]), new Map([[pool, end]])),
    async stop() {
      const stopping = ahead.stop();
      await pass(200);
      await stopping;
    },
  };
}

test('of a sender no more is written than so many ahead of what is told, and of others as much as before', async () => {
  const { ahead, told, seen, pass, wrote, stop } = held();
  told.set('main', 10);
  wrote('flooder', 64, 74);
  wrote('flooder', 64, 138);
  assert.equal(ahead.roomOf('flooder'), 0);
  assert.equal(ahead.roomOf('other'), AHEAD_OF_SENDER);
  await pass(50);
  assert.equal(ahead.roomOf('flooder'), 0, 'nothing of it is told');
  told.set('main', 73);
  await pass(50);
  assert.equal(ahead.roomOf('flooder'), 0, 'the first turn is not told to its end');
  told.set('main', 74);
  const { rooms } = seen;
  await pass(50);
  assert.equal(ahead.roomOf('flooder'), 64);
  assert.ok(seen.rooms > rooms, 'whoever waits is told');
  wrote('flooder', 64, 202);
  told.set('main', 202);
  await pass(50);
  assert.equal(ahead.roomOf('flooder'), AHEAD_OF_SENDER);
  await stop();
});

test('nobody asks while nobody has much ahead', async () => {
  const { seen, pass, wrote, stop } = held();
  for (let at = 0; at < 50; at++) wrote(`bank-${at}`, AHEAD_OF_SENDER / 2, at + 1);
  await pass(3_000);
  assert.equal(seen.questions, 0);
  await stop();
});

test('a turn that went to several pools counts until each of them has told it', async () => {
  const { ahead, told, pass, stop } = held();
  const ends = new Map([
    ['one', 80],
    ['other', 20],
  ]);
  ahead.wrote(new Map([['bank', 100]]), ends);
  told.set('one', 80);
  told.set('other', 19);
  await pass(50);
  assert.equal(ahead.roomOf('bank'), AHEAD_OF_SENDER - 100);
  told.set('other', 20);
  await pass(50);
  assert.equal(ahead.roomOf('bank'), AHEAD_OF_SENDER);
  await stop();
});

test('what went into no pool is ahead of nothing', async () => {
  const { ahead, stop } = held();
  ahead.wrote(new Map([['forger', 64]]), new Map());
  assert.equal(ahead.roomOf('forger'), AHEAD_OF_SENDER);
  await stop();
});

test('where nothing is told for a second nothing is ahead until something is', async () => {
  const { ahead, told, pass, wrote, stop } = held();
  told.set('main', 1);
  wrote('bank', AHEAD_OF_SENDER, 200);
  await pass(900);
  assert.equal(ahead.roomOf('bank'), 0);
  await pass(300);
  assert.equal(ahead.roomOf('bank'), AHEAD_OF_SENDER);
  wrote('bank', 1_000, 1_200);
  assert.equal(ahead.roomOf('bank'), AHEAD_OF_SENDER, 'nobody is waited for');
  told.set('main', 2);
  await pass(300);
  wrote('bank', AHEAD_OF_SENDER, 1_400);
  assert.equal(ahead.roomOf('bank'), 0, 'it goes on');
  await stop();
});

test('a pool that tells slowly is waited for, and each turn five seconds at most', async () => {
  const { ahead, told, pass, wrote, stop } = held();
  wrote('bank', AHEAD_OF_SENDER, 10_000);
  for (let at = 0; at < 48; at++) {
    told.set('main', at + 1);
    await pass(100);
    assert.equal(ahead.roomOf('bank'), 0, `after ${at} steps`);
  }
  for (let at = 48; at < 53; at++) {
    told.set('main', at + 1);
    await pass(100);
  }
  assert.equal(ahead.roomOf('bank'), AHEAD_OF_SENDER);
  await stop();
});

test('what was written long before somebody asks is no sign of a pool that stands still', async () => {
  const { ahead, told, pass, wrote, stop } = held();
  wrote('bank', 40, 40);
  await pass(3_000);
  told.set('main', 40);
  wrote('bank', 40, 80);
  wrote('flooder', AHEAD_OF_SENDER, 208);
  await pass(STEP_MS);
  assert.equal(ahead.roomOf('flooder'), 0);
  await pass(50);
  assert.equal(ahead.roomOf('bank'), AHEAD_OF_SENDER - 40);
  await stop();
});

test('a log that is away for a while is asked again; one that refuses holds up nobody', async () => {
  const { ahead, told, seen, pass, wrote, fail, stop } = held();
  wrote('bank', AHEAD_OF_SENDER, 200);
  fail(Object.assign(new Error('no broker'), { kind: 'unavailable' }));
  await pass(500);
  assert.equal(ahead.roomOf('bank'), 0);
  fail(null);
  told.set('main', 200);
  await pass(50);
  assert.equal(ahead.roomOf('bank'), AHEAD_OF_SENDER);
  wrote('bank', AHEAD_OF_SENDER, 400);
  fail(new Error('not authorized'));
  await pass(100);
  assert.equal(seen.warnings, 1);
  assert.equal(ahead.roomOf('bank'), AHEAD_OF_SENDER);
  wrote('bank', AHEAD_OF_SENDER, 600);
  assert.equal(ahead.roomOf('bank'), AHEAD_OF_SENDER);
  await stop();
});
