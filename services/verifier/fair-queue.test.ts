import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import {
  FairQueue,
  PART_OF_SENDER,
  TURN_ALONE,
  TURN_AMONG_MANY,
  TURN_MAX,
  TURN_OF_SENDER,
} from './fair-queue.ts';
import { seededDraws } from './seeded-draws.ts';

interface Sent {
  readonly logOffset: number;
  readonly sender: string;
}

const queueOf = (messages: readonly Sent[]) => {
  const queue = new FairQueue<Sent>();
  for (const message of messages) queue.add(message.sender, message);
  return queue;
};

const OTHERS_SEND = (_sender: string) => true;
const NOBODY_ELSE = (_sender: string) => false;

/** A turn that is over at once; none is empty. */
function turnOf(queue: FairQueue<Sent>, othersSend = OTHERS_SEND): readonly Sent[] {
  const turn = queue.take(othersSend);
  turn?.end();
  return turn?.messages ?? [];
}

const from = (sender: string, first: number, count: number): Sent[] =>
  Array.from({ length: count }, (_, at) => ({ logOffset: first + at, sender }));

test('whoever comes behind a flood has the next turn, and waits for one sender’s part of it', () => {
  const queue = queueOf([...from('flooder', 0, 20_000), ...from('other', 20_000, 1)]);
  assert.equal(queue.first, 0);
  const turn = turnOf(queue);
  assert.deepEqual(
    turn.map(({ sender }) => sender),
    [...Array<string>(TURN_OF_SENDER).fill('flooder'), 'other'],
  );
  assert.equal(queue.first, TURN_OF_SENDER);
});

test('a part is the larger the more senders have something waiting, or the more waits of one, up to a bound', () => {
  for (const [waiting, others, part] of [
    [40, 0, PART_OF_SENDER],
    [128, 0, PART_OF_SENDER],
    [129, 0, PART_OF_SENDER + 1],
    [800, 0, 25],
    [20_000, 0, TURN_OF_SENDER],
    [100, 1, 2 * PART_OF_SENDER],
    [100, 2, 3 * PART_OF_SENDER],
    [800, 2, 25],
    [800, 7, TURN_OF_SENDER],
    [200, 14, 15 * PART_OF_SENDER],
    [800, 20, TURN_AMONG_MANY],
  ] as const) {
    const queue = queueOf(from('flooder', 0, waiting));
    for (let at = 0; at < others; at++)
      queue.add(`${at}`, { logOffset: waiting + at, sender: `${at}` });
    const turn = turnOf(queue);
    const own = turn.filter(({ sender }) => sender === 'flooder');
    assert.deepEqual([own.length, turn.length - own.length], [part, others], `of ${waiting}`);
  }
});

test('who sends under many names has a part under each, and whoever stands behind waits for these once', () => {
  const queue = new FairQueue<Sent>();
  const names = 12;
  for (let logOffset = 0; logOffset < names * 200; logOffset++)
    queue.add(`${logOffset % names}`, { logOffset, sender: `${logOffset % names}` });
  queue.add('other', { logOffset: names * 200, sender: 'other' });
  const turn = turnOf(queue);
  assert.equal(turn.length, names * (names + 1) * PART_OF_SENDER + 1);
  assert.equal(turn.at(-1)?.sender, 'other');
});

test('who sends alone has turns for which batches pay, and as soon as others send it has no more', () => {
  const queue = queueOf(from('flooder', 0, 2_000));
  const asked: string[] = [];
  const turn = turnOf(queue, (sender) => {
    asked.push(sender);
    return false;
  });
  assert.deepEqual([turn.length, asked], [TURN_ALONE, ['flooder']]);
  assert.equal(turnOf(queue).length, TURN_OF_SENDER);
  queue.add('other', { logOffset: 2_000, sender: 'other' });
  assert.equal(turnOf(queue, NOBODY_ELSE).length, TURN_OF_SENDER + 1, 'two are not alone');
});

test('who has a turn counts among those who make parts large: where many send their turns do not fall into small ones', () => {
  const queue = new FairQueue<Sent>();
  const senders = 16;
  for (let logOffset = 0; logOffset < senders; logOffset++)
    queue.add(`${logOffset}`, { logOffset, sender: `${logOffset}` });
  const all = queue.take(OTHERS_SEND);
  assert.equal(all?.messages.length, senders);
  for (let at = 0; at < 180; at++) queue.add('one', { logOffset: senders + at, sender: 'one' });
  const beside = queue.take(OTHERS_SEND);
  assert.equal(beside?.messages.length, TURN_AMONG_MANY);
  all?.end();
  beside?.end();
  assert.equal(turnOf(queue).length, PART_OF_SENDER);
});

test('what is less than one sender’s part is not left for a turn of its own', () => {
  for (const [part, othersSend] of [
    [PART_OF_SENDER, OTHERS_SEND],
    [TURN_ALONE, NOBODY_ELSE],
  ] as const) {
    assert.equal(turnOf(queueOf(from('one', 0, part * 2)), othersSend).length, part * 2);
    assert.equal(turnOf(queueOf(from('one', 0, part * 2 + 1)), othersSend).length, part);
  }
});

