import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LoggedMessage } from '../live/service-context.ts';
import { TURN_ALONE, TURN_OF_SENDER } from './fair-queue.ts';
import { type Lanes, type LanesOptions, startLanes } from './messages-waiting-for-verification.ts';
import { seededDraws } from './seeded-draws.ts';

const message = (sender: string, logOffset: number): LoggedMessage => ({
  partition: 0,
  logOffset,
  timestampMs: 0,
  key: sender,
  value: new Uint8Array(10),
  headers: {},
});
const run = (sender: string, first: number, count: number) =>
  Array.from({ length: count }, (_, at) => message(sender, first + at));
const batch = (records: readonly LoggedMessage[], partition = 0) => ({
  ...{ topic: 'payments', partition },
  records,
});
const soon = () => new Promise<void>((resolve) => setImmediate(resolve));

/** Lanes whose turns end when the test says so. */
function held(options: Partial<LanesOptions> = {}) {
  const turns: {
    partition: number;
    offsets: number[];
    end: () => void;
    fail: (error: Error) => void;
  }[] = [];
  const commits: [partition: number, logOffset: number][] = [];
  const lanes = startLanes({
    elapsedMs: () => 0,
    senderOf: ({ key }) => key ?? '',
    take: ({ partition, records }) =>
      new Promise<void>((end, fail) => {
        const offsets = records.map(({ logOffset }) => logOffset);
        turns.push({ partition, offsets, end, fail });
      }),
    commit: async ({ partition, logOffset }) => {
      commits.push([partition, logOffset]);
    },
    ...options,
  });
  return { lanes, turns, commits };
}
const offsets = (first: number, count: number) =>
  Array.from({ length: count }, (_, at) => first + at);

test('reading goes on beside a turn, and who comes behind a flood has one beside it', async () => {
  const { lanes, turns, commits } = held();
  await lanes.offer(batch(run('flooder', 0, 5_000)));
  assert.deepEqual(turns[0]?.offsets, offsets(0, TURN_OF_SENDER));
  await lanes.offer(batch([...run('flooder', 5_000, 1_000), message('other', 6_000)]));
  assert.deepEqual(turns[1]?.offsets, [6_000]);
  turns[1]?.end();
  await soon();
  assert.deepEqual(commits, [], 'the flood stands before it');
  turns[0]?.end();
  await soon();
  assert.deepEqual(turns[2]?.offsets, offsets(TURN_OF_SENDER, TURN_OF_SENDER));
  assert.deepEqual(commits, [[0, TURN_OF_SENDER]]);
  turns[2]?.end();
  await lanes.stop();
});

test('after a slow turn a flood is taken as fast as it comes, and who stands behind it waits for a part of it', async () => {
  let nowMs = 0;
  const timers: { atMs: number; go: () => void }[] = [];
  const taken = { flooder: 0, other: 0 };
  let mostWaited = 0;
  /** By offset: how many had had their turn when it came. */
  const came = new Map<number, number>();
  const lanes = startLanes({
    elapsedMs: () => nowMs,
    senderOf: ({ key }) => key ?? '',
    async take({ records }) {
      const isFirst = nowMs === 0;
      await new Promise<void>((go) => timers.push({ atMs: nowMs + (isFirst ? 500 : 5), go }));
      for (const { key, logOffset } of records) {
        if (key === 'other')
          mostWaited = Math.max(mostWaited, taken.flooder - (came.get(logOffset) as number));
        taken[key as 'flooder' | 'other'] += 1;
      }
    },
    commit: async () => {},
    bytesMax: 6_000 * 1_100,
  });
  const log: LoggedMessage[] = [];
  let next = 0;
  let isOffering = false;
  for (; nowMs < 3_000; nowMs++) {
    log.push(...run('flooder', log.length, 5));
    if (nowMs % 20 === 0) {
      came.set(log.length, taken.flooder);
      log.push(message('other', log.length));
    }
    if (!isOffering) {
      isOffering = true;
      void lanes.offer(batch(log.slice(next))).then(() => {
        isOffering = false;
      });
      next = log.length;
    }
    for (const { atMs, go } of timers) if (atMs <= nowMs) go();
    await soon();
  }
  assert.ok(log.length - taken.flooder - taken.other < 1_000, 'the flood is caught up with');
  assert.equal(taken.other, 150);
  // Behind the slow turn 25 of its own wait, which take four.
  assert.ok(mostWaited <= 5 * TURN_OF_SENDER, `one waited for ${mostWaited}`);
  const stopping = lanes.stop();
  for (const { go } of timers) go();
  await stopping;
});

