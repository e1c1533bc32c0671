import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Message } from '../protocol/names/message.ts';
import { packBytes, packMessages, unpackBytes, unpackMessages } from './packed-messages.ts';

const message = (place: number, headers: Readonly<Record<string, string>>): Message => ({
  key: place === 1 ? null : `bank ${place}`,
  value: Buffer.alloc(place * 3, `${place}`),
  headers,
  timestampMs: 1_000 + place,
});

test('bytes of any lengths are the same when they are unpacked', () => {
  for (const lengths of [[], [0], [3, 0, 0, 5], [1, 70_000, 2]]) {
    const values = lengths.map((length, place) => new Uint8Array(length).fill(place + 1));
    assert.deepEqual(unpackBytes(packBytes(values)), values);
  }
});

test('messages are the same when they are unpacked, whatever the order of their headers', () => {
  const messages = [
    message(0, { a: '0', b: 'x' }),
    message(1, { b: 'ü', a: '1' }),
    message(2, { a: '', b: '2' }),
  ];
  const unpacked = unpackMessages(packMessages(messages)).map((one) => ({
    ...one,
    value: Buffer.from(one.value),
  }));
  assert.deepEqual(unpacked, messages);
  assert.deepEqual(unpackMessages(packMessages([])), []);
});

test('messages that are not alike are refused: nothing of them is lost', () => {
  const first = message(0, { a: '0' });
  for (const [other, expected] of [
    [message(2, { a: '1', b: '2' }), /differ in what they have: a$/],
    [message(2, { b: '2' }), /differ in what they have: a$/],
    [{ ...first, timestampMs: undefined } as unknown as Message, /timestampMs/],
  ] as const)
    assert.throws(() => packMessages([first, other]), expected);
});