test('with many senders a turn is bounded, and who had none is first in the next', () => {
  const senders = TURN_MAX / TURN_AMONG_MANY + 8;
  const each = TURN_AMONG_MANY * 4;
  const queue = new FairQueue<Sent>();
  for (let at = 0; at < each; at++)
    for (let sender = 0; sender < senders; sender++)
      queue.add(`${sender}`, { logOffset: at * senders + sender, sender: `${sender}` });
  const turns = [turnOf(queue), turnOf(queue)];
  assert.deepEqual(
    turns.map(({ length }) => length),
    [TURN_MAX, TURN_MAX],
  );
  const served = new Set(turns.flat().map(({ sender }) => sender));
  assert.equal(served.size, senders);
});

test('who comes during another’s turn has one beside it, and of the same sender nobody has', () => {
  const queue = queueOf(from('flooder', 0, 2_000));
  const flood = queue.take(OTHERS_SEND);
  queue.add('other', { logOffset: 2_000, sender: 'other' });
  queue.add('flooder', { logOffset: 2_001, sender: 'flooder' });
  const beside = queue.take(OTHERS_SEND);
  assert.deepEqual(beside?.messages, [{ logOffset: 2_000, sender: 'other' }]);
  queue.add('other', { logOffset: 2_002, sender: 'other' });
  assert.equal(queue.take(OTHERS_SEND), null);
  assert.equal(queue.first, TURN_OF_SENDER);
  beside?.end();
  assert.deepEqual(queue.take(OTHERS_SEND)?.messages, [{ logOffset: 2_002, sender: 'other' }]);
  flood?.end();
  assert.equal(queue.take(OTHERS_SEND)?.messages[0]?.logOffset, TURN_OF_SENDER);
});

test('who had a turn is let go, while many of the same sender wait', async () => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const queue = queueOf(from('flooder', 0, 2_000));
  const references = (() => {
    const { messages = [], end } = queue.take(OTHERS_SEND) ?? {};
    end?.();
    return messages.map((message) => new WeakRef(message));
  })();
  await new Promise<void>((resolve) => setImmediate(resolve));
  collect();
  assert.equal(references.length, TURN_OF_SENDER);
  assert.equal(references.filter((reference) => reference.deref()).length, 0);
  assert.equal(queue.first, TURN_OF_SENDER);
});

test('of random messages that come between random turns none is lost, doubled or overtaken by its sender’s, none waits for more than its share, and all have a turn soon', () => {
  let waits = 0;
  for (let seed = 1; seed <= 24; seed++) {
    const draw = seededDraws(seed);
    const senders = 2 + draw(30);
    const floods = 1 + draw(2);
    const queue = new FairQueue<Sent>();
    const taken: Sent[] = [];
    /** By offset: how many had had their turn when it came, in how many turns, and of its sender how many waited. */
    const came = new Map<number, { taken: number; turns: number; own: number }>();
    let turns = 0;
    const waiting = new Map<string, number>();
    let logOffset = 0;
    const take = () => {
      const before = queue.first;
      const turn = turnOf(queue, draw(8) === 0 ? NOBODY_ELSE : OTHERS_SEND);
      turns += 1;
      const offsets = turn.map((one) => one.logOffset);
      assert.deepEqual(
        offsets,
        [...offsets].sort((a, b) => a - b),
        `seed ${seed}`,
      );
      if (before !== null)
        assert.equal(offsets[0], before, `seed ${seed}: the first is among them`);
      for (const { sender } of turn) waiting.set(sender, (waiting.get(sender) as number) - 1);
      // Others wait for whole turns.
      for (const one of turn) {
        const then = came.get(one.logOffset) as { taken: number; turns: number; own: number };
        const own = Math.floor(then.own / PART_OF_SENDER) + 1;
        const most = Math.ceil((senders * TURN_AMONG_MANY) / TURN_MAX) * own;
        const waited = turns - then.turns;
        assert.ok(waited <= most, `seed ${seed}: ${one.logOffset} waited for ${waited} of ${most}`);
        const passed = taken.length + turn.length - then.taken;
        const share = own * (senders + 1) * TURN_AMONG_MANY + 2 * TURN_ALONE;
        assert.ok(passed <= share, `seed ${seed}: ${passed} before ${one.logOffset}, of ${share}`);
        waits += 1;
      }
      taken.push(...turn);
    };
    for (let step = 0; step < 60; step++) {
      const count = draw(4) === 0 ? draw(2_000) : draw(20);
      for (let at = 0; at < count; at++) {
        const sender = `${draw(10) < 9 ? draw(floods) : draw(senders)}`;
        const own = waiting.get(sender) ?? 0;
        came.set(logOffset, { taken: taken.length, turns, own });
        waiting.set(sender, own + 1);
        queue.add(sender, { logOffset, sender });
        logOffset += 1;
      }
      take();
    }
    while (queue.first !== null) take();
    assert.equal(taken.length, logOffset, `seed ${seed}`);
    assert.equal(new Set(taken.map((one) => one.logOffset)).size, logOffset, `seed ${seed}`);
    for (let sender = 0; sender < senders; sender++) {
      const own = taken.filter((one) => one.sender === `${sender}`).map((one) => one.logOffset);
      assert.deepEqual(
        own,
        [...own].sort((a, b) => a - b),
        `seed ${seed}: of one the order stays`,
      );
    }
    assert.equal(queue.first, null);
  }
  assert.ok(waits > 40_000, `only ${waits} messages`);
});