test('who sends alone has long turns; while another has sent lately, in whichever partition, parts are small', async () => {
  let nowMs = 0;
  const { lanes, turns } = held({ elapsedMs: () => nowMs });
  let next = 0;
  /** The length of the first turn of so many, all of which then have theirs. */
  const taken = async (sender: string, partition = 0) => {
    const before = turns.length;
    await lanes.offer(batch(run(sender, next, 1_000), partition));
    next += 1_000;
    for (let at = before; at < turns.length; at++) {
      turns[at]?.end();
      await soon();
    }
    return turns[before]?.offsets.length;
  };
  const small = Math.ceil(1_000 / 32);
  nowMs += 900;
  assert.equal(await taken('flooder'), small, 'others may stand behind the first that is read');
  nowMs += 100;
  assert.equal(await taken('flooder'), TURN_ALONE);
  assert.equal(await taken('other', 1), small, 'the flooder has just sent');
  nowMs += 900;
  assert.equal(await taken('flooder'), small, 'another has sent 900 ms ago');
  nowMs += 50;
  assert.equal(await taken('other', 1), small);
  nowMs += 1_000;
  assert.equal(await taken('other', 1), TURN_ALONE, 'the flooder sends no more');
  nowMs += 2_000;
  lanes.forget();
  assert.equal(await taken('other', 1), small, 'of what is shared out anew nobody is known');
  await lanes.stop();
});

test('who has sent nothing for long has small parts of what waits, once another has sent', async () => {
  let nowMs = 0;
  const { lanes, turns } = held({ elapsedMs: () => nowMs });
  nowMs = 1_500;
  await lanes.offer(batch(run('flooder', 0, 2_000)));
  nowMs = 3_000;
  await lanes.offer(batch([message('other', 2_000)]));
  nowMs = 3_100;
  turns[0]?.end();
  await soon();
  assert.deepEqual(turns[2]?.offsets, offsets(TURN_ALONE, TURN_OF_SENDER));
  const stopping = lanes.stop();
  for (const { end } of turns) end();
  await stopping;
});

/** As measured: to verify a message, one turn at a time, and until its turn's records are durable. */
const VERIFY_MS = 0.085;
const PRODUCE_MS = 2.5;
const turnMs = (messages: number) => VERIFY_MS * messages + PRODUCE_MS;

/**
 * Banks that together send one message each 50 ms, and beside them another that sends so many a ms, for 3 s of the test's time.
 * @returns the longest that a message of either waited for its turn to be over, ms, and what waits at the end
 */
async function besideOthers(perMs: number, burst = 0) {
  let nowMs = 0;
  let busyUntilMs = 0;
  const timers: { atMs: number; go: () => void }[] = [];
  const cameMs = new Map<number, number>();
  const waited = { steady: 0, other: 0 };
  let left = 0;
  const lanes = startLanes({
    elapsedMs: () => nowMs,
    senderOf: ({ key }) => key ?? '',
    async take({ records }) {
      busyUntilMs = Math.max(nowMs, busyUntilMs) + VERIFY_MS * records.length;
      await new Promise<void>((go) => timers.push({ atMs: busyUntilMs + PRODUCE_MS, go }));
      for (const { key, logOffset } of records) {
        const name = key === 'steady' ? 'steady' : 'other';
        waited[name] = Math.max(waited[name], nowMs - (cameMs.get(logOffset) as number));
        left -= 1;
      }
    },
    commit: async () => {},
  });
  let logOffset = 0;
  let owed = burst;
  for (; nowMs < 3_000; nowMs += 1) {
    const coming: LoggedMessage[] = [];
    owed += perMs;
    for (; owed >= 1; owed--) coming.push(message('steady', logOffset + coming.length));
    if (nowMs % 50 === 0) coming.push(message(`bank-${nowMs % 16}`, logOffset + coming.length));
    for (const one of coming) cameMs.set(one.logOffset, nowMs);
    logOffset += coming.length;
    left += coming.length;
    if (coming.length > 0) await lanes.offer(batch(coming));
    for (const timer of timers.filter(({ atMs }) => atMs <= nowMs)) {
      timers.splice(timers.indexOf(timer), 1);
      timer.go();
    }
    await soon();
  }
  const stopping = lanes.stop();
  for (const { go } of timers) go();
  await stopping;
  return { waited, left };
}

test('beside others a bank is taken as fast as it sends, and waits for turns, never for the clock; they wait for one part of it', async () => {
  for (const { perMs, steadyMs } of [
    { perMs: 0.1, steadyMs: 8 },
    { perMs: 1, steadyMs: 10 },
    { perMs: 2, steadyMs: 120 },
    { perMs: 5, steadyMs: 200 },
  ]) {
    const { waited, left } = await besideOthers(perMs);
    assert.ok(waited.steady <= steadyMs, `${perMs} a ms: it waited ${waited.steady} ms`);
    assert.ok(
      waited.other <= 2 * turnMs(TURN_OF_SENDER),
      `${perMs} a ms: others ${waited.other} ms`,
    );
    assert.ok(left < 1_000, `${perMs} a ms: ${left} wait at the end`);
  }
});

