import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SeededStream } from '../scenario/random-streams.ts';
import { NumberedTexts } from './numbered-texts.ts';

test('every text keeps the number that it came with first, among texts of one hash too', () => {
  const stream = new SeededStream(1, 'numbered texts');
  const letter = () => 'ABCDEFGHIJKLMNOP'[Math.floor(stream.uniform() * 16)];
  const texts = new NumberedTexts();
  const known = new Map<string, number>();
  const repeated: string[] = [];
  // Of so many, a dozen and more share the 31 bits of their hash with another of the same length.
  for (let number = 0; number < 250_000; number++) {
    const text =
      number % 5 === 4 && repeated.length > 0
        ? repeated[number % repeated.length]!
        : Array.from({ length: 8 }, letter).join('');
    const first = known.get(text) ?? null;
    assert.equal(texts.add(text, number), first, text);
    if (first === null) known.set(text, number);
    if (repeated.length < 50) repeated.push(text);
  }
  assert.ok(known.size > 190_000);
});
