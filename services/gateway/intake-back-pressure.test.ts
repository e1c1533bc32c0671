import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Intake } from './intake-back-pressure.ts';

const logger = { info() {}, warn() {}, error() {} };
const message = (bytes: number, key = 'ALFADE00') => ({
  key,
  value: new Uint8Array(bytes),
  headers: {},
});

/** An intake whose log acknowledges when it is told to. */
function held(limits: { messagesMax?: number; bytesMax?: number }) {
  let acknowledge = () => {};
  const written = new Promise<void>((resolve) => {
    acknowledge = resolve;
  });
  const produced: number[] = [];
  const produce = async (_topic: string, messages: readonly { value: Uint8Array }[]) => {
    await written;
    produced.push(...messages.map(({ value }) => value.length));
    return [] as never;
  };
  return { intake: new Intake({ produce }, logger, limits), acknowledge, produced };
}
const refused = { problem: 'overloaded' };

test('the room takes as many bytes as it says, and not one more', async () => {
  const { intake, acknowledge, produced } = held({ bytesMax: 100 });
  const taken = [intake.accept(message(40)), intake.accept(message(60, 'BETASG00'))];
  await assert.rejects(intake.accept(message(1, 'BETASG00')), refused);
  acknowledge();
  await Promise.all(taken);
  await intake.accept(message(100));
  assert.deepEqual(produced, [40, 60, 100]);
  await assert.rejects(intake.accept(message(101)), refused);
});

test('the room takes as many messages as it says, and counts those that wait', async () => {
  const { intake, acknowledge } = held({ messagesMax: 3 });
  const taken = [1, 2, 3].map((bytes) => intake.accept(message(bytes)));
  assert.equal(intake.waiting, 3);
  await assert.rejects(intake.accept(message(1)), refused);
  assert.equal(intake.waiting, 3);
  acknowledge();
  await Promise.all(taken);
  assert.equal(intake.waiting, 0);
});

test('where the room is full a bank gets in up to its equal share, and not beyond', async () => {
  const { intake, acknowledge } = held({ bytesMax: 100, messagesMax: 4 });
  const taken = [intake.accept(message(100))];
  await assert.rejects(intake.accept(message(51, 'BETASG00')), refused);
  taken.push(intake.accept(message(50, 'BETASG00')));
  await assert.rejects(intake.accept(message(1, 'BETASG00')), refused);
  taken.push(intake.accept(message(1, 'GAMMFR00')));
  acknowledge();
  await Promise.all(taken);
});