test('beside others what comes at once comes in small parts, and soon', async () => {
  const { waited } = await besideOthers(0, 100);
  assert.ok(waited.other <= 2 * turnMs(8) + 1, `others waited ${waited.other} ms`);
  assert.ok(waited.steady <= 90, `it waited ${waited.steady} ms`);
  const many = await besideOthers(0, 1_000);
  assert.ok(
    many.waited.other <= 2 * turnMs(TURN_OF_SENDER),
    `others waited ${many.waited.other} ms`,
  );
  assert.ok(many.waited.steady <= 500, `it waited ${many.waited.steady} ms`);
});

test('what comes with a message counts as the message does: key, headers, claims', async () => {
  const long = 'x'.repeat(1_000);
  for (const more of [{ key: long }, { headers: { a: long } }, { claims: [long] }]) {
    const { lanes, turns } = held({ bytesMax: 3_000 });
    let isTaken = false;
    const offering = lanes.offer(batch([{ ...message('bank', 0), ...more }])).then(() => {
      isTaken = true;
    });
    await soon();
    assert.equal(isTaken, false, Object.keys(more)[0]);
    turns[0]?.end();
    await offering;
    await lanes.stop();
  }
});

test('what was forgotten during a turn leaves its room once', async () => {
  const { lanes, turns } = held({ bytesMax: 300 * (1_024 + 10 + 2 * 'bank'.length) });
  await lanes.offer(batch(run('bank', 0, 200)));
  lanes.forget();
  turns[0]?.end();
  await soon();
  let isTaken = false;
  const offering = lanes.offer(batch(run('bank', 0, 300))).then(() => {
    isTaken = true;
  });
  await soon();
  assert.equal(isTaken, false);
  turns[1]?.end();
  await offering;
  turns[2]?.end();
  await lanes.stop();
});

test('partitions do not wait for each other', async () => {
  const { lanes, turns, commits } = held();
  await lanes.offer(batch(run('flooder', 0, 1_000), 0));
  await lanes.offer(batch([message('other', 0)], 1));
  assert.deepEqual(
    turns.map(({ partition, offsets: { length } }) => [partition, length]),
    [
      [0, TURN_OF_SENDER],
      [1, 1],
    ],
  );
  turns[1]?.end();
  await soon();
  assert.deepEqual(commits, [[1, 1]]);
  turns[0]?.end();
  await lanes.stop();
});

test('so many turns of a partition are under way at a time', async () => {
  const { lanes, turns } = held();
  for (const at of offsets(0, 10)) await lanes.offer(batch([message(`bank-${at}`, at)]));
  assert.equal(turns.length, 4);
  turns[2]?.end();
  await soon();
  assert.deepEqual(turns[4]?.offsets, offsets(4, 6), 'those who waited have one together');
  for (const { end } of turns) end();
  await lanes.stop();
});

test('positions are committed one after the other, and the last is the newest', async () => {
  const committing: { logOffset: number; end: () => void }[] = [];
  const { lanes, turns } = held({
    commit: ({ logOffset }) =>
      new Promise((end) => {
        committing.push({ logOffset, end });
      }),
  });
  for (const at of offsets(0, 3)) await lanes.offer(batch([message(`bank-${at}`, at)]));
  for (const { end } of turns) {
    end();
    await soon();
  }
  assert.deepEqual(
    committing.map(({ logOffset }) => logOffset),
    [1],
  );
  committing[0]?.end();
  await soon();
  assert.deepEqual(
    committing.map(({ logOffset }) => logOffset),
    [1, 3],
  );
  committing[1]?.end();
  await lanes.stop();
});

test('a partition that is shared out anew has no position, and what waited of it comes again once', async () => {
  const { lanes, turns, commits } = held();
  await lanes.offer(batch(run('bank', 0, 1_000)));
  lanes.forget();
  turns[0]?.end();
  await soon();
  assert.deepEqual(commits, [], 'a position would skip what waited');
  await lanes.offer(batch(run('bank', 0, 4)));
  turns[1]?.end();
  await soon();
  assert.equal(turns.length, 2, 'nothing of what waited before had a turn');
  assert.deepEqual(turns[1]?.offsets, offsets(0, 4));
  assert.deepEqual(commits, [[0, 4]]);
  await lanes.stop();
});

