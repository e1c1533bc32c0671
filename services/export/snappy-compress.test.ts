import assert from 'node:assert/strict';
import { test } from 'node:test';
import { snappyUncompress } from 'hyparquet';
import { snappyCompress as byLibrary } from 'hyparquet-writer/src/snappy.js';
import { SeededStream } from '../scenario/random-streams.ts';
import { snappyCompress } from './snappy-compress.ts';

function isTheSame(bytes: Uint8Array, what: string): void {
  const compressed = snappyCompress(bytes);
  assert.ok(Buffer.from(compressed).equals(byLibrary(bytes)), what);
  const again = new Uint8Array(bytes.length);
  snappyUncompress(compressed, again);
  assert.ok(Buffer.from(again).equals(bytes), what);
}

test('what is compressed has the bytes of the library, and comes out again', () => {
  const stream = new SeededStream(1, 'snappy');
  const upTo = (count: number) => Math.floor(stream.uniform() * count);
  const anything = Buffer.from(Array.from({ length: 90_000 }, () => upTo(256)));
  const noise = (length: number) =>
    anything.subarray(upTo(anything.length - length + 1)).subarray(0, length);
  // Copies of every length up to more than one has, and what is left of longer ones.
  for (let length = 0; length < 200; length++) {
    isTheSame(Buffer.alloc(length, 'a'), `${length} alike`);
    isTheSame(noise(length), `${length} of any bytes`);
  }
  const words = ['"position":', '"uetr":', 'BKAADE00', 'EUR', '},{', '7', 'a text that is longer'];
  for (const length of [300, 5_000, 90_000]) {
    let text = '';
    while (text.length < length)
      text += `${words[upTo(words.length)]}${upTo(9) === 0 ? upTo(1e9) : ''}`;
    isTheSame(Buffer.from(text), `text of ${length}`);
    // It stands behind something else in its memory, and matches begin beyond what an offset reaches.
    const far = Buffer.concat([Buffer.from(text), noise(70_000), Buffer.from(text)]);
    isTheSame(far.subarray(1), `the same text again after noise, ${length}`);
    isTheSame(noise(length), `noise of ${length}`);
    isTheSame(Buffer.alloc(length, 'ab'), `copies of ${length}`);
  }
});

test('what was compressed before is the caller’s', () => {
  const first = snappyCompress(Buffer.from('one text'));
  const before = Buffer.from(first);
  snappyCompress(Buffer.from('another text'));
  assert.deepEqual(Buffer.from(first), before);
});
