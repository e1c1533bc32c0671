import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { FairQueue, TURN_MAX, TURN_OF_SENDER } from './fair-queue.ts';
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

/** A turn that is over at once; none is empty. */
function turnOf(queue: FairQueue<Sent>): readonly Sent[] {
  const turn = queue.take();
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

test('what is less than one sender’s part is not left for a turn of its own', () => {
  const all = TURN_OF_SENDER * 2;
  assert.equal(turnOf(queueOf(from('one', 0, all))).length, all);
  assert.equal(turnOf(queueOf(from('one', 0, all + 1))).length, TURN_OF_SENDER);
});

test('who has nothing waiting may have the next turn before those who have more', () => {
  const queue = queueOf([...from('flooder', 0, 200), ...from('other', 200, 1)]);
  const turn = queue.take();
  assert.deepEqual(turn?.endShort(), ['flooder']);
  for (const sender of ['flooder', 'other']) queue.add(sender, { logOffset: 201, sender });
  assert.deepEqual(turnOf(queue), [{ logOffset: 201, sender: 'other' }]);
  assert.equal(queue.take(), null);
  turn?.end();
  assert.deepEqual(turnOf(queue), from('flooder', TURN_OF_SENDER, TURN_OF_SENDER));
});

test('with many senders a turn is bounded, and who had none is first in the next', () => {
  const senders = TURN_MAX / TURN_OF_SENDER + 8;
  const each = TURN_OF_SENDER * 4;
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
  const queue = queueOf(from('flooder', 0, 1_000));
  const flood = queue.take();
  queue.add('other', { logOffset: 1_000, sender: 'other' });
  queue.add('flooder', { logOffset: 1_001, sender: 'flooder' });
  const beside = queue.take();
  assert.deepEqual(beside?.messages, [{ logOffset: 1_000, sender: 'other' }]);
  queue.add('other', { logOffset: 1_002, sender: 'other' });
  assert.equal(queue.take(), null);
  assert.equal(queue.first, TURN_OF_SENDER);
  beside?.end();
  assert.deepEqual(queue.take()?.messages, [{ logOffset: 1_002, sender: 'other' }]);
  flood?.end();
  assert.equal(queue.take()?.messages[0]?.logOffset, TURN_OF_SENDER);
});

test('who had a turn is let go, while many of the same sender wait', async () => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const queue = queueOf(from('flooder', 0, 1_000));
  const references = (() => {
    const { messages = [], end } = queue.take() ?? {};
    end?.();
    return messages.map((message) => new WeakRef(message));
  })();
  await new Promise<void>((resolve) => setImmediate(resolve));
  collect();
  assert.equal(references.length, TURN_OF_SENDER);
  assert.equal(references.filter((reference) => reference.deref()).length, 0);
  assert.equal(queue.first, TURN_OF_SENDER);
});

test('of random messages that come between random turns none is lost, doubled or overtaken by its sender’s, and none waits for more than its share', () => {
  let waits = 0;
  for (let seed = 1; seed <= 24; seed++) {
    const draw = seededDraws(seed);
    const senders = 2 + draw(30);
    const floods = 1 + draw(2);
    const queue = new FairQueue<Sent>();
    const taken: Sent[] = [];
    /** By offset: how many had had their turn when it came, and of its sender how many waited. */
    const came = new Map<number, { taken: number; own: number }>();
    const waiting = new Map<string, number>();
    let logOffset = 0;
    const take = () => {
      const before = queue.first;
      const turn = turnOf(queue);
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
        const { taken: then, own } = came.get(one.logOffset) as { taken: number; own: number };
        const turns = Math.floor(own / TURN_OF_SENDER) + 1;
        const most = turns * (senders + 1) * TURN_OF_SENDER;
        const waited = taken.length + turn.length - then;
        assert.ok(waited <= most, `seed ${seed}: ${one.logOffset} waited for ${waited} of ${most}`);
        waits += 1;
      }
      taken.push(...turn);
    };
    for (let step = 0; step < 60; step++) {
      const count = draw(4) === 0 ? draw(2_000) : draw(20);
      for (let at = 0; at < count; at++) {
        const sender = `${draw(10) < 9 ? draw(floods) : draw(senders)}`;
        const own = waiting.get(sender) ?? 0;
        came.set(logOffset, { taken: taken.length, own });
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