test('what is read again from further back begins anew', async () => {
  const { lanes, turns, commits } = held();
  await lanes.offer(batch(run('bank', 100, 1_000)));
  await lanes.offer(batch(run('bank', 50, 4)));
  assert.deepEqual(turns[1]?.offsets, offsets(50, 4));
  for (const { end } of turns) end();
  await lanes.stop();
  assert.deepEqual(commits, [[0, 54]]);
});

test('reading pauses while too much waits, and goes on when there is room', async () => {
  const { lanes, turns } = held({ bytesMax: 495 * (1_024 + 10 + 2 * 'bank'.length) });
  await lanes.offer(batch(run('bank', 0, 400)));
  let isTaken = false;
  const offering = lanes.offer(batch(run('bank', 400, 100))).then(() => {
    isTaken = true;
  });
  await soon();
  assert.equal(isTaken, false);
  assert.equal(turns.length, 1, 'what has its turn is here as well');
  turns[0]?.end();
  await soon();
  assert.equal(isTaken, true);
  await offering;
  turns[1]?.end();
  await lanes.stop();
});

test('lanes that are told to stop end their turns, commit them, take no other, and let their reader go', async () => {
  const { lanes, turns, commits } = held({ bytesMax: 1 });
  const offering = lanes.offer(batch(run('bank', 0, 1_000)));
  const stopping = lanes.stop();
  await offering;
  turns[0]?.end();
  await stopping;
  await lanes.done;
  await lanes.offer(batch(run('bank', 1_000, 1)));
  assert.equal(turns.length, 1);
  assert.deepEqual(commits, [[0, TURN_OF_SENDER]]);
});

test('a turn that fails ends the lanes, and who offers hears of it', async () => {
  const { lanes, turns, commits } = held({ bytesMax: 1 });
  const offering = lanes.offer(batch(run('bank', 0, 1_000)));
  turns[0]?.fail(new Error('the disk is gone'));
  await assert.rejects(offering, /the disk is gone/);
  await assert.rejects(lanes.done, /the disk is gone/);
  await assert.rejects(lanes.offer(batch(run('bank', 1_000, 1))), /the disk is gone/);
  assert.equal(turns.length, 1);
  await lanes.stop();
  assert.deepEqual(commits, []);
});

test('whatever life ends when, and whoever sent how much, each message has a turn, in its sender’s order', async () => {
  let deaths = 0;
  for (let seed = 1; seed <= 40; seed++) {
    const draw = seededDraws(seed);
    const senders = 1 + draw(8);
    const log = Array.from({ length: 500 + draw(3_000) }, (_, logOffset) =>
      message(`${draw(5) < 4 ? 0 : draw(senders)}`, logOffset),
    );
    const durable: number[] = [];
    let committed = 0;
    while (committed < log.length) {
      const dies = draw(3) > 0 ? draw(12) : Number.POSITIVE_INFINITY;
      let points = 0;
      let isDead = false;
      let isReleased = false;
      let releases = 0;
      const reached = () => {
        if (points++ === dies) isDead = true;
        if (isDead) throw new Error('killed');
      };
      const lanes: Lanes = startLanes({
        elapsedMs: () => durable.length,
        senderOf: ({ key }) => key ?? '',
        async take({ records }) {
          for (let ticks = draw(4); ticks >= 0; ticks--) await soon();
          reached();
          durable.push(...records.map(({ logOffset }) => logOffset));
          reached();
          if (draw(10) > 0) return;
          lanes.forget();
          isReleased = true;
          releases += 1;
        },
        async commit({ logOffset }) {
          // Shared out anew meanwhile: without effect, as on Kafka.
          const before = releases;
          if (draw(2) === 0) await soon();
          reached();
          if (before === releases) committed = logOffset;
          reached();
        },
      });
      for (let at = committed; committed < log.length && !isDead; ) {
        if (isReleased) at = committed;
        isReleased = false;
        const records = log.slice(at, at + 1 + draw(700));
        at += records.length;
        await lanes.offer(batch(records)).catch(() => {});
        if (draw(2) === 0 || records.length === 0) await soon();
      }
      await lanes.stop();
      if (isDead) deaths += 1;
      const done = new Set(durable);
      for (let at = 0; at < committed; at++)
        assert.ok(done.has(at), `seed ${seed}: ${at} is behind the position, and had no turn`);
    }
    const firsts = [...new Set(durable)];
    assert.equal(firsts.length, log.length, `seed ${seed}`);
    for (let sender = 0; sender < senders; sender++) {
      const own = firsts.filter((at) => log[at]?.key === `${sender}`);
      assert.deepEqual(
        own,
        [...own].sort((a, b) => a - b),
        `seed ${seed}: of one the order stays`,
      );
    }
  }
  assert.ok(deaths > 40, `only ${deaths} deaths`);
});
